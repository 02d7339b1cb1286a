"""The bar at the top: sidebar button, search, and the menu of what concerns the whole program."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QCursor
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from photosearch.gui import icons, theme
from photosearch.gui.model_menu import ModelMenu
from photosearch.gui.search.bar import SearchBar
from photosearch.gui.text import _


class TopBar(QWidget):
    """Search in the middle, restrained buttons at the ends."""

    sidebarToggled = Signal()
    addFolderWanted = Signal()
    addFilesWanted = Signal()
    rescanWanted = Signal()
    themeWanted = Signal(str)
    aboutWanted = Signal()
    keysWanted = Signal()
    settingsWanted = Signal()
    quitWanted = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("topBar")
        self.setFixedHeight(theme.TOP_BAR_PX)
        self.sidebar_button = icons.IconButton("sidebar", _("Show or hide the sidebar (F9)"), self)
        self.sidebar_button.clicked.connect(self.sidebarToggled)
        self.search = SearchBar(self)
        self.add_button = icons.IconButton("folder-add", _("Add photo folder (Ctrl+O)"), self)
        self.add_button.clicked.connect(self.addFolderWanted)
        self.more_button = icons.IconButton("more", _("More"), self)
        self.models = ModelMenu(self)
        self.themes: dict[str, QAction] = {}
        self.menu = self._menu()
        self.menu.aboutToHide.connect(self._on_menu_hiding)
        self.more_button.clicked.connect(self.show_menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.M, 0, theme.M, 0)
        row.setSpacing(theme.XS)
        row.addWidget(self.sidebar_button)
        row.addStretch(1)
        row.addWidget(self.search, 20)
        row.addStretch(1)
        row.addWidget(self.add_button)
        row.addWidget(self.more_button)

    def show_theme(self, wanted: str) -> None:
        """Mark which side is chosen."""
        if wanted in self.themes:
            self.themes[wanted].setChecked(True)

    def show_menu(self) -> None:
        """Open the menu below its button, flush with its right edge."""
        button, menu = self.more_button, self.menu
        left = button.width() - menu.sizeHint().width()
        menu.popup(button.mapToGlobal(QPoint(left, button.height() + theme.XS)))

    def _on_menu_hiding(self) -> None:
        QTimer.singleShot(0, self._unlight)

    def _unlight(self) -> None:
        """While a menu is open, Qt tells no button that the pointer has left it."""
        button = self.more_button
        here = button.rect().contains(button.mapFromGlobal(QCursor.pos()))
        button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, here)
        button.update()

    def _menu(self) -> QMenu:
        menu = QMenu(self)

        def add(text: str, signal: object) -> None:
            menu.addAction(text).triggered.connect(lambda _on=False: signal.emit())  # type: ignore[attr-defined]

        add(_("Add folder…\tCtrl+O"), self.addFolderWanted)
        add(_("Add photos…"), self.addFilesWanted)
        add(_("Look for changes\tF5"), self.rescanWanted)
        menu.addSeparator()
        menu.addMenu(self.models)
        looks = menu.addMenu(_("Appearance"))
        group = QActionGroup(self)
        for name, text in (
            ("system", _("Like the system")),
            ("light", _("Light")),
            ("dark", _("Dark")),
        ):
            action = looks.addAction(text)
            action.setCheckable(True)
            action.triggered.connect(lambda _on=False, name=name: self.themeWanted.emit(name))
            group.addAction(action)
            self.themes[name] = action
        add(_("Settings…\tCtrl+,"), self.settingsWanted)
        menu.addSeparator()
        add(_("Keyboard shortcuts\tF1"), self.keysWanted)
        add(_("About PhotoSearch"), self.aboutWanted)
        menu.addSeparator()
        add(_("Quit\tCtrl+Q"), self.quitWanted)
        return menu
