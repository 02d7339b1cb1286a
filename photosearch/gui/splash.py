"""What shows while a library takes long to open (an upgrade of a large one)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from photosearch.gui import icons, theme
from photosearch.gui.text import _


class Splash(QWidget):
    """The program's icon and one sentence."""

    def __init__(self) -> None:
        super().__init__(None, Qt.WindowType.SplashScreen | Qt.WindowType.FramelessWindowHint)
        mark = QLabel(self)
        mark.setPixmap(icons.app_pixmap(48, self.devicePixelRatioF()))
        words = QLabel(_("Opening your library…"), self)
        words.setProperty("role", "heading")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.XL, theme.L, theme.XL, theme.L)
        row.setSpacing(theme.L)
        row.addWidget(mark)
        row.addWidget(words)
