"""The line above the photos: where one is, how many, and in which order results stand."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import theme
from photosearch.gui.text import _
from photosearch.gui.told import told

LEAST_TITLE_PX = 80


class OrderSwitch(QFrame):
    """Two buttons, one of them down: "Best first" and "Newest first"."""

    newestWanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("orderSwitch")
        self.setAccessibleName(_("Order of the results"))
        self.best = self._button(_("Best first"), _("The photos that fit best come first"))
        self.newest = self._button(
            _("Newest first"), _("The 200 photos that fit best, newest first")
        )
        group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        for button in (self.best, self.newest):
            group.addButton(button)
            row.addWidget(button)
        self.best.setChecked(True)
        self.newest.toggled.connect(self.newestWanted)

    def _button(self, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(text)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button


class PageHeader(QWidget):
    """Title, count and, for results, the order switch; notices stand below."""

    newestWanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.title = Elided(self)
        self.title.setProperty("role", "title")
        self.count = QLabel(self)
        self.count.setProperty("role", "quiet")
        self.count.setContentsMargins(0, 0, 0, 4)  # onto the title's base line
        self.count.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.order = OrderSwitch(self)
        self.order.newestWanted.connect(self.newestWanted)
        self.order.hide()
        self.notice = QLabel(self)
        self.notice.setProperty("role", "quiet")
        self.notice.setWordWrap(True)
        self.notice.hide()
        row = QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(self.title, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self.count, 0, Qt.AlignmentFlag.AlignBottom)
        row.addStretch(1)
        row.addWidget(self.order, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, theme.M, theme.L, theme.S)
        column.setSpacing(theme.S)
        column.addLayout(row)
        column.addWidget(self.notice)
        self.title.stand_beside(self.count, self.order)
        self.setMinimumHeight(60)

    def show_place(self, title: str, count: str) -> None:
        """Show a place and its count."""
        self._show(title, count, results=False)
        self.show_notices(())

    def show_results(self, title: str, count: str, several: bool = True) -> None:
        """Show a search and how many it found; an order is offered for several."""
        self._show(title, count, results=several)

    def show_notices(self, notices: tuple[str, ...]) -> None:
        """Show sentences about the search, or none."""
        self.notice.setText("  ".join(map(told, notices)))
        self.notice.setVisible(bool(notices))

    def _show(self, title: str, count: str, results: bool) -> None:
        self.count.setText(count)
        self.order.setVisible(results)
        self.title.set_full_text(title)


class Elided(QLabel):
    """A title that gives way: its middle is left out when the window is narrow."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._full = ""
        self._beside: tuple[QWidget, ...] = ()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(LEAST_TITLE_PX)

    def stand_beside(self, *widgets: QWidget) -> None:
        """Know what else stands on the line: the title has what they leave."""
        self._beside = widgets
        self._fit()

    def set_full_text(self, text: str) -> None:
        """Show `text`, shortened to what the line has to spare."""
        self._full = " ".join(text.split())
        self._fit()

    def _fit(self) -> None:
        above = self.parentWidget()
        taken = [each.sizeHint().width() + theme.M for each in self._beside if not each.isHidden()]
        room = above.width() - sum(taken) - 2 * theme.XL if above is not None else 400
        room = max(LEAST_TITLE_PX, room)
        short = self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, room)
        self.setText(short)
        self.setMinimumWidth(min(LEAST_TITLE_PX, self.fontMetrics().horizontalAdvance(short) + 1))
        self.setToolTip(self._full if short != self._full else "")

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit()
