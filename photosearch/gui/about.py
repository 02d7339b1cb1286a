"""The two help pages: about the program, and its keys."""

from __future__ import annotations

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

import photosearch
from photosearch.gui import icons, shortcuts, theme
from photosearch.gui.model_menu import model_words
from photosearch.gui.text import _
from photosearch.types import LibraryStatus


def show_about(parent: QWidget, status: LibraryStatus | None) -> QDialog:
    """Say what the program is and that nothing leaves the computer."""
    dialog = _dialog(parent, _("About PhotoSearch"))
    mark = QLabel(dialog)
    mark.setPixmap(icons.app_pixmap(96, dialog.devicePixelRatioF()))
    model = model_words(status)
    lines = (
        ("PhotoSearch", "title"),
        (_("Find your photos by what they show, on your own computer."), ""),
        (_("Nothing leaves this computer, and photos are never changed."), "quiet"),
        (
            model if status is not None and status.model else _("No search model is chosen."),
            "small",
        ),
        (_("Version {v} · Qt {qt}").format(v=_version(), qt=qVersion()), "small"),
    )
    words = QVBoxLayout()
    words.setSpacing(theme.S)
    for text, role in lines:
        words.addWidget(_label(text, role, dialog))
    words.addStretch(1)
    row = QHBoxLayout(dialog)
    row.setContentsMargins(theme.XL, theme.XL, theme.XL, theme.XL)
    row.setSpacing(theme.L)
    row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
    row.addLayout(words)
    dialog.open()
    return dialog


def show_keys(parent: QWidget) -> QDialog:
    """List the keys."""
    dialog = _dialog(parent, _("Keyboard shortcuts"))
    row = QHBoxLayout(dialog)
    row.setContentsMargins(theme.XL, theme.XL, theme.XL, theme.XL)
    row.setSpacing(theme.XL + theme.S)
    for title, keys in shortcuts.sections():
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.L)
        grid.setVerticalSpacing(theme.S)
        grid.addWidget(_label(title, "heading", dialog), 0, 0, 1, 2)
        for at, key in enumerate(keys, 1):
            written = QKeySequence(key.keys).toString(QKeySequence.SequenceFormat.NativeText)
            grid.addWidget(_label(written, "strong", dialog), at, 0)
            grid.addWidget(_label(_(key.words), "quiet", dialog), at, 1)
        grid.setRowStretch(grid.rowCount(), 1)
        row.addLayout(grid)
    dialog.open()
    return dialog


def _dialog(parent: QWidget, title: str) -> QDialog:
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    return dialog


def _label(text: str, role: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    if role:
        label.setProperty("role", role)
    return label


def _version() -> str:
    return str(getattr(photosearch, "__version__", "0.1.0"))
