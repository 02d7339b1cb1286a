"""How the settings page and the rest of the window reach one another.

Knows what has to happen at once when a setting changes; what it means, the parts know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from photosearch.gui import theme
from photosearch.gui.actions import Desktop
from photosearch.gui.asking import Asker
from photosearch.gui.frame import Frame
from photosearch.gui.indexer import Indexer
from photosearch.gui.news import LibraryNews, Overview
from photosearch.gui.status.area import sentence
from photosearch.gui.text import _, time_now
from photosearch.gui.upkeep import Upkeep
from photosearch.types import Folder, FolderId, Progress

if TYPE_CHECKING:
    from photosearch.gui.settings.page import SettingsPage

THEME, TILE = "appearance.theme", "appearance.tile_px"
TILE_QUIET_MS = 800  # who changes the size of the pictures is done when it rests so long


class SettingsLinks(QObject):
    """Shows and leaves the settings, and lets what they change take effect."""

    def __init__(
        self,
        frame: Frame,
        look: theme.Theme,
        *,
        news: LibraryNews,
        indexer: Indexer,
        upkeep: Upkeep,
        asker: Asker,
        desktop: Desktop,
        section: str,
        parent: QObject | None = None,
    ):
        super().__init__(parent)
        self._frame, self._look, self._desk = frame, look, frame.settings_desk
        self._news, self._upkeep, self._asker, self._desktop = news, upkeep, asker, desktop
        self._page: SettingsPage | None = None
        self._section = section  # the one to begin with
        self._folders: tuple[Folder, ...] = ()  # what is told to a page that is made late
        self._told = ""
        self._resized = QTimer(self, interval=TILE_QUIET_MS, singleShot=True)
        self._resized.timeout.connect(self._on_resized)
        frame.page.grid.tilePxChanged.connect(self._on_tile_px_changed)
        self._desk.changed.connect(self._on_changed)
        frame.settingsMade.connect(self._on_made)
        news.seen.connect(self._on_seen)
        indexer.progressed.connect(self._on_progressed)
        indexer.stopped.connect(self._on_stopped)

    def _on_made(self, page: SettingsPage) -> None:
        """Keep the page in step with the library, and do what it asks."""
        self._page = page
        page.closed.connect(self.leave)
        folders, privacy = page.folders, page.privacy
        folders.addWanted.connect(self._asker.folder)
        folders.rescanWanted.connect(self._upkeep.rescan)
        folders.folderRescanWanted.connect(self._upkeep.rescan_one)
        folders.revealWanted.connect(self._desktop.reveal)
        folders.removeWanted.connect(self._asker.removal)
        folders.folderChanged.connect(self._on_folder_changed)
        folders.problem.connect(self.warn)
        privacy.revealWanted.connect(self._desktop.reveal)
        privacy.problem.connect(self._news.failed)
        privacy.transfer.imported.connect(self._on_imported)
        folders.show_folders(self._folders)
        folders.show_progress(self._told)
        page.show_section(self._section)

    @property
    def section(self) -> str:
        """The section that is shown, or would be."""
        return self._page.current if self._page is not None else self._section

    def show(self) -> None:
        """Show the settings; once more brings the keyboard to their search."""
        if self._frame.setting:
            self._frame.settings.start_search()
            return
        self._frame.show_settings()
        self._frame.settings.take_focus()

    def leave(self) -> None:
        """Go back to what was shown before."""
        self._frame.leave_settings()
        if self._frame.viewing:
            self._frame.viewer.setFocus()
        else:
            self._frame.take_focus()

    def find(self) -> bool:
        """Bring the keyboard to the search of the settings, if they are what is shown."""
        if self._frame.setting:
            self._frame.settings.start_search()
        return self._frame.setting

    def warn(self, sentence: str) -> None:
        """Say what went wrong where the user is."""
        if self._frame.setting:
            self._frame.settings.say(sentence)

    def want_theme(self, wanted: str) -> None:
        """Hold light or dark, or follow the system, and keep that."""
        self._look.want(wanted)
        self._desk.set(THEME, wanted)

    def tile_px(self, remembered: int) -> int:
        """Return the size of pictures to begin with: as it was last, unless that is decided."""
        now = self._desk.value(TILE)
        decided = now.source in ("environment", "flag") or not remembered
        return int(now.value) if decided else remembered

    def _on_tile_px_changed(self, _size_px: int) -> None:
        if self._frame.isVisible():  # else it is only being restored
            self._resized.start()

    def _on_resized(self) -> None:
        size_px, now = self._frame.page.grid.tile_px, self._desk.value(TILE)
        if now.value != size_px and now.source in ("default", "file"):
            self._desk.set(TILE, size_px)

    def _on_seen(self, overview: Overview) -> None:
        self._folders = overview.status.folders
        if self._page is not None:
            self._page.folders.show_folders(self._folders)

    def _on_progressed(self, progress: Progress) -> None:
        self._tell(sentence(progress))

    def _on_stopped(self) -> None:
        self._tell(_("Up to date. Last checked at {time}.").format(time=time_now()))

    def _tell(self, words: str) -> None:
        self._told = words
        if self._page is not None:
            self._page.folders.show_progress(words)

    def _on_folder_changed(self, folder: FolderId) -> None:
        self._upkeep.refresh()
        self._upkeep.rescan_one(folder)

    def _on_imported(self) -> None:
        """Show names and favourites that came in, and group faces by them."""
        self._upkeep.refresh()
        self._frame.people.refresh()
        self._upkeep.rescan()

    def _on_changed(self, key: str) -> None:
        value = self._desk.value(key).value
        if key == THEME:
            self._look.want(value)
            self._frame.top.show_theme(value)
        elif key == TILE:
            self._frame.page.grid.setTilePx(value)
            self._frame.status.show_tile_size(value)
        elif key in ("search.enabled", "faces.enabled"):
            self._upkeep.refresh(listed=False)
            self._frame.people.refresh()
            if value:
                self._upkeep.rescan()
