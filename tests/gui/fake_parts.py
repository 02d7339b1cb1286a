"""What the library in memory is made of: settings, folders, and how slow each verb is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from photosearch.errors import SettingsError
from photosearch.settings.schema import Settings, declared
from photosearch.types import FolderId, StoredThing


class FakeSettingsStore:
    """Holds settings in memory with the verbs of the real store.

    `gate`, when it is set to an Event, holds every write up; `refusing` is the sentence with which
    the next writes fail.
    """

    def __init__(self) -> None:
        self.current = Settings()
        self.sources: dict[str, str] = {setting.key: "default" for setting in declared()}
        self.notices: list[str] = []
        self.writes: list[tuple[str, Any, int]] = []  # key, value, ident of the thread
        self.gate: threading.Event | None = None
        self.refusing = ""
        self._listeners: list[Callable[[str], None]] = []

    def set(self, key: str, value: Any) -> Settings:
        """Set `section.key`."""
        self.writes.append((key, value, threading.get_ident()))
        if self.gate is not None:
            self.gate.wait(30)
        if self.refusing:
            raise SettingsError(self.refusing)
        self._put(key, value, "file")
        return self.current

    def reset(self, key: str) -> Settings:
        """Take a value out of the file."""
        self.writes.append((key, None, threading.get_ident()))
        default = next(setting.default for setting in declared() if setting.key == key)
        self._put(key, default, "default")
        return self.current

    def subscribe_mended(self, listener: Callable[[str], None]) -> None:
        """No file, no damage."""

    def subscribe(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Have a listener told of every change, until what is returned is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def override(self, key: str, value: Any, source: str) -> None:
        """Let the environment or a flag decide."""
        self._put(key, value, source)

    def _put(self, key: str, value: Any, source: str) -> None:
        section, name = key.split(".")
        part = getattr(self.current, section).model_copy(update={name: value})
        self.current = self.current.model_copy(update={section: part})
        self.sources[key] = source
        for listener in self._listeners:
            listener(key)


@dataclass
class Latency:
    """Seconds each verb takes."""

    photos_s: float = 0.0
    summaries_s: float = 0.0
    thumbnail_s: float = 0.0
    picture_s: float = 0.0
    search_s: float = 0.0
    index_step_s: float = 0.0
    other_s: float = 0.0


@dataclass
class FakeFolder:
    """One folder and how many of its photos have been indexed."""

    id: FolderId
    path: str
    count: int
    indexed: int
    offline: bool = False
    single_file: bool = False
    search: bool = True
    faces: bool = True
    exclude: tuple[str, ...] = ()
    numbers: list[int] = field(default_factory=list)


class FakeStorage:
    """What is kept, in memory; `enter` counts calls and watches the thread."""

    def __init__(self, enter: Callable[..., None], home: str = "/home/anna") -> None:
        self._enter = enter
        self._home = home
        self.bytes = {
            "library": 48_300_000, "thumbnails": 1_240_000_000, "face_thumbnails": 36_000_000,
            "index": 91_000_000, "models": 1_480_000_000, "settings": 812, "logs": 240_000,
        }  # fmt: skip

    def all(self) -> tuple[StoredThing, ...]:
        self._enter("storage.all")
        data, cache = f"{self._home}/.local/share/photosearch", f"{self._home}/.cache/photosearch"
        rows = (
            ("library", "Library", "Your favourites and names, and facts about your photos.",
             f"{data}/library.db", False),
            ("thumbnails", "Thumbnails", "Small pictures of your photos.",
             f"{cache}/thumbnails.db", True),
            ("face_thumbnails", "Thumbnails of faces", "Small pictures of faces.",
             f"{cache}/faces.db", True),
            ("index", "Search index", "Makes searching fast.", f"{cache}/index", True),
            ("models", "Models", "Models that you downloaded.", f"{data}/models", False),
            ("settings", "Settings", "What you set here.",
             f"{self._home}/.config/photosearch/settings.toml", False),
            ("logs", "Log", "What the program did, for reports of faults; no contents of photos.",
             f"{data}/logs/photosearch.log", True),
        )  # fmt: skip
        return tuple(
            StoredThing(name, title, sentence, path, self.bytes[name], clearable)
            for name, title, sentence, path, clearable in rows
        )

    def clear(self, name: str) -> int:
        self._enter("storage.clear", name)
        freed, self.bytes[name] = self.bytes[name], 0
        return freed
