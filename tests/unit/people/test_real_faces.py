"""Grouping of real faces: the test photos, seen by the stand-in face pack.

One look at all photos serves all tests: detection is nearly all of the time.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from photosearch.inference.faces import open_face_analyser
from photosearch.people.calibration import STAND_IN, guessed, measure, thresholds
from photosearch.people.evaluation import compare
from photosearch.people.extending import extend
from photosearch.people.grouping import Grouping, group
from photosearch.people.quality import strong
from photosearch.people.tables import rows_of, said_of, unit_vectors
from photosearch.store.face_table import FaceTable, Said
from photosearch.types import DetectedFace, Evaluation, Ids

pytestmark = pytest.mark.slow
STRICTNESSES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class Seen:
    """All faces of a folder, and which row is the labelled face of each photo."""

    table: FaceTable
    labelled: Ids
    people: Ids
    photos: int

    def grouped(self, strictness: float = 0.5) -> Grouping:
        return group(
            self.table, nothing(self.table), strictness=strictness, before=STAND_IN, check=go_on
        )

    def figures(self, owner: Ids) -> Evaluation:
        return compare(self.people, owner[self.labelled])


def go_on() -> None:
    """Let the grouping go on."""


def nothing(table: FaceTable) -> Said:
    count = len(table.faces)
    return Said(
        np.zeros(count, np.int64), np.empty((0, 2), np.int64), np.zeros(count, np.bool_), {}
    )


def see(folder: Path, analyse: Callable[[Path], tuple[DetectedFace, ...]]) -> Seen:
    labels = {
        entry["file"]: entry["person"]
        for entry in json.loads((folder / "identities.json").read_text(encoding="utf-8"))
    }
    rows: list[tuple[int, DetectedFace]] = []
    labelled: list[int] = []
    people: list[str] = []
    files = sorted(path for path in (folder / "images").rglob("*") if path.is_file())
    for photo, path in enumerate(files, 1):
        faces = analyse(path)
        person = labels.get(path.relative_to(folder).as_posix())
        if person is not None and faces:
            labelled.append(len(rows) + int(np.argmin([from_middle(one) for one in faces])))
            people.append(person)
        rows += [(photo, one) for one in faces]
    return Seen(
        table_of(rows),
        np.array(labelled),
        np.unique(np.array(people), return_inverse=True)[1],
        len(files),
    )


def from_middle(face: DetectedFace) -> float:
    box = face.box
    return float(np.hypot(box.x + box.width / 2 - 0.5, box.y + box.height / 2 - 0.5))


def table_of(rows: list[tuple[int, DetectedFace]]) -> FaceTable:
    def column(name: str) -> np.ndarray:
        values = [getattr(face, name) for _, face in rows]
        return np.array([np.nan if value is None else value for value in values], np.float32)

    return FaceTable(
        faces=np.arange(1, len(rows) + 1),
        photos=np.array([photo for photo, _ in rows]),
        vectors=np.array([face.vector for _, face in rows], np.float16),
        score=column("score"),
        sharpness=column("sharpness"),
        size_px=column("size_px"),
        yaw=column("yaw"),
        pitch=column("pitch"),
        days=np.full(len(rows), np.nan, np.float32),
    )


@pytest.fixture(scope="module")
def analyse(models: Path) -> Callable[[Path], tuple[DetectedFace, ...]]:
    analyser = open_face_analyser(models / "standin-faces")

    def faces(path: Path) -> tuple[DetectedFace, ...]:
        with Image.open(path) as picture:
            upright = ImageOps.exif_transpose(picture).convert("RGB")
        return analyser.analyse(np.asarray(upright))

    return faces


@pytest.fixture(scope="module")
def people(photos: Path, analyse: Callable[[Path], tuple[DetectedFace, ...]]) -> Seen:
    return see(photos / "people", analyse)


@pytest.fixture(scope="module")
def groups(photos: Path, analyse: Callable[[Path], tuple[DetectedFace, ...]]) -> Seen:
    return see(photos / "groups", analyse)


def test_people_are_told_apart_and_nobody_is_mixed(people: Seen) -> None:
    assert len(people.labelled) == people.photos == 140
    found = people.figures(people.grouped().owner)
    assert found.bcubed_f1 >= 0.98
    assert found.bcubed_precision == 1.0


@pytest.mark.parametrize("strictness", [0.0, 0.25, 0.75, 1.0])
def test_the_ends_of_the_slider_are_of_use(people: Seen, strictness: float) -> None:
    found = people.figures(people.grouped(strictness).owner)
    assert found.bcubed_precision >= 0.95, "loose, but hardly anybody is mixed"
    assert found.bcubed_recall >= 0.9, "strict, but nobody is in pieces"


def test_nobody_is_on_a_group_photo_twice(groups: Seen) -> None:
    for strictness in STRICTNESSES:
        owner = groups.grouped(strictness).owner
        kept = owner != 0
        pairs = np.stack([groups.table.photos[kept], owner[kept]])
        assert len(np.unique(pairs, axis=1).T) == np.count_nonzero(kept)
    assert groups.figures(groups.grouped().owner).bcubed_f1 >= 0.95


def test_stricter_never_gives_fewer_groups(people: Seen) -> None:
    counts = []
    for strictness in STRICTNESSES:
        owner = people.grouped(strictness).owner
        counts.append(len(np.unique(owner[owner != 0])) + np.count_nonzero(owner == 0))
    assert counts == sorted(counts)


@pytest.mark.parametrize("strictness", [0.0, 0.5])
def test_a_face_taken_from_its_person_is_given_to_nobody_else(
    people: Seen, strictness: float
) -> None:
    """Everybody has a name; one face at a time is said not to be who it is."""
    given = nothing(people.table).person.copy()
    given[people.labelled] = people.people + 1
    for row, who in zip(people.labelled.tolist(), given[people.labelled].tolist(), strict=True):
        person = given.copy()
        person[row] = 0
        said = Said(person, np.array([[row, who]]), np.zeros(len(given), np.bool_), {})
        found = group(people.table, said, strictness=strictness, before=STAND_IN, check=go_on)
        assert found.owner[row] == 0, row


def test_faces_taken_from_a_wrong_person_go_back_to_their_own(people: Seen) -> None:
    """Three faces of each have the right name; the rest was said to be somebody else, wrongly."""
    for who in range(int(people.people.max()) + 1):
        person = nothing(people.table).person.copy()
        person[people.labelled] = people.people + 1
        wrong = people.labelled[people.people == who][3:]
        person[wrong] = 0
        other = (who + 1) % (int(people.people.max()) + 1) + 1
        rejected = np.stack([wrong, np.full(len(wrong), other)], axis=1)
        said = Said(person, rejected, np.zeros(len(person), np.bool_), {})
        found = group(people.table, said, strictness=0.5, before=STAND_IN, check=go_on)
        assert (found.owner[wrong] == who + 1).all()


def test_most_real_faces_are_good_enough_to_found_a_person(people: Seen, groups: Seen) -> None:
    assert strong(people.table)[people.labelled].mean() > 0.95
    assert strong(groups.table).mean() > 0.6


def test_an_unknown_recogniser_is_measured_in_the_library_itself(people: Seen) -> None:
    vectors, _ = unit_vectors(people.table.vectors)
    unknown = measure(vectors, people.table.photos, guessed(vectors.shape[1]))
    assert unknown.mean == pytest.approx(0.03, abs=0.02)
    assert unknown.deviation == pytest.approx(0.10, abs=0.02)
    found = group(
        people.table, nothing(people.table), strictness=0.5, before=guessed(128), check=go_on
    )
    assert people.figures(found.owner).bcubed_f1 >= 0.98


@pytest.mark.parametrize("seed", range(3))
def test_faces_that_come_in_any_order_end_alike(people: Seen, seed: int) -> None:
    count = len(people.table.faces)
    order = np.random.default_rng(seed).permutation(count)
    table = rows_of(people.table, order)
    said = nothing(table)
    owner = np.zeros(count, np.int64)
    limits = None
    for start in range(0, count, 30):
        here = np.arange(min(start + 30, count))
        part, told = rows_of(table, here), said_of(said, here)
        if limits is None:
            found = group(part, told, strictness=0.5, before=STAND_IN, check=go_on)
            limits = thresholds(found.strangers, count, 0.5)
        else:
            new = here[start:]
            found = extend(part, told, owner[here], new, limits=limits, check=go_on)
        fresh = found.owner < 0
        owner[here] = np.where(fresh, int(owner.max()) - found.owner, found.owner)
    whole = apart(people.grouped().owner[order])
    assert compare(whole, owner).bcubed_f1 >= 0.98
    again = group(table, said, strictness=0.5, before=STAND_IN, check=go_on)
    assert compare(whole, again.owner).bcubed_f1 == 1.0


def apart(owner: Ids) -> Ids:
    """Return owners as labels: each unsorted face is somebody else."""
    labels = owner.copy()
    alone = np.flatnonzero(owner == 0)
    labels[alone] = owner.max() + 1 + np.arange(len(alone))
    return labels
