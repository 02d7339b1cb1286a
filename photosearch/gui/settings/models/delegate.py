"""How a row of the table of models is painted: two lines, bars, marks and the button of a deed.

Knows colours of the palette and the roles of the table's model; the words come from there.
"""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from photosearch.gui.settings.models import wording
from photosearch.gui.settings.models.rows import Row
from photosearch.gui.settings.models.table_model import (
    MARKED_ROLE,
    NOTE_ROLE,
    ROW_ROLE,
    SHARE_ROLE,
    Column,
)
from photosearch.types import OfferState

Index = QModelIndex | QPersistentModelIndex
Ink = QPalette.ColorRole
PAD_PX = 10
BAR_PX = 4
LINE_GAP_PX = 2
BUTTON_PAD_PX = 12


def small(font: QFont) -> QFont:
    """Return the font of second lines."""
    made = QFont(font)
    made.setPointSizeF(font.pointSizeF() * 0.86)
    return made


def row_px(font: QFont) -> int:
    """Return the height of a row: two lines and air."""
    return QFontMetrics(font).height() + QFontMetrics(small(font)).height() + 18


class RowDelegate(QStyledItemDelegate):
    """Paints cells; a click on the button in the last column asks for the deed."""

    deedClicked = Signal(object)  # index of the proxy

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self._over = QPersistentModelIndex()  # whose button the pointer is on

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        metrics = QFontMetrics(option.font)
        words = metrics.horizontalAdvance(str(index.data() or ""))
        return QSize(words + 2 * PAD_PX, row_px(option.font))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW_ROLE)
        if not isinstance(row, Row):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter, option, index)
        inner = option.rect.adjusted(PAD_PX, 0, -PAD_PX, 0)
        column = Column(index.column())
        if column is Column.QUALITY:
            self._quality(painter, option, inner, index)
        elif column is Column.STATE:
            self._state(painter, option, inner, index, row)
        elif column is Column.DEED:
            self._button(painter, option, index)
        else:
            self._words(painter, option, inner, index)
        painter.restore()

    # --- parts of a cell ------------------------------------------------------

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        palette = option.palette
        if option.state & QStyle.StateFlag.State_Selected:
            tint = QColor(palette.color(Ink.Accent))
            tint.setAlphaF(0.16)
            painter.fillRect(option.rect, tint)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, palette.color(Ink.Midlight))
        if index.row() + 1 < index.model().rowCount():
            painter.setPen(QPen(palette.color(Ink.Mid), 1))
            bottom = option.rect.bottom() + 0.5
            painter.drawLine(
                QPointF(option.rect.left(), bottom), QPointF(option.rect.right() + 1, bottom)
            )

    def _words(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        inner: QRect,
        index: Index,
    ) -> None:
        column, note = Column(index.column()), str(index.data(NOTE_ROLE) or "")
        font = QFont(option.font)
        if column is Column.MODEL:
            font.setBold(True)
        colour = option.palette.color(Ink.WindowText)
        words = str(index.data() or "")
        if words == wording.UNKNOWN:
            colour = option.palette.color(Ink.PlaceholderText)
        noted = option.palette.color(Ink.PlaceholderText)
        if column is Column.MODEL and index.data(MARKED_ROLE):
            noted = option.palette.color(Ink.Accent)
        if column is Column.LICENCE and note:
            noted = option.palette.color(Ink.BrightText)
        align = Qt.AlignmentFlag(index.data(Qt.ItemDataRole.TextAlignmentRole))
        _two_lines(painter, inner, (words, font, colour), (note, small(option.font), noted), align)

    def _quality(
        self, painter: QPainter, option: QStyleOptionViewItem, inner: QRect, index: Index
    ) -> None:
        words, value = str(index.data()), index.data(SHARE_ROLE)
        palette = option.palette
        metrics = QFontMetrics(option.font)
        width = metrics.horizontalAdvance("88.8")
        painter.setFont(option.font)
        painter.setPen(palette.color(Ink.WindowText if value else Ink.PlaceholderText))
        number = QRect(inner.left(), inner.top(), width, inner.height())
        align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(number, align, words)
        if value is not None:
            bar = QRectF(inner.left() + width + 8, inner.center().y() - 1, 0, BAR_PX)
            bar.setRight(inner.right())
            # half of the bar is 60 %: below it no model is worth the wait, above they differ little
            _bar(painter, bar, max(0.03, (value - 0.2) / 0.8), palette)

    def _state(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        inner: QRect,
        index: Index,
        row: Row,
    ) -> None:
        palette, value = option.palette, index.data(SHARE_ROLE)
        words, note = str(index.data() or ""), str(index.data(NOTE_ROLE) or "")
        colour, bold = _state_ink(row, palette)
        font = QFont(option.font)
        font.setBold(bold)
        noted = palette.color(Ink.PlaceholderText)
        if value is None:
            align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            second = (note, small(option.font), noted)
            _two_lines(painter, inner, (words, font, colour), second, align)
            return
        metrics, little = QFontMetrics(font), QFontMetrics(small(option.font))
        height = metrics.height() + little.height() + BAR_PX + 6
        top = inner.center().y() - height // 2
        line = QRect(inner.left(), top, inner.width(), metrics.height())
        _text(painter, line, (words, font, colour), Qt.AlignmentFlag.AlignLeft)
        bar = QRectF(inner.left(), line.bottom() + 4, inner.width(), BAR_PX)
        quiet = row.state is OfferState.PAUSED
        _bar(painter, bar, value, palette, quiet)
        below = QRect(inner.left(), round(bar.bottom()) + 3, inner.width(), little.height())
        _text(painter, below, (note, small(option.font), noted), Qt.AlignmentFlag.AlignLeft)

    def _button(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        words = str(index.data() or "")
        if not words:
            return
        palette, rect = option.palette, QRectF(self.button_rect(option, index))
        over = QPersistentModelIndex(index) == self._over
        painter.setPen(QPen(palette.color(Ink.Mid), 1))
        painter.setBrush(palette.color(Ink.Midlight if over else Ink.Button))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
        _text(
            painter,
            rect.toRect().adjusted(6, 0, -6, 0),
            (words, option.font, palette.color(Ink.ButtonText)),
            Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter,
        )

    def button_rect(self, option: QStyleOptionViewItem, _index: Index) -> QRect:
        """Return where the button of a row is."""
        metrics = QFontMetrics(option.font)
        height = metrics.height() + 12
        area = option.rect.adjusted(4, 0, -PAD_PX, 0)
        return QRect(area.left(), area.center().y() - height // 2 + 1, area.width(), height)

    # --- the pointer ----------------------------------------------------------

    def editorEvent(
        self,
        event: QEvent,
        model: object,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        if Column(index.column()) is not Column.DEED or not isinstance(event, QMouseEvent):
            self._light(QPersistentModelIndex(), option)
            return False
        inside = self.button_rect(option, index).contains(event.position().toPoint())
        if event.type() == QEvent.Type.MouseMove:
            self._light(QPersistentModelIndex(index) if inside else QPersistentModelIndex(), option)
        left = event.button() is Qt.MouseButton.LeftButton
        if inside and left and event.type() == QEvent.Type.MouseButtonRelease:
            self.deedClicked.emit(index)
            return True
        return False

    def _light(self, index: QPersistentModelIndex, option: QStyleOptionViewItem) -> None:
        if index != self._over:
            self._over = index
            widget = option.widget
            if widget is not None:
                widget.update()


def _state_ink(row: Row, palette: QPalette) -> tuple[QColor, bool]:
    """Return colour and weight of a state."""
    if row.state is OfferState.DOWNLOADING or row.work:
        return palette.color(Ink.WindowText), False
    if row.trouble:
        return palette.color(Ink.BrightText), False
    if row.state in (OfferState.IN_USE, OfferState.COMING):
        return palette.color(Ink.Accent), True
    if row.state is OfferState.AVAILABLE:
        return palette.color(Ink.PlaceholderText), False
    return palette.color(Ink.WindowText), False


Line = tuple[str, QFont, QColor]


def _two_lines(
    painter: QPainter, inner: QRect, first: Line, second: Line, align: Qt.AlignmentFlag
) -> None:
    across = align & Qt.AlignmentFlag.AlignHorizontal_Mask
    upper, lower = QFontMetrics(first[1]), QFontMetrics(second[1])
    height = upper.height() + (LINE_GAP_PX + lower.height() if second[0] else 0)
    top = inner.center().y() - height // 2
    line = QRect(inner.left(), top, inner.width(), upper.height())
    _text(painter, line, first, across)
    if second[0]:
        below = QRect(inner.left(), line.bottom() + LINE_GAP_PX, inner.width(), lower.height())
        _text(painter, below, second, across)


def _text(painter: QPainter, rect: QRect, line: Line, align: Qt.AlignmentFlag) -> None:
    words, font, colour = line
    painter.setFont(font)
    painter.setPen(colour)
    short = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, align | Qt.AlignmentFlag.AlignVCenter, short)


def _bar(
    painter: QPainter, rect: QRectF, share: float, palette: QPalette, quiet: bool = False
) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.color(Ink.Mid))
    painter.drawRoundedRect(rect, BAR_PX / 2, BAR_PX / 2)
    full = QRectF(rect)
    full.setWidth(max(BAR_PX, rect.width() * min(1.0, max(0.0, share))))
    painter.setBrush(palette.color(Ink.PlaceholderText if quiet else Ink.Accent))
    painter.drawRoundedRect(full, BAR_PX / 2, BAR_PX / 2)
