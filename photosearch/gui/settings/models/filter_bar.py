"""The bar above the table of models: text, language, and three switches."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QWidget

from photosearch.gui import theme
from photosearch.gui.settings.flow import FlowLayout
from photosearch.gui.settings.models import wording
from photosearch.gui.settings.models.filters import Conditions
from photosearch.gui.text import _
from photosearch.types import ModelKind, ModelOffer

FIELD_PX = 250
CROSS_PX = 56  # what clears the field, and its margins


class FilterBar(QWidget):
    """Says which models are listed, and in which language they are judged."""

    changed = Signal(object)  # Conditions
    languageChosen = Signal(str)  # ISO 639-1: whose recall is shown

    def __init__(self, kind: ModelKind, parent: QWidget | None = None):
        super().__init__(parent)
        self.field = QLineEdit(self)
        hint = _("Filter by name, word or licence")
        self.field.setPlaceholderText(hint)
        self.field.setAccessibleName(_("Filter models"))
        self.field.setClearButtonEnabled(True)
        hint_px = self.field.fontMetrics().horizontalAdvance(hint)
        self.field.setMinimumWidth(max(FIELD_PX, hint_px + CROSS_PX))
        self.field.textChanged.connect(self._on_changed)
        self.language = QComboBox(self)
        self.language.setAccessibleName(_("Language whose quality is shown"))
        self.language.view().setAccessibleName(_("Languages"))
        self.language.setToolTip(_("Shows how well models understand this language"))
        self.language.addItem(wording.language("en"), "en")
        self.language.currentIndexChanged.connect(self._on_language_chosen)
        self._asked = QLabel(_("Quality in"), self)
        self._asked.setProperty("role", "quiet")
        self._asked.setBuddy(self.language)
        self.knows = _switch(_("Only models for this language"), self)
        self.free = _switch(_("Free for any use"), self)
        self.fits = _switch(_("Fits this machine"), self)
        self.here = _switch(_("On this machine"), self)
        row = FlowLayout(self, theme.S)
        row.addWidget(self.field)
        for widget in (self._asked, self.language, self.knows):
            widget.setVisible(kind is ModelKind.SEARCH)
            row.addWidget(widget)
        for button in (self.free, self.fits, self.here):
            row.addWidget(button)
        for button in (self.knows, self.free, self.fits, self.here):
            button.toggled.connect(self._on_changed)

    def show_languages(self, offers: Iterable[ModelOffer], preferred: str) -> None:
        """Offer the languages of which a recall is known; the user's own comes first."""
        known = {
            each.language for offer in offers if offer.entry for each in offer.entry.recall
        } | {"en"}
        rest = sorted(known - {preferred, "en"}, key=wording.language)
        first = [code for code in dict.fromkeys((preferred, "en")) if code in known]
        codes = [*first, *rest]
        if codes == [self.language.itemData(at) for at in range(self.language.count())]:
            return
        chosen = self.language.currentData()
        self.language.blockSignals(True)
        self.language.clear()
        for code in codes:
            self.language.addItem(wording.language(code), code)
        self.language.setCurrentIndex(max(0, self.language.findData(chosen)))
        self.language.blockSignals(False)

    def clear(self) -> None:
        """List everything."""
        self.field.clear()
        for button in (self.knows, self.free, self.fits, self.here):
            button.setChecked(False)

    def conditions(self) -> Conditions:
        """Return what a model must be to be listed."""
        code = str(self.language.currentData() or "en")
        return Conditions(
            self.field.text(),
            code if self.knows.isChecked() else "",
            self.free.isChecked(),
            self.fits.isChecked(),
            self.here.isChecked(),
        )

    def _on_changed(self, *_what: object) -> None:
        self.changed.emit(self.conditions())

    def _on_language_chosen(self, _at: int) -> None:
        self.languageChosen.emit(str(self.language.currentData() or "en"))
        self.changed.emit(self.conditions())


def _switch(words: str, parent: QWidget) -> QPushButton:
    button = QPushButton(words, parent)
    button.setProperty("role", "chip")
    button.setCheckable(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
