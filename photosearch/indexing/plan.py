"""The disk against the library: what is new, changed, back and gone. Opens no file."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from photosearch.media import scan
from photosearch.store import Store
from photosearch.store.files import DiskChanges, KnownFile
from photosearch.store.folders import Root
from photosearch.types import Check, FileEntry, FileId, FolderId, Listing

_log = logging.getLogger(__name__)
_WRITE_AT = 2000  # changes in one transaction


@dataclass(slots=True)
class ScanCount:
    """What a scan came across."""

    found: int = 0
    unchanged: int = 0
    gone: int = 0
    offline: list[FolderId] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def compare(folder: FolderId, listing: Listing, known: Mapping[bytes, KnownFile]) -> DiskChanges:
    """Return the changes in one directory."""
    new: list[tuple[bytes, FileEntry]] = []
    changed: list[tuple[FileId, FileEntry]] = []
    back: list[FileId] = []
    seen: set[bytes] = set()
    for entry in listing.files:
        seen.add(entry.name)
        file = known.get(entry.name)
        if file is None:
            new.append((listing.dir, entry))
        elif not _is_as_it_was(file, entry):
            changed.append((file.id, entry))
        elif file.state == "gone":
            back.append(file.id)
    gone = [f.id for name, f in known.items() if name not in seen and f.state != "gone"]
    return DiskChanges(folder, new, changed, back, gone)


def unchanged(listing: Listing, known: Mapping[bytes, KnownFile]) -> int:
    """Return how many files of one directory are as they were, and show a photo as they did."""
    return sum(
        file is not None
        and _is_as_it_was(file, entry)
        and (file.state == "known" or (file.state == "gone" and file.has_photo))
        for entry in listing.files
        for file in (known.get(entry.name),)
    )


def _is_as_it_was(file: KnownFile, entry: FileEntry) -> bool:
    return (file.size, file.mtime_ns, file.sidecar_ns) == (
        entry.size,
        entry.mtime_ns,
        entry.sidecar_ns,
    )


def scan_root(store: Store, root: Root, count: ScanCount, check: Check) -> None:
    """Record what changed below one root since the last look; a missing root goes offline."""
    volume = scan.volume_id(root.path)
    if _is_away(store, root, volume):
        store.folders.set_seen(root.id, offline=True)
        count.offline.append(root.id)
        return
    if root.offline or volume != root.volume:
        store.folders.set_seen(root.id, offline=False, volume=volume)
    batch = _Batch(store, root.id)
    visited: set[bytes] = set()
    unreadable: list[bytes] = []
    for listing in _listings(root, check):
        known = store.files.in_dir(root.id, listing.dir)
        changes = compare(root.id, listing, known)
        if listing.unreadable:  # as a whole or in part: what is not seen there is not gone
            unreadable.append(listing.dir)
            path = os.path.join(os.fsdecode(root.path), os.fsdecode(listing.dir))
            count.notices.append(f"The folder {path} cannot be read: {listing.unreadable}.")
            changes = replace(changes, gone=())
        visited.add(listing.dir)
        ignored = sum(file.state == "ignored" for file in known.values())
        count.found += len(listing.files) - ignored
        count.unchanged += unchanged(listing, known)
        batch.add(changes)
    for directory in store.files.dirs(root.id):
        if directory not in visited and not _covered(directory, unreadable):
            known = store.files.in_dir(root.id, directory)
            batch.add(compare(root.id, Listing(directory, ()), known))
    batch.write()
    count.gone += batch.gone


def _listings(root: Root, check: Check) -> Iterator[Listing]:
    if root.single_file and scan.root_state(root.path) == "missing":
        yield Listing(b"", ())  # its folder is there, it is not: deleted
    elif root.single_file:
        yield scan.scan_file(root.path)
    else:
        yield from scan.scan(root.path, check)


def _is_away(store: Store, root: Root, volume: str) -> bool:
    """Whether the root is missing, or an empty mount point is left of its drive."""
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


def _covered(directory: bytes, unreadable: list[bytes]) -> bool:
    return any(
        not top or directory == top or directory.startswith(top + b"/") for top in unreadable
    )


class _Batch:
    """Collects changes and writes them some thousand at a time."""

    def __init__(self, store: Store, folder: FolderId) -> None:
        self._store = store
        self._folder = folder
        self._clear()
        self.gone = 0

    def add(self, changes: DiskChanges) -> None:
        if not changes:
            return
        self._new.extend(changes.new)
        self._changed.extend(changes.changed)
        self._back.extend(changes.back)
        self._gone.extend(changes.gone)
        self.gone += len(changes.gone)
        if len(self._new) + len(self._changed) + len(self._back) + len(self._gone) >= _WRITE_AT:
            self.write()

    def write(self) -> None:
        changes = DiskChanges(self._folder, self._new, self._changed, self._back, self._gone)
        if changes:
            self._store.files.apply(changes)
        self._clear()

    def _clear(self) -> None:
        self._new: list[tuple[bytes, FileEntry]] = []
        self._changed: list[tuple[FileId, FileEntry]] = []
        self._back: list[FileId] = []
        self._gone: list[FileId] = []
