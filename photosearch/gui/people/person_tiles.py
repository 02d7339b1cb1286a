"""Paints a person: round cover, name or the invitation to give one, count, and what is going on."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from photosearch.gui.grid import badges
from photosearch.gui.grid.delegate import Inks
from photosearch.gui.naming.faces import FaceThumbs, paint_face
from photosearch.gui.people import words
from photosearch.gui.people.people_model import PERSON
from photosearch.gui.people.tile_model import Index
from photosearch.gui.text import _
from photosearch.gui.text import photos as photos_text
from photosearch.types import Person

COVER_PX = 128
ABOVE = 14
CELL_PX = 164
MIDDLE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter


def cell_size(font: QFont) -> QSize:
    """Return the least size of a cell for a font."""
    name = name_height(font)
    return QSize(CELL_PX, ABOVE + COVER_PX + 8 + name + QFontMetrics(font).height() + 14)


def name_height(font: QFont) -> int:
    """Return the height of the name's line."""
    return QFontMetrics(font).height() + 12


def cover_box(cell: QRect) -> QRect:
    """Return where the cover lies in a cell."""
    return QRect(cell.center().x() - COVER_PX // 2, cell.top() + ABOVE, COVER_PX, COVER_PX)


def name_box(cell: QRect, font: QFont) -> QRect:
    """Return where the name lies in a cell."""
    top = cell.top() + ABOVE + COVER_PX + 8
    return QRect(cell.left() + 6, top, cell.width() - 12, name_height(font))


class PersonDelegate(QStyledItemDelegate):
    """Paints tiles of people."""

    def __init__(self, thumbs: FaceThumbs, parent: QObject) -> None:
        super().__init__(parent)
        self._thumbs = thumbs
        self.cell: QSize | None = None
        self.target = -1  # row that something is dragged over
        self.edited = -1  # row whose name is being typed
        self.pointed = QPoint(-1, -1)  # of the mouse, in the viewport
        self.by_keys = False

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self.cell or cell_size(option.font)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        person = index.data(PERSON)
        if person is None:
            return
        painter.save()
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)  # as each name is
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        inks = Inks.of(option.palette)
        self._paint_cover(painter, option, index, person, inks)
        if index.row() != self.edited:
            self._paint_name(painter, option, person, hinted=index.row() == self.target)
        self._paint_count(painter, option, person)
        painter.restore()

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """Tell the whole name, where it is not seen whole."""
        person = index.data(PERSON)
        box = name_box(option.rect, option.font)
        font = _bold(option.font)
        cut = person and QFontMetrics(font).horizontalAdvance(person.name) > box.width() - 8
        QToolTip.showText(event.globalPos(), person.name if cut else "", view)
        return bool(cut)

    def _paint_cover(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: Index,
        person: Person,
        inks: Inks,
    ) -> None:
        state, flag = option.state, QStyle.StateFlag
        box = cover_box(option.rect)
        selected, target = bool(state & flag.State_Selected), index.row() == self.target
        if words.standing(person):
            painter.setOpacity(0.4)
        grown = box.adjusted(-5, -5, 5, 5) if target else box
        face = self._thumbs.face(person.cover)
        paint_face(painter, QRectF(grown), face, person.name, option.palette)
        painter.setOpacity(1.0)
        whole = QRectF(grown)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if selected or target:
            painter.setPen(QPen(inks.base, 6))
            painter.drawEllipse(whole.adjusted(3, 3, -3, -3))
            painter.setPen(QPen(inks.accent, 4 if target else 3))
            painter.drawEllipse(whole.adjusted(0.5, 0.5, -0.5, -0.5))
        elif state & flag.State_MouseOver and box.contains(self.pointed):
            wash = QColor(0, 0, 0, 26)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(wash)
            painter.drawEllipse(whole)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.by_keys and state & flag.State_HasFocus:
            painter.setPen(QPen(inks.focus, 2))
            painter.drawEllipse(whole.adjusted(-4, -4, 4, 4))
        if selected and not target:
            check = QRectF(box.right() - 28, box.top() + 4, 24, 24)
            badges.paint_check(painter, check, inks.accent, inks.on_accent)

    def _paint_name(
        self, painter: QPainter, option: QStyleOptionViewItem, person: Person, hinted: bool
    ) -> None:
        role, palette = QPalette.ColorRole, option.palette
        box = name_box(option.rect, option.font)
        font = QFont(option.font)
        over = bool(option.state & QStyle.StateFlag.State_MouseOver) and box.contains(self.pointed)
        ink = palette.color(role.Text)
        text = person.name
        if hinted:
            text, ink = _("Merge"), palette.color(role.Accent)
            font.setWeight(QFont.Weight.DemiBold)
        elif person.name:
            font = _bold(font)
            if over:
                self._paint_pill(painter, box, palette.color(role.Midlight))
        else:
            text = _("Who is this?")
            ink = palette.color(role.Accent if over else role.PlaceholderText)
            wide = QFontMetrics(font).horizontalAdvance(text) + 28
            pill = QRect(0, 0, min(box.width(), wide), box.height() - 4)
            pill.moveCenter(box.center())
            self._paint_pill(painter, pill, palette.color(role.AlternateBase))
        painter.setFont(font)
        painter.setPen(ink)
        short = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width() - 8)
        painter.drawText(box, MIDDLE, short)

    def _paint_pill(self, painter: QPainter, box: QRect, colour: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)

    def _paint_count(self, painter: QPainter, option: QStyleOptionViewItem, person: Person) -> None:
        font = QFont(option.font)
        font.setPointSizeF(font.pointSizeF() * 0.9)
        painter.setFont(font)
        painter.setPen(option.palette.color(QPalette.ColorRole.PlaceholderText))
        name = name_box(option.rect, option.font)
        height = painter.fontMetrics().height() + 2
        box = QRect(name.left(), name.bottom() + 1, name.width(), height)
        standing = words.standing(person)
        said = photos_text(person.photos)
        painter.drawText(box, MIDDLE, f"{said}  ·  {standing}" if standing else said)


def _bold(font: QFont) -> QFont:
    made = QFont(font)
    made.setWeight(QFont.Weight.DemiBold)
    return made
