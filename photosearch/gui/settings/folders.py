"""The folders in the settings: a card for each, adding and removing, looking for changes.

Shows the folders that the window knows of; writes its switches on a lane.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from photosearch.errors import PhotoSearchError
from photosearch.gui import theme
from photosearch.gui.empty import Drawing
from photosearch.gui.settings.folder_card import FolderCard
from photosearch.gui.text import _, plural
from photosearch.gui.told import told
from photosearch.jobs import Lane, Runner
from photosearch.types import Folder, FolderId

if TYPE_CHECKING:
    from photosearch.library import Library

CARDS_SHOWN = 30  # who added hundreds of single photos asks for the others


@dataclass(frozen=True, slots=True)
class Changed:
    """How a change of a folder went."""

    folder: FolderId
    verb: str  # search, faces or exclude
    problem: str = ""


class FoldersPanel(QWidget):
    """All folders of the library."""

    addWanted = Signal()
    rescanWanted = Signal()
    folderRescanWanted = Signal(object)  # FolderId
    revealWanted = Signal(str)
    removeWanted = Signal(object)  # Folder
    folderChanged = Signal(object)  # FolderId: show it anew and index what is missing now
    problem = Signal(str)  # a sentence

    def __init__(self, library: Library, runner: Runner, parent: QWidget | None = None):
        super().__init__(parent)
        self._library, self._runner = library, runner
        self._folders: tuple[Folder, ...] = ()
        self._all = False
        self._writing: Counter[FolderId] = Counter()
        self._off = ("", "")  # what is switched off for all folders: search, faces
        self.cards: dict[FolderId, FolderCard] = {}
        self.add_button = QPushButton(_("Add folder…"), self)
        self.add_button.setProperty("role", "primary")
        self.add_button.clicked.connect(self.addWanted)
        self.again = QPushButton(_("Look for changes now"), self)
        self.again.clicked.connect(self.rescanWanted)
        self.said = QLabel(self)
        self.said.setProperty("role", "small")
        self.said.setWordWrap(True)
        self.empty = _empty(self)
        self.more = QPushButton(self)
        self.more.setProperty("role", "link")
        self.more.clicked.connect(self._on_more)
        self._column = QVBoxLayout()
        self._column.setSpacing(theme.M)
        bar = QHBoxLayout()
        bar.setSpacing(theme.S)
        bar.addWidget(self.add_button)
        bar.addWidget(self.again)
        bar.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addLayout(bar)
        column.addWidget(self.said)
        column.addWidget(self.empty)
        column.addLayout(self._column)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.show_progress("")
        self.show_folders(())

    # --- what it shows --------------------------------------------------------

    def show_folders(self, folders: Sequence[Folder]) -> None:
        """Show these folders; what the user is at stays as it is."""
        self._folders = tuple(sorted(folders, key=lambda folder: folder.id))  # as they were added
        shown = self._folders if self._all else self._folders[:CARDS_SHOWN]
        wanted = {folder.id: folder for folder in shown}
        for gone in [number for number in self.cards if number not in wanted]:
            card = self.cards.pop(gone)
            if card.isAncestorOf(self.focusWidget() or self):
                self.add_button.setFocus()
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        for number, folder in wanted.items():
            if number not in self.cards:
                self.cards[number] = self._card(folder)
            if not self._writing[number]:  # else a newer state is on its way
                self.cards[number].show_folder(folder, *self._off)
        left = len(self._folders) - len(shown)
        self.more.setVisible(left > 0)
        self.more.setText(plural("Show {n} more", "Show {n} more", left))
        self.empty.setVisible(not self._folders)
        self.again.setVisible(bool(self._folders))
        self._show_said()

    def show_off(self, search: str, faces: str) -> None:
        """Learn what is switched off for all folders, as sentences."""
        if (search, faces) != self._off:
            self._off = (search, faces)
            self.show_folders(self._folders)

    def show_progress(self, sentence: str) -> None:
        """Say what a run of indexing is at."""
        self.said.setText(sentence)
        self._show_said()

    def _show_said(self) -> None:
        self.said.setVisible(bool(self.said.text() and self._folders))

    def _card(self, folder: Folder) -> FolderCard:
        card = FolderCard(folder, self)
        card.searchWanted.connect(partial(self._change, "search"))
        card.facesWanted.connect(partial(self._change, "faces"))
        card.excludeWanted.connect(partial(self._change, "exclude"))
        card.rescanWanted.connect(self.folderRescanWanted)
        card.revealWanted.connect(self.revealWanted)
        card.removeWanted.connect(self.removeWanted)
        self._column.addWidget(card)
        return card

    # --- what happens ---------------------------------------------------------

    def _change(self, verb: str, folder: FolderId, value: Any) -> None:
        self._writing[folder] += 1
        self._runner.run(
            Lane.QUICK, change, self._library, verb, folder, value, on_success=self._on_changed
        )

    def _on_changed(self, done: Changed) -> None:
        self._writing[done.folder] -= 1
        card = self.cards.get(done.folder)
        if not done.problem:
            self.folderChanged.emit(done.folder)
        elif done.verb == "exclude" and card is not None:
            card.refuse(done.problem)
        else:
            self.problem.emit(done.problem)
            self.show_folders(self._folders)

    def _on_more(self) -> None:
        self._all = True
        self.show_folders(self._folders)


def _empty(parent: QWidget) -> QFrame:
    frame = QFrame(parent)
    frame.setObjectName("card")
    title = QLabel(_("No folders yet"), frame)
    title.setProperty("role", "heading")
    hint = QLabel(
        _("Add a folder of photos, or drop one here. The photos stay where they are."), frame
    )
    hint.setProperty("role", "quiet")
    hint.setWordWrap(True)
    hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
    column = QVBoxLayout(frame)
    column.setContentsMargins(theme.XL, theme.XL, theme.XL, theme.XL)
    column.setSpacing(theme.S)
    middle = Qt.AlignmentFlag.AlignHCenter
    column.addWidget(Drawing("drop", 44, frame), 0, middle)
    column.addWidget(title, 0, middle)
    column.addWidget(hint)
    return frame


def change(library: Library, verb: str, folder: FolderId, value: Any) -> Changed:
    """Change a folder (on a lane), or say why that cannot be."""
    verbs: dict[str, Callable[[FolderId, Any], None]] = {
        "search": library.set_folder_search,
        "faces": library.set_folder_faces,
        "exclude": library.set_folder_exclude,
    }
    try:
        verbs[verb](folder, value)
    except PhotoSearchError as error:
        return Changed(folder, verb, told(str(error)))
    return Changed(folder, verb)
