"""What the head of a person's page asks for, carried to the desk."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from photosearch.gui.people.desk import PeopleDesk
from photosearch.gui.people.dialogs import BirthdayDialog
from photosearch.gui.people.merging import Merger
from photosearch.gui.people.person_header import PersonHeader
from photosearch.types import Person


class PersonDeeds:
    """Does to the person who is shown what their header asks for; nothing while nobody is."""

    def __init__(
        self,
        header: PersonHeader,
        desk: PeopleDesk,
        merger: Merger,
        shown: Callable[[], Person | None],
        page: QWidget,
    ):
        self._desk, self._merger = desk, merger
        self._shown, self._page = shown, page
        header.renamed.connect(self._on_renamed)
        header.birthdayWanted.connect(self._on_birthday_wanted)
        header.hideWanted.connect(self._on_hide_wanted)
        header.strangerWanted.connect(self._on_stranger_wanted)
        header.mergeWanted.connect(self._on_merge_wanted)

    def _on_renamed(self, name: str) -> None:
        person = self._shown()
        if person is not None:
            self._desk.rename(person.id, name)

    def _on_birthday_wanted(self) -> None:
        person = self._shown()
        if person is not None:
            dialog = BirthdayDialog(person, self._page)
            dialog.chosen.connect(self._on_birthday)
            dialog.open()

    def _on_birthday(self, day: str | None) -> None:
        person = self._shown()
        if person is not None:
            self._desk.set_birthday(person.id, day)

    def _on_hide_wanted(self) -> None:
        person = self._shown()
        if person is not None:
            self._desk.set_hidden([person.id], not person.hidden)

    def _on_stranger_wanted(self) -> None:
        person = self._shown()
        if person is not None:
            self._desk.set_strangers([person.id], not person.stranger)

    def _on_merge_wanted(self, other: Person) -> None:
        person = self._shown()
        if person is not None:
            self._merger.merge((person, other), other.id)
