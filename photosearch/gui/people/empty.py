"""What stands where there are no people: why, and what to do about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QWidget

from photosearch.gui import theme
from photosearch.gui.centred import Centred
from photosearch.gui.drawing import Drawing
from photosearch.gui.empty import between
from photosearch.gui.offering import ModelCard
from photosearch.gui.offers import PACK_OFFER
from photosearch.gui.people.reading import PeopleNews
from photosearch.gui.text import _, number
from photosearch.types import Progress


class PeopleEmpty(Centred):
    """A centred drawing, a line, a sentence; perhaps a card, a button, a bar."""

    packWanted = Signal()
    enableWanted = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._working = False
        self._progress: Progress | None = None
        self._has_photos = True
        self._drawing = Drawing("people", 64, self)
        self.title = QLabel(self)
        self.title.setProperty("role", "title")
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title.setWordWrap(True)
        self.sentence = QLabel(self)
        self.sentence.setProperty("role", "quiet")
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence.setWordWrap(True)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(260)
        self.bar.setAccessibleName(_("Looking for faces"))
        self.button = QPushButton(_("Look for faces"), self)
        self.button.setProperty("role", "primary")
        self.button.setMinimumHeight(38)
        self.button.clicked.connect(self.enableWanted)
        self.card = ModelCard(PACK_OFFER, self)
        self.card.modelWanted.connect(self.packWanted)
        column = self.column
        middle = Qt.AlignmentFlag.AlignHCenter
        column.addStretch(3)
        column.addWidget(self._drawing, 0, middle)
        column.addSpacing(theme.S)
        column.addWidget(self.title)
        column.addLayout(between(self.sentence))
        column.addSpacing(theme.S)
        column.addWidget(self.bar, 0, middle)
        column.addWidget(self.button, 0, middle)
        column.addLayout(between(self.card))
        column.addStretch(4)
        self.show_picture(self._drawing)

    def follow(self, working: bool, progress: Progress | None, has_photos: bool) -> None:
        """Learn whether faces may still be on their way, for when it is to be said why."""
        self._working, self._progress, self._has_photos = working, progress, has_photos

    def show_why(self, news: PeopleNews | None, named: bool) -> None:
        """Say why nobody is listed; `named`: only people with a name would be."""
        if news is None:
            self.show_working(None)
        elif news.people:
            self.show_none_here(named)
        elif not news.enabled:
            self.show_disabled()
        elif news.pack is None:
            self.show_no_pack()
        elif not self._has_photos:
            self.show_not_looked()
        elif self._working:
            self.show_working(self._progress)
        else:
            self.show_none()

    def show_no_pack(self) -> None:
        """No face pack is chosen."""
        self._show(_("People"), _("Find, name and search the people on your photos."), card=True)

    def show_disabled(self) -> None:
        """The user switched the search for faces off."""
        self._show(
            _("Faces are not looked for"),
            _("This is switched off in the settings."),
            button=True,
        )

    def show_working(self, progress: Progress | None) -> None:
        """Faces are being looked for, or will be when the photos are there."""
        said = _("The first people appear here as soon as their faces are found.")
        if progress is not None and progress.total:
            count = _("{done} of {total} photos").format(
                done=number(progress.done), total=number(progress.total)
            )
            said = f"{count}. {said}"
        title = _("Looking at your photos") if progress is None else _("Looking for faces")
        self._show(title, said, bar=True)
        total = progress.total if progress is not None else 0
        self.bar.setRange(0, total)
        self.bar.setValue(progress.done if progress is not None else 0)

    def show_not_looked(self) -> None:
        """There are no photos yet."""
        self._show(_("No people yet"), _("Add a folder of photos: the people on them appear here."))

    def show_none(self) -> None:
        """All photos were looked at."""
        self._show(_("No people found"), _("There are no faces on your photos that are alike."))

    def show_none_here(self, named: bool) -> None:
        """There are people, but none in this section."""
        if named:
            self._show(
                _("Nobody has a name yet"), _("Go to Everyone, choose a face, and type a name.")
            )
        else:
            self._show(_("Everybody has a name"), _("There is nobody left to be named here."))

    def show_no_unsorted(self) -> None:
        """Every face belongs to somebody."""
        self._show(_("No unsorted faces"), _("Every face belongs to somebody."))

    def _show(
        self,
        title: str,
        sentence: str,
        *,
        card: bool = False,
        button: bool = False,
        bar: bool = False,
    ) -> None:
        self.title.setText(title)
        self.sentence.setText(sentence)
        self.card.setVisible(card)
        self.button.setVisible(button)
        self.bar.setVisible(bar)
