"""What the library in memory is made of: settings, folders, and how slow each verb is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from photosearch.settings.schema import Settings
from photosearch.types import FolderId


class FakeSettingsStore:
    """Holds settings in memory with the same two verbs as the real store."""

    def __init__(self) -> None:
        self.current = Settings()

    def set(self, key: str, value: Any) -> None:
        """Set `section.key`."""
        section, name = key.split(".")
        part = getattr(self.current, section).model_copy(update={name: value})
        self.current = self.current.model_copy(update={section: part})


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
    numbers: list[int] = field(default_factory=list)
