"""What stands where there are no photos: a welcome, or a sentence that says why.

Also the card that offers to use a model, the slim banner of the same, and the veil that lies over
the window while something is dragged over it.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import icons, theme
from photosearch.gui.centred import Centred
from photosearch.gui.offers import SEARCH_OFFER, Offer
from photosearch.gui.text import _, listed
from photosearch.types import Query, Role

Ink = QPalette.ColorRole


class Drawing(QLabel):
    """A large quiet line icon that follows the palette."""

    def __init__(self, name: str, size_px: int, parent: QWidget | None = None, colour: str = ""):
        super().__init__(parent)
        self._name = name
        self._role = Ink.PlaceholderText
        self._colour = colour
        self._size_px = size_px
        self.setFixedSize(QSize(size_px, size_px))

    def sizeHint(self) -> QSize:
        return QSize(self._size_px, self._size_px)

    def set_drawing(self, name: str, role: Ink = Ink.PlaceholderText) -> None:
        """Show another drawing, perhaps in another colour of the palette."""
        self._name, self._role = name, role
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        usual = self.palette().color(self._role)
        colour = QColor(self._colour) if self._colour else usual
        ratio = self.devicePixelRatioF()
        painter.drawPixmap(0, 0, icons.pixmap(self._name, colour, self._size_px, ratio))
        painter.end()


class ModelCard(QFrame):
    """Offers to choose a model."""

    modelWanted = Signal()

    def __init__(self, offer: Offer, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("card")
        self.setMaximumWidth(560)
        mark = Drawing("model", 30, self)
        self.heading = QLabel(self)
        self.heading.setProperty("role", "strong")
        self.heading.setWordWrap(True)
        self._sentence = QLabel(self)
        self._sentence.setProperty("role", "quiet")
        self._sentence.setWordWrap(True)
        self.source = QLabel(self)
        self.source.setProperty("role", "quiet")
        self.source.setWordWrap(True)
        self.source.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.source.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.button = QPushButton(_("Choose a model…"), self)
        self.button.clicked.connect(self.modelWanted)
        words = QVBoxLayout()
        words.setSpacing(theme.XS)
        words.addWidget(self.heading)
        words.addWidget(self._sentence)
        words.addWidget(self.source)
        words.addSpacing(theme.S)
        words.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.L, theme.L, theme.L, theme.L)
        row.setSpacing(theme.L - 4)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self.show_offer(offer)

    def show_offer(self, offer: Offer) -> None:
        """Offer this."""
        self.heading.setText(_(offer.title))
        self._sentence.setText(_(offer.text) + " " + _("Your photos stay on this computer."))
        self.source.setText(_(offer.source))


class Banner(QFrame):
    """One line with a button and a cross: the model card once there are photos, or news."""

    acted = Signal()
    dismissed = Signal()

    def __init__(self, drawing: str, action: str = "", parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("banner")
        self._drawing = drawing
        self.mark = Drawing(drawing, 20, self)
        self.label = QLabel(self)
        self.label.setWordWrap(True)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.button = QPushButton(action, self)
        self.button.setProperty("role", "link")
        self.button.setVisible(bool(action))
        if not action:
            self.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.button.clicked.connect(self.acted)
        self.close_button = icons.IconButton("close", _("Dismiss"), self, 16)
        self.close_button.clicked.connect(self.dismissed)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 7, 8, 7)
        row.setSpacing(theme.M)
        row.addWidget(self.mark)
        row.addWidget(self.label, 1)
        row.addWidget(self.button)
        row.addWidget(self.close_button)

    def say(self, text: str, warning: bool = False) -> None:
        """Show a sentence: news, or that something went wrong."""
        if warning:
            self.mark.set_drawing("warning", Ink.BrightText)
        else:
            self.mark.set_drawing(self._drawing)
        self.label.setText(text)
        self.setAccessibleName(text)
        self.show()


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
        self._show("photos", _("No photos here"), _("There are no photos in this folder."))

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


class DropVeil(QWidget):
    """Lies over the whole window while folders are dragged over it."""

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self, area: QRect) -> None:
        """Cover an area of the parent and show."""
        self.setGeometry(area)
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = self.palette()
        accent = palette.color(QPalette.ColorRole.Accent)
        ground = QColor(palette.color(QPalette.ColorRole.Base))
        ground.setAlphaF(0.88)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), ground)
        inner = QRectF(self.rect()).adjusted(16, 16, -16, -16)
        wash = QColor(accent)
        wash.setAlphaF(0.10)
        painter.setBrush(wash)
        painter.setPen(QPen(accent, 2.5))
        painter.drawRoundedRect(inner, 18, 18)
        ratio = self.devicePixelRatioF()
        middle = self.rect().center()
        picture = icons.pixmap("drop", accent, 72, ratio)
        painter.drawPixmap(middle.x() - 36, middle.y() - 86, picture)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 1.7)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        where = self.rect().adjusted(0, 30, 0, 30)
        painter.drawText(where, Qt.AlignmentFlag.AlignCenter, _("Drop to add these photos"))
        painter.setFont(self.font())
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        hint = _("or drop a photo onto the search field, to find others like it")
        painter.drawText(where.translated(0, 36), Qt.AlignmentFlag.AlignCenter, hint)
        painter.end()
