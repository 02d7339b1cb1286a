"""Naming a face in place: a field at the face, with the names there are below it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from photosearch.gui import theme
from photosearch.gui.naming.faces import LittleFaces
from photosearch.gui.naming.field import NameField
from photosearch.gui.naming.suggestions import SuggestionList
from photosearch.gui.text import _
from photosearch.types import Person

WIDTH_PX = 296


class FaceEditor(QFrame):
    """Asks who somebody is; Enter saves, Esc gives up."""

    named = Signal(str)
    left = Signal()

    def __init__(self, faces: LittleFaces, parent: QWidget):
        super().__init__(parent)
        self.setObjectName("faceEditor")
        self.setFixedWidth(WIDTH_PX)
        self.list = SuggestionList(faces, self)
        self.field = NameField(faces, self, offers=self.list)
        self.field.setPlaceholderText(_("Who is this?"))
        self.field.setAccessibleName(_("Name of this person"))
        self.field.entered.connect(self.named)
        self.field.cancelled.connect(self.left)
        self.list.rowsChanged.connect(self.adjustSize)
        for part in (self, self.field, self.list):  # dark as the viewer, whatever the window is
            part.setPalette(theme.palette(theme.VIEWER))
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(4)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.hide()

    def open(self, name: str) -> None:
        """Ask; `name` is what the person is called so far."""
        self.show()
        self.raise_()
        self.field.begin(name)

    def know(self, people: tuple[Person, ...]) -> None:
        """Learn which names there are."""
        self.field.set_people(people)

    def stand_at(self, frame: QRectF, room: QRect) -> None:
        """Stand below a frame, above or beside it where there is no room."""
        self.adjustSize()
        place = QRect(0, 0, WIDTH_PX, self.height())
        place.moveCenter(frame.center().toPoint())
        place.moveTop(round(frame.bottom()) + theme.S)
        if place.bottom() > room.bottom() - theme.S:
            above = round(frame.top()) - theme.S - place.height()
            if above >= room.top() + theme.S:
                place.moveTop(above)
            else:
                right = round(frame.right()) + theme.S
                fits = right + WIDTH_PX <= room.right()
                place.moveLeft(right if fits else round(frame.left()) - theme.S - WIDTH_PX)
                place.moveTop(round(frame.top()))
        most_x, most_y = room.right() - WIDTH_PX - theme.S, room.bottom() - place.height() - theme.S
        place.moveLeft(max(room.left() + theme.S, min(place.left(), most_x)))
        place.moveTop(max(room.top() + theme.S, min(place.top(), most_y)))
        self.setGeometry(place)

    def close_editor(self) -> None:
        """Ask no more."""
        self.hide()
        self.field.stop_offering()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.accept()  # no key of the viewer while one types

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.accept()
