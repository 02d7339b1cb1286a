"""A field for a name: offers the people there are already, with their faces.

Knows who has a name; what a name is for, its owner knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QMoveEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from photosearch.gui.naming.faces import LittleFaces
from photosearch.gui.naming.matching import KnownPeople
from photosearch.gui.naming.popup import NamesPopup
from photosearch.gui.naming.suggestions import Suggestion, SuggestionList
from photosearch.gui.text import _
from photosearch.gui.text import photos as photos_text
from photosearch.names import same
from photosearch.types import Person, PersonId

MOST_LETTERS = 200
STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
KEEPS_EDITING = (
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
)


def photo_count(person: Person) -> str:
    """Return the usual note of an offer."""
    return photos_text(person.photos)


def merge_note(person: Person) -> str:
    """Return the note of an offer where taking it makes two people one."""
    return _("Merge  ·  {count}").format(count=photo_count(person))


class NameField(QLineEdit):
    """Takes a name: Enter the one that is marked or else what is typed, Tab fills in, Esc ends.

    The offers hang at the field over the window while one types. With a list of the owner's they
    stand there, also before anything is typed, and Tab does not leave the field.
    """

    entered = Signal(str)
    left = Signal(str)  # the keyboard went elsewhere
    cancelled = Signal()

    def __init__(
        self,
        faces: LittleFaces,
        parent: QWidget | None = None,
        *,
        note: Callable[[Person], str] = photo_count,
        offers: SuggestionList | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("nameField")
        self.setMaxLength(MOST_LETTERS)
        self._note = note
        self._people: Iterable[Person] = ()
        self._known: KnownPeople | None = None  # made of the people when first asked
        self._but: PersonId | None = None
        self._told = False
        self._merges = False  # whether the name of somebody merges the two
        self._popup: NamesPopup | None = None
        if offers is None:
            self._popup = NamesPopup(self, faces, self)
            offers = self._popup.list
        self.offers = offers
        self.offers.setFocusProxy(self)  # a press on it leaves the keyboard here
        self.offers.chosen.connect(self._on_offer_chosen)
        self.textEdited.connect(self._on_edited)

    # --- for its owner --------------------------------------------------------

    def set_people(self, people: Iterable[Person]) -> None:
        """Learn who has a name."""
        self._people, self._known = tuple(people), None
        if self._popup is None or not self.offers.isHidden():
            self._suggest("" if self.hasSelectedText() else self.text())

    def begin(
        self, text: str, typed: str = "", *, but: PersonId | None = None, merges: bool = False
    ) -> None:
        """Begin with a name, all of it selected, or with letters typed over it.

        `but` is not offered: whom the name is for. `merges`: that name is for somebody there is,
        so that a name which is taken merges the two, or is made another.
        """
        self._told, self._but, self._merges = False, but, merges
        self.setText(typed or text)
        if not typed:
            self.selectAll()
        self._suggest(typed)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def name(self) -> str:
        """Return what stands in the field, with single blanks."""
        return " ".join(self.text().split())

    def stop_offering(self) -> None:
        """Show no names."""
        self._show(())

    # --- keys -----------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in ENTER:
            marked = self.offers.current()
            self._enter(marked.insert if marked is not None else self.name())
        elif key == Qt.Key.Key_Escape:
            self._give_up()
        elif key in STEPS:
            self.offers.step(STEPS[key])
            marked = self.offers.current()
            self.setAccessibleDescription(marked.name if marked is not None else "")
        else:
            super().keyPressEvent(event)
        event.accept()  # no key is for the grid or the photo that the field lies on

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Let Tab fill in the name that is marked, or the first; a second one takes it."""
        if forward:
            first = self.offers.current() or next(iter(self.offers.suggestions), None)
            if first is not None and first.insert != self.text():
                self.setText(first.insert)
                self._suggest(first.insert)
                return True
            if self.name():
                self._enter(self.name())
                return True
        return self._popup is None or super().focusNextPrevChild(forward)

    def _give_up(self) -> None:
        if self._popup is not None and not self._popup.isHidden():
            self.stop_offering()  # they cover what is below: Esc takes them away first
            return
        self._told = True
        self.cancelled.emit()

    def _enter(self, name: str) -> None:
        if self._told:
            return
        self.stop_offering()
        self._told = True
        if name:
            self.entered.emit(name)
        else:
            self.cancelled.emit()

    # --- offers ---------------------------------------------------------------

    def _on_edited(self, text: str) -> None:
        self._told = False
        self._suggest(text)

    def _suggest(self, typed: str) -> None:
        if self._popup is not None and not typed.strip():
            self._show(())
            return
        if self._known is None:
            self._known = KnownPeople(self._people)
        found = self._known.fitting(typed, but=self._but)
        taken = next((p for p in found if self._merges and same(p.name, typed)), None)
        if taken is None:
            self._show([self._offer(person) for person in found])
            return
        others = [self._offer(person) for person in found if person is not taken]
        self._show((self._merger(taken), self._namesake(taken), *others))
        if self.offers.current() is None:
            self.offers.step(1)  # what Enter does is seen

    def _offer(self, person: Person) -> Suggestion:
        return Suggestion(person.name, self._note(person), person.cover, person.name)

    def _merger(self, taken: Person) -> Suggestion:
        note = _("Merge with {name}  ·  {count}").format(name=taken.name, count=photo_count(taken))
        return Suggestion(taken.name, note, taken.cover, taken.name)

    def _namesake(self, taken: Person) -> Suggestion:
        """Offer the first free name for another person of the same name."""
        names = (f"{taken.name} ({number})" for number in count(2))
        free = next(n for n in names if not any(same(n, each.name) for each in self._people))
        title = _("Another person named {name}").format(name=taken.name)
        return Suggestion(title, _("Is called {name} here").format(name=free), None, free)

    def _show(self, rows: Iterable[Suggestion]) -> None:
        self.setAccessibleDescription("")
        if self._popup is None:
            self.offers.show_rows(tuple(rows))
            return
        if self.window() is not self:
            self._popup.lie_over(self.window())
        self._popup.show_rows(tuple(rows))

    def _on_offer_chosen(self, suggestion: Suggestion) -> None:
        self._enter(suggestion.insert)

    # --- where it is ----------------------------------------------------------

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() in KEEPS_EDITING:
            return
        if self._popup is not None:
            self.stop_offering()
        if not self._told:
            self._told = True
            self.left.emit(self.name())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() not in KEEPS_EDITING:
            self._told = False

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._popup is not None:
            self.stop_offering()

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self._place_offers()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_offers()

    def _place_offers(self) -> None:
        if self._popup is not None:
            self._popup.place()
