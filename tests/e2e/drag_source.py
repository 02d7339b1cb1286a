"""A window to drag folders from: `python drag_source.py PATH...`. Part of `test_window`."""

from __future__ import annotations

import sys

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel


class Source(QLabel):
    """Starts a drag of the given paths as soon as the mouse moves with its button down."""

    def __init__(self, paths: list[str]):
        super().__init__("drag from here")
        self._urls = [QUrl.fromLocalFile(path) for path in paths]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            drag = QDrag(self)
            data = QMimeData()
            data.setUrls(self._urls)
            drag.setMimeData(data)
            drag.exec(Qt.DropAction.CopyAction)


def main() -> int:
    app = QApplication(sys.argv[:1])
    source = Source(sys.argv[1:])
    source.setWindowTitle("drag source")
    source.setGeometry(1400, 100, 150, 150)
    source.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
