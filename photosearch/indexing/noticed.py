"""What was noticed in folders since the last look: directories to look into, or whole folders.

Knows which changes matter, and that thousands of them are one look; knows nothing of threads.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from photosearch.media import sidecars
from photosearch.media.excluding import Exclusion
from photosearch.media.formats import is_candidate, is_skipped_dir
from photosearch.store.folders import Root, place_in
from photosearch.types import Folder, FolderId, Within

_MOST_DIRS = 100  # looked into one by one; beyond that the whole folder is compared
_MOST_CHANGES = 5000  # beyond that the system may have dropped some


@dataclass(frozen=True, slots=True)
class Look:
    """Folders to look at; of those in `within` only the directories named there."""

    folders: tuple[FolderId, ...]
    within: Within


@dataclass(frozen=True, slots=True)
class _Watched:
    root: Root
    exclusion: Exclusion


class Noticed:
    """Collects changes until they are taken."""

    def __init__(self, folders: Sequence[Folder] = ()) -> None:
        self._watched: tuple[_Watched, ...] = ()
        self._whole: set[FolderId] = set()
        self._dirs: dict[FolderId, set[bytes]] = {}
        self._changes = 0
        self.follow(folders)

    def __bool__(self) -> bool:
        return bool(self._whole or self._dirs)

    def follow(self, folders: Sequence[Folder]) -> None:
        """Change in which folders changes count."""
        self._watched = tuple(
            _Watched(
                Root(each.id, os.fsencode(each.path), each.single_file, "", each.offline),
                Exclusion(each.exclude),
            )
            for each in folders
        )

    def whole(self, folder: FolderId) -> None:
        """Note that anything may have changed in a folder."""
        self._whole.add(folder)

    def changed(self, path: bytes, *, directory: bool) -> bool:
        """Note a change at a path; return whether it matters to any folder."""
        matters = False
        for watched in self._watched:
            if path == watched.root.path:
                self._whole.add(watched.root.id)
                matters = True
            elif place := place_in(watched.root, path):
                matters |= self._note(watched, *place, directory=directory)
        self._changes += matters
        if self._changes > _MOST_CHANGES:
            self._whole.update(self._dirs)
        return matters

    def take(self) -> Look:
        """Return where to look, and begin anew."""
        for folder, dirs in self._dirs.items():
            if len(dirs) > _MOST_DIRS:
                self._whole.add(folder)
        within = {
            folder: tuple(sorted(dirs))
            for folder, dirs in self._dirs.items()
            if folder not in self._whole
        }
        look = Look(tuple(sorted({*self._whole, *within})), within)
        self._whole, self._dirs, self._changes = set(), {}, 0
        return look

    def _note(self, watched: _Watched, where: bytes, name: bytes, *, directory: bool) -> bool:
        folder, exclusion = watched.root.id, watched.exclusion
        place = where + b"/" + name if where else name
        if where and (
            any(is_skipped_dir(part) for part in where.split(b"/")) or exclusion.covers(where)
        ):
            return False
        if directory:
            if is_skipped_dir(name) or exclusion.leaves_out(place, folder=True):
                return False
            self._whole.add(folder)
            return True
        if not sidecars.is_sidecar(name) and (
            not is_candidate(name) or exclusion.leaves_out(place, folder=False)
        ):
            return False
        self._dirs.setdefault(folder, set()).add(where)
        return True
