"""The search of the settings: its field, and what stands there when nothing is found."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import icons, theme
from photosearch.gui.drawing import Drawing
from photosearch.gui.text import _

FIELD_PX = 38


class SettingsSearch(QFrame):
    """A field with a magnifier and a cross."""

    changed = Signal(str)
    leftDownwards = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("searchBox")
        self.setFixedHeight(FIELD_PX)
        self.setMinimumWidth(160)
        self.setMaximumWidth(440)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(_("Search settings"))
        self.field.setAccessibleName(_("Search settings"))
        self.field.setMaxLength(200)
        self.field.textChanged.connect(self._on_text_changed)
        self.field.installEventFilter(self)
        self.clear_button = icons.IconButton("close", _("Clear (Esc)"), self, 16)
        self.clear_button.clicked.connect(self.clear)
        self.clear_button.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(13, 0, 6, 0)
        row.setSpacing(9)
        row.addWidget(Drawing("search", 18, self))
        row.addWidget(self.field, 1)
        row.addWidget(self.clear_button)

    def text(self) -> str:
        """Return what is searched for."""
        return self.field.text().strip()

    def clear(self) -> None:
        """Search for nothing."""
        if self.clear_button.hasFocus():
            self.field.setFocus()
        self.field.clear()

    def take_focus(self) -> None:
        """Bring the keyboard here."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.setProperty("active", event.type() == QEvent.Type.FocusIn)
            self.style().polish(self)
        elif (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        ):
            self.leftDownwards.emit()
            return True
        return super().eventFilter(watched, event)

    def _on_text_changed(self, text: str) -> None:
        self.clear_button.setVisible(bool(text))
        self.changed.emit(text.strip())


class NothingFound(QWidget):
    """Says that no setting is meant, and offers to search for nothing."""

    clearWanted = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.title = QLabel(self)
        self.title.setProperty("role", "heading")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setWordWrap(True)
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        hint = QLabel(_("Try another word, such as “faces”, “battery” or “dark”."), self)
        hint.setProperty("role", "quiet")
        hint.setWordWrap(True)
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.button = QPushButton(_("Show all settings"), self)
        self.button.clicked.connect(self.clearWanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.XL, 0, 0)
        column.setSpacing(theme.M)
        middle = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(Drawing("search", 56, self), 0, middle)
        column.addWidget(self.title)
        column.addWidget(hint)
        column.addWidget(self.button, 0, middle)
        column.addStretch(1)
        self.hide()

    def show_for(self, typed: str) -> None:
        """Say that nothing was found for this; empty: something was."""
        self.setVisible(bool(typed))
        short = self.fontMetrics().elidedText(typed, Qt.TextElideMode.ElideMiddle, 320)
        self.title.setText(_("No settings found for “{typed}”").format(typed=short))
