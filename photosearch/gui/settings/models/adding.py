"""A model from a folder or a zip file: asks which, and shows how far reading it is."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from photosearch.gui import theme
from photosearch.gui.drawing import Drawing
from photosearch.gui.settings.models import wording
from photosearch.gui.settings.models.desk import ModelDesk
from photosearch.gui.text import _, shown
from photosearch.gui.told import told
from photosearch.jobs import Job, Lane
from photosearch.types import AnyModel, DownloadProgress


class Adder(QObject):
    """Adds one model at a time and tells how it goes."""

    progressed = Signal(str, object)  # file name, DownloadProgress
    ended = Signal()
    refused = Signal(str)  # a sentence

    def __init__(self, desk: ModelDesk, window: QWidget):
        super().__init__(window)
        self._desk, self._window = desk, window
        self._job: Job | None = None
        self._last = ""

    @property
    def busy(self) -> bool:
        """Whether a model is being read."""
        return self._job is not None

    def ask(self, *, zipped: bool) -> QFileDialog:
        """Ask for a folder, or for a zip file."""
        title = (
            _("Add a model from a zip file")
            if zipped
            else _("Add a model from a folder: it is used where it is, so leave it there")
        )
        home = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.HomeLocation)
        dialog = QFileDialog(self._window, title, self._last or home)
        if zipped:
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
            dialog.setNameFilter(_("Zip files (*.zip)"))
        else:
            dialog.setFileMode(QFileDialog.FileMode.Directory)
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, _("Add"))
        dialog.fileSelected.connect(self.add)
        dialog.open()
        return dialog

    def add(self, path: str) -> None:
        """Add the model at a path."""
        if self._job is not None or not path:
            return
        self._last = str(Path(path).parent)
        name = shown(Path(path).name)
        self.progressed.emit(name, DownloadProgress(name, "reading"))
        self._job = self._desk.runner.run(
            Lane.PREPARE,
            self._desk.library.getting.add,
            path,
            on_success=self._on_added,
            on_failure=self._on_failed,
            on_progress=partial(self.progressed.emit, name),
            on_finish=self._on_finished,
        )

    def cancel(self) -> None:
        """Stop reading the model."""
        if self._job is not None:
            self._job.cancel()

    def _on_added(self, model: AnyModel) -> None:
        self._desk.added(model)

    def _on_failed(self, error: Exception) -> None:
        self.refused.emit(told(str(error)))
        self._desk.failed.emit(error)

    def _on_finished(self) -> None:
        self._job = None
        self.ended.emit()


class AddingLine(QFrame):
    """One line while a model is added, or why it was not."""

    cancelWanted = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("banner")
        self.mark = Drawing("model", 20, self)
        self.label = QLabel(self)
        self.label.setWordWrap(True)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(140)
        self.button = QPushButton(_("Cancel"), self)
        self.button.setProperty("role", "link")
        self.button.clicked.connect(self._on_clicked)
        self._busy = False
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 7, 8, 7)
        row.setSpacing(theme.M)
        for widget in (self.mark, self.label, self.bar, self.button):
            row.addWidget(widget, 1 if widget is self.label else 0)
        self.hide()

    def show_progress(self, name: str, progress: DownloadProgress) -> None:
        """Show how far adding a model is."""
        self._busy = True
        self.mark.set_drawing("model")
        stage = wording.download_stage(progress)
        self.label.setText(_("Adding {name}: {stage}…").format(name=name, stage=stage))
        part = wording.download_share(progress)
        self.bar.setRange(0, 0 if part is None else 1000)
        self.bar.setValue(round((part or 0) * 1000))
        self.bar.show()
        self.button.setText(_("Cancel"))
        self.show()

    def show_refused(self, sentence: str) -> None:
        """Say why a model was not added."""
        self._busy = False
        self.mark.set_drawing("warning", self.palette().ColorRole.BrightText)
        self.label.setText(sentence)
        self.bar.hide()
        self.button.setText(_("Dismiss"))
        self.show()

    def end(self) -> None:
        """Nothing is added any more; why it failed stays."""
        if self._busy:
            self.hide()

    def _on_clicked(self) -> None:
        if self._busy:
            self.cancelWanted.emit()
        else:
            self.hide()
