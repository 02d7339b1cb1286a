"""The verbs of one or many photos, for the context menu, the keys and the viewer.

Paths are asked of the library on a lane when they are needed: a selection may hold a million
photos whose summaries were never loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from photosearch.gui.actions import Desktop
from photosearch.gui.text import _, plural
from photosearch.jobs import Lane, Runner
from photosearch.types import Ids, PhotoFilter, PhotoId, PhotoSummary

if TYPE_CHECKING:
    from photosearch.library import Library

OPEN_AT_MOST = 20  # programs started by one click
COPY_AT_MOST = 10_000
Photos = Sequence[PhotoId] | Ids


class PhotoActions(QObject):
    """Carries out what was chosen for some photos."""

    viewWanted = Signal(object)  # PhotoId
    similarWanted = Signal(object)  # tuple of PhotoSummary
    favouriteWanted = Signal(object, bool)  # ids, value
    said = Signal(str)  # a sentence to show for a moment

    def __init__(
        self,
        library: Library,
        runner: Runner,
        desktop: Desktop,
        place: Callable[[], PhotoFilter],
        parent: QObject | None = None,
    ):
        super().__init__(parent)
        self._place = place  # the one looked at: of two copies, its own is meant
        self._library = library
        self._runner = runner
        self._desktop = desktop

    def menu(self, parent: QWidget, ids: Photos, all_favourites: bool) -> QMenu:
        """Return the context menu for these photos."""
        menu = QMenu(parent)
        one = len(ids) == 1

        def add(text: str, call: Callable[[], None], keys: str = "") -> None:
            action = menu.addAction(text)
            action.triggered.connect(call)
            if keys:  # shown only: the keys themselves belong to the page
                action.setShortcut(QKeySequence(keys))
                action.setShortcutVisibleInContextMenu(True)

        add(_("Open"), lambda: self.viewWanted.emit(PhotoId(int(ids[0]))), "Return")
        add(_("Find similar"), lambda: self.find_similar(ids), "Ctrl+Shift+F")
        heart = _("Remove from favourites") if all_favourites else _("Favourite")
        add(heart, lambda: self.favouriteWanted.emit(ids, not all_favourites), "F")
        menu.addSeparator()
        add(_("Open with default program"), lambda: self.open(ids), "Ctrl+Return")
        add(_("Show in file manager"), lambda: self.reveal(ids), "Ctrl+R")
        menu.addSeparator()
        copy = _("Copy file") if one else plural("Copy {n} file", "Copy {n} files", len(ids))
        path = _("Copy path") if one else plural("Copy {n} path", "Copy {n} paths", len(ids))
        add(copy, lambda: self.copy_files(ids), "Ctrl+C")
        add(path, lambda: self.copy_paths(ids), "Ctrl+Shift+C")
        return menu

    def find_similar(self, ids: Photos) -> None:
        """Search for photos like these."""
        self._with_summaries(ids[:OPEN_AT_MOST], self._on_similar)

    def open(self, ids: Photos) -> None:
        """Open with the default programs."""
        self._with_summaries(ids[:OPEN_AT_MOST], self._on_open)

    def reveal(self, ids: Photos) -> None:
        """Show the first in the file manager."""
        self._with_summaries(ids[:1], self._on_reveal)

    def copy_files(self, ids: Photos) -> None:
        """Copy as files."""
        self._with_summaries(ids[:COPY_AT_MOST], self._on_copy_files)

    def copy_file(self, path: str) -> None:
        """Copy one file whose path is known."""
        self._desktop.copy_files([path])
        self.said.emit(file_copied())

    def copy_path(self, path: str) -> None:
        """Copy one path as text."""
        self._desktop.copy_paths([path])
        self.said.emit(path_copied())

    def copy_paths(self, ids: Photos) -> None:
        """Copy the paths as text."""
        self._with_summaries(ids[:COPY_AT_MOST], self._on_copy_paths)

    def _with_summaries(self, ids: Photos, then: Callable[[Any], None]) -> None:
        if len(ids):
            wanted = tuple(PhotoId(int(photo)) for photo in ids)
            self._runner.run(
                Lane.INTERACTIVE, self._library.summaries, wanted, self._place(), on_success=then
            )

    def _on_similar(self, summaries: tuple[PhotoSummary, ...]) -> None:
        if summaries:
            self.similarWanted.emit(summaries)

    def _on_open(self, summaries: tuple[PhotoSummary, ...]) -> None:
        self._desktop.open([summary.path for summary in summaries])

    def _on_reveal(self, summaries: tuple[PhotoSummary, ...]) -> None:
        for summary in summaries:
            self._desktop.reveal(summary.path)

    def _on_copy_files(self, summaries: tuple[PhotoSummary, ...]) -> None:
        self._desktop.copy_files([summary.path for summary in summaries])
        self.said.emit(file_copied(len(summaries)))

    def _on_copy_paths(self, summaries: tuple[PhotoSummary, ...]) -> None:
        self._desktop.copy_paths([summary.path for summary in summaries])
        self.said.emit(path_copied(len(summaries)))


def file_copied(count: int = 1) -> str:
    """Say that files were copied."""
    return plural("File copied", "{n} files copied", count)


def path_copied(count: int = 1) -> str:
    """Say that paths were copied."""
    return plural("Path copied", "{n} paths copied", count)
