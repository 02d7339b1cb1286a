"""What offers something over or between the photos: the card of a model, the slim banner."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import icons, theme
from photosearch.gui.drawing import Drawing, Ink
from photosearch.gui.offers import Offer
from photosearch.gui.text import _


class ModelCard(QFrame):
    """Offers to choose a model."""

    modelWanted = Signal()

    def __init__(self, offer: Offer, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("card")
        self.setMaximumWidth(560)
        mark = Drawing("model", 30, self)
        self.heading = QLabel(self)
        self.heading.setProperty("role", "strong")
        self.heading.setWordWrap(True)
        self._sentence = QLabel(self)
        self._sentence.setProperty("role", "quiet")
        self._sentence.setWordWrap(True)
        self.source = QLabel(self)
        self.source.setProperty("role", "quiet")
        self.source.setWordWrap(True)
        self.source.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.source.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.button = QPushButton(_("Choose a model…"), self)
        self.button.clicked.connect(self.modelWanted)
        words = QVBoxLayout()
        words.setSpacing(theme.XS)
        words.addWidget(self.heading)
        words.addWidget(self._sentence)
        words.addWidget(self.source)
        words.addSpacing(theme.S)
        words.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.L, theme.L, theme.L, theme.L)
        row.setSpacing(theme.L - 4)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self.show_offer(offer)

    def show_offer(self, offer: Offer) -> None:
        """Offer this."""
        self.heading.setText(_(offer.title))
        self._sentence.setText(_(offer.text) + " " + _("Your photos stay on this computer."))
        self.source.setText(_(offer.source))


class Banner(QFrame):
    """One line with a button and a cross: the model card once there are photos, or news."""

    acted = Signal()
    dismissed = Signal()

    def __init__(self, drawing: str, action: str = "", parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("banner")
        self._drawing = drawing
        self.mark = Drawing(drawing, 20, self)
        self.label = QLabel(self)
        self.label.setWordWrap(True)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.button = QPushButton(action, self)
        self.button.setProperty("role", "link")
        self.button.setVisible(bool(action))
        if not action:
            self.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.button.clicked.connect(self.acted)
        self.close_button = icons.IconButton("close", _("Dismiss"), self, 16)
        self.close_button.clicked.connect(self.dismissed)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 7, 8, 7)
        row.setSpacing(theme.M)
        row.addWidget(self.mark)
        row.addWidget(self.label, 1)
        row.addWidget(self.button)
        row.addWidget(self.close_button)

    def say(self, text: str, warning: bool = False) -> None:
        """Show a sentence: news, or that something went wrong."""
        if warning:
            self.mark.set_drawing("warning", Ink.BrightText)
        else:
            self.mark.set_drawing(self._drawing)
        self.label.setText(text)
        self.setAccessibleName(text)
        self.show()
