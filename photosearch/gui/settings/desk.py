"""Reading and writing settings for the page: writes on a lane, news when a value has changed.

Values are in memory and read at once; knows no widget.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal

from photosearch.errors import SettingsError
from photosearch.gui.settings import words
from photosearch.gui.text import _, shown
from photosearch.gui.told import told
from photosearch.jobs import Lane, Runner
from photosearch.settings.schema import Declared, declared

if TYPE_CHECKING:
    from photosearch.library import Library
    from photosearch.settings.store import SettingsStore


@dataclass(frozen=True, slots=True)
class Value:
    """What a setting holds and where that comes from: default, file, environment or flag."""

    value: Any
    source: str


@dataclass(frozen=True, slots=True)
class Written:
    """How a write went."""

    key: str
    problem: str = ""


class SettingsDesk(QObject):
    """Every change of a setting in the window goes through here."""

    changed = Signal(str)  # key
    refused = Signal(str, str)  # key, why: a sentence
    mended = Signal(str)  # a sentence about the file; comes from any thread
    _heard = Signal(str)  # key; comes from any thread

    def __init__(self, library: Library, runner: Runner, parent: QObject | None = None):
        super().__init__(parent)
        self._settings = library.settings
        self._runner = runner
        self._declared = {setting.key: setting for setting in declared()}
        self._writing: Counter[str] = Counter()
        self._heard.connect(self._on_heard, Qt.ConnectionType.QueuedConnection)
        self._settings.subscribe(self._hear)
        self._settings.subscribe_mended(self._hear_mended)

    @property
    def writing(self) -> bool:
        """Whether a change is on its way."""
        return self._writing.total() > 0

    def declared(self, key: str) -> Declared:
        """Return how a setting is declared."""
        return self._declared[key]

    def value(self, key: str) -> Value:
        """Return what a setting holds now."""
        section, name = key.split(".")
        held = getattr(getattr(self._settings.current, section), name)
        return Value(held, self._settings.sources.get(key, "default"))

    def set(self, key: str, value: Any) -> None:
        """Check and keep a value; `changed` or `refused` follows."""
        self._write(write, self._settings, self._declared[key], value)

    def reset(self, key: str) -> None:
        """Take a value back to its default."""
        self._write(reset, self._settings, self._declared[key])

    def _write(self, fn: Any, settings: SettingsStore, setting: Declared, *value: Any) -> None:
        self._writing[setting.key] += 1
        self._runner.run(Lane.QUICK, fn, settings, setting, *value, on_success=self._on_written)

    def _on_written(self, done: Written) -> None:
        self._writing[done.key] -= 1
        if done.problem:
            self.refused.emit(done.key, done.problem)
        else:
            self._on_heard(done.key)

    def _hear(self, key: str) -> None:
        """Learn of a change on whatever thread made it."""
        try:
            self._heard.emit(key)
        except RuntimeError:  # the window is gone
            return

    def _hear_mended(self, sentence: str) -> None:
        try:
            self.mended.emit(told(sentence))
        except RuntimeError:  # the window is gone
            return

    def _on_heard(self, key: str) -> None:
        if not self._writing[key]:  # else a newer value is on its way
            self.changed.emit(key)


# --- on a lane ----------------------------------------------------------------


def write(settings: SettingsStore, setting: Declared, value: Any) -> Written:
    """Keep a value, or say why not."""
    if setting.key in words.FOLDERS and value and not os.path.isdir(value):
        return Written(setting.key, _("There is no folder at {path}.").format(path=shown(value)))
    if setting.pattern and not re.search(setting.pattern, str(value)):
        return Written(setting.key, words.wrong(setting))
    try:
        settings.set(setting.key, value)
    except SettingsError as error:
        return Written(setting.key, told(str(error)))
    return Written(setting.key)


def reset(settings: SettingsStore, setting: Declared) -> Written:
    """Take a value out of the file."""
    try:
        settings.reset(setting.key)
    except SettingsError as error:
        return Written(setting.key, told(str(error)))
    return Written(setting.key)
