"""What the small dialogs of models share: width, margins, and the two buttons at the foot."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPushButton, QVBoxLayout, QWidget

from photosearch.gui import theme
from photosearch.gui.text import _

DIALOG_PX = 500


def begin(dialog: QDialog, title: str, width_px: int = DIALOG_PX) -> QVBoxLayout:
    """Give a dialog its title and return its column."""
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    dialog.setMinimumWidth(width_px)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(theme.L, theme.L, theme.L, theme.L)
    column.setSpacing(theme.M)
    return column


def label(words: str, role: str, parent: QWidget) -> QLabel:
    """Return a text that wraps."""
    made = QLabel(words, parent)
    made.setWordWrap(True)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    return made


def buttons(dialog: QDialog, deed: str) -> tuple[QDialogButtonBox, QPushButton]:
    """Return the buttons of a dialog and the one that does it."""
    box = QDialogButtonBox(dialog)
    cancel = QPushButton(_("Cancel"))
    box.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
    do = QPushButton(deed)
    do.setProperty("role", "primary")
    do.setDefault(True)
    box.addButton(do, QDialogButtonBox.ButtonRole.AcceptRole)
    box.accepted.connect(dialog.accept)
    box.rejected.connect(dialog.reject)
    return box, do
