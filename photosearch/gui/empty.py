"""What stands where there are no photos: a welcome, or a sentence that says why."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from photosearch.gui import icons, theme
from photosearch.gui.centred import Centred
from photosearch.gui.drawing import Drawing
from photosearch.gui.offering import ModelCard
from photosearch.gui.offers import SEARCH_OFFER, Offer
from photosearch.gui.text import _, listed
from photosearch.types import Query, Role


class EmptyPage(Centred):
    """A centred drawing, a line, a sentence and perhaps a button."""

    addFolderWanted = Signal()
    modelWanted = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._drawing = Drawing("search", 64, self)
        self._drawing.hide()
        self._logo = QLabel(self)
        self._logo.setPixmap(icons.app_pixmap(112, self.devicePixelRatioF()))
        self.title = QLabel(self)
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title.setWordWrap(True)
        self.sentence = QLabel(self)
        self.sentence.setProperty("role", "quiet")
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence.setWordWrap(True)
        self.sentence.setMaximumWidth(520)
        self.button = QPushButton(_("Choose a folder…"), self)
        self.button.setProperty("role", "primary")
        self.button.setMinimumHeight(40)
        self.button.setMinimumWidth(180)
        self.button.clicked.connect(self.addFolderWanted)
        self.card = ModelCard(SEARCH_OFFER, self)
        self.card.modelWanted.connect(self.modelWanted)
        self._lay_out()

    def _lay_out(self) -> None:
        column = self.column
        middle = Qt.AlignmentFlag.AlignHCenter
        column.addStretch(3)
        column.addWidget(self._logo, 0, middle)
        column.addWidget(self._drawing, 0, middle)
        column.addSpacing(theme.S)
        column.addWidget(self.title)
        column.addLayout(between(self.sentence))
        column.addSpacing(theme.S)
        column.addWidget(self.button, 0, middle)
        column.addStretch(2)
        column.addLayout(between(self.card))
        column.addStretch(1)

    def show_welcome(self, offer: Offer | None) -> None:
        """The first start."""
        self._show(
            "",
            _("Drop photo folders here"),
            _("PhotoSearch looks at them on this computer and never changes them."),
            button=True,
            offer=offer,
        )

    def show_working(self) -> None:
        """Folders are there, their photos are on the way."""
        self._show(
            "photos", _("Looking at your photos"), _("The first ones appear here in a moment.")
        )

    def show_nothing_here(self) -> None:
        """A place without photos."""
        self._show(
            "photos",
            _("No photos here"),
            _("There are no photos in this folder. Videos, RAW and JPEG XL are not read yet."),
        )

    def show_no_favourites(self) -> None:
        """No favourites yet."""
        self._show(
            "heart",
            _("No favourites yet"),
            _("Press F on a photo, or click its heart, to keep it here."),
        )

    def show_nothing_to_search(self) -> None:
        """A search before there are any photos."""
        said = _("Add a folder of photos first, then search in it.")
        self._show("search", _("There are no photos yet"), said, button=True)

    def show_no_results(self, text: str, understood: Query, offer: Offer | None) -> None:
        """A search that found nothing: `text` as it was typed, and what it was taken for."""
        title, sentence = nothing_found(text, understood)
        only_names = bool(understood.mentions) and not understood.words
        self._show("search", title, sentence, offer=None if only_names else offer)

    def _show(
        self,
        drawing: str,
        title: str,
        sentence: str,
        button: bool = False,
        offer: Offer | None = None,
    ) -> None:
        self._drawing.set_drawing(drawing or "search")
        self.show_picture(self._drawing if drawing else self._logo)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setText(title if len(title) < 90 else title[:80] + "…")
        self.title.setProperty("role", "display" if not drawing else "title")
        self.title.style().unpolish(self.title)
        self.title.style().polish(self.title)
        self.sentence.setText(sentence)
        self.button.setVisible(button)
        if offer is not None:
            self.card.show_offer(offer)
        self.card.setVisible(offer is not None)


def nothing_found(text: str, understood: Query) -> tuple[str, str]:
    """Return a title and what to try for a search that found nothing."""
    wanted = [mention for mention in understood.mentions if mention.role is not Role.WITHOUT]
    names = tuple(dict.fromkeys(" ".join(mention.name.split()) for mention in wanted))
    title = _("No photos found for “{text}”").format(text=text) if text else _("Nothing found")
    if understood.unknown:
        title = _("There is nobody named “{name}”").format(name=understood.unknown[0])
        return title, _("Try another name. Everybody with a name is listed under People.")
    if not names:
        return title, _("Try other words, or fewer of them.")
    if understood.words:
        return title, _("Try other words, or only the names.")
    if understood.only or understood.without:
        return title, _("Try it with fewer conditions.")
    if len(names) == 1:
        return _("No photo here shows {name}").format(name=names[0]), _("Try another name.")
    return (
        _("No photo here shows {names} together").format(names=listed(names)),
        _("Leave one of them out to see photos of the others."),
    )


def between(widget: QWidget) -> QHBoxLayout:
    """Return a row with a widget in the middle that may use most of it."""
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(widget, 6)
    row.addStretch(1)
    return row
