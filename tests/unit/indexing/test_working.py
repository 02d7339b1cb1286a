"""Two batches in the engine at once: the innocent are not blamed, and nothing made is lost."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from indexing_world import World, pixels_of

from photosearch.engine.protocol import PixelBatch
from photosearch.errors import Cancelled, EngineError
from photosearch.types import ModelKey

WAIT_S = 30


def write(world: World, folder: Path, count: int) -> None:
    for number in range(count):  # three make a batch
        world.write(folder / f"{number:02d}.jpg", f"picture {number}")


def test_the_next_batch_is_in_the_engine_while_one_is_worked_on(world: World, folder: Path) -> None:
    write(world, folder, 9)
    encode, calls = world.engine.encode, 0
    both = threading.Barrier(2, timeout=WAIT_S)

    def together(key: ModelKey, batch: PixelBatch) -> Any:
        nonlocal calls
        calls += 1
        if calls > 1:  # the first goes alone
            both.wait()
        return encode(key, batch)

    world.engine.encode = together  # type: ignore[method-assign]
    world.index()
    assert (calls, both.broken, len(world.engine.rows)) == (3, False, 9)
    world.assert_sound()


def test_a_batch_that_went_down_with_another_is_not_blamed(world: World, folder: Path) -> None:
    write(world, folder, 9)
    encode, calls = world.engine.encode, 0
    both = threading.Barrier(2, timeout=WAIT_S)

    def dies_of_4(key: ModelKey, batch: PixelBatch) -> Any:
        nonlocal calls
        calls += 1
        if calls in (2, 3):  # side by side: one death ends both
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
