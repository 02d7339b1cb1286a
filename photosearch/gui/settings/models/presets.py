"""The choice in plain words: a card for each preset, the recommended one marked.

Knows what it was told of presets and rows; what a card asks for, the section does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import theme
from photosearch.gui.settings.models import rows, wording
from photosearch.gui.settings.models.rows import Deed, Row
from photosearch.gui.text import _, joined
from photosearch.gui.told import told
from photosearch.types import OfferState, Preset

CARD_PX = 250  # a card is at least so wide where there are several in a line
COLUMNS = 3


class PresetCard(QFrame):
    """One preset: what it is good for, what it takes, and a button."""

    deedWanted = Signal(object, object)  # Deed, Row
    chosen = Signal(str)  # name of the model: show it in the table

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("presetCard")
        self._row: Row | None = None
        self._deed: Deed | None = None
        self.title = QLabel(self)
        self.title.setProperty("role", "heading")
        self.mark = QLabel(_("Recommended"), self)
        self.mark.setObjectName("pill")
        self.sentence = _wrapped("", self)
        self.reason = _wrapped("strong", self)
        self.reason.setObjectName("reason")
        self.facts = _wrapped("small", self)
        self.state = _wrapped("small", self)
        self.state.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.button = QPushButton(self)
        self.button.clicked.connect(self._on_clicked)
        head = QHBoxLayout()
        head.setSpacing(theme.S)
        head.addWidget(self.title)
        head.addWidget(self.mark)
        head.addStretch(1)
        foot = QHBoxLayout()
        foot.setSpacing(theme.S)
        foot.addWidget(self.state, 1)
        foot.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L - 4, theme.M, theme.L - 4, theme.M)
        column.setSpacing(theme.XS + 2)
        column.addLayout(head)
        column.addWidget(self.sentence)
        column.addWidget(self.reason)
        column.addStretch(1)
        column.addWidget(self.facts)
        column.addWidget(self.bar)
        column.addLayout(foot)

    def show_preset(self, preset: Preset, row: Row | None) -> None:
        """Show a preset and how far its model is; `row` is None where the catalogue lacks it."""
        self._row = row
        title = told(preset.title)
        self.title.setText(title)
        self.sentence.setText(told(preset.sentence))
        self.mark.setVisible(preset.recommended)
        self.reason.setText(told(preset.reason))
        self.reason.setVisible(preset.recommended and bool(preset.reason))
        if bool(self.property("recommended")) != preset.recommended:
            self.setProperty("recommended", preset.recommended)
            self.style().unpolish(self)
            self.style().polish(self)
        self.facts.setText(facts(row) if row is not None else preset.model)
        self._show_state(title, row)

    def _show_state(self, title: str, row: Row | None) -> None:
        self._deed = card_deed(row) if row is not None else None
        share = rows.share(row) if row is not None else None
        self.bar.setVisible(share is not None)
        self.bar.setValue(round((share or 0) * 1000))
        words = card_state(row) if row is not None else _("Not in the catalogue")
        self.state.setText(words)
        self.state.setToolTip(words)
        self.button.setVisible(self._deed is not None)
        if self._deed is not None and row is not None:
            text = _("Use…") if self._deed is Deed.GET_AND_USE else rows.deed_words(self._deed, row)
            self.button.setText(text)
            self.button.setAccessibleName(f"{text.rstrip('…')}: {title}")
        primary = "primary" if self.property("recommended") and self._primary() else ""
        if self.button.property("role") != primary:
            self.button.setProperty("role", primary)
            self.button.style().unpolish(self.button)
            self.button.style().polish(self.button)

    def _primary(self) -> bool:
        return self._deed in (Deed.GET_AND_USE, Deed.USE)

    def _on_clicked(self) -> None:
        if self._row is not None and self._deed is not None:
            self.chosen.emit(self._row.name)
            self.deedWanted.emit(self._deed, self._row)


class PresetCards(QWidget):
    """The cards in as many columns as there is room for."""

    deedWanted = Signal(object, object)
    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._columns = 0
        self.cards: list[PresetCard] = []
        self._presets: tuple[Preset, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.M)

    def show_presets(self, presets: Sequence[Preset], known: Mapping[str, Row]) -> None:
        """Show these, with the rows of their models by name."""
        self._presets = tuple(presets)
        while len(self.cards) < len(self._presets):
            card = PresetCard(self)
            card.deedWanted.connect(self.deedWanted)
            card.chosen.connect(self.chosen)
            self.cards.append(card)
            self._columns = 0
        for at, card in enumerate(self.cards):
            card.setVisible(at < len(self._presets))
            if at < len(self._presets):
                card.show_preset(self._presets[at], known.get(self._presets[at].model))
        self._lay_out()

    def show_row(self, row: Row) -> None:
        """Show how far one model is."""
        for card, preset in zip(self.cards, self._presets, strict=False):
            if preset.model == row.name:
                card.show_preset(preset, row)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._card_px(), super().minimumSizeHint().height())  # as in one column

    def _card_px(self) -> int:
        return max((card.minimumSizeHint().width() for card in self.cards), default=0)

    def _lay_out(self) -> None:
        wide = max(CARD_PX, self._card_px()) + theme.M
        columns = max(1, min(COLUMNS, (self.width() + theme.M) // wide))
        if columns == self._columns:
            return
        self._columns = columns
        for at, card in enumerate(self.cards):
            self._grid.removeWidget(card)
            self._grid.addWidget(card, *divmod(at, columns))
        for number in range(COLUMNS):
            self._grid.setColumnStretch(number, int(number < columns))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()


def facts(row: Row) -> str:
    """Return what a preset takes: download, speed, licence."""
    offer = row.offer
    speed = ""
    if offer.speed is not None and offer.speed.per_second > 0:
        speed = _("{n} photos/s").format(n=wording.speed(offer.speed))
        if not offer.speed.measured:
            speed = _("about {speed}").format(speed=speed)
    licence = wording.licence(offer)
    if wording.research_only(offer):
        licence = _("{licence} (research only)").format(licence=licence)
    return joined((wording.size(offer.download_bytes), speed, licence))


def card_state(row: Row) -> str:
    """Return what stands beside the button of a card."""
    if row.state is OfferState.AVAILABLE and not row.trouble:
        left = row.offer.hours
        if left is None:
            return ""
        return _("{time} for this library").format(time=wording.hours(left))
    note = row.trouble if row.trouble else rows.state_note(row)
    return joined((rows.state_words(row), note))


def card_deed(row: Row) -> Deed | None:
    """Return what the button of a card does: a preset is there to be used."""
    possible = rows.deeds(row)
    if not possible:
        return None
    if row.state is OfferState.IN_USE:
        return None
    return Deed.GET_AND_USE if Deed.GET_AND_USE in possible else possible[0]


def _wrapped(role: str, parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setWordWrap(True)
    if role:
        label.setProperty("role", role)
    return label
