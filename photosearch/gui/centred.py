"""A page with one column in its middle, for little to say: scrolled where it has no room."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from photosearch.gui import theme


class Centred(QScrollArea):
    """Where its column is too long, the picture on top makes way before anything is scrolled."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._picture: QWidget | None = None
        self.setObjectName("emptyPage")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.inside = QWidget(self)
        self.inside.setObjectName("emptyPage")
        self.inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.column = QVBoxLayout(self.inside)
        self.column.setContentsMargins(theme.XL, theme.L, theme.XL, theme.XL)
        self.column.setSpacing(theme.M)
        self.setWidget(self.inside)

    def show_picture(self, picture: QWidget) -> None:
        """Show a picture of the column, as long as all else has room."""
        if self._picture is not None and self._picture is not picture:
            self._picture.hide()
        self._picture = picture
        self._fit()

    def _fit(self) -> None:
        if self._picture is None:
            return
        needed = self.column.totalHeightForWidth(self.viewport().width())
        if self._picture.isHidden():
            needed += self._picture.sizeHint().height() + self.column.spacing()
        self._picture.setVisible(needed <= self.viewport().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)
