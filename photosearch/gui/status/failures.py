"""The list of files that could not be used: which, why, and what to do about it."""

from __future__ import annotations

import os
from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPalette,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import icons, theme
from photosearch.gui.text import _, plural, shown, typed
from photosearch.gui.told import told
from photosearch.types import Failure

ROW_PX = 62
SIZE = QSize(960, 720)  # where the screen has room for it
_ROOT = QModelIndex()


class FailureModel(QAbstractListModel):
    """Failures as rows."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._failures: tuple[Failure, ...] = ()

    def show(self, failures: Sequence[Failure]) -> None:
        """Show these and no others."""
        self.beginResetModel()
        self._failures = tuple(failures)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._failures)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if not index.isValid():
            return None
        failure = self._failures[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return failure
        if role == Qt.ItemDataRole.DisplayRole:
            return shown(os.path.basename(failure.path))
        if role == Qt.ItemDataRole.ToolTipRole:
            return shown(failure.path)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{shown(os.path.basename(failure.path))}: {told(failure.reason)}"
        return None


class FailureDelegate(QStyledItemDelegate):
    """Paints a failure on two lines: the file and its folder, then the reason."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # type: ignore[override]
        return QSize(200, ROW_PX)

    def paint(  # type: ignore[override]
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        failure: Failure = index.data(Qt.ItemDataRole.UserRole)
        palette: QPalette = option.palette
        rect: QRect = option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole
        painter.save()
        if chosen:
            wash = palette.color(role.Accent)
            wash.setAlphaF(0.16)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(wash)
            painter.drawRoundedRect(rect.adjusted(4, 2, -4, -2), 7, 7)
        inner = rect.adjusted(16, 9, -16, -9)
        half = inner.height() // 2
        top = QRect(inner.left(), inner.top(), inner.width(), half)
        font = QFont(option.font)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(palette.color(role.WindowText))
        name = shown(os.path.basename(failure.path))
        middle = Qt.TextElideMode.ElideMiddle
        used = _write(painter, top, name, middle, int(inner.width() * 0.55)) + 12
        painter.setFont(option.font)
        painter.setPen(palette.color(role.PlaceholderText))
        folder = shown(os.path.dirname(failure.path))
        _write(painter, top.adjusted(used, 0, 0, 0), folder, middle)
        _write(painter, top.translated(0, half), told(failure.reason), Qt.TextElideMode.ElideRight)
        painter.restore()


def _write(
    painter: QPainter, where: QRect, words: str, cut: Qt.TextElideMode, most_px: int | None = None
) -> int:
    """Write on one line, shortened to fit, and return the width used."""
    metrics = painter.fontMetrics()
    fitting = metrics.elidedText(words, cut, where.width() if most_px is None else most_px)
    painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, fitting)
    return metrics.horizontalAdvance(fitting)


class FailuresDialog(QDialog):
    """Shows the failures; asks by signal for another try or for the file manager."""

    retryWanted = Signal(object)  # tuple of FileId
    revealWanted = Signal(str)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setWindowTitle(_("Files that could not be used"))
        self.resize(SIZE.boundedTo(self.screen().availableSize() * 0.9))
        self.setMinimumSize(420, 280)
        self._title = QLabel(self)
        self._title.setProperty("role", "heading")
        self.model = FailureModel(self)
        self.list = QListView(self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(FailureDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setAccessibleName(_("Files that could not be used"))
        self.list.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.reveal = QPushButton(_("Show in file manager"), self)
        self.copy = QPushButton(_("Copy list"), self)
        self.copy.setToolTip(_("Copies the files with their reasons; Ctrl+C those selected"))
        self.retry = QPushButton(_("Retry"), self)
        self.retry_all = QPushButton(_("Retry all"), self)
        self.close_button = QPushButton(_("Close"), self)
        self.retry_all.setProperty("role", "primary")
        self.reveal.clicked.connect(self._on_reveal_clicked)
        self.copy.clicked.connect(lambda: self._copy(self._every()))
        self.retry.clicked.connect(self._on_retry_clicked)
        self.retry_all.clicked.connect(self._on_retry_all_clicked)
        self.close_button.clicked.connect(self.close)
        self._note = QLabel(self)
        self._note.setProperty("role", "quiet")
        self._note.setWordWrap(True)
        self.say("")
        self._lay_out()
        self.show_failures(())

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.S)
        buttons.addWidget(self.reveal)
        buttons.addStretch(1)
        for button in (self.close_button, self.retry, self.retry_all):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        above = QHBoxLayout()  # the copying is not among the buttons: they fill a narrow dialog
        above.setSpacing(theme.M)
        above.addWidget(self._note, 1)
        above.addWidget(self.copy)
        self.copy.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.L, theme.L, theme.L)
        column.setSpacing(theme.S)
        column.addWidget(self._title)
        column.addLayout(above)
        column.addSpacing(theme.S)
        column.addWidget(self.list, 1)
        column.addSpacing(theme.S)
        column.addLayout(buttons)

    def say(self, sentence: str) -> None:
        """Say how another try goes or went; empty: what holds always."""
        always = _("The rest of your photos is not affected. Nothing was changed.")
        self._note.setText(sentence or always)

    def show_failures(self, failures: Sequence[Failure]) -> None:
        """Show these failures."""
        count = len(failures)
        self.model.show(failures)
        self._title.setText(
            plural("{n} file could not be used", "{n} files could not be used", count)
            if count
            else _("All files could be used")
        )
        self.retry_all.setEnabled(count > 0)
        self.copy.setEnabled(count > 0)
        self._on_selection_changed()

    def chosen(self) -> tuple[Failure, ...]:
        """Return the selected failures."""
        rows = self.list.selectionModel().selectedIndexes()
        return tuple(index.data(Qt.ItemDataRole.UserRole) for index in rows)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy(self.chosen() or self._every())
        else:
            super().keyPressEvent(event)

    def _copy(self, failures: Sequence[Failure]) -> None:
        """Put files on the clipboard, one a line with its reason."""
        lines = [f"{typed(each.path)}\t{told(each.reason)}" for each in failures]
        if lines:
            QGuiApplication.clipboard().setText("\n".join(lines))
            self.say(_("The list was copied."))

    def _every(self) -> tuple[Failure, ...]:
        rows = range(self.model.rowCount())
        return tuple(self.model.index(row).data(Qt.ItemDataRole.UserRole) for row in rows)

    def _on_selection_changed(self, *_selections: object) -> None:
        count = len(self.list.selectionModel().selectedIndexes())
        self.retry.setEnabled(count > 0)
        self.reveal.setEnabled(count == 1)
        self.reveal.setIcon(icons.icon("folder", *self._inks(), 16, self.devicePixelRatioF()))

    def _inks(self) -> tuple[QColor, QColor]:
        palette = self.palette()
        faint = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText)
        return palette.color(QPalette.ColorRole.WindowText), faint

    def _on_reveal_clicked(self) -> None:
        for failure in self.chosen()[:1]:
            self.revealWanted.emit(failure.path)

    def _on_retry_clicked(self) -> None:
        self.retryWanted.emit(tuple(failure.file for failure in self.chosen()))

    def _on_retry_all_clicked(self) -> None:
        self.retryWanted.emit(tuple(failure.file for failure in self._every()))
