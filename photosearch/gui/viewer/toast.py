"""A sentence that lies over the photo for a moment, perhaps with a button that takes it back."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from photosearch.gui import theme

SHOWN_MS = 2500
OFFERED_MS = 7000  # with a button: as long as among the people


class Toast(QFrame):
    """Says that something was done that cannot be seen."""

    acted = Signal()

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setObjectName("undoToast")
        self.label = QLabel(self)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.button = QPushButton(self)
        self.button.setProperty("role", "link")
        self.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Ctrl+Z does it, Tab goes elsewhere
        self.button.clicked.connect(self._on_clicked)
        row = self._row = QHBoxLayout(self)
        row.setSpacing(theme.S)
        row.addWidget(self.label, 1)
        row.addWidget(self.button)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def text(self) -> str:
        """Return the sentence."""
        return self.label.text()

    def say(self, sentence: str, over: QRect, action: str = "") -> None:
        """Show a sentence at the foot of an area of the parent, and offer to do something."""
        self.label.setText(sentence)
        self.setAccessibleName(sentence)
        self.button.setText(action)
        self.button.setVisible(bool(action))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not action)
        self._row.setContentsMargins(16, 8, 8 if action else 16, 8)
        self.label.setWordWrap(False)
        room = over.width() - 2 * theme.L
        self.resize(self.sizeHint())
        if self.width() > room:
            self.label.setWordWrap(True)
            self.resize(room, self._row.totalHeightForWidth(room))
        place = self.rect()
        place.moveCenter(over.center())
        place.moveBottom(over.bottom() - theme.L)
        self.setGeometry(place)
        self.raise_()
        self.show()
        self._timer.start(OFFERED_MS if action else SHOWN_MS)

    def _on_clicked(self) -> None:
        self.hide()
        self.acted.emit()
