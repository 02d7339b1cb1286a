"""The queue "Is this Anna?": one guess after another, answered by key."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import icons, theme
from photosearch.gui.people.bars import ElidedLine
from photosearch.gui.people.desk import PeopleDesk
from photosearch.gui.people.pictures import Large, PeoplePictures
from photosearch.gui.people.question_card import AnswerButton, Framed, KnownFaces, QueueEnd
from photosearch.gui.people.reading import Known, Questions
from photosearch.gui.people.saying import Done, Word
from photosearch.gui.text import _, date_and_time, number
from photosearch.types import FaceId, Person, PersonId, Question

AHEAD = 4
WIDE_PX = 720  # with less room there is no bar beside the numbers
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
YES_KEYS = (Qt.Key.Key_Y, *ENTER)
NO_KEYS = (Qt.Key.Key_N,)
SKIP_KEYS = (Qt.Key.Key_S, Qt.Key.Key_Right, Qt.Key.Key_Space)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What became of a question."""

    word: Word | None = None  # None: nothing was said
    spared: tuple[Question, ...] = ()  # what there is no need to ask after it


class QueuePage(QWidget):
    """Asks, and carries the answers to the desk."""

    backWanted = Signal()

    def __init__(self, desk: PeopleDesk, pictures: PeoplePictures, parent: QWidget | None = None):
        super().__init__(parent)
        self._desk = desk
        self._pictures = pictures
        self._asked: tuple[Question, ...] = ()
        self._of: PersonId | None = None  # whom all of them are about; None: anybody
        self._at = 0
        self._known: dict[PersonId, tuple[FaceId, ...]] = {}
        self._answers: list[_Answer] = []  # of what is behind
        self._seen: set[tuple[FaceId, PersonId]] = set()  # asked since it was begun
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("Questions"))
        self.face = Framed(True, self)
        self.photo = Framed(False, self)
        self._make_head()
        self._make_foot()
        self._lay_out()
        pictures.arrived.connect(self._on_large)
        desk.knownRead.connect(self._on_known)
        desk.questionsRead.connect(self._on_questions)
        desk.done.connect(self._on_done)

    def _make_head(self) -> None:
        self.back = icons.IconButton(icons.back(self), _("Back (Esc)"), self)
        self.back.clicked.connect(self.backWanted)
        self.title = ElidedLine(self)
        self.title.setProperty("role", "display")
        self.known = KnownFaces(self._pictures, self)
        self.place = QLabel(self)
        self.place.setProperty("role", "quiet")
        self.place.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(160)
        self.bar.setAccessibleName(_("How many are answered"))
        self.undo = icons.IconButton("undo", _("The one before again (Ctrl+Z)"), self)
        self.undo.clicked.connect(self.undo_last)
        self.date = QLabel(self)
        self.date.setProperty("role", "quiet")

    def _make_foot(self) -> None:
        self.no = AnswerButton(_("No"), "N", _("It is somebody else; never asked again"), self)
        self.skip = AnswerButton(_("Skip"), "S", _("Decide later"), self)
        self.yes = AnswerButton(_("Yes"), "Y", _("It is"), self)
        self.yes.setProperty("role", "primary")
        self.no.clicked.connect(self.say_no)
        self.skip.clicked.connect(self.say_skip)
        self.yes.clicked.connect(self.say_yes)

    def _lay_out(self) -> None:
        inner = QVBoxLayout()
        inner.setContentsMargins(theme.L, 0, theme.S, 0)
        inner.setSpacing(theme.M)
        inner.addLayout(self._middle(), 1)
        inner.addLayout(self._foot())
        self.card = QWidget(self)
        column = QVBoxLayout(self.card)
        column.setContentsMargins(theme.S, theme.M, theme.L, theme.L)
        column.setSpacing(theme.M)
        column.addLayout(self._head())
        column.addLayout(inner, 1)
        self.stack = QStackedLayout(self)
        self.stack.addWidget(self.card)
        self.end = QueueEnd(self)
        self.end.backWanted.connect(self.backWanted)
        self.stack.addWidget(self.end)

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(theme.M)
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addStretch(1)
        names.addWidget(self.title)
        names.addStretch(1)
        head.addWidget(self.back)
        head.addLayout(names, 1)
        for widget in (self.place, self.bar, self.undo):
            head.addWidget(widget)
        return head

    def _middle(self) -> QHBoxLayout:
        middle = QHBoxLayout()
        middle.setSpacing(theme.L)
        middle.addWidget(self.face, 1)
        beside = QVBoxLayout()  # what the face is compared with, and the photo it is on
        beside.setSpacing(theme.S)
        beside.addWidget(self.known)
        beside.addSpacing(theme.XS)
        beside.addWidget(self.date)
        beside.addWidget(self.photo, 1)
        middle.addLayout(beside, 1)
        return middle

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setSpacing(theme.M)
        foot.addStretch(1)
        for button in (self.no, self.skip, self.yes):
            foot.addWidget(button)
        foot.addStretch(1)
        return foot

    # --- what it asks ---------------------------------------------------------

    @property
    def question(self) -> Question | None:
        """The question that is on, None when there is none."""
        return self._asked[self._at] if self._at < len(self._asked) else None

    def begin(self, questions: Questions) -> None:
        """Ask these."""
        self._of, self._asked = questions.person, questions.asked
        self._at, self._answers = 0, []
        self._seen = {(each.face.id, each.person.id) for each in self._asked}
        self._known.clear()
        self._show()

    def buttons(self) -> tuple[QWidget, ...]:
        """Return what the answers are given with."""
        return self.no, self.skip, self.yes, self.end.button

    def take_focus(self) -> None:
        """Bring the keyboard here."""
        if self.question is not None:
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.end.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def say_yes(self) -> None:
        """It is."""
        if (question := self.question) is not None:
            word = self._desk.confirm((question.face.id,), question.person.id)
            rest = self._asked[self._at + 1 :]
            spared = tuple(each for each in rest if each.face.id == question.face.id)
            self._go_on(_Answer(word, spared))

    def say_no(self) -> None:
        """It is not."""
        if (question := self.question) is not None:
            word = self._desk.reject((question.face.id,), question.person.id)
            self._go_on(_Answer(word))

    def say_skip(self) -> None:
        """Nothing is said."""
        if self.question is not None:
            self._go_on(_Answer())

    def undo_last(self) -> None:
        """Ask the one before again; what was said of it is taken back."""
        if self._at:
            self._at -= 1
            answer, now = self._answers.pop(), self._at + 1
            self._asked = self._asked[:now] + answer.spared + self._asked[now:]
            if answer.word is not None:
                self._desk.take_back(answer.word)
            self._show()
            self.take_focus()

    def _go_on(self, answer: _Answer) -> None:
        self._answers.append(answer)
        self._at += 1
        rest = tuple(each for each in self._asked[self._at :] if each not in answer.spared)
        self._asked = self._asked[: self._at] + rest
        self._show()
        if self.question is None:
            self.take_focus()
            self._desk.read_questions(self._of)

    def _show(self) -> None:
        question = self.question
        self.undo.setEnabled(self._at > 0)
        if question is None:
            self.stack.setCurrentWidget(self.end)
            self._count()
            return
        self.stack.setCurrentWidget(self.card)
        person, face = question.person, question.face
        said_title = _("Is this {name}?").format(name=person.name)
        self.title.set_full_text(said_title)
        self.setAccessibleDescription(said_title)
        self._show_known(person)
        count = len(self._asked)
        self.place.setText(_("{n} of {count}").format(n=number(self._at + 1), count=number(count)))
        self.bar.setRange(0, count)
        self.bar.setValue(self._at)
        taken = date_and_time(face.taken_at)
        self.date.setText(_("The photo, {date}").format(date=taken) if taken else _("The photo"))
        ahead = [each.face for each in self._asked[self._at : self._at + AHEAD]]
        self._pictures.want_large(ahead)
        self._show_large(self._pictures.large(face.id))

    def _count(self) -> None:
        """Say how many answers were carried out and changed something."""
        words = [answer.word for answer in self._answers]
        self.end.show_count(sum(word is not None and word.action is not None for word in words))

    def _on_done(self, _done: Done) -> None:
        if self.question is None:
            self._count()

    def _show_known(self, person: Person) -> None:
        """Show faces that are sure to be the person's; the cover until they are known."""
        faces = self._known.get(person.id)
        if faces is None:
            self._desk.read_known(person.id)
            faces = (person.cover,) if person.cover is not None else ()
        self.known.show_faces(person, faces, self.width() // 2 - theme.XL)

    def _on_known(self, known: Known) -> None:
        self._known[known.person] = known.faces
        question = self.question
        if question is not None and question.person.id == known.person:
            self._show_known(question.person)

    def _show_large(self, large: Large | None) -> None:
        question = self.question
        if question is not None and large is not None:
            self.face.show_image(large.crop, large.box)
            self.photo.show_image(large.photo, question.face.box)
        else:
            self.face.show_image(None)
            self.photo.show_image(None)

    def _on_large(self, large: Large) -> None:
        question = self.question
        if question is not None and question.face.id == large.face:
            self._show_large(large)

    def _on_questions(self, answer: Questions) -> None:
        """After the last one, more may have come up."""
        if not self.isVisible() or self.question is not None or answer.person != self._of:
            return
        more = tuple(q for q in answer.asked if (q.face.id, q.person.id) not in self._seen)
        if more:
            self._seen |= {(each.face.id, each.person.id) for each in more}
            self._asked += more
            self._show()
            self.take_focus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.bar.setVisible(self.width() > WIDE_PX)
        if self.question is not None:
            self._show_known(self.question.person)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        focused = QApplication.focusWidget()
        if key in ENTER and isinstance(focused, QAbstractButton) and self.isAncestorOf(focused):
            focused.click()
        elif event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif key in YES_KEYS:
            self.say_yes()
        elif key in NO_KEYS:
            self.say_no()
        elif key in SKIP_KEYS:
            self.say_skip()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Backspace):
            self.undo_last()
        elif key == Qt.Key.Key_Escape:
            self.backWanted.emit()
        else:
            super().keyPressEvent(event)
