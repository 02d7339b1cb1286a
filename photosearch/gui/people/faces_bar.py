"""What can be done with the faces that are selected, in the words that fit them."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget

from photosearch.gui.people import words
from photosearch.gui.people.bars import SelectionBar
from photosearch.gui.text import _, plural
from photosearch.types import Person

NAME_PX = 200


class FacesBar(SelectionBar):
    """The bar of the page of faces, with a field that says whose they are."""

    def __init__(self, name: QLineEdit, parent: QWidget | None = None):
        super().__init__(parent)
        self._name = name
        name.setFixedWidth(NAME_PX)
        name.setAccessibleName(_("Whose the selected faces are"))
        self.add(name)
        self.not_button = self.add_button(_("Not this person"), _("Remembered for ever"))
        self.yes_button = self.add_button(_("Yes, this person"), _("These are right"))
        self.new_button = self.add_button(_("New person"), _("Make them a person of their own"))
        self.cover_button = self.add_button(_("Use as cover"))
        self.none_button = self.add_button(_("Not a face"), _("There is no face here at all"))

    def show_selected(self, person: Person | None, count: int) -> None:
        """Show what can be done with some faces of a person, or of nobody."""
        self.label.setText(plural("{n} face selected", "{n} faces selected", count))
        self._name.setPlaceholderText(_("Move to…") if person else _("Who is this?"))
        texts = {self.none_button: _("Not a face")}
        if person is not None:
            short = words.short(person.name)
            yes = _("Yes, {name}").format(name=short) if short else _("Yes, this person")
            no = _("Not {name}").format(name=short) if short else _("Not this person")
            texts |= {self.not_button: no, self.yes_button: yes, self.new_button: _("New person")}
            if count == 1:
                texts[self.cover_button] = _("Use as cover")
        self.show_buttons(texts)
