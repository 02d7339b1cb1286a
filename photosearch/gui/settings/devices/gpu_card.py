"""The GPU pack: the runtime for NVIDIA cards that is installed beside PhotoSearch's own."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import theme
from photosearch.gui.settings.models import wording
from photosearch.gui.text import _, file_size, joined, shown
from photosearch.gui.told import told
from photosearch.types import DownloadProgress, GpuPack


class GpuCard(QFrame):
    """Says what the pack is good for; install, from a folder, remove."""

    installWanted = Signal(object)  # a folder, or None: fetch it
    removeWanted = Signal()
    stopWanted = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("card")
        self._pack: GpuPack | None = None
        self._busy = False
        self.title = QLabel(_("GPU pack for NVIDIA cards"), self)
        self.title.setProperty("role", "strong")
        self.said = _wrapped("quiet", self)
        self.problem = _wrapped("warn", self)
        self.progress = _wrapped("small", self)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(_("GPU pack"))
        self.install = QPushButton(_("Install"), self)
        self.folder = QPushButton(_("From a folder…"), self)
        self.remove = QPushButton(_("Remove"), self)
        self.stop = QPushButton(_("Cancel"), self)
        self.install.clicked.connect(self._on_install)
        self.folder.clicked.connect(self.ask_folder)
        self.remove.clicked.connect(self.removeWanted)
        self.stop.clicked.connect(self.stopWanted)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        for button in (self.install, self.folder, self.remove, self.stop):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L - 4, theme.M, theme.L - 4, theme.M)
        column.setSpacing(theme.S)
        for widget in (self.title, self.said, self.problem, self.progress, self.bar):
            column.addWidget(widget)
        column.addLayout(row)
        self.hide()
        self._refresh()

    def show_pack(self, pack: GpuPack | None) -> None:
        """Show the pack; nothing where this system cannot have one."""
        self._pack = pack
        self._refresh()

    def show_progress(self, progress: DownloadProgress) -> None:
        """Show how far installing is."""
        self._busy = True
        self.problem.hide()
        self.progress.setText(
            joined((wording.download_words(progress), progress.file)) or _("Getting ready…")
        )
        part = wording.download_share(progress)
        self.bar.setRange(0, 0 if part is None else 1000)
        self.bar.setValue(round((part or 0) * 1000))
        self._refresh()

    def end(self) -> None:
        """Nothing is installed any more."""
        self._busy = False
        self._refresh()

    def show_refused(self, sentence: str) -> None:
        """Say why it could not be installed."""
        self.problem.setText(sentence)
        self.problem.show()

    def ask_folder(self) -> QFileDialog:
        """Ask for a folder with the wheels of the pack."""
        dialog = QFileDialog(self.window(), _("Install the GPU pack from a folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, _("Install"))
        dialog.fileSelected.connect(self._on_folder)
        dialog.open()
        return dialog

    def _refresh(self) -> None:
        pack = self._pack
        self.setVisible(pack is not None and (pack.supported or pack.installed))
        if pack is None:
            return
        self.said.setText(_said(pack))
        if pack.problem and not self._busy:
            self.show_refused(told(pack.problem))
        elif not self.problem.text():
            self.problem.hide()
        self.install.setText(
            _("Install ({size})").format(size=file_size(pack.download_bytes))
            if pack.download_bytes
            else _("Install")
        )
        for widget in (self.install, self.folder):
            widget.setVisible(not pack.installed and not self._busy)
        self.remove.setVisible(pack.installed and not self._busy)
        for part in (self.progress, self.bar, self.stop):
            part.setVisible(self._busy)

    def _on_folder(self, folder: str) -> None:
        self.problem.setText("")
        self.installWanted.emit(folder)

    def _on_install(self) -> None:
        self.problem.setText("")
        self.installWanted.emit(None)


def _said(pack: GpuPack) -> str:
    if pack.installed:
        words = _("Installed: ONNX Runtime {version}, {size} in {folder}. It is used first.")
        return words.format(
            version=pack.version, size=file_size(pack.bytes_on_disk), folder=shown(pack.folder)
        )
    return _(
        "Lets models run on an NVIDIA card. It is kept apart from PhotoSearch’s own runtime and"
        " can be removed at any time."
    )


def _wrapped(role: str, parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setProperty("role", role)
    label.setWordWrap(True)
    return label
