"""What can be done with the people that are selected, in the words that fit them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from photosearch.gui.people.bars import SelectionBar
from photosearch.gui.text import _, plural
from photosearch.types import Person


class PeopleBar(SelectionBar):
    """The bar of the page of people."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.merge_button = self.add_button(_("Merge"), _("All of these are one person"))
        self.hide_button = self.add_button(_("Hide"), _("Not interested in them"))
        self.stranger_button = self.add_button(
            _("These are strangers"), _("Never ask about them again")
        )

    def show_selected(self, chosen: Sequence[Person]) -> None:
        """Show what can be done with people."""
        self.label.setText(plural("{n} selected", "{n} selected", len(chosen)))
        merge = {self.merge_button: _("Merge")} if len(chosen) > 1 else {}
        rest = {self.hide_button: hide_words(chosen), self.stranger_button: stranger_words(chosen)}
        self.show_buttons(merge | rest)


def hide_words(chosen: Sequence[Person]) -> str:
    """Say what hides people, or shows them again where all are hidden."""
    return _("Show again") if all(person.hidden for person in chosen) else _("Hide")


def stranger_words(chosen: Sequence[Person]) -> str:
    """Say what makes people strangers, or no longer where all are."""
    one = len(chosen) == 1
    if all(person.stranger for person in chosen):
        return _("Not a stranger") if one else _("Not strangers")
    return _("This is a stranger") if one else _("These are strangers")
