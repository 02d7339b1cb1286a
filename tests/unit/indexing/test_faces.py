"""Faces in a run: found after the vectors, kept, and never the reason that a run ends."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from indexing_world import PACK, World, cancelling, hash_of, never

from photosearch.engine.protocol import Detections, FacePicture
from photosearch.errors import Cancelled, ModelError, StoreError
from photosearch.indexing import run, turns
from photosearch.types import Check, ModelKey, Progress, Report, Stage


@pytest.fixture(autouse=True)
def pack(world: World) -> None:
    world.pack = PACK


def faces(world: World) -> dict[bytes, int]:
    """Return how many faces are stored for each photo that is done."""
    return dict(
        world.ask(
            "SELECT hash, (SELECT count(*) FROM face f JOIN place l ON l.id = f.place"
            " WHERE l.photo = p.id) FROM photo p JOIN done d ON d.photo = p.id"
            " WHERE d.stage = 'faces'"
        )
    )


def shown(world: World) -> int:
    return world.face_thumbs.count()


def test_each_photo_is_searched_once(world: World, folder: Path) -> None:
    for count in range(5):
        world.write(folder / f"{count}.jpg", f"faces {count}")
    report = world.index()
    assert faces(world) == {hash_of(b"faces %d" % count): count for count in range(5)}
    assert report.stages["faces"] | {"seconds": 0} == {"done": 5, "seconds": 0, "found": 10}
    assert shown(world) == 10
    assert "faces" not in world.index().stages
    assert (world.engine.detected, len(world.decoder.decoded)) == (5, 5)
    world.assert_sound()


def test_the_order_is_look_vectors_faces(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "faces 1")
    world.index()
    stages = list(dict.fromkeys(report.stage for report in world.reports))
    assert stages.index(Stage.LOOK) < stages.index(Stage.EMBED) < stages.index(Stage.FACES)


def test_without_a_pack_nothing_is_decoded_twice(world: World, folder: Path) -> None:
    world.pack = None
    world.write(folder / "a.jpg", "faces 1")
    report = world.index()
    assert (report.notices, world.decoder.decoded) == ((), [])
    world.pack = PACK
    world.index()
    assert faces(world) == {hash_of(b"faces 1"): 1}


def test_without_a_search_model_faces_are_found(world: World, folder: Path) -> None:
    world.model = None
    world.write(folder / "a.jpg", "faces 2")
    world.index()
    assert faces(world) == {hash_of(b"faces 2"): 2}


def test_another_pack_looks_again(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "faces 2")
    world.index()
    other = replace(PACK, key=ModelKey("other"))
    detect = world.engine.detect
    world.engine.detect = lambda key, pictures: detect(PACK.key, pictures)  # type: ignore[method-assign]
    world.pack = other
    assert world.index().stages["faces"]["done"] == 1
    world.pack = PACK
    assert "faces" not in world.index().stages, "and what the first one found was kept"


def test_a_folder_can_be_left_out(world: World, folder: Path) -> None:
    (private,) = world.add(world.folder("private"))
    world.write(folder / "a.jpg", "faces 1")
    world.write(world.folder("private") / "b.jpg", "faces 2")
    world.store.folders.set_faces(private, False)
    assert [f.faces for f in world.store.folders.all() if f.id == private] == [False]
    world.index()
    assert faces(world) == {hash_of(b"faces 1"): 1}
    world.store.folders.set_faces(private, True)
    world.index()
    assert len(faces(world)) == 2


def test_a_photo_that_changed_meanwhile_is_left_out_and_looked_at_again(
    world: World, folder: Path
) -> None:
    path = world.write(folder / "a.jpg", "faces 3")
    look = world.decoder.look

    def shrinks(request: object) -> object:
        reply = look(request)  # type: ignore[arg-type]
        world.write(path, "another picture, faces 1")
        return reply

    world.decoder.look = shrinks  # type: ignore[method-assign, assignment]
    report = world.index()
    assert (report.failed, faces(world)) == ((), {})
    world.decoder.look = look  # type: ignore[method-assign]
    world.index()
    assert faces(world) == {hash_of(b"another picture, faces 1"): 1}


def test_a_changed_photo_loses_its_faces_and_their_pictures(world: World, folder: Path) -> None:
    path = world.write(folder / "a.jpg", "faces 3")
    world.index()
    world.write(path, "edited, faces 1")
    world.index()
    assert faces(world) == {hash_of(b"edited, faces 1"): 1}
    keys = world.face_thumbs.keys(b"", 100)
    assert [key[:20] for key in keys] == [hash_of(b"edited, faces 1")]


def test_a_deleted_photo_takes_the_pictures_of_its_faces_with_it(
    world: World, folder: Path
) -> None:
    path = world.write(folder / "a.jpg", "faces 3")
    world.index()
    path.unlink()
    world.index()
    assert shown(world) == 0


def test_pictures_that_a_killed_run_left_are_swept(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "faces 1")
    world.index()
    lost = hash_of(b"lost")
    world.thumbs.put_many([(lost, b"small")])
    world.face_thumbs.put_many([(lost + b"12345678", b"face")])
    world.index()
    assert (world.thumbs.count(), shown(world)) == (1, 1)


def test_a_photo_that_cannot_be_decoded_is_listed(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "faceless")
    world.write(folder / "b.jpg", "faces 1")
    (failed,) = world.index().failed
    assert (Path(failed.path).name, failed.stage) == ("a.jpg", "faces")
    assert failed.reason == "It cannot be decoded large enough."
    assert world.index().failed == (failed,)
    assert len(world.decoder.decoded) == 2, "it is not tried each time"


def test_an_unplugged_drive_is_waited_for(world: World, folder: Path) -> None:
    world.pack = None
    world.write(folder / "a.jpg", "faces 1")
    world.index()
    world.pack = PACK
    away = folder.rename(folder.with_name("away"))
    report = world.index()
    assert (report.failed, faces(world)) == ((), {})
    assert "faces" not in report.stages, "what cannot be reached costs nothing"
    away.rename(folder)
    world.index()
    assert len(faces(world)) == 1


def test_the_deadly_photo_is_named(world: World, folder: Path) -> None:
    for number in range(6):
        world.write(folder / f"{number}.jpg", f"{number} faces 1")
    world.engine.blind = [b"4 faces 1"]
    (failed,) = world.index().failed
    assert (Path(failed.path).name, failed.stage) == ("4.jpg", "faces")
    assert failed.reason == "The face pack crashed on it."
    assert len(faces(world)) == 5
    deaths = world.engine.deaths
    world.index()
    assert world.engine.deaths == deaths


def test_a_pack_that_dies_of_everything_is_told_of_once(world: World, folder: Path) -> None:
    for number in range(9):
        world.write(folder / f"{number}.jpg", f"{number} faces 1")
    world.engine.dies_of_faces = True
    report = world.index()
    (notice,) = report.notices
    assert "The face pack crashes with every photo." in notice
    assert (report.failed, report.added, len(world.engine.rows)) == ((), 9, 9)
    assert world.engine.deaths <= 4
    world.engine.dies_of_faces = False
    world.index()
    assert len(faces(world)) == 9


def test_a_damaged_pack_stops_only_its_own_stage(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "faces 1")

    def refuse(key: ModelKey, pictures: object) -> Detections:
        raise ModelError("Its detector is damaged.")

    world.engine.detect = refuse  # type: ignore[method-assign]
    report = world.index()
    assert report.notices == ("Its detector is damaged.",)
    assert (report.added, len(world.engine.rows)) == (1, 1)


def test_a_missing_pack_is_a_notice(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "faces 1")
    world.pack, world.pack_trouble = None, "Its folder is gone."
    report = world.index()
    assert (report.notices, report.added) == (("Its folder is gone.",), 1)
    assert world.reports[-1].note == "Its folder is gone."


def test_vectors_that_are_no_numbers_are_stored_without_harm(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "faces 2")
    detect = world.engine.detect

    def broken(key: ModelKey, pictures: Sequence[FacePicture]) -> Detections:
        made = detect(key, pictures)
        bad = np.full(4, np.nan, np.float32)
        return Detections(
            tuple(tuple(replace(f, vector=bad) for f in each) for each in made.faces), "bad"
        )

    world.engine.detect = broken  # type: ignore[method-assign]
    world.index()
    assert faces(world) == {hash_of(b"faces 2"): 2}
    number = world.store.faces.find_model(PACK.key)
    assert number is not None
    assert len(world.store.faces.table(number).faces) == 0


def test_a_crowd(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "faces 300")
    assert world.index().stages["faces"]["found"] == 300
    assert shown(world) == 300


@pytest.mark.parametrize("steps", range(1, 12))
def test_a_run_that_is_stopped_is_continued(world: World, folder: Path, steps: int) -> None:
    for number in range(20):
        world.write(folder / f"{number}.jpg", f"{number} faces 2")
    try:
        world.index(cancelling(steps))
    except Cancelled:
        world.index()
    assert faces(world) == {hash_of(b"%d faces 2" % number): 2 for number in range(20)}
    assert 20 <= world.engine.detected < 24, "no more than a batch is done again"
    world.assert_sound()


def test_pictures_of_faces_that_cannot_be_kept_end_no_run(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "faces 2")

    def full(thumbs: object) -> None:
        raise StoreError("The disk is full.")

    world.face_thumbs.put_many = full  # type: ignore[method-assign]
    world.index()
    assert faces(world) == {hash_of(b"faces 2"): 2}


def test_faces_are_grouped_at_the_end_of_a_run(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "faces 2")
    seen: list[int] = []

    def group(report: Report, check: Check) -> None:
        check()
        seen.append(sum(faces(world).values()))
        report(Progress(Stage.GROUP, 2, 2))

    world.group = group
    report = world.index()
    assert seen == [2]
    assert report.stages["group"]["done"] == 2


def test_faces_are_grouped_now_and_then_during_a_long_run(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        world.write(folder / f"{number}.jpg", f"{number} faces {number % 3}")
    monkeypatch.setattr(turns, "_SOON", 1)
    seen: list[int] = []
    world.group = lambda report, check: seen.append(sum(faces(world).values()))
    monkeypatch.setattr(turns, "GROUP_AFTER_S", 0.0)
    monkeypatch.setattr(turns, "_GROUP_SHARE", 0)
    world.index()
    assert seen == [1, 3, 4, 6, 6], "after each chunk that found some, and at the end"
    seen.clear()
    monkeypatch.setattr(turns, "GROUP_AFTER_S", 3600.0)
    world.write(folder / "more.jpg", "more faces 1")
    world.write(folder / "most.jpg", "most faces 1")
    world.index()
    assert seen == [8]


def test_all_photos_can_be_searched_before_the_first_face_is_looked_for(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        world.write(folder / f"{number}.jpg", f"{number} faces 1")
    monkeypatch.setattr(run, "SLICE", 1)
    world.index()
    order = [report.stage for report in world.reports]
    assert order.index(Stage.FACES) > max(n for n, s in enumerate(order) if s is Stage.EMBED)


def test_views_hear_of_faces_when_they_are_grouped(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "faces 2")
    world.group = lambda report, check: None
    world.index()
    told = {report.stage for report in world.reports if report.changed}
    assert told == {Stage.LOOK, Stage.EMBED, Stage.GROUP}


def test_a_grouping_that_fails_ends_no_run(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "faces 2")

    def group(report: Report, check: Check) -> None:
        raise StoreError("No.")

    world.group = group
    assert world.index(never).added == 1


def test_a_new_sidecar_makes_its_photo_be_looked_at_again(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "faces 1")
    world.write(folder / "b.jpg", "faces 2")
    world.index()
    beside = folder / "a.jpg.xmp"
    for change in (lambda: world.write(beside, "one"), lambda: world.write(beside, "two")):
        change()
        world.decoder.looked.clear()
        report = world.index()
        assert world.decoder.looked == [os.fsencode(folder / "a.jpg")]
        assert (report.added, report.updated, report.unchanged) == (0, 0, 2)
    beside.unlink()
    assert world.index().unchanged == 2
    assert len(world.decoder.looked) == 2
    world.index()
    assert len(world.decoder.looked) == 2, "and an unchanged library opens no file"
    assert world.engine.detected == 2
