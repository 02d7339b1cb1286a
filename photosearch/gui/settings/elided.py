"""A path in one line: its middle gives way, so that drive and name stay."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


class PathLabel(QLabel):
    """Shows as much of a text as has room; all of it as a tip."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._full = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_text(self, text: str) -> None:
        """Show a text."""
        self._full = " ".join(text.splitlines())
        self._align()
        self.setAccessibleName(self._full)
        self._fit()

    def full_text(self) -> str:
        """Return all of the text."""
        return self._full

    def minimumSizeHint(self) -> QSize:
        return QSize(60, super().minimumSizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._align()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _align(self) -> None:
        """Begin where one begins to read, though a path itself always runs to the right."""
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
        self.setAlignment(side | middle)

    def _fit(self) -> None:
        room = max(60, self.contentsRect().width())
        short = self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideMiddle, room)
        if short != self.text():
            self.setText(short)
        self.setToolTip(self._full if short != self._full else "")
