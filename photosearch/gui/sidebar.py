"""The list of places at the left: all photos, favourites, people, and the folders as a tree.

Knows what it was told to show and what the user chose; asks for everything else by signal.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QSignalBlocker, Qt, Signal
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
from photosearch.gui.place_tree import COUNT, DRAWING, HEADING, KEY, OFFLINE, PlaceTree
from photosearch.gui.text import _, shown
from photosearch.gui.text import photos as photos_text
from photosearch.types import Folder, FolderId, Person, PersonId, PhotoFilter, Subfolder

Key = tuple[str, int, bytes]  # what kind, which folder, which directory in it
EVERYTHING = PhotoFilter()
_PHOTOS: Key = ("photos", 0, b"")
_FAVOURITES: Key = ("favourites", 0, b"")
_PEOPLE: Key = ("people", 0, b"")
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
        self.setMinimumWidth(168)
        self._folders: dict[int, Folder] = {}
        self._items: dict[Key, QTreeWidgetItem] = {}
        self.tree = PlaceTree(self)
        self._marked: dict[Key, tuple[int, bool]] = {}
        self._to_open: tuple[str, ...] = ()  # branches, until the folders are known
        self._heading: QTreeWidgetItem | None = None
        self._add(_PHOTOS, None, _("Photos"), "photos")
        self._add(_FAVOURITES, None, _("Favourites"), "heart")
        self._add(_PEOPLE, None, _("People"), "people")
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
        self._items[_FAVOURITES].setData(0, COUNT, favourites)
        for key, count in ((_PHOTOS, photos), (_FAVOURITES, favourites)):
            item = self._items[key]
            item.setData(
                0, Qt.ItemDataRole.AccessibleTextRole, f"{item.text(0)}, {photos_text(count)}"
            )

    def set_folders(
        self, folders: Sequence[Folder], below: Mapping[FolderId, Sequence[Subfolder]]
    ) -> None:
        """Show these folders; what was open stays open, what was chosen stays chosen."""
        self._folders = {folder.id: folder for folder in folders}
        wanted: set[Key] = set()
        if folders and self._heading is None:
            self._heading = QTreeWidgetItem(self.tree, [_("FOLDERS")])
            self._heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self._heading.setData(0, HEADING, True)
        for folder in sorted(folders, key=lambda folder: folder.id):  # as they were added
            key: Key = ("folder", folder.id, b"")
            wanted.add(key)
            name = shown(os.path.basename(folder.path.rstrip("/\\")) or folder.path)
            drawing = "file" if folder.single_file else "folder"
            item = self._add(key, None, name, drawing)
            self._mark(item, folder.photos, folder.offline, shown(folder.path))
            if not folder.single_file:
                wanted |= set(self._show_below(folder, below.get(folder.id, ())))
        gone = [key for key in self._items if key[0] == "folder" and key not in wanted]
        for key in sorted(gone, key=lambda key: -len(key[2])):  # below first
            self._drop(key)
        for key, item in self._items.items() if self._to_open else ():
            if _branch(key) in self._to_open:
                item.setExpanded(True)
        self._to_open = tuple(name for name in self._to_open if name == _branch(_PEOPLE))
        if not folders and self._heading is not None:
            self._remove(self._heading)
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
            item = self._add(key, above, person.name, "person")
            if item.text(0) != person.name:
                item.setText(0, person.name)
                self._marked.pop(key, None)
            self._mark(item, person.photos, False, person.name)
        for key in [key for key in self._items if key[0] == "person" and key not in wanted]:
            self._drop(key, _PEOPLE)
        if _branch(_PEOPLE) in self._to_open and wanted:
            above.setExpanded(True)
            self._to_open = tuple(name for name in self._to_open if name != _branch(_PEOPLE))

    def mark_person(self, person: PersonId | None) -> None:
        """Mark the place of a person, or of all people, as chosen without going there."""
        above = self._items[_PEOPLE]
        item = self._items.get(("person", int(person or 0), b""), above)
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
        self._to_open = names

    def branches(self) -> tuple[str, ...]:
        """Return names of the open branches, to open them at the next start."""
        opened = (key for key, item in self._items.items() if item.isExpanded())
        return (*self._to_open, *(_branch(key) for key in opened))

    def _show_below(self, folder: Folder, subfolders: Sequence[Subfolder]) -> Iterator[Key]:
        totals: dict[bytes, int] = {}
        for sub in subfolders:
            path = sub.dir
            while path:
                totals[path] = totals.get(path, 0) + sub.photos
                path = path.rpartition(b"/")[0]
        for path in sorted(totals, key=lambda p: p.lower().split(b"/")):
            parent, _slash, name = path.rpartition(b"/")
            key: Key = ("folder", folder.id, path)
            above = self._items[("folder", folder.id, parent)]
            item = self._add(key, above, shown(os.fsdecode(name)), "folder")
            self._mark(item, totals[path], folder.offline, shown(os.fsdecode(path)))
            yield key

    def _mark(self, item: QTreeWidgetItem, count: int, offline: bool, tip: str) -> None:
        key: Key = tuple(item.data(0, KEY))
        if self._marked.get(key) == (count, offline):
            return  # a large tree is refreshed every second while indexing
        self._marked[key] = (count, offline)
        item.setData(0, COUNT, count)
        item.setData(0, OFFLINE, offline)
        item.setToolTip(0, tip + ("\n" + _("Not plugged in; its photos stay.") if offline else ""))
        said = f"{item.text(0)}, {photos_text(count)}" + (", " + _("offline") if offline else "")
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, said)

    def _add(
        self, key: Key, above: QTreeWidgetItem | None, name: str, drawing: str
    ) -> QTreeWidgetItem:
        item = self._items.get(key)
        if item is None:
            item = QTreeWidgetItem(above) if above is not None else QTreeWidgetItem(self.tree)
            item.setData(0, KEY, key)
            item.setText(0, name)
            item.setData(0, DRAWING, drawing)
            self._items[key] = item
        return item

    def _drop(self, key: Key, instead: Key = _PHOTOS) -> None:
        item = self._items.pop(key)
        self._marked.pop(key, None)
        if self.tree.currentItem() is item:
            self.tree.blockSignals(instead == _PEOPLE)  # the pages know where they are
            self.tree.setCurrentItem(self._items[instead])
            self.tree.blockSignals(False)
        self._remove(item)

    def _remove(self, item: QTreeWidgetItem) -> None:
        above = item.parent()
        if above is not None:
            above.removeChild(item)
        else:
            self.tree.takeTopLevelItem(self.tree.indexOfTopLevelItem(item))

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
        folder = self._folders.get(number_)
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


def _branch(key: Key) -> str:
    """Return a name of a folder or a directory that survives a restart."""
    if key == _PEOPLE:
        return "people"
    return f"{key[1]}:{os.fsdecode(key[2])}"
