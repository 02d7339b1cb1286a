"""The vectors of a model: filled from the library, kept up to date, asked by photo."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from indexing_world import DIMENSION, MODEL, World

from photosearch.engine.shelf import Shelf
from photosearch.errors import StoreError
from photosearch.index.protocol import Scores
from photosearch.store.embeddings import Embeddings, StoredVectors
from photosearch.types import Ids, ModelKey, Vector

from .shelves import indexed, shelf_of, stored, unit


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = indexed(tmp_path)
    yield made
    made.close()


def test_each_photo_finds_itself(world: World) -> None:
    shelf, rows = shelf_of(world), stored(world)
    for photo, vector in zip(rows.photos.tolist(), unit(rows), strict=True):
        found, scores = shelf.search(vector, 3, None)
        assert found[0] == photo
        assert scores[0] == pytest.approx(1, abs=1e-3)
        assert shelf.search(vector, 3, np.array([photo]))[0].tolist() == [photo]
        assert (
            photo not in shelf.search(vector, 3, np.array([p for p in range(99) if p != photo]))[0]
        )
    assert shelf.search(unit(rows)[0], 3, np.empty(0, np.int64))[0].tolist() == []
    assert shelf.state().count == 12
    shelf.close()


def test_rows_come_once_whoever_brings_them(world: World) -> None:
    rows = stored(world)
    shelf = shelf_of(world)
    shelf.add(rows)  # while it reads them itself
    assert shelf.state().count == 12
    more = StoredVectors(
        np.array([100, 101], np.int64), np.array([50, 51], np.int64), rows.vectors[:2]
    )
    late = StoredVectors(np.array([60], np.int64), np.array([40], np.int64), rows.vectors[3:4])
    for one in (more, late, more, rows):
        shelf.add(one)
    assert shelf.state().count == 15
    assert {40, rows.photos[3]} <= set(shelf.search(unit(rows)[3], 2, None)[0].tolist())
    assert {50, rows.photos[0]} <= set(shelf.search(unit(rows)[0], 2, None)[0].tolist())
    shelf.close()


def test_what_is_removed_is_not_found(world: World) -> None:
    rows, shelf = stored(world), shelf_of(world)
    shelf.remove(np.array([int(rows.labels[4]), 9999]))
    assert rows.photos[4] not in shelf.search(unit(rows)[4], 12, None)[0]
    assert shelf.state().count == 11
    shelf.close()


def test_writers_and_readers_at_once(world: World) -> None:
    rows, shelf = stored(world), shelf_of(world)
    vectors = unit(rows)
    wrong: list[object] = []

    def read() -> None:
        for _ in range(100):
            found, scores = shelf.search(vectors[0], 5, None)
            if len(found) != len(scores) or found[0] not in (rows.photos[0], 1000):
                wrong.append(found)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for n in range(100):
        label = np.array([1000 + n], np.int64)
        shelf.add(StoredVectors(label, label, -rows.vectors[:1]))
        shelf.remove(label)
    for reader in readers:
        reader.join()
    assert wrong == []
    assert shelf.state().count == 12
    shelf.close()


def near_rows(count: int) -> StoredVectors:
    labels = np.arange(1000, 1000 + count)
    return StoredVectors(labels, labels, np.full((count, DIMENSION), 50, np.float16))


def test_rows_that_a_graph_still_takes_in_have_their_photos(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, rows, query = shelf_of(world), near_rows(64), np.ones(DIMENSION, np.float32)
    shelf.warm()
    reached, go = threading.Event(), threading.Event()

    def tell(*_: object) -> None:
        reached.set()
        assert go.wait(30)

    monkeypatch.setattr(shelf._index, "_tell_graph", tell)
    adding = threading.Thread(target=shelf.add, args=(rows,))
    adding.start()
    assert reached.wait(30)
    found, _ = shelf.search(query, 50, None)
    some, _ = shelf.search(query, 50, rows.photos[:7])
    go.set()
    adding.join()
    assert len(found) == 50
    assert set(found.tolist()) <= set(rows.photos.tolist())
    assert sorted(some.tolist()) == rows.photos[:7].tolist()
    shelf.close()


def test_rows_that_come_during_a_search_have_their_photos(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, rows = shelf_of(world), near_rows(64)
    shelf.warm()
    real = shelf._index.search

    def search(vector: Vector, k: int, allowed: Ids | None = None) -> tuple[Ids, Scores]:
        shelf.add(rows)
        return real(vector, k, allowed)

    monkeypatch.setattr(shelf._index, "search", search)
    assert len(shelf.search(np.ones(DIMENSION, np.float32), 50, None)[0]) == 50
    shelf.close()


def test_rows_that_could_not_be_added_are_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, rows, query = shelf_of(world), near_rows(3), np.ones(DIMENSION, np.float32)
    shelf.add(near_rows(1))  # makes room for more
    shelf.remove(near_rows(1).labels)
    before = [ids.tolist() for ids in shelf_ids(shelf)]

    def fail(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(shelf._index, "add", fail)
        with pytest.raises(MemoryError):
            shelf.add(rows)
    assert [ids.tolist() for ids in shelf_ids(shelf)] == before
    shelf.add(rows)
    assert set(shelf.search(query, 3, None)[0].tolist()) == {1000, 1001, 1002}
    shelf.close()


def test_what_another_program_did_is_taken_in(world: World) -> None:
    rows, shelf = stored(world), shelf_of(world)
    assert len(shelf.search(unit(rows)[0], 99, None)[0]) == 12
    with world.store.database.transaction() as db:
        db.execute("DELETE FROM embedding WHERE id IN (?, ?)", (2, 5))
        db.execute("UPDATE embedding SET id = 4000 WHERE id = ?", (12,))
    shelf.refresh()
    assert shelf.state().count == 10
    assert set(shelf.search(unit(rows)[0], 99, None)[0].tolist()) == set(
        np.delete(rows.photos, [1, 4]).tolist()
    )
    with world.store.database.transaction() as db:  # by a program that was slower to commit
        db.execute("UPDATE embedding SET id = 3000 WHERE id = ?", (3,))
    shelf.refresh()
    assert shelf.state().count == 10
    assert rows.photos[2] in shelf.search(unit(rows)[2], 1, None)[0]
    shelf.close()


def test_a_damaged_row_costs_one_photo(world: World, caplog: pytest.LogCaptureFixture) -> None:
    rows = stored(world)
    with world.store.database.transaction() as db:
        db.execute("UPDATE embedding SET vector = ? WHERE id = ?", (b"short", int(rows.labels[3])))
    shelf = shelf_of(world)
    assert shelf.search(unit(rows)[0], 1, None)[0].tolist() == [rows.photos[0]]
    assert len(shelf.search(unit(rows)[3], 99, None)[0]) == 11
    assert "damaged" in caplog.text
    shelf.refresh()
    shelf.close()


def test_rows_in_any_order_find_their_photos(world: World) -> None:
    shelf, rng = shelf_of(world), np.random.default_rng(5)
    kept = {int(label): int(photo) for label, photo in zip(*shelf_ids(shelf), strict=True)}
    for batch in np.split(rng.permutation(np.arange(100, 500)), 40):
        labels = np.sort(batch)
        raw = rng.standard_normal((10, DIMENSION)).astype(np.float16)
        shelf.add(StoredVectors(labels, labels + 10_000, raw))
        kept |= {int(label): int(label) + 10_000 for label in labels}
        gone = rng.choice(labels, 2, replace=False)
        shelf.remove(gone)
        for label in gone.tolist():
            del kept[label]
        assert {int(label): int(photo) for label, photo in zip(*shelf_ids(shelf), strict=True)} == (
            kept
        )
        assert (np.diff(shelf_ids(shelf)[0]) > 0).all()
    assert set(shelf.search(np.ones(DIMENSION, np.float32), 999, None)[0].tolist()) == set(
        kept.values()
    )
    shelf.close()


def shelf_ids(shelf: Shelf) -> tuple[Ids, Ids]:
    shelf.add(StoredVectors(*(np.empty(0, np.int64),) * 2, np.empty((0, DIMENSION), np.float16)))
    return shelf._ids[0], shelf._ids[1]


def test_what_could_not_be_read_is_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rows, real = stored(world), Embeddings.load
    failures: list[Exception] = [StoreError("The library is held."), ZeroDivisionError("a bug")]

    def load(self: Embeddings, key: ModelKey, above: int = 0) -> Iterator[StoredVectors]:
        for number, chunk in enumerate(real(self, key, above)):
            yield chunk
            if failures and number == 0:
                raise failures.pop(0)

    monkeypatch.setattr(Embeddings, "load", load)
    shelf = shelf_of(world)
    shelf._thread.join()
    with pytest.raises(StoreError, match="see the log"):
        shelf.search(unit(rows)[0], 1, None)
    assert "a bug" in caplog.text
    assert "Traceback" in caplog.text
    assert shelf.search(unit(rows)[0], 1, None)[0].tolist() == [rows.photos[0]]
    shelf.close()


def test_a_library_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "library.db").write_bytes(b"no database" * 500)
    shelf = Shelf(tmp_path / "library.db", 4, MODEL.key, tmp_path / "index")
    with pytest.raises(StoreError, match="damaged"):
        shelf.search(np.ones(4, np.float32), 1, None)
    shelf.save()
    shelf.close()
