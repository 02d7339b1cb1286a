"""What lies on tiles is painted once and copied: it must look as if it were painted each time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gui.fake_library import FakeLibrary, paint
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QImage, QPainter, QPalette
from pytestqt.qtbot import QtBot

from photosearch.gui.grid import PhotoGridView, PhotoModel
from photosearch.gui.grid.delegate import Tile, TileDelegate
from photosearch.gui.grid.overlays import KEPT, Overlays
from photosearch.types import PhotoId

SIDE = 120
LOOKS: dict[str, dict[str, Any]] = {
    "missing": {},
    "broken": {"failed": True},
    "favourite": {"favourite": True},
    "selected, offline": {"selected": True, "offline": True},
    "under the pointer": {"hovered": True, "hot": "heart"},
    "with the keyboard": {"focused": True, "selected": True},
}


def picture(side: int) -> QImage:
    image = paint(3, QSize(side, side))
    made: QImage = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    return made


def page(ratio: float) -> tuple[QImage, QPainter]:
    whole = round((SIDE + 20) * ratio)
    image = QImage(whole, whole, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(0xFFFAFAFA)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    return image, painter


def pixels(image: QImage) -> np.ndarray[Any, Any]:
    return np.frombuffer(image.constBits(), np.uint8).astype(int)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize("look", LOOKS)
def test_a_copy_looks_like_the_painted(qapp: object, look: str, ratio: float) -> None:
    delegate = TileDelegate(QPalette())
    tile = Tile(**LOOKS[look])
    if look not in ("missing", "broken"):
        tile.image = picture(round(SIDE * ratio))
    rect = QRect(10, 10, SIDE, SIDE)
    copied, painter = page(ratio)
    delegate.paint_tile(painter, rect, tile, ratio)
    painter.end()
    again, painter = page(ratio)
    delegate.paint_tile(painter, rect, tile, ratio)
    painter.end()
    painted, painter = page(ratio)
    bare = Tile(tile.image, offline=tile.offline)
    if tile.image is not None:
        painter.setOpacity(0.45 if bare.offline else 1.0)
        painter.drawImage(rect, tile.image)
        painter.setOpacity(1.0)
    delegate._paint_look(painter, rect, tile)
    painter.end()
    assert pixels(copied).tobytes() == pixels(again).tobytes()
    assert abs(pixels(copied) - pixels(painted)).max() <= 3, "but for rounding"
    empty, painter = page(ratio)
    painter.end()
    assert abs(pixels(copied) - pixels(empty)).max() > 8, "there is something to see"


def test_each_look_is_painted_once_until_the_size_changes(qapp: object) -> None:
    painted: list[object] = []
    overlays = Overlays()

    def ask(look: object, side: int) -> None:
        overlays.of(look, side, 1.0, lambda _painter, _rect: painted.append((look, side)))

    for _ in range(3):
        ask("heart", 100)
        ask("check", 100)
    ask("heart", 101)
    assert painted == [("heart", 100), ("check", 100), ("heart", 101)]
    overlays.clear()
    ask("heart", 101)
    assert len(painted) == 4
    for number in range(3 * KEPT):
        ask(number, 101)
    assert len(overlays._images) <= KEPT


class Repaints(PhotoGridView):
    """A grid that notes which tiles it was asked to repaint."""

    def __init__(self, model: PhotoModel) -> None:
        super().__init__(model)
        self.rows: list[int] = []

    def repaint_tiles(self, *rows: int) -> None:
        self.rows += rows
        super().repaint_tiles(*rows)


def test_only_what_changed_in_sight_is_repainted(qtbot: QtBot) -> None:
    library = FakeLibrary(2000, months=2)
    model = PhotoModel(lambda ids, deliver: deliver(library.summaries(ids)))
    view = Repaints(model)
    qtbot.addWidget(view)
    view.resize(600, 400)
    model.set_list(library.photos())
    view.show()
    qtbot.waitExposed(view)
    qtbot.waitUntil(lambda: model.summary(model.photo_at(2)) is not None)
    _first, end = view.visible_rows()
    view.rows.clear()
    model.set_favourite([model.photo_at(2)], not favourite(model, 2))
    assert view.rows == [2]
    view.rows.clear()
    far = model.photo_at(end + 20)
    assert model.summary(far) is not None
    model.set_favourite([far], not favourite(model, end + 20))
    assert view.rows == [], "out of sight"


def favourite(model: PhotoModel, row: int) -> bool:
    summary = model.summary(PhotoId(model.photo_at(row)))
    return summary is not None and summary.favourite
