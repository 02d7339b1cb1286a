"""Two small questions: which name holds after a merge, and when somebody was born."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDateEdit,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import theme
from photosearch.gui.people import words
from photosearch.gui.text import _
from photosearch.gui.text import photos as photos_text
from photosearch.types import Person, PersonId

NAMES_AT_MOST = 10  # that are offered; more have no room, nor the patience of anyone


class MergeDialog(QDialog):
    """Asks which of several names holds."""

    chosen = Signal(object, object)  # tuple of PersonId, the one whose name holds

    def __init__(self, people: Sequence[Person], into: PersonId | None, parent: QWidget):
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Merge {people}").format(people=words.people(len(people))))
        self._people = tuple(person.id for person in people)
        title = QLabel(_("Which name is to stay?"), self)
        title.setProperty("role", "heading")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.L, theme.L, theme.L)
        column.setSpacing(theme.M)
        column.addWidget(title)
        self.group = QButtonGroup(self)
        named = [person for person in people if person.name]
        named.sort(key=lambda person: (person.id != into, -person.photos))
        named = named[:NAMES_AT_MOST]
        for number, person in enumerate(named):
            count = photos_text(person.photos)
            button = QRadioButton(f"{person.name}   ({count})".replace("&", "&&"), self)
            button.setChecked(person.id == into or (number == 0 and into is None))
            self.group.addButton(button, number)
            column.addWidget(button)
        self._named = named
        if self.group.checkedId() < 0:
            self.group.button(0).setChecked(True)
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        merge = box.addButton(_("Merge"), QDialogButtonBox.ButtonRole.AcceptRole)
        merge.setProperty("role", "primary")
        assert isinstance(merge, QPushButton)
        merge.setDefault(True)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        column.addSpacing(theme.S)
        column.addWidget(box)
        self.accepted.connect(self._on_accepted)

    def _on_accepted(self) -> None:
        self.chosen.emit(self._people, self._named[self.group.checkedId()].id)


class BirthdayDialog(QDialog):
    """Asks for a day."""

    chosen = Signal(object)  # "YYYY-MM-DD", or None to forget it

    def __init__(self, person: Person, parent: QWidget):
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Birthday"))
        title = QLabel(_("When was {name} born?").format(name=words.name(person)), self)
        title.setProperty("role", "heading")
        title.setTextFormat(Qt.TextFormat.PlainText)
        title.setWordWrap(True)
        text = QLabel(_("Faces on older photos are then not suggested."), self)
        text.setProperty("role", "quiet")
        self.field = QDateEdit(self)
        self.field.setCalendarPopup(True)
        self.field.setDisplayFormat("d MMMM yyyy")
        self.field.setMaximumDate(QDate.currentDate())
        self.field.setMinimumDate(QDate(1800, 1, 1))
        known = QDate.fromString(person.birthday or "", Qt.DateFormat.ISODate)
        self.field.setDate(
            known if known.isValid() else QDate(QDate.currentDate().year() - 30, 1, 1)
        )
        self.field.setAccessibleName(_("Birthday"))
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        save = box.addButton(_("Save"), QDialogButtonBox.ButtonRole.AcceptRole)
        save.setProperty("role", "primary")
        assert isinstance(save, QPushButton)
        save.setDefault(True)
        if person.birthday:
            forget = box.addButton(_("Forget"), QDialogButtonBox.ButtonRole.DestructiveRole)
            forget.clicked.connect(self._on_forget)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        self.accepted.connect(self._on_accepted)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.L, theme.L, theme.L)
        column.setSpacing(theme.M)
        column.addWidget(title)
        column.addWidget(text)
        column.addWidget(self.field)
        column.addSpacing(theme.S)
        column.addWidget(box)

    def _on_accepted(self) -> None:
        self.chosen.emit(self.field.date().toString(Qt.DateFormat.ISODate))

    def _on_forget(self) -> None:
        self.chosen.emit(None)
        self.reject()
