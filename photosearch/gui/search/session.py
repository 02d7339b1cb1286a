"""What is being searched for, put together from words, photos to compare with, and the place.

Stands between the search bar, the page and the browser; knows when a search begins and ends.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Protocol

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QPixmap

from photosearch.gui.browsing import Browser
from photosearch.gui.grid import ThumbLoader
from photosearch.gui.photo_page import Spot
from photosearch.gui.search.bar import SearchBar
from photosearch.gui.sidebar import EVERYTHING, Place
from photosearch.gui.text import _
from photosearch.gui.text import photos as photos_text
from photosearch.types import PhotoId, PhotoSummary, SearchRequest

CHIP_PICTURE_PX = 20


@dataclass(frozen=True, slots=True)
class Question:
    """What stands in the bar; all of it empty: a place is browsed."""

    text: str = ""
    like: tuple[PhotoId, ...] = ()
    like_paths: tuple[str, ...] = ()
    name: str = ""  # of what is compared with, as the chip says it
    picture: QPixmap | None = None


class SpotKeeper(Protocol):
    """What the session needs of the page."""

    def spot(self) -> Spot: ...
    def come_back_to(self, spot: Spot) -> None: ...


class SearchSession(QObject):
    """Turns what stands in the bar into requests."""

    similarWanted = Signal(object)  # ids whose summaries are needed first

    def __init__(
        self,
        bar: SearchBar,
        browser: Browser,
        thumbs: ThumbLoader,
        spots: SpotKeeper,
        parent: QObject | None = None,
    ):
        super().__init__(parent)
        self._bar, self._browser, self._thumbs, self._spots = bar, browser, thumbs, spots
        self._place = EVERYTHING
        self._compared = Question()  # its words are those in the bar
        self._earlier: list[tuple[Question, Spot]] = []  # where "find similar" led away from
        bar.backWanted.connect(self.back)
        bar.searchWanted.connect(self._on_search_wanted)
        bar.likeDropped.connect(self.similarWanted)
        bar.likeRemoved.connect(self._on_like_removed)

    @property
    def on(self) -> bool:
        """Whether results are shown, not a place."""
        return self._browser.request is not None

    def leave(self) -> None:
        """Clear the search and go back to the place."""
        self._bar.clear()

    def back(self) -> None:
        """Go back to where photos like one were asked for; from anywhere else, leave."""
        if not self._earlier:
            self.leave()
            return
        question, spot = self._earlier.pop()
        self._spots.come_back_to(spot)
        self._show(question)
        self._search()

    def go_to(self, place: Place) -> None:
        """Show a place; searches are within it from now on."""
        self._place = place.filter
        self._earlier.clear()
        self._show(Question())
        self._bar.set_place("" if place.filter == EVERYTHING else place.title)
        self._browser.show_place(place.filter)

    def find_similar(self, summaries: tuple[PhotoSummary, ...]) -> None:
        """Search for photos like these, without words."""
        first = summaries[0]
        name = first.name if len(summaries) == 1 else photos_text(len(summaries))
        like = tuple(summary.id for summary in summaries)
        self._compare(Question(like=like, name=name, picture=self._picture(first.id)))

    def find_like_files(self, paths: tuple[str, ...]) -> None:
        """Search for photos like those in files that may be no part of the library."""
        name = os.path.basename(paths[0]) if len(paths) == 1 else photos_text(len(paths))
        self._compare(Question(like_paths=paths, name=name))

    def _compare(self, question: Question) -> None:
        now = replace(self._compared, text=self._bar.text())
        self._earlier.append((now, self._spots.spot()))
        self._show(question)
        self._search()

    def _show(self, question: Question) -> None:
        self._compared = question
        self._bar.show_question(question.text, question.name, question.picture)
        self._bar.chip.say_way_back(self._way_back())

    def _way_back(self) -> str:
        if not self._earlier:
            return ""
        before = self._earlier[-1][0]
        if before.text:
            return _("Back to “{text}” (Esc)").format(text=before.text)
        return _("Back to the photos before (Esc)")

    def _picture(self, photo: PhotoId) -> QPixmap | None:
        image = self._thumbs.image(photo)
        if image is None:
            return None
        ratio = self._bar.devicePixelRatioF()
        side = round(CHIP_PICTURE_PX * ratio)
        smooth = Qt.TransformationMode.SmoothTransformation
        picture = QPixmap.fromImage(image).scaled(
            side, side, Qt.AspectRatioMode.KeepAspectRatio, smooth
        )
        picture.setDevicePixelRatio(ratio)
        return picture

    def _search(self) -> None:
        self._browser.search(
            SearchRequest(
                text=self._bar.text(),
                like=self._compared.like,
                like_paths=self._compared.like_paths,
                limit=self._browser.limit,
                filter=self._place,
            )
        )

    def _on_search_wanted(self, _text: str) -> None:
        if not self._bar.has_like:
            self._compared = Question()
            self._earlier.clear()
        self._search()

    def _on_like_removed(self) -> None:
        if self._earlier and not self._bar.text():
            self.back()
        else:  # the words that narrowed it down are a search of their own
            self._on_search_wanted(self._bar.text())
