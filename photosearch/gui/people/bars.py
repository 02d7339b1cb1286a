"""Bars of the people pages: switches, undo and redo, and what can be done with a selection."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStackedLayout,
    QToolButton,
    QWidget,
)

from photosearch.gui import icons, theme
from photosearch.gui.text import _
from photosearch.gui.told import told
from photosearch.types import History

BAR_PX = 46


class Segments(QFrame):
    """Some buttons in a row, one of them down."""

    chosen = Signal(int)

    def __init__(self, said: str, texts: Sequence[str], parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("orderSwitch")
        self.setAccessibleName(said)
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        for number, text in enumerate(texts):
            button = QToolButton(self)
            button.setText(text)
            button.setAccessibleName(text)
            button.setCheckable(True)
            button.setChecked(number == 0)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._group.addButton(button, number)
            row.addWidget(button)
        self._group.idClicked.connect(self.chosen)

    def button(self, number: int) -> QToolButton:
        """Return one of the buttons."""
        button = self._group.button(number)
        assert isinstance(button, QToolButton)
        return button

    def texts(self) -> list[str]:
        """Return what the buttons say."""
        return [button.text() for button in self._group.buttons()]

    def now(self) -> int:
        """Return which button is down."""
        return self._group.checkedId()

    def show_chosen(self, number: int) -> None:
        """Put a button down without telling."""
        self.button(number).setChecked(True)


class UndoButtons(QWidget):
    """Undo and redo; their tips say what."""

    undoWanted = Signal()
    redoWanted = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.undo = icons.IconButton("undo", "", self)
        self.redo = icons.IconButton("redo", "", self)
        self.undo.clicked.connect(self.undoWanted)
        self.redo.clicked.connect(self.redoWanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.undo)
        row.addWidget(self.redo)
        self.show_history(History())

    def show_history(self, history: History) -> None:
        """Say what undo and redo would do."""
        undo = _("Undo: {title} (Ctrl+Z)").format(title=told(history.undo))
        redo = _("Redo: {title} (Ctrl+Shift+Z)").format(title=told(history.redo))
        self.undo.say(undo if history.undo else _("Nothing to undo"))
        self.redo.say(redo if history.redo else _("Nothing to redo"))
        self.undo.setEnabled(bool(history.undo))
        self.redo.setEnabled(bool(history.redo))


class SelectionBar(QFrame):
    """How many are selected, what can be done with them, and a cross to select none.

    Buttons that have no room go into a menu, the last first.
    """

    cleared = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("selectionBar")
        self._buttons: list[QPushButton] = []
        self._unwanted: set[QPushButton] = set()
        self.label = QLabel(self)
        self.label.setProperty("role", "strong")
        self.more = icons.IconButton("more", _("More for those that are selected"), self)
        self.more.clicked.connect(self.show_menu)
        self.close_button = icons.IconButton("close", _("Select none (Esc)"), self, 16)
        self.close_button.clicked.connect(self.cleared)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 2, 6, 2)
        self._row.setSpacing(theme.XS)
        self._row.addWidget(self.label)
        self._row.addSpacing(theme.S)
        self._row.addWidget(self.more)
        self._row.addStretch(1)
        self._row.addWidget(self.close_button)

    def add(self, widget: QWidget) -> None:
        """Add something that is always shown, before the buttons."""
        self._row.insertWidget(self._row.indexOf(self.more), widget)

    def add_button(self, text: str, tip: str = "") -> QPushButton:
        """Add a button."""
        button = QPushButton(text, self)
        button.setProperty("role", "link")
        button.setToolTip(tip)
        self._buttons.append(button)
        self.add(button)
        return button

    def show_buttons(self, texts: dict[QPushButton, str]) -> None:
        """Say what can be done: the buttons that are given, with these words."""
        self._unwanted = set(self._buttons) - set(texts)
        for button, text in texts.items():
            button.setText(text.replace("&", "&&"))
        self._fit()

    def menu(self) -> QMenu:
        """Return a menu of the buttons that have no room."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for button in self._buttons:
            if button.isHidden() and button not in self._unwanted:
                menu.addAction(button.text()).triggered.connect(button.click)
        return menu

    def show_menu(self) -> None:
        """Open the menu of the buttons that have no room."""
        self.menu().popup(self.more.mapToGlobal(QPoint(0, self.more.height() + theme.XS)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        wanted = [button for button in self._buttons if button not in self._unwanted]
        held = (self._row.itemAt(at) for at in range(self._row.count()))
        widgets = (item.widget() for item in held if item is not None)
        changing = {*self._buttons, self.more}
        fixed = [each for each in widgets if each is not None and each not in changing]
        gap = self._row.spacing()
        taken = sum(max(w.sizeHint().width(), w.minimumWidth()) + gap for w in fixed)
        room = self.width() - taken - 18 - theme.S - 2 * gap
        widths = [button.sizeHint().width() + gap for button in wanted]
        count = len(wanted)
        if sum(widths) > room:
            room -= self.more.sizeHint().width() + gap
            while count and sum(widths[:count]) > room:
                count -= 1
        for button in self._buttons:
            button.setVisible(button in wanted[:count])
        self.more.setVisible(count < len(wanted))


class ElidedLine(QLabel):
    """A line of text that gives way: where there is no room, a shorter text or its beginning."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._full, self._less = "", ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_full_text(self, text: str, less: str = "") -> None:
        """Show a text, shortened to the room there is: with `less` given that or nothing."""
        self._full, self._less = " ".join(text.split()), less
        self.setAccessibleName(self._full)
        self._fit()

    def full_text(self) -> str:
        """Return all of the text."""
        return self._full

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        elide, metrics, room = Qt.TextElideMode.ElideRight, self.fontMetrics(), self.width()
        short = metrics.elidedText(self._full, elide, max(40, room))
        if self._less and short != self._full:
            short = self._less if metrics.horizontalAdvance(self._less) <= room else ""
        if short != self.text():
            self.setText(short)


class TwoRows(QWidget):
    """A place for two rows of which one is shown: nothing below moves when they change."""

    def __init__(self, usual: QWidget, other: QWidget, parent: QWidget | None = None):
        super().__init__(parent)
        self._usual, self._other = usual, other
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(usual)
        self._stack.addWidget(other)
        self.setFixedHeight(BAR_PX)

    def show_other(self, other: bool) -> None:
        """Show the other row, or the usual one."""
        self._stack.setCurrentWidget(self._other if other else self._usual)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, BAR_PX)  # buttons that have no room are cut off, the window is not wider


class UndoToast(QFrame):
    """Says what was done, with a button that takes it back."""

    acted = Signal()

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self._above = parent
        self._spared: tuple[QWidget, ...] = ()
        self.setObjectName("undoToast")
        self.label = QLabel(self)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.button = QPushButton(self)
        self.button.setProperty("role", "link")
        self.button.clicked.connect(self.acted)
        self.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Ctrl+Z does it, Tab goes elsewhere
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 8, 6)
        row.setSpacing(theme.S)
        row.addWidget(self.label)
        row.addWidget(self.button)
        self.hide()

    def say(self, sentence: str, action: str) -> None:
        """Show a sentence at the foot of the parent."""
        self.button.setText(action)
        self.button.setVisible(bool(action))
        self.label.setText(sentence)
        self.setAccessibleName(sentence)
        room = max(120, self._above.width() - 2 * theme.XL)
        self.label.setText(
            self.fontMetrics().elidedText(
                sentence, Qt.TextElideMode.ElideMiddle, max(80, room - 140)
            )
        )
        self.label.setToolTip(sentence)
        self.adjustSize()
        self.place()
        self.raise_()
        self.show()

    def spare(self, *widgets: QWidget) -> None:
        """Never lie over these descendants of the parent."""
        self._spared = widgets

    def place(self) -> None:
        """Stand at the foot of the parent, in the middle, above what is to be spared."""
        above = self._above
        where = self.rect()
        where.moveCenter(above.rect().center())
        where.moveBottom(above.height() - theme.L)
        for widget in self._spared:
            spared = QRect(widget.mapTo(above, QPoint(0, 0)), widget.size())
            if widget.isVisible() and where.intersects(spared):
                where.moveBottom(spared.top() - theme.S)
        self.move(where.topLeft())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.place()
