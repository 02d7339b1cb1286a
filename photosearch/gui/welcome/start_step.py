"""The last step: what will happen, and whether the program works on without its window."""

from __future__ import annotations

import os
from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSystemTrayIcon, QVBoxLayout, QWidget

from photosearch.gui import theme
from photosearch.gui.drawing import Drawing
from photosearch.gui.settings.models import wording
from photosearch.gui.settings.models.rows import Row
from photosearch.gui.settings.switch import Switch
from photosearch.gui.text import _, listed, shown
from photosearch.types import OfferState

MARK_PX = 22
NAMED = 3  # folders that are named


class StartStep(QWidget):
    """Two lines of what was chosen, and two switches that are off."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.folders, folders = self._line("folder")
        self.model, model = self._line("model")
        self.background = Switch(_("Keep indexing in the background"), self)
        self.autostart = Switch(_("Start with the computer"), self)
        tray = QSystemTrayIcon.isSystemTrayAvailable()
        self.background.setEnabled(tray)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addWidget(_card(folders, model, parent=self))
        column.addWidget(
            _card(
                _switched(
                    self.background,
                    _("Closing the window leaves PhotoSearch at work, with an icon in the tray.")
                    if tray
                    else _(
                        "This desktop shows no tray icons: closing the window ends PhotoSearch."
                    ),
                    self,
                ),
                _switched(
                    self.autostart, _("New photos are found by themselves when you sign in."), self
                ),
                parent=self,
            )
        )
        column.addStretch(1)

    @property
    def complete(self) -> bool:
        """There is nothing that must be chosen."""
        return True

    def show_chosen(self, folders: Sequence[str], row: Row | None) -> None:
        """Say what will happen."""
        names = [shown(os.path.basename(path) or path) for path in folders]
        if len(names) > NAMED:
            names = [*names[:NAMED], "…"]
        self.folders.setText(
            _("Photos are looked at in {folders}.").format(folders=listed(names))
            if names
            else _("No folder yet. Drop one on the window whenever you like.")
        )
        self.model.setText(_of_model(row))

    def _line(self, drawing: str) -> tuple[QLabel, QHBoxLayout]:
        label = QLabel(self)
        label.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(Drawing(drawing, MARK_PX, self))
        row.addWidget(label, 1)
        return label, row


def _of_model(row: Row | None) -> str:
    if row is None:
        return _("No search model yet. Photos are found by their names, folders and dates.")
    if row.state is OfferState.INSTALLED:
        return _("{model} is used for searching.").format(model=row.title)
    return _("{model} is downloaded once from huggingface.co: {size}, under {licence}.").format(
        model=row.title,
        size=wording.size(row.offer.download_bytes),
        licence=wording.licence(row.offer),
    )


def _switched(switch: Switch, sentence: str, parent: QWidget) -> QHBoxLayout:
    title = QLabel(switch.accessibleName(), parent)
    title.setProperty("role", "strong")
    about = QLabel(sentence, parent)
    about.setProperty("role", "small")
    about.setWordWrap(True)
    switch.setAccessibleDescription(sentence)
    words = QVBoxLayout()
    words.setSpacing(2)
    words.addWidget(title)
    words.addWidget(about)
    row = QHBoxLayout()
    row.setSpacing(theme.M)
    row.addLayout(words, 1)
    row.addWidget(switch)
    return row


def _card(*rows: QHBoxLayout, parent: QWidget) -> QFrame:
    card = QFrame(parent)
    card.setObjectName("card")
    column = QVBoxLayout(card)
    column.setContentsMargins(theme.L - 4, theme.M, theme.L - 4, theme.M)
    column.setSpacing(theme.M)
    for row in rows:
        column.addLayout(row)
    return card
