"""The vectors of one model, by photo: labels of the index on one side, photo ids on the other."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt

from photosearch.errors import ModelError, PhotoSearchError, StoreError
from photosearch.index.cache import IndexCache
from photosearch.index.hybrid import HybridIndex, IndexState
from photosearch.store.database import Database
from photosearch.store.embeddings import Embeddings, StoredVectors
from photosearch.types import Ids, ModelKey, Vector

_log = logging.getLogger(__name__)


class Shelf:
    """Fills itself in the background; every call waits until it is filled.

    What could not be read from the library is tried again at the next call.
    """

    def __init__(
        self, database: Path, dimension: int, key: ModelKey, indexes: Path, *, build: bool = True
    ) -> None:
        """`build` says whether a graph is built where there is none on disk."""
        self._database = database
        self._key = key
        self._index = HybridIndex(dimension, key, IndexCache(indexes), build=build)
        self._lock = threading.Lock()
        self._room = np.empty((2, 0), np.int64)  # labels, ascending, and photos; free at the end
        self._ids = self._room[:, :0]  # the used part: replaced, never changed
        self._filling = threading.Lock()
        self._full = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._begin, name="vectors-load", daemon=True)
        self._thread.start()

    def add(self, rows: StoredVectors) -> None:
        """Add rows that the library has gained; rows already here are passed over."""
        self._fill()
        with self._lock:
            fresh = ~_among(rows.labels, self._ids[0])
            if not fresh.any():
                return
            self._index.add(rows.labels[fresh], rows.vectors[fresh].astype(np.float32))
            self._append(rows.labels[fresh], rows.photos[fresh])

    def remove(self, labels: Ids) -> None:
        """Take rows out; unknown labels are passed over."""
        self._fill()
        with self._lock:
            self._index.remove(labels)
            self._room = self._ids = self._ids[:, ~np.isin(self._ids[0], labels)]

    def refresh(self) -> None:
        """Take in what another program has added to the library, or removed from it."""
        self._fill()
        with closing(Database(self._database)) as database:
            embeddings = Embeddings(database)
            known = self._ids[0]
            self._add_above(embeddings, int(known[-1]) if len(known) else 0)
            known = self._ids[0]
            if embeddings.count(self._key) == len(known):
                return
            stored = embeddings.labels(self._key)
            self.remove(np.setdiff1d(known, stored))
            missing = np.setdiff1d(stored, known)
            if len(missing):  # two programs have written by turns
                self._add_above(embeddings, int(missing[0]) - 1)

    def search(
        self, vector: Vector, k: int, allowed: Ids | None
    ) -> tuple[Ids, npt.NDArray[np.float32]]:
        """Return up to `k` photos and cosines, best first."""
        self._fill()
        labels, photos = self._ids
        wanted = None if allowed is None else labels[np.isin(photos, allowed)]
        found, scores = self._index.search(vector, k, wanted)
        places = np.searchsorted(labels, found)
        places = np.minimum(places, max(len(labels) - 1, 0))
        known = labels[places] == found if len(labels) else np.zeros(len(found), bool)
        return photos[places[known]], scores[known]

    def save(self) -> None:
        if self._full:
            self._index.save()

    def state(self) -> IndexState:
        return self._index.state()

    def close(self) -> None:
        self._closing.set()
        self._thread.join()
        with self._filling:
            self._index.close()

    def _begin(self) -> None:
        try:
            self._fill()
        except PhotoSearchError as error:  # whoever calls next tries again
            _log.warning("the search vectors were not loaded: %s", error)

    def _fill(self) -> None:
        """Fill the shelf, or wait for whoever does."""
        if self._full:
            return
        with self._filling:
            if self._full:
                return
            try:
                with closing(Database(self._database)) as database:
                    self._read(Embeddings(database))
            except PhotoSearchError:
                raise
            except Exception as error:  # a bug in loading must not end the engine: it is logged
                _log.exception("loading the search vectors failed")
                raise StoreError("The search vectors cannot be loaded; see the log.") from error
            self._full = True

    def _read(self, embeddings: Embeddings) -> None:
        ids = [np.empty((2, 0), np.int64)]

        def batches() -> Iterator[tuple[Ids, npt.NDArray[np.float32]]]:
            for chunk in embeddings.load(self._key):
                if self._closing.is_set():
                    raise ModelError("The search model was changed meanwhile.")
                ids.append(np.stack([chunk.labels, chunk.photos]))
                yield chunk.labels, chunk.vectors.astype(np.float32)

        self._index.fill(batches())
        with self._lock:
            self._room = self._ids = np.concatenate(ids, axis=1)

    def _add_above(self, embeddings: Embeddings, label: int) -> None:
        for chunk in embeddings.load(self._key, label):
            self.add(chunk)

    def _append(self, labels: Ids, photos: Ids) -> None:
        """Append rows (holding the lock)."""
        before = self._ids.shape[1]
        count = before + len(labels)
        if count > self._room.shape[1]:
            self._room = np.empty((2, 2 * count), np.int64)
            self._room[:, :before] = self._ids
        self._room[:, before:count] = labels, photos
        if before and labels[0] < self._ids[0, -1]:
            self._room = self._room[:, np.argsort(self._room[0, :count], kind="stable")]
        self._ids = self._room[:, :count]


def _among(labels: Ids, known: Ids) -> npt.NDArray[np.bool_]:
    """Say for each label whether it is among the known ones, which are ascending."""
    found = np.zeros(len(labels), np.bool_)
    places = np.searchsorted(known, labels)
    inside = places < len(known)
    found[inside] = known[places[inside]] == labels[inside]
    return found
