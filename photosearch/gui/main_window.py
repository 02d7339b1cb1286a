"""The window: puts the parts together and lets what one asks reach the one that does it.

Knows which part says what to whom; the library is only ever called through jobs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QPoint, Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QMainWindow

from photosearch.gui import about, shortcuts, theme
from photosearch.gui.actions import Desktop
from photosearch.gui.asking import Asker
from photosearch.gui.browsing import Answer, Browser
from photosearch.gui.drop_zone import DropZone
from photosearch.gui.frame import Frame
from photosearch.gui.indexer import Indexer
from photosearch.gui.model_links import ModelLinks
from photosearch.gui.news import LibraryNews
from photosearch.gui.people_links import PeopleLinks
from photosearch.gui.photo_actions import PhotoActions
from photosearch.gui.problems import Problems
from photosearch.gui.search.session import SearchSession
from photosearch.gui.settings_links import SettingsLinks
from photosearch.gui.sidebar import Place
from photosearch.gui.status.failures import FailuresDialog
from photosearch.gui.upkeep import Upkeep, Widgets
from photosearch.gui.window_state import WindowState
from photosearch.jobs import Runner
from photosearch.types import Ids, PhotoId, PhotoSummary

if TYPE_CHECKING:
    from photosearch.library import Library

TILE_STEP_PX = 32


class MainWindow(QMainWindow):
    """Sidebar, search, photos, status; the viewer lies over all of it when open."""

    def __init__(
        self,
        library: Library,
        runner: Runner,
        look: theme.Theme,
        state: WindowState | None = None,
    ):
        super().__init__()
        self._library, self._runner = library, runner
        self._state = state or WindowState()
        self.leaving = False  # closing is for good: it was said so, or has happened
        self.setWindowTitle("PhotoSearch")
        self.setObjectName("mainWindow")
        self.setMinimumSize(720, 480)
        self.browser = Browser(library, runner, self)
        self.indexer = Indexer(library, runner, self)
        self.news = LibraryNews(library, runner, self)
        self.desktop = Desktop(runner, self)
        self.photo_actions = PhotoActions(library, runner, self.desktop, self)
        self.problems = Problems(library, runner, self)
        self.asker = Asker(self, self.news)
        self.frame = frame = Frame(library, runner, self)
        self.sidebar, self.top, self.search = frame.sidebar, frame.top, frame.top.search
        self.page, self.grid, self.status = frame.page, frame.page.grid, frame.status
        self.viewer = frame.viewer
        self.setCentralWidget(frame)
        self.failures = FailuresDialog(self)
        self.drops = DropZone(self, frame.drop_area)
        self.session = SearchSession(self.search, self.browser, self.page.thumbs, self.page, self)
        self.upkeep = Upkeep(
            self.news,
            self.indexer,
            self.browser,
            Widgets(self.sidebar, self.page, self.status, self.failures, self.top.models),
            model_banner_dismissed=self._state.model_banner_dismissed,
            parent=self,
        )
        self.people = PeopleLinks(library, runner, frame, self.browser, self)
        self.settings = SettingsLinks(
            frame,
            look,
            news=self.news,
            indexer=self.indexer,
            upkeep=self.upkeep,
            asker=self.asker,
            desktop=self.desktop,
            section=self._state.settings_section,
            parent=self,
        )
        self.models = ModelLinks(library, runner, frame, self)
        self._connect_library()
        self._connect_chrome()
        self._connect_photos()
        self._connect_people()
        shortcuts.install(self, self.grid, frame.people, self._deeds())
        self._restore()

    def start(self, paths: Sequence[str] = ()) -> None:
        """Show what there is, add `paths`, and look for changes in the known folders."""
        self.grid.setFocus()  # kept for it until it shows; never the first button of the bar
        self.news.refresh()
        self.people.refresh()
        self.browser.show_place(self.sidebar.place().filter)
        if paths:
            self.news.add_folders(paths)  # a look for changes follows, whatever could be added
        else:
            self.upkeep.rescan()

    # --- putting together -----------------------------------------------------

    def _connect_library(self) -> None:
        """What the library's side tells."""
        self.browser.answered.connect(self._on_answered)
        self.browser.busyChanged.connect(self.page.set_busy)
        self.drops.dropped.connect(self.news.add_folders)
        self.news.modelAsked.connect(self._on_model_asked)
        self.news.favouritesChanged.connect(self._on_favourites_changed)
        for part in (self.browser, self.indexer, self.news):
            part.failed.connect(self.problems.tell)
        self._runner.unhandled.connect(self.problems.tell)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.applicationStateChanged.connect(self._on_application_state)
        for told in (self.problems.said, self.frame.settings_desk.mended):
            told.connect(self._warn)
        self.desktop.failed.connect(self._say_briefly)
        self.models.follow(self.news, self.indexer, self.people)
        self.models.failed.connect(self.problems.tell)

    def _connect_chrome(self) -> None:
        """What bars and sidebar ask."""
        self.search.leftDownwards.connect(self._on_search_left)
        self.search.filesDropped.connect(self.news.take_dropped)
        self.sidebar.placeChosen.connect(self._go_to)
        self.sidebar.placeClicked.connect(self._on_place_clicked)
        self.sidebar.addFolderWanted.connect(self.asker.folder)
        self.sidebar.revealWanted.connect(self.desktop.reveal)
        self.sidebar.removeWanted.connect(self.asker.removal)
        self.top.sidebarToggled.connect(self.toggle_sidebar)
        self.top.addFolderWanted.connect(self.asker.folder)
        self.top.addFilesWanted.connect(self.asker.files)
        self.top.models.folderWanted.connect(self.asker.model)
        self.top.models.useWanted.connect(self.models.use)
        self.top.models.choiceWanted.connect(self.models.open_search)
        self.top.rescanWanted.connect(self.upkeep.rescan)
        self.top.themeWanted.connect(self.settings.want_theme)
        self.top.settingsWanted.connect(self.settings.show)
        self.top.keysWanted.connect(self.show_keys)
        self.top.aboutWanted.connect(self.show_about)
        self.top.quitWanted.connect(self.quit)
        self.failures.revealWanted.connect(self.desktop.reveal)

    def _connect_photos(self) -> None:
        """What the grid, the page and the viewer ask."""
        self.page.newestWanted.connect(self.browser.order)
        self.page.addFolderWanted.connect(self.asker.folder)
        self.page.modelWanted.connect(self.models.open_missing)
        self.grid.photoActivated.connect(self.open_viewer)
        self.grid.favouriteToggled.connect(self.set_favourite)
        self.grid.contextMenuWanted.connect(self._on_menu_wanted)
        self.grid.tilePxChanged.connect(self.status.show_tile_size)
        self.status.tileSizeWanted.connect(self.grid.setTilePx)
        actions = self.photo_actions
        actions.viewWanted.connect(self._on_view_wanted)
        actions.similarWanted.connect(self.show_similar)
        actions.favouriteWanted.connect(self.set_favourite)
        actions.said.connect(self._say_briefly)
        self.grid.selectionChangedIds.connect(self._on_selection_changed)
        self.session.similarWanted.connect(actions.find_similar)
        self.news.likeWanted.connect(self.session.find_like_files)
        self.viewer.closed.connect(self._on_viewer_closed)
        self.viewer.favouriteToggled.connect(self.set_favourite)
        self.viewer.similarWanted.connect(self._on_viewer_similar)
        self.viewer.revealWanted.connect(self.desktop.reveal)
        self.viewer.openWanted.connect(self.desktop.open_one)
        self.viewer.copyFileWanted.connect(actions.copy_file)
        self.viewer.copyPathWanted.connect(actions.copy_path)

    def _connect_people(self) -> None:
        """What the people pages ask."""
        room = self.frame.people
        self.people.follow(self.indexer, self.news)
        self.people.placeWanted.connect(self._go_to)
        self.people.rescanWanted.connect(self.upkeep.rescan)
        room.packWanted.connect(self.models.open_faces)
        room.searchWanted.connect(self.search.search_for)
        room.desk.failed.connect(self.problems.tell)

    def _deeds(self) -> dict[str, Any]:
        actions = self.photo_actions
        return {
            "search": self._on_search_key,
            "add_folder": self.asker.folder,
            "rescan": self.upkeep.rescan,
            "sidebar": self.toggle_sidebar,
            "larger": lambda: self.status.step(TILE_STEP_PX),
            "smaller": lambda: self.status.step(-TILE_STEP_PX),
            "keys": self.show_keys,
            "quit": self.quit,
            "similar": lambda: actions.find_similar(self.chosen()),
            "open": lambda: actions.open(self.chosen()),
            "reveal": lambda: actions.reveal(self.chosen()),
            "copy_files": lambda: actions.copy_files(self.chosen()),
            "copy_paths": lambda: actions.copy_paths(self.chosen()),
            "settings": self.settings.show,
            **self.people.deeds(),
        }

    # --- remembering sizes ----------------------------------------------------

    def _restore(self) -> None:
        state = self._state
        self.resize(1280, 820)
        if state.geometry:
            self.restoreGeometry(QByteArray.fromBase64(state.geometry.encode()))
        self.sidebar.open_branches(state.branches)
        self.frame.want_sidebar(state.sidebar_shown)
        self.frame.set_sidebar_px(state.sidebar_px, self.width())
        settings = self._library.settings.current
        tile_px = self.settings.tile_px(state.tile_px)
        self.grid.setTilePx(tile_px)
        self.status.show_tile_size(tile_px)
        self.viewer.show_info(state.info_shown)
        self.top.show_theme(settings.appearance.theme)

    @property
    def last_state(self) -> WindowState:
        """What is to be remembered, as it was when the window closed."""
        return self._state

    def state(self) -> WindowState:
        """Return what is to be remembered, as it is now."""
        shown = not self.sidebar.isHidden()
        return replace(
            self._state,
            geometry=bytes(self.saveGeometry().toBase64().data()).decode(),
            sidebar_px=self.frame.sidebar_px if shown else self._state.sidebar_px,
            branches=self.sidebar.branches(),
            sidebar_shown=self.frame.sidebar_wanted,
            tile_px=self.status.tiles.value(),
            settings_section=self.settings.section,
            info_shown=not self.viewer.info.isHidden(),
            model_banner_dismissed=self.upkeep.model_banner_dismissed,
        )

    # --- places, search, photos -----------------------------------------------

    def chosen(self) -> Ids:
        """Return the photos that are selected in the grid, perhaps a million of them."""
        return self.grid.selected_ids()

    def focus_search(self) -> None:
        """Bring the keyboard to the search bar, from wherever."""
        self._show_browse()
        self.search.focus()

    def _on_search_key(self) -> None:
        if not self.settings.find():
            self.focus_search()

    def show_similar(self, summaries: tuple[PhotoSummary, ...]) -> None:
        """Search for photos like these."""
        self._show_browse()
        self.session.find_similar(summaries)
        self.grid.setFocus()

    def set_favourite(self, ids: Sequence[PhotoId] | Ids, value: bool) -> None:
        """Show it at once and let the library write it."""
        self.page.model.set_favourite(ids, value)
        self.news.set_favourite(ids, value)

    def _say_briefly(self, sentence: str) -> None:
        page = self.viewer if self.frame.viewing else self.page
        page.say_briefly(sentence)

    def _warn(self, sentence: str) -> None:
        self.page.warn(sentence)
        self.settings.warn(sentence)
        if self.frame.viewing:
            self.viewer.say_briefly(sentence)

    def _on_model_asked(self) -> None:
        if not self.search.field.hasFocus():
            self.page.take_focus()  # the button that asked goes away

    def _on_selection_changed(self, chosen: Ids) -> None:
        self.status.show_selected(0 if self.frame.among_people else len(chosen))

    def _on_search_left(self) -> None:
        if self.frame.among_people:
            self.frame.take_focus()
        else:
            self.grid.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _go_to(self, place: Place) -> None:
        self.page.set_place_title(place.title)
        self.session.go_to(place)
        self.people.go_to(place)

    def _on_place_clicked(self) -> None:
        """A click on the place that is chosen already leaves the search."""
        if self.session.on:
            self.session.leave()
        elif self.sidebar.place().people:
            self.people.go_to(self.sidebar.place())

    def _on_answered(self, answer: Answer) -> None:
        first = not self.page.answered
        self.page.show_answer(answer)
        self.people.show_answer(answer)
        if first and not self.search.field.hasFocus():
            self.page.take_focus()
        if self.frame.viewing and not self.frame.among_people:
            self.viewer.replace_list(self.page.model.ids)

    def _on_favourites_changed(self, _ids: object, _value: bool) -> None:
        self.news.refresh()
        if self.sidebar.place().filter.favourites and not self.frame.viewing:
            self.browser.refresh()

    def _on_menu_wanted(self, where: QPoint, ids: Ids) -> None:
        if not len(ids):
            return
        menu = self.photo_actions.menu(self, ids, self.page.model.are_favourites(ids))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(where)

    # --- viewer ---------------------------------------------------------------

    def open_viewer(self, row: int) -> None:
        """Look at the photo in a row of the grid."""
        self.frame.show_viewer()
        self.viewer.show_list(self.page.model.ids, row)

    def _on_view_wanted(self, photo: PhotoId) -> None:
        row = self.page.model.row_of(photo)
        if row >= 0:
            self.open_viewer(row)

    def _on_viewer_closed(self, photo: PhotoId | None) -> None:
        self._show_browse()
        self.people.refresh()
        if photo is not None and self.page.model.row_of(photo) >= 0:
            self.grid.select_ids((photo,))
        if self.sidebar.place().filter.favourites:
            self.browser.refresh()

    def _on_viewer_similar(self, summary: PhotoSummary) -> None:
        self.show_similar((summary,))

    def _show_browse(self) -> None:
        if self.frame.viewing:
            self.viewer.pictures.forget()
            self.frame.show_browse()
            self.frame.take_focus()

    # --- the window itself ----------------------------------------------------

    def toggle_sidebar(self) -> None:
        """Show or hide the sidebar."""
        self.frame.toggle_sidebar()

    def show_keys(self) -> None:
        """Show the keyboard shortcuts."""
        about.show_keys(self)

    def show_about(self) -> None:
        """Show what the program is."""
        about.show_about(self, self.upkeep.status)

    def _on_application_state(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive and self.isVisible():
            self.upkeep.look_again()
            self.people.look_again()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.session.on:
            self.session.back()
        else:
            super().keyPressEvent(event)

    def quit(self) -> None:
        """Close, even where closing only hides the window."""
        self.leaving = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.leaving = True
        self._state = self.state()
        self.hide()
        self.indexer.cancel()
        self.page.thumbs.close()
        self.frame.people.close_pictures()
        super().closeEvent(event)
