"""Naming a face in place: a field at the face, with the names there are below it."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from photosearch.gui import theme
from photosearch.gui.search.face_pictures import FacePictures
from photosearch.gui.search.suggestions import Suggestion, SuggestionList
from photosearch.gui.text import _, photos
from photosearch.search.names import fold
from photosearch.types import Person

WIDTH_PX = 296
MOST_NAME = 200


def fitting(people: Iterable[Person], typed: str) -> list[Person]:
    """Return the people of whose names a word begins so, those with most photos first."""
    wanted = _spoken(typed)
    if not wanted:
        return sorted(people, key=lambda p: -p.photos)
    found = [p for p in people if f" {wanted}" in f" {_spoken(p.name)}"]
    return sorted(found, key=lambda p: (not _spoken(p.name).startswith(wanted), -p.photos))


def _spoken(text: str) -> str:
    return " ".join(fold(text).split())


class FaceEditor(QFrame):
    """Asks who somebody is; Enter saves, Esc gives up."""

    named = Signal(str)
    left = Signal()

    def __init__(self, pictures: FacePictures, parent: QWidget):
        super().__init__(parent)
        self.setObjectName("faceEditor")
        self.setFixedWidth(WIDTH_PX)
        self._people: tuple[Person, ...] = ()
        self.field = QLineEdit(self)
        self.field.setMaxLength(MOST_NAME)
        self.field.setPlaceholderText(_("Who is this?"))
        self.field.setAccessibleName(_("Name of this person"))
        self.field.textEdited.connect(self._on_text_edited)
        self.field.installEventFilter(self)
        self.list = SuggestionList(pictures, self)
        self.list.chosen.connect(self._on_suggestion_chosen)
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
        self.field.setText(name)
        self.field.selectAll()
        self._suggest("")
        self.show()
        self.raise_()
        self.field.setFocus()

    def know(self, people: tuple[Person, ...]) -> None:
        """Learn which names there are."""
        self._people = people
        if not self.isHidden():
            typed = "" if self.field.hasSelectedText() else self.field.text()
            self._suggest(typed)

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
        self.list.show_rows(())

    # --- inside ---------------------------------------------------------------

    def _suggest(self, typed: str) -> None:
        found = fitting(self._people, typed)[:6]
        self.list.show_rows([Suggestion(p.name, photos(p.photos), p.cover, p.name) for p in found])
        self.adjustSize()

    def _on_text_edited(self, text: str) -> None:
        self._suggest(text)

    def _on_suggestion_chosen(self, suggestion: Suggestion) -> None:
        self.named.emit(suggestion.insert)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._on_key(event)
        return super().eventFilter(watched, event)

    def _on_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        chosen = self.list.current()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            name = chosen.insert if chosen is not None else " ".join(self.field.text().split())
            if name:
                self.named.emit(name)
            else:
                self.left.emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.list.step(1 if key == Qt.Key.Key_Down else -1)
            now = self.list.current()
            self.field.setAccessibleDescription(now.name if now is not None else "")
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            first = chosen or next(iter(self.list.suggestions), None)
            if key == Qt.Key.Key_Tab and first is not None:
                self.field.setText(first.insert)
                self._suggest(first.insert)
        else:
            return False
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.accept()  # no key of the viewer while one types

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.accept()
