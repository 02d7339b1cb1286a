"""Watching the library's folders while the window is open: what changes is shown soon.

Knows the setting for it and who looks; how folders are watched `indexing.watch` knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from photosearch.gui.news import LibraryNews, Overview
from photosearch.gui.upkeep import Upkeep
from photosearch.indexing.noticed import Look
from photosearch.indexing.watch import Watch
from photosearch.types import Folder

if TYPE_CHECKING:
    from photosearch.library import Library

SETTING = "indexing.watch"


class Watching(QObject):
    """Follows the folders of the library as long as the setting says so."""

    _noticed = Signal(object)  # Look; comes from the thread that watches
    _set = Signal(str)  # key of a setting; comes from any thread

    def __init__(
        self, library: Library, news: LibraryNews, upkeep: Upkeep, parent: QObject | None = None
    ):
        super().__init__(parent)
        self._settings = library.settings
        self._upkeep = upkeep
        self._folders: tuple[Folder, ...] = ()
        self._noticed.connect(self._on_noticed)
        self._set.connect(self._on_set)
        news.seen.connect(self._on_seen)
        self._watch = Watch(self._tell)
        self._stop = self._settings.subscribe(self._hear)

    def close(self) -> None:
        """Watch no more."""
        self._stop()
        self._watch.close()

    def _tell(self, look: Look) -> None:
        self._noticed.emit(look)

    def _hear(self, key: str) -> None:
        self._set.emit(key)

    def _on_seen(self, overview: Overview) -> None:
        self._folders = overview.status.folders
        self._follow()

    def _on_set(self, key: str) -> None:
        if key == SETTING:
            self._follow()

    def _on_noticed(self, look: Look) -> None:
        if self._settings.current.indexing.watch:
            self._upkeep.look_where(look)

    def _follow(self) -> None:
        self._watch.follow(self._folders if self._settings.current.indexing.watch else ())
