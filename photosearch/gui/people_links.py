"""How the people pages and the rest of the window reach one another.

Knows which part says what to whom; what it means, the parts know.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from photosearch.gui.browsing import Answer, Browser
from photosearch.gui.frame import Frame
from photosearch.gui.indexer import Indexer
from photosearch.gui.news import LibraryNews, Overview
from photosearch.gui.people.reading import PeopleNews
from photosearch.gui.people.saying import Done
from photosearch.gui.sidebar import Place
from photosearch.gui.text import _
from photosearch.jobs import Lane, Runner
from photosearch.types import Ids, PersonId, Progress

if TYPE_CHECKING:
    from photosearch.library import Library


class PeopleLinks(QObject):
    """Connects the people pages with sidebar, search, viewer and indexing."""

    rescanWanted = Signal()
    placeWanted = Signal(object)  # Place: leave any search for it

    def __init__(
        self,
        library: Library,
        runner: Runner,
        frame: Frame,
        browser: Browser,
        parent: QObject | None = None,
    ):
        super().__init__(parent)
        self._library, self._runner = library, runner
        self._frame, self._browser = frame, browser
        self._room = room = frame.people
        room.desk.seen.connect(self._on_seen)
        room.desk.done.connect(self._on_done)
        room.photosWanted.connect(self._on_photos_wanted)
        room.personShown.connect(self._on_person_shown)
        room.enableWanted.connect(self._on_enable_wanted)
        frame.viewer.personWanted.connect(self.go_to_person)
        frame.viewer.peopleChanged.connect(self._on_viewer_changed)

    def follow(self, indexer: Indexer, news: LibraryNews) -> None:
        """Keep the pages in step with the library."""
        indexer.progressed.connect(self._on_progressed)
        indexer.changed.connect(self.refresh)
        indexer.stopped.connect(self._on_stopped)
        news.seen.connect(self._on_library_seen)
        news.modelReady.connect(self.refresh)

    def deeds(self) -> dict[str, Callable[[], Any]]:
        """Return what the keys of the people pages do."""
        room = self._room
        return {
            "undo": room.undo,
            "redo": room.desk.redo,
            "merge": room.merge_or_move,
            "hide": room.hide_selected,
        }

    def go_to(self, place: Place) -> None:
        """Show the people pages, or photos."""
        self._frame.show_people(place.people)
        if place.person is not None:
            self._room.show_person(place.person)
        elif place.people:
            self._room.show_people()

    def show_answer(self, answer: Answer) -> None:
        """While a search is on, its photos are shown; without one, the place that is chosen."""
        searching = answer.request is not None
        self._frame.sidebar.show_search(searching)
        self._frame.show_people(self._frame.sidebar.place().people and not searching)

    def go_to_person(self, person: PersonId) -> None:
        """Show one person, from wherever."""
        self._frame.viewer.pictures.forget()
        self._frame.show_browse()
        self._frame.sidebar.mark_person(person)
        self.placeWanted.emit(Place(_("People"), people=True, person=person))

    def look_again(self) -> None:
        """Follow what another program may have said meanwhile."""
        self.refresh()
        self._frame.search_people.refresh()

    def refresh(self, *_what: object) -> None:
        """Look again who there is."""
        self._room.refresh()
        if self._frame.viewing:
            self._frame.viewer.faces.refresh()

    def _on_seen(self, news: PeopleNews) -> None:
        shown = sum(not (person.hidden or person.stranger) for person in news.people)
        named = [each for each in news.named() if not (each.hidden or each.stranger)]
        self._frame.sidebar.set_people(shown, named)

    def _on_done(self, _done: Done) -> None:
        self._browser.refresh(listed=False)  # a search may have meant somebody
        self._frame.search_people.refresh()

    def _on_viewer_changed(self) -> None:
        self.refresh()
        self._browser.refresh(listed=False)
        self._frame.search_people.refresh()

    def _on_person_shown(self, person: PersonId | None) -> None:
        self._frame.sidebar.mark_person(person)

    def _on_photos_wanted(self, ids: Ids, row: int) -> None:
        self._frame.show_viewer()
        self._frame.viewer.show_list(ids, row)

    def _on_progressed(self, progress: Progress) -> None:
        self._room.follow_progress(progress)

    def _on_stopped(self) -> None:
        self._room.follow_progress(None)

    def _on_library_seen(self, overview: Overview) -> None:
        self._room.set_photos(overview.status.photos)

    def _on_enable_wanted(self) -> None:
        self._runner.run(
            Lane.QUICK,
            self._library.settings.set,
            "faces.enabled",
            True,
            on_success=self._on_enabled,
        )

    def _on_enabled(self, _nothing: object) -> None:
        self.refresh()
        self.rescanWanted.emit()
