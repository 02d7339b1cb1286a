"""The page of people: sections, the grid, what can be done with those that are selected."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import icons, theme
from photosearch.gui.people import words
from photosearch.gui.people.bars import ElidedLine, Segments, TwoRows, UndoButtons
from photosearch.gui.people.desk import PeopleDesk
from photosearch.gui.people.empty import PeopleEmpty
from photosearch.gui.people.filter_bar import FilterBar
from photosearch.gui.people.grouping import GroupingPanel
from photosearch.gui.people.merging import Merger
from photosearch.gui.people.people_bar import PeopleBar, hide_words, stranger_words
from photosearch.gui.people.people_model import PeopleModel, Section
from photosearch.gui.people.people_view import PeopleView
from photosearch.gui.people.pictures import PeoplePictures
from photosearch.gui.people.reading import PeopleNews
from photosearch.gui.people.saying import Done
from photosearch.gui.text import _, number
from photosearch.types import Person, PersonId, Progress

SECTIONS = (Section.ALL, Section.NAMED, Section.UNNAMED)


class PeoplePage(QWidget):
    """Shows who there is and carries what the user says of them to the desk."""

    personWanted = Signal(object)  # PersonId
    unsortedWanted = Signal()
    queueWanted = Signal()
    searchWanted = Signal(str)  # a name

    def __init__(
        self,
        desk: PeopleDesk,
        pictures: PeoplePictures,
        parent: QWidget | None = None,
    ):
        super().__init__(parent)
        self._desk = desk
        self._news: PeopleNews | None = None
        self._away = 0  # how many are hidden or strangers
        self._merged: tuple[PersonId, ...] = ()  # yet to be shown as one, the one that stays first
        self.model = PeopleModel(self)
        self.view = PeopleView(self.model, pictures.covers, pictures.little, self)
        self._merger = Merger(desk, pictures.little, self)
        self.empty = PeopleEmpty(self)
        self._make_header()
        self.bar = PeopleBar(self)
        self.grouping = GroupingPanel(self)
        self._lay_out()
        self._connect()
        self._choose_page()

    def _make_header(self) -> None:
        self.title = QLabel(_("People"), self)
        self.title.setProperty("role", "title")
        self.count = ElidedLine(self)
        self.count.setProperty("role", "quiet")
        self.count.setContentsMargins(0, 0, 0, 4)
        self.undo = UndoButtons(self)
        self.tune = icons.IconButton("tune", _("Grouping of faces…"), self)
        self.queue = QPushButton(words.questions(0), self)
        self.queue.setProperty("role", "primary")
        self.queue.hide()
        self.sections = Segments(
            _("Which people are shown"), (_("Everyone"), _("Named"), _("Unnamed")), self
        )
        self.unsorted = QPushButton(_("Unsorted faces"), self)
        self.unsorted.setProperty("role", "link")
        self.hidden = QPushButton(_("Show hidden"), self)
        self.hidden.setProperty("role", "link")
        self.hidden.setCheckable(True)
        self.filters = FilterBar(self.sections, (self.unsorted, self.hidden), self)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(16, theme.M, theme.L, 0)
        head.setSpacing(theme.S)
        head.addWidget(self.title, 0, Qt.AlignmentFlag.AlignBottom)
        head.addSpacing(theme.XS)
        head.addWidget(self.count, 1, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.queue)
        head.addWidget(self.undo)
        head.addWidget(self.tune)
        self.rows = TwoRows(self.filters, self.bar, self)
        rows = QHBoxLayout()
        rows.setContentsMargins(16, theme.XS, theme.L, theme.XS)
        rows.addWidget(self.rows)
        self.stack = QStackedLayout()
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(rows)
        column.addLayout(self.stack, 1)

    def _connect(self) -> None:
        desk, view = self._desk, self.view
        self.undo.undoWanted.connect(desk.undo)
        self.undo.redoWanted.connect(desk.redo)
        self.tune.clicked.connect(self._on_tune)
        self.queue.clicked.connect(self.queueWanted)
        self.sections.chosen.connect(self._on_section)
        self.hidden.toggled.connect(self._on_section)
        self.unsorted.clicked.connect(self.unsortedWanted)
        self.bar.cleared.connect(self._on_cleared)
        self.bar.merge_button.clicked.connect(self.merge_selected)
        self.bar.hide_button.clicked.connect(self.hide_selected)
        self.bar.stranger_button.clicked.connect(self.strangers_selected)
        view.opened.connect(self._on_opened)
        view.selectionMoved.connect(self._on_selection_moved)
        view.menuWanted.connect(self._on_menu_wanted)
        view.named.connect(desk.rename)
        view.mergeWanted.connect(self._on_merge_wanted)
        view.editingEnded.connect(self._on_editing_ended)
        self.grouping.strictnessWanted.connect(desk.regroup)
        desk.groupProgressed.connect(self.grouping.show_progress)
        desk.groupEnded.connect(self.grouping.show_report)
        desk.groupingChanged.connect(self.grouping.show_working)

    # --- what it shows --------------------------------------------------------

    def show_news(self, news: PeopleNews) -> None:
        """Show who there is; who is being named or looked at stays in place."""
        self._news = news
        self.view.set_names(news.named())
        self.model.set_people(news.people, keep_order=self.view.editing)
        away = sum(person.hidden or person.stranger for person in news.people)
        self.filters.want(self.hidden, away > 0)
        self._away = away
        self._say_hidden()
        self.grouping.show_away(away)
        self.filters.want(self.unsorted, news.unsorted > 0)
        self.unsorted.setText(_("Unsorted faces ({n})").format(n=number(news.unsorted)))
        self.undo.show_history(news.history)
        shown = len(news.people) - away
        named = sum(bool(p.name) and not (p.hidden or p.stranger) for p in news.people)
        less = said = words.people(shown)
        if named:
            said = _("{people}, {n} named").format(people=said, n=number(named))
        self.count.set_full_text(said, less) if shown else self.count.set_full_text("")
        self._on_selection_moved()
        self._choose_page()
        self._show_merged()

    def follow(self, done: Done) -> None:
        """Stay with those who were merged, once they are shown as one."""
        if done.verb == "merge":
            people, stays = done.args[0], done.result
            self._merged = (stays, *(each for each in people if each != stays))
        elif done.verb in ("undo", "redo"):
            self._merged = ()

    def show_questions(self, count: int, name: str) -> None:
        """Show how many guesses wait for an answer; all of them about `name`, or about several."""
        self.queue.setVisible(count > 0)
        self.queue.setText(words.questions(count, name).replace("&", "&&"))

    def show_working(
        self, working: bool, progress: Progress | None = None, has_photos: bool = True
    ) -> None:
        """Learn whether faces may still be on their way."""
        self.empty.follow(working, progress, has_photos)
        self._choose_page()

    def take_focus(self) -> None:
        """Bring the keyboard to what is shown."""
        shown = self.stack.currentWidget()
        if shown is self.view:
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)
            if not self.view.currentIndex().isValid() and self.model.rowCount():
                self.view.select_numbers(self.model.numbers()[:1], scroll=False)
                self.view.clearSelection()
        elif shown is not None:
            shown.setFocus()

    def _show_merged(self) -> None:
        if not self._merged or any(self.model.known(gone) for gone in self._merged[1:]):
            return  # this is news of before
        stays, self._merged = int(self._merged[0]), ()
        if self.model.row_of(stays) >= 0:
            self.view.select_numbers([stays])
            if self.isVisible() and not self.view.editing:
                self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _choose_page(self) -> None:
        news = self._news
        there = bool(news is not None and news.people)
        for widget in (self.rows, self.tune, self.undo):
            widget.setVisible(there)
        if self.model.rowCount():
            focused = QApplication.focusWidget()
            held = focused is not None and self.empty.isAncestorOf(focused)
            held = held or focused is self.empty
            self.stack.setCurrentWidget(self.view)
            if held:
                self.take_focus()
        else:
            self.stack.setCurrentWidget(self.empty)
            self.empty.show_why(news, self.sections.now() == SECTIONS.index(Section.NAMED))

    # --- what the user does ---------------------------------------------------

    def selected(self) -> list[Person]:
        """Return who is selected."""
        people = (self.model.known(person) for person in self.view.selected_people())
        return [person for person in people if person is not None]

    def merge_selected(self) -> None:
        """Make those who are selected one person."""
        self._merger.merge(self.selected())

    def hide_selected(self) -> None:
        """Hide those who are selected, or show them again if all are hidden."""
        chosen = self.selected()
        if not chosen:
            return
        value = not all(person.hidden for person in chosen)
        self._desk.set_hidden([person.id for person in chosen], value)

    def strangers_selected(self) -> None:
        """Say that those who are selected are strangers, or that they are not."""
        chosen = self.selected()
        value = not all(person.stranger for person in chosen)
        self._desk.set_strangers([person.id for person in chosen], value)

    def menu(self) -> QMenu:
        """Return the context menu of those who are selected."""
        chosen = self.selected()
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def add(text: str, call: Callable[[], None], keys: str = "") -> None:
            action = menu.addAction(text.replace("&", "&&"))
            action.triggered.connect(call)
            if keys:  # shown only: the keys themselves belong to the grid
                action.setShortcut(QKeySequence(keys))
                action.setShortcutVisibleInContextMenu(True)

        if len(chosen) == 1:
            (one,) = chosen
            row = self.model.row_of(int(one.id))
            add(_("Open"), lambda: self.personWanted.emit(one.id), "Return")
            add(_("Rename") if one.name else _("Name"), lambda: self.view.edit_name(row), "F2")
            add(_("Merge with…"), lambda: self.view.ask_merge(row))
            if one.name:
                said = _("Search for photos of {name}").format(name=one.name)
                add(said, lambda: self.searchWanted.emit(one.name))
        elif chosen:
            add(_("Merge {people}").format(people=words.people(len(chosen))), self.merge_selected)
        if chosen:
            menu.addSeparator()
            add(hide_words(chosen), self.hide_selected)
            add(stranger_words(chosen), self.strangers_selected)
        return menu

    def _on_merge_wanted(self, dragged: tuple[PersonId, ...], target: PersonId) -> None:
        people = (self.model.known(person) for person in (*dragged, target))
        self._merger.merge([person for person in people if person is not None], target)

    def _on_opened(self, row: int) -> None:
        person = self.model.person(row)
        if person is not None:
            self.personWanted.emit(person.id)

    def _say_hidden(self) -> None:
        said = _("Leave out hidden") if self.hidden.isChecked() else _("Show hidden")
        self.hidden.setText(f"{said} ({number(self._away)})")

    def _on_section(self, *_what: object) -> None:
        self._say_hidden()
        self.view.stop_editing()
        self.model.show_section(SECTIONS[self.sections.now()], self.hidden.isChecked())
        self._choose_page()

    def _on_selection_moved(self) -> None:
        chosen = self.selected()
        if chosen:
            self.bar.show_selected(chosen)
        self.rows.show_other(bool(chosen))

    def _on_menu_wanted(self, where: QPoint) -> None:
        self.menu().popup(where)

    def _on_cleared(self) -> None:
        self.view.clearSelection()
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_tune(self) -> None:
        self.grouping.open_below(self.tune, self._desk.strictness)

    def _on_editing_ended(self) -> None:
        if self._news is not None:  # what came meanwhile takes its place in the order
            self.model.set_people(self._news.people)
