"""The slim banner while another search model is prepared, and the offer to delete the old one."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import icons, theme
from photosearch.gui.drawing import Drawing
from photosearch.gui.text import _, duration, file_size, number
from photosearch.types import Leftover, Switch


def sentence(switch: Switch, titles: Mapping[str, str], paused: bool = False) -> str:
    """Say how far a switch is: "Preparing X: 1,204 of 8,000, 6 min left; search still uses Y"."""
    coming = titles.get(switch.coming, switch.coming)
    done = _("{done} of {total}").format(done=number(switch.done), total=number(switch.total))
    left = ""
    if paused:
        left = ", " + _("paused")
    elif switch.seconds_left is not None:
        left = ", " + _("{time} left").format(time=duration(switch.seconds_left))
    said = _("Preparing {model}: {done}").format(model=coming, done=done) + left
    if not switch.current:
        return said
    old = titles.get(switch.current, switch.current)
    return said + "; " + _("search still uses {model}").format(model=old)


class SwitchBanner(QFrame):
    """How far the coming model is; switch now, pause, go back."""

    nowWanted = Signal(str)
    backWanted = Signal(str)
    pauseWanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("banner")
        self._switch: Switch | None = None
        self._titles: Mapping[str, str] = {}
        self._paused = False
        self.label = QLabel(self)
        self.label.setWordWrap(True)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(_("Photos prepared"))
        self.now = _link(_("Switch now"), self)
        self.pause = _link(_("Pause"), self)
        self.back = _link(_("Go back"), self)
        self.now.clicked.connect(self._on_now)
        self.pause.clicked.connect(self._on_pause)
        self.back.clicked.connect(self._on_back)
        words = QVBoxLayout()
        words.setSpacing(theme.XS + 2)
        words.addWidget(self.label)
        words.addWidget(self.bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 9, 8, 9)
        row.setSpacing(theme.M)
        row.addWidget(Drawing("model", 20, self))
        row.addLayout(words, 1)
        for button in (self.now, self.pause, self.back):
            row.addWidget(button)
        self.hide()

    def show_switch(self, switch: Switch | None, titles: Mapping[str, str]) -> None:
        """Show how far it is, or nothing."""
        self._switch, self._titles = switch, titles
        self._refresh()

    def show_paused(self, paused: bool) -> None:
        """Show whether indexing is held."""
        self._paused = paused
        self._refresh()

    def _refresh(self) -> None:
        switch = self._switch
        self.setVisible(switch is not None)
        if switch is None:
            return
        said = sentence(switch, self._titles, self._paused)
        self.label.setText(said)
        self.setAccessibleName(said)
        self.bar.setRange(0, max(1, switch.total))
        self.bar.setValue(switch.done)
        self.pause.setText(_("Resume") if self._paused else _("Pause"))
        self.now.setToolTip(
            _("Search with it now: photos that are not prepared are found by their names only")
        )

    def _on_now(self) -> None:
        if self._switch is not None:
            self.nowWanted.emit(self._switch.coming)

    def _on_pause(self) -> None:
        self.pauseWanted.emit(not self._paused)

    def _on_back(self) -> None:
        if self._switch is not None:
            self.backWanted.emit(self._switch.coming)


class LeftoverBanner(QFrame):
    """Offers to delete a model that is no longer used, and says how much that frees."""

    deleteWanted = Signal(str)
    dismissed = Signal(str)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("banner")
        self._leftover: Leftover | None = None
        self.label = QLabel(self)
        self.label.setWordWrap(True)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.delete_button = _link(_("Delete…"), self)
        self.delete_button.clicked.connect(self._on_delete)
        self.close_button = icons.IconButton("close", _("Keep it"), self, 16)
        self.close_button.clicked.connect(self._on_dismissed)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 7, 8, 7)
        row.setSpacing(theme.M)
        row.addWidget(Drawing("trash", 20, self))
        row.addWidget(self.label, 1)
        row.addWidget(self.delete_button)
        row.addWidget(self.close_button)
        self.hide()

    def show_leftover(self, leftover: Leftover | None, titles: Mapping[str, str]) -> None:
        """Offer to delete this model, or nothing."""
        self._leftover = leftover
        self.setVisible(leftover is not None)
        if leftover is None:
            return
        size = file_size(leftover.file_bytes + leftover.vector_bytes)
        title = titles.get(leftover.name, leftover.name)
        words = _("{model} is no longer used. Deleting it and what it learnt frees {size}.")
        if not leftover.file_bytes:
            words = _("{model} is no longer used. Deleting what it learnt frees {size}.")
        said = words.format(model=title, size=size)
        self.label.setText(said)
        self.setAccessibleName(said)

    def _on_delete(self) -> None:
        if self._leftover is not None:
            self.deleteWanted.emit(self._leftover.name)

    def _on_dismissed(self) -> None:
        if self._leftover is not None:
            self.dismissed.emit(self._leftover.name)


def _link(words: str, parent: QWidget) -> QPushButton:
    button = QPushButton(words, parent)
    button.setProperty("role", "link")
    return button
