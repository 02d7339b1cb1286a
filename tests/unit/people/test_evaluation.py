"""The figures against examples worked out by hand, and which face of a photo is the labelled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from face_world import FaceWorld, face

from photosearch.errors import UsageError
from photosearch.people.evaluation import compare, evaluate
from photosearch.store import Store
from photosearch.types import Box


def figures(labels: list[int], owners: list[int]) -> tuple[float, ...]:
    found = compare(np.array(labels), np.array(owners))
    return (
        found.bcubed_precision,
        found.bcubed_recall,
        found.bcubed_f1,
        found.pairwise_f1,
        found.assigned,
        found.faces,
    )


def test_perfect_groups_have_figures_of_one() -> None:
    assert figures([1, 1, 2, 2, 3], [7, 7, 9, 9, 4]) == (1, 1, 1, 1, 5, 5)


def test_a_wrong_merge_costs_precision() -> None:
    # all four in one group: each has 2 of 4 right; 2 of the 6 pairs are right
    precision, recall, f1, pairwise, *_ = figures([1, 1, 2, 2], [5, 5, 5, 5])
    assert (precision, recall) == (0.5, 1.0)
    assert f1 == pytest.approx(2 / 3)
    assert pairwise == pytest.approx(2 * (1 / 3) / (4 / 3))


def test_unassigned_faces_are_each_a_group_of_their_own() -> None:
    # person 1: two together, one alone: recall 2/3, 2/3, 1/3; person 2 alone and right
    precision, recall, _, pairwise, assigned, faces = figures([1, 1, 1, 2], [5, 5, 0, 0])
    assert (precision, assigned, faces) == (1.0, 2, 4)
    assert recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)
    assert pairwise == pytest.approx(2 * (1 / 3) / (4 / 3))


def test_the_example_of_the_b_cubed_paper() -> None:
    # Amigo et al. 2009, figure 3: 14 things in three groups of 5, 4 and 5
    labels = [1, 1, 1, 1, 2, 3, 3, 3, 3, 2, 2, 2, 4, 5]
    owners = [1] * 5 + [2] * 4 + [3] * 5
    precision, recall, *_ = figures(labels, owners)
    assert precision == pytest.approx((4 * 4 / 5 + 1 / 5 + 4 + 3 * 3 / 5 + 1 / 5 + 1 / 5) / 14)
    assert recall == pytest.approx((4 + 1 / 4 + 4 + 3 * 3 / 4 + 1 + 1) / 14)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[FaceWorld]:
    store = Store.open(tmp_path / "library.db")
    yield FaceWorld(store)
    store.close()


def labels_file(tmp_path: Path, entries: object) -> str:
    file = tmp_path / "labels.json"
    file.write_text(json.dumps(entries), encoding="utf-8")
    return str(file)


def relative(tmp_path: Path, name: str) -> str:
    up = "/".join([".."] * (len(tmp_path.parts) - 1))
    return f"{up}/photos/{name}"


def test_the_labelled_face_is_the_one_nearest_the_centre(world: FaceWorld, tmp_path: Path) -> None:
    owner = world.store.people.next_owner(2)
    for name in ("a.jpg", "b.jpg"):
        photo = world.look(name, name)
        corner, middle = world.detect(
            photo, [face(Box(0.0, 0.0, 0.2, 0.2), 1), face(Box(0.4, 0.4, 0.2, 0.2), 2)]
        )
        world.own({corner: owner + (name == "b.jpg"), middle: owner + (name == "a.jpg")})
    found = evaluate(
        world.store,
        world.model,
        labels_file(
            tmp_path,
            [{"file": relative(tmp_path, n), "person": "x"} for n in ("a.jpg", "b.jpg")],
        ),
    )
    assert (found.faces, found.assigned, found.bcubed_recall) == (2, 2, 0.5)


def test_photos_without_a_face_or_not_in_the_library_count_as_unassigned(
    world: FaceWorld, tmp_path: Path
) -> None:
    faces = [world.photo_with(name, 1)[0] for name in ("a.jpg", "b.jpg")]
    world.group(*faces)
    world.photo_with("none.jpg")
    names = ("a.jpg", "b.jpg", "none.jpg", "elsewhere.jpg")
    entries = [{"file": relative(tmp_path, name), "person": 1} for name in names]
    found = evaluate(world.store, world.model, labels_file(tmp_path, entries))
    assert (found.faces, found.assigned) == (4, 2)
    assert found.bcubed_precision == 1.0
    assert found.bcubed_recall == pytest.approx((2 / 4 + 2 / 4 + 1 / 4 + 1 / 4) / 4)


@pytest.mark.parametrize("content", ["", "{}", "[]", '[{"file": 1}]', '["a.jpg"]'])
def test_what_is_no_list_of_labels_is_said_to_be_none(
    world: FaceWorld, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "labels.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=r"labels\.json"):
        evaluate(world.store, world.model, str(file))


def test_labels_that_are_not_there_are_named(world: FaceWorld, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="gone"):
        evaluate(world.store, world.model, str(tmp_path / "gone.json"))
