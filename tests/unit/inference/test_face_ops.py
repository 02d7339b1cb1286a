"""Resizing, suppression, alignment and quality of faces, against plain definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch.inference.face_ops import (
    TEMPLATE,
    Found,
    block_means,
    cell_corners,
    letterboxed,
    overlaps,
    resized,
    similarity,
    suppressed,
    warped,
)
from photosearch.inference.face_quality import HEAD, pose, sharpness

places = st.integers(0, 40)
boxes = st.lists(st.tuples(places, places, st.integers(0, 20), st.integers(0, 20)), max_size=30)


def found_in(rows: list[tuple[int, int, int, int]], seed: int) -> Found:
    corners = np.array(rows, np.float32).reshape(-1, 4)
    corners[:, 2:] += corners[:, :2]
    scores = np.random.default_rng(seed).integers(0, 5, len(corners)).astype(np.float32)
    return Found(corners, np.zeros((len(corners), 5, 2), np.float32), scores)


def share(one: np.ndarray, other: np.ndarray) -> float:
    """Return intersection over union, by counting whole pixels."""
    grids = []
    for left, top, right, bottom in (one, other):
        grid = np.zeros((64, 64), bool)
        grid[int(top) : int(bottom), int(left) : int(right)] = True
        grids.append(grid)
    whole = (grids[0] | grids[1]).sum()
    return float((grids[0] & grids[1]).sum() / whole) if whole else 0.0


@given(boxes, st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_suppression_keeps_the_best_of_what_overlaps(
    rows: list[tuple[int, int, int, int]], seed: int
) -> None:
    found = found_in(rows, seed)
    kept = suppressed(found, 0.4)
    assert (np.diff(kept.scores) <= 0).all()
    expected: list[int] = []
    for row in np.argsort(-found.scores, kind="stable"):
        if all(share(found.boxes[row], found.boxes[other]) <= 0.4 for other in expected):
            expected.append(int(row))
    assert kept.boxes.tolist() == found.boxes[expected].tolist()
    for number in range(len(kept)):
        others = np.delete(kept.boxes, number, axis=0)
        assert (overlaps(kept.boxes[number], others) <= 0.4).all()


@given(st.floats(0.01, 50), st.floats(-180, 180), st.floats(-3000, 3000), st.floats(-3000, 3000))
@settings(max_examples=60, deadline=None)
def test_alignment_undoes_any_similarity(
    scale: float, degrees: float, right: float, down: float
) -> None:
    angle = np.radians(degrees)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = TEMPLATE @ turn.T + [right, down]
    matrix = similarity(points, 112)
    assert matrix is not None
    back = points @ matrix[:, :2].T + matrix[:, 2]
    assert back == pytest.approx(TEMPLATE, abs=1e-3)


@given(st.lists(st.floats(0, 500, width=32), min_size=10, max_size=10))
@settings(max_examples=60, deadline=None)
def test_alignment_is_the_best_similarity(flat: list[float]) -> None:
    points = np.array(flat, np.float32).reshape(5, 2)
    matrix = similarity(points, 112)
    if matrix is None:
        assert points.std(axis=0).max() < 1
        return
    assert matrix[0, 0] == matrix[1, 1]
    assert matrix[0, 1] == -matrix[1, 0]  # a turn: faces are never mirrored

    def error(candidate: np.ndarray) -> float:
        return float(((points @ candidate[:, :2].T + candidate[:, 2] - TEMPLATE) ** 2).sum())

    best = error(matrix)
    for row, column in np.ndindex(2, 3):
        for step in (-1e-3, 1e-3):
            other = matrix.copy()
            other[row, column] += step
            if column < 2:  # stay a similarity
                other[1 - row, 1 - column] += step if row == column else -step
            assert error(other) >= best - 1e-6 * max(1, best)


@pytest.mark.parametrize("points", [np.zeros((5, 2)), np.full((5, 2), np.nan)])
def test_points_that_tell_nothing_are_not_aligned(points: np.ndarray) -> None:
    assert similarity(points.astype(np.float32), 112) is None
    assert pose(points.astype(np.float32)) is None


def test_a_warp_is_black_outside_the_picture() -> None:
    picture = np.full((40, 40, 3), 200, np.uint8)
    shifted = np.array([[1.0, 0, 20], [0, 1, 30]])
    square = warped(picture, shifted, 112)
    assert (square[30:70, 20:60] == 200).all()
    assert square.sum() == picture.sum()
    for away in (1e4, -1e4):
        assert not warped(picture, np.array([[1.0, 0, away], [0, 1, away]]), 112).any()


def test_a_large_face_is_averaged_not_sampled() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1120, 1120, 3), dtype=np.uint8)
    square = warped(noise, np.array([[0.1, 0, 0], [0, 0.1, 0]]), 112)
    assert square[2:-2, 2:-2].std() < 20 < noise.std()
    ramp = np.repeat(np.linspace(0, 255, 1120).astype(np.uint8), 1120).reshape(1120, 1120)
    square = warped(np.stack([ramp] * 3, axis=-1), np.array([[0.1, 0, 0], [0, 0.1, 0]]), 112)
    expected = np.linspace(0, 255, 1120)[::10]
    assert np.abs(square[2:-2, 50, 0] - expected[2:-2]).max() <= 1.5


@pytest.mark.parametrize("factor", [1, 2, 3, 7])
def test_block_means_are_means(factor: int) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (100, 75, 3), dtype=np.uint8)
    height, width = 100 // factor, 75 // factor
    part = picture[: height * factor, : width * factor].astype(float)
    expected = part.reshape(height, factor, width, factor, 3).mean(axis=(1, 3))
    assert np.abs(block_means(picture, factor) - expected).max() <= 0.5


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 5000), (5000, 1), (3000, 2000), (7, 9)])
def test_pictures_of_any_shape_fit_the_detector(height: int, width: int) -> None:
    picture = np.full((height, width, 3), 77, np.uint8)
    canvas, scale = letterboxed(picture, 640, 640)
    assert canvas.shape == (640, 640, 3)
    filled = (canvas == 77).all(axis=2)
    rows, columns = int(filled.any(axis=1).sum()), int(filled.any(axis=0).sum())
    assert filled[:rows, :columns].all()
    assert max(rows, columns) == 640
    assert rows == pytest.approx(height * scale)
    assert (resized(picture, 33, 44) == 77).all()


def test_cells_are_numbered_row_by_row() -> None:
    corners = cell_corners(24, 16, 8, 2)
    assert corners.tolist() == [[x, y] for y in (0, 8) for x in (0, 8, 16) for _ in range(2)]


@pytest.mark.parametrize("yaw", [-40, 0, 25])
@pytest.mark.parametrize("pitch", [-20, 0, 30])
@pytest.mark.parametrize("roll", [-60, 0, 15])
def test_the_pose_of_a_turned_head_is_told(yaw: float, pitch: float, roll: float) -> None:
    a, b, c = np.radians([yaw, pitch, roll])
    # x right, y down, z away: looking right, then down, then leaning clockwise.
    turned = np.array([[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]])
    nodded = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    leaned = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    seen = (HEAD @ (leaned @ nodded @ turned).T)[:, :2] * 3 + 500
    told = pose(seen.astype(np.float32))
    assert told is not None
    assert [told.yaw, told.pitch, told.roll] == pytest.approx([yaw, pitch, roll], abs=1)


def test_the_nose_tells_where_a_face_looks() -> None:
    for shift, sign in ((6, 1), (-6, -1)):
        aside, lower = TEMPLATE.copy(), TEMPLATE.copy()
        aside[2, 0] += shift
        lower[2, 1] += shift
        looking, nodding = pose(aside), pose(lower)
        assert looking is not None
        assert nodding is not None
        assert looking.yaw * sign > 5
        assert nodding.pitch * sign > 5


def test_sharpness_falls_with_blur_and_not_with_light() -> None:
    fine = np.random.default_rng(2).integers(0, 256, (112, 112, 1)).repeat(3, axis=2)
    grades = []
    for passes in (0, 1, 3, 10, 30):
        blurred = fine.astype(np.float32)
        for _ in range(passes):
            around = [np.roll(blurred, step, axis) for axis in (0, 1) for step in (-1, 1)]
            blurred = (4 * blurred + sum(around)) / 8
        grades.append(sharpness(blurred.astype(np.uint8)))
    assert grades == sorted(grades, reverse=True)
    assert grades[0] > 0.9
    assert grades[-1] < 0.5
    assert sharpness((fine / 2 + 20).astype(np.uint8)) == pytest.approx(grades[0], abs=0.02)
    assert sharpness(np.full((112, 112, 3), 90, np.uint8)) is None
