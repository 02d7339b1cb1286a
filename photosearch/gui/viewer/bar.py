"""The viewer's bar: back, name and date, zoom, and what one can do with the photo."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from photosearch.gui import icons, theme
from photosearch.gui.search.header import Elided
from photosearch.gui.text import _

WIDE_PX = 820


class ViewerBar(QWidget):
    """Labels and buttons, wired by the viewer."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setFixedHeight(theme.TOP_BAR_PX)
        self.back = icons.IconButton(icons.back(self), _("Back to the photos (Esc)"), self)
        self.name = Elided(self)
        self.name.setProperty("role", "strong")
        self.date = QLabel(self)
        self.date.setProperty("role", "small")
        self.percent = QLabel(self)
        self.percent.setProperty("role", "small")
        self.zoom = icons.IconButton("fit", _("Fit or 100 % (Z)"), self)
        self.faces = icons.IconButton("face", _("Show all faces (B)"), self)
        self.faces.setCheckable(True)
        self.add_face = icons.IconButton("face-add", _("Add a face that was missed (A)"), self)
        self.add_face.setCheckable(True)
        self.heart = icons.IconButton("heart", _("Favourite (F)"), self)
        self.similar = icons.IconButton("similar", _("Find similar (S)"), self)
        self.reveal = icons.IconButton("folder", _("Show in file manager"), self)
        self.open = icons.IconButton("open", _("Open with default program"), self)
        self.copy = icons.IconButton("copy", _("Copy file (Ctrl+C)"), self)
        self.path = icons.IconButton("path", _("Copy path (Ctrl+Shift+C)"), self)
        self.info = icons.IconButton("info", _("Info (I)"), self)
        self.info.setCheckable(True)
        self._lay_out()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self.name)
        words.addWidget(self.date)
        words.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.M, 0, theme.M, 0)
        row.setSpacing(theme.XS)
        row.addWidget(self.back)
        row.addSpacing(theme.S)
        row.addLayout(words, 1)
        row.addWidget(self.percent)
        row.addSpacing(theme.S)
        buttons: tuple[QWidget, ...] = (
            self.zoom, self.faces, self.add_face, self.heart, self.similar, self.reveal, self.open,
            self.copy, self.path, self.info,
        )  # fmt: skip
        for button in buttons:
            row.addWidget(button)
        self.name.stand_beside(self.back, self.percent, *buttons)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= WIDE_PX  # in a narrow window, keys and menus still do these
        for widget in (self.percent, self.open, self.path):
            widget.setVisible(wide)

    def show_favourite(self, value: bool) -> None:
        """Draw the heart."""
        self.heart.set_drawing("heart-filled" if value else "heart")
        self.heart.say(_("Remove from favourites (F)") if value else _("Favourite (F)"))
