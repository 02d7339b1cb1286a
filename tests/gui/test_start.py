"""What a start leaves for later: widgets and modules that nobody needs to see the first photos."""

from __future__ import annotations

from gui.driving import Make, settled
from gui.fake_library import FakeLibrary
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from photosearch.gui.settings.models.section import ModelsSection
from photosearch.gui.settings.page import SettingsPage
from photosearch.gui.window_state import WindowState


def test_the_settings_are_made_when_they_are_first_shown(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(30))
    settled(qtbot, window, 30)
    assert window.findChildren(SettingsPage) == [] == window.findChildren(ModelsSection)
    window.settings.show()
    (page,) = window.findChildren(SettingsPage)
    assert page is window.frame.settings
    assert page.isVisible()
    assert len(window.findChildren(ModelsSection)) == 2
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    window.settings.show()
    assert window.findChildren(SettingsPage) == [page]


def test_settings_made_late_know_what_was_told_before(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(30))
    settled(qtbot, window, 30)
    assert window.upkeep.status is not None
    known = window.upkeep.status.folders
    assert known
    folders = window.frame.settings.folders
    assert set(folders.cards) == {folder.id for folder in known}
    assert folders.said.text().startswith("Up to date.")


def test_a_window_without_settings_remembers_which_section_was_shown(
    qtbot: QtBot, make: Make
) -> None:
    window = make(FakeLibrary(3), state=WindowState(settings_section="appearance"))
    settled(qtbot, window, 3)
    assert window.state().settings_section == "appearance"
    assert window.findChildren(SettingsPage) == []
    assert window.frame.settings.current == "appearance"
