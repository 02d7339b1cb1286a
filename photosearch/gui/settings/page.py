"""The settings page: navigation at the left, a search on top, the sections in one column.

Other parts put their widgets into a section with `page.section("search").add(widget)`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import theme
from photosearch.gui.settings import matching
from photosearch.gui.settings.desk import SettingsDesk
from photosearch.gui.settings.finding import NothingFound, SettingsSearch
from photosearch.gui.settings.folders import FoldersPanel
from photosearch.gui.settings.navigation import Navigation, SectionList
from photosearch.gui.settings.privacy import PrivacyPanel
from photosearch.gui.settings.row import SettingRow
from photosearch.gui.settings.section import Section
from photosearch.gui.settings.sections import SECTIONS, settings_of
from photosearch.gui.text import _
from photosearch.gui.viewer.toast import Toast
from photosearch.jobs import Runner

if TYPE_CHECKING:
    from photosearch.library import Library

NARROW_PX = 860  # a narrower page has its navigation in one line


class SettingsPage(QWidget):
    """All that can be set."""

    closed = Signal()
    sectionShown = Signal(str)  # name

    def __init__(
        self,
        library: Library,
        runner: Runner,
        desk: SettingsDesk,
        parent: QWidget | None = None,
    ):
        super().__init__(parent)
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.desk = desk
        self._current = SECTIONS[0].name
        self._narrow: bool | None = None
        self._rows: dict[str, SettingRow] = {}
        self.search = SettingsSearch(self)
        self.navigation = Navigation(self)
        self.list = SectionList(self)
        self.nothing = NothingFound(self)
        self.toast = Toast(self)
        self._column = QWidget(self)
        self._column.setObjectName("settingsColumn")
        self.sections = {info.name: Section(info, self._column) for info in SECTIONS}
        for section in self.sections.values():
            section.hide()
            self._fill(section)
        self.area = QScrollArea(self)
        self.folders = FoldersPanel(library, runner, self)
        self.section("folders").add(
            self.folders, words=_("pattern leave out unplugged drive drop look for faces")
        )
        self.privacy = PrivacyPanel(library, runner, self)
        self.section("privacy").add(
            self.privacy, words=_("thumbnails index models log export import backup move names")
        )
        self._lay_out()
        self._connect()
        self.show_section(self._current)

    # --- for other parts ------------------------------------------------------

    def section(self, name: str) -> Section:
        """Return a section: folders, search, faces, devices, indexing, appearance or privacy."""
        return self.sections[name]

    def row(self, key: str) -> SettingRow:
        """Return the row of a setting."""
        return self._rows[key]

    def take(self, *keys: str) -> None:
        """Have no rows for some settings: another part shows them in a way of its own."""
        for key in keys:
            self._rows.pop(key, None)
            for section in self.sections.values():
                section.take_row(key)

    def say(self, sentence: str) -> None:
        """Say something for a moment, at the foot of the page."""
        self.toast.say(sentence, self.area.geometry())

    @property
    def current(self) -> str:
        """Return the name of the section that is shown, or was before a search."""
        return self._current

    def show_section(self, name: str) -> None:
        """Show one section, leaving any search."""
        if name not in self.sections:
            name = SECTIONS[0].name
        self._current = name
        self.search.clear()
        self._arrange()
        self.area.verticalScrollBar().setValue(0)
        self.navigation.show_current(name)
        self.list.show_current(name)
        self.sectionShown.emit(name)

    def take_focus(self) -> None:
        """Bring the keyboard to the navigation."""
        (self.list.box if self._narrow else self.navigation.tree).setFocus()

    def start_search(self) -> None:
        """Bring the keyboard to the search."""
        self.search.take_focus()

    # --- putting together -----------------------------------------------------

    def _fill(self, section: Section) -> None:
        for setting in settings_of(section.info):
            row = SettingRow(setting, self.desk, section)
            row.folderWanted.connect(self._on_folder_wanted)
            self._rows[setting.key] = row
            section.add_row(row)
        section.expertWanted.connect(self._on_expert_wanted)

    def _lay_out(self) -> None:
        column = self._column_box = QVBoxLayout(self._column)
        column.setSpacing(theme.L)
        for section in self.sections.values():
            column.addWidget(section)
        column.addWidget(self.nothing, 1)
        column.addStretch(1)
        self.area.setObjectName("settingsArea")
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(self._column)
        self._bar = QFrame(self)
        self._bar.setObjectName("topBar")
        self._bar.setFixedHeight(theme.TOP_BAR_PX)
        bar = self._bar_row = QHBoxLayout(self._bar)
        bar.setSpacing(theme.S)
        bar.addWidget(self.list)
        bar.addWidget(self.search, 1)
        bar.addStretch(0)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self._bar)
        right.addWidget(self.area, 1)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.navigation)
        whole.addLayout(right, 1)

    def _connect(self) -> None:
        for part in (self.navigation, self.list):
            part.sectionChosen.connect(self.show_section)
            part.backWanted.connect(self.closed)
        self.search.changed.connect(self._on_search_changed)
        self.search.leftDownwards.connect(self._on_search_left)
        self.section("privacy").shown.connect(self.privacy.refresh)
        self.privacy.cleared.connect(self.say)
        self.desk.changed.connect(self._on_changed)
        self._on_changed("")
        self.nothing.clearWanted.connect(self._on_clear_wanted)
        stops: list[QWidget] = [self.navigation.back, self.navigation.tree]
        stops += [self.list.back, self.list.box, self.search.field]
        for first, second in pairwise(stops):
            QWidget.setTabOrder(first, second)

    # --- what is shown --------------------------------------------------------

    def _arrange(self) -> None:
        terms = matching.terms(self.search.text())
        found = 0
        for name, section in self.sections.items():
            count = section.filter(terms)
            section.setVisible(bool(count) if terms else name == self._current)
            found += count if terms else 1
        self.nothing.show_for(self.search.text() if not found else "")
        self.navigation.set_searching(bool(terms))

    def _on_search_changed(self, _text: str) -> None:
        self._arrange()
        self.area.verticalScrollBar().setValue(0)

    def _on_search_left(self) -> None:
        self.focusNextChild()
        if self.search.clear_button.hasFocus():
            self.focusNextChild()

    def _on_clear_wanted(self) -> None:
        self.search.clear()
        self.search.take_focus()

    def _on_changed(self, _key: str) -> None:
        """What is off for all folders has no effect in one of them."""
        search = self.desk.value("search.enabled").value
        faces = self.desk.value("faces.enabled").value
        self.folders.show_off(
            "" if search else _("Switched off for all folders under Search model."),
            "" if faces else _("Switched off for all folders under Faces."),
        )

    def _on_expert_wanted(self, expert: bool) -> None:
        for section in self.sections.values():
            section.show_expert(expert)

    def _on_folder_wanted(self, key: str, now: str) -> None:
        dialog = QFileDialog(self, self._rows[key].title.text(), now)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, _("Choose"))
        dialog.fileSelected.connect(self._rows[key].choose)
        dialog.open()

    # --- keys and sizes -------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.search.text():
                self._on_clear_wanted()
            else:
                self.closed.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < NARROW_PX
        if narrow != self._narrow:
            had = self.navigation.tree.hasFocus() or self.list.box.hasFocus()
            self._narrow = narrow
            self.navigation.setVisible(not narrow)
            self.list.setVisible(narrow)
            side = theme.M if narrow else theme.XL - 2  # a round field looks further in
            self._bar_row.setContentsMargins(side, 0, theme.M, 0)
            side = theme.L if narrow else theme.XL
            self._column_box.setContentsMargins(side, theme.L, side, theme.XL)
            if had:
                self.take_focus()
