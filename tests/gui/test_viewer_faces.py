"""Faces in the viewer, driven by keys and mouse on people in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gui.driving import Make, action, calls, little_faces, press, settled
from gui.fake_library import FakeLibrary
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from photosearch.errors import UsageError
from photosearch.gui.viewer.face_drawing import nudged
from photosearch.gui.viewer.face_layer import label
from photosearch.gui.viewer.viewer import Viewer
from photosearch.jobs import Runner
from photosearch.types import Box, FaceId, PersonFace, PhotoId

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
# the offscreen platform says this of windows with a smallest size and of menus
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def library() -> FakeLibrary:
    """Return a library: on its first photo are Anna, Ben and two that nobody named."""
    made = FakeLibrary(30)
    people = made.people
    people.add_person("Anna", 1)
    photo = made.photo_id(0)
    people.draw(photo, Box(0.4, 0.2, 0.15, 0.2), "Ben")
    people.draw(photo, Box(0.6, 0.2, 0.15, 0.2), "x")
    people.draw(photo, Box(0.8, 0.2, 0.1, 0.2), "y")
    for name in ("x", "y"):
        people.rename(people.find(name).id, "")
    made.people.add_person("Annabel Lee", 5)
    made.calls.clear()
    made.forbidden_thread = threading.get_ident()
    return made


@pytest.fixture
def open_viewer(qtbot: QtBot, library: FakeLibrary) -> Iterator[Callable[[], Viewer]]:
    runner = Runner()

    def build() -> Viewer:
        made = Viewer(library, runner, little_faces(library, runner))
        qtbot.addWidget(made)
        made.resize(1000, 700)
        made.show()
        made.activateWindow()
        qtbot.waitUntil(made.isActiveWindow)
        library.forbidden_thread = None
        ids = library.photos().ids
        library.forbidden_thread = threading.get_ident()
        (row,) = (at for at, photo in enumerate(ids) if photo == library.photo_id(0))
        made.show_list(ids, row)
        return made

    yield build
    assert runner.shutdown(10)
    assert library.trespasses == []


@pytest.fixture
def viewer(qtbot: QtBot, open_viewer: Callable[[], Viewer]) -> Viewer:
    """Return a viewer whose photo and faces are there."""
    made = open_viewer()
    photo = made.photo()
    assert photo is not None
    qtbot.waitUntil(lambda: photo in made.pictures._fitted, timeout=5000)
    qtbot.waitUntil(lambda: len(made.faces.layer.faces) == 4, timeout=5000)
    return made


def names(viewer: Viewer) -> list[str]:
    return [face.name for face in viewer.faces.layer.faces]


def middle(viewer: Viewer, at: int) -> QPoint:
    layer = viewer.faces.layer
    return layer.frame_of(layer.faces[at].box).center().toPoint()


def mouse(viewer: Viewer, kind: QEvent.Type, where: QPoint, held: Any) -> None:
    point = QPointF(where)
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else LEFT
    event = QMouseEvent(kind, point, point, button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(viewer.canvas, event)


def hover(viewer: Viewer, where: QPoint) -> None:
    mouse(viewer, QEvent.Type.MouseMove, where, Qt.MouseButton.NoButton)


def shown_names(viewer: Viewer) -> list[str]:
    return [label(face) for face in viewer.faces.layer.visible_faces()]


# --- frames ---------------------------------------------------------------------


def test_a_frame_shows_under_the_pointer_and_all_of_them_by_a_key(
    qtbot: QtBot, viewer: Viewer
) -> None:
    assert shown_names(viewer) == []
    hover(viewer, middle(viewer, 0))
    assert shown_names(viewer) == ["Anna"]
    assert viewer.canvas.cursor().shape() == Qt.CursorShape.PointingHandCursor
    hover(viewer, middle(viewer, 2))
    assert shown_names(viewer) == ["Who is this?"]
    hover(viewer, QPoint(5, 5))
    assert shown_names(viewer) == []
    assert viewer.canvas.cursor().shape() == Qt.CursorShape.ArrowCursor
    press(qtbot, viewer, Key.Key_B)
    assert shown_names(viewer) == ["Anna", "Ben", "Who is this?", "Who is this?"]
    assert viewer.bar.faces.isChecked()
    qtbot.mouseClick(viewer.bar.faces, LEFT)
    assert shown_names(viewer) == []


def test_frames_are_seen_in_the_picture(qtbot: QtBot, viewer: Viewer) -> None:
    before = viewer.canvas.grab().toImage()
    press(qtbot, viewer, Key.Key_B)
    after = viewer.canvas.grab().toImage()
    layer = viewer.faces.layer
    edge = layer.frame_of(layer.faces[1].box)
    at = QPoint(round(edge.left()), round(edge.center().y()))
    assert before.pixelColor(at) != after.pixelColor(at)
    inside = edge.center().toPoint()
    assert before.pixelColor(inside) == after.pixelColor(inside)


def test_frames_follow_zoom_and_place(qtbot: QtBot, viewer: Viewer) -> None:
    layer, canvas = viewer.faces.layer, viewer.canvas
    face = layer.faces[0]
    whole = canvas.picture_rect()
    before = layer.frame_of(face.box)
    assert before.left() == pytest.approx(whole.left() + face.box.x * whole.width())
    assert before.height() == pytest.approx(face.box.height * whole.height())
    qtbot.keyClick(viewer, Key.Key_Z)
    whole = canvas.picture_rect()
    zoomed = layer.frame_of(face.box)
    assert zoomed.width() == pytest.approx(face.box.width * whole.width())
    assert zoomed.width() > before.width() * 2
    qtbot.keyClick(viewer, Key.Key_Left, SHIFT)
    assert layer.frame_of(face.box).left() > zoomed.left()


def test_a_photo_is_dragged_by_a_face_without_naming_it(qtbot: QtBot, viewer: Viewer) -> None:
    viewer.canvas.zoom_by(3, QPointF(middle(viewer, 1)))
    start = middle(viewer, 1)
    assert viewer.canvas.rect().contains(start)
    before = viewer.canvas._centre
    mouse(viewer, QEvent.Type.MouseButtonPress, start, LEFT)
    mouse(viewer, QEvent.Type.MouseMove, start + QPoint(-40, -10), LEFT)
    mouse(viewer, QEvent.Type.MouseButtonRelease, start + QPoint(-40, -10), LEFT)
    assert viewer.canvas._centre != before
    assert viewer.faces.editor.isHidden()


def test_faces_of_a_photo_left_behind_are_dropped(
    qtbot: QtBot, open_viewer: Callable[[], Viewer], library: FakeLibrary
) -> None:
    gate = library.gates["people.faces_on"] = threading.Event()
    viewer = open_viewer()
    came: list[Any] = []
    qtbot.waitUntil(lambda: len(calls(library, "people.faces_on")) == 1, timeout=5000)
    other = viewer._row + (1 if viewer._row == 0 else -1)
    viewer.faces.facesCame.connect(came.append)
    viewer.go_to(other)
    gate.set()
    qtbot.waitUntil(lambda: len(calls(library, "people.faces_on")) == 2, timeout=5000)
    qtbot.waitUntil(lambda: viewer.faces.desk._runner.jobs == (), timeout=5000)
    assert [len(faces) for faces in came] in ([0, 0], [0])
    assert viewer.faces.layer.faces == ()


def test_without_faces_the_key_says_so(qtbot: QtBot, viewer: Viewer) -> None:
    viewer.go_to(viewer._row + (1 if viewer._row == 0 else -1))
    press(qtbot, viewer, Key.Key_B)
    assert "No faces" in viewer.toast.text()


# --- naming ---------------------------------------------------------------------


def test_a_click_on_a_face_asks_for_its_name(
    qtbot: QtBot, viewer: Viewer, library: FakeLibrary
) -> None:
    qtbot.mouseClick(viewer.canvas, LEFT, pos=middle(viewer, 2))
    editor = viewer.faces.editor
    assert editor.isVisible() and editor.field.hasFocus()
    assert viewer.canvas.geometry().contains(editor.geometry())
    qtbot.keyClicks(editor.field, "Clara")
    with qtbot.waitSignal(viewer.peopleChanged):
        press(qtbot, editor.field, Key.Key_Return)
    assert names(viewer) == ["Anna", "Ben", "Clara", ""]
    assert editor.isHidden()
    assert viewer.hasFocus()
    assert viewer.toast.text() == "Clara, on 1 photo"
    assert calls(library, "people.name_face")[-1][1] == "Clara"


def test_typing_a_known_name_completes_and_assigns(
    qtbot: QtBot, viewer: Viewer, library: FakeLibrary
) -> None:
    qtbot.mouseClick(viewer.canvas, LEFT, pos=middle(viewer, 1))
    editor = viewer.faces.editor
    assert editor.field.text() == "Ben"
    qtbot.keyClicks(editor.field, "lee")
    qtbot.waitUntil(lambda: [s.name for s in editor.list.suggestions] == ["Annabel Lee"])
    assert editor.list.isVisible()
    press(qtbot, editor.field, Key.Key_Down)
    with qtbot.waitSignal(viewer.peopleChanged):
        press(qtbot, editor.field, Key.Key_Return)
    assert names(viewer)[1] == "Annabel Lee"
    assert calls(library, "people.name_face") == [(viewer.faces.layer.faces[1].id, "Annabel Lee")]


def test_a_name_in_the_list_is_taken_with_the_mouse(qtbot: QtBot, viewer: Viewer) -> None:
    qtbot.mouseClick(viewer.canvas, LEFT, pos=middle(viewer, 2))
    names_list = viewer.faces.editor.list
    qtbot.waitUntil(names_list.isVisible)
    row = [s.name for s in names_list.suggestions].index("Annabel Lee")
    place = names_list.visualRect(names_list.model().index(row, 0)).center()
    with qtbot.waitSignal(viewer.peopleChanged):
        qtbot.mouseClick(names_list.viewport(), LEFT, pos=place)
    assert names(viewer)[2] == "Annabel Lee"


def test_enter_on_what_was_typed_is_not_stolen_by_the_list(qtbot: QtBot, viewer: Viewer) -> None:
    qtbot.mouseClick(viewer.canvas, LEFT, pos=middle(viewer, 2))
    editor = viewer.faces.editor
    qtbot.keyClicks(editor.field, "Annab")
    qtbot.waitUntil(lambda: len(editor.list.suggestions) == 1)
    with qtbot.waitSignal(viewer.peopleChanged):
        press(qtbot, editor.field, Key.Key_Return)
    assert names(viewer)[2] == "Annab"


def test_escape_and_a_press_beside_give_up(
    qtbot: QtBot, viewer: Viewer, library: FakeLibrary
) -> None:
    editor = viewer.faces.editor
    closed: list[Any] = []
    viewer.closed.connect(closed.append)
    qtbot.mouseClick(viewer.canvas, LEFT, pos=middle(viewer, 2))
    qtbot.keyClicks(editor.field, "Nobody")
    press(qtbot, editor.field, Key.Key_Escape)
    assert editor.isHidden() and not closed
    qtbot.mouseClick(viewer.canvas, LEFT, pos=middle(viewer, 2))
    assert editor.field.text() == ""
    qtbot.mouseClick(viewer.canvas, LEFT, pos=QPoint(5, 5))
    assert editor.isHidden()
    row = viewer._row
    qtbot.mouseClick(viewer.canvas, LEFT, pos=middle(viewer, 2))
    press(qtbot, editor.field, Key.Key_PageDown)
    assert viewer._row == row and editor.isVisible(), "keys of the viewer do nothing meanwhile"
    assert not calls(library, "people.name_face")


def test_naming_from_the_keyboard_alone(qtbot: QtBot, viewer: Viewer) -> None:
    layer, editor = viewer.faces.layer, viewer.faces.editor
    press(qtbot, viewer, Key.Key_Tab)
    assert layer.hasFocus()
    assert layer.accessibleName() == "Face 1 of 4: Anna"
    press(qtbot, layer, Key.Key_Tab)
    press(qtbot, layer, Key.Key_Right)
    assert layer.accessibleName() == "Face 3 of 4: Who is this?"
    assert len(layer.visible_faces()) == 4
    press(qtbot, layer, Key.Key_Return)
    assert editor.field.hasFocus()
    qtbot.keyClicks(editor.field, "Dora")
    with qtbot.waitSignal(viewer.peopleChanged):
        press(qtbot, editor.field, Key.Key_Return)
    assert names(viewer)[2] == "Dora"
    assert layer.hasFocus() and layer.accessibleName() == "Face 3 of 4: Dora"
    row = viewer._row
    press(qtbot, layer, Key.Key_Escape)
    assert viewer.hasFocus()
    press(qtbot, viewer, Key.Key_Tab)
    for _face in range(4):
        press(qtbot, layer, Key.Key_Tab)
    assert not layer.hasFocus(), "Tab goes on from the last face"
    assert viewer._row == row


# --- the menu -------------------------------------------------------------------


def menu_at(viewer: Viewer, at: int) -> QMenu:
    return viewer.faces.menu(viewer.faces.layer.faces[at])


def test_the_menu_of_a_face(qtbot: QtBot, viewer: Viewer, library: FakeLibrary) -> None:
    anna = viewer.faces.layer.faces[0]
    texts = [a.text() for a in menu_at(viewer, 0).actions() if a.text()]
    assert texts == [
        "Yes, this is Anna", "Not Anna", "Somebody else…", "Go to Anna", "Use as cover",
        "This is not a face",
    ]  # fmt: skip
    with qtbot.waitSignal(viewer.personWanted) as told:
        action(menu_at(viewer, 0), "Go to Anna").trigger()
    assert told.args == [anna.person]
    for text, verb in (
        ("Use as cover", ("people.set_cover", (anna.person, anna.id))),
        ("Yes, this is Anna", ("people.confirm", ((anna.id,), anna.person))),
        ("Not Anna", ("people.reject", ((anna.id,), anna.person))),
    ):
        with qtbot.waitSignal(viewer.peopleChanged):
            action(menu_at(viewer, 0), text).trigger()
        assert verb in library.calls
    assert names(viewer) == ["", "Ben", "", ""]
    with qtbot.waitSignal(viewer.peopleChanged):
        action(menu_at(viewer, 1), "This is not a face").trigger()
    assert names(viewer) == ["", "", ""]


def test_the_menu_opens_by_the_right_button_and_by_its_key(qtbot: QtBot, viewer: Viewer) -> None:
    where = middle(viewer, 1)
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Mouse, where, viewer.canvas.mapToGlobal(where)
    )
    QApplication.sendEvent(viewer.canvas, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert action(menu, "Not Ben")
    assert shown_names(viewer) == ["Ben"]
    menu.close()
    viewer.faces.layer.go_to(viewer.faces.layer.faces[0].id)
    by_key = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
    QApplication.sendEvent(viewer.faces.layer, by_key)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert action(menu, "Not Anna")
    menu.close()


# --- undo -----------------------------------------------------------------------


def test_undo_and_redo_tell_what_they_did(qtbot: QtBot, viewer: Viewer) -> None:
    with qtbot.waitSignal(viewer.peopleChanged):
        action(menu_at(viewer, 1), "Not Ben").trigger()
    assert names(viewer) == ["Anna", "", "", ""]
    with qtbot.waitSignal(viewer.peopleChanged):
        press(qtbot, viewer, Key.Key_Z, CONTROL)
    assert names(viewer) == ["Anna", "Ben", "", ""]
    assert viewer.toast.text() == "Undone: Said that it is somebody else"
    for key, held in ((Key.Key_Z, CONTROL | SHIFT), (Key.Key_Y, CONTROL)):
        with qtbot.waitSignal(viewer.peopleChanged):
            press(qtbot, viewer, key, held)
        assert names(viewer) == ["Anna", "", "", ""]
        assert viewer.toast.text() == "Done again: Said that it is somebody else"
        with qtbot.waitSignal(viewer.peopleChanged):
            press(qtbot, viewer, Key.Key_Z, CONTROL)
    assert viewer.canvas.fits, "Ctrl+Z is not Z"


def test_the_toast_takes_back_what_it_tells(qtbot: QtBot, viewer: Viewer) -> None:
    with qtbot.waitSignal(viewer.peopleChanged):
        action(menu_at(viewer, 1), "Not Ben").trigger()
    toast = viewer.toast
    assert (toast.text(), toast.button.text()) == ("This is not Ben", "Undo")
    assert viewer.rect().contains(toast.geometry())
    with qtbot.waitSignal(viewer.peopleChanged):
        qtbot.mouseClick(toast.button, LEFT)
    assert names(viewer) == ["Anna", "Ben", "", ""]
    assert toast.text().startswith("Undone")
    assert toast.button.isHidden()


def test_nothing_to_undo_is_told(qtbot: QtBot, viewer: Viewer, library: FakeLibrary) -> None:
    library.problems["people.undo"] = UsageError("There is nothing to undo.")
    with qtbot.waitSignal(viewer.faces.desk._runner.unhandled) as told:
        press(qtbot, viewer, Key.Key_Z, CONTROL)
    assert str(told.args[0]) == "There is nothing to undo."


# --- drawing --------------------------------------------------------------------


def test_a_missed_face_is_drawn_with_the_mouse(
    qtbot: QtBot, viewer: Viewer, library: FakeLibrary
) -> None:
    drawing, editor = viewer.faces.drawing, viewer.faces.editor
    press(qtbot, viewer, Key.Key_A)
    assert drawing.isVisible() and viewer.bar.add_face.isChecked()
    whole = viewer.canvas.picture_rect()
    one = (whole.topLeft() + QPointF(whole.width() * 0.1, whole.height() * 0.6)).toPoint()
    two = (whole.topLeft() + QPointF(whole.width() * 0.3, whole.height() * 0.9)).toPoint()
    qtbot.mouseClick(drawing, LEFT, pos=one)
    assert editor.isHidden(), "a click is no frame"
    qtbot.mousePress(drawing, LEFT, pos=one)
    qtbot.mouseMove(drawing, two)
    qtbot.mouseRelease(drawing, LEFT, pos=two)
    assert editor.field.hasFocus()
    qtbot.keyClicks(editor.field, "Emil")
    with qtbot.waitSignal(viewer.peopleChanged):
        press(qtbot, editor.field, Key.Key_Return)
    ((photo, box, name),) = calls(library, "people.draw")
    assert (photo, name) == (viewer.photo(), "Emil")
    found = (box.x, box.y, box.width, box.height)
    assert found == pytest.approx((0.1, 0.6, 0.2, 0.3), abs=0.01)
    assert "Emil" in names(viewer)
    assert drawing.isHidden() and not viewer.bar.add_face.isChecked()


def test_a_missed_face_is_drawn_with_the_keys(
    qtbot: QtBot, viewer: Viewer, library: FakeLibrary
) -> None:
    drawing, editor = viewer.faces.drawing, viewer.faces.editor
    qtbot.mouseClick(viewer.bar.add_face, LEFT)
    assert drawing.hasFocus()
    press(qtbot, drawing, Key.Key_Left)
    first = drawing.box
    assert first is not None
    press(qtbot, drawing, Key.Key_Left)
    press(qtbot, drawing, Key.Key_Down, SHIFT)
    moved = drawing.box
    assert moved is not None
    assert moved.x < first.x and moved.height > first.height
    press(qtbot, drawing, Key.Key_Return)
    assert editor.field.hasFocus()
    press(qtbot, editor.field, Key.Key_Escape)
    assert drawing.hasFocus() and drawing.box is None, "another frame may be drawn"
    press(qtbot, drawing, Key.Key_Escape)
    assert drawing.isHidden() and viewer.hasFocus()
    assert not calls(library, "people.draw")


def test_another_photo_ends_drawing_and_naming(qtbot: QtBot, viewer: Viewer) -> None:
    press(qtbot, viewer, Key.Key_A)
    viewer.go_to(viewer._row + (1 if viewer._row == 0 else -1))
    assert viewer.faces.drawing.isHidden()
    assert viewer.faces.layer.faces == ()


def test_a_nudged_box_stays_in_the_picture() -> None:
    box = Box(0.9, 0.0, 0.1, 0.1)
    assert nudged(box, 0.02, -0.02, larger=False) == box
    assert nudged(box, 0.02, -0.2, larger=True) == Box(0.9, 0.0, pytest.approx(0.1), 0.02)  # type: ignore[arg-type]


# --- the info panel ---------------------------------------------------------------


def test_the_info_panel_lists_who_is_there(qtbot: QtBot, viewer: Viewer) -> None:
    press(qtbot, viewer, Key.Key_I)
    strip = viewer.info.people
    assert strip.isVisible()
    assert strip.names == ["Anna", "Ben"]
    assert strip.unnamed.text() == "2 faces without a name"
    with qtbot.waitSignal(viewer.personWanted) as told:
        qtbot.mouseClick(strip.buttons[1], LEFT)
    assert told.args == [viewer.faces.layer.faces[1].person]
    qtbot.mouseClick(strip.unnamed, LEFT)
    assert len(viewer.faces.layer.visible_faces()) == 4
    viewer.go_to(viewer._row + (1 if viewer._row == 0 else -1))
    assert not strip.isVisible()


# --- words ------------------------------------------------------------------------


def test_a_guess_has_a_question_mark() -> None:
    box = Box(0, 0, 1, 1)

    def face(**more: Any) -> PersonFace:
        return PersonFace(FaceId(1), PhotoId(1), "", box, 1, 1, **more)

    assert label(face(name="Anna", doubt=0.9)) == "Anna?"
    assert label(face(name="Anna", doubt=0.9, said=True)) == "Anna"
    assert label(face(name="Anna", doubt=0.1)) == "Anna"
    assert label(face()) == "Who is this?"


# --- in the window ------------------------------------------------------------------


def test_undo_in_the_viewer_is_done_once_and_told_there(
    qtbot: QtBot, make: Make, library: FakeLibrary
) -> None:
    window = make(library)
    window.activateWindow()
    settled(qtbot, window, 30)
    row = window.page.model.row_of(library.photo_id(0))
    window.looking.open(row)
    viewer = window.viewer
    qtbot.waitUntil(lambda: len(viewer.faces.layer.faces) == 4, timeout=5000)
    with qtbot.waitSignal(viewer.peopleChanged):
        action(menu_at(viewer, 1), "Not Ben").trigger()
    press(qtbot, viewer, Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: names(viewer) == ["Anna", "Ben", "", ""], timeout=5000)
    assert viewer.toast.text().startswith("Undone")
    assert len(calls(library, "people.undo")) == 1


def test_going_to_a_person_leaves_the_viewer(
    qtbot: QtBot, make: Make, library: FakeLibrary
) -> None:
    window = make(library)
    settled(qtbot, window, 30)
    window.looking.open(window.page.model.row_of(library.photo_id(0)))
    viewer = window.viewer
    qtbot.waitUntil(lambda: len(viewer.faces.layer.faces) == 4, timeout=5000)
    action(menu_at(viewer, 1), "Go to Ben").trigger()
    assert not window.frame.viewing
    assert window.frame.among_people


def test_faces_found_meanwhile_are_shown(qtbot: QtBot, make: Make, library: FakeLibrary) -> None:
    window = make(library)
    settled(qtbot, window, 30)
    window.looking.open(window.page.model.row_of(library.photo_id(0)))
    layer = window.viewer.faces.layer
    qtbot.waitUntil(lambda: len(layer.faces) == 4, timeout=5000)
    library.forbidden_thread = None
    library.people.draw(library.photo_id(0), Box(0.1, 0.7, 0.1, 0.1), "Zoe")
    library.forbidden_thread = threading.get_ident()
    window.indexer.changed.emit(True)
    qtbot.waitUntil(lambda: "Zoe" in names(window.viewer), timeout=5000)


def test_what_was_asked_before_a_name_was_written_does_not_hide_it(
    qtbot: QtBot, viewer: Viewer, library: FakeLibrary
) -> None:
    gate = library.gates["people.reject"] = threading.Event()
    action(menu_at(viewer, 1), "Not Ben").trigger()
    qtbot.waitUntil(lambda: len(calls(library, "people.reject")) == 1, timeout=5000)
    before = len(calls(library, "people.faces_on"))
    viewer.faces.refresh()
    qtbot.waitUntil(lambda: len(calls(library, "people.faces_on")) > before, timeout=5000)
    gate.set()
    qtbot.waitUntil(lambda: names(viewer) == ["Anna", "", "", ""], timeout=5000)
