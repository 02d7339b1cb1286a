"""The sentences of the toast."""

from __future__ import annotations

from typing import Any

import pytest

from photosearch.gui.people.saying import Done
from photosearch.gui.people.telling import told
from photosearch.types import History, Person, PersonId

ANNA, BEN, GROUP = (PersonId(number) for number in (1, 2, 3))
KNOWN = {
    person.id: person
    for person in (Person(ANNA, "Anna", 9, 9), Person(BEN, "Ben", 5, 5), Person(GROUP, "", 3, 3))
}


@pytest.mark.parametrize(
    ("verb", "args", "result", "sentence"),
    [
        ("rename", (GROUP, "Carla"), GROUP, "Named Carla"),
        ("rename", (GROUP, "aNNA"), ANNA, "Merged into Anna"),
        ("rename", (ANNA, ""), ANNA, "The name is taken away"),
        ("name_faces", ((7, 8), "Dora"), 9, "Moved 2 faces to Dora"),
        ("merge", ((GROUP, BEN), ANNA), ANNA, "Merged 2 people into Anna"),
        ("merge", ((GROUP, ANNA), GROUP), GROUP, "Merged 1 person into Anna"),
        ("merge", ((GROUP,), PersonId(4)), 4, "Merged 2 people"),
        ("move", ((7,), BEN), BEN, "Moved 1 face to Ben"),
        ("move", ((7,), None), 9, "Moved 1 face to a new person"),
        ("move", ((7,), GROUP), GROUP, "Moved 1 face to another person"),
        ("confirm", ((7, 8), ANNA), None, "Confirmed 2 faces of Anna"),
        ("reject", ((7,), ANNA), None, "Noted: 1 face is not Anna"),
        ("dismiss", ((7,),), None, "Taken away, not a face: 1"),
        ("set_hidden", ((ANNA,), True), None, "Hid Anna"),
        ("set_hidden", ((ANNA, BEN), False), None, "Showing 2 people again"),
        ("set_strangers", ((GROUP, BEN), True), None, "Never asked about again: 2 people"),
        ("set_cover", (ANNA, 7), None, "This face stands for Anna now"),
        ("set_birthday", (ANNA, None), None, "The birthday is forgotten"),
        ("undo", (), "Name Anna", "Undone: Name Anna"),
        ("redo", (), "Name Anna", "Done again: Name Anna"),
    ],
)
def test_what_was_done_is_told(
    verb: str, args: tuple[Any, ...], result: Any, sentence: str
) -> None:
    assert told(Done(verb, args, result, History("title")), KNOWN) == sentence
