"""A library of some photos, and shelves over it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from indexing_world import DIMENSION, MODEL, World

from photosearch.engine.shelf import Shelf
from photosearch.store.embeddings import StoredVectors
from photosearch.types import Vectors


def indexed(place: Path) -> World:
    """Return a library of twelve photos that have their vectors."""
    made = World(place)
    folder = made.folder("photos")
    made.add(folder)
    for n in range(12):
        made.write(folder / f"{n}.jpg", f"picture {n}")
    made.index()
    return made


def shelf_of(world: World) -> Shelf:
    return Shelf(world.store.database.path, DIMENSION, MODEL.key, world.place / "index")


def stored(world: World) -> StoredVectors:
    (chunk,) = world.store.embeddings.load(MODEL.key)
    return chunk


def unit(rows: StoredVectors) -> Vectors:
    raw = rows.vectors.astype(np.float32)
    return raw / np.linalg.norm(raw, axis=1, keepdims=True)
