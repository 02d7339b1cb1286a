"""One person with all faces; or the faces that belong to nobody yet."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedLayout, QVBoxLayout, QWidget

from photosearch.gui import theme
from photosearch.gui.naming.field import NameField
from photosearch.gui.people.bars import Segments, TwoRows
from photosearch.gui.people.desk import PeopleDesk
from photosearch.gui.people.empty import PeopleEmpty
from photosearch.gui.people.faces_bar import FacesBar
from photosearch.gui.people.faces_view import FacesModel, FacesView
from photosearch.gui.people.merging import Merger
from photosearch.gui.people.person_deeds import PersonDeeds
from photosearch.gui.people.person_header import PersonHeader
from photosearch.gui.people.pictures import PeoplePictures
from photosearch.gui.people.reading import Faces, Order, PeopleNews
from photosearch.gui.people.saying import Done
from photosearch.gui.text import _
from photosearch.names import same
from photosearch.types import Ids, Person, PersonId

ORDERS: tuple[Order, ...] = ("date", "doubt")


class FacesPage(QWidget):
    """Shows faces, and carries what the user says of them to the desk."""

    backWanted = Signal()
    queueWanted = Signal(object)  # PersonId
    photosWanted = Signal(object, int)  # ids of the photos, row
    searchWanted = Signal(str)  # a name

    def __init__(
        self,
        desk: PeopleDesk,
        pictures: PeoplePictures,
        parent: QWidget | None = None,
    ):
        super().__init__(parent)
        self._desk = desk
        self._wanted: PersonId | None = None  # who is asked for; None: faces of nobody
        self.on = False  # whether this is the page the user is on
        self.person: Person | None = None  # who is shown
        self._questions = 0
        self._names: tuple[Person, ...] = ()
        self._pictures = pictures
        self.model = FacesModel(self)
        self.header = PersonHeader(pictures, self)
        merger = Merger(desk, pictures.little, self)
        self._deeds = PersonDeeds(self.header, desk, merger, lambda: self.person, self)
        self.view = FacesView(self.model, pictures.crops, pictures.photos, self)
        self.empty = PeopleEmpty(self)
        self.orders = Segments(_("Order of the faces"), (_("By date"), _("Unsure first")), self)
        self.tiles = Segments(_("What is shown"), (_("Faces"), _("Photos")), self)
        self.editor = NameField(pictures.little, self)
        self.bar = FacesBar(self.editor, self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        usual = QWidget(self)
        row = QHBoxLayout(usual)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        row.addWidget(self.orders, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        row.addWidget(self.tiles, 0, Qt.AlignmentFlag.AlignVCenter)
        self.rows = TwoRows(usual, self.bar, self)
        rows = QHBoxLayout()
        rows.setContentsMargins(16, theme.XS, theme.L, theme.S)
        rows.addWidget(self.rows)
        self.stack = QStackedLayout()
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addLayout(rows)
        column.addLayout(self.stack, 1)

    def _connect(self) -> None:
        desk, header, view = self._desk, self.header, self.view
        header.backWanted.connect(self.backWanted)
        header.editingEnded.connect(self.take_focus)
        header.queueWanted.connect(self._on_queue_wanted)
        header.searchWanted.connect(self.searchWanted)
        header.undo.undoWanted.connect(desk.undo)
        header.undo.redoWanted.connect(desk.redo)
        self.orders.chosen.connect(self._on_order)
        self.tiles.chosen.connect(self._on_tiles)
        self.bar.cleared.connect(self._on_cleared)
        self.editor.entered.connect(self.move_selected)
        self.editor.cancelled.connect(self._on_name_cancelled)
        self.bar.new_button.clicked.connect(self.separate_selected)
        self.bar.yes_button.clicked.connect(self.confirm_selected)
        self.bar.not_button.clicked.connect(self.reject_selected)
        self.bar.cover_button.clicked.connect(self.use_as_cover)
        self.bar.none_button.clicked.connect(self.dismiss_selected)
        view.opened.connect(self._on_opened)
        view.selectionMoved.connect(self._on_selection_moved)
        view.menuWanted.connect(self._on_menu_wanted)
        view.typed.connect(self._on_typed)
        desk.facesRead.connect(self._on_faces_read)
        desk.personGone.connect(self._on_person_gone)

    # --- what it shows --------------------------------------------------------

    @property
    def wanted(self) -> PersonId | None:
        """Whose page it is, be the faces here already or not; None: of the faces of nobody."""
        return self._wanted

    def show_person(self, person: PersonId | None) -> None:
        """Show a person, or with None the faces of nobody."""
        if person != self._wanted or self.person is None:
            self.model.set_faces(())
            self.person = None
            self.orders.show_chosen(0)
        self._wanted, self.on = person, True
        self.orders.setVisible(person is not None)
        self.header.show_person(None)
        self.view.setAccessibleName(_("Faces of the person") if person else _("Unsorted faces"))
        self.refresh()

    def leave(self) -> None:
        """Show nothing from now on."""
        self.on = False

    def refresh(self) -> None:
        """Read the faces again; what is selected stays so."""
        if not self.on:
            return
        self._desk.read_faces(self._wanted, ORDERS[self.orders.now()])

    def show_news(self, news: PeopleNews) -> None:
        """Learn who has a name, and what undo would do."""
        self._names = news.named()
        self.editor.set_people([each for each in self._names if each.id != self._wanted])
        self.header.set_people([each for each in self._names if each.id != self._wanted])
        self.header.undo.show_history(news.history)

    def show_questions(self, count: int) -> None:
        """Show how many guesses about the person wait for an answer."""
        self._questions = count
        self.header.show_questions(count)

    def follow(self, done: Done) -> None:
        """Stay with a person who is somebody else's now."""
        renamed = done.verb == "rename" and self._wanted == done.args[0]
        if renamed or (done.verb == "merge" and self._wanted in done.args[0]):
            self._wanted = done.result
        self.refresh()

    def take_focus(self) -> None:
        """Bring the keyboard to the faces."""
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_faces_read(self, answer: Faces) -> None:
        shown = answer.person.id if answer.person is not None else None
        if shown != self._wanted or not self.on:
            return
        self.person = answer.person
        self._pictures.know(answer.faces)
        self.header.show_person(answer.person, len(answer.faces))
        self.header.show_questions(self._questions)  # they may have been here first
        self.model.set_faces(answer.faces)
        self.empty.show_no_unsorted()
        self.stack.setCurrentWidget(self.view if answer.faces else self.empty)
        if answer.person is not None and not answer.faces:
            self.backWanted.emit()
        self._on_selection_moved()

    def _on_person_gone(self, person: PersonId) -> None:
        if person == self._wanted and self.on:
            self.backWanted.emit()

    def photo_ids(self) -> Ids:
        """Return the photos of the faces in the order shown, each once."""
        photos = dict.fromkeys(int(face.photo) for face in self.model.faces)
        return np.fromiter(photos, np.int64, len(photos))

    # --- what the user does ---------------------------------------------------

    def move_selected(self, name: str) -> None:
        """Say that the selected faces are the person of a name."""
        faces = self.view.selected_faces()
        self.editor.clear()
        if not faces:
            return
        known = next((each for each in self._names if same(each.name, name)), None)
        if known is not None:
            self._desk.move(faces, known.id)
        else:
            self._desk.name_faces(faces, name)
        self._go_on()

    def separate_selected(self) -> None:
        """Make the selected faces a person of their own."""
        self._desk.move(self.view.selected_faces(), None)
        self._go_on()

    def confirm_selected(self) -> None:
        """Say that the selected faces are right."""
        if self.person is not None:
            self._desk.confirm(self.view.selected_faces(), self.person.id)
            self._go_on()

    def reject_selected(self) -> None:
        """Say that the selected faces are not this person."""
        if self.person is not None:
            self._desk.reject(self.view.selected_faces(), self.person.id)
            self._go_on()

    def dismiss_selected(self) -> None:
        """Say that the selected ones are no faces."""
        self._desk.dismiss(self.view.selected_faces())
        self._go_on()

    def use_as_cover(self) -> None:
        """Let the selected face stand for the person."""
        faces = self.view.selected_faces()
        if self.person is not None and len(faces) == 1:
            self._desk.set_cover(self.person.id, faces[0])
            self._go_on()

    def menu(self) -> QMenu:
        """Return the context menu of the selected faces."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def add(text: str, call: Callable[[], None]) -> None:
            menu.addAction(text).triggered.connect(call)

        rows = self.view.selected_rows()
        if len(rows) == 1:
            add(_("Look at the photo"), lambda: self._on_opened(rows[0]))
        add(self.editor.placeholderText(), self.ask_where)
        add(self.bar.new_button.text(), self.separate_selected)
        if self.person is not None:
            menu.addSeparator()
            add(self.bar.yes_button.text(), self.confirm_selected)
            add(self.bar.not_button.text(), self.reject_selected)
            if len(rows) == 1:
                add(self.bar.cover_button.text(), self.use_as_cover)
        menu.addSeparator()
        add(self.bar.none_button.text(), self.dismiss_selected)
        return menu

    def _go_on(self) -> None:
        self.view.clearSelection()
        self.take_focus()

    def ask_where(self) -> None:
        """Bring the keyboard to the field that says whose the selected faces are."""
        if self.view.selectionModel().hasSelection():
            self.editor.begin("")

    def _on_typed(self, text: str) -> None:
        if self.view.selectionModel().hasSelection():
            self.editor.begin("", text)

    def _on_name_cancelled(self) -> None:
        self.editor.clear()
        self.take_focus()

    def _on_queue_wanted(self) -> None:
        if self._wanted is not None:
            self.queueWanted.emit(self._wanted)

    def _on_order(self, _number: int) -> None:
        self.refresh()

    def _on_tiles(self, number_: int) -> None:
        self.view.show_photos(bool(number_))

    def _on_opened(self, row: int) -> None:
        face = self.model.face(row)
        if face is not None:
            ids = self.photo_ids()
            self.photosWanted.emit(ids, int(np.flatnonzero(ids == int(face.photo))[0]))

    def _on_selection_moved(self) -> None:
        count = len(self.view.selected_rows())
        self.rows.show_other(count > 0)
        if count:
            self.bar.show_selected(self.person, count)

    def _on_menu_wanted(self, where: QPoint) -> None:
        self.menu().popup(where)

    def _on_cleared(self) -> None:
        self._go_on()
