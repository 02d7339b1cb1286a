"""The photo grid as a user handles it: mouse, keys, zoom, new photos coming in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from gui.fake_library import FakeLibrary
from PySide6.QtCore import QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QImage, QPalette, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosearch.gui.grid import PhotoGridView, PhotoModel, ThumbLoader
from photosearch.gui.grid.delegate import check_box, heart_box
from photosearch.jobs import Lane, Runner
from photosearch.types import Ids, PhotoFilter, PhotoList

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class Grid:
    """A grid on a library of 600 photos, and what it told."""

    def __init__(self, qtbot: QtBot, runner: Runner, outliving: QObject) -> None:
        self.qtbot = qtbot
        self.library = FakeLibrary(600, months=12)
        executor = runner.executor(Lane.THUMBS)
        self.thumbs = ThumbLoader(executor, self.library.thumbnail, outliving)
        self.model = PhotoModel(self.fetch, self.thumbs)
        self.view = PhotoGridView(self.model)
        qtbot.addWidget(self.view)
        self.told: list[tuple[str, Any]] = []
        self.view.photoActivated.connect(lambda row: self.told.append(("activated", row)))
        self.view.favouriteToggled.connect(
            lambda ids, value: self.told.append(("favourite", (tuple(ids), value)))
        )
        self.view.contextMenuWanted.connect(lambda _p, ids: self.told.append(("menu", list(ids))))
        self.view.resize(1000, 700)
        self.model.set_list(self.library.photos())
        self.view.show()
        qtbot.waitExposed(self.view)
        self.view.setFocus()

    def fetch(self, ids: Any, deliver: Any) -> None:
        deliver(self.library.summaries(ids))

    def click(self, row: int, modifiers: Qt.KeyboardModifier = NONE) -> None:
        middle = self.view.rect_of(row).center()
        self.qtbot.mouseClick(self.view.viewport(), LEFT, modifiers, middle)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        self.qtbot.keyClick(self.view, key, modifiers)

    @property
    def rows(self) -> list[int]:
        return [self.model.row_of(i) for i in self.view.selected_ids().tolist()]

    @property
    def row(self) -> int:
        return self.view.currentIndex().row()

    def without(self, rows: list[int]) -> PhotoList:
        """All photos of the library but some rows, with months of their own."""
        whole = self.library.photos()
        gone = np.asarray(rows)
        marks = tuple(
            type(m)(m.offset - int((gone < m.offset).sum()), m.year, m.month) for m in whole.months
        )
        return PhotoList(np.delete(whole.ids, rows), marks)


@pytest.fixture
def grid(qtbot: QtBot, outliving: QObject) -> Iterator[Grid]:
    runner = Runner()
    made = Grid(qtbot, runner, outliving)
    yield made
    made.thumbs.close()
    assert runner.shutdown(10.0)


def test_clicks_select(grid: Grid) -> None:
    grid.click(3)
    assert grid.rows == [3]
    grid.click(6, SHIFT)
    assert grid.rows == [3, 4, 5, 6]
    grid.click(1, SHIFT)
    assert grid.rows == [1, 2, 3]
    grid.click(8, CTRL)
    assert grid.rows == [1, 2, 3, 8]
    grid.click(2, CTRL)
    assert grid.rows == [1, 3, 8]
    grid.click(4, CTRL | SHIFT)
    assert grid.rows == [1, 2, 3, 4, 8]
    grid.click(2)  # one of several selected: on release it is the only one
    assert grid.rows == [2]


def test_click_beside_photos_deselects(grid: Grid) -> None:
    grid.click(3)
    grid.qtbot.mouseClick(grid.view.viewport(), LEFT, NONE, QPoint(4, 300))
    assert grid.rows == []


def test_check_mark_adds_without_modifier(grid: Grid) -> None:
    grid.click(0)
    mark = check_box(grid.view.rect_of(2)).center().toPoint()
    grid.qtbot.mouseClick(grid.view.viewport(), LEFT, NONE, mark)
    assert grid.rows == [0, 2]
    grid.qtbot.mouseClick(grid.view.viewport(), LEFT, NONE, mark)
    assert grid.rows == [0]


def test_rubber_band(grid: Grid) -> None:
    port = grid.view.viewport()
    start, end = QPoint(4, 30), grid.view.rect_of(1).center()
    grid.qtbot.mousePress(port, LEFT, NONE, start)
    grid.qtbot.mouseMove(port, QPoint(60, 80))
    grid.qtbot.mouseMove(port, end)
    assert grid.view._pointer.band is not None
    assert grid.rows == [0, 1]
    grid.qtbot.mouseRelease(port, LEFT, NONE, end)
    assert grid.view._pointer.band is None
    assert grid.rows == [0, 1]


def test_arrow_keys(grid: Grid) -> None:
    columns = grid.view._geometry.columns
    grid.click(0)
    grid.press(Qt.Key.Key_Right)
    grid.press(Qt.Key.Key_Right)
    assert grid.rows == [2]
    grid.press(Qt.Key.Key_Down)
    assert grid.row == 2 + columns
    grid.press(Qt.Key.Key_Up, SHIFT)
    assert grid.rows == list(range(2, 2 + columns + 1))
    grid.press(Qt.Key.Key_End)
    assert grid.rows == [599]
    assert grid.view.viewport().rect().contains(grid.view.rect_of(599))
    grid.press(Qt.Key.Key_PageUp)
    assert 500 < grid.row < 599
    grid.press(Qt.Key.Key_Home, SHIFT)
    assert grid.row == 0
    assert grid.view.scroll_top() == 0
    grid.press(Qt.Key.Key_Right, CTRL)  # moves without selecting
    assert grid.row == 1
    count = len(grid.rows)
    grid.press(Qt.Key.Key_Space)
    assert len(grid.rows) == count - 1


def test_up_and_down_keep_the_column_over_short_lines(grid: Grid) -> None:
    geometry = grid.view._geometry
    ends = [int(start) - 1 for start in geometry.starts[1:-1]]
    short = next(row for row in ends if geometry.column_of(row) < geometry.columns - 1)
    line = short - geometry.column_of(short) - 1  # last photo of the full line above it
    grid.view.select_ids([grid.model.photo_at(line)])
    grid.press(Qt.Key.Key_Down)
    assert grid.row == short
    grid.press(Qt.Key.Key_Down)
    assert geometry.column_of(grid.row) == geometry.columns - 1


def test_select_all_and_escape(grid: Grid, qtbot: QtBot) -> None:
    with qtbot.waitSignal(grid.view.selectionChangedIds) as signal:
        grid.press(Qt.Key.Key_A, CTRL)
    assert np.array_equal(signal.args[0], grid.model.ids)
    grid.press(Qt.Key.Key_Escape)
    assert grid.rows == []


def test_enter_and_double_click_activate(grid: Grid) -> None:
    grid.click(5)
    grid.press(Qt.Key.Key_Return)
    middle = grid.view.rect_of(7).center()
    grid.qtbot.mouseDClick(grid.view.viewport(), LEFT, NONE, middle)
    assert [t for t in grid.told if t[0] == "activated"] == [("activated", 5), ("activated", 7)]


def test_favourites_by_key_and_by_heart(grid: Grid) -> None:
    ids = [grid.model.photo_at(row) for row in range(4)]
    grid.click(0)
    grid.click(1, SHIFT)
    grid.press(Qt.Key.Key_F)
    assert grid.told[-1] == ("favourite", ((ids[0], ids[1]), True))
    summary = grid.model.summary(ids[0])
    assert summary is not None
    assert summary.favourite
    grid.press(Qt.Key.Key_F)
    assert grid.told[-1] == ("favourite", ((ids[0], ids[1]), False))
    heart = heart_box(grid.view.rect_of(3)).center().toPoint()
    grid.qtbot.mouseClick(grid.view.viewport(), LEFT, NONE, heart)
    assert grid.told[-1] == ("favourite", ((ids[3],), True))
    assert grid.rows == [0, 1]


def test_delete_and_letters_do_nothing(grid: Grid) -> None:
    grid.click(2)
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_X, Qt.Key.Key_I):
        grid.press(key)
    assert grid.rows == [2]
    assert grid.model.rowCount() == 600


def test_context_menu_selects_what_it_is_for(grid: Grid) -> None:
    port = grid.view.viewport()

    def ask(row: int) -> None:
        pos = grid.view.rect_of(row).center()
        reason = QContextMenuEvent.Reason.Mouse
        QApplication.sendEvent(port, QContextMenuEvent(reason, pos, port.mapToGlobal(pos)))

    grid.click(0)
    grid.click(1, CTRL)
    ask(1)
    assert grid.told[-1] == ("menu", [grid.model.photo_at(0), grid.model.photo_at(1)])
    ask(5)
    assert grid.told[-1] == ("menu", [grid.model.photo_at(5)])


def wheel(grid: Grid, notches: int, modifiers: Qt.KeyboardModifier) -> None:
    port = grid.view.viewport()
    pos = QPointF(300, 300)
    buttons, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(
        pos, port.mapToGlobal(pos), QPoint(), QPoint(0, 120 * notches), buttons, modifiers,
        phase, False,
    )  # fmt: skip
    QApplication.sendEvent(port, event)


def test_wheel_scrolls_smoothly_and_zooms_with_ctrl(grid: Grid, qtbot: QtBot) -> None:
    wheel(grid, -3, NONE)
    assert grid.view.scroll_top() < 100
    qtbot.waitUntil(lambda: grid.view.scroll_top() == 330)
    first = grid.view.indexAt(QPoint(40, 150)).row()
    with qtbot.waitSignal(grid.view.tilePxChanged) as signal:
        wheel(grid, 2, CTRL)
    assert signal.args == [208]
    begin, end = grid.view.visible_rows()
    assert begin <= first < end
    grid.view.setTilePx(10_000)
    assert grid.view.tile_px == 320
    grid.view.setTilePx(1)
    assert grid.view.tile_px == 96


def test_thumbnails_of_what_is_in_sight_load(grid: Grid, qtbot: QtBot) -> None:
    def sharp() -> bool:
        first, end = grid.view.visible_rows()
        images = [grid.thumbs.image(grid.model.photo_at(row)) for row in range(first, end)]
        side = round(grid.view._geometry.tile * grid.view.devicePixelRatioF())
        return end > first and all(i is not None and i.width() == side for i in images)

    qtbot.waitUntil(sharp)
    grid.view.resize(777, 600)
    qtbot.waitUntil(sharp)
    grid.view.verticalScrollBar().setValue(5000)
    qtbot.waitUntil(sharp)
    last = grid.model.photo_at(599)
    assert grid.thumbs.image(last) is None


def test_photos_coming_in_leave_the_user_where_they_are(grid: Grid, qtbot: QtBot) -> None:
    whole = grid.library.photos()
    missing = [*range(5, 25), *range(100, 110), 300]
    grid.model.set_list(grid.without(missing), keep_place=False)
    grid.view.select_ids([grid.model.photo_at(400), grid.model.photo_at(402)])
    chosen = grid.view.selected_ids()
    told: list[Ids] = []
    grid.view.selectionChangedIds.connect(told.append)
    grid.view.verticalScrollBar().setValue(grid.view.scroll_top() + 57)
    before = {i: grid.view.rect_of(grid.model.row_of(i)) for i in chosen.tolist()}
    grid.model.set_list(whole)
    assert np.array_equal(grid.view.selected_ids(), chosen)
    tops = {i: grid.view.rect_of(grid.model.row_of(i)).y() for i in chosen.tolist()}
    for photo, rect in before.items():
        assert abs(tops[photo] - rect.y()) <= grid.view._geometry.pitch
    top_row = grid.view.visible_rows()[0]
    anchor = grid.model.photo_at(top_row)
    y = grid.view.rect_of(top_row).y()
    grid.model.set_list(grid.without([1, 2, 3]))
    assert grid.view.rect_of(grid.model.row_of(anchor)).y() == y
    assert np.array_equal(grid.view.selected_ids(), chosen)
    assert not told


def test_at_the_top_new_photos_show(grid: Grid) -> None:
    whole = grid.library.photos()
    grid.model.set_list(grid.without(list(range(10))), keep_place=False)
    grid.model.set_list(whole)
    assert grid.view.scroll_top() == 0
    assert grid.view.visible_rows()[0] == 0


def test_results_streaming_in_keep_the_selection(grid: Grid) -> None:
    ids = grid.library.photos().ids
    grid.model.set_results(ids[:200], keep_place=False)
    photo = grid.model.photo_at(50)
    grid.view.select_ids([photo])
    y = grid.view.rect_of(50).y()
    grid.model.set_results(ids[:300][::-1].copy())  # another order altogether: a reset
    assert grid.view.selected_ids().tolist() == [photo]
    row = grid.model.row_of(photo)
    assert grid.row == row
    assert grid.view.rect_of(row).y() == y
    grid.model.set_results(ids[100:300], keep_place=False)  # another search
    assert grid.rows == []
    assert grid.view.scroll_top() == 0


def test_selected_photos_that_vanish_are_told(grid: Grid, qtbot: QtBot) -> None:
    grid.click(2)
    grid.click(3, CTRL)
    kept = grid.model.photo_at(3)
    with qtbot.waitSignal(grid.view.selectionChangedIds) as signal:
        grid.model.set_list(grid.without([2]))
    assert signal.args[0].tolist() == [kept]
    grid.model.clear()
    assert grid.rows == []
    assert grid.view.visible_rows() == (0, 0)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Return, Qt.Key.Key_F):
        grid.press(key)


def test_sticking_heading_hides_what_is_under_it(grid: Grid) -> None:
    grid.view.verticalScrollBar().setValue(300)
    assert grid.view.row_at(QPoint(60, 20)) == -1
    row = grid.view.row_at(QPoint(60, 120))
    grid.view.scroll_to_row(row)
    assert grid.view.rect_of(row).y() >= 60


def test_colours_follow_the_palette(grid: Grid) -> None:
    grid.click(0)

    def painted(base: str, text: str) -> QImage:
        palette = QPalette(grid.view.palette())
        palette.setColor(QPalette.ColorRole.Base, QColor(base))
        palette.setColor(QPalette.ColorRole.Text, QColor(text))
        grid.view.setPalette(palette)
        return grid.view.viewport().grab().toImage()

    light, dark = painted("#ffffff", "#101010"), painted("#151518", "#eeeeee")
    assert light.pixelColor(3, 300) == QColor("#ffffff")
    assert dark.pixelColor(3, 300) == QColor("#151518")
    assert light.pixelColor(20, 35) != dark.pixelColor(20, 35)


def test_accessible(grid: Grid, qtbot: QtBot) -> None:
    assert grid.view.accessibleName() == "Photos"
    name = grid.library.summaries([grid.model.photo_at(0)])[0].name
    spoken = Qt.ItemDataRole.AccessibleTextRole
    qtbot.waitUntil(lambda: name in grid.model.index(0).data(spoken))


def test_another_place_starts_at_the_top(grid: Grid) -> None:
    grid.view.verticalScrollBar().setValue(3000)
    grid.model.set_list(grid.library.photos(PhotoFilter(dir=b"abc")), keep_place=False)
    assert grid.view.scroll_top() == 0
    assert grid.row == -1
