"""The page of photos: header, banners, and below them the grid or a page that says why not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QApplication, QStackedLayout, QVBoxLayout, QWidget

from photosearch.gui import theme
from photosearch.gui.browsing import NEWEST_OF, Answer
from photosearch.gui.empty import Banner, EmptyPage
from photosearch.gui.grid import PhotoGridView, PhotoModel, ThumbLoader
from photosearch.gui.grid.place import Place as GridPlace
from photosearch.gui.grid.summaries import Deliver
from photosearch.gui.offers import SEARCH_OFFER, offer_of
from photosearch.gui.search import chips
from photosearch.gui.search.header import PageHeader
from photosearch.gui.text import _, joined, number
from photosearch.gui.text import photos as photos_text
from photosearch.jobs import Lane, Runner
from photosearch.types import PhotoId, Query

if TYPE_CHECKING:
    from photosearch.library import Library

NEWS_MS = 6000
Question = tuple[Any, ...]
BUSY_MS = 400


@dataclass(frozen=True, slots=True)
class Spot:
    """Where one was in the photos of a question."""

    question: Question
    place: GridPlace


class PhotoPage(QWidget):
    """Shows answers; keeps selection and place when an answer is the same question's."""

    addFolderWanted = Signal()
    modelWanted = Signal()
    bannerDismissed = Signal()
    newestWanted = Signal(bool)

    def __init__(self, library: Library, runner: Runner, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("page")
        self._library = library
        self._runner = runner
        self._question: Question = ()
        self._wanted_spot: Spot | None = None
        self._title = _("Photos")
        self._has_model = self._has_pack = True
        self._has_folders: bool | None = None  # None: not known yet
        self._working = False
        self._answer: Answer | None = None
        self.header = PageHeader(self)
        self.header.newestWanted.connect(self.newestWanted)
        self.model_banner = Banner("model", _("Choose a model…"), self)
        self.model_banner.acted.connect(self.modelWanted)
        self.model_banner.dismissed.connect(self.bannerDismissed)
        self.model_banner.hide()
        self.news = Banner("info", "", self)
        self.news.dismissed.connect(self.news.hide)
        self.news.hide()
        self._news_timer = QTimer(self, interval=NEWS_MS, singleShot=True)
        self._news_timer.timeout.connect(self.news.hide)
        self._busy_timer = QTimer(self, interval=BUSY_MS, singleShot=True)
        self._busy_timer.timeout.connect(self._on_busy_for_long)
        self.thumbs = ThumbLoader(runner.executor(Lane.THUMBS), library.thumbnail, self)
        self.model = PhotoModel(self._fetch_summaries, self.thumbs, self)
        self.grid = PhotoGridView(self.model, self)
        self.empty = EmptyPage(self)
        self.empty.addFolderWanted.connect(self.addFolderWanted)
        self.empty.modelWanted.connect(self.modelWanted)
        self._lay_out()

    def _lay_out(self) -> None:
        banners = QVBoxLayout()
        banners.setContentsMargins(16, 0, theme.L, 0)
        banners.setSpacing(theme.S)
        banners.addWidget(self.news)
        banners.addWidget(self.model_banner)
        self.stack = QStackedLayout()
        self._blank = QWidget(self)
        for widget in (self._blank, self.grid, self.empty):
            self.stack.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addLayout(banners)
        column.addSpacing(theme.XS)
        column.addLayout(self.stack, 1)

    # --- what it shows --------------------------------------------------------

    def set_place_title(self, title: str) -> None:
        """Name the place that the next list is of."""
        self._title = title

    def set_library(
        self, has_folders: bool, has_model: bool, has_pack: bool, dismissed: bool
    ) -> None:
        """Learn what there is; it decides which empty page stands here, and the model banner."""
        self._has_folders, self._has_model, self._has_pack = has_folders, has_model, has_pack
        offer = offer_of(has_model, has_pack)
        if offer is not None:
            self.model_banner.label.setText(f"{_(offer.title)} {_(offer.text)}")
        self.model_banner.setVisible(has_folders and offer is not None and not dismissed)
        self._choose_page()

    @property
    def lacks_model(self) -> bool:
        """Whether it is a search model that is offered, not only a face pack."""
        return not self._has_model

    def set_working(self, working: bool) -> None:
        """Learn whether photos may still be on their way."""
        self._working = working
        self._choose_page()

    def set_busy(self, busy: bool) -> None:
        """Learn whether the user waits for an answer; said only when it takes long."""
        if busy:
            self._busy_timer.start()
        else:
            self._busy_timer.stop()

    def _on_busy_for_long(self) -> None:
        self.header.count.setText(_("Searching…"))

    def say(self, sentence: str) -> None:
        """Show a sentence above the photos until it is dismissed."""
        self._news_timer.stop()
        self.news.say(sentence)

    def warn(self, sentence: str) -> None:
        """Show above the photos, until it is dismissed, that something went wrong."""
        self._news_timer.stop()
        self.news.say(sentence, warning=True)

    def say_briefly(self, sentence: str) -> None:
        """Show a sentence above the photos for a moment."""
        self.news.say(sentence)
        self._news_timer.start()

    @property
    def answered(self) -> bool:
        """Whether there was any answer yet."""
        return self._answer is not None

    def take_focus(self) -> None:
        """Bring the keyboard to what is shown."""
        shown = self.stack.currentWidget()
        if shown is not None:
            shown.setFocus()

    def show_answer(self, answer: Answer) -> None:
        """Show an answer; the same question again keeps selection and scroll position."""
        question = (answer.request, answer.place, answer.newest)
        if answer.partial and self._wanted_spot is not None:
            return  # one comes back to where all photos are needed
        keep = question == self._question
        self._question, self._answer = question, answer
        spot, self._wanted_spot = self._wanted_spot, None
        if answer.results is not None and answer.ids is not None:
            scores = None if answer.newest else answer.results.scores
            self.model.set_results(answer.ids, scores, keep_place=keep)
            self._show_results_header(answer)
        elif answer.photos is not None:
            self.model.set_list(answer.photos, keep_place=keep)
            count = 0 if answer.partial else len(answer.photos.ids)
            self.header.show_place(self._title, number(count) if count else "")
        self._choose_page()
        if spot is not None and spot.question == question:
            self.grid.return_to(spot.place)

    def spot(self) -> Spot:
        """Return where the user is now."""
        return Spot(self._question, self.grid.place_now())

    def come_back_to(self, spot: Spot) -> None:
        """Return there with the next answer, if it is of the same question."""
        self._wanted_spot = spot

    def _show_results_header(self, answer: Answer) -> None:
        results, request = answer.results, answer.request
        if results is None or request is None or answer.ids is None:
            return
        title = heading(request.text, results.understood)
        count = len(results.ids)
        if count >= request.limit:
            said = _("the best {n}").format(n=photos_text(count))
        else:
            said = photos_text(count)
        if answer.newest and count > NEWEST_OF:
            said = _("the {n} best, newest first").format(n=number(len(answer.ids)))
        which = answer.place
        if which.folder is not None or which.favourites:
            said = _("{count} in {place}").format(count=said, place=self._title)
        self.header.show_results(title, said, several=count > 1)
        self.header.show_notices(results.notices)

    def _choose_page(self) -> None:
        before, focus = self.stack.currentWidget(), QApplication.focusWidget()
        held = bool(before and focus and (before is focus or before.isAncestorOf(focus)))
        page = self._page()
        self.stack.setCurrentWidget(page)
        if held and page is not before:
            page.setFocus()  # not to whatever comes next in the window

    def _page(self) -> QWidget:
        if self.model.rowCount():
            self.header.show()
            return self.grid
        if self._has_folders is None or self._answer is None:
            return self._blank
        request, place = self._answer.request, self._answer.place
        self.header.setVisible(self._has_folders or request is not None)  # it has the notices
        if request is not None and not self._has_folders:
            self.empty.show_nothing_to_search()
        elif request is not None:
            results = self._answer.results
            understood = results.understood if results is not None else Query()
            offer = None if self._has_model else SEARCH_OFFER
            self.empty.show_no_results(request.text, understood, offer)
        elif not self._has_folders:
            self.empty.show_welcome(offer_of(self._has_model, self._has_pack))
        elif place.favourites:
            self.empty.show_no_favourites()
        elif self._working:
            self.empty.show_working()
        else:
            self.empty.show_nothing_here()
        return self.empty

    # --- what the grid needs --------------------------------------------------

    def _fetch_summaries(self, ids: tuple[PhotoId, ...], deliver: Deliver) -> None:
        self._runner.run(
            Lane.INTERACTIVE,
            self._library.summaries,
            ids,
            on_success=deliver,
            on_failure=partial(_deliver_none, deliver),
        )


def heading(text: str, understood: Query) -> str:
    """Return what stands above the results of a text: names, and the words in quotes."""
    if not text:
        return _("Similar photos")
    if not understood.mentions:
        return _quoted(text)
    names = ", ".join(chips.words(mention) for mention in understood.mentions)
    return joined((names, _quoted(understood.words) if understood.words else ""))


def _quoted(text: str) -> str:
    return _("“{text}”").format(text=text)


def _deliver_none(deliver: Deliver, _error: Exception) -> None:
    deliver(())
