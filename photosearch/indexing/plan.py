"""The disk against the library: what is new, changed, back and gone. Opens no file."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from photosearch.indexing.away import Away, drive_missing, folder_missing, lies_in, went_away
from photosearch.media import scan
from photosearch.media.excluding import Exclusion
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


def compare(
    folder: FolderId, listing: Listing, known: Mapping[bytes, KnownFile]
) -> tuple[DiskChanges, int]:
    """Return the changes in one directory, and how many files are as they were and show a photo
    as they did."""
    new: list[tuple[bytes, FileEntry]] = []
    changed: list[tuple[FileId, FileEntry]] = []
    back: list[FileId] = []
    unchanged = there = 0
    for entry in listing.files:
        file = known.get(entry.name)
        if file is None:
            new.append((listing.dir, entry))
            continue
        there += 1
        if (
            file.mtime_ns != entry.mtime_ns
            or file.size != entry.size
            or file.sidecar_ns != entry.sidecar_ns
        ):
            changed.append((file.id, entry))
        elif file.state == "known":
            unchanged += 1
        elif file.state == "gone":
            back.append(file.id)
            unchanged += file.has_photo
    gone: list[FileId] = []
    if there < len(known):
        seen = {entry.name for entry in listing.files}
        gone = [f.id for name, f in known.items() if name not in seen and f.state != "gone"]
    return DiskChanges(folder, new, changed, back, gone), unchanged


def scan_root(
    store: Store,
    root: Root,
    count: ScanCount,
    check: Check,
    dirs: Collection[bytes] | None = None,
) -> None:
    """Record what changed below one root since the last look; a missing root goes offline.

    With `dirs` only these directories are looked into, each by itself.
    """
    away = Away(store)
    missing = away.missing_drives(root)
    if away.is_away(root):
        if b"" in missing and scan.root_state(root.path) != "missing":
            count.notices.append(folder_missing(root.path))
        _set_away(store, root, count)
        return
    told = len(count.notices)
    volume = scan.volume_id(root.path)
    if root.offline or volume != root.volume:
        store.folders.set_seen(root.id, offline=False, volume=volume)
    look = _Look(store, root, count)
    for listing in _listings(root, check, dirs):
        if not lies_in(listing.dir, missing):  # what lies there instead is not of this folder
            look.take(listing)
    if dirs is None:
        look.take_unseen()
    missing |= away.missing_drives(root)  # in the middle, too: nothing of it is gone
    if b"" in missing or (look.unreadable and away.is_away(root)):
        del count.notices[told:]
        count.notices.append(went_away(root.path))
        _set_away(store, root, count)
        return
    count.notices += [drive_missing(root.path, mount) for mount in missing.values()]
    count.gone += look.write_gone(missing)
    if dirs is None:
        store.drives.put(root.id, look.mounts | missing)


def _listings(root: Root, check: Check, dirs: Collection[bytes] | None) -> Iterator[Listing]:
    if root.single_file and scan.root_state(root.path) == "missing":
        yield Listing(b"", ())  # its folder is there, it is not: deleted
    elif root.single_file:
        yield scan.scan_file(root.path)
    elif dirs is None:
        yield from scan.scan(root.path, check, Exclusion(root.exclude))
    else:
        exclusion = Exclusion(root.exclude)
        for directory in sorted(dirs):
            check()
            yield scan.scan_dir(root.path, directory, exclusion)


def _set_away(store: Store, root: Root, count: ScanCount) -> None:
    store.folders.set_seen(root.id, offline=True)
    count.offline.append(root.id)


class _Look:
    """What a scan of a folder finds: new and changed files are written as they come, those that
    are gone at the end, when it is known that their drive is still there."""

    def __init__(self, store: Store, root: Root, count: ScanCount) -> None:
        self.mounts: dict[bytes, bytes] = {}
        self.unreadable: list[bytes] = []
        self._store = store
        self._root = root
        self._count = count
        self._batch = _Batch(store, root.id)
        self._gone: list[tuple[bytes, Sequence[FileId]]] = []
        self._visited: set[bytes] = set()

    def take(self, listing: Listing) -> None:
        """Compare a directory with what is known of it."""
        root, count = self._root, self._count
        if listing.mount:
            self.mounts[listing.dir] = listing.mount
        known = self._store.files.in_dir(root.id, listing.dir)
        changes, unchanged = compare(root.id, listing, known)
        if listing.unreadable:  # as a whole or in part: what is not seen there is not gone
            self.unreadable.append(listing.dir)
            path = os.path.join(os.fsdecode(root.path), os.fsdecode(listing.dir))
            count.notices.append(f"The folder {path} cannot be read: {listing.unreadable}.")
        elif changes.gone:
            self._gone.append((listing.dir, changes.gone))
        self._visited.add(listing.dir)
        ignored = 0
        if unchanged < len(known):
            ignored = sum(file.state == "ignored" for file in known.values())
        count.found += len(listing.files) - ignored
        count.unchanged += unchanged
        self._batch.add(replace(changes, gone=()))

    def take_unseen(self) -> None:
        """Note the files of directories that are no more."""
        for directory in self._store.files.dirs(self._root.id):
            if directory not in self._visited and not lies_in(directory, self.unreadable):
                known = self._store.files.in_dir(self._root.id, directory)
                changes, _ = compare(self._root.id, Listing(directory, ()), known)
                self._gone.append((directory, changes.gone))

    def write_gone(self, missing: Collection[bytes]) -> int:
        """Write what is gone, except on drives that are missing; return how many files."""
        for directory, files in self._gone:
            if not lies_in(directory, missing):
                self._batch.add(DiskChanges(self._root.id, gone=files))
        self._batch.write()
        return self._batch.gone


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
