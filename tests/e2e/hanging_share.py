"""The window in a process in which one folder hangs; plays the user and tells what happened.

Started by `test_hanging.py`. Every look at the folder or below it waits for ever, as on a network
share whose server has gone.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from photosearch.__main__ import open_window
from photosearch.gui.main_window import MainWindow
from photosearch.media import answering

HANGS = os.fsencode(sys.argv[2])
BEAT_MS = 10
LIMIT_S = 60.0


def hang(name: str) -> None:
    """Have a function of `os` wait for ever on what lies in the folder."""
    real: Callable[..., Any] = getattr(os, name)

    def patched(path: Any = ".", *rest: Any, **named: Any) -> Any:
        if isinstance(path, str | bytes | os.PathLike) and os.fsencode(path).startswith(HANGS):
            threading.Event().wait()
        return real(path, *rest, **named)

    setattr(os, name, patched)


class User(QObject):
    """Does one thing after another while a heart beats in the window's thread."""

    def __init__(self) -> None:
        super().__init__()
        self._last = time.monotonic()
        self._worst = 0.0
        self._began = time.monotonic()
        self.told: dict[str, Any] = {}
        self._steps = self._play()
        self._timer = QTimer(self, interval=BEAT_MS)
        self._timer.timeout.connect(self._on_beat)
        self._timer.start()

    def _on_beat(self) -> None:
        now = time.monotonic()
        if self.told.get("begun"):
            self._worst = max(self._worst, now - self._last)
        self._last = now
        try:
            next(self._steps)
            late = now - self._began > LIMIT_S
        except StopIteration:
            late = True
        if late:
            self._timer.stop()
            self.told["worst_s"] = self._worst
            print(json.dumps(self.told), flush=True)
            window().close()

    def _play(self) -> Iterator[None]:
        while not any(isinstance(w, MainWindow) for w in QApplication.topLevelWidgets()):
            yield
        there = window()
        while there.page.model.rowCount() < 2:
            yield
        self.told["begun"] = True
        while not (there.upkeep.status and any(f.offline for f in there.upkeep.status.folders)):
            yield
        self.told["offline"] = [f.path for f in there.upkeep.status.folders if f.offline]
        while there.indexer.running:
            yield
        while there.page.model.rowCount() < 3:
            yield
        self.told["photos"] = there.page.model.rowCount()
        self.told["said"] = there.page.news.label.text()
        there.set_favourite([there.page.model.photo_at(0)], True)
        while there.upkeep.status.favourites != 1:
            yield
        there.news.add_folders([os.fsdecode(HANGS) + "/more"])
        there.page.news.hide()
        while not there.page.news.isVisible():
            yield
        self.told["refused"] = there.page.news.label.text()
        there.set_favourite([there.page.model.photo_at(1)], True)
        while there.upkeep.status.favourites != 2:
            yield
        self.told["favourites"] = there.upkeep.status.favourites


def window() -> Any:
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))


def main() -> int:
    answering.ANSWER_S = 0.5
    for name in ("stat", "scandir", "listdir", "lstat"):
        hang(name)
    app = QApplication(sys.argv[:1])
    user = User()
    user.setParent(app)
    return open_window(str(Path(sys.argv[1])), {}, [])


if __name__ == "__main__":
    sys.exit(main())
