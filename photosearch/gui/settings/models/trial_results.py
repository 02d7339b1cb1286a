"""What one model answered in a trial: its title, its speed, and the photos it found."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage, QPainter, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import theme
from photosearch.gui.grid import ThumbLoader
from photosearch.gui.grid.thumbs import RADIUS, TileSize
from photosearch.gui.settings.models import dialogs
from photosearch.gui.settings.models.desk import ModelDesk
from photosearch.gui.text import _, joined, number
from photosearch.gui.told import told
from photosearch.jobs import Lane
from photosearch.types import PhotoId, PhotoSummary, TrialResult

TILE_PX = 80
GAP_PX = 6
SHOWN = 24  # photos of each model
Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class ResultTiles(QAbstractListModel):
    """The photos of one answer, best first; pictures come from the loader when they are here."""

    def __init__(self, result: TrialResult, thumbs: ThumbLoader, parent: QObject | None = None):
        super().__init__(parent)
        self._ids = tuple(PhotoId(photo) for photo in result.photos[:SHOWN])
        self._scores = result.scores
        self._names: dict[PhotoId, str] = {}
        self._thumbs = thumbs
        thumbs.loaded.connect(self._on_loaded)

    @property
    def ids(self) -> tuple[PhotoId, ...]:
        return self._ids

    def set_names(self, summaries: tuple[PhotoSummary, ...]) -> None:
        """Learn what the photos are called."""
        self._names = {summary.id: summary.name for summary in summaries}

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._ids):
            return None
        photo = self._ids[index.row()]
        if role == Qt.ItemDataRole.DecorationRole:
            return self._thumbs.image(photo)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._said(index.row(), photo)
        return None

    def _said(self, at: int, photo: PhotoId) -> str:
        name = self._names.get(photo, "")
        score = number(self._scores[at], 3) if at < len(self._scores) else ""
        place = _("Number {n}").format(n=number(at + 1))
        return joined((place, name, score))

    def _on_loaded(self, loaded: tuple[PhotoId, ...]) -> None:
        here = set(loaded)
        for at, photo in enumerate(self._ids):
            if photo in here:
                self.dataChanged.emit(self.index(at), self.index(at))


class TileDelegate(QStyledItemDelegate):
    """Paints a picture, or the place where it will be."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(TILE_PX + GAP_PX, TILE_PX + GAP_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        inner = QRect(0, 0, TILE_PX, TILE_PX)
        inner.moveCenter(option.rect.center())
        image, palette = index.data(Qt.ItemDataRole.DecorationRole), option.palette
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if isinstance(image, QImage):
            painter.drawImage(inner, image)
        else:
            painter.setBrush(palette.color(QPalette.ColorRole.AlternateBase))
            painter.drawRoundedRect(inner, RADIUS, RADIUS)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Accent), 2.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(inner.adjusted(-1, -1, 1, 1), RADIUS + 1, RADIUS + 1)
        painter.restore()


class ResultColumn(QWidget):
    """One column of the comparison."""

    useWanted = Signal(str)

    def __init__(
        self,
        title: str,
        result: TrialResult,
        *,
        in_use: bool,
        thumbs: ThumbLoader,
        desk: ModelDesk,
        parent: QWidget | None = None,
    ):
        super().__init__(parent)
        self._name, self._title = result.name, title
        self._thumbs, self._desk = thumbs, desk
        self.heading = QLabel(self)
        self.heading.setTextFormat(Qt.TextFormat.PlainText)
        self.heading.setProperty("role", "strong")
        self.heading.setToolTip(title)
        self.heading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.button = QPushButton(_("In use") if in_use else _("Use…"), self)
        self.button.setAccessibleName(_("Use {model}").format(model=title))
        self.button.setEnabled(not in_use)
        self.button.clicked.connect(self._on_clicked)
        self.facts = dialogs.label(facts(result), "small", self)
        self.tiles = ResultTiles(result, thumbs, self)
        self.list = QListView(self)
        self.list.setAccessibleName(_("What {model} found").format(model=title))
        self._dress(self.list)
        self._lay_out(result.problem)
        self._want()

    def _lay_out(self, problem: str) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.S)
        head.addWidget(self.heading, 1)
        head.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS + 2)
        column.addLayout(head)
        column.addWidget(self.facts)
        column.addWidget(self.list, 1)
        if problem:
            self.list.hide()
            self.problem = dialogs.label(told(problem), "warn", self)
            column.addWidget(self.problem)
            column.addStretch(1)

    def _dress(self, view: QListView) -> None:
        view.setObjectName("trialTiles")
        view.setModel(self.tiles)
        view.setViewMode(QListView.ViewMode.IconMode)
        view.setMovement(QListView.Movement.Static)
        view.setResizeMode(QListView.ResizeMode.Adjust)
        view.setUniformItemSizes(True)
        view.setItemDelegate(TileDelegate(view))
        view.setGridSize(QSize(TILE_PX + GAP_PX, TILE_PX + GAP_PX))
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def _want(self) -> None:
        """Ask what the photos are called; the dialog asks for the pictures of all columns."""
        self._desk.runner.run(
            Lane.INTERACTIVE,
            self._desk.library.summaries,
            self.tiles.ids,
            on_success=self.tiles.set_names,
            on_failure=self._desk.failed.emit,
        )

    def tile(self) -> TileSize:
        """Return how large a picture is on this screen."""
        ratio = self.devicePixelRatioF()
        return TileSize(round(TILE_PX * ratio), ratio)

    def _on_clicked(self) -> None:
        self.useWanted.emit(self._name)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        metrics = self.heading.fontMetrics()
        room = self.heading.width()
        self.heading.setText(metrics.elidedText(self._title, Qt.TextElideMode.ElideRight, room))


def facts(result: TrialResult) -> str:
    """Return "34 photos/s · 12 ms for the question"."""
    speed = ""
    if result.per_second > 0:
        decimals = 1 if result.per_second < 10 else 0
        speed = _("{n} photos/s").format(n=number(result.per_second, decimals))
    query = ""
    if result.query_ms > 0:
        query = _("{n} ms for the question").format(n=number(result.query_ms))
    return joined((speed, query))
