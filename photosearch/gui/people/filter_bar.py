"""Which people are shown: a switch and links, put together where they have no room."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QPushButton, QWidget

from photosearch.gui import icons, theme
from photosearch.gui.people.bars import Segments
from photosearch.gui.text import _


class FilterBar(QWidget):
    """The switch becomes a list where it has no room; links go into a menu, the last first."""

    def __init__(
        self, switch: Segments, links: Sequence[QPushButton], parent: QWidget | None = None
    ):
        super().__init__(parent)
        self._switch, self._links = switch, tuple(links)
        self._wanted: set[QPushButton] = set()
        self.box = QComboBox(self)
        self.box.setAccessibleName(switch.accessibleName())
        self.box.view().setAccessibleName(self.box.accessibleName())
        self.box.addItems(switch.texts())
        self.box.activated.connect(lambda number: switch.button(number).click())
        switch.chosen.connect(self.box.setCurrentIndex)
        self.more = icons.IconButton("more", _("More"), self)
        self.more.clicked.connect(self._on_more)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        for widget in (switch, self.box):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        for button in (*self._links, self.more):
            row.addWidget(button)
        self._fit()

    def want(self, link: QPushButton, wanted: bool) -> None:
        """Show a link, or leave it out."""
        (self._wanted.add if wanted else self._wanted.discard)(link)
        self._fit()

    def menu(self) -> QMenu:
        """Return a menu of the links that have no room."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for link in self._links:
            if link in self._wanted and link.isHidden():
                menu.addAction(link.text()).triggered.connect(link.click)
        return menu

    def _fit(self) -> None:
        gap = theme.S
        wanted = [link for link in self._links if link in self._wanted]
        widths = [link.sizeHint().width() + gap for link in wanted]
        room = self.width() - self._switch.sizeHint().width()
        whole = sum(widths) <= room
        count = len(wanted)
        if not whole:
            room = self.width() - self.box.sizeHint().width()
            if sum(widths) > room:
                room -= self.more.sizeHint().width() + gap
            while count and sum(widths[:count]) > room:
                count -= 1
        self._switch.setVisible(whole)
        self.box.setVisible(not whole)
        self.box.setCurrentIndex(self._switch.now())
        for link in self._links:
            link.setVisible(link in wanted[:count])
        self.more.setVisible(count < len(wanted))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # a link says something else
            self._fit()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _on_more(self) -> None:
        menu = self.menu()
        left = self.more.width() - menu.sizeHint().width()
        menu.popup(self.more.mapToGlobal(QPoint(left, self.more.height() + theme.XS)))
