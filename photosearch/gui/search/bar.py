"""The search bar: words, people among them, a photo to compare with, or both.

Emits what is asked after a moment of quiet; knows nothing of answers.  What is dropped on it,
photos of the grid or files of another program, is passed on.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from photosearch.gui import icons
from photosearch.gui.dropping import dropped_paths
from photosearch.gui.grid import photos_in
from photosearch.gui.search.field import SearchField
from photosearch.gui.text import _, shown
from photosearch.types import PhotoId

QUIET_MS = 150
BAR_PX = 38


class LikeChip(QFrame):
    """A pill in the bar: the photo that results are to resemble, with a cross to remove it."""

    removed = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("likeChip")
        self._picture = QLabel(self)
        self._picture.setFixedSize(QSize(20, 20))
        self._name = QLabel(self)
        self._close = icons.IconButton("close", "", self, 14)
        self.say_way_back("")
        self._close.clicked.connect(self.removed)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(4, 2, 3, 2)
        row.setSpacing(6)
        row.addWidget(self._picture)
        row.addWidget(self._name)
        row.addWidget(self._close)
        self.setFixedHeight(27)
        self._picture.hide()

    def show_name(self, name: str) -> None:
        """Say which photo it is."""
        clean = shown(name)
        text = self.fontMetrics().elidedText(clean, Qt.TextElideMode.ElideMiddle, 140)
        self._name.setText(_("Like {name}").format(name=text))
        self.setToolTip(_("Photos like {name}").format(name=clean))
        self.setAccessibleName(_("Photos like {name}").format(name=clean))

    def say_way_back(self, words: str) -> None:
        """Say what the cross leads back to; empty: it only takes the photo away."""
        self._close.say(words or _("Stop comparing with this photo"))

    def show_picture(self, picture: QPixmap | None) -> None:
        """Show the photo itself, small."""
        self._picture.setVisible(picture is not None)
        self._row.setContentsMargins(4 if picture is not None else 10, 2, 3, 2)
        if picture is not None:
            self._picture.setPixmap(picture)


class SearchBar(QFrame):
    """Field with a magnifier, a clear button and, while comparing, a chip."""

    searchWanted = Signal(str)  # the words, after a moment of quiet; empty: no search
    likeDropped = Signal(object)  # ids of our own photos
    filesDropped = Signal(object)  # paths: photos to compare with, or folders
    likeRemoved = Signal()
    backWanted = Signal()  # Esc: to where one searched from
    leftDownwards = Signal()  # the user goes on to the results with Down or Enter

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("searchBox")
        self.setFixedHeight(BAR_PX)
        self.setMinimumWidth(220)
        self.setMaximumWidth(640)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAcceptDrops(True)
        self._said: str | None = ""
        self._place = ""
        self._timer = QTimer(self, interval=QUIET_MS, singleShot=True)
        self._timer.timeout.connect(self._on_quiet)
        self._lens = QLabel(self)
        self.chip = LikeChip(self)
        self.chip.hide()
        self.chip.removed.connect(self._on_chip_removed)
        self.field = SearchField(self)
        self.field.setAcceptDrops(False)
        self.field.setAccessibleName(_("Search your photos"))
        self.field.setMaxLength(1000)
        self.field.textChanged.connect(self._on_text_changed)
        self.field.installEventFilter(self)
        self.clear_button = icons.IconButton("close", _("Leave the search"), self, 16)
        self.clear_button.clicked.connect(self.clear)
        self.clear_button.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(13, 0, 6, 0)
        row.setSpacing(9)
        row.addWidget(self._lens)
        row.addWidget(self.chip)
        row.addWidget(self.field, 1)
        row.addWidget(self.clear_button)
        self.setFocusProxy(self.field)
        self._draw_lens()
        self._refresh()

    # --- what is asked --------------------------------------------------------

    def text(self) -> str:
        """Return the words without blanks around them."""
        return self.field.text().strip()

    @property
    def has_like(self) -> bool:
        """Whether the chip is there."""
        return not self.chip.isHidden()

    def show_question(self, text: str, like: str = "", picture: QPixmap | None = None) -> None:
        """Show words and the chip of a photo, or neither; who calls this searches by itself."""
        self.chip.show_name(like)
        self.chip.show_picture(picture)
        self.chip.setVisible(bool(like))
        self.field.setText(text)
        self._timer.stop()
        self._said = self.text()
        self._refresh()

    def set_place(self, place: str) -> None:
        """Say within which place is searched; empty for everywhere."""
        self._place = place
        self._refresh()

    def clear(self) -> None:
        """Ask for nothing, at once."""
        self.chip.hide()
        self.field.clear()
        self._timer.stop()
        self._said = None
        self._refresh()
        self._on_quiet()

    def search_for(self, text: str) -> None:
        """Search for a text, and nothing else, at once."""
        self.chip.hide()
        self.field.setText(text)
        self._timer.stop()
        self._said = None
        self._refresh()
        self._on_quiet()

    def focus(self) -> None:
        """Take the keyboard and select what is there."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    # --- events ---------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._mark("active", event.type() == QEvent.Type.FocusIn)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._on_key(event)
        return super().eventFilter(watched, event)

    def _on_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._timer.stop()
            self._on_quiet()
            self.leftDownwards.emit()
            return True
        if key == Qt.Key.Key_Down:
            self.leftDownwards.emit()
            return True
        if key == Qt.Key.Key_Escape and (self.field.text() or self.has_like):
            self.backWanted.emit()
            return True
        if key == Qt.Key.Key_Escape:
            self.leftDownwards.emit()
            return True
        if (
            key == Qt.Key.Key_Backspace
            and self.has_like
            and self.field.cursorPosition() == 0
            and not self.field.hasSelectedText()
        ):
            self._on_chip_removed()
            return True
        return False

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_lens()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if photos_in(event.mimeData()) or dropped_paths(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._mark("drop", True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._mark("drop", False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._mark("drop", False)
        ids: tuple[PhotoId, ...] = photos_in(event.mimeData())
        paths = () if ids else dropped_paths(event.mimeData())
        if ids or paths:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        if ids:
            self.likeDropped.emit(ids)
        elif paths:
            self.filesDropped.emit(paths)

    # --- inside ---------------------------------------------------------------

    def _on_text_changed(self, _text: str) -> None:
        self._refresh()
        self._timer.start()

    def _refresh(self) -> None:
        self.clear_button.setVisible(bool(self.field.text()) or self.has_like)
        if self.has_like:
            hint = _("Add words to narrow down")
        elif self._place:
            place = self.fontMetrics().elidedText(self._place, Qt.TextElideMode.ElideMiddle, 220)
            hint = _("Search in {place}").format(place=place)
        else:
            hint = _("Search your photos: “a dog on a beach”")
        self.field.setPlaceholderText(hint)

    def _on_quiet(self) -> None:
        text = self.text()
        if text != self._said:
            self._said = text
            self.searchWanted.emit(text)

    def _on_chip_removed(self) -> None:
        self.chip.hide()
        self._refresh()
        self.likeRemoved.emit()
        self.field.setFocus()

    def _mark(self, name: str, value: bool) -> None:
        self.setProperty(name, "true" if value else "false")
        self.style().unpolish(self)
        self.style().polish(self)

    def _draw_lens(self) -> None:
        colour = self.palette().placeholderText().color()
        self._lens.setPixmap(icons.pixmap("search", colour, 18, self.devicePixelRatioF()))
