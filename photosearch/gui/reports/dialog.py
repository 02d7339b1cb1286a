"""One dialog for what went wrong: a sentence, the report, and copying or saving it.

Paths of photos are in the report only while the box is ticked. Nothing is ever sent.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QDir, QSize, QStandardPaths, Qt
from PySide6.QtGui import QCloseEvent, QFontDatabase, QGuiApplication, QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import theme
from photosearch.gui.drawing import Drawing
from photosearch.gui.reports.report import Report
from photosearch.gui.text import _, shown
from photosearch.jobs import Lane, Runner

SIZE = QSize(720, 560)
MARK_PX = 32
FILE_NAME = "photosearch-report.txt"


class ReportDialog(QDialog):
    """Shows a report, which may become longer while it is shown.

    `answered`: somebody closed, copied or saved it; it is not the program's end that closes it.
    """

    def __init__(
        self, title: str, sentence: str, report: Report, runner: Runner, parent: QWidget | None
    ):
        super().__init__(parent)
        self._report, self._runner = report, runner
        self.answered = False
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("report")
        self.setWindowTitle("PhotoSearch")
        self.title = _label(title, "heading", self)
        self.sentence = _label(sentence, "quiet", self)
        self.text = QPlainTextEdit(self)
        self.text.setObjectName("reportText")
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName(_("Report"))
        self.paths = QCheckBox(_("Add the paths of photos and folders"), self)
        self.paths.toggled.connect(self._on_paths_toggled)
        self.said = _label("", "small", self)
        self.copy_button = QPushButton(_("Copy report"), self)
        self.copy_button.setProperty("role", "primary")
        self.copy_button.clicked.connect(self._on_copy)
        self.save_button = QPushButton(_("Save report…"), self)
        self.save_button.clicked.connect(self._on_save)
        self.close_button = QPushButton(_("Close"), self)
        self.close_button.clicked.connect(self._on_close)
        self._lay_out()
        room = self.screen().availableSize() * 0.9
        self.resize(SIZE.boundedTo(room))
        self.show_report(report)
        self.copy_button.setDefault(True)
        self.copy_button.setFocus()

    def show_report(self, report: Report) -> None:
        """Show a report in the place of the one before."""
        self._report = report
        self.text.setPlainText(self.shown_text())

    def shown_text(self) -> str:
        """Return the report as it is copied and saved now."""
        return self._report.full if self.paths.isChecked() else self._report.scrubbed

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.answered |= event.key() == Qt.Key.Key_Escape
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.answered |= event.spontaneous()  # by its frame
        super().closeEvent(event)

    def _lay_out(self) -> None:
        mark = Drawing("warning", MARK_PX, self)
        mark.set_drawing("warning", QPalette.ColorRole.BrightText)
        words = QVBoxLayout()
        words.setSpacing(theme.XS)
        words.addWidget(self.title)
        words.addWidget(self.sentence)
        head = QHBoxLayout()
        head.setSpacing(theme.L - 4)
        head.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        foot = QHBoxLayout()
        foot.setSpacing(theme.S)
        foot.addWidget(self.said, 1)
        for button in (self.close_button, self.save_button, self.copy_button):
            button.setAutoDefault(False)
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.L, theme.L, theme.L)
        column.setSpacing(theme.M)
        column.addLayout(head)
        column.addWidget(self.text, 1)
        column.addWidget(self.paths)
        column.addLayout(foot)

    def _on_paths_toggled(self, _on: bool) -> None:
        at = self.text.verticalScrollBar().value()
        self.text.setPlainText(self.shown_text())
        self.text.verticalScrollBar().setValue(at)
        self.said.clear()

    def _on_close(self) -> None:
        self.answered = True
        self.close()

    def _on_copy(self) -> None:
        self.answered = True
        QGuiApplication.clipboard().setText(self.shown_text())
        self.said.setText(_("Copied."))

    def _on_save(self) -> None:
        place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        home = QDir(place if QDir(place).exists() else QDir.homePath())
        dialog = QFileDialog(self, _("Save the report"), home.filePath(FILE_NAME))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(self._on_file_chosen)
        dialog.open()

    def _on_file_chosen(self, path: str) -> None:
        self._runner.run(Lane.QUICK, save, path, self.shown_text(), on_success=self._on_saved)

    def _on_saved(self, result: tuple[bool, str]) -> None:
        done, words = result
        self.answered |= done
        self.said.setText(words)


def save(path: str, text: str) -> tuple[bool, str]:
    """Write a report (on a lane); return whether it could be, and what is to be said of it."""
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        return False, _("It could not be saved: {why}.").format(why=error.strerror or error)
    return True, _("Saved as {path}.").format(path=shown(path))


def _label(words: str, role: str, parent: QWidget) -> QLabel:
    label = QLabel(words, parent)
    label.setProperty("role", role)
    label.setWordWrap(True)
    return label
