"""Everything about the model whose row is chosen, and a button for each deed.

Knows what it was told; facts, recall and measurement stand side by side where there is room.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import theme
from photosearch.gui.settings.flow import FlowLayout
from photosearch.gui.settings.models import facts, rows, wording
from photosearch.gui.settings.models.rows import Deed, Row
from photosearch.gui.text import _, joined
from photosearch.gui.told import told
from photosearch.types import Measurement, OfferState

WIDE_PX = 820


class Details(QFrame):
    """Sentence, facts, recall, measurement, problems and deeds of one model."""

    deedWanted = Signal(object, object)  # Deed, Row
    stopWanted = Signal(str)  # name: what is measured

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("card")
        self._row: Row | None = None
        self._measurement: Measurement | None = None
        self._language = "en"
        self._shown: tuple[Row | None, Measurement | None, str, bool, int] | None = None
        self.title = _label("heading", self)
        self.title.setWordWrap(False)
        self.title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.name = _label("small", self)
        self.name.setWordWrap(False)
        self.name.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.sentence = _label("", self)
        self.problem = _label("warn", self)
        self.problem.setAccessibleName(_("Problem"))
        self.progress = _label("quiet", self)
        self.facts = _label("", self)
        self.facts.setAccessibleName(_("About the model"))
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.facts.setOpenExternalLinks(True)
        self.recall = _label("", self)
        self.measured = _label("", self)
        self._deeds = QWidget(self)
        self._flow = FlowLayout(self._deeds, theme.S)
        self.buttons = {deed: self._button(deed) for deed in _ORDER}
        self.stop = QPushButton(_("Stop"), self)
        self.stop.clicked.connect(self._on_stop)
        self._lay_out()
        self.show_row(None)

    def _button(self, deed: Deed) -> QPushButton:
        button = QPushButton(deed.value, self._deeds)  # its words follow with the model
        button.clicked.connect(partial(self._on_clicked, deed))
        self._flow.addWidget(button)
        return button

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.S)
        head.addWidget(self.title)
        head.addWidget(self.name, 1)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._columns.setSpacing(theme.L)
        for widget in (self.facts, self.recall, self.measured):
            self._columns.addWidget(widget, 3 if widget is self.facts else 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L - 4, theme.M, theme.L - 4, theme.M)
        column.setSpacing(theme.S)
        column.addLayout(head)
        for part in (self.sentence, self.problem, self.progress, self._deeds):
            column.addWidget(part)
        column.addSpacing(theme.XS)
        column.addLayout(self._columns)
        self._flow.addWidget(self.stop)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        directions = QBoxLayout.Direction
        wide = self.width() >= WIDE_PX
        wanted = directions.LeftToRight if wide else directions.TopToBottom
        if self._columns.direction() is not wanted:
            self._columns.setDirection(wanted)

    # --- what it shows --------------------------------------------------------

    def show_row(
        self,
        row: Row | None,
        measurement: Measurement | None = None,
        language: str = "en",
        stoppable: bool = False,
    ) -> None:
        """Show a model, or that none is chosen."""
        shown = (row, measurement, language, stoppable, self.palette().cacheKey())
        if shown == self._shown:
            return
        self._shown = shown
        self._row = row
        self.setVisible(row is not None)
        if row is None:
            return
        entry = row.offer.entry
        self.setAccessibleName(row.title)
        self.title.setText(row.title)
        self.name.setText(row.name if row.name != row.title else "")
        self.name.setToolTip(row.name)
        _fill(self.sentence, told(entry.sentence) if entry is not None else _own(row))
        _fill(self.problem, row.trouble)
        _fill(self.progress, _progress(row))
        quiet = self.palette().placeholderText().color().name()
        _fill(self.facts, facts.facts(row, quiet))
        _fill(self.recall, facts.recall(row, language, quiet))
        _fill(self.measured, facts.measured(row, measurement))
        self._show_deeds(row, stoppable)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._shown:
            row, measurement, language, stoppable, _key = self._shown
            self.show_row(row, measurement, language, stoppable)

    def _show_deeds(self, row: Row, stoppable: bool) -> None:
        possible = rows.deeds(row)
        for deed, button in self.buttons.items():
            button.setVisible(deed in possible)
            button.setText(rows.deed_words(deed, row))
            role = "primary" if possible[:1] == (deed,) and deed in _MAIN else ""
            if button.property("role") != role:
                button.setProperty("role", role)
                button.style().unpolish(button)
                button.style().polish(button)
        self.stop.setVisible(stoppable)
        self._deeds.setVisible(bool(possible) or stoppable)
        self._deeds.updateGeometry()

    def _on_clicked(self, deed: Deed, _on: bool = False) -> None:
        if self._row is not None:
            self.deedWanted.emit(deed, self._row)

    def _on_stop(self) -> None:
        if self._row is not None:
            self.stopWanted.emit(self._row.name)


def _own(row: Row) -> str:
    if row.here and not row.offer.owned:
        return _("A model of your own, used where it is: it breaks when its folder is moved.")
    return _("A model of your own.")


def _progress(row: Row) -> str:
    """Return how far a download is, with all its figures."""
    if row.state is not OfferState.DOWNLOADING:
        return ""
    words = rows.state_words(row)
    if row.progress is None:
        return words
    return joined((words, wording.download_words(row.progress), row.progress.file))


_ORDER = (
    Deed.GET, Deed.GET_AND_USE, Deed.USE, Deed.PAUSE, Deed.RESUME, Deed.NOW, Deed.CANCEL,
    Deed.GO_BACK, Deed.TRY, Deed.MEASURE, Deed.REPAIR, Deed.DELETE, Deed.FORGET,
)  # fmt: skip
_MAIN = {Deed.GET, Deed.USE, Deed.RESUME, Deed.NOW}


def _label(role: str, parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    if role:
        label.setProperty("role", role)
        label.setTextFormat(Qt.TextFormat.PlainText)
    else:  # of facts, which are escaped where they are put together
        label.setTextFormat(Qt.TextFormat.RichText)
        label.setProperty("rich", True)
    return label


def _fill(label: QLabel, words: str) -> None:
    label.setText(words)
    label.setVisible(bool(words))
