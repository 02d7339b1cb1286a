"""What is deleted of a model, and how much that frees."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QWidget

from photosearch.gui import theme
from photosearch.gui.settings.models import dialogs
from photosearch.gui.settings.models.rows import Row
from photosearch.gui.text import _, file_size, photos
from photosearch.types import Leftover, ModelKind

BYTES_A_NUMBER = 2  # vectors are kept as float16


class DeleteDialog(QDialog):
    """Asks for files, for what was prepared with them, or for both."""

    chosen = Signal(bool, bool)  # files, vectors

    def __init__(self, row: Row, leftover: Leftover | None, parent: QWidget):
        super().__init__(parent)
        column = dialogs.begin(self, _("Delete model"))
        title = _("Delete {model}?").format(model=row.title)
        column.addWidget(dialogs.label(title, "heading", self))
        files, vectors, vector_bytes = amounts(row, leftover)
        words = _("Its files, {size}").format(size=file_size(files))
        self.files = QCheckBox(words, self)
        self.files.setChecked(row.offer.owned and files > 0)
        self.files.setVisible(row.offer.owned and files > 0)
        faces = row.offer.kind is ModelKind.FACES
        words = (
            _("The faces it found on {photos}, {size}")
            if faces
            else _("What it learnt of {photos}, {size}")
        )
        self.vectors = QCheckBox(
            words.format(photos=photos(vectors), size=file_size(vector_bytes)), self
        )
        self.vectors.setChecked(vectors > 0)
        self.vectors.setVisible(vectors > 0)
        column.addWidget(self.files)
        column.addWidget(self.vectors)
        column.addWidget(dialogs.label(_note(row), "quiet", self))
        self._bytes = (files, vector_bytes)
        box, self.delete_button = dialogs.buttons(self, _("Delete"))
        column.addSpacing(theme.S)
        column.addWidget(box)
        for tick in (self.files, self.vectors):
            tick.toggled.connect(self._on_toggled)
        self._on_toggled(True)
        self.accepted.connect(self._on_accepted)

    def _on_toggled(self, _on: bool) -> None:
        freed = sum(
            size
            for tick, size in zip((self.files, self.vectors), self._bytes, strict=True)
            if tick.isChecked()
        )
        self.delete_button.setText(_("Delete and free {size}").format(size=file_size(freed)))
        self.delete_button.setEnabled(self.files.isChecked() or self.vectors.isChecked())

    def _on_accepted(self) -> None:
        self.chosen.emit(self.files.isChecked(), self.vectors.isChecked())


def amounts(row: Row, leftover: Leftover | None) -> tuple[int, int, int]:
    """Return bytes of the files, photos it knows, bytes of what it knows of them."""
    if leftover is not None:
        return leftover.file_bytes, leftover.vectors, leftover.vector_bytes
    offer = row.offer
    dimension = offer.info.dimension if offer.info is not None else 512
    return offer.disk_bytes, offer.vectors, offer.vectors * dimension * BYTES_A_NUMBER


def _note(row: Row) -> str:
    if not row.offer.owned:
        return _("The files are in a folder of your own and stay there.")
    if row.offer.entry is not None:
        return _("It can be downloaded again at any time.")
    return _("You brought this model yourself: PhotoSearch cannot fetch it again.")
