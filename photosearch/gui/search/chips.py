"""How a person in a search looks: a pill with a face, a name and a cross."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPalette, QPen

from photosearch.gui import theme
from photosearch.gui.naming.faces import paint_face
from photosearch.gui.text import _
from photosearch.types import Mention, Role

CHIP_PX = 27
FACE_PX = 21
CROSS_PX = 14
MOST_NAME_PX = 150
GAP = 6
Ink = QPalette.ColorRole


@dataclass(frozen=True, slots=True)
class Look:
    """How a chip is painted at the moment."""

    palette: QPalette
    direction: Qt.LayoutDirection = Qt.LayoutDirection.LeftToRight
    hovered: bool = False
    on_cross: bool = False
    selected: bool = False


def words(mention: Mention) -> str:
    """Return the words on a chip."""
    name = " ".join(mention.name.split())
    form = {
        Role.WITH: "{name}",
        Role.WITHOUT: _("not {name}"),
        Role.ONLY: _("only {name}"),
    }[mention.role]
    return form.format(name=name)


def spoken(mention: Mention) -> str:
    """Say what a chip asks for."""
    form = {
        Role.WITH: _("Photos with {name}"),
        Role.WITHOUT: _("Photos without {name}"),
        Role.ONLY: _("Photos with nobody but {name}"),
    }[mention.role]
    return form.format(name=mention.name)


def chip_width(mention: Mention, font: QFont) -> float:
    """Return how wide a chip is, in logical pixels, with a little air at both ends."""
    name = min(MOST_NAME_PX, QFontMetricsF(font).horizontalAdvance(words(mention)) + 1)
    return 3 + FACE_PX + GAP + name + GAP + CROSS_PX + 7 + 2


def cross_rect(area: QRectF, direction: Qt.LayoutDirection) -> QRectF:
    """Return where the cross of a chip is."""
    cross = QRectF(0, 0, CROSS_PX, CROSS_PX)
    cross.moveCenter(area.center())
    if direction == Qt.LayoutDirection.RightToLeft:
        cross.moveLeft(area.left() + 7)
    else:
        cross.moveRight(area.right() - 7)
    return cross


def paint_chip(
    painter: QPainter, area: QRectF, mention: Mention, picture: QImage | None, look: Look
) -> None:
    """Paint a chip."""
    palette, direction = look.palette, look.direction
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if look.selected:  # nothing of the text below shows at the round ends
        painter.fillRect(area, palette.color(Ink.Highlight))
    _paint_ground(painter, area, mention.role, look)
    face = QRectF(area.left() + 3, area.center().y() - FACE_PX / 2, FACE_PX, FACE_PX)
    back = direction == Qt.LayoutDirection.RightToLeft
    if back:
        face.moveRight(area.right() - 3)
    painter.setOpacity(0.55 if mention.role is Role.WITHOUT else 1.0)
    paint_face(painter, face, picture, mention.name, palette)
    painter.setOpacity(1.0)
    cross = cross_rect(area, direction)
    room = area.adjusted(3 + FACE_PX + GAP, 0, -(CROSS_PX + 7 + GAP) + 1, 0)
    if back:
        room = area.adjusted(CROSS_PX + 7 + GAP - 1, 0, -(3 + FACE_PX + GAP), 0)
    metrics = QFontMetricsF(painter.font())
    short = metrics.elidedText(words(mention), Qt.TextElideMode.ElideRight, room.width() + 1)
    ink = Ink.PlaceholderText if mention.role is Role.WITHOUT else Ink.Text
    painter.setPen(palette.color(Ink.HighlightedText if look.selected else ink))
    side = Qt.AlignmentFlag.AlignRight if back else Qt.AlignmentFlag.AlignLeft
    painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
    painter.drawText(room, side | middle, short)
    _paint_cross(painter, cross, look)
    painter.restore()


def _paint_ground(painter: QPainter, area: QRectF, role: Role, look: Look) -> None:
    palette = look.palette
    dark = palette.color(Ink.Text).lightnessF() > 0.5  # a field's ground may be transparent
    tint = QColor((theme.DARK if dark else theme.LIGHT).tint)
    ground = palette.color(Ink.Midlight) if role is Role.WITHOUT else tint
    if look.selected:
        ground = palette.color(Ink.Highlight)
    elif look.hovered:
        ground = ground.lighter(115) if dark else ground.darker(104)
    pen = QPen(Qt.PenStyle.NoPen)
    if role is Role.ONLY:
        pen = QPen(palette.color(Ink.Highlight), 1.5)
    elif role is Role.WITHOUT:
        pen = QPen(palette.color(Ink.Dark), 1.0, Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.setBrush(ground)
    inner = area.adjusted(1, 0.75, -1, -0.75)
    painter.drawRoundedRect(inner, inner.height() / 2, inner.height() / 2)


def _paint_cross(painter: QPainter, cross: QRectF, look: Look) -> None:
    palette = look.palette
    if look.on_cross:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.color(Ink.Mid))
        painter.drawEllipse(cross.adjusted(-2, -2, 2, 2))
    arm, middle = CROSS_PX / 2 - 3, cross.center()
    ink = Ink.Text if look.on_cross else Ink.PlaceholderText
    ink = Ink.HighlightedText if look.selected and not look.on_cross else ink
    pen = QPen(palette.color(ink), 1.5)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    for turn in (1, -1):
        painter.drawLine(middle - QPointF(arm, arm * turn), middle + QPointF(arm, arm * turn))
