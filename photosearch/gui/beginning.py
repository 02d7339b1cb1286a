"""What is told and asked once the window is there: a crash of the last time, then the welcome.

The welcome is for those who are new: no window has left its state yet, and there is no folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer

from photosearch import crashes
from photosearch.gui import window_state
from photosearch.gui.text import _
from photosearch.jobs import Lane, Runner

if TYPE_CHECKING:
    from photosearch.gui.main_window import MainWindow
    from photosearch.gui.reports.dialog import ReportDialog
    from photosearch.gui.welcome.dialog import WelcomeDialog
    from photosearch.library import Library


@dataclass(frozen=True, slots=True)
class Found:
    """What a look before the window opens finds."""

    new: bool = False  # whoever uses it: nothing was ever done with this library
    crashed: tuple[crashes.Crash, ...] = ()

    def seen_with(self, paths: Sequence[str]) -> Found:
        """Return what is left to say to somebody who named folders at the start."""
        return replace(self, new=self.new and not paths)


def look(library: Library) -> Found:
    """Look whether somebody is new here, and what crashed (on a lane)."""
    new = not Path(library.state_path).exists() and not library.folders()
    crashed = crashes.found(library.paths.log_file.parent)
    return Found(new, crashed if crashes.worth_telling(crashed) else ())


class Beginning(QObject):
    """Waits for the first paint of the window; what there is to say never delays it."""

    def __init__(
        self,
        library: Library,
        runner: Runner,
        window: MainWindow,
        found: Found,
        parent: QObject | None = None,
    ):
        super().__init__(parent)
        self._library, self._runner, self._window, self._found = library, runner, window, found
        self.welcome: WelcomeDialog | None = None
        self.report: ReportDialog | None = None
        if found.new or found.crashed:
            window.installEventFilter(self)

    def close(self) -> None:
        """Say nothing any more."""
        self._window.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self, self._begin)
        return super().eventFilter(watched, event)

    def _begin(self) -> None:
        if self._found.crashed:
            self._tell_crashes(self._found.crashed)
        else:
            self._welcome()

    def _tell_crashes(self, found: tuple[crashes.Crash, ...]) -> None:
        from photosearch.gui.reports import report

        ended = any(each.process == crashes.WINDOW for each in found)
        self.report = self._window.problems.offer(
            _("PhotoSearch ended unexpectedly the last time.")
            if ended
            else _("A part of PhotoSearch crashed the last time, and was started again."),
            _("Your photos are not affected, and indexing goes on where it was."),
            report.of_crashes(found),
        )
        if self.report is not None:
            self.report.finished.connect(self._on_told)
        else:  # another report is shown: the crashes are told the next time
            self._welcome()

    def _on_told(self, _result: int) -> None:
        """Forget what was answered; what was not, as the program ends, is told again."""
        told, self.report = self.report, None
        if told is not None and told.answered:
            logs = self._library.paths.log_file.parent
            self._runner.run(Lane.QUICK, crashes.forget, logs)
        self._welcome()

    def _welcome(self) -> None:
        if not self._found.new or self._window.leaving:
            return
        from photosearch.gui.welcome.dialog import WelcomeDialog

        self._never_again()
        self.welcome = WelcomeDialog(self._window.models.desk, self._window)
        self.welcome.finished.connect(self._on_welcomed)
        self.welcome.open()

    def _never_again(self) -> None:
        """From now on there is a state, however the program ends."""
        state, path = self._window.state(), Path(self._library.state_path)
        self._runner.run(Lane.QUICK, window_state.save, path, state)

    def _on_welcomed(self, _result: int) -> None:
        welcome, self.welcome = self.welcome, None
        if welcome is not None:
            from photosearch.gui.welcome.plan import carry_out

            carry_out(welcome.plan, self._window)
