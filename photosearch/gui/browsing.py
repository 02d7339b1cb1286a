"""What the grid is showing: a place, or the answer to a search; and keeping it fresh.

Runs the library's verbs on lanes and drops answers that are no longer wanted.  Knows no widget.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from photosearch.jobs import Job, Lane, Runner
from photosearch.types import Ids, PhotoFilter, PhotoList, Results, SearchRequest

if TYPE_CHECKING:
    from photosearch.library import Library

HEAD = 1000  # photos of a large place that are shown before all of it is known: a screen full
NEWEST_OF = 200  # "newest first" sorts this many of the best


Tell = Callable[[object], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one question."""

    ticket: int
    request: SearchRequest | None  # None: a place was asked for
    place: PhotoFilter
    photos: PhotoList | None = None
    results: Results | None = None
    ids: Ids | None = None  # the results in the order wanted
    newest: bool = False
    partial: bool = False  # only the first photos of a place; all of them follow


class Browser(QObject):
    """Holds the current question and gets its answer again whenever asked to refresh."""

    answered = Signal(object)  # Answer
    failed = Signal(object)
    busyChanged = Signal(bool)

    def __init__(self, library: Library, runner: Runner, parent: QObject | None = None):
        super().__init__(parent)
        self._library = library
        self._runner = runner
        self._place = PhotoFilter()
        self._request: SearchRequest | None = None
        self._newest = False
        self._ticket = 0
        self._job: Job | None = None
        self._again = False

    @property
    def limit(self) -> int:
        """How many results a search shows."""
        limit: int = self._library.settings.current.search.results
        return limit

    @property
    def request(self) -> SearchRequest | None:
        """The search that is on, None while browsing."""
        return self._request

    def place(self) -> PhotoFilter:
        """Return the place that is browsed or searched."""
        return self._place

    def show_place(self, place: PhotoFilter) -> None:
        """Browse a place, leaving any search."""
        self._place = place
        self._request = None
        self._ask()

    def search(self, request: SearchRequest | None) -> None:
        """Search, or go back to the place when there is nothing to search for."""
        if request is not None and not (request.text or request.like or request.like_paths):
            request = None
        if request is None and self._request is None:
            return
        self._request = request
        self._ask()

    def order(self, newest: bool) -> None:
        """Show the best results newest first, or best first."""
        if newest != self._newest:
            self._newest = newest
            if self._request is not None:
                self._ask()

    def refresh(self, listed: bool = True) -> None:
        """Get the answer again; while one is on its way, once more after it.

        Unless `listed`, no photo came or went: a place looks as before, only a search may not.
        """
        if not listed and self._request is None:
            return
        if self._job is not None:
            self._again = True
        else:
            self._ask(quietly=True)

    def _ask(self, quietly: bool = False) -> None:
        if self._job is not None:
            self._job.cancel()
        self._again = False
        self._ticket += 1
        if not quietly:
            self.busyChanged.emit(True)
        self._job = self._runner.run(
            Lane.INTERACTIVE,
            answer,
            self._library,
            Answer(self._ticket, self._request, self._place, newest=self._newest),
            not quietly,
            on_progress=self._on_head,
            on_success=self._on_answered,
            on_failure=self._on_failed,
        )

    def _on_head(self, head: Answer) -> None:
        if head.ticket == self._ticket:
            self.answered.emit(head)

    def _on_answered(self, result: Answer) -> None:
        if result.ticket != self._ticket:
            return  # overtaken by a newer question
        self._over()
        self.answered.emit(result)

    def _on_failed(self, error: Exception) -> None:
        self._over()
        self.failed.emit(error)

    def _over(self) -> None:
        self._job = None
        self.busyChanged.emit(False)
        if self._again:
            self._ask(quietly=True)


def _is_large(place: PhotoFilter) -> bool:
    """Whether a place may hold so many photos that their head comes sooner than all of them."""
    return place == PhotoFilter(folder=place.folder)


def answer(library: Library, question: Answer, fresh: bool, report: Tell) -> Answer:
    """Ask the library (on a lane); the head of a large place that is `fresh` is told at once."""
    request = question.request
    if request is None:
        if fresh and _is_large(question.place):
            head = library.photos(question.place, HEAD)
            if len(head.ids) < HEAD:
                return replace(question, photos=head)
            report(replace(question, photos=head, partial=True))
        listed = library.photos(question.place)
        return Answer(question.ticket, None, question.place, photos=listed)
    results: Results = library.search(request)
    ids = results.ids
    if question.newest and len(ids):
        ids = library.newest_first(np.asarray(ids[:NEWEST_OF]))
    return Answer(
        question.ticket, request, question.place, results=results, ids=ids, newest=question.newest
    )
