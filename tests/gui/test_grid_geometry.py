"""Where tiles lie: against a plain reckoning, for many shapes of library."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt

from photosearch.gui.grid import keys
from photosearch.gui.grid.geometry import MARGIN, Geometry, lay_out
from photosearch.gui.grid.rows import RowLookup, row_runs, steps_between
from photosearch.types import MonthMark


def marks(*offsets: int) -> tuple[MonthMark, ...]:
    return tuple(MonthMark(o, 2024 - i // 12, 12 - i % 12) for i, o in enumerate(offsets))


@st.composite
def geometries(draw: st.DrawFn) -> Geometry:
    count = draw(st.integers(1, 300))
    offsets = draw(st.sets(st.integers(1, 400), max_size=12))
    months = marks(0, *sorted(offsets)) if draw(st.booleans()) else ()
    return lay_out(count, months, draw(st.integers(1, 2000)), draw(st.integers(96, 320)))


@given(geometries())
def test_every_tile_is_found_where_it_lies(geometry: Geometry) -> None:
    for row in range(geometry.count):
        box = geometry.box(row)
        assert geometry.row_at(box.x, box.y) == row
        assert geometry.row_at(box.x + box.width - 1, box.y + box.height - 1) == row
        assert geometry.row_at(box.x, box.y - 1) != row
        assert geometry.row_at(box.x + box.width, box.y) != row
        assert 0 <= box.y < box.y + box.height <= geometry.height - MARGIN
        assert geometry.column_x(geometry.column_of(row)) == box.x


@given(geometries(), st.integers(0, 5000), st.integers(1, 1500))
def test_rows_between_are_those_that_touch(geometry: Geometry, top: int, height: int) -> None:
    first, end = geometry.rows_between(top, top + height)
    boxes = [geometry.box(row) for row in range(geometry.count)]
    touching = [r for r, b in enumerate(boxes) if b.y < top + height and b.y + b.height > top]
    assert list(range(first, end)) == touching


@given(geometries(), st.tuples(*[st.integers(-50, 2500)] * 4))
def test_band_touches_what_it_overlaps(geometry: Geometry, corners: tuple[int, ...]) -> None:
    x0, x1 = sorted(corners[:2])
    y0, y1 = sorted(corners[2:])
    x1, y1 = x1 + 1, y1 + 1  # a band has at least one pixel
    found = [r for a, b in geometry.rows_in(x0, y0, x1, y1) for r in range(a, b)]
    expected = []
    for row in range(geometry.count):
        box = geometry.box(row)
        across = box.x < x1 and box.x + box.width > x0
        if across and box.y < y1 and box.y + box.height > y0:
            expected.append(row)
    assert found == expected


@given(geometries())
def test_the_grid_is_flush_on_both_sides(geometry: Geometry) -> None:
    assert geometry.column_x(0) == MARGIN
    if geometry.columns > 1 and geometry.width > 2 * MARGIN + 96:
        assert geometry.column_x(geometry.columns - 1) + geometry.tile == geometry.width - MARGIN


@given(geometries(), st.data())
def test_down_then_up_comes_back(geometry: Geometry, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, geometry.count - 1))
    column = geometry.column_of(row)
    below = geometry.row_below(row, column)
    if below == row:
        assert geometry.box(row).y == geometry.box(geometry.count - 1).y
    else:
        assert geometry.box(below).y > geometry.box(row).y
        assert geometry.row_above(below, column) == row


@pytest.mark.parametrize("key", sorted(keys.MOVES))
def test_keys_stay_inside_and_move_their_way(key: Qt.Key) -> None:
    geometry = lay_out(250, marks(0, 3, 90, 91, 92, 200), 1000, 176)
    forward = {Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_PageDown}
    for row in range(250):
        target = keys.target(geometry, row, key, geometry.column_of(row), 600)
        assert 0 <= target < 250
        assert target >= row if key in forward else target <= row
        if 100 < row < 150:
            assert target != row


def test_an_empty_grid_has_no_rows() -> None:
    geometry = lay_out(0, (), 800, 176)
    assert geometry.rows_between(0, 10_000) == (0, 0)
    assert geometry.row_at(50, 50) == -1
    assert keys.target(geometry, -1, Qt.Key.Key_End, 0, 100) == -1


@given(st.lists(st.integers(0, 60), unique=True), st.lists(st.integers(0, 60), unique=True))
def test_steps_make_one_list_into_the_other(old: list[int], new: list[int]) -> None:
    ids = np.asarray(old, np.int64)
    steps = steps_between(ids, np.asarray(new, np.int64))
    stay = [i for i in old if i in new]
    if steps is None:
        assert not stay or stay != [i for i in new if i in old]
        return
    for step in steps:
        if step.ids is None:
            ids = np.delete(ids, slice(step.first, step.end))
        else:
            assert step.end - step.first == len(step.ids)
            ids = np.insert(ids, step.first, step.ids)
    assert ids.tolist() == new


@pytest.mark.parametrize("scale", [1, 1 << 33])
def test_lookup_finds_rows_of_dense_and_scattered_ids(scale: int) -> None:
    rng = np.random.default_rng(7)
    ids = (rng.permutation(5000) * scale).astype(np.int64)
    lookup = RowLookup(ids)
    assert lookup.rows(ids).tolist() == list(range(5000))
    absent = np.asarray([-1, 5000 * scale, scale * 5000 + 12345], np.int64)
    assert lookup.rows(absent).tolist() == [-1, -1, -1]


def test_rows_as_runs() -> None:
    assert row_runs([7, 3, 4, 5, 9, 8]) == [(3, 6), (7, 10)]
    assert row_runs([]) == []
