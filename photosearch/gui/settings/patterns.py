"""The patterns of what is left out of a folder, as chips, and a field to add one.

Knows texts; which patterns are sound, the library says.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import icons, theme
from photosearch.gui.settings.flow import FlowLayout
from photosearch.gui.text import _, shown

CHIP_PX = 280  # a longer pattern is shortened in its middle


class PatternChip(QFrame):
    """One pattern, with a cross that takes it out."""

    removed = Signal(str)

    def __init__(self, pattern: str, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("chip")
        self.pattern = pattern
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        clean = shown(pattern)
        middle = Qt.TextElideMode.ElideMiddle
        label.setText(self.fontMetrics().elidedText(clean, middle, CHIP_PX))
        label.setToolTip(clean)
        said = _("No longer leave out “{pattern}”").format(pattern=clean)
        self.cross = icons.IconButton("close", said, self, 12)
        self.cross.clicked.connect(self._on_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 2, 3, 2)
        row.setSpacing(theme.XS)
        row.addWidget(label)
        row.addWidget(self.cross)

    def _on_clicked(self) -> None:
        self.removed.emit(self.pattern)


class PatternEditor(QWidget):
    """Shows patterns and asks for others; what was refused stays to be mended."""

    wanted = Signal(object)  # tuple of patterns

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._patterns: tuple[str, ...] = ()
        self._asked: str | None = None  # the pattern that is on its way
        self.chips: list[PatternChip] = []
        self._holder = QWidget(self)
        self._flow = FlowLayout(self._holder)
        self.field = QLineEdit(self)
        self.field.setAcceptDrops(False)  # a folder that is dropped is to be added
        self.field.setPlaceholderText(_("Leave out, such as Screenshots or *.png"))
        self.field.setAccessibleName(_("Pattern of what to leave out"))
        self.field.setMaxLength(500)
        self.field.textChanged.connect(self._on_text_changed)
        self.field.installEventFilter(self)
        self.button = QPushButton(_("Add"), self)
        self.button.setAccessibleName(_("Leave this out"))
        self.button.clicked.connect(self._on_add)
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.field, 1)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self._holder)
        column.addLayout(row)
        column.addWidget(self.note)
        self._say(self._help())
        self._on_text_changed("")

    def show_patterns(self, patterns: Sequence[str]) -> None:
        """Show these patterns."""
        if self._asked is not None and self._asked in patterns:
            self.field.clear()
        self._asked = None
        if tuple(patterns) != self._patterns:
            at = next((i for i, chip in enumerate(self.chips) if chip.cross.hasFocus()), None)
            self._patterns = tuple(patterns)
            self._fill()
            if at is not None:
                self._focus_near(at)
            self._say(self._help())
        self._holder.setVisible(bool(self._patterns))

    def refuse(self, sentence: str) -> None:
        """Say why a pattern cannot be used; it stays in the field."""
        self._asked = None
        self._say(sentence, wrong=True)
        self.field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._on_add()
                return True
            if event.key() == Qt.Key.Key_Escape and self.field.text():
                self.field.clear()
                self._say(self._help())
                return True
        return super().eventFilter(watched, event)

    def _fill(self) -> None:
        for chip in self.chips:
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self.chips = [PatternChip(pattern, self._holder) for pattern in self._patterns]
        for chip in self.chips:
            chip.removed.connect(self._on_removed)
            self._flow.addWidget(chip)
            chip.show()
        self._holder.updateGeometry()

    def _focus_near(self, at: int) -> None:
        if self.chips:
            self.chips[min(at, len(self.chips) - 1)].cross.setFocus()
        else:
            self.field.setFocus()

    def _help(self) -> str:
        return _(
            "A name is left out wherever it stands; * stands for any letters, and Trips/2019 or"
            " Private/ for a folder. The files themselves stay as they are."
        )

    def _say(self, sentence: str, wrong: bool = False) -> None:
        self.note.setText(sentence)
        self.note.setProperty("role", "wrong" if wrong else "small")
        self.note.style().polish(self.note)
        self.field.setAccessibleDescription(sentence)

    def _on_text_changed(self, text: str) -> None:
        self.button.setEnabled(bool(text.strip()))

    def _on_add(self) -> None:
        pattern = self.field.text().strip()
        if not pattern:
            return
        if pattern in self._patterns:
            self._say(_("This is left out already."), wrong=True)
            return
        self._asked = pattern
        self.wanted.emit((*self._patterns, pattern))

    def _on_removed(self, pattern: str) -> None:
        self.wanted.emit(tuple(each for each in self._patterns if each != pattern))
