"""The search model is loaded while photos are read, and what fails then is told later."""

from __future__ import annotations

import threading
from pathlib import Path

from indexing_world import World

from photosearch.engine.requests import LookReply, LookRequest
from photosearch.errors import ModelError
from photosearch.indexing import run


def test_the_model_is_loaded_while_photos_are_read(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "picture")
    loading = threading.Event()
    look, loaded_meanwhile = world.decoder.look, []

    def slow(request: LookRequest) -> LookReply:
        loaded_meanwhile.append(loading.wait(10))
        return look(request)

    world.warm = loading.set
    world.decoder.look = slow  # type: ignore[method-assign]
    world.index()
    assert loaded_meanwhile == [True]
    world.assert_sound()


def test_it_is_not_loaded_where_nothing_waits_or_it_may_yet_be_measured(
    world: World, folder: Path
) -> None:
    calls: list[int] = []
    world.warm = lambda: calls.append(1)
    world.index()
    assert calls == []
    for number in range(run.SLICE + 1):
        world.write(folder / f"{number}.jpg", "text, no picture")
    world.index()
    assert calls == []


def test_what_fails_is_told_by_the_stage_that_needs_it(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "picture")

    def broken() -> None:
        raise ModelError("It cannot be loaded.")

    world.warm = broken
    assert world.index().added == 1
    world.assert_sound()
    assert "warm-model" not in {thread.name for thread in threading.enumerate()}
