"""The first step: which folders hold the photos. The system's folder of pictures is proposed."""

from __future__ import annotations

import os
from collections.abc import Sequence

from PySide6.QtCore import QDir, QStandardPaths, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import theme
from photosearch.gui.dropping import dropped_paths
from photosearch.gui.text import _, shown


class FoldersStep(QWidget):
    """A tick for each folder, a button for more; folders may be dropped here as well."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.ticks: list[tuple[QCheckBox, str]] = []
        self.setAcceptDrops(True)
        self._list = QFrame(self)
        self._list.setObjectName("card")
        self._rows = QVBoxLayout(self._list)
        self._rows.setContentsMargins(theme.L - 4, theme.M, theme.L - 4, theme.M)
        self._rows.setSpacing(theme.M)
        self._list.hide()
        self.button = QPushButton(self)
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self._on_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addWidget(self._list)
        hint = QLabel(_("You can drop folders here as well."), self)
        hint.setProperty("role", "small")
        more = QHBoxLayout()
        more.setSpacing(theme.M)
        more.addWidget(self.button)
        more.addWidget(hint, 1)
        column.addLayout(more)
        column.addStretch(1)
        self._name_button()
        if pictures := pictures_folder():
            self.add((pictures,))

    @property
    def chosen(self) -> tuple[str, ...]:
        """The folders that are ticked."""
        return tuple(path for tick, path in self.ticks if tick.isChecked())

    @property
    def complete(self) -> bool:
        """Whether anything was chosen."""
        return bool(self.chosen)

    def take_focus(self) -> None:
        """Bring the keyboard to what is likeliest to be wanted."""
        (self.ticks[0][0] if self.ticks else self.button).setFocus()

    def add(self, paths: Sequence[str]) -> None:
        """Put folders on the list, ticked; one that is there already is ticked again."""
        for path in paths:
            known = next((tick for tick, each in self.ticks if each == path), None)
            tick = known or self._tick(path)
            tick.setChecked(True)
        self._list.setVisible(bool(self.ticks))
        self._name_button()
        self.changed.emit()

    def _tick(self, path: str) -> QCheckBox:
        name = shown(os.path.basename(path) or path)
        tick = QCheckBox(name.replace("&", "&&"), self._list)
        tick.setAccessibleName(name)
        tick.setAccessibleDescription(shown(path))
        tick.toggled.connect(self.changed)
        where = QLabel(shown(os.path.dirname(path)), self._list)
        where.setProperty("role", "small")
        where.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        where.setToolTip(shown(path))
        row = QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(tick)
        row.addWidget(where, 1)
        self.ticks.append((tick, path))
        self._rows.addLayout(row)
        return tick

    def _name_button(self) -> None:
        self.button.setText(_("Another folder…") if self.ticks else _("Choose a folder…"))

    def _on_button(self) -> None:
        start = self.ticks[-1][1] if self.ticks else QDir.homePath()
        dialog = QFileDialog(self, _("Choose a photo folder"), start)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, _("Choose"))
        dialog.filesSelected.connect(self.add)
        dialog.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_paths(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.add(dropped_paths(event.mimeData()))


def pictures_folder() -> str:
    """Return the system's folder of pictures; nothing where there is none of its own."""
    places = QStandardPaths.StandardLocation
    pictures = QStandardPaths.writableLocation(places.PicturesLocation)
    known = pictures and QDir(pictures).exists() and QDir(pictures) != QDir.home()
    return pictures if known else ""
