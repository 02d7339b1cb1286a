"""The people grid: what it shows; naming by key, merging, hiding, strangers, undo."""

from __future__ import annotations

import time

import pytest
from gui.driving import Make, action, settled
from gui.fake_library import FakeLibrary
from gui.people_driving import (
    CONTROL,
    LEFT,
    NONE,
    SHIFT,
    SOON,
    Hands,
    go_to_people,
    on_people,
    sidebar_names,
)
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from photosearch.gui.people.dialogs import MergeDialog
from photosearch.gui.people.people_drag import PEOPLE_MIME
from photosearch.types import Person, PersonId, Progress, Stage

# the offscreen platform says this of every dialog with a fixed size, and of menus
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
Key = Qt.Key


@pytest.fixture
def hands(qtbot: QtBot, make: Make) -> Hands:
    """Return a window with Anna (1), two groups (2, 3), Ben (4) and a small group (5)."""
    library = FakeLibrary(80, with_faces=True)
    people = library.people
    for name, faces in (("Anna", 20), ("", 15), ("", 10), ("Ben", 8), ("", 3)):
        people.add_person(name, faces)
    return on_people(qtbot, make, library, 80)


ANNA, GROUP, SECOND, BEN, SMALL = (PersonId(number) for number in range(1, 6))


# --- what it shows ----------------------------------------------------------------


def test_the_largest_come_first_and_the_sidebar_has_the_names(hands: Hands) -> None:
    assert hands.names() == ["Anna", "", "", "Ben", ""]
    assert sidebar_names(hands.window.sidebar) == ["Anna", "Ben"]
    assert hands.room.people.count.text() == "5 people, 2 named"
    assert hands.window.frame.among_people


def test_covers_are_loaded_for_those_in_sight(hands: Hands) -> None:
    cover = hands.room.people.model.person(0).cover  # type: ignore[union-attr]
    hands.until(lambda: hands.room.pictures.covers.face(cover) is not None)
    image = hands.view.viewport().grab().toImage()
    box = hands.cover(ANNA)
    assert image.pixelColor(box) != image.pixelColor(2, 2)


def test_sections_show_the_named_and_the_unnamed(hands: Hands) -> None:
    page = hands.room.people
    hands.qtbot.mouseClick(page.sections.button(1), LEFT)
    assert hands.names() == ["Anna", "Ben"]
    hands.qtbot.mouseClick(page.sections.button(2), LEFT)
    assert hands.names() == ["", "", ""]


def test_five_thousand_people_are_laid_out_and_scrolled_at_once(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(20)
    window = make(library)
    settled(qtbot, window, 20)
    go_to_people(window)
    page = window.frame.people.people
    page.model.set_people([Person(PersonId(n), "", 9, 9) for n in range(1, 5001)])
    page._choose_page()
    started = time.monotonic()
    bar = page.view.verticalScrollBar()
    for step in range(20):
        bar.setValue(bar.maximum() * step // 19)
        page.view.viewport().repaint()
    assert time.monotonic() - started < 5.0
    assert page.view.rows_in_sight()[1] == 5000


# --- naming -----------------------------------------------------------------------


def test_type_a_name_enter_and_the_next_is_asked(hands: Hands) -> None:
    hands.click(GROUP)
    QTest.keyClicks(hands.view, "C")
    assert hands.view.editing
    QTest.keyClicks(hands.view.editor, "arla")
    hands.press(hands.view.editor, Key.Key_Return)
    hands.until(lambda: hands.people.name_of(GROUP) == "Carla")
    assert hands.view.editing  # the next without a name
    assert hands.view.currentIndex().row() == hands.row_of(SECOND)
    hands.type_name("Dora")
    hands.until(lambda: hands.people.name_of(SECOND) == "Dora")
    hands.type_name("Emil")
    hands.until(lambda: hands.people.name_of(SMALL) == "Emil")
    assert not hands.view.editing
    assert hands.view.hasFocus()
    hands.until(lambda: hands.names() == ["Anna", "Carla", "Dora", "Ben", "Emil"])


def test_a_click_on_the_invitation_opens_the_field_and_escape_closes_it(hands: Hands) -> None:
    hands.qtbot.mouseClick(hands.view.viewport(), LEFT, NONE, hands.label(GROUP))
    assert hands.view.editor.isVisible()
    QTest.keyClicks(hands.view.editor, "Nobody")
    hands.press(hands.view.editor, Key.Key_Escape)
    assert not hands.view.editor.isVisible()
    assert hands.said("rename") == []


def test_f2_renames_and_the_field_lies_on_the_name(hands: Hands) -> None:
    hands.click(BEN)
    hands.press(hands.view, Key.Key_F2)
    editor = hands.view.editor
    assert editor.text() == "Ben"
    assert editor.geometry().contains(hands.label(BEN))
    hands.type_name("Benjamin")
    hands.until(lambda: hands.people.name_of(BEN) == "Benjamin")


def test_a_known_name_may_be_that_of_another(hands: Hands) -> None:
    hands.click(GROUP)
    hands.press(hands.view, Key.Key_F2)
    editor = hands.view.editor
    QTest.keyClicks(editor, "anna")
    marked = editor.offers.current()
    assert marked is not None and marked.detail.startswith("Merge with Anna")
    hands.press(editor, Key.Key_Down)
    hands.press(editor, Key.Key_Return)
    hands.until(lambda: hands.people.name_of(GROUP) == "Anna (2)")
    assert hands.people.name_of(ANNA) == "Anna"


def test_a_known_name_is_offered_and_merges(hands: Hands) -> None:
    hands.click(GROUP)
    hands.press(hands.view, Key.Key_F2)
    editor = hands.view.editor
    QTest.keyClicks(editor, "an")
    assert editor.offers.isVisible()
    anna = hands.room.people.model.person(hands.row_of(ANNA))
    assert anna is not None
    offered = [(offer.name, offer.detail) for offer in editor.offers.suggestions]
    assert offered == [("Anna", f"Merge  ·  {anna.photos} photos")]
    hands.press(editor, Key.Key_Escape)  # closes the offers, not the field
    assert editor.isVisible() and not editor.offers.isVisible()
    QTest.keyClicks(editor, "n")
    assert editor.offers.isVisible()
    hands.press(editor, Key.Key_Down)
    hands.press(editor, Key.Key_Return)
    hands.until(lambda: len(hands.people.faces_of(ANNA)) == 35)
    assert hands.said("rename") == [(GROUP, "Anna")]
    hands.until(lambda: hands.row_of(GROUP) == -1)


def test_what_is_typed_survives_news_and_nobody_changes_places(hands: Hands) -> None:
    hands.click(SMALL)
    hands.press(hands.view, Key.Key_F2)
    QTest.keyClicks(hands.view.editor, "Fra")
    newcomer = hands.people.add_person("", 40)
    hands.room.refresh()
    hands.until(lambda: hands.row_of(newcomer) >= 0)
    assert hands.row_of(newcomer) == 5  # last, while the user is at work
    assert hands.view.editor.text() == "Fra"
    assert hands.view.editor.isVisible()
    assert hands.view.editor.geometry().contains(hands.label(SMALL))
    hands.press(hands.view.editor, Key.Key_Escape)
    assert hands.row_of(newcomer) == 0


def test_leaving_the_field_keeps_what_was_typed(hands: Hands) -> None:
    hands.qtbot.mouseClick(hands.view.viewport(), LEFT, NONE, hands.label(GROUP))
    QTest.keyClicks(hands.view.editor, "Greta")
    hands.click(ANNA)
    hands.until(lambda: hands.people.name_of(GROUP) == "Greta")
    assert not hands.view.editing


# --- merging ----------------------------------------------------------------------


def drag_onto(hands: Hands, dragged: PersonId, target: PersonId) -> None:
    mime = QMimeData()
    mime.setData(PEOPLE_MIME, str(int(dragged)).encode())
    where, viewport = hands.cover(target), hands.view.viewport()
    move, buttons = Qt.DropAction.MoveAction, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(where, move, mime, buttons, NONE)
    QApplication.sendEvent(viewport, enter)
    moved = QDragMoveEvent(where, move, mime, buttons, NONE)
    QApplication.sendEvent(viewport, moved)
    assert moved.isAccepted()
    assert hands.view.delegate.target == hands.row_of(target)
    QApplication.sendEvent(viewport, QDropEvent(QPointF(where), move, mime, buttons, NONE))
    assert hands.view.delegate.target == -1


def test_one_dragged_onto_another_is_merged_and_undone(hands: Hands) -> None:
    drag_onto(hands, GROUP, ANNA)
    hands.until(lambda: hands.row_of(GROUP) == -1)
    assert hands.said("merge") == [((GROUP, ANNA), ANNA)]
    toast = hands.room.toast
    hands.until(toast.isVisible)
    assert toast.label.text() == "Merged 1 person into Anna"
    hands.qtbot.mouseClick(toast.button, LEFT)
    hands.until(lambda: hands.row_of(GROUP) >= 0)
    assert toast.label.text() == "Undone: Merged 2 people into Anna"


def test_nobody_is_dropped_onto_themselves(hands: Hands) -> None:
    mime = QMimeData()
    mime.setData(PEOPLE_MIME, str(int(ANNA)).encode())
    assert hands.view._drop_row(hands.cover(ANNA), mime) == -1
    assert hands.view._drop_row(hands.cover(ANNA), QMimeData()) == -1


def test_several_are_merged_into_the_one_with_a_name(hands: Hands) -> None:
    hands.click(GROUP)
    hands.click(ANNA, CONTROL)
    page = hands.room.people
    assert page.bar.isVisible()
    assert page.bar.label.text() == "2 selected"
    hands.qtbot.mouseClick(page.bar.merge_button, LEFT)
    hands.until(lambda: len(hands.people.faces_of(ANNA)) == 35)


def test_two_names_ask_which_one_stays(hands: Hands) -> None:
    hands.click(ANNA)
    hands.click(BEN, SHIFT)
    hands.press(hands.view, Key.Key_M, CONTROL)
    (dialog,) = hands.room.findChildren(MergeDialog)
    assert [button.text() for button in dialog.group.buttons()] == [
        "Anna   (20 photos)",
        "Ben   (8 photos)",
    ]
    dialog.group.button(1).click()
    dialog.accept()
    hands.until(lambda: hands.names() == ["Ben", ""])


# --- hiding, strangers ------------------------------------------------------------


def test_hidden_people_go_and_can_be_shown_again(hands: Hands) -> None:
    page = hands.room.people
    hands.click(GROUP)
    hands.press(hands.view, Key.Key_H, CONTROL)
    hands.until(lambda: hands.row_of(GROUP) == -1)
    hands.until(page.hidden.isVisible)
    assert page.hidden.text() == "Show hidden (1)"
    hands.qtbot.mouseClick(page.hidden, LEFT)
    assert page.hidden.text() == "Leave out hidden (1)"
    assert hands.row_of(GROUP) >= 0
    hands.click(GROUP)
    assert page.bar.hide_button.text() == "Show again"
    hands.qtbot.mouseClick(page.bar.hide_button, LEFT)
    hands.until(lambda: hands.said("set_hidden")[-1] == ((GROUP,), False))


def test_strangers_are_never_shown_again(hands: Hands) -> None:
    hands.click(GROUP)
    hands.click(SECOND, CONTROL)
    button = hands.room.people.bar.stranger_button
    assert button.text() == "These are strangers"
    hands.qtbot.mouseClick(button, LEFT)
    hands.until(lambda: hands.names() == ["Anna", "Ben", ""])
    assert hands.said("set_strangers") == [((GROUP, SECOND), True)]


def menu_at(hands: Hands, person: PersonId) -> QMenu:
    where = hands.cover(person)
    viewport = hands.view.viewport()
    reason = QContextMenuEvent.Reason.Mouse
    event = QContextMenuEvent(reason, where, viewport.mapToGlobal(where))
    QApplication.sendEvent(viewport, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def test_the_menu_of_a_person(hands: Hands) -> None:
    menu = menu_at(hands, ANNA)
    words = [each.text() for each in menu.actions() if each.text()]
    assert words == [
        *("Open", "Rename", "Merge with…", "Search for photos of Anna"),
        *("Hide", "This is a stranger"),
    ]
    action(menu, "Search for photos of Anna").trigger()
    menu.close()
    hands.until(lambda: not hands.window.frame.among_people)
    assert hands.window.search.text() == 'person:"Anna"'
    hands.press(hands.window.search.field, Key.Key_Escape)
    hands.until(lambda: hands.window.frame.among_people)


# --- undo -------------------------------------------------------------------------


def test_undo_and_redo_by_key_and_button_several_steps_deep(hands: Hands) -> None:
    undo = hands.room.people.undo
    assert not undo.undo.isEnabled()
    for person, name in ((GROUP, "Carla"), (SECOND, "Dora")):
        hands.click(person)
        hands.press(hands.view, Key.Key_F2)
        hands.type_name(name)
        hands.press(hands.view.editor, Key.Key_Escape)
        hands.until(lambda person=person, name=name: hands.people.name_of(person) == name)
    hands.until(undo.undo.isEnabled)
    hands.until(lambda: undo.undo.toolTip() == "Undo: Named Dora (Ctrl+Z)")
    hands.view.setFocus()
    hands.press(hands.view, Key.Key_Z, CONTROL)
    hands.press(hands.view, Key.Key_Z, CONTROL)
    hands.until(lambda: hands.names() == ["Anna", "", "", "Ben", ""])
    hands.press(hands.view, Key.Key_Y, CONTROL)
    hands.until(lambda: hands.names() == ["Anna", "Carla", "", "Ben", ""])
    hands.until(undo.redo.isEnabled)
    hands.qtbot.mouseClick(undo.redo, LEFT)
    hands.until(lambda: hands.names() == ["Anna", "Carla", "Dora", "Ben", ""])


def test_undo_in_a_field_takes_back_letters_not_people(hands: Hands) -> None:
    hands.click(GROUP)
    hands.press(hands.view, Key.Key_F2)
    QTest.keyClicks(hands.view.editor, "Carl")
    hands.press(hands.view.editor, Key.Key_Z, CONTROL)
    assert hands.view.editor.text() == ""
    assert hands.said("undo") == []


# --- grouping ---------------------------------------------------------------------


def test_the_slider_groups_anew_in_the_background(hands: Hands) -> None:
    page = hands.room.people
    hands.qtbot.mouseClick(page.tune, LEFT)
    panel = page.grouping
    assert panel.isVisible()
    assert panel.slider.value() == 10
    hands.press(panel.slider, Key.Key_Right)
    hands.until(lambda: hands.said("group") == [(True,)])
    assert hands.library.settings.current.faces.strictness == pytest.approx(0.55)
    hands.until(lambda: panel.said.text() == "56 of 56 faces belong to 5 people.")
    panel.hide()


# --- while indexing ---------------------------------------------------------------


def test_the_page_follows_a_run_and_keeps_selection_and_place(hands: Hands) -> None:
    for number in range(60):
        hands.people.add_person("", 2 + number % 2)
    hands.room.refresh()
    hands.until(lambda: hands.room.people.model.rowCount() == 65)
    bar = hands.view.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    first = hands.view.rows_in_sight()[0]
    chosen = hands.room.people.model.person(first + 1)
    assert chosen is not None
    hands.view.select_numbers([int(chosen.id)], scroll=False)
    before = hands.cell(chosen.id).top()
    hands.people.add_person("", 30)
    hands.window.indexer.progressed.emit(Progress(Stage.FACES, 5, 10))
    hands.until(lambda: hands.room.people.model.rowCount() == 66)
    assert hands.view.selected_people() == [chosen.id]
    assert abs(hands.cell(chosen.id).top() - before) <= hands.view.gridSize().height()


# --- empty ------------------------------------------------------------------------


def empty_page(qtbot: QtBot, make: Make, library: FakeLibrary, photos: int) -> Hands:
    window = make(library)
    settled(qtbot, window, photos)
    go_to_people(window)
    hands = Hands(qtbot, window, library, library.people)
    hands.until(hands.room.people.empty.isVisible)
    return hands


def test_without_a_face_pack_a_card_offers_one(qtbot: QtBot, make: Make) -> None:
    hands = empty_page(qtbot, make, FakeLibrary(10), 10)
    empty = hands.room.people.empty
    hands.until(empty.card.isVisible)
    with qtbot.waitSignal(hands.room.packWanted, timeout=SOON):
        qtbot.mouseClick(empty.card.button, LEFT)


def test_faces_that_are_switched_off_can_be_switched_on(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(10, with_faces=True)
    library.settings.set("faces.enabled", False)
    hands = empty_page(qtbot, make, library, 10)
    empty = hands.room.people.empty
    hands.until(empty.button.isVisible)
    qtbot.mouseClick(empty.button, LEFT)
    hands.until(lambda: library.settings.current.faces.enabled)
    hands.until(lambda: empty.title.text() == "No people found")


def test_looking_for_faces_shows_how_far_it_is(qtbot: QtBot, make: Make) -> None:
    hands = empty_page(qtbot, make, FakeLibrary(10, with_faces=True), 10)
    empty = hands.room.people.empty
    hands.until(lambda: empty.title.text() == "No people found")
    hands.window.indexer.progressed.emit(Progress(Stage.FACES, 4, 10))
    assert empty.title.text() == "Looking for faces"
    assert (empty.bar.value(), empty.bar.maximum()) == (4, 10)
    hands.window.indexer.stopped.emit()
    assert empty.title.text() == "No people found"


# --- more of the mouse and the keys ------------------------------------------------


def test_a_drag_carries_who_is_selected(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    carried: list[bytes] = []

    class Drag:
        def __init__(self, _source: object) -> None: ...

        def setMimeData(self, mime: QMimeData) -> None:
            carried.append(bytes(mime.data(PEOPLE_MIME).data()))

        def setPixmap(self, _pixmap: object) -> None: ...

        def setHotSpot(self, _point: QPoint) -> None: ...

        def exec(self, _action: Qt.DropAction) -> None: ...

    monkeypatch.setattr("photosearch.gui.people.people_view.QDrag", Drag)
    hands.click(GROUP)
    hands.click(SECOND, CONTROL)
    hands.view.startDrag(Qt.DropAction.MoveAction)
    assert carried == [b"2 3"]


def test_the_arrows_go_from_tile_to_tile(hands: Hands) -> None:
    for _number in range(12):
        hands.people.add_person("", 2)
    hands.room.refresh()
    hands.until(lambda: hands.room.people.model.rowCount() == 17)
    columns = hands.view.columns()
    hands.click(ANNA)
    steps = (
        (Key.Key_Right, 1),
        (Key.Key_Down, 1 + columns),
        (Key.Key_Left, columns),
        (Key.Key_Up, 0),
        (Key.Key_Up, 0),
        (Key.Key_End, 16),
        (Key.Key_Down, 16),
        (Key.Key_Home, 0),
    )
    for key, row in steps:
        hands.press(hands.view, key)
        assert hands.view.currentIndex().row() == row, key
    hands.press(hands.view, Key.Key_Right, SHIFT)
    assert hands.view.selected_rows() == [0, 1]
