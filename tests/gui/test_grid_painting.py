"""What the grid paints, looked at pixel by pixel: the sticking heading and the focus ring."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from gui.fake_library import FakeLibrary
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui.grid import PhotoGridView, PhotoModel
from photosearch.gui.grid.geometry import HEADING, MARGIN

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
Key = Qt.Key
FADE_FREE = HEADING - 6  # below it the band fades out
RING = 4  # the ring lies this far around a tile, at most


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[PhotoGridView]:
    """A grid of 600 photos without thumbnails, below a field that can have the keyboard."""
    window = QWidget()
    qtbot.addWidget(window)
    model = PhotoModel(lambda _ids, deliver: deliver(()))
    view = PhotoGridView(model)
    column = QVBoxLayout(window)
    column.addWidget(QLineEdit())
    column.addWidget(view)
    window.resize(1000, 700)
    model.set_list(FakeLibrary(600, months=12).photos())
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    yield view


def grabbed(view: PhotoGridView) -> QImage:
    return view.viewport().grab().toImage()


def colours(image: QImage, area: QRect) -> set[str]:
    """Return the colours in an area that lie well apart."""
    return {
        QColor(image.pixel(x, y)).name()
        for x in range(area.left(), area.right() + 1)
        for y in range(area.top(), area.bottom() + 1)
    }


def near(one: str, other: QColor) -> bool:
    return abs(QColor(one).lightness() - other.lightness()) < 12


def test_the_heading_sticks_while_its_month_is_in_sight(view: PhotoGridView) -> None:
    base, text = view.palette().base().color(), view.palette().text().color()
    words = QRect(MARGIN, 10, 120, 40)
    tile = view.rect_of(0)
    view.verticalScrollBar().setValue(HEADING + tile.height() // 2)
    image = grabbed(view)
    under = view.rect_of(0)
    assert under.top() < 0 < under.bottom(), "a photo lies under the heading"
    beside = QRect(under.left() + under.width() + 60, 5, 60, FADE_FREE - 10)
    assert all(near(colour, base) for colour in colours(image, beside)), "it hides the photos"
    assert any(near(colour, text) for colour in colours(image, words)), "and says the month"
    below = QRect(under.center().x(), HEADING + 20, 2, 2)
    assert not all(near(colour, base) for colour in colours(image, below)), "photos go on below"


def test_the_next_heading_pushes_the_sticking_one_away(view: PhotoGridView) -> None:
    geometry = view.geometry_now()
    second = int(geometry.tops[1])
    bar = view.verticalScrollBar()
    bar.setValue(second - HEADING // 2)
    image = grabbed(view)
    text = view.palette().text().color()
    gap = QRect(MARGIN, HEADING // 2 - 14, 120, 12)  # between the two lines of words
    assert not any(near(colour, text) for colour in colours(image, gap))
    words = QRect(MARGIN, HEADING // 2 + 10, 120, 40)
    assert any(near(colour, text) for colour in colours(image, words))


def ringed(view: PhotoGridView, row: int) -> bool:
    """Whether there is anything but ground beside a tile."""
    box = view.rect_of(row)
    edge = QRect(box.left() - RING, box.center().y(), RING, 1)
    base = view.palette().base().color()
    return not all(near(colour, base) for colour in colours(grabbed(view), edge))


def test_the_ring_shows_only_for_who_uses_the_keyboard(view: PhotoGridView, qtbot: QtBot) -> None:
    view.setFocus()
    assert view.hasFocus()
    assert view.current_row() == -1, "nobody chose a photo either"
    view.make_current(0)
    assert not ringed(view, 0), "nobody pressed a key yet"
    qtbot.keyClick(view, Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert ringed(view, 1)
    middle = view.rect_of(4).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseClick(
        view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, middle
    )
    assert view.current_row() == 4
    assert not ringed(view, 4), "the mouse took over"
    field = view.window().findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setFocus()
    assert not ringed(view, 4)
    view.setFocus(Qt.FocusReason.TabFocusReason)
    assert ringed(view, 4), "the Tab key led here"
