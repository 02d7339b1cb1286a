"""The head of a person's page: cover, name to be changed in place, counts, birthday."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QDate, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import icons, theme
from photosearch.gui.naming.faces import LittleFaces, paint_face
from photosearch.gui.naming.field import NameField, merge_note
from photosearch.gui.people import words
from photosearch.gui.people.bars import ElidedLine, UndoButtons
from photosearch.gui.people.people_bar import stranger_words
from photosearch.gui.people.pictures import PeoplePictures
from photosearch.gui.text import _, joined, long_date
from photosearch.gui.text import photos as photos_text
from photosearch.names import same
from photosearch.types import FaceId, Person

COVER_PX = 72
WIDE_PX = 860  # with less room, the button that asks does without the name


class Cover(QWidget):
    """A round face."""

    def __init__(self, faces: LittleFaces, size_px: int, parent: QWidget | None = None):
        super().__init__(parent)
        self._faces = faces
        self._face: FaceId | None = None
        self.setFixedSize(size_px, size_px)
        faces.loaded.connect(self._on_loaded)

    def show_face(self, face: FaceId | None) -> None:
        """Show a face."""
        self._face = face
        self.update()

    @property
    def face(self) -> FaceId | None:
        """The face shown."""
        return self._face

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        picture = self._faces.picture(self._face)
        paint_face(painter, QRectF(self.rect()), picture, "", self.palette())
        painter.end()

    def _on_loaded(self, faces: tuple[FaceId, ...]) -> None:
        if self._face in faces:
            self.update()


class NameLabel(ElidedLine):
    """A name that can be clicked to change it."""

    clicked = Signal()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(
            event.position().toPoint()
        ):
            self.clicked.emit()


class PersonHeader(QWidget):
    """Shows who it is; says what the user wants of them."""

    backWanted = Signal()
    renamed = Signal(str)
    mergeWanted = Signal(object)  # the Person to merge with
    editingEnded = Signal()  # with Enter or Esc
    birthdayWanted = Signal()
    queueWanted = Signal()
    searchWanted = Signal(str)
    hideWanted = Signal()
    strangerWanted = Signal()

    def __init__(self, pictures: PeoplePictures, parent: QWidget | None = None):
        super().__init__(parent)
        self._pictures = pictures
        self._person: Person | None = None
        self._questions = 0
        self._others: tuple[Person, ...] = ()
        self._merging = False  # whether the name is that of somebody to merge with
        self.back = icons.IconButton(icons.back(self), _("Back to all people (Esc)"), self)
        self.back.clicked.connect(self.backWanted)
        self.cover = Cover(pictures.little, COVER_PX, self)
        self.name = NameLabel(self)
        self.name.setProperty("role", "title")
        self.name.setCursor(Qt.CursorShape.IBeamCursor)
        self.name.setToolTip(_("Click to change the name (F2)"))
        self.name.clicked.connect(self.edit_name)
        self.editor = NameField(pictures.little, self, note=merge_note)
        self.editor.setAccessibleName(_("Name of the person"))
        self.editor.setPlaceholderText(_("Who is this?"))
        self.editor.setMaximumWidth(360)
        self.editor.entered.connect(self._on_entered)
        self.editor.left.connect(self._on_left)
        self.editor.cancelled.connect(self._on_cancelled)
        self.said = QLabel(self)
        self.said.setProperty("role", "quiet")
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setWordWrap(True)
        self.queue = QPushButton(words.questions(0), self)
        self.queue.setProperty("role", "primary")
        self.queue.clicked.connect(self.queueWanted)
        self.queue.hide()
        self.undo = UndoButtons(self)
        self.more = icons.IconButton("more", _("More"), self)
        self.more.clicked.connect(self.show_menu)
        self._lay_out()

    def _lay_out(self) -> None:
        self._names = QStackedLayout()
        self._names.setSizeConstraint(QStackedLayout.SizeConstraint.SetNoConstraint)
        self._names.addWidget(self.name)
        self._names.addWidget(self.editor)
        names = QWidget(self)
        names.setLayout(self._names)
        names.setFixedHeight(40)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addStretch(1)
        column.addWidget(names)
        column.addWidget(self.said)
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.S, theme.M, theme.L, theme.XS)
        row.setSpacing(theme.M)
        row.addWidget(self.back)
        row.addWidget(self.cover)
        row.addLayout(column, 1)
        row.addWidget(self.queue)
        row.addWidget(self.undo)
        row.addWidget(self.more)

    # --- what it shows --------------------------------------------------------

    def show_person(self, person: Person | None, faces: int = 0) -> None:
        """Show a person, or with None that these are faces of nobody."""
        self._person = person
        self.cover.setVisible(person is not None)
        self.more.setVisible(person is not None)
        if person is None:
            self._names.setCurrentWidget(self.name)
            self.name.set_full_text(_("Unsorted faces"))
            self.said.setText(
                _("Select the faces of one person and say who it is.") if faces else ""
            )
            self.queue.hide()
            return
        self.name.set_full_text(person.name or _("Who is this?"))
        self.cover.show_face(person.cover)
        born = QDate.fromString(person.birthday or "", Qt.DateFormat.ISODate)
        birthday = _("born {day}").format(day=long_date(born)) if born.isValid() else ""
        several = words.faces(faces) if faces != person.photos else ""
        said = (photos_text(person.photos), several, birthday, words.standing(person))
        self.said.setText(joined(said))

    def set_people(self, people: Sequence[Person]) -> None:
        """Learn whose names can be offered."""
        self._others = tuple(people)
        self.editor.set_people(self._others)

    def show_questions(self, count: int) -> None:
        """Show how many guesses wait for an answer."""
        self._questions = count
        person = self._person
        self.queue.setVisible(count > 0 and person is not None and bool(person.name))
        if person is not None:
            name = person.name if self.width() > WIDE_PX else ""
            self.queue.setText(words.questions(count, name).replace("&", "&&"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.show_questions(self._questions)

    @property
    def editing(self) -> bool:
        """Whether the name is being typed."""
        return self._names.currentWidget() is self.editor

    def edit_name(self) -> None:
        """Let the name be typed."""
        if self._person is not None:
            self._edit(self._person.name, merging=False)

    def ask_merge(self) -> None:
        """Let the name of somebody be typed whom the person is merged with."""
        if self._person is not None:
            self._edit("", merging=True)

    def _edit(self, text: str, merging: bool) -> None:
        self._merging = merging
        self.editor.setPlaceholderText(_("Merge with whom?") if merging else _("Who is this?"))
        self._names.setCurrentWidget(self.editor)
        who = self._person.id if self._person is not None else None
        self.editor.begin(text, but=who, merges=not merging)

    def show_menu(self) -> None:
        """Open the menu of the person."""
        menu, button = self.menu(), self.more
        left = button.width() - menu.sizeHint().width()
        menu.popup(button.mapToGlobal(QPoint(left, button.height() + theme.XS)))

    def menu(self) -> QMenu:
        """Return the menu of the person."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        person = self._person
        if person is None:
            return menu
        menu.addAction(_("Rename") if person.name else _("Name")).triggered.connect(self.edit_name)
        menu.addAction(_("Merge with…")).triggered.connect(self.ask_merge)
        born = _("Change birthday…") if person.birthday else _("Add birthday…")
        menu.addAction(born).triggered.connect(self.birthdayWanted)
        if person.name:
            said = _("Search for photos of {name}").format(name=person.name).replace("&", "&&")
            menu.addAction(said).triggered.connect(self._on_search)
        menu.addSeparator()
        hide = _("Show again") if person.hidden else _("Hide")
        menu.addAction(hide).triggered.connect(self.hideWanted)
        menu.addAction(stranger_words([person])).triggered.connect(self.strangerWanted)
        return menu

    def _on_search(self) -> None:
        if self._person is not None:
            self.searchWanted.emit(self._person.name)

    def _on_entered(self, name: str) -> None:
        if self._merging:
            self._on_other_entered(name)
            return
        self._take(name)
        self.editingEnded.emit()

    def _on_other_entered(self, name: str) -> None:
        other = next((each for each in self._others if same(each.name, name)), None)
        if other is None:
            self.editor.begin(name)  # nobody has this name: it is asked again
            return
        self._on_cancelled()
        self.mergeWanted.emit(other)

    def _on_left(self, name: str) -> None:
        self._take("" if self._merging else name)

    def _on_cancelled(self) -> None:
        self._names.setCurrentWidget(self.name)
        self.editingEnded.emit()

    def _take(self, name: str) -> None:
        self._names.setCurrentWidget(self.name)
        if name and self._person is not None and name != self._person.name:
            self.name.set_full_text(name)
            self.renamed.emit(name)
