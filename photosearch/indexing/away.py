"""What of a folder is out of reach: its drive is not there, so its photos are not gone.

Knows when that is so, and every sentence that tells of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from photosearch.media import drives, scan
from photosearch.media.excluding import Exclusion
from photosearch.store import Store
from photosearch.store.files import full_path
from photosearch.store.folders import Root
from photosearch.types import FolderId

_SAMPLE = 200  # files looked for where a drive was; looking for all of a large one takes minutes
_FEW = 10  # one file in so many may be deleted since it was copied


class Away:
    """What is out of reach while something is done; what lies instead is looked at only once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._copied: dict[tuple[FolderId, bytes], bool] = {}

    def is_away(self, root: Root) -> bool:
        """Whether the root is missing, or something else than its drive is at its place."""
        if b"" in self.missing_drives(root):
            return True
        volume = scan.volume_id(root.path)
        if scan.root_state(root.path) == "missing":
            if not root.single_file:
                return True
            return scan.root_state(os.path.dirname(root.path)) == "missing"
        if root.single_file or volume == root.volume or not root.volume:
            return False
        try:
            with os.scandir(root.path) as entries:
                empty = next(entries, None) is None
        except OSError:  # the scan tells what is wrong with it
            return False
        return empty and self._store.files.present_count(root.id) > 0

    def missing_drives(self, root: Root) -> dict[bytes, bytes]:
        """Return where drives were mounted that are not there, by the directory they began at.

        One whose photos were copied to its place is not among them: nobody misses it.
        """
        exclusion = Exclusion(root.exclude)
        return {
            place: mount
            for place, mount in self._store.drives.of(root.id).items()
            if not drives.is_mounted(mount)
            and not exclusion.covers(place)
            and not self._was_copied(root, place)
        }

    def _was_copied(self, root: Root, place: bytes) -> bool:
        """Whether the photos of a drive are there without it, but for a few: those were deleted.

        Of a drive that is away a copy may lie there of some, and they are not to cost the others.
        """
        if (root.id, place) not in self._copied:
            known = self._store.files.spread(root.id, place, _SAMPLE)
            paths = (full_path(root.path, root.single_file, *where) for where in known)
            lacking = sum(not os.path.lexists(path) for path in paths)
            few = min(max(1, len(known) // _FEW), len(known) // 2)
            self._copied[root.id, place] = lacking <= few
        return self._copied[root.id, place]


def lies_in(directory: bytes, tops: Iterable[bytes]) -> bool:
    """Whether a directory of a folder is one of those, or lies inside one."""
    return any(not top or directory == top or directory.startswith(top + b"/") for top in tops)


def went_away(root: bytes) -> str:
    """Say that a folder went away while it was worked with."""
    return (
        f"The folder {os.fsdecode(root)} went away while it was being indexed. "
        "Its photos stay in the library, and what is left waits until it is back."
    )


def folder_missing(root: bytes) -> str:
    """Say that the drive of a whole folder is not there, though something lies at its place."""
    return (
        f"The drive of the folder {os.fsdecode(root)} is not there; what lies at its place is not "
        "looked at. Its photos stay in the library until it is back; if it will not come back, "
        "copy them to this place, or remove the folder in the settings."
    )


def drive_missing(root: bytes, mount: bytes) -> str:
    """Say that a drive inside a folder is not there."""
    return (
        f"The drive of {os.fsdecode(mount)}, with photos of {os.fsdecode(root)}, is not there. "
        "They stay in the library until it is back; if it will not come back, leave its place out "
        "of the folder in the settings."
    )
