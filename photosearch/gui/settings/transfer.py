"""Taking what was said to another computer: a file out, a file in, and how that went."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.errors import PhotoSearchError
from photosearch.gui import theme
from photosearch.gui.settings.transfer_words import conflict, export_words, import_words
from photosearch.gui.text import _, plural
from photosearch.gui.told import told
from photosearch.jobs import Job, Lane, Runner
from photosearch.types import Check, Exported, Imported, TheirFolder, TransferProgress

if TYPE_CHECKING:
    from photosearch.library import Library
    from photosearch.transfer import Report

_NAME = "photosearch-library.json"
_SHOWN = 8  # conflicts in the card; the command line lists all


class TransferPanel(QFrame):
    """The card with both buttons. One of the two is done at a time."""

    imported = Signal()  # other things are said in the library now
    failed = Signal(object)  # an exception that nobody expected

    def __init__(self, library: Library, runner: Runner, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("card")
        self._library, self._runner = library, runner
        self._job: Job | None = None
        self._cancelling = False
        self._offered: tuple[TheirFolder, ...] = ()
        title = QLabel(_("Take what you said along"), self)
        title.setProperty("role", "strong")
        sentence = self._quiet(
            _(
                "Names, whose face is whose, favourites and settings go into one readable file."
                " On another computer they find your photos by their content, whatever their"
                " names and folders, also photos that are added later. The file holds no photos."
            )
        )
        self.export_button = QPushButton(_("Export my library…"), self)
        self.import_button = QPushButton(_("Import…"), self)
        self.cancel_button = QPushButton(_("Cancel"), self)
        self.folders_button = QPushButton(self)
        self.result = self._quiet("")
        self.result.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        for widget in (self.cancel_button, self.folders_button, self.result):
            widget.hide()
        self._lay_out(title, sentence)
        self.export_button.clicked.connect(self.ask_where)
        self.import_button.clicked.connect(self.ask_which)
        self.cancel_button.clicked.connect(self._on_cancel)
        self.folders_button.clicked.connect(self._on_add)

    def _quiet(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setProperty("role", "quiet")
        label.setTextFormat(Qt.TextFormat.PlainText)  # a name may hold anything
        label.setWordWrap(True)
        return label

    def _lay_out(self, title: QLabel, sentence: QLabel) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.S)
        for button in (
            self.export_button,
            self.import_button,
            self.cancel_button,
            self.folders_button,
        ):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L - 4, theme.L - 4, theme.L - 4, theme.L - 4)
        column.setSpacing(theme.S)
        for widget in (title, sentence):
            column.addWidget(widget)
        column.addLayout(buttons)
        column.addWidget(self.result)

    # --- asking ---------------------------------------------------------------

    def ask_where(self) -> QFileDialog:
        """Ask where to write; over an earlier export only who says so."""
        dialog = self._dialog(_("Export my library"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.selectFile(_NAME)
        dialog.fileSelected.connect(self.export)
        dialog.open()
        return dialog

    def ask_which(self) -> QFileDialog:
        """Ask which file to take in."""
        dialog = self._dialog(_("Import what another PhotoSearch exported"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, _("Import"))
        dialog.fileSelected.connect(self.bring)
        dialog.open()
        return dialog

    def _dialog(self, title: str) -> QFileDialog:
        places = QStandardPaths.StandardLocation
        dialog = QFileDialog(
            self.window(), title, QStandardPaths.writableLocation(places.DocumentsLocation)
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setNameFilters([_("Exports of PhotoSearch (*.json)"), _("All files (*)")])
        return dialog

    # --- doing ----------------------------------------------------------------

    def export(self, path: str) -> None:
        """Write the file; the dialog has asked about one that is there."""
        self._say(_("Working…"))
        self._run(export, path, self._on_exported)

    def bring(self, path: str) -> None:
        """Take a file in."""
        self._say(_("Working…"))
        self._run(bring, path, self._on_imported)

    def _run(
        self, work: Callable[..., Any], what: object, on_success: Callable[[Any], object]
    ) -> None:
        self._offer(())
        self._show_busy(True)
        self._job = self._runner.run(
            Lane.DISK,
            work,
            self._library,
            what,
            on_success=on_success,
            on_failure=self._on_failed,
            on_progress=self._on_progressed,
            on_finish=self._on_finished,
        )

    def _show_busy(self, busy: bool) -> None:
        self.export_button.setEnabled(not busy)
        self.import_button.setEnabled(not busy)
        self.cancel_button.setVisible(busy)
        self.cancel_button.setEnabled(busy)

    def _on_cancel(self) -> None:
        if self._job is not None:
            self._job.stop()
            self.cancel_button.setEnabled(False)
            self._say(_("Cancelling…"))
            self._cancelling = True

    def _on_progressed(self, progress: TransferProgress) -> None:
        self._say(
            plural(
                "Working… {done} of {n} photo", "Working… {done} of {n} photos", progress.total
            ).replace("{done}", str(progress.done))
        )

    def _on_finished(self) -> None:
        self._job = None
        self._show_busy(False)
        if self._cancelling:  # nothing was said since: it is not done
            self._say(_("Cancelled."))

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, PhotoSearchError):
            self._say(told(str(error)), role="wrong")
        else:
            self._say(_("Something went wrong that should not have."), role="wrong")
            self.failed.emit(error)

    def _on_exported(self, done: Exported) -> None:
        self._say(export_words(done))

    def _on_imported(self, done: Imported) -> None:
        lines = [import_words(done), *map(told, done.notices)]
        if done.conflicts:
            lines.append(
                plural(
                    "Of {n} thing something else is said here. It stays as it is here:",
                    "Of {n} things something else is said here. They stay as they are here:",
                    len(done.conflicts),
                )
            )
            lines += [conflict(each) for each in done.conflicts[:_SHOWN]]
            lines += ["…"] * (len(done.conflicts) > _SHOWN)
        self._say("\n".join(lines))
        self._offer(tuple(each for each in done.folders if each.present and not each.known))
        self.imported.emit()

    def _say(self, words: str, role: str = "quiet") -> None:
        self._cancelling = False
        self.result.setText(words)
        self.result.setVisible(bool(words))
        if self.result.property("role") != role:
            self.result.setProperty("role", role)
            self.result.style().unpolish(self.result)
            self.result.style().polish(self.result)

    # --- their folders --------------------------------------------------------

    def _offer(self, folders: tuple[TheirFolder, ...]) -> None:
        self._offered = folders
        self.folders_button.setVisible(bool(folders))
        self.folders_button.setText(
            plural("Add {n} folder from there", "Add {n} folders from there", len(folders))
        )
        self.folders_button.setToolTip("\n".join(each.path for each in folders))

    def _on_add(self) -> None:
        self._run(add, self._offered, self._on_added)
        self.cancel_button.hide()  # it is not asked whether to go on

    def _on_added(self, _done: None) -> None:
        self.imported.emit()


def export(library: Library, path: str, report: Report, check: Check) -> Exported:
    """Write the file (on a lane)."""
    return library.transfer.export(path, report, check, replace=Path(path).exists())


def bring(library: Library, path: str, report: Report, check: Check) -> Imported:
    """Take a file in (on a lane)."""
    return library.transfer.bring(path, report, check)


def add(library: Library, folders: tuple[TheirFolder, ...]) -> None:
    """Add folders with the switches they had there (on a lane)."""
    for folder in folders:
        for added in library.add_folders([folder.path]):
            if added.path == folder.path:
                library.set_folder_exclude(added.id, folder.exclude)
                library.set_folder_search(added.id, folder.search)
                library.set_folder_faces(added.id, folder.faces)
