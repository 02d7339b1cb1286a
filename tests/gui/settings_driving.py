"""Hands for the tests of the settings: open them, find a row, wait until a write is through."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from gui.driving import Make, settled
from gui.fake_library import FakeLibrary
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui.main_window import MainWindow
from photosearch.gui.settings.page import SettingsPage
from photosearch.gui.settings.row import SettingRow


@dataclass
class Settings:
    """A window that shows its settings."""

    qtbot: QtBot
    window: MainWindow
    library: FakeLibrary

    @property
    def page(self) -> SettingsPage:
        return self.window.frame.settings

    def row(self, key: str) -> SettingRow:
        return self.page.row(key)

    def control(self, key: str) -> Any:
        return self.page.row(key).control

    def shown(self) -> list[str]:
        """Return the sections that are shown."""
        return [name for name, each in self.page.sections.items() if each.isVisible()]

    def rows(self) -> list[str]:
        """Return the keys of the rows that are shown."""
        sections = self.page.sections.values()
        return [row.setting.key for each in sections for row in each.rows if row.isVisible()]

    def holds(self, key: str, value: Any) -> None:
        """Wait until a setting holds a value, written on a lane, and until the row says so."""
        section, name = key.split(".")

        def held() -> bool:
            now = getattr(getattr(self.library.settings.current, section), name)
            return bool(now == value) and not self.page.desk.writing

        self.qtbot.waitUntil(held, timeout=5000)
        gui = threading.get_ident()
        assert all(thread != gui for _key, _value, thread in self.library.settings.writes)


def open_settings(
    qtbot: QtBot, make: Make, library: FakeLibrary, section: str = "folders", photos: int = 0
) -> Settings:
    """Open the settings of a new window."""
    window = make(library)
    settled(qtbot, window, photos)
    window.activateWindow()
    window.settings.show()
    window.frame.settings.show_section(section)
    return Settings(qtbot, window, library)


def visible(widget: QWidget, within: QWidget) -> bool:
    """Say whether a widget is shown and not cut off at its sides."""
    left = widget.mapTo(within, widget.rect().topLeft()).x()
    return widget.isVisible() and left >= 0 and left + widget.width() <= within.width()
