"""Faces as found: what waits, what is written, and what grouping reads of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields

import numpy as np
import pytest
from face_world import DIMENSION, FaceWorld, face, vector_of

from photosearch.store import Store
from photosearch.store.embeddings import PendingPhoto
from photosearch.store.face_table import FaceTable
from photosearch.store.faces import Faces
from photosearch.store.files import DiskChanges
from photosearch.types import Box, FaceId, ModelKey, PhotoId

LEFT = Box(0.1, 0.2, 0.2, 0.3)
RIGHT = Box(0.6, 0.25, 0.2, 0.3)


@pytest.fixture
def faces(store: Store) -> FaceWorld:
    return FaceWorld(store)


def test_photos_wait_until_written(faces: FaceWorld) -> None:
    one, two = faces.look("a.jpg", "a"), faces.look("b.jpg", "b")
    of = faces.store.faces
    assert [p.id for p in of.pending(faces.model, PhotoId(0), 9)] == [one, two]
    assert [p.id for p in of.pending(faces.model, one, 9)] == [two]
    assert [p.id for p in of.pending_among(faces.model, [two, 99, one])] == [two, one]
    assert faces.detect(one, []) == ()
    faces.store.failures.add(two, "faces", "bad")
    assert of.pending_count(faces.model) == 0
    assert of.pending(faces.model, PhotoId(0), 9) == ()
    other = of.model_id(ModelKey("other"), "other", 4)
    assert (of.find_model(ModelKey("other")), of.find_model(ModelKey("new"))) == (other, None)
    assert [p.id for p in of.pending(other, PhotoId(0), 9)] == [one]


def test_a_folder_without_faces(faces: FaceWorld) -> None:
    (a,) = faces.photo_with("a.jpg", 1)
    elsewhere = faces.store.folders.add(b"/other", single_file=False, volume="")
    b = faces.look("b.jpg", "b", folder=elsewhere)
    with faces.store.database.transaction() as db:
        db.execute("UPDATE folder SET faces = 0")
    assert faces.store.faces.pending_count(faces.model) == 0
    assert len(faces.store.faces.table(faces.model).faces) == 0
    with faces.store.database.transaction() as db:
        db.execute("UPDATE folder SET faces = 1 WHERE id = ?", (elsewhere,))
    assert [p.id for p in faces.store.faces.pending(faces.model, PhotoId(0), 9)] == [b]
    faces.detect(b, [face(LEFT)])
    table = faces.store.faces.table(faces.model)
    assert table.photos.tolist() == [b]
    assert a not in table.faces


def test_a_photo_that_changed_meanwhile_is_left_out(faces: FaceWorld) -> None:
    photo = faces.look("a.jpg", "a")
    stale = PendingPhoto(photo, b"former")
    good = PendingPhoto(photo, b"a")
    write = faces.store.faces.write_many
    assert write(faces.model, "cpu", [(stale, [face(LEFT)])]) == (None,)
    (written, again) = write(faces.model, "cpu", [(good, [face(LEFT)]), (good, [])])
    assert written is not None
    assert again is None, "another program was faster"
    assert faces.store.faces.count(faces.model) == 1


def test_the_table(faces: FaceWorld) -> None:
    photo = faces.look("a.jpg", "a", date="2020-02-03T10:00:00")
    bad = np.full(DIMENSION, np.nan, np.float32)
    found = [
        face(LEFT, 1, sharpness=0.5, yaw=10.0, pitch=-5.0, score=0.75, size_px=33.0),
        face(RIGHT, 2, sharpness=math.nan),
        face(Box(0.8, 0.8, 0.1, 0.1), vector=bad),
        face(Box(0.0, 0.8, 0.1, 0.1), vector=np.zeros(DIMENSION, np.float32)),
        face(Box(0.4, 0.8, 0.1, 0.1), vector=np.ones(DIMENSION + 1, np.float32)),
    ]
    places = faces.detect(photo, found)
    undated = faces.look("b.jpg", "b")
    faces.detect(undated, [face(LEFT, 3)])
    table = faces.store.faces.table(faces.model)
    assert len(places) == 5, "all are kept, but what says nothing does not count"
    assert table.faces.tolist()[:2] == list(places[:2])
    assert table.photos.tolist() == [photo, photo, undated]
    assert table.vectors.dtype == np.float16
    np.testing.assert_allclose(table.vectors[1], vector_of(2), atol=1e-3)
    assert (table.score[0], table.sharpness[0], table.size_px[0]) == (0.75, 0.5, 33.0)
    assert (table.yaw[0], table.pitch[0]) == (10.0, -5.0)
    assert np.isnan(table.sharpness[1:]).all()
    assert np.isnan(table.yaw[1:]).all()
    assert table.days[0] == 737458
    assert math.isnan(table.days[2])
    assert not any(
        array.flags.writeable for array in (table.faces, table.vectors, table.days, table.yaw)
    )
    assert len(faces.store.faces.table(99).faces) == 0


def test_a_table_read_again_is_as_if_read_for_the_first_time(faces: FaceWorld) -> None:
    other = faces.store.folders.add(b"/other", single_file=False, volume="")
    a, b, c = (faces.look(f"{name}.jpg", name) for name in "abc")
    d = faces.look("d.jpg", "d", folder=other)

    def empty_trash() -> None:
        entry = faces.store.files.in_dir(faces.folder, b"")[b"a.jpg"]
        faces.store.files.apply(DiskChanges(faces.folder, gone=[entry.id]))

    def turn() -> None:
        faces.detect(faces.look("b.jpg", "b turned"), [face(RIGHT, 2)])

    steps: list[Callable[[], object]] = [
        lambda: faces.detect(b, [face(LEFT, 2), face(RIGHT, 3)]),
        lambda: faces.detect(d, [face(LEFT, 4)]),
        lambda: faces.detect(a, [face(LEFT, 1)]),
        lambda: faces.look("b.jpg", "b", date="2020-02-03T10:00:00"),
        lambda: faces.store.folders.set_faces(other, False),
        lambda: faces.store.folders.set_faces(other, True),
        lambda: faces.own({FaceId(1): 7}),
        turn,
        empty_trash,
        lambda: faces.detect(c, [face(LEFT, 5), face(RIGHT, vector=np.zeros(DIMENSION))]),
        lambda: faces.store.folders.remove(other),
    ]
    counts = []
    for step in steps:
        step()
        again = faces.store.faces.table(faces.model)
        first = Faces(faces.store.database).table(faces.model)
        for column in fields(FaceTable):
            one, two = getattr(again, column.name), getattr(first, column.name)
            np.testing.assert_array_equal(one, two, err_msg=column.name)
        assert again.faces.tolist() == sorted(again.faces.tolist())
        counts.append(len(again.faces))
    assert counts == [2, 3, 4, 4, 3, 4, 4, 3, 2, 3, 2]


def test_crop_source(faces: FaceWorld) -> None:
    photo = faces.look("a.jpg", "a")
    (place,) = faces.detect(photo, [face(LEFT)])
    assert faces.store.faces.crop_source(place) == (photo, b"a", LEFT)
    assert faces.store.faces.crop_source(FaceId(99)) is None


# --- membership ---


def test_membership_as_grouping_writes_it(faces: FaceWorld) -> None:
    a, b = faces.photo_with("a.jpg", 1, 2)
    (c,) = faces.photo_with("c.jpg", 1)
    people = faces.store.people
    first = people.next_owner(2)
    assert people.next_owner() == first + 2, "numbers are never given twice"
    faces.own({c: first, a: first, b: first + 1}, doubt=0.25)
    table = faces.store.faces.table(faces.model)
    assert people.owners(table).tolist() == [first, first + 1, first]
    assert people.doubts(table).tolist() == [0.25] * 3
    faces.own({b: 0, FaceId(999): first})
    assert faces.owners() == {a: first, c: first}
    faces.own({c: first}, whole=True)
    assert faces.owners() == {c: first}
    said = people.said(table)
    assert (said.person.tolist(), said.rejected.shape, said.born) == ([0] * 3, (0, 2), {})
    assert not said.no_face.any()
