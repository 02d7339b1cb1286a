"""The list of places at the left: all photos, favourites, people, and the folders as a tree.

Knows what it was told to show and what the user chose; asks for everything else by signal.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import icons, theme
from photosearch.gui.directories import Directories
from photosearch.gui.folder_branches import FolderBranches
from photosearch.gui.place_items import Key, PlaceItems
from photosearch.gui.place_tree import COUNT, HEADING, KEY, PlaceTree
from photosearch.gui.text import _
from photosearch.gui.text import photos as photos_text
from photosearch.types import Folder, FolderId, Person, PersonId, PhotoFilter

EVERYTHING = PhotoFilter()
_PHOTOS: Key = ("photos", 0, b"")
_FAVOURITES: Key = ("favourites", 0, b"")
_PEOPLE: Key = ("people", 0, b"")
_PEOPLE_BRANCH = "people"
LEAST_PX = 168
PEOPLE_SHOWN = 30  # named people below People, those with most photos


@dataclass(frozen=True, slots=True)
class Place:
    """Something the sidebar leads to."""

    title: str
    filter: PhotoFilter = EVERYTHING
    people: bool = False  # the people pages
    person: PersonId | None = None  # one of them


class Sidebar(QWidget):
    """Shows the places and says which was chosen."""

    placeChosen = Signal(object)  # Place
    placeClicked = Signal()  # the chosen place, perhaps once more
    addFolderWanted = Signal()
    revealWanted = Signal(str)
    rescanWanted = Signal(object)  # FolderId
    removeWanted = Signal(object)  # Folder

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.tree = PlaceTree(self)
        self._items = PlaceItems(self.tree)
        self._branches = FolderBranches(self.tree, self._items, _PHOTOS)
        self._people_to_open = False  # as soon as they are known
        self._heading: QTreeWidgetItem | None = None
        self._items.add(_PHOTOS, None, _("Photos"), "photos")
        self._items.add(_FAVOURITES, None, _("Favourites"), "heart")
        self._items.add(_PEOPLE, None, _("People"), "people")
        self.tree.setCurrentItem(self._items[_PHOTOS])
        self.tree.currentItemChanged.connect(self._on_current_changed)
        self.tree.itemClicked.connect(self._on_item_clicked)
        self.tree.customContextMenuRequested.connect(self._on_menu_requested)
        self.add_button = QPushButton(_("Add folder…"), self)
        self.add_button.setProperty("role", "plain")
        self.add_button.setAccessibleName(_("Add a photo folder"))
        self.add_button.clicked.connect(self.addFolderWanted)
        self._draw_icons()
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 4, 8, 8)
        foot.addWidget(self.add_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.M, 1, 0)
        column.setSpacing(0)
        column.addWidget(self._brand())
        column.addWidget(self.tree, 1)
        column.addLayout(foot)

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint().expandedTo(QSize(LEAST_PX, 0))

    def _brand(self) -> QWidget:
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(18, 2, 12, 14)
        row.setSpacing(9)
        mark = QLabel(holder)
        mark.setPixmap(icons.app_pixmap(24, self.devicePixelRatioF()))
        name = QLabel("PhotoSearch", holder)
        name.setProperty("role", "strong")
        row.addWidget(mark)
        row.addWidget(name, 1)
        return holder

    # --- what it shows --------------------------------------------------------

    def set_counts(self, photos: int, favourites: int) -> None:
        """Show how many photos there are in all."""
        self._items[_PHOTOS].setData(0, COUNT, photos)
        self._items[_PHOTOS].setToolTip(
            0, _("A photo with copies counts once here, and once in each folder that has a copy.")
        )
        self._items[_FAVOURITES].setData(0, COUNT, favourites)
        for key, count in ((_PHOTOS, photos), (_FAVOURITES, favourites)):
            item = self._items[key]
            item.setData(
                0, Qt.ItemDataRole.AccessibleTextRole, f"{item.text(0)}, {photos_text(count)}"
            )

    def set_folders(self, folders: Sequence[Folder], below: Mapping[FolderId, Directories]) -> None:
        """Show these folders; what was open stays open, what was chosen stays chosen."""
        if folders and self._heading is None:
            self._heading = QTreeWidgetItem(self.tree, [_("FOLDERS")])
            self._heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self._heading.setData(0, HEADING, True)
        self._branches.show(folders, below)
        if not folders and self._heading is not None:
            self._items.remove(self._heading)
            self._heading = None

    def set_people(self, count: int, named: Sequence[Person]) -> None:
        """Show how many people there are, and below it those with a name."""
        above = self._items[_PEOPLE]
        above.setData(0, COUNT, count)
        above.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{above.text(0)}, {count}")
        wanted: dict[Key, Person] = {}
        for person in sorted(named, key=lambda each: -each.photos)[:PEOPLE_SHOWN]:
            key: Key = ("person", int(person.id), b"")
            wanted[key] = person
            item = self._items.add(key, above, person.name, "person")
            self._items.rename(key, person.name)
            self._items.mark(item, person.photos, False, person.name)
        for key in self._items.known():
            if key[0] == "person" and key not in wanted:
                self.tree.blockSignals(True)  # the pages know where they are
                self._items.drop(key, _PEOPLE)
                self.tree.blockSignals(False)
        if self._people_to_open and wanted:
            above.setExpanded(True)
            self._people_to_open = False

    def mark_person(self, person: PersonId | None) -> None:
        """Mark the place of a person, or of all people, as chosen without going there."""
        above = self._items[_PEOPLE]
        item = self._items.get(("person", int(person or 0), b"")) or above
        if not above.isExpanded():
            item = above
        with QSignalBlocker(self.tree):
            self.tree.setCurrentItem(item)

    def show_search(self, on: bool) -> None:
        """While a search shows photos of everywhere, none of the people is where one is."""
        item = self.tree.currentItem()
        if item is not None and self.place().people:
            with QSignalBlocker(self.tree):
                item.setSelected(not on)

    def open_branches(self, names: tuple[str, ...]) -> None:
        """Open the branches that were open, as soon as they are known."""
        self._people_to_open = _PEOPLE_BRANCH in names
        self._branches.open_branches(name for name in names if name != _PEOPLE_BRANCH)

    def branches(self) -> tuple[str, ...]:
        """Return names of the open branches, to open them at the next start."""
        people = self._people_to_open or self._items[_PEOPLE].isExpanded()
        return (*((_PEOPLE_BRANCH,) if people else ()), *self._branches.branches())

    # --- what was chosen ------------------------------------------------------

    def choose(self, favourites: bool = False) -> None:
        """Go to all photos or to the favourites."""
        self.tree.setCurrentItem(self._items[_FAVOURITES if favourites else _PHOTOS])

    def place(self) -> Place:
        """Return the chosen place."""
        item = self.tree.currentItem()
        key: Key = tuple(item.data(0, KEY)) if item else _PHOTOS
        kind, folder, path = key
        if kind == "favourites":
            return Place(_("Favourites"), PhotoFilter(favourites=True))
        if kind == "people":
            return Place(_("People"), people=True)
        if kind == "person" and item is not None:
            return Place(item.text(0), people=True, person=PersonId(folder))
        if kind == "folder" and item is not None:
            below = bytes(path) or None
            return Place(item.text(0), PhotoFilter(folder=FolderId(folder), dir=below))
        return Place(_("Photos"))

    def _on_current_changed(self, item: QTreeWidgetItem | None, _old: object) -> None:
        if item is not None and not item.data(0, HEADING):
            self.placeChosen.emit(self.place())

    def _on_item_clicked(self, item: QTreeWidgetItem, _column: int) -> None:
        if not item.data(0, HEADING):
            self.placeClicked.emit()

    def _on_menu_requested(self, where: QPoint) -> None:
        item = self.tree.itemAt(where)
        if item is None or item.data(0, HEADING):
            return
        kind, number_, path = item.data(0, KEY)
        folder = self._branches.folder(number_)
        if kind == "folder" and folder is not None:
            self.folder_menu(folder, bytes(path)).popup(self.tree.viewport().mapToGlobal(where))

    def folder_menu(self, folder: Folder, path: bytes) -> QMenu:
        """Return the context menu of a folder or of a directory below it."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        full = os.path.join(folder.path, os.fsdecode(path)) if path else folder.path
        reveal = menu.addAction(_("Show in file manager"))
        reveal.triggered.connect(lambda: self.revealWanted.emit(full))
        reveal.setEnabled(not folder.offline)
        if not path:
            rescan = menu.addAction(_("Look for changes"))
            rescan.triggered.connect(lambda: self.rescanWanted.emit(folder.id))
            menu.addSeparator()
            remove = menu.addAction(_("Remove from library…"))
            remove.triggered.connect(lambda: self.removeWanted.emit(folder))
        return menu

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_icons()

    def _draw_icons(self) -> None:
        colour = self.palette().color(QPalette.ColorRole.WindowText)
        self.add_button.setIcon(
            QIcon(icons.icon("folder-add", colour, size_px=18, ratio=self.devicePixelRatioF()))
        )
