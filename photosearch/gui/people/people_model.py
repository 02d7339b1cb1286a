"""Who the people grid shows, and in which order.

While the user is at work the order stays: who is known keeps the place, who is new comes last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from typing import Any

from PySide6.QtCore import QObject, Qt

from photosearch.gui.people import words
from photosearch.gui.people.tile_model import NUMBER, Index, TileModel
from photosearch.types import Person, PersonId

PERSON = Qt.ItemDataRole.UserRole + 1


class Section(Enum):
    """Which people are shown."""

    ALL = "all"
    NAMED = "named"
    UNNAMED = "unnamed"


class PeopleModel(TileModel):
    """People, largest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._everyone: tuple[Person, ...] = ()
        self._by_id: dict[PersonId, Person] = {}
        self._people: list[Person] = []
        self._section = Section.ALL
        self._hidden = False

    def person(self, row: int) -> Person | None:
        """Return who is in a row."""
        return self._people[row] if 0 <= row < len(self._people) else None

    def known(self, person: PersonId) -> Person | None:
        """Return what is known of somebody, shown or not."""
        return self._by_id.get(person)

    def set_people(self, people: Sequence[Person], keep_order: bool = False) -> None:
        """Show these people; with `keep_order` nobody changes places."""
        self._everyone = tuple(people)
        self._by_id = {person.id: person for person in self._everyone}
        self._arrange(keep_order)

    def show_section(self, section: Section, hidden: bool) -> None:
        """Show some of the people."""
        if (section, hidden) != (self._section, self._hidden):
            self._section, self._hidden = section, hidden
            self._arrange(keep_order=False)

    def next_unnamed(self, row: int) -> int:
        """Return the next row after one whose person has no name, -1 when there is none."""
        rows = range(row + 1, len(self._people))
        return next((at for at in rows if not self._people[at].name), -1)

    def show_name(self, person: PersonId, name: str) -> None:
        """Show a name at once, until the library's word comes."""
        row = self.row_of(person)
        if row >= 0:
            self._people[row] = replace(self._people[row], name=name)
            self.dataChanged.emit(self.index(row, 0), self.index(row, 0))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        person = self.person(index.row())
        if person is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return words.name(person)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return words.spoken(person)
        if role == PERSON:
            return person
        return int(person.id) if role == NUMBER else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flag = Qt.ItemFlag
        drag = flag.ItemIsDragEnabled | flag.ItemIsDropEnabled
        return flag.ItemIsEnabled | flag.ItemIsSelectable | drag

    def _arrange(self, keep_order: bool) -> None:
        wanted = [person for person in self._everyone if self._belongs(person)]
        if keep_order:
            known = {number: row for row, number in enumerate(self.numbers())}
            last = len(known)
            wanted.sort(key=lambda person: known.get(int(person.id), last))
        numbers = [int(person.id) for person in wanted]
        if numbers == self.numbers():
            changed = [row for row, person in enumerate(wanted) if person != self._people[row]]
            self._people = wanted
            for row in changed:
                self.dataChanged.emit(self.index(row, 0), self.index(row, 0))
            return
        self.beginResetModel()
        self._people = wanted
        self._number(numbers)
        self.endResetModel()

    def _belongs(self, person: Person) -> bool:
        if (person.hidden or person.stranger) and not self._hidden:
            return False
        if self._section is Section.NAMED:
            return bool(person.name)
        return self._section is Section.ALL or not person.name
