"""What the program keeps on this computer, where, and how much; clearing of caches, taking along.

Asks the library on a lane whenever the section is shown.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import icons, theme
from photosearch.gui.drawing import Drawing
from photosearch.gui.settings.elided import PathLabel
from photosearch.gui.settings.transfer import TransferPanel
from photosearch.gui.text import _, file_size, shown
from photosearch.gui.told import told
from photosearch.jobs import Lane, Runner
from photosearch.types import StoredThing

if TYPE_CHECKING:
    from photosearch.library import Library


class StoredRow(QWidget):
    """One thing that is kept."""

    revealWanted = Signal(str)
    clearWanted = Signal(object)  # StoredThing

    def __init__(self, thing: StoredThing, parent: QWidget | None = None):
        super().__init__(parent)
        self.thing = thing
        title = QLabel(told(thing.title), self)
        title.setProperty("role", "strong")
        sentence = QLabel(told(thing.sentence), self)
        sentence.setProperty("role", "quiet")
        sentence.setWordWrap(True)
        self.path = PathLabel(self)
        self.path.setProperty("role", "small")
        self.amount = QLabel(self)
        self.amount.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.amount.setMinimumWidth(76)
        name = told(thing.title)
        self.reveal = icons.IconButton("open", _("Show {name} in the file manager"), self, 18)
        self.reveal.say(_("Show {name} in the file manager").format(name=name))
        self.reveal.clicked.connect(self._on_reveal)
        self.clear = QPushButton(_("Clear…"), self)
        self.clear.setAccessibleName(_("Clear {name}").format(name=name))
        self.clear.clicked.connect(self._on_clear)
        keep = self.clear.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.clear.setSizePolicy(keep)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        for label in (title, sentence, self.path):
            texts.addWidget(label)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.L - 4, theme.M, theme.L - 4, theme.M)
        row.setSpacing(theme.S)
        row.addLayout(texts, 1)
        row.addWidget(self.amount)
        row.addWidget(self.reveal)
        row.addWidget(self.clear)
        self.show_thing(thing)

    def show_thing(self, thing: StoredThing) -> None:
        """Show how much there is now."""
        self.thing = thing
        self.path.show_text(shown(thing.path))
        self.amount.setText(file_size(thing.bytes_on_disk) if thing.bytes_on_disk else _("nothing"))
        self.clear.setVisible(thing.clearable)
        self.clear.setEnabled(thing.bytes_on_disk > 0)

    def _on_reveal(self) -> None:
        self.revealWanted.emit(self.thing.path)

    def _on_clear(self) -> None:
        self.clearWanted.emit(self.thing)


class PrivacyPanel(QWidget):
    """What leaves the computer (nothing), and what is kept on it."""

    revealWanted = Signal(str)
    cleared = Signal(str)  # a sentence
    problem = Signal(object)  # an error

    def __init__(self, library: Library, runner: Runner, parent: QWidget | None = None):
        super().__init__(parent)
        self._library, self._runner = library, runner
        self._asking = False
        self._clearing = ""
        self.rows: dict[str, StoredRow] = {}
        self.transfer = TransferPanel(library, runner, self)
        self.transfer.failed.connect(self.problem)
        self.total = QLabel(_("Counting…"), self)
        self.total.setProperty("role", "strong")
        self._card = QFrame(self)
        self._card.setObjectName("card")
        self._rows = QVBoxLayout(self._card)
        self._rows.setContentsMargins(1, theme.XS, 1, theme.XS)
        self._rows.setSpacing(0)
        self._card.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addWidget(_promise(self))
        column.addWidget(self.transfer)
        column.addSpacing(theme.S)
        column.addWidget(self.total)
        column.addWidget(self._card)

    def refresh(self) -> None:
        """Look again how much there is."""
        if self._asking:
            return
        self._asking = True
        self._runner.run(
            Lane.INTERACTIVE,  # counting files takes a while: writes need not wait for it
            stored,
            self._library,
            on_success=self._on_stored,
            on_failure=self.problem.emit,
            on_finish=self._on_asked,
        )

    def _on_asked(self) -> None:
        self._asking = False

    def _on_stored(self, things: tuple[StoredThing, ...]) -> None:
        names = [thing.name for thing in things]
        for name in [name for name in self.rows if name not in names]:
            self.rows.pop(name).deleteLater()
        for thing in things:
            if thing.name in self.rows:
                self.rows[thing.name].show_thing(thing)
            else:
                self._add(thing)
        whole = sum(thing.bytes_on_disk for thing in things)
        self.total.setText(_("On this computer: {size}").format(size=file_size(whole)))
        self._card.setVisible(bool(things))

    def _add(self, thing: StoredThing) -> None:
        if self.rows:
            line = QFrame(self._card)
            line.setObjectName("cardLine")
            line.setFixedHeight(1)
            self._rows.addWidget(line)
        row = StoredRow(thing, self._card)
        row.revealWanted.connect(self._on_reveal)
        row.clearWanted.connect(self.ask)
        self.rows[thing.name] = row
        self._rows.addWidget(row)

    def _on_reveal(self, path: str) -> None:
        self.revealWanted.emit(path if os.path.exists(path) else os.path.dirname(path))

    # --- clearing -------------------------------------------------------------

    def ask(self, thing: StoredThing) -> QMessageBox:
        """Ask whether to clear something."""
        box = QMessageBox(self.window())
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle(_("Clear"))
        box.setText(_("Clear “{name}”?").format(name=told(thing.title)))
        box.setInformativeText(
            _(
                "This frees {size}. It is made again when it is needed, which takes a while."
                " Your photos and what you said of them stay as they are."
            ).format(size=file_size(thing.bytes_on_disk))
        )
        cancel = box.addButton(QMessageBox.StandardButton.Cancel)
        cancel.setIcon(QIcon())
        clear = box.addButton(_("Clear"), QMessageBox.ButtonRole.DestructiveRole)
        clear.setIcon(QIcon())
        clear.clicked.connect(lambda: self._clear(thing.name))
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.open()
        return box

    def _clear(self, name: str) -> None:
        if name in self.rows:
            self.rows[name].clear.setEnabled(False)
        self._runner.run(
            Lane.QUICK,
            clear,
            self._library,
            name,
            on_success=self._on_cleared,
            on_failure=self.problem.emit,
            on_finish=self.refresh,
        )

    def _on_cleared(self, freed: int) -> None:
        self.cleared.emit(_("{size} freed.").format(size=file_size(freed)))


def _promise(parent: QWidget) -> QFrame:
    frame = QFrame(parent)
    frame.setObjectName("card")
    title = QLabel(_("Nothing leaves this computer"), frame)
    title.setProperty("role", "strong")
    sentence = QLabel(
        _(
            "Your photos, their faces and what you search for stay here. PhotoSearch goes to the"
            " network only for downloads that you ask for: models, and the runtime for NVIDIA"
            " cards. Nothing about you or your photos is sent along."
        ),
        frame,
    )
    sentence.setProperty("role", "quiet")
    sentence.setWordWrap(True)
    words = QVBoxLayout()
    words.setSpacing(theme.XS)
    words.addWidget(title)
    words.addWidget(sentence)
    row = QHBoxLayout(frame)
    row.setContentsMargins(theme.L, theme.L - 4, theme.L, theme.L - 4)
    row.setSpacing(theme.L - 4)
    row.addWidget(Drawing("lock", 28, frame), 0, Qt.AlignmentFlag.AlignTop)
    row.addLayout(words, 1)
    return frame


def stored(library: Library) -> tuple[StoredThing, ...]:
    """Count (on a lane)."""
    return library.storage.all()


def clear(library: Library, name: str) -> int:
    """Clear something and return how many bytes that freed (on a lane)."""
    return library.storage.clear(name)
