"""People in the search bar: which parts of its text mean them, and which names it may become.

Asks the library on a lane after every change; an answer for another text is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu, QWidget

from photosearch.errors import PhotoSearchError
from photosearch.gui.naming.faces import LittleFaces
from photosearch.gui.naming.popup import NamesPopup
from photosearch.gui.naming.suggestions import Suggestion
from photosearch.gui.search.bar import SearchBar
from photosearch.gui.search.chips import spoken
from photosearch.gui.text import _, photos
from photosearch.jobs import Job, Lane, Runner
from photosearch.search.parsing import as_words, quote
from photosearch.types import Completion, FaceId, Mention, PersonId, Query, Role

if TYPE_CHECKING:
    from photosearch.library import Library

FORMS = {Role.WITH: "person:", Role.WITHOUT: "-person:", Role.ONLY: "only:"}
LESS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a text means, what it may become, and whose face is which."""

    query: Query
    cursor: int
    completions: tuple[Completion, ...]
    covers: Mapping[PersonId, FaceId]


class SearchPeople(QObject):
    """Keeps chips and the popup of a search bar up to date."""

    def __init__(
        self,
        library: Library,
        runner: Runner,
        faces: LittleFaces,
        bar: SearchBar,
        parent: QWidget,
    ):
        super().__init__(parent)
        self._library = library
        self._runner = runner
        self._bar, self._field = bar, bar.field
        self._job: Job | None = None
        self._query = Query()
        self._completions: dict[str, Completion] = {}
        self._covers: dict[PersonId, FaceId] = {}
        self._field.take_pictures_from(faces)
        self.popup = NamesPopup(bar, faces, parent)
        self.popup.chosen.connect(self._on_suggestion_chosen)
        self._field.textChanged.connect(self._on_text_changed)
        self._field.chipPressed.connect(self._on_chip_pressed)
        self._field.installEventFilter(self)
        bar.installEventFilter(self)

    def refresh(self) -> None:
        """Ask again: somebody was named, or is called otherwise now."""
        self._covers = {}
        if self._field.text():
            self._ask()

    # --- asking ---------------------------------------------------------------

    def _on_text_changed(self, text: str) -> None:
        if not text.strip():
            self._query = Query()
            self.popup.show_rows(())
            self._stop()
            return
        if not self._field.typing:
            self.popup.show_rows(())
        self._ask()

    def _ask(self) -> None:
        self._stop()
        self._job = self._runner.run(
            Lane.INTERACTIVE,
            understand,
            self._library,
            self._field.text(),
            self._field.caret(),
            dict(self._covers),
            on_success=self._on_understood,
        )

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _on_understood(self, answer: _Answer) -> None:
        if answer.query.text != self._field.text():
            return
        self._query = answer.query
        self._covers.update(answer.covers)
        self._field.show_mentions(answer.query.mentions, self._covers)
        self._offer(answer)

    def _offer(self, answer: _Answer) -> None:
        """Show the names that what is being typed may become."""
        here = self._field.hasFocus() and self._field.caret() == answer.cursor
        if not (self._field.typing and here):
            return
        text = answer.query.text
        found = [c for c in answer.completions if text[c.start : c.end] != c.insert]
        self._completions = {str(c.person): c for c in found}
        self.popup.show_rows(
            [
                Suggestion(c.name, photos(c.photos), self._covers.get(c.person), str(c.person))
                for c in found
            ]
        )

    # --- choosing -------------------------------------------------------------

    def _on_suggestion_chosen(self, suggestion: Suggestion) -> None:
        completion = self._completions.get(suggestion.insert)
        self.popup.show_rows(())
        if completion is None:
            return
        text, end = self._field.text(), completion.end
        blank = " " if not text[end : end + 1].isspace() else ""
        self._field.replace_part(completion.start, end, completion.insert + blank)
        self._field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.FocusOut, QEvent.Type.Hide) and watched is self._field:
            self.popup.show_rows(())
        elif kind in (QEvent.Type.Resize, QEvent.Type.Move):
            self.popup.place()
        elif isinstance(event, QKeyEvent) and kind == QEvent.Type.KeyPress:
            here = watched is self._field and not self.popup.isHidden()
            return here and self._on_key(event)
        return super().eventFilter(watched, event)

    def _on_key(self, event: QKeyEvent) -> bool:
        """Let the keys of a list work on the popup; Enter is the search's unless one is chosen."""
        key, names = Qt.Key(event.key()), self.popup.list
        chosen = names.current()
        if key in LESS:
            names.step(LESS[key])
            now = names.current()
            said = now.name if now is not None else ""
            self._field.setAccessibleDescription(said)
        elif key == Qt.Key.Key_Escape:
            self.popup.show_rows(())
        elif chosen is not None and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            self._on_suggestion_chosen(chosen)
        else:
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.popup.show_rows(())
            return False
        return True

    # --- the menu of a chip ---------------------------------------------------

    def _on_chip_pressed(self, mention: Mention, where: QPoint) -> None:
        self.popup.show_rows(())
        menu = self.menu(mention)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(where)

    def menu(self, mention: Mention) -> QMenu:
        """Return what can be done with a person in the text."""
        menu = QMenu(self._bar)
        for role in Role:
            said = spoken(Mention(0, 0, mention.person, mention.name, role)).replace("&", "&&")
            act = menu.addAction(said)
            act.setCheckable(True)
            act.setChecked(role is mention.role)
            act.triggered.connect(partial(self._on_role_chosen, mention, role))
        menu.addSeparator()

        def add(words: str, deed: Callable[..., None]) -> None:
            menu.addAction(words).triggered.connect(partial(deed, mention))

        word = self._word(mention).replace("&", "&&")
        add(_("Search for the word “{word}” instead").format(word=word), self._on_words_wanted)
        add(_("Remove"), self._on_removed)
        return menu

    def _word(self, mention: Mention) -> str:
        return mention.name if mention.written else self._field.text()[mention.start : mention.end]

    def _on_role_chosen(self, mention: Mention, role: Role, _on: bool = False) -> None:
        if role is not mention.role:
            said = FORMS[role] + quote(mention.name)
            self._field.replace_part(mention.start, mention.end, said)

    def _on_words_wanted(self, mention: Mention, _on: bool = False) -> None:
        if self._query.text != self._field.text():
            return
        new, old = as_words(self._query, mention), self._query.text
        tail = len(old) - mention.end
        self._field.replace_part(mention.start, mention.end, new[mention.start : len(new) - tail])

    def _on_removed(self, mention: Mention, _on: bool = False) -> None:
        self._field.remove_chip(mention)


def understand(
    library: Library, text: str, cursor: int, covers: Mapping[PersonId, FaceId]
) -> _Answer:
    """Ask what a text means and may become, and for faces not known yet (on a lane)."""
    query: Query = library.understand(text)
    completions: tuple[Completion, ...] = library.complete(text, cursor)
    found: dict[PersonId, FaceId] = {}
    for person in {*(m.person for m in query.mentions), *(c.person for c in completions)}:
        cover = None if person in covers else cover_of(library, person)
        if cover is not None:
            found[person] = cover
    return _Answer(query, cursor, completions, found)


def cover_of(library: Library, person: PersonId) -> FaceId | None:
    """Return the face that stands for a person; None for one who is gone meanwhile."""
    try:
        return library.people.get(person).cover
    except PhotoSearchError:
        return None
