"""The stages of a run: their order, what ends them early, what they leave behind."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from indexing_world import MODEL, World, hash_of

from photosearch.errors import Cancelled
from photosearch.indexing.run import NO_MODEL
from photosearch.store.embeddings import Embeddings
from photosearch.store.files import Files
from photosearch.types import ModelKey, Stage


def test_without_a_model_and_later_with_one(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "picture")
    world.model = None
    report = world.index()
    assert report.added == 1
    assert world.reports[-1].note == NO_MODEL
    assert report.notices == (NO_MODEL,)
    world.model = MODEL
    world.index()
    assert world.decoder.inputs == 1, "made from the thumbnail"
    assert len(world.decoder.looked) == 1
    world.assert_sound()


def test_another_model_does_not_disturb_the_first(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "picture")
    world.index()
    world.engine.rows.clear()
    world.model = replace(MODEL, key=ModelKey("another"))
    world.index()
    world.index()
    assert world.engine.encoded == 2
    assert world.ask("SELECT count(*) FROM embedding") == [(2,)]
    assert len(world.decoder.looked) == 1


def test_inputs_that_looking_did_not_leave_are_made(world: World, folder: Path) -> None:
    world.decoder.gives_pixels = False
    for n in range(7):
        world.write(folder / f"{n}.jpg", f"picture {n}")
    world.index()
    assert world.decoder.inputs == world.engine.encoded == 7


def test_progress_goes_through_the_stages(world: World, folder: Path) -> None:
    for n in range(7):
        world.write(folder / f"{n}.jpg", f"picture {n}")
    report = world.index()
    stages = list(dict.fromkeys(progress.stage for progress in world.reports))
    assert stages == [Stage.SCAN, Stage.LOOK, Stage.EMBED, Stage.SAVE]
    assert any(progress.changed for progress in world.reports)
    assert report.stages["look"]["done"] == report.stages["embed"]["done"] == 7
    assert world.engine.saved == 1


def test_cancelled_between_any_two_steps(world: World, folder: Path) -> None:
    for n in range(9):
        world.write(folder / str(n % 2) / f"{n}.jpg", f"picture {n % 8}")
    for steps in range(1, 30):
        left = iter(range(steps))

        def check() -> None:
            if next(left, None) is None:  # noqa: B023  (used within this turn only)
                raise Cancelled("enough")

        try:
            world.index(check)
            break
        except Cancelled:
            world.assert_sound()
    assert len(world.photos()) == world.engine.encoded == 8
    assert world.ask("SELECT seq FROM sqlite_sequence WHERE name = 'embedding'") == [(8,)]


def test_with_threads_as_with_none(world: World, folder: Path) -> None:
    for n in range(60):
        world.write(folder / f"{n}.jpg", f"picture {n}")
    with ThreadPoolExecutor(4) as pool:
        world.executor = pool
        assert world.index().added == 60
    world.assert_sound()
    assert len(world.engine.photos) == 60


def thumbnails(world: World) -> set[bytes]:
    return set(world.thumbs.keys(b"", 100))


def test_thumbnails_go_with_their_photos(world: World, folder: Path) -> None:
    (here,) = [root.id for root in world.store.folders.roots()]
    world.add(world.folder("elsewhere"))  # so that no run sweeps up what another forgot
    world.write(folder / "a.jpg", "picture")
    world.write(folder / "b.jpg", "other")
    world.index(folders=[here])
    (folder / "b.jpg").unlink()
    world.index(folders=[here])
    assert thumbnails(world) == {hash_of(b"picture")}
    world.write(folder / "a.jpg", "edited")
    world.index(folders=[here])
    assert thumbnails(world) == {hash_of(b"edited")}


def test_a_thumbnail_stays_when_its_picture_goes_from_file_to_file(
    world: World, folder: Path
) -> None:
    world.write(folder / "a.jpg", "one")
    world.write(folder / "b.jpg", "two")
    world.index()
    (folder / "a.jpg").replace(folder / "b.jpg")
    world.write(folder / "a.jpg", "three")
    world.index()
    assert thumbnails(world) == {hash_of(b"one"), hash_of(b"three")}


def test_thumbnails_that_a_kill_left_are_swept_up(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "picture")
    world.thumbs.put_many((bytes([n]) * 20, b"left") for n in range(20))
    world.index([].clear, folders=[])
    assert len(thumbnails(world)) == 20, "only a whole run knows"
    world.index()
    assert thumbnails(world) == {hash_of(b"picture")}


def test_a_run_counts_once_whatever_its_length(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counting walks through the library: once a slice makes a run quadratic."""
    monkeypatch.setattr("photosearch.indexing.run.SLICE", 4)
    counted = 0
    for table in (Files, Embeddings):
        count = table.pending_count

        def counting(*given: Any, count: Callable[..., int] = count) -> int:
            nonlocal counted
            counted += 1
            return count(*given)

        monkeypatch.setattr(table, "pending_count", counting)
    for n in range(40):
        world.write(folder / f"{n}.jpg", f"picture {n}")
    world.index()
    assert counted <= 3
    assert world.engine.encoded == 40
    world.write(folder / "3.jpg", "edited")
    world.index()
    assert world.engine.encoded == 41
    world.assert_sound()
