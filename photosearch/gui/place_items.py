"""The rows of the list of places by what they stand for: added, marked with a count, taken away.

Knows items and their texts; which places there are, the sidebar knows.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidgetItem

from photosearch.gui.place_tree import COUNT, DRAWING, KEY, OFFLINE, PlaceTree
from photosearch.gui.text import _
from photosearch.gui.text import photos as photos_text

Key = tuple[str, int, bytes]  # what kind, which folder, which directory in it


class PlaceItems:
    """Every item of a tree by its key."""

    def __init__(self, tree: PlaceTree) -> None:
        self._tree = tree
        self._items: dict[Key, QTreeWidgetItem] = {}
        self._marked: dict[Key, tuple[int, bool]] = {}

    def __getitem__(self, key: Key) -> QTreeWidgetItem:
        return self._items[key]

    def __contains__(self, key: Key) -> bool:
        return key in self._items

    def get(self, key: Key) -> QTreeWidgetItem | None:
        """Return the item of a key, None when it has none."""
        return self._items.get(key)

    def known(self) -> list[Key]:
        """Return every key that has an item."""
        return list(self._items)

    def add(
        self, key: Key, above: QTreeWidgetItem | None, name: str, drawing: str
    ) -> QTreeWidgetItem:
        """Return the item of a key, made at the end below another where there is none yet."""
        item = self._items.get(key)
        if item is None:
            item = self._made(key, name, drawing)
            if above is not None:
                above.addChild(item)
            else:
                self._tree.addTopLevelItem(item)
        return item

    def insert(
        self, above: QTreeWidgetItem, row: int, named: Sequence[tuple[Key, str]], drawing: str
    ) -> None:
        """Put several items below another, from a row on."""
        above.insertChildren(row, [self._made(key, name, drawing) for key, name in named])

    def mark(self, item: QTreeWidgetItem, count: int, offline: bool, tip: str) -> None:
        """Show how many photos there are, and whether they can be reached."""
        key: Key = tuple(item.data(0, KEY))
        if self._marked.get(key) == (count, offline):
            return  # a large tree is refreshed every second while indexing
        self._marked[key] = (count, offline)
        item.setData(0, COUNT, count)
        item.setData(0, OFFLINE, offline)
        item.setToolTip(0, tip + ("\n" + _("Not plugged in; its photos stay.") if offline else ""))
        said = f"{item.text(0)}, {photos_text(count)}" + (", " + _("offline") if offline else "")
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, said)

    def rename(self, key: Key, name: str) -> None:
        """Give an item another name; what was said of it is to be said anew."""
        if self._items[key].text(0) != name:
            self._items[key].setText(0, name)
            self._marked.pop(key, None)

    def drop(self, key: Key, instead: Key) -> None:
        """Take an item away; who was there is at `instead` from now on."""
        item = self._items.pop(key)
        self._marked.pop(key, None)
        if self._tree.currentItem() is item:
            self._tree.setCurrentItem(self._items[instead])
        self.remove(item)

    def remove(self, item: QTreeWidgetItem) -> None:
        """Take an item out of the tree that stands for no place."""
        above = item.parent()
        if above is not None:
            above.removeChild(item)
        else:
            self._tree.takeTopLevelItem(self._tree.indexOfTopLevelItem(item))

    def _made(self, key: Key, name: str, drawing: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem([name])
        item.setData(0, KEY, key)
        item.setData(0, DRAWING, drawing)
        self._items[key] = item
        return item
