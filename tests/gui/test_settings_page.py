"""The settings page: how one gets there and away, its navigation, and its search."""

from __future__ import annotations

from functools import partial

import pytest
from gui.driving import Make, action, press, settled
from gui.fake_library import FakeLibrary
from gui.settings_driving import open_settings, visible
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from photosearch.gui.settings import matching
from photosearch.gui.settings.page import SettingsPage
from photosearch.gui.settings.sections import SECTIONS, settings_of
from photosearch.settings.schema import declared

# the offscreen platform says this of windows with a smallest size
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
CONTROL = Qt.KeyboardModifier.ControlModifier


def test_every_setting_stands_in_one_section() -> None:
    standing = [setting.key for section in SECTIONS for setting in settings_of(section)]
    assert sorted(standing) == sorted(setting.key for setting in declared())


@pytest.mark.parametrize(
    ("typed", "text", "found"),
    [
        ("battery", "Pause on battery", True),
        ("BATT", "Pause on battery", True),
        ("on pause", "Pause on battery", True),
        ("indexing.pause", "indexing.pause_on_battery", True),
        ("grosse", "Größe der Bilder", True),
        ("größe", "GROSSE", True),
        ("at", "Pause on battery", False),
        ("ba", "Pause on battery", True),
        ("battery mains", "Pause on battery", False),
        ("", "anything", True),
    ],
)
def test_terms_are_found_in_words(typed: str, text: str, found: bool) -> None:
    assert matching.matches(matching.terms(typed), text) == found


# --- there and back -----------------------------------------------------------


def test_the_key_opens_the_settings_and_escape_leaves_them(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(20))
    settled(qtbot, window, 20)
    window.activateWindow()
    window.grid.setFocus()
    press(qtbot, window.grid, Qt.Key.Key_Comma, CONTROL)
    page = window.frame.settings
    assert page.isVisible()
    assert not window.page.isVisible()
    assert page.navigation.tree.hasFocus()
    press(qtbot, page.navigation.tree, Qt.Key.Key_Escape)
    assert window.page.isVisible()
    assert window.grid.hasFocus()


def test_the_menu_opens_the_settings_and_back_leaves_them(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(20))
    settled(qtbot, window, 20)
    action(window.top.menu, "Settings…\tCtrl+,").trigger()
    page = window.frame.settings
    assert page.isVisible()
    qtbot.mouseClick(page.navigation.back, Qt.MouseButton.LeftButton)
    assert window.page.isVisible()


def test_the_viewer_comes_back_after_the_settings(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(20))
    settled(qtbot, window, 20)
    window.looking.open(3)
    window.settings.show()
    assert window.frame.settings.isVisible()
    window.settings.leave()
    assert window.frame.viewing


def test_ctrl_f_goes_to_the_search_that_is_shown(qtbot: QtBot, make: Make) -> None:
    there = open_settings(qtbot, make, FakeLibrary(20), photos=20)
    press(qtbot, there.page.navigation.tree, Qt.Key.Key_F, CONTROL)
    assert there.page.search.field.hasFocus()
    there.window.settings.leave()
    press(qtbot, there.window.grid, Qt.Key.Key_F, CONTROL)
    assert there.window.search.field.hasFocus()


def test_the_last_section_is_remembered(qtbot: QtBot, make: Make) -> None:
    there = open_settings(qtbot, make, FakeLibrary(), "privacy")
    assert there.window.state().settings_section == "privacy"
    there.page.show_section("no such section")
    assert there.page.current == "folders"


# --- navigation ---------------------------------------------------------------


def test_the_arrows_go_from_section_to_section(qtbot: QtBot, make: Make) -> None:
    there = open_settings(qtbot, make, FakeLibrary())
    there.page.take_focus()
    names = [info.name for info in SECTIONS]
    for name in names[1:]:
        press(qtbot, there.page.navigation.tree, Qt.Key.Key_Down)
        assert there.shown() == [name]
        assert there.page.current == name
    press(qtbot, there.page.navigation.tree, Qt.Key.Key_Home)
    assert there.shown() == ["folders"]


def test_a_narrow_window_has_its_sections_in_a_list(qtbot: QtBot, make: Make) -> None:
    there = open_settings(qtbot, make, FakeLibrary())
    there.window.resize(720, 480)
    qtbot.waitUntil(there.page.list.isVisible, timeout=5000)
    assert not there.page.navigation.isVisible()
    box = there.page.list.box
    there.page.take_focus()
    assert box.hasFocus()
    press(qtbot, box, Qt.Key.Key_Down)
    assert there.shown() == ["search"]
    for name in there.page.sections:
        there.page.show_section(name)
        assert box.currentData() == name
        column = there.page.area.widget()
        assert column.width() <= there.page.area.viewport().width()
        for row in there.page.section(name).rows:
            if row.isVisible():
                assert visible(row.control, column), row.setting.key
    there.window.resize(1100, 700)
    qtbot.waitUntil(there.page.navigation.isVisible, timeout=5000)
    assert there.page.navigation.tree.currentItem().text(0) == "Privacy"


def whole(section: QWidget) -> bool:
    """Say whether every sentence has the room that it needs."""
    wrapped = (label for label in section.findChildren(QLabel) if label.wordWrap())
    shown = [label for label in wrapped if label.isVisible()]
    return all(label.height() >= label.heightForWidth(label.width()) for label in shown)


def test_no_words_are_cut(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(20)
    library.settings.override("indexing.speed", "gentle", "environment")
    library.settings.override("indexing.watch", False, "file")
    there = open_settings(qtbot, make, library, photos=20)
    for width in (720, 1100, 1600):
        there.window.resize(width, 700)
        for name, section in there.page.sections.items():
            there.page.show_section(name)
            assert section.isVisible()
            qtbot.waitUntil(partial(whole, section), timeout=5000)


def test_every_control_says_what_it_is(qtbot: QtBot, make: Make) -> None:
    there = open_settings(qtbot, make, FakeLibrary(20), photos=20)
    for name in there.page.sections:
        there.page.show_section(name)
        nameless = [
            widget
            for widget in there.page.findChildren(QWidget)
            if widget.isVisible()
            and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            and isinstance(widget, QAbstractButton | QComboBox | QLineEdit | QAbstractSlider)
            and not widget.accessibleName()
            and not (isinstance(widget, QAbstractButton) and widget.text())
            and not widget.objectName().startswith("qt_")
        ]
        assert nameless == [], name


def test_tab_goes_through_what_is_shown_from_top_to_bottom(qtbot: QtBot, make: Make) -> None:
    there = open_settings(qtbot, make, FakeLibrary(), "indexing")
    there.page.start_search()
    reached: list[str] = []
    for _step in range(14):
        press(qtbot, QApplication.focusWidget() or there.page, Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        assert focus is not None
        reached += [row.setting.key for row in there.page.section("indexing").rows
                    if row.isAncestorOf(focus) and row.setting.key not in reached]  # fmt: skip
    assert reached == [
        "indexing.speed", "indexing.pause_on_battery", "indexing.background",
        "indexing.autostart", "indexing.watch",
    ]  # fmt: skip


# --- searching ----------------------------------------------------------------


def test_a_search_shows_rows_of_all_sections(qtbot: QtBot, make: Make) -> None:
    there = open_settings(qtbot, make, FakeLibrary(), "privacy")
    there.page.start_search()
    qtbot.keyClicks(there.page.search.field, "speed")
    assert there.shown() == ["indexing"]
    assert "indexing.speed" in there.rows()
    there.page.search.clear()
    qtbot.keyClicks(there.page.search.field, "size")
    assert "appearance.tile_px" in there.rows()
    assert not there.page.navigation.tree.selectedItems(), "nowhere while searching"
    there.page.search.clear()
    assert there.shown() == ["privacy"]


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("strict", "faces.strictness"),  # title
        ("runs on its battery", "indexing.pause_on_battery"),  # description
        ("decode_timeout", "indexing.decode_timeout_s"),  # key, and for experts only
        ("gentle", "indexing.speed"),  # a value in words
        ("colours", "appearance.theme"),  # words of the section
    ],
)
def test_rows_are_found_by_all_they_say(qtbot: QtBot, make: Make, typed: str, key: str) -> None:
    there = open_settings(qtbot, make, FakeLibrary())
    there.page.start_search()
    qtbot.keyClicks(there.page.search.field, typed)
    assert key in there.rows()


def test_nothing_found_says_so_and_escape_clears(qtbot: QtBot, make: Make) -> None:
    there = open_settings(qtbot, make, FakeLibrary(), "faces")
    field = there.page.search.field
    there.page.start_search()
    qtbot.keyClicks(field, "xylophone")
    assert there.shown() == []
    assert there.page.nothing.title.text() == "No settings found for “xylophone”"
    press(qtbot, field, Qt.Key.Key_Escape)
    assert field.text() == ""
    assert there.shown() == ["faces"]
    assert there.page.isVisible(), "only the second Esc leaves"
    press(qtbot, field, Qt.Key.Key_Escape)
    assert not there.page.isVisible()
    there.window.settings.show()
    qtbot.keyClicks(field, "xylophone")
    qtbot.mouseClick(there.page.nothing.button, Qt.MouseButton.LeftButton)
    assert there.shown() == ["faces"]


def test_down_leads_from_the_search_to_what_was_found(qtbot: QtBot, make: Make) -> None:
    there = open_settings(qtbot, make, FakeLibrary())
    there.page.start_search()
    qtbot.keyClicks(there.page.search.field, "battery")
    press(qtbot, there.page.search.field, Qt.Key.Key_Down)
    assert there.rows() == ["indexing.pause_on_battery"]
    assert QApplication.focusWidget() is there.control("indexing.pause_on_battery").switch


# --- for other parts ----------------------------------------------------------


def test_other_parts_add_their_widgets_and_take_rows(qtbot: QtBot, alone: SettingsPage) -> None:
    alone.show_section("search")
    section = alone.section("search")
    table, below, banner = QLabel("table"), QLabel("below"), QLabel("banner")
    told: list[str] = []
    section.shown.connect(lambda: told.append("shown"))
    section.add(table, words="quality megapixels", wide=True)
    section.add(below, above=False)
    section.add(banner, words="megapixels")
    banner.hide()  # there is nothing to tell now
    assert table.isVisible()
    column = alone.area.widget()

    def in_order() -> bool:
        parts = (alone.row("search.enabled"), table, alone.row("search.language"), below)
        top = [each.mapTo(column, each.rect().topLeft()).y() for each in parts]
        return top == sorted(set(top))

    qtbot.waitUntil(in_order, timeout=5000)
    alone.take("search.results", "search.model")
    assert [row.setting.key for row in section.rows] == [
        "search.enabled", "search.coming", "search.language", "models.folder",
    ]  # fmt: skip
    alone.show_section("faces")
    assert not table.isVisible()
    alone.show_section("search")
    assert told == ["shown"]
    qtbot.keyClicks(alone.search.field, "megapixels")
    assert table.isVisible()
    assert not below.isVisible()
    assert not banner.isVisible()
    assert not any(row.isVisible() for row in section.rows)
    alone.search.clear()
    assert below.isVisible()
    assert not banner.isVisible(), "its own part hid it"
