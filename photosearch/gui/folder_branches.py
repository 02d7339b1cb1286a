"""The folders in the list of places, each with its directories below it.

A directory has a row only once what it lies in was opened, and many rows come in portions: a
library may have ten thousands of them, and the window must not wait for rows nobody sees.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QTreeWidgetItem

from photosearch.gui.directories import Directories
from photosearch.gui.place_items import Key, PlaceItems
from photosearch.gui.place_tree import KEY, PlaceTree
from photosearch.gui.text import shown
from photosearch.types import Folder, FolderId

PORTION = 200  # rows made at once: some milliseconds
_NOTHING = Directories.of(())
_FOLDER = "folder"
_Policy = QTreeWidgetItem.ChildIndicatorPolicy


class FolderBranches(QObject):
    """Keeps the rows of folders and directories in step with the library."""

    def __init__(self, tree: PlaceTree, items: PlaceItems, instead: Key) -> None:
        """`instead` is where one is when the folder that one was in has gone."""
        super().__init__(tree)
        self._items = items
        self._instead = instead
        self._folders: dict[int, Folder] = {}
        self._below: dict[int, Directories] = {}
        self._opened: set[Key] = set()  # those whose directories have rows
        self._to_open: set[str] = set()  # names of branches to open when they get a row
        self._growing: list[Key] = []
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._on_time)
        tree.itemExpanded.connect(self._on_expanded)

    def folder(self, number: int) -> Folder | None:
        """Return a folder that is shown."""
        return self._folders.get(number)

    def show(self, folders: Sequence[Folder], below: Mapping[FolderId, Directories]) -> None:
        """Show these folders; what was open stays open, what was chosen stays chosen."""
        before, self._folders = self._folders, {int(each.id): each for each in folders}
        for folder in sorted(folders, key=lambda folder: folder.id):  # as they were added
            key: Key = (_FOLDER, int(folder.id), b"")
            name = shown(os.path.basename(folder.path.rstrip("/\\")) or folder.path)
            item = self._items.add(key, None, name, "file" if folder.single_file else _FOLDER)
            self._items.mark(item, folder.photos, folder.offline, shown(folder.path))
            inside = _NOTHING if folder.single_file else below.get(folder.id, _NOTHING)
            known = before.get(int(folder.id))
            again = known is not None and known.offline != folder.offline
            self._follow(int(folder.id), inside, all_again=again)
            self._open_again([key])
        for number in before.keys() - self._folders.keys():
            self._drop_all(number)
        self._to_open = {name for name in self._to_open if self._is_there(name)}

    # --- what is open ---------------------------------------------------------

    def open_branches(self, names: Iterable[str]) -> None:
        """Open branches as soon as they have a row."""
        self._to_open = set(names)

    def branches(self) -> tuple[str, ...]:
        """Return names of the open branches, to open them at the next start."""
        opened = {branch(k) for k in self._opened if k in self._items and self._is_open(k)}
        return tuple(sorted(self._to_open | opened))

    def _is_open(self, key: Key) -> bool:
        return self._items[key].isExpanded()

    def _is_there(self, name: str) -> bool:
        number, _colon, path = name.partition(":")
        inside = self._below.get(int(number)) if number.isdecimal() else None
        return inside is not None and inside.has(os.fsencode(path))

    def _open_again(self, keys: Iterable[Key]) -> None:
        for key in keys if self._to_open else ():
            if branch(key) in self._to_open and self._items[key].childIndicatorPolicy() == (
                _Policy.ShowIndicator
            ):
                self._to_open.discard(branch(key))
                self._items[key].setExpanded(True)

    def _on_expanded(self, item: QTreeWidgetItem) -> None:
        key: Key = tuple(item.data(0, KEY) or ("", 0, b""))
        if key[0] == _FOLDER and key not in self._opened:
            self._opened.add(key)
            self._grow(key)

    # --- rows -----------------------------------------------------------------

    def _follow(self, number: int, inside: Directories, *, all_again: bool) -> None:
        """Bring the rows of one folder up to date, but for those yet to be made."""
        before, self._below[number] = self._below.get(number, _NOTHING), inside
        changed = inside.changed(before)
        grown: set[Key] = set()
        for path in changed:
            key: Key = (_FOLDER, number, path)
            above: Key = (_FOLDER, number, path.rpartition(b"/")[0])
            if key not in self._items and above in self._opened and inside.has(path):
                grown.add(above)
        for path in reversed(changed):  # below first
            if not inside.has(path) and (_FOLDER, number, path) in self._items:
                self._drop((_FOLDER, number, path))
        told = {(_FOLDER, number, path.rpartition(b"/")[0]) for path in changed}
        for key in (key for key in told if key in self._items):
            self._tell_whether_open(key)
        here: Iterable[Key] = ((_FOLDER, number, path) for path in changed)
        if all_again:
            here = [key for key in self._items.known() if key[:2] == (_FOLDER, number) and key[2]]
        for key in here:
            if key in self._items:
                self._mark(key)
        for key in grown:
            self._grow(key)

    def _grow(self, key: Key) -> None:
        """Make rows for what lies directly in a directory, a portion now, more soon."""
        _kind, number, path = key
        item, inside = self._items.get(key), self._below.get(number, _NOTHING)
        if item is None:
            return
        children = inside.below(path)
        fresh: list[bytes] = []
        row = 0
        for at, child in enumerate(children):
            if (_FOLDER, number, child) in self._items:
                if fresh:
                    break  # what follows is another portion
            elif len(fresh) < PORTION:
                row = at if not fresh else row
                fresh.append(child)
            else:
                break
        keys: list[Key] = [(_FOLDER, number, child) for child in fresh]
        named = [(k, shown(os.fsdecode(k[2].rpartition(b"/")[2]))) for k in keys]
        self._items.insert(item, row, named, _FOLDER)
        for made in keys:
            self._mark(made)
            self._tell_whether_open(made)
        self._open_again(keys)
        if item.childCount() < len(children) and key not in self._growing:
            self._growing.append(key)
        if self._growing:
            self._timer.start()

    def _on_time(self) -> None:
        if self._growing:
            self._grow(self._growing.pop(0))
        if not self._growing:
            self._timer.stop()

    def _mark(self, key: Key) -> None:
        _kind, number, path = key
        folder, photos = self._folders[number], self._below[number].totals.get(path, 0)
        self._items.mark(self._items[key], photos, folder.offline, shown(os.fsdecode(path)))

    def _tell_whether_open(self, key: Key) -> None:
        more = bool(self._below[key[1]].below(key[2]))
        policy = _Policy.ShowIndicator if more else _Policy.DontShowIndicator
        if self._items[key].childIndicatorPolicy() != policy:
            self._items[key].setChildIndicatorPolicy(policy)

    def _drop(self, key: Key) -> None:
        self._opened.discard(key)
        self._items.drop(key, self._instead)

    def _drop_all(self, number: int) -> None:
        self._below.pop(number, None)
        gone = [key for key in self._items.known() if key[:2] == (_FOLDER, number)]
        for key in sorted(gone, key=lambda key: key[2], reverse=True):  # below first
            self._drop(key)


def branch(key: Key) -> str:
    """Return a name of a folder or a directory that survives a restart."""
    return f"{key[1]}:{os.fsdecode(key[2])}"
