"""Paints one tile: picture, selection, favourite, offline. Colours come from the palette."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from photosearch.gui.grid import badges
from photosearch.gui.grid.model import Role
from photosearch.gui.grid.overlays import MARGIN, Overlays
from photosearch.gui.grid.thumbs import RADIUS

BADGE = 22  # diameter of the selection mark
INSET = 8  # of badges from the tile's edges


@dataclass(frozen=True, slots=True)
class Inks:
    """The colours of tiles, derived from a palette once."""

    base: QColor
    placeholder: QColor
    glyph: QColor
    accent: QColor
    on_accent: QColor
    focus: QColor

    @staticmethod
    def of(palette: QPalette) -> Inks:
        """Derive them."""
        role = QPalette.ColorRole
        base, text = palette.color(role.Base), palette.color(role.Text)
        return Inks(
            base,
            mixed(base, text, 0.07),
            mixed(base, text, 0.32),
            palette.color(role.Accent),
            palette.color(role.HighlightedText),
            mixed(base, text, 0.8),
        )


def mixed(one: QColor, other: QColor, share: float) -> QColor:
    """Return `one` with a share of `other` in it."""
    pairs = zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(a + (b - a) * share) for a, b in pairs))


@dataclass(slots=True)
class Tile:
    """What is to be painted for one photo."""

    image: QImage | None = None
    failed: bool = False
    favourite: bool = False
    offline: bool = False
    selected: bool = False
    focused: bool = False  # the current photo, and the view has the keyboard
    hovered: bool = False
    hot: str = ""  # which sign is under the pointer: "heart", "check" or none

    @property
    def look(self) -> tuple[bool | str, ...]:
        """What there is to paint besides the picture."""
        missing = self.image is None
        marked = self.favourite, self.offline, self.selected, self.focused, self.hovered, self.hot
        return (missing, missing and self.failed, *marked)


def heart_box(tile: QRect) -> QRectF:
    """Return where the heart of a tile lies."""
    side = 18.0
    return QRectF(tile.right() + 1 - INSET - side, tile.bottom() + 1 - INSET - side, side, side)


def check_box(tile: QRect) -> QRectF:
    """Return where the selection mark of a tile lies."""
    return QRectF(tile.x() + INSET, tile.y() + INSET, BADGE, BADGE)


def hot_part(tile: QRect, x: float, y: float) -> str:
    """Return which sign of a tile is at a point: "heart", "check" or ""."""
    if heart_box(tile).adjusted(-6, -6, 8, 8).contains(x, y):
        return "heart"
    return "check" if check_box(tile).adjusted(-8, -8, 5, 5).contains(x, y) else ""


class TileDelegate(QStyledItemDelegate):
    """Paints tiles; the grid calls `paint_tile` directly, Qt calls `paint`."""

    def __init__(self, palette: QPalette, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._inks = Inks.of(palette)
        self._overlays = Overlays()

    @property
    def inks(self) -> Inks:
        """The colours in use."""
        return self._inks

    def set_palette(self, palette: QPalette) -> None:
        """Take colours from another palette."""
        self._inks = Inks.of(palette)
        self._overlays.clear()

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        state, flag = option.state, QStyle.StateFlag
        tile = Tile(
            image=index.data(Role.THUMBNAIL),
            favourite=bool(index.data(Role.FAVOURITE)),
            offline=bool(index.data(Role.OFFLINE)),
            selected=bool(state & flag.State_Selected),
            focused=bool(state & flag.State_HasFocus),
            hovered=bool(state & flag.State_MouseOver),
        )
        self.paint_tile(painter, option.rect, tile, painter.device().devicePixelRatioF())

    def sizeHint(self, option: QStyleOptionViewItem, index: Any) -> QSize:
        rect: QRect = option.rect
        return rect.size()

    def paint_tile(self, painter: QPainter, rect: QRect, tile: Tile, ratio: float) -> None:
        """Paint a tile into a square; render hints antialiasing and smooth are on."""
        if tile.image is not None:
            if tile.offline:
                painter.setOpacity(0.45)
            paint_crisp(painter, tile.image, rect, ratio)
            if tile.offline:
                painter.setOpacity(1.0)
        look = tile.look
        if not any(look):
            return
        if not ratio.is_integer():  # a tile begins between two pixels
            self._paint_look(painter, rect, tile)
        else:
            paint = partial(self._paint_look, tile=tile)
            above = self._overlays.of(look, rect.width(), ratio, paint)
            painter.drawImage(rect.x() - MARGIN, rect.y() - MARGIN, above)

    def _paint_look(self, painter: QPainter, rect: QRect, tile: Tile) -> None:
        """Paint what lies on the picture, or where there is none."""
        if tile.image is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._inks.placeholder)
            painter.drawRoundedRect(rect, RADIUS, RADIUS)
            if tile.failed:
                side = min(36.0, rect.width() * 0.3)
                box = QRectF(0, 0, side, side * 0.8)
                box.moveCenter(QRectF(rect).center())
                badges.paint_broken(painter, box, self._inks.glyph)
        if tile.hovered or tile.selected:
            self._paint_shade(painter, rect, tile)
        if tile.selected or tile.focused:
            self._paint_ring(painter, rect, tile)
        self._paint_signs(painter, rect, tile)

    def _paint_shade(self, painter: QPainter, rect: QRect, tile: Tile) -> None:
        """Darken top and bottom under the pointer so that the signs stand out."""
        painter.setPen(Qt.PenStyle.NoPen)
        if tile.selected:
            wash = QColor(self._inks.accent)
            wash.setAlphaF(0.16)
            painter.setBrush(wash)
            painter.drawRoundedRect(rect, RADIUS, RADIUS)
        if tile.hovered:
            shade = QLinearGradient(0, rect.top(), 0, rect.bottom() + 1)
            shade.setColorAt(0, QColor(0, 0, 0, 90))
            shade.setColorAt(0.4, QColor(0, 0, 0, 0))
            shade.setColorAt(0.65, QColor(0, 0, 0, 0))
            shade.setColorAt(1, QColor(0, 0, 0, 100))
            painter.setBrush(shade)
            painter.drawRoundedRect(rect, RADIUS, RADIUS)

    def _paint_ring(self, painter: QPainter, rect: QRect, tile: Tile) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        whole = QRectF(rect)
        if tile.selected:
            painter.setPen(QPen(self._inks.base, 5))
            painter.drawRoundedRect(whole.adjusted(2.5, 2.5, -2.5, -2.5), RADIUS, RADIUS)
            painter.setPen(QPen(self._inks.accent, 3))
            painter.drawRoundedRect(whole.adjusted(1.5, 1.5, -1.5, -1.5), RADIUS, RADIUS)
            if tile.focused:
                painter.setPen(QPen(self._inks.focus, 2))
                painter.drawRoundedRect(whole.adjusted(-2, -2, 2, 2), RADIUS + 2, RADIUS + 2)
        else:
            painter.setPen(QPen(self._inks.focus, 2))
            painter.drawRoundedRect(whole.adjusted(-2, -2, 2, 2), RADIUS + 2, RADIUS + 2)

    def _paint_signs(self, painter: QPainter, rect: QRect, tile: Tile) -> None:
        if tile.selected:
            check = check_box(rect).translated(2, 2)
            badges.paint_check(painter, check, self._inks.accent, self._inks.on_accent)
        elif tile.hovered:
            badges.paint_check_offer(painter, check_box(rect), tile.hot == "check")
        if tile.favourite or tile.hovered:
            badges.paint_heart(painter, heart_box(rect), tile.favourite, tile.hot == "heart")
        if tile.offline:
            corner = QRectF(rect.x() + INSET, rect.bottom() + 1 - INSET - BADGE, BADGE, BADGE)
            badges.paint_offline(painter, corner)


def paint_crisp(painter: QPainter, image: QImage, rect: QRect, ratio: float) -> None:
    """Paint a picture pixel for pixel where it was made for this size, else scaled.

    Roughly: it is for the moment that it takes to make it anew, while a window is being resized.
    """
    side = round(rect.width() * ratio)
    if image.width() != side:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(rect, image)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    elif ratio == 1.0:
        painter.drawImage(rect.x(), rect.y(), image)
    else:
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        painter.drawImage(round(rect.x() * ratio), round(rect.y() * ratio), image)
        painter.restore()
