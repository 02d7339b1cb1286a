"""Two batches in the engine at once: the innocent are not blamed, and nothing made is lost."""

from __future__ import annotations

import itertools
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from indexing_world import World, pixels_of

from photosearch.engine.health import DEATHS
from photosearch.engine.protocol import PixelBatch
from photosearch.errors import (
    Cancelled,
    EngineError,
    ModelError,
    PhotoSearchError,
    RestingError,
    StoreError,
)
from photosearch.store.embeddings import Embeddings
from photosearch.types import ModelKey

WAIT_S = 30


def write(world: World, folder: Path, count: int) -> None:
    for number in range(count):  # three make a batch
        world.write(folder / f"{number:02d}.jpg", f"picture {number}")


def test_the_next_batch_is_in_the_engine_while_one_is_worked_on(world: World, folder: Path) -> None:
    write(world, folder, 9)
    encode, calls = world.engine.encode, itertools.count(1)
    both = threading.Barrier(2, timeout=WAIT_S)

    def together(key: ModelKey, batch: PixelBatch) -> Any:
        if next(calls) > 1:  # the first goes alone
            both.wait()
        return encode(key, batch)

    world.engine.encode = together  # type: ignore[method-assign]
    world.index()
    assert (next(calls), both.broken, len(world.engine.rows)) == (4, False, 9)
    world.assert_sound()


def test_a_batch_that_went_down_with_another_is_not_blamed(world: World, folder: Path) -> None:
    write(world, folder, 9)
    encode, calls = world.engine.encode, itertools.count(1)
    both = threading.Barrier(2, timeout=WAIT_S)

    def dies_of_4(key: ModelKey, batch: PixelBatch) -> Any:
        if next(calls) in (2, 3):  # side by side: one death ends both
            both.wait()
            raise EngineError("dead")
        if any(np.array_equal(row, pixels_of(b"picture 4")) for row in batch):
            raise EngineError("dead")
        return encode(key, batch)

    world.engine.encode = dies_of_4  # type: ignore[method-assign]
    (failed,) = world.index().failed
    assert Path(failed.path).name == "04.jpg"
    assert len(world.engine.rows) == 8
    world.assert_sound()


def test_what_the_engine_made_for_a_stopped_run_is_kept(world: World, folder: Path) -> None:
    write(world, folder, 12)
    encode, stopped = world.engine.encode, threading.Event()

    def stopping(key: ModelKey, batch: PixelBatch) -> Any:
        made = encode(key, batch)
        if world.engine.encoded >= 6:
            stopped.set()
        return made

    def check() -> None:
        if stopped.is_set():
            raise Cancelled("enough")

    world.engine.encode = stopping  # type: ignore[method-assign]
    with pytest.raises(Cancelled):
        world.index(check)
    assert 6 <= world.engine.encoded == len(world.engine.rows) < 12
    world.assert_sound()
    world.engine.encode = encode  # type: ignore[method-assign]
    world.index()
    assert world.engine.encoded == len(world.engine.rows) == 12


@pytest.mark.parametrize("kind", [ModelError, RestingError])
def test_what_the_engine_made_beside_a_batch_that_failed_is_kept(
    world: World, folder: Path, kind: type[PhotoSearchError]
) -> None:
    write(world, folder, 9)
    encode, calls = world.engine.encode, itertools.count(1)
    made = threading.Event()

    def failing(key: ModelKey, batch: PixelBatch) -> Any:
        call = next(calls)
        if call == 2:
            assert made.wait(WAIT_S)
            raise kind("No more of this.")
        done = encode(key, batch)
        if call == 3:
            made.set()
        return done

    world.engine.encode = failing  # type: ignore[method-assign]
    report = world.index()
    assert (report.failed, report.notices) == ((), ("No more of this.",))
    assert world.engine.encoded == len(world.engine.rows) == 6
    world.assert_sound()


def test_an_engine_that_rests_blames_neither_photo_nor_model(world: World, folder: Path) -> None:
    write(world, folder, 3)
    calls = itertools.count(1)

    def dies_then_rests(key: ModelKey, batch: PixelBatch) -> Any:
        if next(calls) <= 3:  # with all of them, once more, and with the first
            raise EngineError("dead")
        raise RestingError("It is left alone for a while.")

    encode = world.engine.encode
    world.engine.encode = dies_then_rests  # type: ignore[method-assign]
    report = world.index()
    assert (report.failed, report.notices) == ((), ("It is left alone for a while.",))
    world.engine.encode = encode  # type: ignore[method-assign]
    world.index()
    assert len(world.engine.rows) == 3


def test_two_deadly_batches_side_by_side_bring_no_engine_to_rest(
    world: World, folder: Path
) -> None:
    write(world, folder, 9)
    world.engine.deadly = [b"picture 3", b"picture 6"]  # the first of the second and third batch
    encode, calls = world.engine.encode, itertools.count(1)
    both = threading.Barrier(2, timeout=WAIT_S)
    answers: list[bool] = []

    def dies(key: ModelKey, batch: PixelBatch) -> Any:
        if next(calls) in (2, 3):
            both.wait()
        try:
            made = encode(key, batch)
        except EngineError:
            answers.append(False)
            raise
        answers.append(True)
        return made

    world.engine.encode = dies  # type: ignore[method-assign]
    assert len(world.index().failed) == 2
    deaths = max(len(list(run)) for answer, run in itertools.groupby(answers) if not answer)
    assert deaths == 4
    assert deaths + 2 < DEATHS, "nor with a query beside them, which is asked twice"


def test_a_run_that_is_stopped_seeks_no_deadly_photos_any_more(world: World, folder: Path) -> None:
    write(world, folder, 3)
    encode, stopped = world.engine.encode, threading.Event()
    world.engine.deadly = [b"picture 2"]

    def stopping(key: ModelKey, batch: PixelBatch) -> Any:
        made = encode(key, batch)
        stopped.set()  # while the photos go one by one
        return made

    def check() -> None:
        if stopped.is_set():
            raise Cancelled("enough")

    world.engine.encode = stopping  # type: ignore[method-assign]
    with pytest.raises(Cancelled):
        world.index(check)
    assert (world.engine.deaths, len(world.engine.rows)) == (2, 1)


def test_what_a_failing_library_cannot_keep_is_told_to_the_log(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write(world, folder, 9)
    encode, calls, write_ = world.engine.encode, itertools.count(1), Embeddings.write
    both = threading.Barrier(2, timeout=WAIT_S)

    def together(key: ModelKey, batch: PixelBatch) -> Any:
        if next(calls) > 1:
            both.wait()
        return encode(key, batch)

    writes = itertools.count(1)

    def full(rows: Embeddings, *given: Any) -> Any:
        if next(writes) > 1:
            raise StoreError("The disk is full.")
        return write_(rows, *given)

    world.engine.encode = together  # type: ignore[method-assign]
    monkeypatch.setattr(Embeddings, "write", full)
    with pytest.raises(StoreError, match="full"):
        world.index()
    assert next(writes) == 3, "nothing more is written"
    assert "3 photos on their way through the engine wait for another run" in caplog.text
