"""People in the search bar, driven by keys and mouse on people in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from gui.driving import Make, action, press, searches, settled, shown
from gui.fake_library import FakeLibrary
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QInputMethodEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from photosearch.gui.main_window import MainWindow
from photosearch.gui.search.chips import chip_width, cross_rect, words
from photosearch.gui.search.field import SearchField
from photosearch.gui.search.line import carried, units
from photosearch.gui.search.people import SearchPeople
from photosearch.types import Mention, PersonId, Role

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier
# the offscreen platform says this of windows with a smallest size and of menus
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def library() -> FakeLibrary:
    made = FakeLibrary(100)
    made.people.add_person("Anna", 12)
    made.people.add_person("Ben", 4)
    made.people.add_person("Annabel Lee", 3)
    made.people.add_person("", 3)
    return made


@pytest.fixture
def window(qtbot: QtBot, make: Make, library: FakeLibrary) -> MainWindow:
    made = make(library)
    made.activateWindow()
    settled(qtbot, made, 100)
    made.search.focus()
    qtbot.waitUntil(made.search.field.hasFocus, timeout=5000)
    return made


@pytest.fixture(autouse=True)
def empty_clipboard(qapp: QApplication) -> Iterator[None]:
    yield
    QGuiApplication.clipboard().clear()


def people(window: MainWindow) -> SearchPeople:
    return window.frame.search_people


def chips(window: MainWindow) -> list[str]:
    return [words(chip) for chip in window.search.field.chips()]


def until(qtbot: QtBot, window: MainWindow, wanted: list[str]) -> None:
    qtbot.waitUntil(lambda: chips(window) == wanted, timeout=5000)


def put(qtbot: QtBot, window: MainWindow, text: str) -> None:
    """Type a text and a blank, so that its last name becomes a chip, too."""
    qtbot.keyClicks(window.search.field, text + " ")


def asked(library: FakeLibrary) -> str:
    """Return the text searched for last."""
    found = searches(library)
    return found[-1].text if found else ""


def middle(field: SearchField, at: int) -> QPoint:
    return field.chip_rect(field.chips()[at]).center().toPoint()


def on_cross(field: SearchField, at: int) -> QPoint:
    area = field.chip_rect(field.chips()[at])
    return cross_rect(area, field.reading_direction()).center().toPoint()


def offered(window: MainWindow) -> list[str]:
    return [s.name for s in people(window).popup.list.suggestions]


# --- chips ----------------------------------------------------------------------


def test_a_name_becomes_a_chip_once_it_is_typed(qtbot: QtBot, window: MainWindow) -> None:
    field = window.search.field
    qtbot.keyClicks(field, "Anna")
    qtbot.waitUntil(lambda: len(field._mentions) == 1, timeout=5000)
    assert chips(window) == [], "as long as the cursor is in the name it is text"
    qtbot.keyClicks(field, " on the beach")
    until(qtbot, window, ["Anna"])
    qtbot.waitUntil(lambda: shown(window) == 2, timeout=5000)
    assert window.search.text() == "Anna on the beach", "the text is the truth"
    assert field.accessibleDescription() == "Photos with Anna"


def test_enter_searches_and_shows_the_chip(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    qtbot.keyClicks(window.search.field, "Ben")
    press(qtbot, window.search.field, Key.Key_Return)
    until(qtbot, window, ["Ben"])
    qtbot.waitUntil(lambda: shown(window) == 4, timeout=5000)
    assert window.grid.hasFocus()
    assert [request.text for request in searches(library)] == ["Ben"]
    assert people(window).popup.isHidden()


def test_several_people_and_their_forms(qtbot: QtBot, window: MainWindow) -> None:
    put(qtbot, window, 'person:"Annabel Lee" -person:Ben only:Anna')
    until(qtbot, window, ["Annabel Lee", "not Ben", "only Anna"])
    roles = [chip.role for chip in window.search.field.chips()]
    assert roles == [Role.WITH, Role.WITHOUT, Role.ONLY]


def test_chips_are_painted_where_their_text_is(qtbot: QtBot, window: MainWindow) -> None:
    field = window.search.field
    put(qtbot, window, "Ben and Anna")
    until(qtbot, window, ["Ben", "Anna"])
    first, second = (field.chip_rect(chip) for chip in field.chips())
    assert abs(first.left() - field.cursorRect().left()) > first.width()
    assert first.right() < second.left()
    after = field.cursorRect().x() + 5
    assert 0 < after - second.right() < 12, "the cursor stands a blank behind the last chip"
    picture = field.grab().toImage()
    ratio = field.devicePixelRatioF()
    edge = picture.pixelColor(int((first.right() - 4) * ratio), int(field.height() / 2 * ratio))
    between = (first.right() + second.left()) / 2
    gap = picture.pixelColor(int(between * ratio), int(2 * ratio))
    assert edge != gap


def test_a_press_on_the_cross_removes_a_person(qtbot: QtBot, window: MainWindow) -> None:
    field = window.search.field
    put(qtbot, window, "Anna Ben snow")
    until(qtbot, window, ["Anna", "Ben"])
    qtbot.mouseClick(field, LEFT, pos=on_cross(field, 0))
    assert field.text() == "Ben snow "
    assert chips(window) == ["Ben"], "the other chip does not flicker"
    assert field.hasFocus()
    press(qtbot, field, Key.Key_Z, CONTROL)
    assert field.text() == "Anna Ben snow ", "it can be undone like typing"


def test_backspace_behind_a_chip_removes_it_as_a_whole(qtbot: QtBot, window: MainWindow) -> None:
    field = window.search.field
    put(qtbot, window, "Anna snow")
    until(qtbot, window, ["Anna"])
    field.caret_to(4)
    press(qtbot, field, Key.Key_Backspace)
    assert field.text() == "snow "
    put(qtbot, window, "Ben")
    until(qtbot, window, ["Ben"])
    field.caret_to(0)
    press(qtbot, field, Key.Key_Delete)
    assert field.text() == "snow "


def test_backspace_in_a_name_being_typed_takes_letters(qtbot: QtBot, window: MainWindow) -> None:
    field = window.search.field
    qtbot.keyClicks(field, "Anna")
    qtbot.waitUntil(lambda: len(field._mentions) == 1, timeout=5000)
    press(qtbot, field, Key.Key_Backspace)
    assert field.text() == "Ann"


def test_the_cursor_jumps_over_a_chip(qtbot: QtBot, window: MainWindow) -> None:
    field = window.search.field
    put(qtbot, window, "a Anna b")
    until(qtbot, window, ["Anna"])
    field.caret_to(6)
    press(qtbot, field, Key.Key_Left)
    assert field.caret() == 2
    press(qtbot, field, Key.Key_Right)
    assert field.caret() == 6
    assert field.touched_chip() is not None


def test_the_text_is_copied_as_typed(qtbot: QtBot, window: MainWindow) -> None:
    field = window.search.field
    put(qtbot, window, "Anna snow")
    until(qtbot, window, ["Anna"])
    field.selectAll()
    press(qtbot, field, Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == "Anna snow "


def test_composing_with_an_input_method_shows_text(qtbot: QtBot, window: MainWindow) -> None:
    field = window.search.field
    put(qtbot, window, "Anna")
    until(qtbot, window, ["Anna"])
    QApplication.sendEvent(field, QInputMethodEvent("ni", []))
    assert chips(window) == []
    commit = QInputMethodEvent("", [])
    commit.setCommitString("雪")
    QApplication.sendEvent(field, commit)
    assert field.text() == "Anna 雪"
    assert chips(window) == ["Anna"]


def test_letters_outside_the_basic_plane_do_not_move_chips(
    qtbot: QtBot, window: MainWindow
) -> None:
    field = window.search.field
    field.setText("😀 Anna 😀")
    until(qtbot, window, ["Anna"])
    chip = field.chips()[0]
    assert (chip.start, chip.end) == (2, 6)
    qtbot.mouseClick(field, LEFT, pos=on_cross(field, 0))
    assert field.text() == "😀 😀"


# --- the menu of a chip -----------------------------------------------------------


def open_menu(qtbot: QtBot, window: MainWindow, at: int) -> QMenu:
    field = window.search.field
    qtbot.mouseClick(field, LEFT, pos=middle(field, at))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def choose(menu: QMenu, text: str) -> None:
    chosen = action(menu, text)
    menu.close()
    chosen.trigger()


def test_a_chip_can_be_turned_back_into_words(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    put(qtbot, window, "anna snow")
    until(qtbot, window, ["Anna"])
    menu = open_menu(qtbot, window, 0)
    choose(menu, "Search for the word “anna” instead")
    assert window.search.text() == '"anna" snow'
    qtbot.waitUntil(lambda: asked(library) == '"anna" snow', timeout=5000)
    until(qtbot, window, [])


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ("Photos without Anna", '-person:"Anna" snow'),
        ("Photos with nobody but Anna", 'only:"Anna" snow'),
        ("Remove", "snow"),
    ],
)
def test_what_a_chip_asks_for_is_changed(
    qtbot: QtBot, window: MainWindow, wanted: str, text: str
) -> None:
    put(qtbot, window, "Anna snow")
    until(qtbot, window, ["Anna"])
    menu = open_menu(qtbot, window, 0)
    assert action(menu, "Photos with Anna").isChecked()
    choose(menu, wanted)
    assert window.search.text() == text


def test_the_menu_of_a_chip_opens_by_key(qtbot: QtBot, window: MainWindow) -> None:
    field = window.search.field
    put(qtbot, window, "Anna snow")
    until(qtbot, window, ["Anna"])
    field.caret_to(0)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
    QApplication.sendEvent(field, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    choose(menu, "Remove")
    assert field.text() == "snow "


# --- names while typing -----------------------------------------------------------


def test_names_are_offered_while_typing_and_taken_by_key(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    field, popup = window.search.field, people(window).popup
    qtbot.keyClicks(field, "snow an")
    qtbot.waitUntil(lambda: sorted(offered(window)) == ["Anna", "Annabel Lee"], timeout=5000)
    assert popup.isVisible() and field.hasFocus()
    assert popup.geometry().top() >= window.search.geometry().bottom()
    row = offered(window).index("Annabel Lee")
    for _step in range(row + 1):
        press(qtbot, field, Key.Key_Down)
    assert window.search.field.hasFocus(), "Down goes into the names, not to the photos"
    press(qtbot, field, Key.Key_Return)
    assert popup.isHidden()
    until(qtbot, window, ["Annabel Lee"])
    assert field.text() == "snow Annabel Lee "
    qtbot.waitUntil(lambda: asked(library) == "snow Annabel Lee", timeout=5000)
    assert popup.isHidden(), "what was chosen is not offered again"


def test_tab_and_the_mouse_take_a_name(qtbot: QtBot, window: MainWindow) -> None:
    field, popup = window.search.field, people(window).popup
    qtbot.keyClicks(field, "be")
    qtbot.waitUntil(lambda: offered(window) == ["Ben"], timeout=5000)
    press(qtbot, field, Key.Key_Up)
    press(qtbot, field, Key.Key_Tab)
    assert field.text() == "Ben " and field.hasFocus()
    qtbot.keyClicks(field, "annab")
    qtbot.waitUntil(lambda: offered(window) == ["Annabel Lee"], timeout=5000)
    place = popup.list.visualRect(popup.list.model().index(0, 0)).center()
    qtbot.mouseClick(popup.list.viewport(), LEFT, pos=place)
    assert field.text() == "Ben Annabel Lee "
    until(qtbot, window, ["Ben", "Annabel Lee"])


def test_enter_with_no_name_chosen_searches(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    field = window.search.field
    qtbot.keyClicks(field, "an")
    qtbot.waitUntil(lambda: len(offered(window)) == 2, timeout=5000)
    press(qtbot, field, Key.Key_Return)
    qtbot.waitUntil(lambda: [r.text for r in searches(library)] == ["an"], timeout=5000)
    assert window.grid.hasFocus()
    assert people(window).popup.isHidden()


def test_escape_closes_the_names_first(qtbot: QtBot, window: MainWindow) -> None:
    field, popup = window.search.field, people(window).popup
    qtbot.keyClicks(field, "an")
    qtbot.waitUntil(popup.isVisible, timeout=5000)
    press(qtbot, field, Key.Key_Escape)
    assert popup.isHidden() and field.text() == "an"
    press(qtbot, field, Key.Key_Escape)
    assert field.text() == ""


def test_a_text_put_there_by_the_program_offers_nothing(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    window.search.search_for('person:"Anna"')
    qtbot.waitUntil(lambda: shown(window) == 12, timeout=5000)
    until(qtbot, window, ["Anna"])
    assert people(window).popup.isHidden()
    assert [request.text for request in searches(library)] == ['person:"Anna"']


def test_an_answer_for_another_text_is_dropped(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    library.latency.other_s = 0.05
    window.search.field.setText("Anna")
    window.search.field.setText("snow")
    qtbot.waitUntil(lambda: people(window)._query.text == "snow", timeout=5000)
    assert window.search.field._mentions == []


# --- carrying chips over an edit ---------------------------------------------------


def mention(start: int, end: int) -> Mention:
    return Mention(start, end, PersonId(1), "Anna")


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        ("Anna x", "Anna xy", [(0, 4)]),
        ("Anna", "Annab", []),
        ("Anna x", "Annab x", []),
        ("Anna", "xAnna", []),
        (" Anna", "x Anna", [(2, 6)]),
        ("x Anna", " Anna", [(1, 5)]),
        ("Anna x", "Ana x", []),
        ("Anna x", "", []),
    ],
)
def test_chips_that_an_edit_does_not_touch_stay(
    old: str, new: str, kept: list[tuple[int, int]]
) -> None:
    start = old.index("Anna")
    found = carried([mention(start, start + 4)], old, new)
    assert [(each.start, each.end) for each in found] == kept


def test_lengths_as_qt_counts() -> None:
    assert units("Anna 😀") == 7


def test_chips_keep_their_width_where_writing_directions_meet(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    library.people.add_person("יעל כהן", 2)
    field = window.search.field
    field.setText("יעל כהן בחוף עם Ben")
    until(qtbot, window, ["יעל כהן", "Ben"])

    def in_sight() -> bool:  # the field scrolls to what became longer when it is painted next
        return all(field.rect().contains(field.chip_rect(chip).toRect()) for chip in field.chips())

    qtbot.waitUntil(in_sight)
    first, second = (field.chip_rect(chip) for chip in field.chips())
    assert first.left() > second.right(), "what is written first stands at the right"
    for chip, area in zip(field.chips(), (first, second), strict=True):
        assert area.width() == pytest.approx(chip_width(chip, field.font()), abs=6)
