"""What the program keeps, where and how much, and clearing of what can be made again.

Only caches are ever cleared, and safely while the program works with them. Nothing here looks
into photo folders.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from photosearch import log
from photosearch.errors import StoreError, UsageError
from photosearch.media.thumbs import ThumbStore
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import StoredThing

_log = logging.getLogger(__name__)
_PART = ".part"  # how the folder of an unfinished download ends, and what is unfinished in it
_DATABASE = ("", "-wal", "-shm", ".lock", ".open")
# Beside the library: copies of it, what was said in it as text, and what was damaged.
_COPIES = ("library-before-format-", "library-damaged-", "names-and-favourites")


@dataclass(frozen=True, slots=True)
class _Thing:
    """Something that is kept: where it lies, and how it is cleared if it is a cache."""

    name: str
    title: str
    sentence: str
    path: Path
    holds: Callable[[Path], bool]  # which files are it
    clear: Callable[[], object] | None = None


class Storage:
    """What lies in the program's own folders; safe to use from several threads."""

    def __init__(
        self,
        paths: Paths,
        settings: SettingsStore,
        thumbs: ThumbStore,
        face_thumbs: ThumbStore,
        reaches: Callable[[Path], bool] = lambda folder: True,
    ) -> None:
        """`reaches` says whether a folder answers: models may lie on a drive that hangs."""
        self._reaches = reaches
        self._paths = paths
        self._settings = settings
        self._thumbs = thumbs
        self._face_thumbs = face_thumbs

    def all(self) -> tuple[StoredThing, ...]:
        """Return everything that is kept; each file counts once."""
        things = self._things()
        held = dict.fromkeys((thing.name for thing in things), 0)
        for file, size in self._files():
            name = next((thing.name for thing in things if thing.holds(file)), "other")
            held[name] = held.get(name, 0) + size
        found = [_stored(thing, held[thing.name]) for thing in things]
        if rest := held.get("other"):
            sentence = "What earlier versions or other programs left in PhotoSearch's folders."
            path = str(self._paths.data)
            found.append(StoredThing("other", "Other files", sentence, path, rest, False))
        return tuple(found)

    def clear(self, name: str) -> int:
        """Clear a cache, which is made again when it is needed; returns the bytes freed."""
        thing = next((thing for thing in self._things() if thing.name == name), None)
        if thing is None:
            known = ", ".join(each.name for each in self._things() if each.clear)
            raise UsageError(f"There is no “{name}” to clear. What can be cleared: {known}.")
        if thing.clear is None:
            raise UsageError(f"{thing.title} cannot be cleared: it would not come back by itself.")
        before = self._size(thing)
        try:
            thing.clear()
        except OSError as error:
            raise StoreError(
                f"{thing.title} could not be cleared: {error.strerror or error}."
            ) from error
        return max(0, before - self._size(thing))

    def _size(self, thing: _Thing) -> int:
        return sum(size for file, size in self._files() if thing.holds(file))

    def _models_folder(self) -> Path:
        chosen = self._settings.current.models.folder
        return self._paths.models_in(chosen)

    def _files(self) -> Iterator[tuple[Path, int]]:
        """Yield every file in the program's folders once, with its bytes."""
        tops: list[Path] = []
        paths = self._paths
        for top in (paths.data, paths.cache, paths.config, self._models_folder()):
            inside = any(top == other or top.is_relative_to(other) for other in tops)
            if not inside and self._reaches(top):
                tops.append(top)
        seen: set[str] = set()
        for top in tops:
            for file, size in _walk(str(top)):
                if file not in seen:
                    seen.add(file)
                    yield Path(file), size

    def _things(self) -> tuple[_Thing, ...]:
        """Return all kinds of things; a file is the first that holds it."""
        kinds = self._library, self._caches, self._models, self._notes, self._traces
        return tuple(thing for kind in kinds for thing in kind())

    def _library(self) -> tuple[_Thing, ...]:
        """Return what the user said, and what was read from photos."""
        database = self._paths.database
        return (
            _Thing(
                "library",
                "Library",
                "Your folders, favourites and the names of people, and what was read from photos: "
                "dates, places, search vectors and faces.",
                database,
                _database(database),
            ),
            _Thing(
                "backups",
                "Backups of the library",
                "Copies of the last days and from before a new version changed the library, your "
                "names and favourites as text, and what was damaged and set aside.",
                database.parent,
                lambda file: (
                    file.is_relative_to(database.parent / "backups")
                    or (file.parent == database.parent and file.name.startswith(_COPIES))
                ),
            ),
        )

    def _caches(self) -> tuple[_Thing, ...]:
        """Return what is made again when it is needed."""
        paths = self._paths
        return (
            _Thing(
                "thumbnails",
                "Thumbnails",
                "Small pictures of your photos. Without them a change of search model reads "
                "every photo again.",
                paths.thumbnails,
                _database(paths.thumbnails),
                self._thumbs.clear,
            ),
            _Thing(
                "face_thumbnails",
                "Thumbnails of faces",
                "Small pictures of faces, cut anew when they are shown.",
                paths.face_thumbnails,
                _database(paths.face_thumbnails),
                self._face_thumbs.clear,
            ),
            _Thing(
                "index",
                "Search index",
                "Makes searching fast. It is built again from the library.",
                paths.indexes,
                _below(paths.indexes),
                lambda: _empty(paths.indexes),
            ),
            _Thing(
                "prepared",
                "Prepared models",
                "Models made faster for this computer, and what was measured of them.",
                paths.prepared,
                _below(paths.prepared),
                lambda: _empty(paths.prepared),
            ),
        )

    def _models(self) -> tuple[_Thing, ...]:
        """Return what was fetched."""
        paths, models = self._paths, self._models_folder()
        pack_lock = _with_locks(paths.gpu_pack)
        return (
            _Thing(
                "downloads",
                "Unfinished downloads",
                "Parts of models. Get the model to go on, or delete it in the list of models.",
                models,
                lambda file: (
                    file.is_relative_to(models)
                    and any(part.endswith(_PART) for part in file.relative_to(models).parts)
                ),
            ),
            _Thing(
                "models",
                "Models",
                "Models that were downloaded. They are deleted in the list of models.",
                models,
                _below(models),
            ),
            _Thing(
                "gpu",
                "GPU pack",
                "The runtime for graphics cards. It is removed with the devices.",
                paths.gpu_pack,
                lambda file: file.is_relative_to(paths.gpu_pack) or file in pack_lock,
            ),
        )

    def _notes(self) -> tuple[_Thing, ...]:
        """Return what the program remembers for itself."""
        paths = self._paths
        notes = _with_locks(paths.models_file, paths.accepted_file, paths.devices_file)
        settings = _with_locks(paths.settings_file)
        return (
            _Thing(
                "notes",
                "Notes on models and devices",
                "Which models there are, licences you accepted, what was found out of devices.",
                paths.data,
                lambda file: file in notes,
            ),
            _Thing(
                "settings",
                "Settings",
                "What you set. Values that are not in it are as they come.",
                paths.settings_file,
                lambda file: (
                    file in settings
                    or (
                        file.parent == paths.config
                        and file.name.startswith(("settings-damaged", "settings-before"))
                    )
                ),
            ),
        )

    def _traces(self) -> tuple[_Thing, ...]:
        """Return what is left behind by using it."""
        logs, state = self._paths.log_file.parent, self._paths.window_state
        window = (state, self._paths.window_lock)
        return (
            _Thing(
                "window",
                "State of the window",
                "Its size, and what was open.",
                state,
                lambda file: file in window or file.suffix == ".conf",
            ),
            _Thing(
                "logs",
                "Logs",
                "What the program did, for reports of faults; with paths of photos that failed.",
                logs,
                _below(logs),
                lambda: _clear_logs(logs),
            ),
        )


def _stored(thing: _Thing, size: int) -> StoredThing:
    return StoredThing(
        name=thing.name,
        title=thing.title,
        sentence=thing.sentence,
        path=str(thing.path),
        bytes_on_disk=size,
        clearable=thing.clear is not None,
    )


def _with_locks(*files: Path) -> set[Path]:
    """Return the files and what programs hold while they change them."""
    return {*files, *(file.with_name(f"{file.name}.lock") for file in files)}


def _database(path: Path) -> Callable[[Path], bool]:
    names = {path.name + ending for ending in _DATABASE}
    return lambda file: file.parent == path.parent and file.name in names


def _below(folder: Path) -> Callable[[Path], bool]:
    return lambda file: file.is_relative_to(folder)


def _walk(top: str) -> Iterator[tuple[str, int]]:
    """Yield the files below a folder that are there, with their bytes."""
    folders = [top]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        yield entry.path, entry.stat(follow_symlinks=False).st_size
        except OSError as error:  # it may have gone meanwhile
            _log.debug("not counted: %s", error)


def _empty(folder: Path) -> None:
    """Delete the files below a folder; who has one open keeps what they read."""
    for file, _size in list(_walk(str(folder))):
        Path(file).unlink(missing_ok=True)


def _clear_logs(folder: Path) -> None:
    """Delete old logs and empty this program's own; those that others write now stay."""
    for file, _size in list(_walk(str(folder))):
        if not file.endswith(".log"):
            Path(file).unlink(missing_ok=True)
    log.empty()
