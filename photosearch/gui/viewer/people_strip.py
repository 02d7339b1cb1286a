"""The people on the photo, as round faces with their names, in the info panel."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from photosearch.gui import theme
from photosearch.gui.naming.faces import LittleFaces, round_face
from photosearch.gui.text import _, plural
from photosearch.types import FaceId, PersonFace

FACE_PX = 56
COLUMNS = 3
BUTTON_PX = 86


def named_once(faces: tuple[PersonFace, ...]) -> list[PersonFace]:
    """Return one face of each named person, from left to right."""
    found: dict[object, PersonFace] = {}
    for face in faces:
        if face.name:
            found.setdefault(face.person, face)
    return list(found.values())


class PeopleStrip(QWidget):
    """Buttons with faces; one for all that have no name."""

    personWanted = Signal(object)  # PersonId
    unnamedWanted = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("peopleStrip")
        self._pictures: LittleFaces | None = None
        self._buttons: list[tuple[PersonFace, QToolButton]] = []
        title = QLabel(_("People"), self)
        title.setProperty("role", "small")
        self.unnamed = QPushButton(_("Faces without a name"), self)
        self.unnamed.setProperty("role", "link")
        self.unnamed.clicked.connect(self.unnamedWanted)
        self._grid = QGridLayout()
        self._grid.setSpacing(theme.XS)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, theme.M, theme.M)
        column.setSpacing(theme.S)
        column.addWidget(title)
        column.addLayout(self._grid)
        column.addWidget(self.unnamed, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    def take_pictures_from(self, pictures: LittleFaces) -> None:
        """Know where faces come from."""
        self._pictures = pictures
        pictures.loaded.connect(self._on_faces_loaded)

    def show_faces(self, faces: tuple[PersonFace, ...]) -> None:
        """Show who is on the photo."""
        for _face, button in self._buttons:
            self._grid.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = [(face, self._button(face)) for face in named_once(faces)]
        for at, (_face, button) in enumerate(self._buttons):
            self._grid.addWidget(button, at // COLUMNS, at % COLUMNS)
        nameless = sum(not face.name for face in faces)
        words = plural("{n} face without a name", "{n} faces without a name", nameless)
        self.unnamed.setText(words)
        self.unnamed.setVisible(nameless > 0)
        self.setVisible(bool(faces))

    @property
    def names(self) -> list[str]:
        """The names shown."""
        return [face.name for face, _button in self._buttons]

    @property
    def buttons(self) -> list[QToolButton]:
        """The people as buttons."""
        return [button for _face, button in self._buttons]

    def _button(self, face: PersonFace) -> QToolButton:
        button = QToolButton(self)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setIconSize(QSize(FACE_PX, FACE_PX))
        button.setFixedWidth(BUTTON_PX)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        elided = button.fontMetrics().elidedText(
            face.name, Qt.TextElideMode.ElideRight, BUTTON_PX - theme.XS
        )
        button.setText(elided.replace("&", "&&"))
        button.setToolTip(face.name)
        button.setAccessibleName(_("Go to {name}").format(name=face.name))
        button.clicked.connect(partial(self._on_clicked, face))
        self._draw(face, button)
        return button

    def _draw(self, face: PersonFace, button: QToolButton) -> None:
        picture = self._pictures.picture(face.id) if self._pictures is not None else None
        ratio = self.devicePixelRatioF()
        button.setIcon(QIcon(round_face(picture, face.name, self.palette(), FACE_PX, ratio)))

    def _on_faces_loaded(self, loaded: tuple[FaceId, ...]) -> None:
        for face, button in self._buttons:
            if face.id in loaded:
                self._draw(face, button)

    def _on_clicked(self, face: PersonFace) -> None:
        self.personWanted.emit(face.person)
