"""The licence of a model that may be used for research only, accepted once before the download."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QWidget

from photosearch.gui.settings.models import dialogs
from photosearch.gui.text import _
from photosearch.types import ModelOffer


class LicenceDialog(QDialog):
    """Says under which terms the weights stand; `accepted` only after the box was ticked."""

    def __init__(self, offer: ModelOffer, parent: QWidget):
        super().__init__(parent)
        assert offer.entry is not None
        licence = offer.entry.licence
        column = dialogs.begin(self, _("Licence"))
        title = _("{model} is for research only").format(model=offer.title)
        text = _(
            "Its makers allow it to be used for research that is not commercial. Using it for"
            " your work or business may need another licence from them. PhotoSearch itself has"
            " no part in these terms."
        )
        where = dialogs.label("", "", self)
        where.setTextFormat(Qt.TextFormat.RichText)
        where.setProperty("rich", True)
        words = _("The full terms: {link}")
        link = f'<a href="{escape(licence.url)}">{escape(licence.name)}</a>'
        where.setText(words.format(link=link))
        where.setOpenExternalLinks(True)
        where.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        where.setAccessibleName(_("The full terms: {link}").format(link=licence.name))
        self.tick = QCheckBox(_("I have read the terms and accept them"), self)
        box, self.accept_button = dialogs.buttons(self, _("Accept and download"))
        self.accept_button.setEnabled(False)
        self.tick.toggled.connect(self.accept_button.setEnabled)
        column.addWidget(dialogs.label(title, "heading", self))
        column.addWidget(dialogs.label(text, "", self))
        column.addWidget(where)
        column.addWidget(self.tick)
        column.addSpacing(8)
        column.addWidget(box)
        self.tick.setFocus()
