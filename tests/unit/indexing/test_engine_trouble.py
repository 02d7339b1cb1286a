"""An engine that dies, refuses or knows less than the library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from indexing_world import World, hash_of

from photosearch.engine.protocol import PixelBatch
from photosearch.errors import EngineError, ModelError, StoreError
from photosearch.types import ModelKey


def test_a_batch_is_repeated_and_the_deadly_photo_named(world: World, folder: Path) -> None:
    for n in range(6):
        world.write(folder / f"{n}.jpg", f"picture {n}")
    world.engine.deadly = [b"picture 4"]
    (failed,) = world.index().failed
    assert Path(failed.path).name == "4.jpg"
    assert failed.stage == "embed"
    assert world.engine.deaths == 3, "twice with its batch, once alone"
    assert len(world.engine.rows) == 5
    assert world.index().failed == (failed,)
    assert world.engine.deaths == 3


def test_an_engine_that_died_once_costs_nothing(world: World, folder: Path) -> None:
    for n in range(4):
        world.write(folder / f"{n}.jpg", f"picture {n}")
    encode = world.engine.encode
    world.engine.dies_always = True

    def mended(key: ModelKey, batch: object) -> object:
        try:
            return encode(key, batch)  # type: ignore[arg-type]
        finally:
            world.engine.dies_always = False

    world.engine.encode = mended  # type: ignore[method-assign, assignment]
    assert world.index().failed == ()
    assert (world.engine.deaths, len(world.engine.rows)) == (1, 4)


def test_an_engine_that_always_dies_is_not_the_photos_fault(world: World, folder: Path) -> None:
    for n in range(8):
        world.write(folder / f"{n}.jpg", f"picture {n}")
    world.engine.dies_always = True
    report = world.index()
    assert (report.added, report.failed) == (8, ())
    assert any("crashes with every photo" in notice for notice in report.notices)
    assert world.engine.deaths <= 4
    world.engine.dies_always = False
    world.index()
    assert len(world.engine.rows) == 8


def test_a_model_that_cannot_be_used_is_told_of(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "picture")

    def refuse(key: ModelKey, batch: object) -> object:
        raise ModelError("Its graph is broken.")

    world.engine.encode = refuse  # type: ignore[method-assign, assignment]
    report = world.index()
    assert report.added == 1
    assert "Its graph is broken." in report.notices


def test_photos_that_another_program_indexed_are_searchable(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "picture")
    world.index()
    found, world.engine.rows = dict(world.engine.rows), {}  # as in a window open beside it
    world.index()
    assert world.engine.rows == found, "though there was nothing to do"


@pytest.mark.parametrize("error", [EngineError, StoreError])
def test_vectors_that_the_index_refuses_are_in_the_library(
    world: World, folder: Path, error: type[Exception]
) -> None:
    world.write(folder / "a.jpg", "picture")

    def refuse(key: ModelKey, rows: object) -> None:
        raise error("No.")

    world.engine.add = refuse  # type: ignore[method-assign]
    assert world.index().added == 1
    world.assert_sound()


def test_an_index_that_cannot_be_refreshed_ends_no_run(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "picture")

    def refuse(key: ModelKey) -> None:
        raise EngineError("No.")

    world.engine.refresh = refuse  # type: ignore[method-assign]
    assert world.index().added == 1
    assert world.engine.saved == 1


def test_a_photo_that_changed_while_it_was_encoded_waits_for_its_new_vector(
    world: World, folder: Path
) -> None:
    """Another program looked at the edited file meanwhile: the old picture's vector is no good."""
    world.write(folder / "a.jpg", "picture")
    whole, world.decoder.gives_pixels = world.engine.encode, False

    def edited_meanwhile(key: ModelKey, batch: PixelBatch) -> Any:
        with world.store.database.transaction() as db:
            db.execute("UPDATE photo SET hash = ?", (hash_of(b"edited"),))
        world.engine.encode = whole  # type: ignore[method-assign]
        return whole(key, batch)

    world.engine.encode = edited_meanwhile  # type: ignore[method-assign]
    world.thumbs.put_many([(hash_of(b"edited"), b"small edited")])
    world.index()
    assert list(world.photos()) == [hash_of(b"edited")]
    assert world.engine.encoded == 2
    world.assert_sound()
