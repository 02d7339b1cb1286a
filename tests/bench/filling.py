"""Libraries full of photos that nobody looked at: rows written straight through the store.

Knows the store's own verbs only, no SQL. Vectors are made as `clip_like` says, so that a graph is
not flattered or punished by pure noise.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from photosearch.engine.decode import HASH_BYTES
from photosearch.store import Store
from photosearch.store.files import DiskChanges, PendingFile
from photosearch.store.looks import Looked, Written
from photosearch.types import (
    DateSource,
    Facts,
    FileEntry,
    FileId,
    FolderId,
    Listing,
    PhotoId,
    Vectors,
)
from tests.bench.clip_like import LikeClip

AT_ONCE = 4096
FILE_BYTES = 4  # of every made-up file: nobody opens them
_FIRST = datetime(2005, 1, 1)


def listings(count: int, in_one_folder: int = 500) -> Iterator[Listing]:
    """Yield directories with `count` made-up files in all."""
    for start in range(0, count, in_one_folder):
        numbers = range(start, min(start + in_one_folder, count))
        files = tuple(FileEntry(b"IMG_%07d.jpg" % n, FILE_BYTES, 10**18 + n) for n in numbers)
        yield Listing(b"trip %04d" % (start // in_one_folder), files)


def add_files(store: Store, root: Path, found: Iterable[Listing], volume: str) -> FolderId:
    """Add a folder and its files as photos that have been looked at."""
    folder = store.folders.add(os.fsencode(root), single_file=False, volume=volume)
    for listing in found:
        new = [(listing.dir, entry) for entry in listing.files]
        store.files.apply(DiskChanges(folder, new=new))
    after = FileId(0)
    rng = np.random.default_rng(3)
    while pending := store.files.pending(after, AT_ONCE, "new"):
        after = pending[-1].id
        store.photos.record([_looked(file, rng) for file in pending], Written())
    return folder


def _looked(file: PendingFile, rng: np.random.Generator) -> Looked:
    taken = _FIRST + timedelta(minutes=100 * int(file.id))
    facts = Facts(
        width=4000,
        height=3000,
        format="JPEG",
        taken_at=taken.isoformat(),
        date_source=DateSource.EXIF,
        camera_make="Bench",
        camera_model=f"B{file.id % 7}",
    )
    return Looked(file.id, rng.bytes(HASH_BYTES), FILE_BYTES, file.mtime_ns, facts)


def add_vectors(store: Store, number: int, dimension: int, count: int) -> None:
    """Give every photo without one a vector of the model with this number."""
    made = LikeClip(dimension, count)
    after = PhotoId(0)
    while photos := store.embeddings.pending(number, after, AT_ONCE):
        after = photos[-1].id
        store.embeddings.write(number, "bench", photos, made.images(len(photos)))


def unit(rows: Vectors) -> Vectors:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
