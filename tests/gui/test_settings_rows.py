"""Rows of the settings: every kind of control, where values come from, resetting, refusing."""

from __future__ import annotations

import threading

import pytest
from gui.driving import Make, choose_in_dialog, press
from gui.fake_library import FakeLibrary
from gui.settings_driving import open_settings
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QSpinBox
from pytestqt.qtbot import QtBot

from photosearch.gui.settings import words
from photosearch.gui.settings.controls import (
    ListControl,
    NumberControl,
    SegmentsControl,
    SliderControl,
    SwitchControl,
    TextControl,
)
from photosearch.gui.settings.page import SettingsPage
from photosearch.settings.schema import declared

# the offscreen platform says this of windows with a smallest size
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
LEFT = Qt.MouseButton.LeftButton


def test_each_kind_of_setting_has_its_control(alone: SettingsPage) -> None:
    kinds = {setting.key: type(alone.row(setting.key).control) for setting in declared()}
    assert kinds == {
        "search.enabled": SwitchControl,
        "search.model": TextControl,
        "search.coming": TextControl,
        "search.language": ListControl,
        "search.results": NumberControl,
        "faces.enabled": SwitchControl,
        "faces.model": TextControl,
        "faces.strictness": SliderControl,
        "models.folder": TextControl,
        "devices.provider": ListControl,
        "devices.precision": SegmentsControl,
        "devices.threads": NumberControl,
        "devices.idle_s": NumberControl,
        "indexing.speed": SegmentsControl,
        "indexing.pause_on_battery": SwitchControl,
        "indexing.background": SwitchControl,
        "indexing.autostart": SwitchControl,
        "indexing.watch": SwitchControl,
        "indexing.decoders": NumberControl,
        "indexing.batch": NumberControl,
        "indexing.decode_timeout_s": NumberControl,
        "appearance.language": SegmentsControl,
        "appearance.theme": SegmentsControl,
        "appearance.tile_px": SliderControl,
    }


def test_choices_are_said_in_plain_words() -> None:
    for setting in declared():
        for value, said in words.choices(setting).items():
            assert said
            assert said[0].isupper(), f"{setting.key}: {value} is not in words"


# --- setting ------------------------------------------------------------------


def test_a_switch_is_clicked_and_pressed(qtbot: QtBot, make: Make) -> None:
    there = open_settings(qtbot, make, FakeLibrary(), "indexing")
    switch = there.control("indexing.watch").switch
    qtbot.mouseClick(switch, LEFT)
    there.holds("indexing.watch", False)
    row = there.row("indexing.watch")
    assert row.note.isVisible()
    assert row.note.text().startswith("While this is off, new and changed photos appear")
    switch.setFocus()
    press(qtbot, switch, Qt.Key.Key_Space)
    there.holds("indexing.watch", True)
    assert not row.note.isVisible()


@pytest.mark.parametrize(
    ("key", "section", "said"),
    [
        ("search.enabled", "search", "not by what they show"),
        ("faces.enabled", "faces", "missing from People"),
    ],
)
def test_a_global_switch_says_what_is_missing(
    qtbot: QtBot, make: Make, key: str, section: str, said: str
) -> None:
    library = FakeLibrary(10)
    there = open_settings(qtbot, make, library, section, photos=10)
    qtbot.mouseClick(there.control(key).switch, LEFT)
    there.holds(key, False)
    assert said in there.row(key).note.text()
    assert there.row(key).note.isVisible()
    runs = len([verb for verb, _args in library.calls if verb == "index"])
    qtbot.mouseClick(there.control(key).switch, LEFT)
    there.holds(key, True)
    assert not there.row(key).note.isVisible()
    qtbot.waitUntil(
        lambda: len([verb for verb, _args in library.calls if verb == "index"]) > runs,
        timeout=5000,
    )


def test_one_of_a_few_is_chosen_with_mouse_and_arrows(qtbot: QtBot, make: Make) -> None:
    there = open_settings(qtbot, make, FakeLibrary(), "indexing")
    segments = there.control("indexing.speed").segments
    qtbot.mouseClick(segments.button(2), LEFT)
    there.holds("indexing.speed", "gentle")
    segments.button(2).setFocus()
    press(qtbot, segments.button(2), Qt.Key.Key_Left)
    there.holds("indexing.speed", "balanced")
    assert segments.now() == 1


def test_the_language_is_chosen_by_name(qtbot: QtBot, make: Make) -> None:
    there = open_settings(qtbot, make, FakeLibrary(), "search")
    box: QComboBox = there.control("search.language").box
    assert box.currentText() == "English"
    box.setFocus()
    qtbot.keyClicks(box, "German")
    there.holds("search.language", "de")
    there.library.settings.set("search.language", "nds")
    qtbot.waitUntil(lambda: box.currentText() == "nds", timeout=5000)


def test_a_number_is_saved_when_it_rests(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary()
    there = open_settings(qtbot, make, library, "search")
    box: QSpinBox = there.control("search.results").box
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "250")
    there.holds("search.results", 250)
    assert [value for key, value, _t in library.settings.writes] == [250], "not 2, 25, 250"
    for _press in range(3):
        press(qtbot, box, Qt.Key.Key_Up)
    press(qtbot, box, Qt.Key.Key_Return)
    there.holds("search.results", 253)
    assert [value for key, value, _t in library.settings.writes] == [250, 253]


def test_a_number_keeps_its_limits_and_says_its_unit(qtbot: QtBot, make: Make) -> None:
    there = open_settings(qtbot, make, FakeLibrary(), "indexing")
    box = there.control("indexing.decode_timeout_s").box
    assert (box.minimum(), box.maximum(), box.suffix()) == (1, 3600, " s")
    assert there.control("devices.threads").box.text() == "All cores"


def test_the_wheel_scrolls_the_page_not_a_value_that_passes_by(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary()
    there = open_settings(qtbot, make, library, "search")
    box = there.control("search.results").box
    there.page.take_focus()
    where = QPointF(box.rect().center())
    turned = QWheelEvent(
        where, box.mapToGlobal(where), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(box, turned)
    assert box.value() == 500
    assert not turned.isAccepted()


def test_a_folder_is_typed_or_chosen(qtbot: QtBot, make: Make, tmp_path: object) -> None:
    there = open_settings(qtbot, make, FakeLibrary(), "search")
    control = there.control("models.folder")
    row = there.row("models.folder")
    assert control.field.placeholderText() == "In the program’s own folder"
    control.field.setFocus()
    qtbot.keyClicks(control.field, "/no/such/folder")
    press(qtbot, control.field, Qt.Key.Key_Return)
    qtbot.waitUntil(row.note.isVisible, timeout=5000)
    assert row.note.text() == "There is no folder at /no/such/folder."
    assert row.note.property("role") == "wrong"
    assert control.field.text() == "/no/such/folder", "to be mended"
    assert there.library.settings.writes == []
    qtbot.mouseClick(control.button, LEFT)
    assert choose_in_dialog(there.window, str(tmp_path)) == "Folder for models"
    there.holds("models.folder", str(tmp_path))
    assert control.field.text() == str(tmp_path)
    assert not row.note.isVisible()


# --- where values come from ---------------------------------------------------


def test_a_changed_value_is_marked_and_can_be_reset(qtbot: QtBot, make: Make) -> None:
    there = open_settings(qtbot, make, FakeLibrary(), "indexing")
    row = there.row("indexing.speed")
    assert row.badge.text() == "Default"
    assert not row.reset.isVisible()
    qtbot.mouseClick(there.control("indexing.speed").segments.button(1), LEFT)
    there.holds("indexing.speed", "balanced")
    assert row.badge.text() == "Settings file"
    assert "settings file" in row.badge.toolTip()
    assert row.reset.isVisible()
    assert row.reset.toolTip() == "Back to the default: Full"
    row.reset.setFocus()
    press(qtbot, row.reset, Qt.Key.Key_Space)
    there.holds("indexing.speed", "full")
    assert row.badge.text() == "Default"
    assert not row.reset.isVisible()
    assert row.isAncestorOf(QApplication.focusWidget() or there.page), "the keyboard stays"


@pytest.mark.parametrize(
    ("source", "badge", "said"),
    [
        ("environment", "Environment", "PHOTOSEARCH_INDEXING_SPEED"),
        ("flag", "Command line", "--indexing-speed"),
    ],
)
def test_what_is_decided_elsewhere_is_locked(
    qtbot: QtBot, make: Make, source: str, badge: str, said: str
) -> None:
    library = FakeLibrary()
    library.settings.override("indexing.speed", "gentle", source)
    there = open_settings(qtbot, make, library, "indexing")
    row, segments = there.row("indexing.speed"), there.control("indexing.speed").segments
    assert row.badge.text() == badge
    assert said in row.badge.toolTip()
    assert said in row.note.text()
    assert row.note.isVisible()
    assert not segments.button(0).isEnabled()
    assert not row.reset.isVisible()
    qtbot.mouseClick(segments.button(0), LEFT)
    assert library.settings.writes == []
    assert segments.now() == 2


def test_a_change_from_elsewhere_is_shown(qtbot: QtBot, make: Make) -> None:
    there = open_settings(qtbot, make, FakeLibrary(), "indexing")
    outside = threading.Thread(
        target=there.library.settings.set, args=("indexing.pause_on_battery", False)
    )
    outside.start()
    outside.join()
    switch = there.control("indexing.pause_on_battery").switch
    qtbot.waitUntil(lambda: not switch.isChecked(), timeout=5000)
    assert there.row("indexing.pause_on_battery").badge.text() == "Settings file"


def test_what_is_refused_is_told_in_place(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary()
    there = open_settings(qtbot, make, library, "indexing")
    library.settings.refusing = "The settings could not be saved: the disk is full."
    row, switch = there.row("indexing.watch"), there.control("indexing.watch").switch
    qtbot.mouseClick(switch, LEFT)
    qtbot.waitUntil(row.note.isVisible, timeout=5000)
    assert row.note.text() == library.settings.refusing
    assert switch.isChecked(), "as it still is"


def test_a_slow_disk_holds_nothing_up_and_the_last_choice_stays(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary()
    there = open_settings(qtbot, make, library, "indexing")
    library.settings.gate = threading.Event()
    segments = there.control("indexing.speed").segments
    for at in (1, 2):
        qtbot.mouseClick(segments.button(at), LEFT)
    assert segments.now() == 2
    library.settings.gate.set()
    seen: list[int] = []
    there.page.desk.changed.connect(lambda _key: seen.append(segments.now()))
    there.holds("indexing.speed", "gentle")
    assert set(seen) == {2}, "it never jumps back to what was chosen before"


# --- at once ------------------------------------------------------------------


def test_the_theme_changes_at_once(qtbot: QtBot, make: Make) -> None:
    there = open_settings(qtbot, make, FakeLibrary(), "appearance")
    light = QApplication.palette().window().color().lightness()
    segments = there.control("appearance.theme").segments
    qtbot.mouseClick(segments.button(2), LEFT)
    there.holds("appearance.theme", "dark")
    assert QApplication.palette().window().color().lightness() < light
    assert there.window.top.themes["dark"].isChecked()
    there.window.top.themes["light"].trigger()
    there.holds("appearance.theme", "light")
    assert segments.now() == 1
    assert QApplication.palette().window().color().lightness() == light


def test_the_size_of_pictures_is_one_thing_in_grid_and_settings(qtbot: QtBot, make: Make) -> None:
    there = open_settings(qtbot, make, FakeLibrary(20), "appearance", photos=20)
    slider = there.control("appearance.tile_px").slider
    slider.setFocus()
    press(qtbot, slider, Qt.Key.Key_End)
    there.holds("appearance.tile_px", 320)
    assert there.window.grid.tile_px == 320
    assert there.window.status.tiles.value() == 320
    there.window.settings.leave()
    there.window.status.step(-120)
    there.holds("appearance.tile_px", 200)
    assert slider.value() == 200


# --- experts ------------------------------------------------------------------


def test_expert_settings_are_shown_when_asked_for(qtbot: QtBot, make: Make) -> None:
    there = open_settings(qtbot, make, FakeLibrary(), "indexing")
    button = there.page.section("indexing").expert_button
    assert "indexing.batch" not in there.rows()
    assert button.text() == "Show expert settings"
    qtbot.mouseClick(button, LEFT)
    assert "indexing.batch" in there.rows()
    assert button.text() == "Hide expert settings"
    there.page.show_section("devices")
    assert "devices.threads" in there.rows(), "for all sections"
    there.page.show_section("appearance")
    assert not there.page.section("appearance").expert_button.isVisible(), "it has none"
