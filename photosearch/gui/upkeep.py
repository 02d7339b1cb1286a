"""Keeping the window in step with the library: folders, runs of indexing, failures, models.

Stands between news and indexer, which know the library, and the widgets that show how it goes.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QElapsedTimer, QObject

from photosearch.gui.browsing import Browser
from photosearch.gui.indexer import Indexer
from photosearch.gui.model_menu import ModelMenu
from photosearch.gui.news import LibraryNews, Overview
from photosearch.gui.photo_page import PhotoPage
from photosearch.gui.sidebar import Sidebar
from photosearch.gui.status.area import StatusArea
from photosearch.gui.status.failures import FailuresDialog
from photosearch.gui.text import _, plural, time_now
from photosearch.gui.told import told
from photosearch.indexing.noticed import Look
from photosearch.types import (
    AnyModel,
    FacePackInfo,
    Failure,
    FileId,
    FolderId,
    IndexReport,
    LibraryStatus,
    Progress,
)

AGAIN_AFTER_MS = 20_000  # who comes back to the window sooner has hardly changed a folder


@dataclass(frozen=True, slots=True)
class Widgets:
    """What shows how the library is doing."""

    sidebar: Sidebar
    page: PhotoPage
    status: StatusArea
    failures: FailuresDialog
    models: ModelMenu


class Upkeep(QObject):
    """Lets news of the library reach the widgets, and starts runs where news call for one."""

    def __init__(
        self,
        news: LibraryNews,
        indexer: Indexer,
        browser: Browser,
        widgets: Widgets,
        *,
        model_banner_dismissed: bool,
        parent: QObject | None = None,
    ):
        super().__init__(parent)
        self._news, self._indexer, self._browser = news, indexer, browser
        self._sidebar, self._page = widgets.sidebar, widgets.page
        self._status, self._failures = widgets.status, widgets.failures
        self._models = widgets.models
        self._note = ""  # what the run says of itself while it goes on
        self.status: LibraryStatus | None = None  # as last seen
        self._quiet = False  # whether nobody asked for the run that is on
        self._told: tuple[str, ...] = ()  # the notices of the last run
        self._retried: set[FileId] = set()  # files whose fate is yet to be told
        self._since_run = QElapsedTimer()
        self._chosen = False  # whether a model is known to be chosen, be it in trouble
        self.model_banner_dismissed = model_banner_dismissed
        self._connect(news, indexer)

    def _connect(self, news: LibraryNews, indexer: Indexer) -> None:
        news.seen.connect(self._on_seen)
        news.addingEnded.connect(self._on_adding_ended)
        news.folderRemoved.connect(self.refresh)
        news.failuresRead.connect(self._failures.show_failures)
        news.outcomeRead.connect(self._on_outcome_read)
        news.retried.connect(self._on_retried)
        news.modelAsked.connect(self._on_model_asked)
        news.modelReady.connect(self._on_model_ready)
        indexer.progressed.connect(self._on_progressed)
        indexer.pausedChanged.connect(self._on_paused_changed)
        indexer.changed.connect(self.refresh)
        indexer.ended.connect(self._on_run_ended)
        indexer.stopped.connect(self._on_run_stopped)
        indexer.recovered.connect(self._on_recovered)
        self._sidebar.rescanWanted.connect(self.rescan_one)
        self._status.pauseWanted.connect(self._on_pause_wanted)
        self._status.failuresWanted.connect(self.show_failures)
        self._failures.retryWanted.connect(news.retry)
        self._page.bannerDismissed.connect(self._on_banner_dismissed)

    def refresh(self, listed: bool = True) -> None:
        """Show what changed, in place; `listed`: photos came or went."""
        self._browser.refresh(listed)
        self._news.refresh()

    def rescan(self) -> None:
        """Look for changes in the known folders."""
        self._indexer.request()
        self._page.set_working(True)

    def look_again(self) -> None:
        """Show what other programs did, and look for changes, if the last look was a while ago."""
        if self.status is not None and not self._indexer.running:
            self.refresh()
        idle = self._since_run.isValid() and not self._indexer.running
        if idle and not self._indexer.paused and self._since_run.elapsed() >= AGAIN_AFTER_MS:
            self._quiet = True
            self._indexer.request()

    def look_where(self, look: Look) -> None:
        """Look where something changed, without a word about what was known before."""
        self._quiet |= not self._indexer.running
        self._indexer.look(look)

    def rescan_one(self, folder: FolderId) -> None:
        """Look for changes in one folder."""
        self._indexer.request((folder,))
        self._page.set_working(True)

    def show_failures(self) -> None:
        """Open the list of files that could not be used."""
        self._failures.say("")
        self._news.read_failures()
        self._failures.open()

    def _on_seen(self, overview: Overview) -> None:
        status = overview.status
        self._chosen = status.model is not None
        self._indexer.note_look(overview.took_s)
        self._sidebar.set_counts(status.photos, status.favourites)
        self._sidebar.set_folders(status.folders, overview.below)
        self._status.show_library(status.photos, len(status.folders))
        self._status.show_failures(status.failures)
        self.status = status
        self._models.show_models(overview.models)
        self._models.show_status(status)
        self._page.set_library(
            bool(status.folders),
            overview.has_model,
            overview.has_pack,
            self.model_banner_dismissed,
        )

    def _on_adding_ended(self) -> None:
        self._news.refresh()
        self.rescan()

    def _on_retried(self, files: tuple[FileId, ...]) -> None:
        self._retried |= set(files)
        self._failures.say(_("Trying again…"))
        self._news.read_failures()
        self._news.refresh()
        self.rescan()

    def _on_outcome_read(self, files: tuple[FileId, ...], failures: tuple[Failure, ...]) -> None:
        self._failures.show_failures(failures)
        said = retry_told(sum(failure.file in files for failure in failures))
        self._failures.say(said)
        if not self._failures.isVisible():
            self._page.say_briefly(said)

    def _on_model_asked(self) -> None:
        self._page.say(_("Looking at the model…"))

    def _on_model_ready(self, model: AnyModel) -> None:
        if not model.in_use:  # what changing to it takes is said first
            self._page.news.hide()
            return
        pack = isinstance(model, FacePackInfo)
        words = (
            _("The face pack {name} is in use.")
            if pack
            else _("The search model {name} is in use.")
        )
        self._page.say_briefly(words.format(name=model.name))
        self._news.refresh()
        self.rescan()

    def _on_progressed(self, progress: Progress) -> None:
        self._note = progress.note
        self._status.show_progress(progress)

    def _on_run_ended(self, report: IndexReport) -> None:
        # that there is no model, card and banner say; who dismissed them need not hear it again
        notices = [n for n in report.notices if self._chosen or n != self._note]
        if notices and not (self._quiet and report.notices == self._told):
            self._page.say(" ".join(map(told, notices)))
        self._told = report.notices
        if self._indexer.looks_everywhere:
            self._status.show_checked(time_now())
        if self._failures.isVisible() and not self._retried:
            self._news.read_failures()

    def _on_recovered(self) -> None:
        self._page.say_briefly(_("The library can be used again. Work went on by itself."))

    def _on_run_stopped(self) -> None:
        self._quiet = False
        self._since_run.start()
        if self._retried:  # not by a list that was asked for before the run and comes only now
            self._news.read_outcome(tuple(self._retried))
            self._retried = set()
        self._status.show_progress(None)
        self._page.set_working(False)

    def _on_pause_wanted(self, pause: bool) -> None:
        if pause:
            self._indexer.pause()
        else:
            self._indexer.resume()

    def _on_paused_changed(self, paused: bool) -> None:
        why = _("Paused while on battery") if self._indexer.spares_battery else ""
        self._status.show_paused(paused, why)

    def _on_banner_dismissed(self) -> None:
        self.model_banner_dismissed = True
        self._page.model_banner.hide()


def retry_told(still: int) -> str:
    """Say how another try went."""
    if not still:
        return _("Tried again: all could be used now.")
    return plural(
        "Tried again: still {n} file could not be used.",
        "Tried again: still {n} files could not be used.",
        still,
    )
