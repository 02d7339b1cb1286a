"""The page of one person, the faces of nobody, and the queue "Is this Anna?"."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from gui.driving import Make, action
from gui.fake_library import FakeLibrary
from gui.painted import jpeg, paint
from gui.people_driving import (
    CONTROL,
    LEFT,
    NONE,
    SHIFT,
    SOON,
    Hands,
    on_people,
    sidebar_names,
)
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from photosearch.errors import UsageError
from photosearch.gui.grid.thumbs import TileSize
from photosearch.gui.naming.faces import circle
from photosearch.gui.people.covers import crop_of, framed, window_on
from photosearch.gui.people.dialogs import BirthdayDialog
from photosearch.gui.people.reading import Questions
from photosearch.gui.people.tile_view import TileView
from photosearch.types import Box, FaceId, PersonId, Progress, Stage

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
Key = Qt.Key
ANNA, BEN, GROUP = (PersonId(number) for number in (1, 2, 3))


@pytest.fixture
def hands(qtbot: QtBot, make: Make) -> Hands:
    """Return a window with Anna, Ben, a group, and six faces of nobody; four may be Anna."""
    library = FakeLibrary(80, with_faces=True)
    people = library.people
    for name, faces in (("Anna", 20), ("Ben", 12), ("", 8)):
        people.add_person(name, faces)
    loose = people.add_unsorted(6)
    for number, face in enumerate(loose[:4]):
        people.suggest(face, ANNA, 0.6 - number / 100)
    return on_people(qtbot, make, library, 80)


def click_face(hands: Hands, view: TileView, row: int, held: Qt.KeyboardModifier = NONE) -> FaceId:
    model = hands.room.faces.model
    where = view.visualRect(model.index(row, 0)).center()
    hands.qtbot.mouseClick(view.viewport(), LEFT, held, where)
    face = model.face(row)
    assert face is not None
    return face.id


def elsewhere(call: Callable[..., Any], *args: object) -> Any:
    """Do something as another program would: not in the window's thread."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(call, *args).result()


# --- one person -------------------------------------------------------------------


def test_a_double_click_opens_a_person_and_escape_goes_back(hands: Hands) -> None:
    view = hands.open_faces(ANNA)
    page = hands.room.faces
    assert page.header.name.text() == "Anna"
    assert page.header.said.text() == "20 photos"
    assert page.model.rowCount() == 20
    assert hands.window.sidebar.place().people
    hands.press(view, Key.Key_Escape)
    assert hands.room.stack.currentWidget() is hands.room.people
    assert hands.view.hasFocus()


def test_enter_opens_a_person_and_the_photo_of_a_face(hands: Hands) -> None:
    hands.click(BEN)
    hands.press(hands.view, Key.Key_Return)
    page = hands.room.faces
    hands.until(lambda: page.person is not None and page.person.id == BEN)
    third = page.model.face(2)
    click_face(hands, page.view, 2)
    hands.press(page.view, Key.Key_Return)
    assert hands.window.frame.viewing
    viewer = hands.window.viewer
    assert third is not None
    assert viewer.photo() == third.photo
    assert len(viewer._ids) == 12
    hands.press(viewer, Key.Key_Escape)
    assert not hands.window.frame.viewing
    assert hands.window.frame.among_people
    assert page.view.hasFocus()


def test_faces_move_to_somebody_by_name(hands: Hands) -> None:
    view = hands.open_faces(ANNA)
    page = hands.room.faces
    first = click_face(hands, view, 0)
    last = click_face(hands, view, 2, SHIFT)
    assert page.bar.label.text() == "3 faces selected"
    QTest.keyClicks(view, "b")  # typing begins a name
    assert page.editor.hasFocus()
    QTest.keyClicks(page.editor, "en")
    hands.press(page.editor, Key.Key_Return)
    hands.until(lambda: page.model.rowCount() == 17)
    (moved,) = hands.said("move")
    assert moved[1] == BEN
    assert {first, last} <= set(hands.people.faces_of(BEN))
    assert view.hasFocus()
    hands.press(view, Key.Key_Z, CONTROL)
    hands.until(lambda: page.model.rowCount() == 20)


def test_faces_move_to_somebody_new(hands: Hands) -> None:
    view = hands.open_faces(ANNA)
    page = hands.room.faces
    face = click_face(hands, view, 1)
    hands.press(view, Key.Key_M, CONTROL)
    QTest.keyClicks(page.editor, "Carla")
    hands.press(page.editor, Key.Key_Return)
    hands.until(lambda: page.model.rowCount() == 19)
    assert hands.said("name_faces") == [((face,), "Carla")]
    face = click_face(hands, view, 1)
    hands.qtbot.mouseClick(page.bar.new_button, LEFT)
    hands.until(lambda: page.model.rowCount() == 18)
    assert hands.said("move") == [((face,), None)]


def test_not_anna_is_said_and_taken_back(hands: Hands) -> None:
    view = hands.open_faces(ANNA)
    page = hands.room.faces
    face = click_face(hands, view, 4)
    assert page.bar.not_button.text() == "Not Anna"
    hands.qtbot.mouseClick(page.bar.not_button, LEFT)
    hands.until(lambda: page.model.rowCount() == 19)
    assert (face, ANNA) in hands.people.rejected()
    hands.until(hands.room.toast.isVisible)
    hands.qtbot.mouseClick(hands.room.toast.button, LEFT)
    hands.until(lambda: page.model.rowCount() == 20)


def test_yes_cover_and_not_a_face(hands: Hands) -> None:
    view = hands.open_faces(ANNA)
    page = hands.room.faces
    face = click_face(hands, view, 3)
    hands.qtbot.mouseClick(page.bar.yes_button, LEFT)
    hands.until(lambda: hands.said("confirm") == [((face,), ANNA)])
    click_face(hands, view, 3)
    hands.qtbot.mouseClick(page.bar.cover_button, LEFT)
    hands.until(lambda: page.header.cover.face == face)
    click_face(hands, view, 3)
    click_face(hands, view, 4, CONTROL)
    assert not page.bar.cover_button.isVisible()
    hands.qtbot.mouseClick(page.bar.none_button, LEFT)
    hands.until(lambda: page.model.rowCount() == 18)


def test_faces_are_sorted_by_doubt(hands: Hands) -> None:
    hands.open_faces(ANNA)
    page = hands.room.faces
    hands.qtbot.mouseClick(page.orders.button(1), LEFT)
    hands.until(lambda: page.model.faces[0].doubt > 0.9)
    doubts = [face.doubt for face in page.model.faces]
    assert doubts == sorted(doubts, reverse=True)


def test_photos_are_shown_with_a_frame_around_the_face(hands: Hands) -> None:
    view = hands.open_faces(ANNA)
    page = hands.room.faces
    before = view.gridSize()
    hands.qtbot.mouseClick(page.tiles.button(1), LEFT)
    assert view.gridSize().width() > before.width()
    face = page.model.face(0)
    assert face is not None
    hands.until(lambda: hands.room.pictures.photos.face(face.id) is not None)


def test_a_person_is_renamed_in_place(hands: Hands) -> None:
    hands.open_faces(GROUP)
    page = hands.room.faces
    assert page.header.name.text() == "Who is this?"
    hands.qtbot.mouseClick(page.header.name, LEFT)
    QTest.keyClicks(page.header.editor, "Carla")
    hands.press(page.header.editor, Key.Key_Return)
    hands.until(lambda: hands.people.name_of(GROUP) == "Carla")
    hands.until(lambda: sidebar_names(hands.window.sidebar) == ["Anna", "Ben", "Carla"])
    assert page.header.name.text() == "Carla"
    assert page.view.hasFocus()


def test_a_known_name_leads_on_to_who_they_are_now(hands: Hands) -> None:
    hands.open_faces(GROUP)
    page = hands.room.faces
    page.header.edit_name()
    QTest.keyClicks(page.header.editor, "Ben")
    hands.press(page.header.editor, Key.Key_Return)
    hands.until(lambda: page.person is not None and page.person.id == BEN)
    hands.until(lambda: page.model.rowCount() == 20)


def test_a_birthday_is_noted(hands: Hands) -> None:
    hands.open_faces(ANNA)
    page = hands.room.faces
    menu = page.header.menu()
    action(menu, "Add birthday…").trigger()
    (dialog,) = page.findChildren(BirthdayDialog)
    QTest.keyClicks(dialog.field, "12.5.1990")
    hands.press(dialog.field, Key.Key_Return)
    hands.until(lambda: hands.said("set_birthday") == [(ANNA, "1990-05-12")])
    hands.until(lambda: "born 12 May 1990" in page.header.said.text())


def test_the_sidebar_leads_to_a_person(hands: Hands) -> None:
    sidebar = hands.window.sidebar
    sidebar._items[("people", 0, b"")].setExpanded(True)
    sidebar.tree.setCurrentItem(sidebar._items[("person", int(BEN), b"")])
    page = hands.room.faces
    hands.until(lambda: page.person is not None and page.person.id == BEN)
    sidebar.choose()
    assert not hands.window.frame.among_people


def test_selected_faces_stay_selected_when_more_come(hands: Hands) -> None:
    view = hands.open_faces(BEN)
    page = hands.room.faces
    face = click_face(hands, view, 5)
    loose = hands.people.add_unsorted(1)
    hands.people._give(loose, BEN)
    hands.room.refresh()
    hands.until(lambda: page.model.rowCount() == 13)
    assert view.selected_numbers() == [int(face)]


# --- faces of nobody --------------------------------------------------------------


def test_unsorted_faces_are_named_together(hands: Hands) -> None:
    people = hands.room.people
    hands.until(people.unsorted.isVisible)
    assert people.unsorted.text() == "Unsorted faces (6)"
    hands.qtbot.mouseClick(people.unsorted, LEFT)
    page = hands.room.faces
    hands.until(lambda: page.model.rowCount() == 6)
    assert not page.orders.isVisible()
    click_face(hands, page.view, 4)
    click_face(hands, page.view, 5, CONTROL)
    assert not page.bar.not_button.isVisible()
    hands.qtbot.mouseClick(page.editor, LEFT)
    QTest.keyClicks(page.editor, "Dora")
    hands.press(page.editor, Key.Key_Return)
    hands.until(lambda: page.model.rowCount() == 4)
    hands.until(lambda: "Dora" in sidebar_names(hands.window.sidebar))


# --- the queue --------------------------------------------------------------------


@pytest.fixture
def queue(hands: Hands) -> Hands:
    """Open the queue from its button."""
    button = hands.room.people.queue
    hands.until(button.isVisible)
    assert button.text() == "Is this Anna? (4)"
    hands.qtbot.mouseClick(button, LEFT)
    assert hands.room.stack.currentWidget() is hands.room.queue
    return hands


def test_yes_no_and_skip_by_key(queue: Hands) -> None:
    page = queue.room.queue
    assert page.title.text() == "Is this Anna?"
    assert page.place.text() == "1 of 4"
    asked = [question.face.id for question in page._asked]
    queue.press(page, Key.Key_Y)
    assert page.place.text() == "2 of 4"
    queue.press(page, Key.Key_N)
    queue.press(page, Key.Key_S)
    assert page.place.text() == "4 of 4"
    queue.until(lambda: queue.said("confirm") == [((asked[0],), ANNA)])
    queue.until(lambda: (asked[1], ANNA) in queue.people.rejected())
    queue.press(page, Key.Key_Y)
    queue.until(lambda: len(queue.said("confirm")) == 2)
    assert page.stack.currentWidget() is page.end
    queue.press(page, Key.Key_Escape)
    assert queue.room.stack.currentWidget() is queue.room.people
    queue.until(lambda: queue.room.people.queue.text() == "Is this Anna? (1)")  # the skipped one


def test_the_buttons_answer_as_the_keys_do(queue: Hands) -> None:
    page = queue.room.queue
    first = page.question
    for button in (page.yes, page.no, page.skip):
        queue.qtbot.mouseClick(button, LEFT)
    assert page.place.text() == "4 of 4"
    assert first is not None
    queue.until(lambda: first.face.id in queue.people.faces_of(ANNA))


def test_enter_on_a_button_is_that_button_not_yes(queue: Hands) -> None:
    page = queue.room.queue
    page.no.setFocus()
    queue.press(page.no, Key.Key_Return)
    queue.until(lambda: len(queue.people.rejected()) == 1)
    assert queue.said("confirm") == []


def test_the_one_before_is_asked_again_and_taken_back(queue: Hands) -> None:
    page = queue.room.queue
    first = page.question
    assert first is not None
    queue.press(page, Key.Key_N)
    queue.press(page, Key.Key_S)
    queue.until(lambda: (first.face.id, ANNA) in queue.people.rejected())
    queue.press(page, Key.Key_Left)  # nothing was said of the second
    assert queue.said("undo") == []
    queue.press(page, Key.Key_Z, CONTROL)
    queue.until(lambda: queue.people.rejected() == frozenset())
    assert page.question == first


def test_what_changed_nothing_is_not_taken_back_and_not_counted(queue: Hands) -> None:
    page, people = queue.room.queue, queue.people
    first, second = (question.face.id for question in page._asked[:2])
    with queue.qtbot.waitSignal(queue.room.desk.done, timeout=SOON):
        queue.room.desk.confirm((first,), ANNA)  # meanwhile, elsewhere
    with queue.qtbot.waitSignal(queue.room.desk.done, timeout=SOON):
        queue.press(page, Key.Key_Y)
    with queue.qtbot.waitSignal(queue.room.desk.seen, timeout=SOON):
        queue.press(page, Key.Key_Backspace)
    assert queue.said("undo") == []
    assert first in people.faces_of(ANNA)
    for key in (Key.Key_Y, Key.Key_N, Key.Key_S, Key.Key_S):
        queue.press(page, key)
    queue.until(lambda: (second, ANNA) in people.rejected())
    queue.until(lambda: page.end.said.text().startswith("You answered 1."))


def test_a_refused_answer_is_not_taken_back_and_not_counted(queue: Hands) -> None:
    page, problems = queue.room.queue, queue.library.problems
    queue.press(page, Key.Key_N)
    problems["people.confirm"] = UsageError("There is no face 7.")
    with queue.qtbot.waitSignal(queue.window.problems.said, timeout=SOON):
        queue.press(page, Key.Key_Y)
    with queue.qtbot.waitSignal(queue.room.desk.seen, timeout=SOON):
        queue.press(page, Key.Key_Backspace)
    assert queue.said("undo") == []
    assert len(queue.people.rejected()) == 1
    for _press in range(3):
        queue.press(page, Key.Key_S)
    assert page.end.said.text().startswith("You answered 1.")


def test_what_was_said_elsewhere_since_is_not_taken_back(queue: Hands) -> None:
    page, people = queue.room.queue, queue.people
    first = page._asked[0].face.id
    queue.press(page, Key.Key_N)
    queue.until(lambda: len(queue.said("reject")) == 1)
    elsewhere(people.rename, BEN, "Benjamin")
    with queue.qtbot.waitSignal(queue.window.problems.said, timeout=SOON) as told:
        queue.press(page, Key.Key_Z, CONTROL)
    assert told.args == ["Something else was said since: take that back first."]
    assert people.name_of(BEN) == "Benjamin"
    assert (first, ANNA) in people.rejected()


def test_answers_on_their_way_are_taken_back_one_by_one(queue: Hands) -> None:
    page, gate = queue.room.queue, threading.Event()
    queue.library.gates["people.confirm"] = gate
    first, second = (question.face.id for question in page._asked[:2])
    queue.press(page, Key.Key_Y)
    queue.press(page, Key.Key_N)
    queue.press(page, Key.Key_Backspace)
    queue.press(page, Key.Key_Backspace)
    gate.set()
    queue.until(lambda: len(queue.said("undo")) == 2)
    queue.until(lambda: queue.people.rejected() == frozenset())
    assert not {first, second} & set(queue.people.faces_of(ANNA))
    assert page.place.text() == "1 of 4"


def test_a_face_that_is_anna_is_not_asked_about_again(queue: Hands) -> None:
    page, people = queue.room.queue, queue.people
    face = page._asked[0].face.id
    people.suggest(face, BEN, 0.4)
    page.begin(Questions(None, elsewhere(people.questions)))
    assert [q.person.id for q in page._asked if q.face.id == face] == [ANNA, BEN]
    assert page.place.text() == "1 of 5"
    queue.press(page, Key.Key_Y)
    assert page.place.text() == "2 of 4"
    assert face not in [question.face.id for question in page._asked[1:]]
    queue.press(page, Key.Key_Backspace)
    assert page.place.text() == "1 of 5"
    assert [q.person.id for q in page._asked if q.face.id == face] == [ANNA, BEN]


def test_a_toast_takes_back_what_it_tells_of(hands: Hands) -> None:
    view = hands.open_faces(ANNA)
    click_face(hands, view, 4)
    hands.qtbot.mouseClick(hands.room.faces.bar.not_button, LEFT)
    hands.until(hands.room.toast.isVisible)
    elsewhere(hands.people.rename, BEN, "Benjamin")
    with hands.qtbot.waitSignal(hands.window.problems.said, timeout=SOON):
        hands.qtbot.mouseClick(hands.room.toast.button, LEFT)
    assert hands.people.name_of(BEN) == "Benjamin"
    with hands.qtbot.waitSignal(hands.room.desk.done, timeout=SOON):
        hands.room.desk.rename(BEN, "Benjamin")  # changes nothing
    assert hands.room.toast.isVisible()
    assert not hands.room.toast.button.isVisible()


# --- what there is to ask is read when it may have changed ------------------------


def test_while_faces_are_found_nothing_is_asked_until_they_are_grouped(hands: Hands) -> None:
    desk, room = hands.room.desk, hands.room
    hands.until(room.people.queue.isVisible)
    hands.until(lambda: desk._question_job is None and not desk._ask_soon.isActive())
    asked = len(hands.said("questions"))
    room.follow_progress(Progress(Stage.FACES, 1, 9))
    for _turn in range(3):
        with hands.qtbot.waitSignal(desk.seen, timeout=SOON):
            room.refresh()
    assert not desk._ask_soon.isActive()
    room.follow_progress(Progress(Stage.GROUP, 1, 9))
    assert not desk._ask_soon.isActive()
    room.follow_progress(Progress(Stage.FACES, 2, 9))
    hands.until(lambda: len(hands.said("questions")) == asked + 1)


def test_answers_on_a_page_count_down_without_guessing_anew(hands: Hands) -> None:
    desk, button = hands.room.desk, hands.room.people.queue
    hands.until(button.isVisible)
    hands.until(lambda: desk._question_job is None and not desk._ask_soon.isActive())
    asked = len(hands.said("questions"))
    one, two = (question.face.id for question in elsewhere(hands.people.questions)[:2])
    desk.reject((one,), ANNA)
    desk.dismiss((two,))
    hands.until(lambda: button.text() == "Is this Anna? (2)")
    assert len(hands.said("questions")) == asked + 1  # the test's own


def test_a_wish_that_comes_during_a_look_is_not_lost(hands: Hands) -> None:
    desk, gate = hands.room.desk, threading.Event()
    hands.until(lambda: desk._question_job is None and not desk._ask_soon.isActive())
    hands.library.gates["people.questions"] = gate
    asked = len(hands.said("questions"))
    desk.read_questions()
    hands.until(lambda: len(hands.said("questions")) == asked + 1)
    answers: list[object] = []
    desk.questionsRead.connect(answers.append)
    desk.read_questions()
    desk.read_questions()
    gate.set()
    hands.until(lambda: len(hands.said("questions")) == asked + 2)
    hands.until(lambda: len(answers) == 1)  # the first look was given up
    assert desk._question_job is None


def test_a_person_is_found_without_counting_everybody(hands: Hands) -> None:
    hands.open_faces(ANNA)
    hands.qtbot.waitUntil(lambda: hands.room.desk._faces_job is not None)
    assert hands.said("get")[-1] == (ANNA,)
    with hands.qtbot.waitSignal(hands.room.desk.personGone, timeout=SOON) as gone:
        hands.room.desk.read_faces(PersonId(99))
    assert gone.args == [PersonId(99)]


def test_pictures_of_the_next_are_here_before_they_are_asked_for(queue: Hands) -> None:
    page, pictures = queue.room.queue, queue.room.pictures
    following = [question.face.id for question in page._asked[:3]]
    queue.until(lambda: all(pictures.large(face) is not None for face in following))
    assert not page.face.image.isNull()
    assert not page.photo.image.isNull()
    queue.press(page, Key.Key_S)
    assert not page.face.image.isNull()  # at once
    queue.until(lambda: page.known.covers[4].face is not None)


def test_a_photo_whose_drive_is_gone_is_asked_with_its_thumbnail(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(80, with_faces=True)
    library.people.add_person("Anna", 20)
    (loose,) = library.people.add_unsorted(1)
    library.people.suggest(loose, ANNA)
    library.set_offline(library._folders[0].id, True)
    hands = on_people(qtbot, make, library, 80)
    hands.until(hands.room.people.queue.isVisible)
    hands.room.show_queue()
    hands.until(lambda: not hands.room.queue.face.image.isNull())


# --- pictures ---------------------------------------------------------------------


def test_a_frame_lies_around_the_face() -> None:
    data = jpeg(paint(3, QSize(400, 300)))
    image = framed(data, Box(0.05, 0.4, 0.2, 0.25), TileSize(150))
    assert image is not None
    cut = window_on(QSize(400, 300), Box(0.05, 0.4, 0.2, 0.25))
    assert (cut.x(), cut.y(), cut.width()) == (0, 0, 300)
    left = round(0.05 * 400 / 2) - 2
    assert image.pixelColor(left, 75).lightness() > 200


def test_a_crop_holds_the_face_and_stays_in_the_picture() -> None:
    crop = crop_of(QSize(1000, 800), Box(0.0, 0.0, 0.1, 0.1))
    assert (crop.left(), crop.top()) == (0, 0)
    assert crop.width() == crop.height() == 190
    assert crop_of(QSize(100, 100), Box(0, 0, 1, 1)).width() == 100


def test_a_cover_is_round() -> None:
    image = QImage(40, 40, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    cover = circle(image)
    assert cover.pixelColor(0, 0).alpha() == 0
    assert cover.pixelColor(20, 20).alpha() == 255


def test_a_refused_verb_is_told_in_a_sentence(hands: Hands) -> None:
    hands.library.problems["people.reject"] = UsageError("There is no face 7.")
    view = hands.open_faces(ANNA)
    click_face(hands, view, 0)
    with hands.qtbot.waitSignal(hands.window.problems.said, timeout=SOON) as told:
        hands.qtbot.mouseClick(hands.room.faces.bar.not_button, LEFT)
    assert told.args == ["There is no face 7."]
    assert hands.room.faces.model.rowCount() == 20


# --- little room, other scripts ---------------------------------------------------


def test_buttons_without_room_are_in_a_menu(hands: Hands) -> None:
    view = hands.open_faces(ANNA)
    page = hands.room.faces
    face = click_face(hands, view, 0)
    assert page.bar.not_button.isVisible()
    hands.window.resize(720, 560)
    hands.until(page.bar.more.isVisible)
    assert not page.bar.none_button.isVisible()
    menu = page.bar.menu()
    assert "Not a face" in [each.text() for each in menu.actions()]
    action(menu, "Not a face").trigger()
    menu.close()
    hands.until(lambda: hands.said("dismiss") == [((face,),)])


def test_a_long_name_leaves_room_for_the_rest(hands: Hands) -> None:
    long = "Bartholomew Featherstonehaugh-Cholmondeley of Somewhere & Elsewhere " * 2
    hands.people._change(BEN, name=long.strip())
    hands.open_faces(BEN)
    header = hands.room.faces.header
    assert header.name.text().endswith("…")
    assert header.name.full_text() == long.strip()
    assert header.more.geometry().right() < header.width()
    assert hands.window.width() == 1100


def test_from_right_to_left_the_first_is_at_the_right(hands: Hands) -> None:
    hands.window.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    hands.people._change(ANNA, name="شخص طويل الاسم")
    hands.room.refresh()
    hands.until(lambda: hands.names()[0] == "شخص طويل الاسم")
    hands.until(lambda: hands.cell(ANNA).left() > hands.cell(BEN).left())
    hands.click(ANNA)
    hands.press(hands.view, Key.Key_Left)
    assert hands.view.currentIndex().row() == hands.row_of(BEN)
