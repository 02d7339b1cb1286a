"""Errors in the window: a sentence for the expected ones, one dialog with a report for bugs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from photosearch.errors import Cancelled, PhotoSearchError
from photosearch.gui.text import _
from photosearch.gui.told import told
from photosearch.jobs import Lane, Runner

if TYPE_CHECKING:
    from photosearch.gui.reports.dialog import ReportDialog
    from photosearch.library import Library

log = logging.getLogger(__name__)


class Problems(QObject):
    """Receives errors; one dialog at a time, so that a fault that repeats cannot bury the user."""

    said = Signal(str)  # a sentence for the banner

    def __init__(self, library: Library, runner: Runner, window: QWidget):
        super().__init__(window)
        self._library, self._runner, self._window = library, runner, window
        self.dialog: ReportDialog | None = None

    def tell(self, error: Exception) -> None:
        """Show an error."""
        if isinstance(error, Cancelled):
            return
        if isinstance(error, PhotoSearchError):
            self.said.emit(told(str(error)))
            return
        from photosearch.gui.reports import report  # few starts need it

        log.error("Unexpected", exc_info=error)
        self.offer(
            _("Something went wrong that should not have."),
            _("Your photos are not affected."),
            report.of_error(error),
        )

    def offer(self, title: str, sentence: str, happened: str) -> ReportDialog | None:
        """Show a report of what happened, unless one is shown already."""
        if self.dialog is not None:
            return None
        from photosearch.gui.reports import report
        from photosearch.gui.reports.dialog import ReportDialog

        stays = _("A report helps to mend it. It stays on this computer: nothing is sent.")
        self.dialog = ReportDialog(
            title, f"{sentence} {stays}", report.at_once(happened), self._runner, self._window
        )
        self.dialog.finished.connect(self._on_finished)
        self.dialog.open()
        self._runner.run(
            Lane.INTERACTIVE,
            report.gathered,
            self._library,
            happened,
            on_success=self.dialog.show_report,
            on_failure=self._on_not_gathered,
        )
        return self.dialog

    def _on_not_gathered(self, error: Exception) -> None:
        log.warning("the report has less in it: %s", error)

    def _on_finished(self, _result: int) -> None:
        self.dialog = None
