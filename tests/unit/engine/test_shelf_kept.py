"""The rows of a shelf that lie in the cache: what is believed of them, and what is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from indexing_world import DIMENSION, World

from photosearch.errors import StoreError
from photosearch.store.embeddings import Embeddings, StoredVectors
from photosearch.types import ModelKey

from .shelves import indexed, shelf_of, stored, unit


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = indexed(tmp_path)
    yield made
    made.close()


@pytest.fixture
def kept(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A library whose rows lie in the cache, too, as those of large ones do."""
    monkeypatch.setattr("photosearch.engine.shelf.ROWS_FROM", 5)
    shelf = shelf_of(world)
    shelf.warm()
    shelf.save()
    shelf.close()
    assert list((world.place / "index").glob("*.rows"))
    return world


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The labels above which vectors are read from the library."""
    asked: list[int] = []
    real = Embeddings.load

    def load(self: Embeddings, key: ModelKey, above: int = 0) -> Iterator[StoredVectors]:
        asked.append(above)
        return real(self, key, above)

    monkeypatch.setattr(Embeddings, "load", load)
    return asked


def test_kept_rows_are_not_read_from_the_library(kept: World, read: list[int]) -> None:
    rows = stored(kept)
    read.clear()  # before there is a shelf, which begins to load at once
    shelf = shelf_of(kept)
    shelf.warm()
    for photo, vector in zip(rows.photos.tolist(), unit(rows), strict=True):
        assert shelf.search(vector, 1, None)[0].tolist() == [photo]
        assert shelf.search(vector, 1, np.array([photo]))[0].tolist() == [photo]
    assert read == [int(rows.labels[-1])], "only what came since"
    shelf.close()


def test_what_changed_since_rows_were_kept_is_taken_in(kept: World) -> None:
    rows = stored(kept)
    with kept.store.database.transaction() as db:
        db.execute("DELETE FROM embedding WHERE id = ?", (int(rows.labels[2]),))
        db.execute("UPDATE embedding SET id = 500 WHERE id = ?", (int(rows.labels[5]),))
    for _ in range(2):
        shelf = shelf_of(kept)
        assert shelf.search(unit(rows)[5], 1, None)[0].tolist() == [rows.photos[5]]
        assert len(shelf.search(unit(rows)[2], 99, None)[0]) == 11
        shelf.save()  # the next time it is in the file
        shelf.close()


def test_kept_rows_that_the_library_has_lost_go_also_at_a_second_try(
    kept: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, real = stored(kept), Embeddings.load
    with kept.store.database.transaction() as db:
        db.execute("DELETE FROM embedding WHERE id = ?", (int(rows.labels[2]),))
    failures = [StoreError("The library is held.")]

    def load(self: Embeddings, key: ModelKey, above: int = 0) -> Iterator[StoredVectors]:
        if failures:
            raise failures.pop()
        return real(self, key, above)

    monkeypatch.setattr(Embeddings, "load", load)
    shelf = shelf_of(kept)
    shelf._thread.join()
    assert failures == []
    assert len(shelf.search(unit(rows)[2], 5, None)[0]) == 5
    assert shelf.state().count == 11
    shelf.close()


def test_rows_of_another_library_are_not_believed(kept: World, read: list[int]) -> None:
    """One put back from a backup has given the same numbers to other photos."""
    rows = stored(kept)
    last, other = int(rows.labels[-1]), rows.vectors[0].tobytes()
    with kept.store.database.transaction() as db:
        db.execute("UPDATE embedding SET vector = ? WHERE id = ?", (other, last))
    read.clear()
    shelf = shelf_of(kept)
    found = set(shelf.search(unit(rows)[0], 2, None)[0].tolist())
    assert found == {rows.photos[0], rows.photos[-1]}
    assert read == [0]
    shelf.close()


def test_a_thousand_rows_come_and_the_file_is_written_behind(kept: World) -> None:
    (path,) = (kept.place / "index").glob("*.rows")
    before = path.stat()
    shelf = shelf_of(kept)
    rng = np.random.default_rng(1)
    for start in range(1000, 2000, 100):
        labels = np.arange(start, start + 100)
        raw = rng.standard_normal((100, DIMENSION)).astype(np.float16)
        shelf.add(StoredVectors(labels, labels + 5000, raw))
        shelf.save()
    after = path.stat()
    assert after.st_ino == before.st_ino
    assert after.st_size - before.st_size == 1000 * DIMENSION * 2
    assert len(shelf.search(np.ones(DIMENSION, np.float32), 5000, None)[0]) == 1012
    shelf.close()
