"""What the queue is made of: framed pictures, the faces to compare with, the end."""

from __future__ import annotations

from itertools import zip_longest

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import icons, theme
from photosearch.gui.drawing import Drawing
from photosearch.gui.people.covers import FRAME, FRAME_SHADE
from photosearch.gui.people.person_header import Cover
from photosearch.gui.people.pictures import PeoplePictures
from photosearch.gui.people.reading import KNOWN_FACES
from photosearch.gui.text import _, number
from photosearch.gui.text import photos as photos_text
from photosearch.types import Box, FaceId, Person

RADIUS = 14.0
COVER_PX = 72


class Framed(QWidget):
    """A picture with round corners as large as there is room, perhaps a frame around a face."""

    def __init__(self, cover: bool, parent: QWidget | None = None):
        super().__init__(parent)
        self._cover = cover  # whether the picture fills the widget, cut where it must be
        self._image = QImage()
        self._box: Box | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(80, 80)

    def show_image(self, image: QImage | None, box: Box | None = None) -> None:
        """Show a picture, None while it is on its way; a box is framed."""
        self._image, self._box = image if image is not None else QImage(), box
        self.update()

    @property
    def image(self) -> QImage:
        """What is shown."""
        return self._image

    @property
    def box(self) -> Box | None:
        """What is framed on it."""
        return self._box

    def sizeHint(self) -> QSize:
        return QSize(320, 320)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        where = self._where()
        path = QPainterPath()
        path.addRoundedRect(QRectF(where), RADIUS, RADIUS)
        if self._image.isNull():
            painter.fillPath(path, self.palette().color(QPalette.ColorRole.AlternateBase))
            side = 48
            sign = QRect(0, 0, side, side)
            sign.moveCenter(where.center())
            ink = self.palette().color(QPalette.ColorRole.PlaceholderText)
            painter.drawPixmap(sign, icons.pixmap("person", ink, side, self.devicePixelRatioF()))
        else:
            painter.setClipPath(path)
            painter.drawImage(QRectF(where), self._image, QRectF(self._image.rect()))
            painter.setClipping(False)
            self._paint_box(painter, where)
        painter.end()

    def _where(self) -> QRect:
        """Return where the picture lies, at the top: whole, or the largest square."""
        room = self.rect()
        if self._cover or self._image.isNull():
            side = min(room.width(), room.height())
            where = QRect(0, 0, side, side)
        else:
            fitted = self._image.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
            where = QRect(0, 0, fitted.width(), fitted.height())
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            where.moveRight(room.right())
        return where

    def _paint_box(self, painter: QPainter, where: QRect) -> None:
        if self._box is None:
            return
        box = self._box
        face = QRectF(
            where.x() + box.x * where.width(),
            where.y() + box.y * where.height(),
            box.width * where.width(),
            box.height * where.height(),
        ).adjusted(-4, -4, 4, 4)
        radius = min(8.0, face.width() / 4)
        for colour, width in ((FRAME_SHADE, 4), (FRAME, 2)):
            painter.setPen(QPen(colour, width))
            painter.drawRoundedRect(face, radius, radius)


class KnownFaces(QWidget):
    """Faces that are sure to be a person's, as many as there is room for."""

    def __init__(self, pictures: PeoplePictures, parent: QWidget | None = None):
        super().__init__(parent)
        self._pictures = pictures
        self.said = QLabel(self)
        self.said.setProperty("role", "quiet")
        self.covers = tuple(Cover(pictures.little, COVER_PX, self) for _n in range(KNOWN_FACES))
        faces = QHBoxLayout()
        faces.setSpacing(theme.S)
        for cover in self.covers:
            faces.addWidget(cover)
        faces.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self.said)
        column.addLayout(faces)

    def show_faces(self, person: Person, faces: tuple[FaceId, ...], room_px: int) -> None:
        """Show a person's faces in a width."""
        known = _("{name}, {count}").format(name=person.name, count=photos_text(person.photos))
        self.said.setText(known)
        room = max(1, room_px // (COVER_PX + theme.S))
        for cover, face in zip_longest(self.covers, faces[: min(room, len(self.covers))]):
            cover.show_face(face)
            cover.setVisible(face is not None)
        self._pictures.want_little(list(faces), self.devicePixelRatioF())


class AnswerButton(QPushButton):
    """An answer, with the key that gives it."""

    def __init__(self, text: str, key: str, tip: str, parent: QWidget):
        super().__init__(f"{text}   {key}", parent)
        self.setAccessibleName(text)
        self.setToolTip(tip)
        self.setMinimumSize(124, 42)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)


class QueueEnd(QWidget):
    """Says that everything is answered."""

    backWanted = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        title = QLabel(_("All answered"), self)
        title.setProperty("role", "title")
        self.said = QLabel(self)
        self.said.setProperty("role", "quiet")
        self.button = QPushButton(_("Back to people"), self)
        self.button.setProperty("role", "primary")
        self.button.clicked.connect(self.backWanted)
        column = QVBoxLayout(self)
        column.setSpacing(theme.M)
        column.addStretch(3)
        for widget in (Drawing("check", 64, self), title, self.said, self.button):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(4)

    def show_count(self, answers: int) -> None:
        """Say how many answers there were."""
        text = _("You answered {n}. New guesses come with new photos.")
        none = _("There is nothing to ask right now.")
        self.said.setText(text.format(n=number(answers)) if answers else none)
