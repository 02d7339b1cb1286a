"""What stands where in the window: sidebar, bars, photos; viewer and settings hide all of it.

Knows the order of the widgets for eye and Tab key, not what they say to one another.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from photosearch.gui.grid import MAX_TILE_PX, MIN_TILE_PX
from photosearch.gui.people.room import PeopleRoom
from photosearch.gui.photo_page import PhotoPage
from photosearch.gui.search.people import SearchPeople
from photosearch.gui.settings.desk import SettingsDesk
from photosearch.gui.sidebar import Sidebar
from photosearch.gui.status.area import StatusArea
from photosearch.gui.top_bar import TopBar
from photosearch.gui.viewer.viewer import Viewer
from photosearch.jobs import Runner

if TYPE_CHECKING:
    from photosearch.gui.settings.page import SettingsPage
    from photosearch.library import Library

LEAST_BODY_PX = 400
NARROW_PX = 860  # in a narrower window the sidebar shows only while it is asked for


class Frame(QStackedWidget):
    """Three pages: browsing, the viewer, the settings, which are made when they are wanted."""

    settingsMade = Signal(object)  # SettingsPage: nobody has looked at it before

    def __init__(self, library: Library, runner: Runner, parent: QWidget | None = None):
        super().__init__(parent)
        self._library, self._runner = library, runner
        self.sidebar = Sidebar(self)
        self.top = TopBar(self)
        self.page = PhotoPage(library, runner, self)
        self.people = PeopleRoom(library, runner, self)
        faces = self.people.pictures.little
        self._rooms = QStackedWidget(self)
        self._rooms.addWidget(self.page)
        self._rooms.addWidget(self.people)
        self.search_people = SearchPeople(library, runner, faces, self.top.search, self)
        self.status = StatusArea((MIN_TILE_PX, MAX_TILE_PX), self)
        self.viewer = Viewer(library, runner, faces, self)
        self.settings_desk = SettingsDesk(library, runner, self)
        self._settings: SettingsPage | None = None
        self._before: QWidget | None = None  # what the settings lie over
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self.sidebar)
        self._splitter.addWidget(self._body())
        self._splitter.setStretchFactor(1, 1)
        self._sidebar_wanted = True
        self._narrow = False
        self._browse = QWidget(self)
        row = QHBoxLayout(self._browse)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._splitter)
        self.addWidget(self._browse)
        self.addWidget(self.viewer)
        self._order_tabs()

    @property
    def viewing(self) -> bool:
        """Whether the viewer is shown."""
        return self.currentWidget() is self.viewer

    def show_viewer(self) -> None:
        """Hide everything but the viewer."""
        self.setCurrentWidget(self.viewer)

    def show_browse(self) -> None:
        """Leave the viewer."""
        self.setCurrentWidget(self._browse)

    @property
    def settings(self) -> SettingsPage:
        """The settings page; the first who asks has it made."""
        if self._settings is None:
            from photosearch.gui.settings.page import SettingsPage

            self._settings = SettingsPage(
                self._library, self._runner, self.settings_desk, parent=self
            )
            self.addWidget(self._settings)
            self.settingsMade.emit(self._settings)
        return self._settings

    @property
    def setting(self) -> bool:
        """Whether the settings are shown."""
        return self._settings is not None and self.currentWidget() is self._settings

    def show_settings(self) -> None:
        """Hide everything but the settings."""
        if not self.setting:
            self._before = self.currentWidget()
            self.setCurrentWidget(self.settings)

    def leave_settings(self) -> None:
        """Go back to what was shown before the settings."""
        if self.setting:
            self.setCurrentWidget(self._before or self._browse)

    @property
    def among_people(self) -> bool:
        """Whether the people pages are what is browsed, not photos."""
        return self._rooms.currentWidget() is self.people

    def show_people(self, people: bool) -> None:
        """Browse people, or photos."""
        if people != self.among_people:
            self._rooms.setCurrentWidget(self.people if people else self.page)
            self.people.set_shown(people)
            self.status.show_sizes(not people)
            self.status.show_selected(0 if people else len(self.page.grid.selected_ids()))

    def take_focus(self) -> None:
        """Bring the keyboard to what is browsed."""
        if self.among_people:
            self.people.take_focus()
        else:
            self.page.grid.setFocus()

    @property
    def sidebar_px(self) -> int:
        """The width of the sidebar."""
        return self._splitter.sizes()[0]

    def set_sidebar_px(self, width_px: int, whole_px: int) -> None:
        """Give the sidebar a width within a window of `whole_px`."""
        self._splitter.setSizes([width_px, max(LEAST_BODY_PX, whole_px - width_px)])

    @property
    def sidebar_wanted(self) -> bool:
        """Whether the sidebar shows where there is room for it."""
        return self._sidebar_wanted

    def want_sidebar(self, wanted: bool) -> None:
        """Show the sidebar where there is room for it, or nowhere."""
        self._sidebar_wanted = wanted
        self.sidebar.setVisible(wanted and not self._narrow)

    def toggle_sidebar(self) -> None:
        """Show or hide the sidebar; in a narrow window only until it is wide again."""
        if self._narrow:
            self.sidebar.setVisible(self.sidebar.isHidden())
        else:
            self.want_sidebar(self.sidebar.isHidden())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < NARROW_PX
        if narrow != self._narrow:
            self._narrow = narrow
            self.want_sidebar(self._sidebar_wanted)

    def drop_area(self) -> QRect:
        """Return where folders may be dropped: the photos; the search bar takes drops itself."""
        if self.viewing or self.setting:
            return self.rect()
        return QRect(self._rooms.mapTo(self, QPoint(0, 0)), self._rooms.size())

    def _body(self) -> QWidget:
        body = QWidget(self)
        body.setObjectName("canvas")
        body.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        column.addWidget(self._rooms, 1)
        column.addWidget(self.status)
        return body

    def _order_tabs(self) -> None:
        search, order = self.top.search, self.page.header.order
        stops: list[QWidget] = [search.field, search.clear_button, order.best, order.newest]
        stops += [self.page.grid, self.sidebar.tree, self.sidebar.add_button]
        for first, second in pairwise(stops):
            QWidget.setTabOrder(first, second)
