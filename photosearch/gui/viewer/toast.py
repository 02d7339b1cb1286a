"""A sentence that lies over the photo for a moment."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtWidgets import QLabel, QWidget

from photosearch.gui import theme

SHOWN_MS = 2500


class Toast(QLabel):
    """Says that something was done that cannot be seen."""

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setObjectName("toast")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._timer = QTimer(self, interval=SHOWN_MS, singleShot=True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def say(self, sentence: str, over: QRect) -> None:
        """Show a sentence at the foot of an area of the parent."""
        self.setText(sentence)
        self.setAccessibleName(sentence)
        self.setWordWrap(False)
        self.adjustSize()
        if self.width() > over.width() - 2 * theme.L:
            self.setWordWrap(True)
            self.resize(over.width() - 2 * theme.L, 0)
            self.resize(self.width(), self.heightForWidth(self.width()))
        place = self.rect()
        place.moveCenter(over.center())
        place.moveBottom(over.bottom() - theme.L)
        self.setGeometry(place)
        self.raise_()
        self.show()
        self._timer.start()
