"""How one goes from section to section: a column at the left, or one line in a narrow window."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QStyledItemDelegate,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import icons, theme
from photosearch.gui.place_tree import DRAWING, KEY, PlaceTree
from photosearch.gui.settings.sections import SECTIONS
from photosearch.gui.text import _


class Navigation(QWidget):
    """The sections below one another, and the way back."""

    sectionChosen = Signal(str)
    backWanted = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(theme.SIDEBAR_PX)
        self.back = icons.IconButton(icons.back(self), _("Back to the photos (Esc)"), self)
        self.back.clicked.connect(self.backWanted)
        title = QLabel(_("Settings"), self)
        title.setProperty("role", "heading")
        head = QHBoxLayout()
        head.setContentsMargins(theme.M, 0, theme.M, 0)
        head.setSpacing(theme.S)
        head.addWidget(self.back)
        head.addWidget(title, 1)
        self.tree = PlaceTree(self)
        self.tree.setAccessibleName(_("Sections of the settings"))
        self._items: dict[str, QTreeWidgetItem] = {}
        for info in SECTIONS:
            item = QTreeWidgetItem(self.tree, [_(info.title)])
            item.setData(0, KEY, info.name)
            item.setData(0, DRAWING, info.drawing)
            self._items[info.name] = item
        self.tree.currentItemChanged.connect(self._on_current_changed)
        self.tree.itemClicked.connect(self._on_item_clicked)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 1, 0)
        column.setSpacing(theme.S)
        top = QWidget(self)
        top.setFixedHeight(theme.TOP_BAR_PX)
        top.setLayout(head)
        column.addWidget(top)
        column.addWidget(self.tree, 1)

    def show_current(self, name: str) -> None:
        """Mark a section without telling."""
        with QSignalBlocker(self.tree):
            self.tree.setCurrentItem(self._items[name])
        self.tree.viewport().update()

    def set_searching(self, searching: bool) -> None:
        """While a search shows parts of many sections, none is where one is."""
        item = self.tree.currentItem()
        if item is not None:
            with QSignalBlocker(self.tree):
                item.setSelected(not searching)
            self.tree.viewport().update()

    def _on_current_changed(self, item: QTreeWidgetItem | None, _old: object) -> None:
        if item is not None:
            self.sectionChosen.emit(str(item.data(0, KEY)))

    def _on_item_clicked(self, item: QTreeWidgetItem) -> None:
        """A click on the current section leaves the search."""
        if not item.isSelected() or item is self.tree.currentItem():
            self.sectionChosen.emit(str(item.data(0, KEY)))


class SectionBox(QComboBox):
    """Shows its whole list: Qt reckons without what the style sheet adds to it."""

    def showPopup(self) -> None:
        super().showPopup()
        view = self.view()
        lacking = self.count() * view.sizeHintForRow(0) - view.viewport().height()
        holder = view.parentWidget()
        if lacking > 0 and holder is not None:
            holder.resize(holder.width(), holder.height() + lacking)
            view.scrollToTop()


class SectionList(QWidget):
    """The sections in one line, for a narrow window."""

    sectionChosen = Signal(str)
    backWanted = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.back = icons.IconButton(icons.back(self), _("Back to the photos (Esc)"), self)
        self.back.clicked.connect(self.backWanted)
        self.box = SectionBox(self)
        self.box.setObjectName("sectionBox")
        self.box.setItemDelegate(QStyledItemDelegate(self.box))  # the only one with a style sheet
        self.box.setAccessibleName(_("Section of the settings"))
        self.box.view().setAccessibleName(self.box.accessibleName())
        for info in SECTIONS:
            self.box.addItem(_(info.title), info.name)
        self.box.currentIndexChanged.connect(self._on_index_changed)
        self.box.activated.connect(self._on_index_changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        row.addWidget(self.back)
        row.addWidget(self.box)

    def show_current(self, name: str) -> None:
        """Show a section without telling."""
        with QSignalBlocker(self.box):
            self.box.setCurrentIndex(self.box.findData(name))

    def _on_index_changed(self, at: int) -> None:
        self.sectionChosen.emit(str(self.box.itemData(at)))
