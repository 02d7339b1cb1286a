"""What somebody who is new to the people pages does: asks, names, merges, tabs, comes back."""

from __future__ import annotations

import pytest
from gui.driving import Make
from gui.fake_library import FakeLibrary
from gui.people_driving import LEFT, Hands, on_people
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from photosearch.types import PersonId

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
Key = Qt.Key
ANNA, BEN, GROUP, OTHER = (PersonId(number) for number in (1, 2, 3, 4))


@pytest.fixture
def hands(qtbot: QtBot, make: Make) -> Hands:
    """Return a window with two that have names, two that have none, and guesses about both."""
    library = FakeLibrary(80, with_faces=True)
    people = library.people
    for name, faces in (("Anna", 20), ("Ben", 12), ("", 8), ("", 4)):
        people.add_person(name, faces)
    loose = people.add_unsorted(5)
    for number, face in enumerate(loose):
        people.suggest(face, ANNA if number < 3 else BEN, 0.6 - number / 100)
    return on_people(qtbot, make, library, 80)


def test_the_page_of_a_person_asks_about_that_person_only(hands: Hands) -> None:
    everybody, own = hands.room.people.queue, hands.room.faces.header.queue
    hands.until(lambda: everybody.text() == "5 questions")
    hands.open_faces(BEN)
    hands.until(own.isVisible)
    assert own.text() == "Is this Ben? (2)"
    hands.qtbot.mouseClick(own, LEFT)
    page = hands.room.queue
    assert [question.person.id for question in page._asked] == [BEN, BEN]
    hands.press(page, Key.Key_Y)
    hands.press(page, Key.Key_Y)
    hands.until(lambda: hands.said("questions")[-1][0] == BEN)  # nor are others asked about then
    assert page.stack.currentWidget() is page.end
    hands.press(page, Key.Key_Escape)
    assert hands.room.faces.wanted == BEN
    hands.until(lambda: not own.isVisible())


def test_before_the_questions_of_a_person_are_read_there_is_no_button(hands: Hands) -> None:
    hands.until(hands.room.people.queue.isVisible)
    hands.open_faces(ANNA)
    own = hands.room.faces.header.queue
    hands.until(own.isVisible)
    assert own.text() == "Is this Anna? (3)"
    hands.room.show_person(BEN)
    hands.until(lambda: hands.room.faces.person is not None)
    assert "Anna" not in own.text() or not own.isVisible()
    hands.until(lambda: own.isVisible() and own.text() == "Is this Ben? (2)")
