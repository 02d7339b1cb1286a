"""Adding folders to the library and taking them out; the photos in them are left alone."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from photosearch.engine.protocol import Engine
from photosearch.errors import UsageError
from photosearch.media import scan
from photosearch.media.answering import Answering
from photosearch.media.thumbs import ThumbStore
from photosearch.store import Store
from photosearch.types import Folder, FolderId


def add_folders(
    store: Store,
    paths: Sequence[str],
    own: Sequence[Path],
    answering: Answering | None = None,
) -> tuple[Folder, ...]:
    """Add folders or single photos, none in the program's `own` folders.

    Returns the folders that now cover them.
    """
    answering = answering or Answering()
    absolute = [os.path.abspath(path) for path in paths]
    for path in absolute:
        if not answering.answers(os.fsencode(path)):
            raise UsageError(f"{path} does not answer. Add it once its drive can be reached.")
        if not os.path.exists(path):
            raise UsageError(f"There is no folder or photo at {path}.")
        _refuse_own_folder(path, own)
    covering: list[FolderId] = []
    for path in absolute:
        raw = as_known(os.fsencode(path), [root.path for root in store.folders.roots()], answering)
        single = not os.path.isdir(path)
        volume = scan.volume_id(raw)
        covering.append(
            store.folders.add(raw, single_file=single, volume=volume, reaches=scan.reaches)
        )
    known = {folder.id: folder for folder in store.folders.all()}
    return tuple(known[id_] for id_ in dict.fromkeys(covering))


def remove_folder(
    folder: FolderId, store: Store, engine: Engine, thumbs: ThumbStore, face_thumbs: ThumbStore
) -> None:
    """Forget a folder; its photos on disk stay, and so does what the user said of them."""
    store.folders.remove(folder)
    for photos in store.photos.purge():
        engine.remove(np.array(photos.labels, np.int64))
        face_thumbs.delete_beginning(photos.hashes)
        thumbs.delete_many(photos.hashes)


def as_known(path: bytes, roots: Sequence[bytes], answering: Answering) -> bytes:
    """Return a path written as the folder is that it lies in, or is.

    Where a file system takes names for the same that differ in case, or in how their accents are
    composed, one folder would else be there twice.
    """
    separator = os.sep.encode()
    for root in roots:
        parts, depth = path.split(separator), len(root.split(separator))
        beginning = separator.join(parts[:depth])
        if beginning != root and _loosely(beginning) == _loosely(root):
            identity = answering.identity(root)
            if identity is not None and identity == answering.identity(beginning):
                return separator.join((root, *parts[depth:]))
    return path


def _loosely(path: bytes) -> str:
    return unicodedata.normalize("NFC", os.fsdecode(path)).casefold()


def _refuse_own_folder(path: str, own: Sequence[Path]) -> None:
    for each in own:
        if (os.path.realpath(path) + os.sep).startswith(os.path.realpath(each) + os.sep):
            raise UsageError(f"{path} is PhotoSearch's own folder, not a photo folder.")
