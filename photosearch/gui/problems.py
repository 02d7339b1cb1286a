"""Errors in the window: a sentence for the expected ones, one dialog with a report for bugs."""

from __future__ import annotations

import logging
import platform
import traceback

from PySide6.QtCore import QObject, Qt, Signal, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from photosearch.errors import Cancelled, PhotoSearchError
from photosearch.gui.text import _
from photosearch.gui.told import told

log = logging.getLogger(__name__)


def report(error: BaseException) -> str:
    """Return what a developer needs to know; no file of the user is named but in the trace."""
    trace = "".join(traceback.format_exception(error))
    return f"PhotoSearch on {platform.platform()}, Qt {qVersion()}\n\n{trace}"


class Problems(QObject):
    """Receives errors; one dialog at a time, so that a fault that repeats cannot bury the user."""

    said = Signal(str)  # a sentence for the banner

    def __init__(self, window: QWidget):
        super().__init__(window)
        self._window = window
        self._dialog: QMessageBox | None = None
        self._report = ""

    def tell(self, error: Exception) -> None:
        """Show an error."""
        if isinstance(error, Cancelled):
            return
        if isinstance(error, PhotoSearchError):
            self.said.emit(told(str(error)))
            return
        log.error("Unexpected", exc_info=error)
        if self._dialog is None:
            self._open(report(error))

    def _open(self, text: str) -> None:
        self._report = text
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("PhotoSearch")
        box.setText(_("Something went wrong that should not have."))
        box.setInformativeText(
            _("Your photos are not affected. A report helps to mend it; it stays on this computer.")
        )
        box.setDetailedText(text)
        copy = box.addButton(_("Copy report"), QMessageBox.ButtonRole.ActionRole)
        box.addButton(QMessageBox.StandardButton.Close)
        copy.clicked.connect(self._on_copy_clicked)
        box.finished.connect(self._on_finished)
        self._dialog = box
        box.open()

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._report)

    def _on_finished(self, _result: int) -> None:
        self._dialog = None
