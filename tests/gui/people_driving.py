"""Hands for the tests of the people pages: go there, point at tiles, wait for the library."""

from __future__ import annotations

from dataclasses import dataclass

from gui.driving import Make, settled
from gui.fake_library import FakeLibrary
from gui.fake_people import FakePeople
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui.main_window import MainWindow
from photosearch.gui.people.people_view import PeopleView
from photosearch.gui.people.person_tiles import cover_box, name_box
from photosearch.gui.people.room import PeopleRoom
from photosearch.gui.people.tile_view import TileView
from photosearch.gui.sidebar import Sidebar
from photosearch.types import PersonId

SOON = 5000
LEFT = Qt.MouseButton.LeftButton
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


@dataclass
class Hands:
    """A window on the people page, and what is behind it."""

    qtbot: QtBot
    window: MainWindow
    library: FakeLibrary
    people: FakePeople

    @property
    def room(self) -> PeopleRoom:
        return self.window.frame.people

    @property
    def view(self) -> PeopleView:
        return self.room.people.view

    def until(self, condition: object) -> None:
        assert callable(condition)
        self.qtbot.waitUntil(condition, timeout=SOON)

    def said(self, verb: str) -> list[tuple[object, ...]]:
        return [args for called, args in self.library.calls if called == f"people.{verb}"]

    def names(self) -> list[str]:
        rows = range(self.room.people.model.rowCount())
        people = (self.room.people.model.person(row) for row in rows)
        return [person.name for person in people if person is not None]

    def row_of(self, person: PersonId) -> int:
        return self.room.people.model.row_of(int(person))

    def cell(self, person: PersonId) -> QRect:
        return self.view.visualRect(self.room.people.model.index(self.row_of(person), 0))

    def cover(self, person: PersonId) -> QPoint:
        return cover_box(self.cell(person)).center()

    def label(self, person: PersonId) -> QPoint:
        return name_box(self.cell(person), self.view.font()).center()

    def click(self, person: PersonId, held: Qt.KeyboardModifier = NONE) -> None:
        self.qtbot.mouseClick(self.view.viewport(), LEFT, held, self.cover(person))

    def press(self, widget: QWidget, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        self.qtbot.keyClick(widget, key, held)

    def type_name(self, name: str) -> None:
        """Type a name letter by letter, and Enter."""
        QTest.keyClicks(self.view.editor, name)
        self.press(self.view.editor, Qt.Key.Key_Return)

    def open_faces(self, person: PersonId) -> TileView:
        self.qtbot.mouseDClick(self.view.viewport(), LEFT, NONE, self.cover(person))
        faces = self.room.faces
        self.until(lambda: faces.person is not None and faces.person.id == person)
        return faces.view


def go_to_people(window: MainWindow) -> None:
    """Click on People in the sidebar."""
    tree = window.sidebar.tree
    where = tree.visualItemRect(window.sidebar._items[("people", 0, b"")]).center()
    QTest.mouseClick(tree.viewport(), LEFT, NONE, where)


def on_people(qtbot: QtBot, make: Make, library: FakeLibrary, photos: int) -> Hands:
    """Open a window and go to the people page."""
    window = make(library)
    settled(qtbot, window, photos)
    go_to_people(window)
    hands = Hands(qtbot, window, library, library.people)
    qtbot.waitUntil(lambda: hands.room.people.model.rowCount() > 0, timeout=SOON)
    return hands


def sidebar_names(sidebar: Sidebar) -> list[str]:
    """Return the people below People."""
    above = sidebar._items[("people", 0, b"")]
    children = (above.child(row) for row in range(above.childCount()))
    return [child.text(0) for child in children if child is not None]
