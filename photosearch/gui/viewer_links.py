"""How the viewer is gone into and left, and who does what it asks.

Knows which part says what to whom; what it means, the parts know.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from photosearch.gui.actions import Desktop
from photosearch.gui.browsing import Browser
from photosearch.gui.frame import Frame
from photosearch.gui.people_links import PeopleLinks
from photosearch.gui.photo_actions import PhotoActions
from photosearch.types import PhotoId, PhotoSummary


class ViewerLinks(QObject):
    """Connects the viewer with the photos it was opened from."""

    similarWanted = Signal(object)  # tuple of PhotoSummary

    def __init__(
        self,
        frame: Frame,
        *,
        browser: Browser,
        people: PeopleLinks,
        desktop: Desktop,
        actions: PhotoActions,
        parent: QObject | None = None,
    ):
        super().__init__(parent)
        self._frame, self._page, self._viewer = frame, frame.page, frame.viewer
        self._browser, self._people = browser, people
        self._page.grid.photoActivated.connect(self.open)
        actions.viewWanted.connect(self._on_view_wanted)
        viewer = self._viewer
        viewer.closed.connect(self._on_closed)
        viewer.similarWanted.connect(self._on_similar_wanted)
        viewer.revealWanted.connect(desktop.reveal)
        viewer.openWanted.connect(desktop.open_one)
        viewer.copyFileWanted.connect(actions.copy_file)
        viewer.copyPathWanted.connect(actions.copy_path)

    def open(self, row: int) -> None:
        """Look at the photo in a row of the grid."""
        self._frame.show_viewer()
        self._viewer.show_list(self._page.model.ids, row, self._browser.place())

    def leave(self) -> None:
        """Show what was browsed, if the viewer lies over it."""
        if self._frame.viewing:
            self._viewer.pictures.forget()
            self._frame.show_browse()
            self._frame.take_focus()

    def follow_answer(self) -> None:
        """Go through the photos of the newest answer, once the page has it."""
        if self._frame.viewing and not self._frame.among_people:
            self._viewer.replace_list(self._page.model.ids)

    def _on_view_wanted(self, photo: PhotoId) -> None:
        row = self._page.model.row_of(photo)
        if row >= 0:
            self.open(row)

    def _on_closed(self, photo: PhotoId | None) -> None:
        self.leave()
        self._people.refresh()
        if photo is not None and self._page.model.row_of(photo) >= 0:
            self._page.grid.select_ids((photo,))
        if self._frame.sidebar.place().filter.favourites:
            self._browser.refresh()

    def _on_similar_wanted(self, summary: PhotoSummary) -> None:
        self.similarWanted.emit((summary,))
