"""Two small questions: which name holds after a merge, and when somebody was born."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QDate, QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import theme
from photosearch.gui.naming.faces import LittleFaces, round_face
from photosearch.gui.people import words
from photosearch.gui.people.days import FIRST_YEAR, read_day, written
from photosearch.gui.text import _, long_date
from photosearch.gui.text import photos as photos_text
from photosearch.types import Person, PersonId

NAMES_AT_MOST = 10  # that are offered; more have no room, nor the patience of anyone
DIALOG_PX = 440  # so wide that its own title has room in the bar of the window system
FACE_PX = 40


class MergeDialog(QDialog):
    """Asks which of several names holds."""

    chosen = Signal(object, object)  # tuple of PersonId, the one whose name holds

    def __init__(
        self,
        people: Sequence[Person],
        into: PersonId | None,
        faces: LittleFaces,
        parent: QWidget,
    ):
        super().__init__(parent)
        _begin(self, _("Merge {people}").format(people=words.people(len(people))))
        self._people = tuple(person.id for person in people)
        self._faces = faces
        named = [person for person in people if person.name]
        named.sort(key=lambda person: (person.id != into, -person.photos))
        self._named = named[:NAMES_AT_MOST]
        title = QLabel(_("Which name is to stay?"), self)
        title.setProperty("role", "heading")
        column = _column(self)
        column.addWidget(title)
        self.group = QButtonGroup(self)
        for number, person in enumerate(self._named):
            count = photos_text(person.photos)
            button = QRadioButton(f"{person.name}   ({count})".replace("&", "&&"), self)
            button.setIconSize(QSize(FACE_PX, FACE_PX))
            self.group.addButton(button, number)
            column.addWidget(button)
        self.group.button(0).setChecked(True)
        self._draw_faces()
        faces.loaded.connect(self._draw_faces)
        box, _merge = _buttons(self, _("Merge"))
        column.addSpacing(theme.S)
        column.addWidget(box)
        self.accepted.connect(self._on_accepted)

    def _draw_faces(self, *_loaded: object) -> None:
        ratio = self.devicePixelRatioF()
        for button, person in zip(self.group.buttons(), self._named, strict=True):
            picture = self._faces.picture(person.cover)
            face = round_face(picture, person.name, self.palette(), FACE_PX, ratio)
            button.setIcon(QIcon(face))

    def _on_accepted(self) -> None:
        self.chosen.emit(self._people, self._named[self.group.checkedId()].id)


class BirthdayDialog(QDialog):
    """Asks for a day, and shows how what is typed was understood before it is saved."""

    chosen = Signal(object)  # "YYYY-MM-DD", or None to forget it

    def __init__(self, person: Person, parent: QWidget):
        super().__init__(parent)
        _begin(self, _("Birthday"))
        self._day: QDate | None = None
        title = QLabel(_("When was {name} born?").format(name=words.name(person)), self)
        title.setProperty("role", "heading")
        title.setTextFormat(Qt.TextFormat.PlainText)
        title.setWordWrap(True)
        text = QLabel(_("Faces on older photos are then not suggested."), self)
        text.setProperty("role", "quiet")
        self.field = QLineEdit(self)
        self.field.setAccessibleName(_("Birthday"))
        example = written(QDate(1980, 3, 15))
        self.field.setPlaceholderText(_("{day}, or 1980-03-15").format(day=example))
        self.said = QLabel(self)
        self.said.setWordWrap(True)
        self.said.setMinimumHeight(self.said.fontMetrics().height())
        box, self.save = _buttons(self, _("Save"))
        if person.birthday:
            forget = box.addButton(_("Forget"), QDialogButtonBox.ButtonRole.DestructiveRole)
            forget.clicked.connect(self._on_forget)
        self.accepted.connect(self._on_accepted)
        column = _column(self)
        for widget in (title, text, self.field, self.said):
            column.addWidget(widget)
        column.addSpacing(theme.S)
        column.addWidget(box)
        self.field.textChanged.connect(self._on_typed)
        known = QDate.fromString(person.birthday or "", Qt.DateFormat.ISODate)
        self.field.setText(written(known) if known.isValid() else "")
        self.field.selectAll()
        self._on_typed(self.field.text())
        self.field.setFocus()

    def _on_typed(self, text: str) -> None:
        day = read_day(text)
        to_come = day is not None and day > QDate.currentDate()
        self._day = None if to_come else day
        self.save.setEnabled(self._day is not None)
        if day is not None:
            said = _("{day} is still to come.") if to_come else _("Born {day}.")
            said = said.format(day=long_date(day))
        elif text.strip():
            said = _("This is no day from {year} on. Write the year with four digits.")
            said = said.format(year=FIRST_YEAR)
        else:
            said = ""
        self.said.setText(said)
        self.said.setProperty("role", "strong" if self._day is not None else "quiet")
        self.said.style().polish(self.said)

    def _on_accepted(self) -> None:
        if self._day is not None:
            self.chosen.emit(self._day.toString(Qt.DateFormat.ISODate))

    def _on_forget(self) -> None:
        self.chosen.emit(None)
        self.reject()


def _begin(dialog: QDialog, title: str) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    dialog.setMinimumWidth(DIALOG_PX)


def _column(dialog: QDialog) -> QVBoxLayout:
    column = QVBoxLayout(dialog)
    column.setContentsMargins(theme.L, theme.L, theme.L, theme.L)
    column.setSpacing(theme.M)
    return column


def _buttons(dialog: QDialog, deed: str) -> tuple[QDialogButtonBox, QPushButton]:
    """Return the buttons of a dialog and the one that does it."""
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, dialog)
    do = QPushButton(deed)
    do.setProperty("role", "primary")
    do.setDefault(True)
    box.addButton(do, QDialogButtonBox.ButtonRole.AcceptRole)
    box.accepted.connect(dialog.accept)
    box.rejected.connect(dialog.reject)
    return box, do
