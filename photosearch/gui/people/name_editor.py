"""A field for a name: offers people there are already, with their faces.

Knows who has a name; what a name is for, its owner knows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QImage, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QCompleter,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from photosearch.gui import icons
from photosearch.gui.grid.thumbs import TileSize
from photosearch.gui.people.covers import LITTLE_PX, FaceThumbs
from photosearch.gui.people.matching import matches
from photosearch.gui.people.people_model import PERSON
from photosearch.gui.people.tile_model import Index
from photosearch.gui.text import photos as photos_text
from photosearch.types import FaceId, Person

FACE_PX = 32
ROW_PX = 46
POPUP_PX = 260
KEEPS_EDITING = (
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
)


class Offers(QAbstractListModel):
    """The people that a completion offers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.people: list[Person] = []

    def offer(self, people: list[Person]) -> None:
        """Offer these people."""
        self.beginResetModel()
        self.people = people
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.people)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self.people):
            return None
        person = self.people[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return person.name
        return person if role == PERSON else None


class OfferDelegate(QStyledItemDelegate):
    """Paints an offer: face, name, and what taking it means."""

    def __init__(self, thumbs: FaceThumbs, note: Callable[[Person], str], parent: QObject) -> None:
        super().__init__(parent)
        self._thumbs, self._note = thumbs, note

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(POPUP_PX, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        person = index.data(PERSON)
        if person is None:
            return
        palette: QPalette = option.palette
        rect: QRect = option.rect
        role = QPalette.ColorRole
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)  # as each name is
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.color(role.Highlight))
            painter.drawRoundedRect(rect.adjusted(4, 1, -4, -1), 6, 6)
        right_to_left = option.direction == Qt.LayoutDirection.RightToLeft
        box = QRect(rect.left() + 12, rect.center().y() - FACE_PX // 2 + 1, FACE_PX, FACE_PX)
        words = rect.adjusted(12 + FACE_PX + 10, 4, -12, -4)
        if right_to_left:
            box.moveRight(rect.right() - 12)
            words = rect.adjusted(12, 4, -12 - FACE_PX - 10, -4)
        paint_face(painter, self._thumbs.face(person.cover), box, palette)
        side = Qt.AlignmentFlag.AlignRight if right_to_left else Qt.AlignmentFlag.AlignLeft
        side |= Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
        upper = QRect(words.left(), words.top(), words.width(), words.height() // 2)
        font = QFont(option.font)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(palette.color(role.HighlightedText if chosen else role.Text))
        elide = Qt.TextElideMode.ElideRight
        name = painter.fontMetrics().elidedText(person.name, elide, upper.width())
        painter.drawText(upper, side, name)
        font.setWeight(QFont.Weight.Normal)
        font.setPointSizeF(font.pointSizeF() * 0.9)
        painter.setFont(font)
        if not chosen:
            painter.setPen(palette.color(role.PlaceholderText))
        note = painter.fontMetrics().elidedText(self._note(person), elide, words.width())
        painter.drawText(upper.translated(0, upper.height()), side, note)
        painter.restore()


def paint_face(painter: QPainter, image: QImage | None, box: QRect, palette: QPalette) -> None:
    """Paint a round face, or a quiet sign of a person where there is no picture."""
    if image is not None:
        painter.drawImage(box, image)
        return
    role = QPalette.ColorRole
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.color(role.AlternateBase))
    painter.drawEllipse(box)
    side = round(box.width() * 0.55)
    sign = QRect(0, 0, side, side)
    sign.moveCenter(box.center())
    ratio = painter.device().devicePixelRatioF()
    ink = palette.color(role.PlaceholderText)
    painter.drawPixmap(sign, icons.pixmap("person", ink, side, ratio))


class NameEditor(QLineEdit):
    """Takes a name; `entered` with Enter, Tab or a click on an offer."""

    entered = Signal(str)
    left = Signal(str)  # the keyboard went elsewhere
    cancelled = Signal()

    def __init__(
        self,
        thumbs: FaceThumbs,
        parent: QWidget | None = None,
        *,
        note: Callable[[Person], str] | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("nameEditor")
        self.setMaxLength(200)
        self._thumbs = thumbs
        self._people: Sequence[Person] = ()
        self._told = False
        self.offers = Offers(self)
        self._completer = QCompleter(self.offers, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setMaxVisibleItems(7)
        self._popup = QListView(self)
        self._completer.setPopup(self._popup)
        self._popup.setObjectName("offers")
        self._popup.setMinimumWidth(POPUP_PX)
        self._popup.setUniformItemSizes(True)
        self._popup.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._popup.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._popup.setMouseTracking(True)
        self._popup.setItemDelegate(OfferDelegate(thumbs, note or photo_count, self._popup))
        self.setCompleter(self._completer)
        self._completer.activated[QModelIndex].connect(self._on_offer_taken)  # type: ignore[index]
        self.textEdited.connect(self._on_edited)
        self.returnPressed.connect(self._on_return)
        thumbs.loaded.connect(self._on_faces_loaded)

    def set_people(self, people: Sequence[Person]) -> None:
        """Learn who has a name."""
        self._people = people

    def begin(self, text: str, typed: str = "") -> None:
        """Begin with a name, all of it selected; or with letters typed over it."""
        self._told = False
        self.setText(text)
        self.selectAll()
        if typed:
            self.setText(typed)
            self._on_edited(typed)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def popup(self) -> QListView:
        """The list of offers."""
        return self._popup

    def name(self) -> str:
        """Return what stands in the field, with single blanks."""
        return " ".join(self.text().split())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._popup.isVisible():
            self._popup.hide()
            event.accept()
        elif event.key() == Qt.Key.Key_Escape:
            self._told = True
            self.cancelled.emit()
            event.accept()
        else:
            super().keyPressEvent(event)
            event.accept()  # Enter and the arrows are not for the grid that the field lies in

    def focusNextPrevChild(self, forward: bool) -> bool:
        if forward and self.name():
            self._on_return()
            return True
        return super().focusNextPrevChild(forward)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in KEEPS_EDITING and not self._told:
            self._told = True
            self.left.emit(self.name())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() not in KEEPS_EDITING:
            self._told = False

    def _on_edited(self, text: str) -> None:
        found = matches(self._people, text)
        self.offers.offer(found)
        if not found:
            self._popup.hide()
            return
        covers = [person.cover for person in found if person.cover is not None]
        ratio = self.devicePixelRatioF()
        self._thumbs.want_faces(covers, TileSize(round(LITTLE_PX * ratio), ratio))
        self._completer.complete()

    def _on_return(self) -> None:
        name = self.name()
        self._popup.hide()
        if not self._told and name:
            self._told = True
            self.entered.emit(name)

    def _on_offer_taken(self, index: QModelIndex) -> None:
        self.setText(str(index.data()))
        self._on_return()

    def _on_faces_loaded(self, _faces: tuple[FaceId, ...]) -> None:
        if self._popup.isVisible():
            self._popup.viewport().update()


def photo_count(person: Person) -> str:
    """Return the usual note of an offer."""
    return photos_text(person.photos)
