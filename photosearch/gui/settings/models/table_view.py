"""The table of models on the screen: columns that fit, keys, and the menu of a row.

In a narrow pane columns make way, the least important first; what they say stands in the details.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainterPath, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from photosearch.gui.settings.models import rows
from photosearch.gui.settings.models.delegate import PAD_PX, RowDelegate, row_px
from photosearch.gui.settings.models.filters import OfferFilter
from photosearch.gui.settings.models.rows import Deed, Row
from photosearch.gui.settings.models.table_model import ROW_ROLE, Column, ModelTable
from photosearch.gui.text import _
from photosearch.types import ModelKind

Index = QModelIndex | QPersistentModelIndex
LEAST_MODEL_PX = 190
ROWS_SHOWN = 8
CORNER_PX = 11  # within the frame's line
# Given up one after another while the pane is too narrow for all.
_MAKE_WAY = (
    Column.MEMORY, Column.LICENCE, Column.LANGUAGES, Column.HOURS, Column.SPEED, Column.DOWNLOAD,
    Column.QUALITY,
)  # fmt: skip
_FACES_HIDE = {Column.QUALITY, Column.LANGUAGES}  # no recall is known of face packs


class ModelTableView(QTableView):
    """One row is chosen at a time; Enter does the likeliest deed, the menu key shows all."""

    rowChosen = Signal(object)  # Row, or None
    deedWanted = Signal(object, object)  # Deed, Row

    def __init__(self, model: ModelTable, parent: QWidget | None = None):
        super().__init__(parent)
        self._table = model
        self.proxy = OfferFilter(self)
        self.proxy.setSourceModel(model)
        self.setModel(self.proxy)
        self.rows_delegate = RowDelegate(self)
        self.setItemDelegate(self.rows_delegate)
        self.rows_delegate.deedClicked.connect(self._on_deed_clicked)
        search = model.kind is ModelKind.SEARCH
        self.setAccessibleName(_("Search models") if search else _("Face packs"))
        self._behave()
        self._wanted = ""  # whose row is chosen, also while the filter hides it
        self.sortByColumn(Column.STATE, Qt.SortOrder.AscendingOrder)
        self.selectionModel().currentRowChanged.connect(self._on_current_changed)
        self.proxy.modelReset.connect(self._come_back)
        self.proxy.layoutChanged.connect(self._come_back)
        self.proxy.rowsInserted.connect(self._come_back)
        self.proxy.dataChanged.connect(self._on_data_changed)

    def _behave(self) -> None:
        self.setObjectName("modelTable")
        self.setSortingEnabled(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu_wanted)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(row_px(self.font()))
        header = self.horizontalHeader()
        header.setAccessibleName(_("Columns"))
        header.setObjectName("modelHeader")
        header.setHighlightSections(False)
        header.setSectionsMovable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMinimumSectionSize(24)
        self.rows_delegate.setParent(self)

    # --- what is chosen -------------------------------------------------------

    def chosen(self) -> Row | None:
        """Return the row that is chosen."""
        row = self.currentIndex().data(ROW_ROLE)
        return row if isinstance(row, Row) else None

    @property
    def wanted(self) -> str:
        """The model whose row is chosen, or will be when it is listed; empty: none yet."""
        return self._wanted

    def choose(self, name: str) -> None:
        """Choose a model's row, now or when it is listed."""
        self._wanted = name
        self._come_back()

    def _come_back(self, *_what: object) -> None:
        """Keep the same model chosen through sorting, filtering and reading anew."""
        at = self._table.row_of(self._wanted)
        index = self.proxy.mapFromSource(self._table.index(at, 0))
        if not index.isValid() and self.proxy.rowCount():
            index = self.proxy.index(0, 0)
        if index.isValid() and index.row() != self.currentIndex().row():
            self.selectRow(index.row())
        self.rowChosen.emit(self.chosen())

    def _on_current_changed(self, index: QModelIndex, _before: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        if isinstance(row, Row):
            self._wanted = row.name
            self.rowChosen.emit(row)

    def _on_data_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        if first.row() <= self.currentIndex().row() <= last.row():
            self.rowChosen.emit(self.chosen())

    # --- deeds ----------------------------------------------------------------

    def _on_deed_clicked(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        deed = rows.main_deed(row) if isinstance(row, Row) else None
        if deed is not None:
            self.deedWanted.emit(deed, row)

    def _on_menu_wanted(self, where: QPoint) -> None:
        index = self.indexAt(where)
        row = index.data(ROW_ROLE) if index.isValid() else self.chosen()
        if isinstance(row, Row):
            self.menu_of(row).popup(self.viewport().mapToGlobal(where))

    def menu_of(self, row: Row) -> QMenu:
        """Return a menu of everything that can be done with a model."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for deed in rows.deeds(row):
            action = menu.addAction(rows.deed_words(deed, row))
            action.triggered.connect(lambda _on=False, deed=deed: self.deedWanted.emit(deed, row))
        self._add_sorting(menu)
        return menu

    def _add_sorting(self, menu: QMenu) -> None:
        """Let keys sort as a click on a heading does; again turns it round."""
        sorting, now = menu.addMenu(_("Sort by")), self.proxy.sortColumn()
        for column in Column:
            words = str(self._table.headerData(column, Qt.Orientation.Horizontal) or "")
            if words and not self.isColumnHidden(column):
                action = sorting.addAction(words.replace("&", "&&"))
                action.setCheckable(True)
                action.setChecked(column == now)
                action.triggered.connect(partial(self._sort, column))

    def _sort(self, column: Column, _on: bool = False) -> None:
        up, down = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
        turned = column == self.proxy.sortColumn() and self.proxy.sortOrder() == up
        self.sortByColumn(column, down if turned else up)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.chosen()
        if row is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            deed = rows.main_deed(row)
            if deed is not None:
                self.deedWanted.emit(deed, row)
            return
        if row is not None and event.key() == Qt.Key.Key_Delete:
            for deed in (Deed.DELETE, Deed.FORGET):
                if deed in rows.deeds(row):
                    self.deedWanted.emit(deed, row)
            return
        super().keyPressEvent(event)

    # --- room -----------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.viewport().setMask(rounded_below(self.viewport().rect()))  # as the frame around it
        self.fit_columns()

    def fit_columns(self) -> None:
        """Give the columns what they need and the models' names the rest."""
        widths = self._widths()
        room = self.viewport().width()
        hidden = set(_FACES_HIDE) if self._table.kind is ModelKind.FACES else set()
        for column in _MAKE_WAY:
            if self._taken(widths, hidden) + LEAST_MODEL_PX <= room:
                break
            hidden.add(column)
        for column in Column:
            self.setColumnHidden(column, column in hidden)
            self.setColumnWidth(column, widths[column])
        self.setColumnWidth(Column.MODEL, max(LEAST_MODEL_PX, room - self._taken(widths, hidden)))

    def _taken(self, widths: dict[Column, int], hidden: set[Column]) -> int:
        return (
            sum(width for column, width in widths.items() if column not in hidden)
            - widths[Column.MODEL]
        )

    def _widths(self) -> dict[Column, int]:
        metrics = QFontMetrics(self.font())

        def wide(*samples: str) -> int:
            return max(metrics.horizontalAdvance(sample) for sample in samples) + 2 * PAD_PX

        heads = {
            column: wide(str(self._table.headerData(column, Qt.Orientation.Horizontal))) + 14
            for column in Column
        }
        least = {
            Column.MODEL: LEAST_MODEL_PX,
            Column.QUALITY: wide("88.8") + 56,
            Column.LANGUAGES: wide(_("English"), "100+ languages") + 4,
            Column.DOWNLOAD: wide("888.8 MB"),
            Column.MEMORY: wide("888.8 MB"),
            Column.SPEED: wide("estimated"),
            Column.HOURS: wide("88 h 88 min"),
            Column.LICENCE: wide("Apple sample code"),
            Column.STATE: wide(_("Not on this machine")),
            Column.DEED: wide(_("Switch now"), _("Try again")) + 10,
        }
        return {column: max(heads[column], least[column]) for column in Column}

    def height_px(self) -> int:
        """Return the height of the table with as many rows as are shown at once."""
        count = min(ROWS_SHOWN, max(3, self._table.rowCount()))
        header = self.horizontalHeader().sizeHint().height()
        return header + count * row_px(self.font()) + 2 * self.frameWidth()


def rounded_below(rect: QRect) -> QRegion:
    """Return a rectangle without its lower corners."""
    path = QPainterPath()
    above = QRectF(rect).adjusted(0, -2 * CORNER_PX, 0, 0)
    path.addRoundedRect(above, CORNER_PX, CORNER_PX)
    return QRegion(path.toFillPolygon().toPolygon()).intersected(rect)
