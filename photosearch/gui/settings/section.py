"""One section of the settings: a title, widgets of other parts, and a card of rows.

Knows which of its parts are meant by a search; what a row does, the row knows.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from photosearch.gui import theme
from photosearch.gui.settings import matching
from photosearch.gui.settings.row import SettingRow
from photosearch.gui.settings.sections import SectionInfo
from photosearch.gui.text import _

_LEFT = Qt.AlignmentFlag.AlignLeft
COLUMN_PX = 760  # no wider, or the eye loses the row


class Card(QFrame):
    """Rows with lines between those that are shown; without any, it is not there."""

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setObjectName("card")
        self.setMaximumWidth(COLUMN_PX)
        self._rows: list[tuple[QFrame, QWidget]] = []  # each with the line above it
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(1, theme.XS, 1, theme.XS)
        self._column.setSpacing(0)
        self.hide()

    def add(self, row: QWidget) -> None:
        """Put a row at the end."""
        line = QFrame(self)
        line.setObjectName("cardLine")
        line.setFixedHeight(1)
        self._rows.append((line, row))
        self._column.addWidget(line)
        self._column.addWidget(row)

    def take(self, row: QWidget) -> None:
        """Take a row out, if it is here."""
        for line, each in [pair for pair in self._rows if pair[1] is row]:
            self._rows.remove((line, each))
            line.hide()
            line.deleteLater()
            each.hide()
            self._column.removeWidget(each)

    def arrange(self) -> None:
        """Draw lines where rows are shown on both sides."""
        before = False
        for line, row in self._rows:
            line.setVisible(before and not row.isHidden())
            before = before or not row.isHidden()
        self.setVisible(before)


@dataclass(frozen=True, slots=True)
class Added:
    """A widget of another part, and what one may type to find it."""

    widget: QWidget
    words: str


class Section(QWidget):
    """What stands below one entry of the navigation.

    Other parts `add` their widgets and refresh them when the section is `shown`: a section that
    nobody looks at asks the library nothing.
    """

    shown = Signal()
    expertWanted = Signal(bool)

    def __init__(self, info: SectionInfo, parent: QWidget | None = None):
        super().__init__(parent)
        self.info = info
        self.rows: list[SettingRow] = []
        self._added: list[Added] = []
        self._put_away: set[QWidget] = set()  # by a search; what its own part hides stays hidden
        self._terms: tuple[str, ...] = ()
        self._expert = False
        self.title = QLabel(_(info.title), self)
        self.title.setProperty("role", "title")
        self.sentence = QLabel(_(info.sentence), self)
        self.sentence.setProperty("role", "quiet")
        self.sentence.setWordWrap(True)
        self.sentence.setMaximumWidth(COLUMN_PX)
        self.lead, self.card = Card(self), Card(self)
        self.expert_button = QPushButton(self)
        self.expert_button.setProperty("role", "link")
        self.expert_button.setProperty("flush", True)
        self.expert_button.clicked.connect(self._on_expert_clicked)
        self._above, self._below = QVBoxLayout(), QVBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, theme.L)
        column.setSpacing(theme.M)
        column.addWidget(self.title)
        column.addLayout(_limited(self.sentence))
        for holder in (self._above, self._below):
            holder.setSpacing(theme.L)
        column.addLayout(_limited(self.lead))
        column.addLayout(self._above)
        column.addLayout(_limited(self.card))
        column.addLayout(self._below)
        column.addWidget(self.expert_button)
        column.setAlignment(self.expert_button, _LEFT)
        self._arrange()

    def add(
        self, widget: QWidget, *, above: bool = True, words: str = "", wide: bool = False
    ) -> None:
        """Put a widget above or below the rows.

        `words` are what one may type to find it, besides the section's own; `wide` lets a table
        be wider than the column of rows.
        """
        holder = self._above if above else self._below
        if wide:
            holder.addWidget(widget)
            self.lead.setMaximumWidth(widget.maximumWidth())  # they end at one edge
        else:
            widget.setMaximumWidth(COLUMN_PX)
            holder.addLayout(_limited(widget))
        if not widget.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide):
            widget.show()  # else its own part has said whether it shows
        self._added.append(Added(widget, words))
        self._arrange()

    def add_row(self, row: SettingRow) -> None:
        """Put a row at the end; the switch of the whole section stands above all else.

        What shows is arranged by the next `filter`: once for all rows.
        """
        self.rows.append(row)
        (self.lead if row.setting.key.endswith(".enabled") else self.card).add(row)

    def take_row(self, key: str) -> None:
        """Have no row for a setting: another part shows it in a way of its own."""
        taken = [row for row in self.rows if row.setting.key == key]
        for row in taken:
            self.rows.remove(row)
            self.lead.take(row)
            self.card.take(row)
            row.deleteLater()
        if taken:
            self._arrange()

    def show_expert(self, expert: bool) -> None:
        """Show the rows for experts, or not."""
        self._expert = expert
        self._arrange()

    def filter(self, terms: tuple[str, ...]) -> int:
        """Show only what is meant by some terms, all without any; returns how much that is."""
        self._terms = terms
        return self._arrange()

    def _words(self) -> str:
        return f"{_(self.info.title)} {_(self.info.words)}"

    def _arrange(self) -> int:
        terms, own = self._terms, self._words()
        alone = any(row.found(terms) for row in self.rows)
        alone |= any(matching.matches(terms, each.words) for each in self._added)
        if alone:
            own = ""  # what means a row does not mean all that stands beside it
        found = 0
        for row in self.rows:
            meant = row.found(terms, own) if terms else self._expert or not row.setting.expert
            row.setVisible(meant)
            found += meant
        self.lead.arrange()
        self.card.arrange()
        for each in self._added:
            meant = matching.matches(terms, own, each.words)
            found += self._show(each.widget, meant)
        experts = any(row.setting.expert for row in self.rows)
        self.expert_button.setVisible(experts and not terms)
        self.expert_button.setText(
            _("Hide expert settings") if self._expert else _("Show expert settings")
        )
        self.sentence.setVisible(not terms)
        return found

    def _show(self, widget: QWidget, meant: bool) -> bool:
        """Show what another part added, or put it away; returns whether it shows."""
        if meant and widget in self._put_away:
            self._put_away.remove(widget)
            widget.show()
        elif not meant and not widget.isHidden():
            self._put_away.add(widget)
            widget.hide()
        return not widget.isHidden()

    def _on_expert_clicked(self) -> None:
        self.expertWanted.emit(not self._expert)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            self.shown.emit()
        return super().event(event)


def _limited(widget: QWidget) -> QHBoxLayout:
    """Return a row for a widget with a largest width.

    Only beside something that takes the rest is its height reckoned for the width that it has.
    """
    row = QHBoxLayout()
    row.addWidget(widget, 10_000)
    row.addStretch(1)
    return row
