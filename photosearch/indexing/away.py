"""What of a folder is out of reach: its drive is not there, so its photos are not gone."""

from __future__ import annotations

import os
from collections.abc import Iterable

from photosearch.media import drives, scan
from photosearch.media.excluding import Exclusion
from photosearch.store import Store
from photosearch.store.files import full_path
from photosearch.store.folders import Root


def is_away(store: Store, root: Root) -> bool:
    """Whether the root is missing, or something else than its drive is at its place."""
    if b"" in missing_drives(store, root):
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
    return empty and store.files.present_count(root.id) > 0


def missing_drives(store: Store, root: Root) -> dict[bytes, bytes]:
    """Return where drives were mounted that are not there, by the directory they began at.

    One whose photos are all there without it was copied to its place: nobody misses it.
    """
    exclusion = Exclusion(root.exclude)
    return {
        place: mount
        for place, mount in store.drives.of(root.id).items()
        if not drives.is_mounted(mount)
        and not exclusion.covers(place)
        and not _all_there(store, root, place)
    }


def _all_there(store: Store, root: Root, place: bytes) -> bool:
    for directory in store.files.dirs(root.id):
        if not covered(directory, (place,)):
            continue
        for name, file in store.files.in_dir(root.id, directory).items():
            path = full_path(root.path, root.single_file, directory, name)
            if file.state != "gone" and not os.path.lexists(path):
                return False
    return True


def covered(directory: bytes, tops: Iterable[bytes]) -> bool:
    """Whether a directory is one of those, or lies inside one."""
    return any(not top or directory == top or directory.startswith(top + b"/") for top in tops)


def drive_missing(root: bytes, mount: bytes) -> str:
    """Say that a drive inside a folder is not there."""
    return (
        f"The drive of {os.fsdecode(mount)}, with photos of {os.fsdecode(root)}, is not there. "
        "They stay in the library until it is back; if it will not come back, leave its place out "
        "of the folder in the settings."
    )
