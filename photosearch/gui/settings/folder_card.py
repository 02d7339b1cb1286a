"""One folder in the settings: where it is, what is done with its photos, what is left out of it.

Shows a folder as it was told; what the user switches is asked for by signal.
"""

from __future__ import annotations

import os

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from photosearch.gui import icons, theme
from photosearch.gui.drawing import Drawing
from photosearch.gui.settings.elided import PathLabel
from photosearch.gui.settings.patterns import PatternEditor
from photosearch.gui.settings.switch import Switch
from photosearch.gui.text import _, plural, shown
from photosearch.gui.text import photos as photos_text
from photosearch.types import Folder

HEAD_PX = 32  # of the line with count and buttons


class SwitchLine(QWidget):
    """A switch with its words, and below them what is missing while it is off."""

    toggled = Signal(bool)

    def __init__(self, words: str, missing: str, parent: QWidget | None = None):
        super().__init__(parent)
        self._words, self._missing = words, missing
        label = QLabel(words, self)
        self.switch = Switch(words, self)
        self.switch.toggled.connect(self.toggled)
        self.note = QLabel(self)
        self.note.setProperty("role", "small")
        self.note.setWordWrap(True)
        texts = QVBoxLayout()
        texts.setSpacing(1)
        texts.addWidget(label)
        texts.addWidget(self.note)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.L)
        row.addLayout(texts, 1)
        row.addWidget(self.switch)

    def show_on(self, on: bool, folder: str, why: str = "") -> None:
        """Show it on or off; `why`: something else that makes it have no effect."""
        self.switch.show_on(on)
        said = why or ("" if on else self._missing)
        self.note.setText(said)
        self.note.setVisible(bool(said))
        self.switch.setAccessibleName(f"{folder}: {self._words}")
        self.switch.setAccessibleDescription(said)


class FolderCard(QFrame):
    """A folder with its switches."""

    searchWanted = Signal(object, bool)  # FolderId
    facesWanted = Signal(object, bool)
    excludeWanted = Signal(object, object)  # FolderId, patterns
    rescanWanted = Signal(object)  # FolderId
    revealWanted = Signal(str)
    removeWanted = Signal(object)  # Folder

    def __init__(self, folder: Folder, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("card")
        self.folder = folder
        self._drawing = Drawing("file" if folder.single_file else "folder", 22, self)
        self.name = PathLabel(self)
        self.name.setProperty("role", "strong")
        self.path = PathLabel(self)
        self.path.setProperty("role", "small")
        self.count = QLabel(self)
        self.count.setProperty("role", "quiet")
        self.offline = QLabel(_("Not plugged in. Its photos stay in the library."), self)
        self.offline.setProperty("role", "wrong")
        self.offline.setWordWrap(True)
        self.again = icons.IconButton("retry", "", self, 18)
        self.reveal = icons.IconButton("open", "", self, 18)
        self.remove = icons.IconButton("trash", "", self, 18)
        self.search = SwitchLine(
            _("Find photos by what they show"),
            _("Photos in it are not found by what they show, only by names, dates and people."),
            self,
        )
        self.faces = SwitchLine(
            _("Look for faces"),
            _("Photos in it are not looked at for faces: the people on them are missing."),
            self,
        )
        self.patterns_button = QPushButton(self)
        self.patterns_button.setProperty("role", "link")
        self.patterns_button.setProperty("flush", True)
        self.patterns_button.setCheckable(True)
        self.patterns = PatternEditor(self)
        self.patterns.hide()
        self._connect()
        self._lay_out()
        self.show_folder(folder)

    def _connect(self) -> None:
        self.again.clicked.connect(self._on_again)
        self.reveal.clicked.connect(self._on_reveal)
        self.remove.clicked.connect(self._on_remove)
        self.search.toggled.connect(self._on_search)
        self.faces.toggled.connect(self._on_faces)
        self.patterns_button.toggled.connect(self._on_patterns_toggled)
        self.patterns.wanted.connect(self._on_patterns)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.name)
        words.addWidget(self.path)
        words.addWidget(self.offline)
        head = QHBoxLayout()
        head.setSpacing(theme.S)
        head.addWidget(self._drawing, 0, Qt.AlignmentFlag.AlignTop)
        head.addSpacing(theme.XS)
        head.addLayout(words, 1)
        self.count.setFixedHeight(HEAD_PX)
        for part in (self.count, self.again, self.reveal, self.remove):
            head.addWidget(part, 0, Qt.AlignmentFlag.AlignTop)
        self._details = QWidget(self)
        indented = QHBoxLayout(self._details)  # a margin would not be mirrored
        indented.setContentsMargins(0, 0, 0, 0)
        indented.setSpacing(0)
        indented.addSpacing(22 + theme.M)
        details = QVBoxLayout()
        indented.addLayout(details, 1)
        details.setSpacing(theme.S)
        details.addWidget(self.search)
        details.addWidget(self.faces)
        details.addWidget(self.patterns_button, 0, Qt.AlignmentFlag.AlignLeft)
        details.addWidget(self.patterns)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L - 4, theme.M, theme.L - 4, theme.M)
        column.setSpacing(theme.M)
        column.addLayout(head)
        column.addWidget(self._details)

    # --- what it shows --------------------------------------------------------

    def show_folder(self, folder: Folder, search_off: str = "", faces_off: str = "") -> None:
        """Show a folder; the sentences say what is switched off for all folders."""
        self.folder = folder
        name = shown(os.path.basename(folder.path.rstrip("/\\")) or folder.path)
        self.name.show_text(name)
        self.path.show_text(shown(folder.path))
        self.count.setText("" if folder.single_file else photos_text(folder.photos))
        self.offline.setVisible(folder.offline)
        self._drawing.set_drawing(_drawing(folder))
        self.search.show_on(folder.search, name, search_off)
        self.faces.show_on(folder.faces, name, faces_off)
        self.again.say(_("Look for changes in {name}").format(name=name))
        self.reveal.say(_("Show {name} in the file manager").format(name=name))
        self.remove.say(_("Remove {name} from the library…").format(name=name))
        self.reveal.setEnabled(not folder.offline)
        self.again.setVisible(not folder.single_file)
        self._details.setVisible(not folder.single_file)
        self._show_patterns()
        self.setAccessibleName(f"{name}, {photos_text(folder.photos)}")

    def refuse(self, sentence: str) -> None:
        """Say why patterns cannot be used."""
        self.patterns_button.setChecked(True)
        self.patterns.refuse(sentence)

    def _show_patterns(self) -> None:
        patterns = self.folder.exclude
        self.patterns.show_patterns(patterns)
        listed = ", ".join(shown(pattern) for pattern in patterns[:3])
        more = len(patterns) - 3
        if more > 0:
            listed += plural(" and {n} more", " and {n} more", more)
        text = _("Leaves out {patterns}").format(patterns=listed) if patterns else ""
        if self.patterns_button.isChecked():
            text = _("Hide what is left out")
        self.patterns_button.setText(_short(text or _("Leave something out…"), self))
        self.patterns_button.setToolTip("\n".join(shown(pattern) for pattern in patterns))

    # --- what happens ---------------------------------------------------------

    def _on_search(self, on: bool) -> None:
        self.searchWanted.emit(self.folder.id, on)

    def _on_faces(self, on: bool) -> None:
        self.facesWanted.emit(self.folder.id, on)

    def _on_patterns(self, patterns: tuple[str, ...]) -> None:
        self.excludeWanted.emit(self.folder.id, patterns)

    def _on_patterns_toggled(self, shown_: bool) -> None:
        self.patterns.setVisible(shown_)
        self._show_patterns()
        if shown_:
            self.patterns.field.setFocus()

    def _on_again(self) -> None:
        self.rescanWanted.emit(self.folder.id)

    def _on_reveal(self) -> None:
        self.revealWanted.emit(self.folder.path)

    def _on_remove(self) -> None:
        self.removeWanted.emit(self.folder)


def _drawing(folder: Folder) -> str:
    if folder.offline:
        return "offline"
    return "file" if folder.single_file else "folder"


def _short(text: str, widget: QWidget) -> str:
    elided = widget.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, 460)
    return elided.replace("&", "&&")
