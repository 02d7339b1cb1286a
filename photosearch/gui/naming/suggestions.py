"""The list of names below a field: with a face, a note, and one row chosen by key or mouse.

It never takes the keyboard: the field it helps keeps it and says where to go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QPainter, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from photosearch.gui.naming.faces import LittleFaces, paint_face
from photosearch.gui.text import _, joined
from photosearch.types import FaceId

Index = QModelIndex | QPersistentModelIndex
FACE_PX = 32
AIR_PX = 10  # around and beside the face
MOST_ROWS = 6
PAD = 6
Ink = QPalette.ColorRole


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One row: a name, what stands below it, and what is put into the field."""

    name: str
    detail: str = ""
    face: FaceId | None = None
    insert: str = ""


class _Rows(QAbstractListModel):
    """The suggestions as a model."""

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self.suggestions: tuple[Suggestion, ...] = ()

    def show(self, suggestions: Sequence[Suggestion]) -> None:
        self.beginResetModel()
        self.suggestions = tuple(suggestions)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.suggestions)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.suggestions[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return joined((row.name, row.detail))
        return None


class _Painter(QStyledItemDelegate):
    """Paints a face, a name and a note."""

    def __init__(self, rows: _Rows, faces: LittleFaces, parent: QObject | None = None):
        super().__init__(parent)
        self._rows = rows
        self._faces = faces

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, row_height(option.fontMetrics.height()))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = self._rows.suggestions[index.row()]
        palette, whole = option.palette, QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.color(Ink.Midlight))
            painter.drawRoundedRect(whole.adjusted(1, 1, -1, -1), 6, 6)
        back = option.direction == Qt.LayoutDirection.RightToLeft
        face = QRectF(whole.left() + AIR_PX, 0, FACE_PX, FACE_PX)
        words = whole.adjusted(FACE_PX + 2 * AIR_PX, 3, -AIR_PX, -3)
        if back:
            face.moveRight(whole.right() - AIR_PX)
            words = whole.adjusted(AIR_PX, 3, -FACE_PX - 2 * AIR_PX, -3)
        face.moveTop(whole.center().y() - FACE_PX / 2)
        paint_face(painter, face, self._faces.picture(row.face), row.name, palette)
        side = Qt.AlignmentFlag.AlignRight if back else Qt.AlignmentFlag.AlignLeft
        self._paint_words(painter, option, words, side, row)
        painter.restore()

    def _paint_words(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        words: QRectF,
        side: Qt.AlignmentFlag,
        row: Suggestion,
    ) -> None:
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)  # as each name is
        flags = side | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
        half = words.height() / 2 if row.detail else words.height()
        line, room = QRectF(words.left(), words.top(), words.width(), half), int(words.width())
        elide = Qt.TextElideMode.ElideRight
        painter.setPen(option.palette.color(Ink.Text))
        painter.drawText(line, flags, painter.fontMetrics().elidedText(row.name, elide, room))
        if row.detail:
            font = QFont(option.font)
            font.setPointSizeF(font.pointSizeF() * 0.9)
            painter.setFont(font)
            painter.setPen(option.palette.color(Ink.PlaceholderText))
            note = painter.fontMetrics().elidedText(row.detail, elide, room)
            painter.drawText(line.translated(0, half), flags, note)


def row_height(line_px: int) -> int:
    """Return how high a row is: two lines, or a face with air around it."""
    return max(FACE_PX + AIR_PX, 2 * line_px + 8)


class SuggestionList(QListView):
    """Rows of names that one may choose from."""

    chosen = Signal(object)  # Suggestion
    rowsChanged = Signal()

    def __init__(self, faces: LittleFaces, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("suggestions")
        self.setAccessibleName(_("Names"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self._rows = _Rows(self)
        self.setModel(self._rows)
        self.setItemDelegate(_Painter(self._rows, faces, self))
        faces.loaded.connect(self._on_faces_loaded)
        self.entered.connect(self.setCurrentIndex)
        self.clicked.connect(self._on_clicked)
        self.hide()

    @property
    def suggestions(self) -> tuple[Suggestion, ...]:
        """The rows shown."""
        return self._rows.suggestions

    def show_rows(self, suggestions: Sequence[Suggestion]) -> None:
        """Show other rows, none of them chosen; nothing is shown of no rows."""
        if tuple(suggestions) != self._rows.suggestions:
            self._rows.show(suggestions)
            self.forget_choice()
        self.setFixedHeight(self.fitting_height())
        self.setVisible(bool(suggestions))
        self.rowsChanged.emit()

    def fitting_height(self) -> int:
        """Return how high it is with all rows, or with as many as are shown at once."""
        rows = min(MOST_ROWS, len(self._rows.suggestions))
        return rows * row_height(self.fontMetrics().height()) + 2 * PAD

    def current(self) -> Suggestion | None:
        """Return the row that is chosen."""
        at = self.currentIndex()
        return self._rows.suggestions[at.row()] if at.isValid() else None

    def step(self, by: int) -> None:
        """Choose the next row or the one before; beyond the ends nothing is chosen."""
        count = len(self._rows.suggestions)
        now = self.currentIndex().row() if self.currentIndex().isValid() else -1
        row = now + by if now >= 0 or by > 0 else count - 1
        if 0 <= row < count:
            self.setCurrentIndex(self._rows.index(row, 0))
        else:
            self.forget_choice()

    def forget_choice(self) -> None:
        """Choose nothing."""
        self.clearSelection()
        self.setCurrentIndex(QModelIndex())

    def _on_clicked(self, index: QModelIndex) -> None:
        self.chosen.emit(self._rows.suggestions[index.row()])

    def _on_faces_loaded(self, _faces: object) -> None:
        if self.isVisible():
            self.viewport().update()
