"""Making people one: which name holds is clear, or it is asked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from photosearch.gui.naming.faces import LittleFaces
from photosearch.gui.people.desk import PeopleDesk
from photosearch.gui.people.dialogs import MergeDialog
from photosearch.types import Person, PersonId


class Merger:
    """Merges people for a page."""

    def __init__(self, desk: PeopleDesk, faces: LittleFaces, page: QWidget):
        self._desk, self._faces, self._page = desk, faces, page

    def merge(self, people: Sequence[Person], into: PersonId | None = None) -> None:
        """Make people one, of the only name there is; of several names ask which one stays."""
        if len(people) < 2:
            return
        named = [person for person in people if person.name]
        if len(named) > 1:
            dialog = MergeDialog(people, into, self._faces, self._page)
            dialog.chosen.connect(self._on_name_chosen)
            dialog.open()
            return
        holder = named[0].id if named else into if into is not None else people[0].id
        self._desk.merge([person.id for person in people], holder)

    def _on_name_chosen(self, people: tuple[PersonId, ...], into: PersonId) -> None:
        self._page.window().activateWindow()  # not every window system does so after a dialog
        self._desk.merge(people, into)
