"""What somebody who is new to the people pages does: asks, names, merges, tabs, comes back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from gui.driving import Make, action
from gui.fake_library import FakeLibrary
from gui.people_driving import CONTROL, LEFT, Hands, go_to_people, on_people, sidebar_names
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui.people.covers import box_within
from photosearch.gui.people.dialogs import MergeDialog
from photosearch.types import Box, PersonId

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


def test_a_name_just_given_is_offered_for_the_next(hands: Hands) -> None:
    editor = hands.view.editor
    hands.view.edit_name(hands.row_of(GROUP))
    hands.type_name("Dora")
    assert hands.view.editing  # the next one, before the library has answered
    QTest.keyClicks(editor, "Do")
    (offer,) = editor.offers.suggestions
    assert offer.name == "Dora"
    assert "Merge" in offer.detail
    hands.until(lambda: hands.people.name_of(GROUP) == "Dora")


def rect(widget: QWidget, above: QWidget) -> QRect:
    return QRect(widget.mapTo(above, QPoint(0, 0)), widget.size())


def test_the_toast_lies_over_neither_the_field_nor_the_answers(hands: Hands) -> None:
    room = hands.room
    hands.view.edit_name(hands.row_of(GROUP))
    room.toast.say("Named Dora", "Undo")
    foot = rect(room.toast, room)
    field = hands.view.editor
    field.move(hands.view.viewport().mapFrom(room, foot.topLeft()))  # as if it were named there
    room.toast.place()
    assert rect(field, room).intersects(foot)
    assert not rect(field, room).intersects(rect(room.toast, room))
    hands.press(field, Key.Key_Escape)
    hands.until(room.people.queue.isVisible)
    room.show_queue()
    room.toast.say("Undone: Yes", "Redo")
    for button in room.queue.buttons():
        assert not (button.isVisible() and rect(button, room).intersects(rect(room.toast, room)))


def test_after_a_merge_the_keyboard_is_on_the_one_that_stays(hands: Hands) -> None:
    hands.click(GROUP)
    hands.click(BEN, CONTROL)
    hands.press(hands.view, Key.Key_M, CONTROL)
    hands.until(lambda: hands.room.people.model.rowCount() == 3)
    hands.until(lambda: hands.view.selected_numbers() == [int(BEN)])
    assert hands.view.hasFocus()
    assert hands.view.currentIndex().row() == hands.row_of(BEN)
    hands.click(ANNA, CONTROL)
    hands.press(hands.view, Key.Key_M, CONTROL)
    (dialog,) = hands.room.people.findChildren(MergeDialog)
    hands.press(dialog, Key.Key_Return)
    hands.until(lambda: hands.room.people.model.rowCount() == 2)
    (_earlier, (_people, into)) = hands.said("merge")
    hands.until(lambda: hands.view.selected_numbers() == [int(str(into))])
    hands.until(hands.view.hasFocus)
    assert hands.view.viewport().rect().contains(hands.cell(PersonId(int(str(into)))).center())


def test_the_ring_is_there_as_soon_as_the_keyboard_reaches_the_grid(hands: Hands) -> None:
    assert hands.view.hasFocus()  # after a click on People in the sidebar
    assert hands.view.currentIndex().row() == 0
    assert hands.view.by_keys
    hands.click(BEN)
    assert not hands.view.by_keys
    hands.window.sidebar.tree.setFocus()
    hands.view.setFocus(Qt.FocusReason.TabFocusReason)
    assert hands.view.by_keys
    go_to_people(hands.window)
    assert hands.view.hasFocus()


def test_names_given_elsewhere_are_seen_when_one_comes_back(hands: Hands) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    with ThreadPoolExecutor(1) as other:  # as the command line does
        other.submit(hands.people.rename, GROUP, "Carla").result()
    assert "Carla" not in hands.names()
    app.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    hands.until(lambda: "Carla" in hands.names())
    hands.until(lambda: "Carla" in sidebar_names(hands.window.sidebar))


def test_the_face_asked_about_is_framed_among_others(hands: Hands) -> None:
    hands.until(hands.room.people.queue.isVisible)
    hands.room.show_queue()
    page = hands.room.queue
    hands.until(lambda: not page.face.image.isNull())
    question = page.question
    assert question is not None
    large = hands.room.pictures.large(question.face.id)
    assert large is not None
    assert large.box is not None
    assert page.face.box == large.box


def test_a_box_on_a_part_of_a_picture() -> None:
    within = box_within(QRect(100, 50, 200, 200), QSize(400, 300), Box(0.375, 0.25, 0.25, 0.5))
    assert within == Box(0.25, 0.125, 0.5, 0.75)


def test_a_tile_is_merged_with_somebody_by_name(hands: Hands) -> None:
    hands.click(GROUP)
    action(hands.room.people.menu(), "Merge with…").trigger()
    editor = hands.view.editor
    assert editor.hasFocus()
    QTest.keyClicks(editor, "Nobody")
    hands.press(editor, Key.Key_Return)
    assert hands.view.editing  # nobody has this name: nothing is said of anybody
    QTest.keyClicks(editor, "Ben")
    hands.press(editor, Key.Key_Return)
    hands.until(lambda: hands.said("merge") == [((GROUP, BEN), BEN)])
    assert hands.said("rename") == []
    hands.until(lambda: hands.view.selected_numbers() == [int(BEN)])


def test_a_person_is_merged_with_somebody_from_their_page(hands: Hands) -> None:
    hands.open_faces(GROUP)
    page = hands.room.faces
    action(page.header.menu(), "Merge with…").trigger()
    QTest.keyClicks(page.header.editor, "ann")
    hands.press(page.header.editor, Key.Key_Tab)
    hands.press(page.header.editor, Key.Key_Return)
    hands.until(lambda: hands.said("merge") == [((GROUP, ANNA), ANNA)])
    hands.until(lambda: page.person is not None and page.person.id == ANNA)
    hands.until(lambda: page.header.queue.text() == "Is this Anna? (3)")
    action(page.header.menu(), "Merge with…").trigger()
    QTest.keyClicks(page.header.editor, "Ben")
    hands.press(page.header.editor, Key.Key_Return)
    assert len(page.findChildren(MergeDialog)) == 1  # of two names one is chosen


def test_a_person_is_made_a_stranger_on_their_page(hands: Hands) -> None:
    hands.open_faces(GROUP)
    action(hands.room.faces.header.menu(), "This is a stranger").trigger()
    hands.until(lambda: hands.said("set_strangers") == [((GROUP,), True)])
