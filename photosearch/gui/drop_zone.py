"""Folders and photos dropped on the window from outside: a veil while they hover, then the news.

Watches the window's events, so that the window itself need not know how a drag goes.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from photosearch.gui.drop_veil import DropVeil
from photosearch.gui.dropping import dropped_paths
from photosearch.gui.grid import photos_in


class DropZone(QObject):
    """Takes what comes from other programs; our own photos are not ours to add."""

    dropped = Signal(object)  # paths

    def __init__(self, window: QWidget, area: Callable[[], QRect]):
        super().__init__(window)
        self._area = area
        self.veil = DropVeil(window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.DragEnter and isinstance(event, QDragEnterEvent):
            return self._enter(event)
        if kind == QEvent.Type.Drop and isinstance(event, QDropEvent):
            return self._drop(event)
        if kind == QEvent.Type.DragLeave:
            self.veil.hide()
        elif kind == QEvent.Type.Resize and self.veil.isVisible():
            self.veil.cover(self._area())
        return super().eventFilter(watched, event)

    def _enter(self, event: QDragEnterEvent) -> bool:
        if not photos_in(event.mimeData()) and dropped_paths(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.veil.cover(self._area())
            return True
        return False

    def _drop(self, event: QDropEvent) -> bool:
        self.veil.hide()
        paths = dropped_paths(event.mimeData())
        if paths:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.dropped.emit(paths)
        return bool(paths)
