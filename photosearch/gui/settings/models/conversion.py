"""Convert an open_clip model: architecture, published or own weights, a name, and how far it is."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QWidget,
)

from photosearch.gui import theme
from photosearch.gui.settings.models import dialogs
from photosearch.gui.settings.models.desk import ModelDesk
from photosearch.gui.text import _, joined
from photosearch.gui.told import told
from photosearch.jobs import Job, Lane
from photosearch.types import AnyModel, Conversion, ConversionProgress

LEGAL_EXTRA = "-_."  # in a name, which becomes that of a folder


class ConversionDialog(QDialog):
    """Asks for a model of open_clip and exports it; without the extra it says what is missing."""

    def __init__(self, desk: ModelDesk, parent: QWidget):
        super().__init__(parent)
        self._desk = desk
        self._job: Job | None = None
        self._named = False  # whether the user typed a name of their own
        column = self.column = dialogs.begin(self, _("Convert an open_clip model"), 540)
        column.addWidget(dialogs.label(_("Convert an open_clip model"), "heading", self))
        self.said = dialogs.label(_("Looking for open_clip…"), "quiet", self)
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.said)
        self.form = QWidget(self)
        self._fill_form()
        column.addWidget(self.form)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(_("Progress"))
        self.bar.hide()
        column.addWidget(self.bar)
        self.note = dialogs.label("", "quiet", self)
        self.note.hide()
        column.addWidget(self.note)
        box, self.convert = dialogs.buttons(self, _("Convert"))
        self.cancel = next(each for each in box.buttons() if each is not self.convert)
        box.accepted.disconnect()
        box.accepted.connect(self._on_convert)
        column.addStretch(1)
        column.addWidget(box)
        self.form.setEnabled(False)
        self._on_source()
        self._ask(self._desk.library.converting.available, self._on_available)

    def _fill_form(self) -> None:
        self.architecture = _combo(_("Architecture"), self.form)
        self.architecture.currentTextChanged.connect(self._on_architecture)
        self.published = QRadioButton(_("Published weights"), self.form)
        self.published.setChecked(True)
        self.own = QRadioButton(_("A checkpoint file"), self.form)
        self.tag = _combo(_("Published weights"), self.form)
        self.tag.currentTextChanged.connect(self._propose_name)
        self.checkpoint = _field(_("Checkpoint file"), self.form)
        self.checkpoint.textChanged.connect(self._propose_name)
        self.browse = QPushButton(_("Browse…"), self.form)
        self.browse.clicked.connect(self._on_browse)
        self.tokenizer = _field(_("Tokenizer"), self.form)
        self.tokenizer.setPlaceholderText(_("only where open_clip does not bring one"))
        self.name = _field(_("Name"), self.form)
        self.name.textEdited.connect(self._on_named)
        for field in (self.checkpoint, self.name):
            field.textChanged.connect(self._check)
        self.published.toggled.connect(self._on_source)
        file = QHBoxLayout()
        file.setSpacing(theme.S)
        file.addWidget(self.checkpoint, 1)
        file.addWidget(self.browse)
        grid = QGridLayout(self.form)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.M)
        grid.setVerticalSpacing(theme.S)
        grid.setColumnStretch(1, 1)
        self._line(grid, 0, _("Architecture"), self.architecture)
        grid.addWidget(self.published, 1, 0)
        grid.addWidget(self.tag, 1, 1)
        grid.addWidget(self.own, 2, 0)
        grid.addLayout(file, 2, 1)
        self._line(grid, 3, _("Tokenizer"), self.tokenizer)
        self._line(grid, 4, _("Name"), self.name)

    def _line(self, grid: QGridLayout, at: int, words: str, widget: QWidget) -> None:
        label = QLabel(words, self.form)
        label.setBuddy(widget)
        grid.addWidget(label, at, 0)
        grid.addWidget(widget, at, 1)

    # --- what open_clip knows -------------------------------------------------

    def _ask(self, verb: object, then: object, *args: object) -> None:
        self._desk.runner.run(
            Lane.PREPARE,
            verb,  # type: ignore[arg-type]
            *args,
            on_success=then,  # type: ignore[arg-type]
            on_failure=self._on_failed,
        )

    def _on_available(self, missing: str) -> None:
        if missing:
            self.form.hide()
            self.convert.hide()
            self.cancel.setText(_("Close"))
            self.said.setText(told(missing))
            self.said.setProperty("role", "")
            self.said.style().unpolish(self.said)
            self.said.style().polish(self.said)
            self.column.activate()
            self.resize(self.width(), self.column.totalHeightForWidth(self.width()))
            return
        self.said.setText(_("Asking open_clip for its architectures…"))
        self._ask(self._desk.library.converting.architectures, self._on_architectures)

    def _on_architectures(self, names: tuple[str, ...]) -> None:
        self.said.setText(
            _("The model is exported to a form that PhotoSearch runs, and compared with open_clip.")
        )
        with QSignalBlocker(self.architecture):
            self.architecture.addItems(names)
            self.architecture.setCurrentIndex(-1)
        self.form.setEnabled(True)
        self.architecture.setFocus()

    def _on_architecture(self, name: str) -> None:
        self.tag.clear()
        self._propose_name()
        if self.architecture.findText(name) >= 0:
            then = partial(self._on_tags, name)
            self._ask(self._desk.library.converting.tags, then, name)
        self._check()

    def _on_tags(self, architecture: str, tags: tuple[str, ...]) -> None:
        if architecture != self.architecture.currentText():
            return  # another one was chosen meanwhile
        self.tag.clear()
        self.tag.addItems(tags)
        if not tags:
            self.own.setChecked(True)
        self._check()

    # --- filling in -----------------------------------------------------------

    def _on_source(self, *_on: object) -> None:
        published = self.published.isChecked()
        self.tag.setEnabled(published)
        self.checkpoint.setEnabled(not published)
        self.browse.setEnabled(not published)
        self._propose_name()

    def _on_browse(self) -> None:
        dialog = QFileDialog(self, _("Choose a checkpoint file"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.checkpoint.setText)
        dialog.open()

    def _on_named(self, _text: str) -> None:
        self._named = bool(self.name.text())

    def _propose_name(self, *_what: object) -> None:
        if not self._named:
            source = (
                self.tag.currentText()
                if self.published.isChecked()
                else Path(self.checkpoint.text()).stem
            )
            parts = [part for part in (self.architecture.currentText(), source) if part]
            self.name.setText(legal("__".join(parts)))
        self._check()

    def request(self) -> Conversion:
        """Return what is filled in."""
        published = self.published.isChecked()
        return Conversion(
            name=self.name.text().strip(),
            architecture=self.architecture.currentText().strip(),
            pretrained=self.tag.currentText().strip() if published else "",
            checkpoint="" if published else self.checkpoint.text().strip(),
            tokenizer=self.tokenizer.text().strip(),
        )

    def _check(self, *_what: object) -> None:
        wanted = self.request()
        whole = bool(wanted.name and wanted.architecture)
        weights = bool(wanted.pretrained or wanted.checkpoint)
        ready = whole and weights and wanted.name == legal(wanted.name)
        self.convert.setEnabled(ready and self.form.isEnabled() and self._job is None)

    # --- converting -----------------------------------------------------------

    def _on_convert(self) -> None:
        if self._job is not None or not self.convert.isEnabled():
            return
        self._show_note(_("Beginning…"), "quiet")
        self.bar.setRange(0, 0)
        self.bar.show()
        self._job = self._desk.runner.run(
            Lane.PREPARE,
            self._desk.library.converting.convert,
            self.request(),
            on_success=self._on_converted,
            on_failure=self._on_failed,
            on_progress=self._on_progressed,
            on_finish=self._on_finished,
        )
        self.form.setEnabled(False)
        self._check()

    def _on_progressed(self, progress: ConversionProgress) -> None:
        self.bar.setRange(0, max(1, progress.steps))
        self.bar.setValue(progress.step)
        self._show_note(joined((stage_words(progress.stage), told(progress.note))), "quiet")

    def _on_converted(self, model: AnyModel) -> None:
        self._desk.added(model)
        self._desk.said.emit(_("{name} was converted and can be used.").format(name=model.name))
        self.accept()

    def _on_failed(self, error: Exception) -> None:
        self._show_note(told(str(error)), "warn")

    def _on_finished(self) -> None:
        self._job = None
        self.bar.hide()
        self.form.setEnabled(True)
        self._check()

    def _show_note(self, words: str, role: str) -> None:
        self.note.setText(words)
        self.note.setVisible(bool(words))
        if self.note.property("role") != role:
            self.note.setProperty("role", role)
            self.note.style().unpolish(self.note)
            self.note.style().polish(self.note)

    def done(self, result: int) -> None:
        if self._job is not None:
            self._job.cancel()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._job is not None:
            self._job.cancel()
        super().closeEvent(event)


def stage_words(stage: str) -> str:
    """Return what a conversion is at."""
    return {
        "loading": _("Loading the weights"),
        "exporting": _("Exporting"),
        "comparing": _("Comparing with open_clip"),
        "registering": _("Adding to your models"),
    }.get(stage, stage.capitalize())


def legal(name: str) -> str:
    """Return a name that can be that of a folder everywhere."""
    signs = [sign if sign.isalnum() or sign in LEGAL_EXTRA else "-" for sign in name.strip()]
    return "".join(signs).strip(".-")


def _combo(said: str, parent: QWidget) -> QComboBox:
    box = QComboBox(parent)
    box.setEditable(True)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    box.setAccessibleName(said)
    box.view().setAccessibleName(said)
    box.setMinimumWidth(260)
    completer = box.completer()
    if isinstance(completer, QCompleter):
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
    return box


def _field(said: str, parent: QWidget) -> QLineEdit:
    field = QLineEdit(parent)
    field.setAccessibleName(said)
    return field
