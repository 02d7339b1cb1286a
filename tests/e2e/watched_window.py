"""The window, watched from inside: what was imported at its first paint, and how its heart beats.

Started by `test_held.py`; ends by itself once the photos it was given are indexed.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

from photosearch.__main__ import open_window

HEAVY = ("onnxruntime", "hnswlib", "tokenizers", "cv2", "scipy", "torch", "PIL", "sklearn")
LATER = (  # what nobody needs to see the first photos
    "asyncio", "email.parser", "huggingface_hub", "onnx", "requests", "ssl", "xml",
    "plistlib", "photosearch.engine.inline", "photosearch.gui.model_sections",
    "photosearch.gui.background.tray", "photosearch.gui.reports.report",
    "photosearch.gui.welcome", "photosearch.scrubbing",
    "photosearch.gui.settings.models.section", "photosearch.gui.settings.page",
    "photosearch.index", "photosearch.inference.encoders", "photosearch.inference.model_folder",
    "photosearch.inference.session", "photosearch.people.asking", "photosearch.people.regroup",
)  # fmt: skip
BEAT_MS = 5
LIMIT_S = 60.0


class Watcher(QObject):
    """Follows the window from its first paint to the end of its first run."""

    def __init__(self, photos: int) -> None:
        super().__init__()
        self._photos = photos
        self._window: Any = None
        self._last = self._since = 0.0
        self.told: dict[str, Any] = {"beats": 0, "worst_s": 0.0}
        self._timer = QTimer(self, interval=BEAT_MS)
        self._timer.timeout.connect(self._on_beat)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(watched, QMainWindow):
            self.told["imported"] = sorted(name for name in HEAVY + LATER if name in sys.modules)
            self._window = watched
            self._last = self._since = time.monotonic()
            QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
            self._timer.start()
        return False

    def _on_beat(self) -> None:
        now = time.monotonic()
        self.told["worst_s"] = max(self.told["worst_s"], now - self._last)
        self.told["beats"] += 1
        self._last = now
        rows = self._window.page.model.rowCount()
        if (rows == self._photos and not self._window.indexer.running) or (
            now - self._since > LIMIT_S
        ):
            self._timer.stop()
            self.told["photos"] = rows
            print(json.dumps(self.told), flush=True)
            self._window.close()


def main() -> int:
    app = QApplication(sys.argv[:1])
    watcher = Watcher(int(sys.argv[2]))
    app.installEventFilter(watcher)
    code = open_window(sys.argv[1], {}, sys.argv[3:])
    del watcher
    return code


if __name__ == "__main__":
    sys.exit(main())
