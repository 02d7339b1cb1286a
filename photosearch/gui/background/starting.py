"""Keeping what the system starts at sign-in in step with the setting.

Writes when the setting changes. A start of the program only mends the command of its own entry:
what the desktop, its tools or the user made of the entry since is theirs to say.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from photosearch.gui.background import autostart
from photosearch.gui.text import _
from photosearch.jobs import Lane, Runner
from photosearch.paths import Paths

if TYPE_CHECKING:
    from photosearch.library import Library

log = logging.getLogger(__name__)
AUTOSTART = "indexing.autostart"


class Starting(QObject):
    """Follows the setting from its making on, until it is closed."""

    said = Signal(str)  # what went wrong, a sentence
    _set = Signal(str)  # key of a setting; comes from any thread

    def __init__(
        self,
        library: Library,
        runner: Runner,
        parent: QObject | None = None,
        *,
        starter: autostart.Autostart | None = None,
    ):
        """`starter` is what the system starts programs by."""
        super().__init__(parent)
        self._library, self._runner = library, runner
        self._home = home_of(library.paths)
        self._starter = starter or autostart.of_system(self._home)
        self._set.connect(self._on_set)
        self._stop = library.settings.subscribe(self._set.emit)
        self._on = self._wanted
        if self._on:
            runner.run(Lane.QUICK, renew, self._starter, self._home, on_success=self._on_done)

    def close(self) -> None:
        """Follow no longer."""
        self._stop()

    @property
    def _wanted(self) -> bool:
        return self._library.settings.current.indexing.autostart

    def _on_set(self, key: str) -> None:
        if key == AUTOSTART and self._wanted != self._on:
            self._on = self._wanted
            self._runner.run(
                Lane.QUICK,
                keep_starting,
                self._starter,
                self._on,
                self._home,
                on_success=self._on_done,
            )

    def _on_done(self, problem: str) -> None:
        if problem:
            self.said.emit(problem)


def home_of(paths: Paths) -> str:
    """Return the one folder below which everything lies; empty for the places of the system."""
    return str(paths.data) if paths == Paths.below(paths.data) else ""


# --- on a lane ----------------------------------------------------------------


def keep_starting(starter: autostart.Autostart, wanted: bool, home: str) -> str:
    """Let the system start the program, or no longer; returns what went wrong, a sentence."""
    if wanted and not autostart.startable():
        return _(
            "PhotoSearch cannot start with the computer: it runs from its source. Install it first."
        )
    try:
        if not wanted:
            starter.turn_off()
        elif not starter.is_on(command := autostart.command(home)):
            starter.turn_on(command)
    except OSError as error:
        return _refused(error)
    return ""


def renew(starter: autostart.Autostart, home: str) -> str:
    """Let the program's own entry start it from where it is now; returns what went wrong."""
    try:
        if autostart.startable():
            starter.renew(autostart.command(home))
    except OSError as error:
        return _refused(error)
    return ""


def _refused(error: OSError) -> str:
    log.warning("what starts with the computer cannot be written: %s", error)
    return _("Starting with the computer could not be set: {why}.").format(
        why=error.strerror or error
    )
