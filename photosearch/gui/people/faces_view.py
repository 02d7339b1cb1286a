"""A grid of faces: as crops, or as their photos with a frame around the face."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from photosearch.gui.grid import badges
from photosearch.gui.grid.delegate import Inks, paint_crisp
from photosearch.gui.grid.thumbs import RADIUS, TileSize
from photosearch.gui.naming.faces import FaceThumbs
from photosearch.gui.people.tile_model import NUMBER, Index, TileModel
from photosearch.gui.people.tile_view import RING_PX, TileView
from photosearch.gui.text import _, date_and_time, joined
from photosearch.types import FaceId, PersonFace

FACE = Qt.ItemDataRole.UserRole + 1
FACE_PX = 128
PHOTO_PX = 196
GAP = 5  # between tiles: the ring of the focus lies in it
UNSURE = 0.5  # faces doubted more than this carry a question mark


class FacesModel(TileModel):
    """Faces in the order they were given."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._faces: tuple[PersonFace, ...] = ()

    @property
    def faces(self) -> tuple[PersonFace, ...]:
        """All faces."""
        return self._faces

    def face(self, row: int) -> PersonFace | None:
        """Return the face in a row."""
        return self._faces[row] if 0 <= row < len(self._faces) else None

    def set_faces(self, faces: Sequence[PersonFace]) -> None:
        """Show these faces."""
        faces = tuple(faces)
        if faces == self._faces:
            return
        self.beginResetModel()
        self._faces = faces
        self._number([int(face.id) for face in faces])
        self.endResetModel()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        face = self.face(index.row())
        if face is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return spoken(face)
        if role == FACE:
            return face
        return int(face.id) if role == NUMBER else None


def is_unsure(face: PersonFace) -> bool:
    """Whether the face may well be somebody else's."""
    return not face.said and face.person is not None and face.doubt > UNSURE


def spoken(face: PersonFace) -> str:
    """Return what a screen reader says of a face."""
    unsure = _("unsure") if is_unsure(face) else ""
    said = joined((face.name or _("Face"), date_and_time(face.taken_at), unsure))
    return said.replace("  ·  ", ", ")


class FaceDelegate(QStyledItemDelegate):
    """Paints tiles of faces."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.thumbs: FaceThumbs | None = None
        self.by_keys = False
        self.cell = QSize(FACE_PX, FACE_PX)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self.cell

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        face = index.data(FACE)
        if face is None:
            return
        inks, state, flag = Inks.of(option.palette), option.state, QStyle.StateFlag
        tile = tile_box(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        image = self.thumbs.face(face.id) if self.thumbs is not None else None
        if image is not None:
            paint_crisp(painter, image, tile, painter.device().devicePixelRatioF())
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(inks.placeholder)
            painter.drawRoundedRect(tile, RADIUS, RADIUS)
        whole, selected = QRectF(tile), bool(state & flag.State_Selected)
        if state & flag.State_MouseOver and not selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(0, 0, 0, 26))
            painter.drawRoundedRect(whole, RADIUS, RADIUS)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if selected:
            painter.setPen(QPen(inks.base, 5))
            painter.drawRoundedRect(whole.adjusted(2.5, 2.5, -2.5, -2.5), RADIUS, RADIUS)
            painter.setPen(QPen(inks.accent, 3))
            painter.drawRoundedRect(whole.adjusted(1.5, 1.5, -1.5, -1.5), RADIUS, RADIUS)
            check = QRectF(tile.left() + 9, tile.top() + 9, 22, 22)
            badges.paint_check(painter, check, inks.accent, inks.on_accent)
        if self.by_keys and state & flag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(inks.focus, 2))
            painter.drawRoundedRect(whole.adjusted(-2, -2, 2, 2), RADIUS + 2, RADIUS + 2)
        if is_unsure(face):
            self._paint_mark(painter, tile, option.font)
        painter.restore()

    def _paint_mark(self, painter: QPainter, tile: QRect, font: QFont) -> None:
        """Paint the question mark of a face that may be somebody else's."""
        box = QRectF(tile.right() - 29, tile.bottom() - 29, 22, 22)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 150))
        painter.drawEllipse(box)
        font = QFont(font)
        font.setWeight(QFont.Weight.Bold)
        painter.setFont(font)
        painter.setPen(badges.LIGHT)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "?")


def tile_box(cell: QRect) -> QRect:
    """Return the square within a cell."""
    side = min(cell.width(), cell.height()) - GAP
    return QRect(cell.left() + RING_PX, cell.top() + RING_PX, side, side)


class FacesView(TileView):
    """Faces in a grid."""

    def __init__(
        self,
        model: FacesModel,
        crops: FaceThumbs,
        photos: FaceThumbs,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(model, QSize(FACE_PX, FACE_PX), parent, square=True)
        self._faces = model
        self._crops, self._photos = crops, photos
        self._thumbs = crops
        self.delegate = FaceDelegate(self)
        self.delegate.thumbs = crops
        self.begin()
        self.setItemDelegate(self.delegate)
        self.setAccessibleName(_("Faces"))
        for loader in (crops, photos):
            loader.loaded.connect(self.viewport().update)

    def show_photos(self, photos: bool) -> None:
        """Show whole photos with a frame around the face, or faces alone."""
        self._thumbs = self._photos if photos else self._crops
        self.delegate.thumbs = self._thumbs
        side = PHOTO_PX if photos else FACE_PX
        self.set_cell(QSize(side, side))
        self.viewport().update()
        self.look_again()

    def selected_faces(self) -> list[FaceId]:
        """Return the selected faces in the order shown."""
        return [FaceId(number) for number in self.selected_numbers()]

    def cell_changed(self, size: QSize) -> None:
        self.delegate.cell = size

    def want_pictures(self, rows: list[int]) -> None:
        side = self.gridSize().width() - GAP
        faces = [face.id for row in rows if (face := self._faces.face(row)) is not None]
        ratio = self.devicePixelRatioF()
        self._thumbs.want_faces(faces, TileSize(round(side * ratio), ratio))

    def paintEvent(self, event: QPaintEvent) -> None:
        self.delegate.by_keys = self.by_keys and self.hasFocus()
        super().paintEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        where, index = event.globalPos(), self.currentIndex()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            index = self.indexAt(self.viewport().mapFromGlobal(where))
            if index.isValid() and not self.selectionModel().isSelected(index):
                self.setCurrentIndex(index)
        elif index.isValid():
            where = self.viewport().mapToGlobal(self.visualRect(index).center())
        if index.isValid():
            self.menuWanted.emit(where)
        event.accept()
