"""The two help pages: about the program, and its keys."""

from __future__ import annotations

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

import photosearch
from photosearch.gui import icons, shortcuts, theme
from photosearch.gui.model_menu import model_words
from photosearch.gui.text import _
from photosearch.types import LibraryStatus

KEYS_PX = 520  # a column of keys with what they do
KEYS_LEAST_PX = 400  # still one beside another
KEY_PX = 110


def show_about(parent: QWidget, status: LibraryStatus | None) -> QDialog:
    """Say what the program is and that nothing leaves the computer."""
    dialog = QDialog(parent)
    _begin(dialog, _("About PhotoSearch"))
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
    dialog = KeysDialog(parent)
    dialog.open()
    return dialog


class KeysDialog(QDialog):
    """Lists the keys in as many columns as there is room for; what has none is scrolled to."""

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        _begin(self, _("Keyboard shortcuts"))
        self._columns = 0
        self._parts = [_keys_part(title, keys) for title, keys in shortcuts.sections()]
        page = QWidget(self)
        page.setObjectName("keysPage")
        self._row = QHBoxLayout(page)
        self._row.setContentsMargins(theme.XL, theme.L, theme.XL, theme.L)
        self._row.setSpacing(theme.XL)
        self._sides = (QVBoxLayout(), QVBoxLayout())
        for side in self._sides:
            side.setSpacing(theme.L)
            side.addStretch(1)
            self._row.addLayout(side)
        self.area = QScrollArea(self)
        self.area.setObjectName("keysArea")
        self.area.setAccessibleName(self.windowTitle())
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.area)
        room = parent.screen().availableSize() * 0.9
        width = min(2 * KEYS_PX, room.width())
        self._lay_out(width)
        height = self._row.totalHeightForWidth(width)
        self.resize(width, min(height, room.height()))

    def _lay_out(self, width: int) -> None:
        columns = 2 if width >= 2 * KEYS_LEAST_PX else 1
        if columns == self._columns:
            return
        self._columns = columns
        first, second, third, last = self._parts
        order = ((first, last), (second, third)) if columns == 2 else (self._parts, ())
        for part in self._parts:
            for side in self._sides:
                side.removeWidget(part)
        for number, (side, parts) in enumerate(zip(self._sides, order, strict=True)):
            for part in parts:
                side.insertWidget(side.count() - 1, part)
            self._row.setStretch(number, int(number < columns))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out(event.size().width())


def _keys_part(title: str, keys: tuple[shortcuts.Key, ...]) -> QWidget:
    part = QWidget()
    grid = QGridLayout(part)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(theme.L)
    grid.setVerticalSpacing(theme.S - 2)
    grid.setColumnStretch(1, 1)
    grid.setColumnMinimumWidth(0, KEY_PX)
    grid.addWidget(_label(title, "heading", part), 0, 0, 1, 2)
    for at, key in enumerate(keys, 1):
        words = _label(_(key.words), "quiet", part)
        words.setWordWrap(True)
        grid.addWidget(
            _label(shortcuts.written(key.keys), "strong", part), at, 0, Qt.AlignmentFlag.AlignTop
        )
        grid.addWidget(words, at, 1)
    return part


def _begin(dialog: QDialog, title: str) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)


def _label(text: str, role: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    if role:
        label.setProperty("role", role)
    return label


def _version() -> str:
    return str(getattr(photosearch, "__version__", "0.1.0"))
