"""The people pages together: which one is shown, what is told to all of them, the toast.

Knows the desk and the pages; the window learns by signal what concerns it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from photosearch.gui.people.bars import UndoToast
from photosearch.gui.people.desk import PeopleDesk
from photosearch.gui.people.faces_page import FacesPage
from photosearch.gui.people.people_page import PeoplePage
from photosearch.gui.people.pictures import PeoplePictures
from photosearch.gui.people.queue_page import QueuePage
from photosearch.gui.people.reading import PeopleNews, Questions
from photosearch.gui.people.saying import Done, Word
from photosearch.gui.people.telling import told
from photosearch.gui.text import _
from photosearch.jobs import Runner
from photosearch.search.parsing import quote
from photosearch.types import PersonId, Progress, Stage

if TYPE_CHECKING:
    from photosearch.library import Library

TOAST_MS = 7000
FOLLOW_MS = 2000  # while faces are found, the pages follow at most this often
SILENT = ("confirm", "reject")  # in the queue: its buttons are the news
FACE_STAGES = (Stage.FACES, Stage.GROUP)


class PeopleRoom(QWidget):
    """Shows the people, one of them, the queue, or the faces of nobody."""

    packWanted = Signal()
    enableWanted = Signal()
    photosWanted = Signal(object, int)  # ids to look at, row
    searchWanted = Signal(str)  # words for the search bar
    personShown = Signal(object)  # PersonId; None: all of them

    def __init__(self, library: Library, runner: Runner, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._shown = False  # whether the room is what the window shows
        self._news: PeopleNews | None = None
        self._of_all = Questions(None, ())
        self._of_one: Questions | None = None  # of the person whose page is shown
        self.desk = PeopleDesk(library, runner, self)
        self.pictures = PeoplePictures(library, runner, self)
        self.people = PeoplePage(self.desk, self.pictures, self)
        self.faces = FacesPage(self.desk, self.pictures, self)
        self.queue = QueuePage(self.desk, self.pictures, self)
        self.toast = UndoToast(self)
        self.toast.spare(self.people.view.editor, *self.queue.buttons())
        self._told: Word | None = None  # what the toast's button takes back; None: it does again
        self._toast_timer = QTimer(self, interval=TOAST_MS, singleShot=True)
        self._toast_timer.timeout.connect(self.toast.hide)
        self._follow = QTimer(self, interval=FOLLOW_MS, singleShot=True)
        self._follow.timeout.connect(self.refresh)
        self._working = False
        self._stage: Stage | None = None  # of the run that is on
        self._has_photos = False
        self.stack = QStackedLayout(self)
        for page in (self.people, self.faces, self.queue):
            self.stack.addWidget(page)
        self._connect()

    def _connect(self) -> None:
        desk, people, faces, queue = self.desk, self.people, self.faces, self.queue
        desk.seen.connect(self._on_seen)
        desk.done.connect(self._on_done)
        desk.questionsRead.connect(self._on_questions_read)
        desk.groupEnded.connect(self._ask)
        people.personWanted.connect(self.show_person)
        people.unsortedWanted.connect(self.show_unsorted)
        people.view.editorPlaced.connect(self.toast.place)
        people.queueWanted.connect(self._on_queue_wanted)
        people.searchWanted.connect(self._on_search_wanted)
        people.empty.packWanted.connect(self.packWanted)
        people.empty.enableWanted.connect(self.enableWanted)
        faces.backWanted.connect(self.show_people)
        faces.queueWanted.connect(self._on_queue_of_one_wanted)
        faces.photosWanted.connect(self.photosWanted)
        faces.searchWanted.connect(self._on_search_wanted)
        queue.backWanted.connect(self._on_queue_left)
        self.toast.acted.connect(self._on_toast_acted)

    # --- for the window -------------------------------------------------------

    def set_shown(self, shown: bool) -> None:
        """Learn whether the room is what the window shows."""
        self._shown = shown
        if shown:
            self.refresh()
        else:
            self.toast.hide()

    def refresh(self) -> None:
        """Look again who there is, in place.

        While a run is on, that is every now and then: what to ask is read when faces were grouped.
        """
        self.desk.refresh()
        if self._shown:
            self.faces.refresh()
            if not self._working:
                self._ask()

    def follow_progress(self, progress: Progress | None) -> None:
        """Follow a run of indexing; None: it is over."""
        before, self._stage = self._stage, progress.stage if progress is not None else None
        if before is Stage.GROUP and self._stage is not Stage.GROUP:
            self._ask()
        if progress is None:
            self._working = False
            self.people.show_working(False, None, self._has_photos)
            return
        self._working = True
        of_faces = progress if progress.stage is Stage.FACES else None
        self.people.show_working(True, of_faces, self._has_photos)
        if progress.stage in FACE_STAGES and self._shown and not self._follow.isActive():
            self._follow.start()

    def set_photos(self, count: int) -> None:
        """Learn how many photos there are."""
        self._has_photos = count > 0
        self.people.show_working(self._working, None, self._has_photos)

    def take_focus(self) -> None:
        """Bring the keyboard to the page that is shown."""
        shown = self.stack.currentWidget()
        if isinstance(shown, PeoplePage | FacesPage | QueuePage):
            shown.take_focus()

    def undo(self) -> None:
        """Take the last thing back; in the queue, ask the one before again."""
        if self.stack.currentWidget() is self.queue:
            self.queue.undo_last()
        else:
            self.desk.undo()

    def merge_or_move(self) -> None:
        """Merge the people that are selected; among faces, ask where they belong."""
        shown = self.stack.currentWidget()
        if shown is self.people:
            self.people.merge_selected()
        elif shown is self.faces:
            self.faces.ask_where()

    def hide_selected(self) -> None:
        """Hide the people that are selected, or show them again."""
        if self.stack.currentWidget() is self.people:
            self.people.hide_selected()

    def close_pictures(self) -> None:
        """Load no pictures from now on."""
        self.pictures.close()

    # --- pages ----------------------------------------------------------------

    def show_people(self) -> None:
        """Show all people."""
        before = self.faces.person
        self._go(self.people)
        if before is not None:
            self.people.view.select_numbers([int(before.id)])
            self.people.view.clearSelection()
        self.personShown.emit(None)

    def show_person(self, person: PersonId) -> None:
        """Show one person."""
        self.faces.show_person(person)
        self._forget_questions()
        self._go(self.faces)
        self.personShown.emit(person)

    def show_unsorted(self) -> None:
        """Show the faces that belong to nobody."""
        self.faces.show_person(None)
        self._go(self.faces)
        self.personShown.emit(None)

    def show_queue(self) -> None:
        """Ask the guesses that are known: of the person whose page is shown, or of all."""
        person = self._person_of_page()
        own = self._of_one if person is not None else None
        self.queue.begin(own if own is not None else self._of_all)
        self._go(self.queue)

    def _go(self, page: QWidget) -> None:
        if page is not self.faces and page is not self.queue:
            self.faces.leave()
        if page is self.queue:
            self.toast.hide()  # it tells of another page
        self.stack.setCurrentWidget(page)
        self.take_focus()
        self.refresh()
        self._ask()

    def _forget_questions(self) -> None:
        """Offer nothing that is asked about another person than the one shown."""
        person = self.faces.wanted
        if person is not None and (self._of_one is None or self._of_one.person != person):
            self._show_questions(Questions(person, ()))  # until they are read

    def _ask(self, *_what: object) -> None:
        """Look what there is to ask; the queue itself is not disturbed."""
        if self._shown and self.stack.currentWidget() is not self.queue:
            self.desk.read_questions(self._person_of_page())

    def _person_of_page(self) -> PersonId | None:
        return self.faces.wanted if self.stack.currentWidget() is self.faces else None

    # --- what is told ---------------------------------------------------------

    def _on_seen(self, news: PeopleNews) -> None:
        self._news = news
        self.people.show_news(news)
        self.faces.show_news(news)

    def _on_questions_read(self, answer: Questions) -> None:
        if self.stack.currentWidget() is self.queue:
            return  # it takes them itself
        self._show_questions(answer)

    def _show_questions(self, answer: Questions) -> None:
        if answer.person is None:
            self._of_all = answer
            names = {question.person.name for question in answer.asked}
            self.people.show_questions(len(answer.asked), names.pop() if len(names) == 1 else "")
        elif answer.person == self.faces.wanted:
            self._of_one = answer
            self.faces.show_questions(len(answer.asked))

    def _on_done(self, done: Done) -> None:
        self.people.follow(done)
        self.faces.follow(done)
        self._forget_questions()
        for before in (self._of_all, self._of_one):
            left = before.after(done) if before is not None else None
            if left is not None:
                self._show_questions(left)
        if self._of_all.after(done) is None:
            self._ask()
        if self.stack.currentWidget() is self.queue and done.verb in SILENT:
            return
        people = self._news.people if self._news is not None else ()
        self._told = None if done.verb == "undo" else done.word
        sentence = told(done, {person.id: person for person in people})
        self._say(sentence, self._way_back(done))

    def _way_back(self, done: Done) -> str:
        """Return what the toast's button says; nothing where there is nothing to take back."""
        if done.verb == "undo":
            return _("Redo")
        return _("Undo") if done.word.action is not None else ""

    def _say(self, sentence: str, action: str) -> None:
        if self._shown:
            self.toast.say(sentence, action)
            self._toast_timer.start()

    def _on_toast_acted(self) -> None:
        self.toast.hide()
        if self._told is not None:
            self.desk.take_back(self._told)
        else:
            self.desk.redo()

    def _on_queue_wanted(self) -> None:
        self.show_queue()

    def _on_queue_of_one_wanted(self, _person: PersonId) -> None:
        self.show_queue()

    def _on_queue_left(self) -> None:
        person = self.faces.wanted
        if person is not None and self.faces.on:
            self.show_person(person)
        else:
            self.show_people()

    def _on_search_wanted(self, name: str) -> None:
        self.searchWanted.emit(f"person:{quote(name)}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.stack.currentWidget() is self.faces:
            self.show_people()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.toast.place()
