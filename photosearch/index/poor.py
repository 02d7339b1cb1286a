"""Remembering that no graph finds enough among a library's vectors, so that none is built again.

Vectors that differ in all directions alike have no near neighbours to speak of. To find that out
takes as long as building the graph, and it would be found again at every start.
"""

from __future__ import annotations

import logging
import zlib
from pathlib import Path
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from photosearch.index import atomic, shortlist
from photosearch.index.cache import IndexCache, library_version
from photosearch.index.exact import ExactIndex
from photosearch.index.hnsw import EF_CONSTRUCTION, M
from photosearch.index.reduction import NUMBERS
from photosearch.types import ModelKey

log = logging.getLogger(__name__)
FORMAT: Final = 1
AGAIN: Final = 2.0  # times as many rows, or as few, are something new
SAMPLE: Final = 32  # rows by which the library is known again
_ENOUGH: Final = 0.5  # of them: the others may have been removed since


class _Found(BaseModel):
    """What was tried, and on what."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    format: int
    library: str  # hnswlib's version
    model: str
    dimension: int
    m: int
    ef_construction: int
    numbers: tuple[int, ...]  # a row, of the graphs that were tried beside that of whole vectors
    lengths: tuple[int, ...]  # of shortlists
    recall: float  # that was wanted
    rows: int
    labels: tuple[int, ...]
    checksums: tuple[int, ...]  # of the vectors of these labels


class PoorVectors:
    """The verdict on one model's vectors, in the cache; without a cache there is none."""

    def __init__(self, cache: IndexCache | None, model_key: ModelKey) -> None:
        self._key = model_key
        self._path = None if cache is None else cache.poor_path(model_key)

    def known(self, exact: ExactIndex) -> bool:
        """Whether these rows, or most of them, were found poor."""
        found = None if self._path is None else _read(self._path)
        if found is None or not len(exact):
            return False
        same = self._verdict(exact, np.array(found.labels, np.int64))
        if _circumstances(same) != _circumstances(found):
            return False
        if not found.rows / AGAIN < len(exact) < found.rows * AGAIN:
            return False
        pairs = set(zip(found.labels, found.checksums, strict=False))
        still = pairs.intersection(zip(same.labels, same.checksums, strict=True))
        return len(still) >= _ENOUGH * max(1, len(pairs))

    def remember(self, exact: ExactIndex) -> None:
        """Note that these rows are poor; where it cannot be written, it is found out again."""
        if self._path is None or not len(exact):
            return
        labels = exact.labels()
        places = np.unique(np.linspace(0, len(labels) - 1, SAMPLE).astype(np.int64))
        found = self._verdict(exact, labels[places])
        try:
            atomic.write(self._path, found.model_dump_json().encode())
        except OSError as error:
            log.warning("that no search graph is good enough cannot be noted: %s", error)

    def _verdict(
        self, exact: ExactIndex, labels: np.ndarray[tuple[int], np.dtype[np.int64]]
    ) -> _Found:
        found, vectors = exact.take(labels)
        return _Found(
            format=FORMAT,
            library=library_version(),
            model=self._key,
            dimension=exact.dimension,
            m=M,
            ef_construction=EF_CONSTRUCTION,
            numbers=NUMBERS,
            lengths=shortlist.LENGTHS,
            recall=shortlist.RECALL,
            rows=len(exact),
            labels=tuple(found.tolist()),
            checksums=tuple(zlib.crc32(vector.tobytes()) for vector in vectors),
        )


def _circumstances(found: _Found) -> dict[str, object]:
    """Return all but which rows there were."""
    return found.model_dump(exclude={"rows", "labels", "checksums"})


def _read(path: Path) -> _Found | None:
    try:
        return _Found.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
