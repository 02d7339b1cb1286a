"""Parts of face tables, and the same in another order."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import numpy.typing as npt

from photosearch.store.face_table import FaceTable, Said
from photosearch.types import Ids, Vectors

Flags = npt.NDArray[np.bool_]


def rows_of(table: FaceTable, rows: Ids) -> FaceTable:
    """Return some rows of a table, in the order given."""
    return FaceTable(*(getattr(table, field.name)[rows] for field in fields(FaceTable)))


def said_of(said: Said, rows: Ids) -> Said:
    """Return what was said of some rows, in the order given."""
    to = np.full(len(said.person), -1)
    to[rows] = np.arange(len(rows))
    rejected = said.rejected.reshape(-1, 2).copy()
    rejected[:, 0] = to[rejected[:, 0]]
    return Said(said.person[rows], rejected[rejected[:, 0] >= 0], said.no_face[rows], said.born)


def by_content(table: FaceTable) -> Ids:
    """Return the rows in an order that the faces themselves decide, not when they came."""
    count, width = table.vectors.shape
    first = np.zeros((count, 16), np.float16)
    first[:, : min(width, 16)] = table.vectors[:, :16]
    copies = (table.days, table.sharpness, table.size_px, table.score)
    return np.lexsort((*copies, *first.view(np.int64).T)).astype(np.int64)


def unit_vectors(stored: npt.NDArray[np.float16]) -> tuple[Vectors, Flags]:
    """Return float32 vectors of length 1, and which are any good; the others are all zero."""
    vectors = np.array(stored, np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    usable: Flags = np.isfinite(lengths) & (lengths > 0.5)
    vectors[~usable] = 0
    vectors /= np.where(usable, lengths, 1)[:, None]
    return vectors, usable
