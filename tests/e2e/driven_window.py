"""A window that does by itself what a user does, for tests that look at it from outside.

Arguments as for the program. Says "done" when all is done, and waits to be closed.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from photosearch.__main__ import main
from photosearch.gui.main_window import MainWindow

COUNT, QUERY, NAME = int(os.environ["COUNT"]), os.environ["QUERY"], os.environ["NAME"]
app = QApplication(["photosearch"])


def session() -> Iterator[None]:
    """Go on to the next `yield` with each tick."""
    windows: list[MainWindow] = []
    while not windows:
        yield
        windows = [each for each in app.topLevelWidgets() if isinstance(each, MainWindow)]
    window = windows[0]
    while window.page.model.rowCount() < COUNT or window.indexer.running:
        yield
    window.search.search_for(QUERY)
    for _ in range(10):
        yield
    window.session.leave()
    for _ in range(5):
        yield
    ids = window.page.model.ids
    window.set_favourite(ids[:1], True)
    window.looking.open(0)
    for _ in range(10):
        yield
    window.looking.leave()
    naming = threading.Thread(target=name_somebody, args=(window,))
    naming.start()
    while naming.is_alive():
        yield
    window.upkeep.rescan()
    for _ in range(5):
        yield
    while window.indexer.running:
        yield
    print("done", flush=True)
    while True:
        yield


def name_somebody(window: MainWindow) -> None:
    people = window._library.people
    faces = [face.id for person in people.list() for face in people.faces(person.id)]
    faces += [face.id for face in people.unsorted()]
    people.name_faces(faces[:1], NAME)


steps = session()
timer = QTimer(interval=50)
timer.timeout.connect(lambda: next(steps))
timer.start()
sys.exit(main())
