"""The vectors of one model, by photo: labels of the index on one side, photo ids on the other."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt

from photosearch.engine.numbered import Numbered
from photosearch.errors import ModelError, PhotoSearchError, StoreError
from photosearch.index.arrays import ascending
from photosearch.index.cache import IndexCache
from photosearch.index.hybrid import HybridIndex, IndexState
from photosearch.index.row_file import RowFile
from photosearch.store.database import Database
from photosearch.store.embeddings import Embeddings, StoredVectors
from photosearch.types import Ids, ModelKey, Vector

_log = logging.getLogger(__name__)
ROWS_FROM = 20_000  # fewer are read from the library in 0.1 s
_PROBES = 32  # labels all over the file, and as many of its last ones, that are compared


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
        self._file = RowFile(indexes, key, dimension)
        self._saving = threading.Lock()
        self._lock = threading.Lock()
        self._room = np.empty((2, 0), np.int64)  # labels, ascending, and photos; free at the end
        self._ids = self._room[:, :0]  # the used part: replaced, never changed
        self._known = Numbered(self._ids)
        self._filling = threading.Lock()
        self._full = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._begin, name="vectors-load", daemon=True)
        self._thread.start()

    def add(self, rows: StoredVectors) -> None:
        """Add rows that the library has gained; rows already here are passed over."""
        self._fill()
        self._add(rows)

    def _add(self, rows: StoredVectors) -> None:
        with self._lock:
            fresh = ~_among(rows.labels, self._ids[0])
            if not fresh.any():
                return
            before = self._ids
            # Known first: what a search finds while the graph still takes them in has its photo.
            self._append(rows.labels[fresh], rows.photos[fresh])
            try:
                self._index.add(rows.labels[fresh], rows.vectors[fresh].astype(np.float32))
            except BaseException:  # whatever it was, nobody may find rows that are not there
                self._room = self._ids = before  # without room: nothing others hold changes
                raise

    def remove(self, labels: Ids) -> None:
        """Take rows out; unknown labels are passed over."""
        self._fill()
        self._remove(labels)

    def _remove(self, labels: Ids) -> None:
        with self._lock:
            self._index.remove(labels)
            self._room = self._ids = self._ids[:, ~_among(self._ids[0], ascending(labels))]

    def refresh(self) -> None:
        """Take in what another program has added to the library, or removed from it."""
        self._fill()
        with closing(Database(self._database)) as database:
            self._take_in(Embeddings(database))

    def _take_in(self, embeddings: Embeddings) -> None:
        known = self._ids[0]
        self._add_above(embeddings, int(known[-1]) if len(known) else 0)
        known = self._ids[0]
        if embeddings.count(self._key) == len(known):
            return
        stored = embeddings.labels(self._key)
        self._remove(np.setdiff1d(known, stored))
        missing = np.setdiff1d(stored, known)
        if len(missing):  # two programs have written by turns
            self._add_above(embeddings, int(missing[0]) - 1)

    def search(
        self, vector: Vector, k: int, allowed: Ids | None
    ) -> tuple[Ids, npt.NDArray[np.float32]]:
        """Return up to `k` photos and cosines, best first."""
        self._fill()
        wanted = None if allowed is None else self._numbered().labels_of(allowed)
        labels, scores = self._index.search(vector, k, wanted)
        return self._numbered().photos_of(labels, scores)  # also of rows that came meanwhile

    def _numbered(self) -> Numbered:
        """Return the rows as they are now; what was found out about them is kept."""
        ids, known = self._ids, self._known
        if known.ids is not ids:  # one assignment: other threads see the old or the new
            known = self._known = Numbered(ids)
        return known

    def warm(self) -> None:
        """Load the vectors; a graph is opened or built beside, while exact search answers."""
        self._fill()

    def save(self) -> None:
        """Keep what takes long to make, as far as that is worth it; what fails is only logged."""
        if not self._full:
            return
        self._index.save()
        if len(self._index) >= ROWS_FROM:
            with self._saving:
                self._save_rows()

    def _save_rows(self) -> None:
        with self._lock:
            labels, removed, rows = self._index.snapshot()
            known = self._ids
        ids = np.zeros((2, len(labels)), np.int64)
        ids[0] = labels
        ids[1, np.searchsorted(labels, known[0])] = known[1]
        try:
            mapped = self._file.save(ids, removed, rows)
        except OSError as error:
            _log.warning("the search vectors could not be kept in the cache: %s", error)
            return
        if mapped is not None:
            with self._lock:
                self._index.let_go(labels, mapped)

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
        if not len(self._index) and self._open_rows(embeddings):
            self._take_in(embeddings)
            self._index.fill(())
            return
        ids = [np.empty((2, 0), np.int64)]

        def batches() -> Iterator[tuple[Ids, npt.NDArray[np.float32]]]:
            for chunk in embeddings.load(self._key):
                if self._closing.is_set():
                    raise ModelError("The search model was changed meanwhile.")
                ids.append(np.stack([chunk.labels, chunk.photos]))
                yield chunk.labels, chunk.vectors.astype(np.float32)
            # Of a try that did not end, with a file that has rows which the library has lost.
            self._index.remove(np.setdiff1d(self._index.labels(), np.concatenate(ids, axis=1)[0]))

        self._index.fill(batches())
        with self._lock:
            self._room = self._ids = np.concatenate(ids, axis=1)

    def _open_rows(self, embeddings: Embeddings) -> bool:
        """Begin with the rows in the cache, if there are any and they are this library's."""
        try:
            contents = self._file.open()
        except StoreError as error:
            _log.info("no kept search vectors: %s", error)
            return False
        labels = contents.ids[0]
        live = ~np.isin(labels, contents.removed, assume_unique=True)
        places = np.flatnonzero(live)
        some = np.unique(np.linspace(0, max(len(places) - 1, 0), _PROBES).astype(np.int64))
        probed = places[np.union1d(some, np.arange(len(places))[-_PROBES:])] if len(places) else ()
        stored = embeddings.of_labels(self._key, labels[np.array(probed, np.int64)].tolist())
        at = np.searchsorted(labels, stored.labels)
        same = np.array_equal(stored.photos, contents.ids[1, at]) and np.array_equal(
            stored.vectors.view(np.int16), contents.rows[at].view(np.int16)
        )
        if not same or not len(at) or self._closing.is_set():
            _log.info("the kept search vectors are not those of this library")
            self._file.forget()
            return False
        self._index.map(labels.copy(), contents.rows)
        self._index.remove(contents.removed)
        self._room = self._ids = np.ascontiguousarray(contents.ids[:, live])
        return True

    def _add_above(self, embeddings: Embeddings, label: int) -> None:
        for chunk in embeddings.load(self._key, label):
            if self._closing.is_set():
                raise ModelError("The search model was changed meanwhile.")
            self._add(chunk)

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
