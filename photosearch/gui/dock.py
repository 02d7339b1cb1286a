"""What macOS tells a program by events: files dropped on its icon in the Dock, and leaving.

A Quit from the Dock or at the end of the session asks every window first: one that only hides
when it is closed would keep the whole computer from shutting down.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from photosearch.gui.dropping import local_path


class Dock(QObject):
    """Listens to the application's own events; elsewhere it would only cost time on each."""

    dropped = Signal(object)  # paths
    quitting = Signal()  # the windows are asked next

    def __init__(self, app: QApplication, parent: QObject | None = None):
        super().__init__(parent)
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent):
            path = local_path(event.url()) if event.url().isLocalFile() else event.file()
            if path:
                self.dropped.emit((path,))
            return True
        if event.type() == QEvent.Type.Quit and isinstance(watched, QApplication):
            self.quitting.emit()
        return super().eventFilter(watched, event)
