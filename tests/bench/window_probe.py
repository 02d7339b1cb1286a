"""Runs the window and measures it from inside: what is on screen when, and what holds its thread.

A process of its own for `tests.bench.window`; tells one JSON object in its last line. A heart
that beats in the window's thread every few milliseconds shows how long that thread was held: by
its own work, or waiting for the interpreter's lock while another thread had it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

BEAT_MS = 4
LONG_S = 0.016
FRAME_MS = 16
FRAMES = 200
SPOTS = 10  # where thumbnails lie ready: the driver has put them there
GIVE_UP_S = 30.0
SEEN = ("window", "page")
Stack = tuple[bool, list[str]]  # whether it is the window's thread, and where it is


def waited() -> float:
    """Return the seconds that this thread was ready to run and had no core."""
    try:
        with open("/proc/thread-self/schedstat", encoding="ascii") as stream:
            return int(stream.read().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


def steps(frame: FrameType) -> list[str]:
    """Return where a thread is; without reading the source, which would hold it up further."""
    walked = [(f.f_code, line) for f, line in traceback.walk_stack(frame)][:10]
    return [f"{code.co_filename}:{line} {code.co_name}" for code, line in walked]


class Heart(QObject):
    """Beats in the window's thread and notes how long it could not."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_beat)
        self._last = self._began = 0.0
        self.gaps: list[float] = []
        self.net: list[float] = []  # the gaps without what other processes had the cores for
        self._waited = 0.0
        self.beats = 0
        self.held: list[tuple[float, float, list[Stack]]] = []  # the longest, and what ran then
        self._thread = threading.get_ident()
        self._stacks: list[Stack] = []
        self._watching = threading.Event()

    def start(self) -> None:
        self._last = self._began = time.perf_counter()
        self.gaps, self.net, self.held, self.beats = [], [], [], 0
        self._waited = waited()
        self._timer.start()
        if "PHOTOSEARCH_BENCH_STACKS" in os.environ and not self._watching.is_set():
            self._watching.set()
            threading.Thread(target=self._watch, daemon=True).start()

    def stop(self) -> list[float]:
        self._timer.stop()
        self._watching.clear()
        return self.gaps

    def _on_beat(self) -> None:
        now = time.perf_counter()
        gap = now - self._last
        self._last = now
        self.beats += 1
        self.gaps.append(gap)
        waiting, self._waited = self._waited, waited()
        self.net.append(gap - (self._waited - waiting))
        if gap > 0.030 and self._stacks:
            self.held.append((gap, now - self._began, self._stacks))
        self._stacks = []

    def _watch(self) -> None:
        """Note what every thread does while the heart does not beat."""
        while self._watching.wait(0) and not time.sleep(0.004):
            late = time.perf_counter() - self._last
            if late > 0.02 and not self._stacks:
                self._stacks = [
                    (number == self._thread, steps(frame))
                    for number, frame in sys._current_frames().items()
                    if number != threading.get_ident()
                ]


class Start(QObject):
    """Notes when the window was painted first, and when with photos in it."""

    def __init__(self, began: float) -> None:
        super().__init__()
        self._began = began
        self.times: dict[str, float] = {}
        self.window: Any = None
        self.then: Callable[[], None] = lambda: None
        self._poll = QTimer(self, interval=2)
        self._poll.timeout.connect(self._on_poll)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(watched, QMainWindow):
            self.times["window"] = time.time() - self._began
            self.window = watched
            QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
            self._poll.start()
        return False

    def _on_poll(self) -> None:
        if "list" not in self.times and self.window.page.model.rowCount():
            self.times["list"] = time.time() - self._began
        late = time.time() - self._began - self.times["window"] > GIVE_UP_S
        if complete(self.window) or late:
            self._poll.stop()
            self.window.grid.viewport().repaint()
            self.times["page"] = time.time() - self._began
            self.times["rss"] = memory("VmRSS")
            self.then()


def complete(window: Any) -> bool:
    """Whether every photo in sight is known and has its picture."""
    first, end = window.grid.visible_rows()
    model = window.page.model
    if not end or not model.rowCount():
        return False
    photos = model.ids[first:end].tolist()
    return all(model.summary(p) is not None and model.image_of(p) is not None for p in photos)


def memory(what: str) -> float:
    """Return a number of /proc/self/status in MB."""
    try:
        with open("/proc/self/status", encoding="utf-8") as stream:
            line = next(line for line in stream if line.startswith(what))
    except (OSError, StopIteration):
        return 0.0
    return int(line.split()[1]) / 1024


class Trial(QObject):
    """Runs steps in the window's event loop, one a frame."""

    def __init__(self, start: Start, heart: Heart, mode: str, seconds: float) -> None:
        super().__init__()
        self._start, self._heart, self._mode, self._seconds = start, heart, mode, seconds
        self.found: dict[str, Any] = {}
        self._own: list[float] = []  # seconds of processor time of the window's thread, a frame
        self._steps: Iterator[float] = iter(())
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_step)
        start.then = self._begin

    def _begin(self) -> None:
        self.found = {"start": self._start.times}
        if self._mode == "start":
            self.end()
            return
        self._steps = self._loading() if self._mode == "frames" else self._run()
        self._timer.start(0)

    def _on_step(self) -> None:
        try:
            self._timer.start(round(1000 * next(self._steps)))
        except StopIteration:
            self.end()

    def end(self) -> None:
        self.found["rss_after"] = memory("VmRSS")
        self.found["rss_peak"] = memory("VmHWM")
        self.found["own"] = memory("RssAnon")
        if "PHOTOSEARCH_BENCH_STACKS" in os.environ:
            for gap, at, stacks in sorted(self._heart.held, reverse=True)[:12]:
                print(f"--- {gap * 1000:.0f} ms after {at:.1f} s", file=sys.stderr)
                for ours, lines in stacks:
                    print("WINDOW" if ours else "other", *lines, sep="\n   ", file=sys.stderr)
        print(json.dumps(self.found), flush=True)
        self._start.window.close()

    # --- a run of indexing ---

    def _run(self) -> Iterator[float]:
        """Beat until everything is indexed."""
        window = self._start.window
        self._heart.start()
        began = time.perf_counter()
        yield 1.0
        while window.indexer.running and time.perf_counter() - began < self._seconds:
            yield 0.1
        yield 1.0
        self.found["seconds"] = time.perf_counter() - began
        self.found["heart"], self.found["heart_net"] = self._heart.stop(), self._heart.net
        self.found["photos"] = window.page.model.rowCount()

    # --- the grid at rest ---

    def _loading(self) -> Iterator[float]:
        """Wait while the library is looked through, then use the grid."""
        window = self._start.window
        self._heart.start()
        yield 2.0
        ended = time.perf_counter() + GIVE_UP_S
        while window.indexer.running and time.perf_counter() < ended:
            yield 0.1
        yield 0.5
        self.found["loading"], self.found["loading_net"] = self._heart.stop(), self._heart.net
        self.found["rss_loaded"] = memory("VmRSS")
        yield from self._frames()
        self.found["rss_frames"] = memory("VmRSS")
        yield from self._selecting()
        self.found["rss_selected"] = memory("VmRSS")
        yield from self._stopping()
        yield from self._places()

    def _frames(self) -> Iterator[float]:
        window = self._start.window
        grid, bar = window.grid, window.grid.verticalScrollBar()
        width, height = window.width(), window.height()

        def frame(action: Callable[[], object]) -> float:
            began, own = time.perf_counter(), time.thread_time()
            action()
            grid.viewport().repaint()
            self._own.append(time.thread_time() - own)
            return time.perf_counter() - began

        def again() -> None:
            page = window.page
            page.model.clear()
            page.model.set_list(photos, keep_place=False)

        from photosearch.types import PhotoList

        photos = PhotoList(window.page.model.ids, window.page.model.months)
        shows = []
        for _ in range(10):
            shows.append(frame(again))
            yield FRAME_MS / 1000
        self.found["show"], self.found["show_own"] = shows, self._own
        actions: dict[str, Callable[[int], Callable[[], object]]] = {
            "scroll": lambda n: lambda: bar.setValue(bar.value() + 61),
            "jump": lambda n: lambda: bar.setValue(n * 7919 * 9973 % bar.maximum()),
            "resize": lambda n: lambda: window.resize(width - n % 50 * 7, height - n % 30 * 5),
        }
        for name, action in actions.items():
            times: list[float] = []
            self._own = []
            self._heart.start()
            for number in range(FRAMES):
                times.append(frame(action(number)))
                yield FRAME_MS / 1000
            self.found[name], self.found[f"{name}_own"] = times, self._own
            self.found[f"{name}_heart"] = self._heart.stop()
        window.resize(width, height)

    def _selecting(self) -> Iterator[float]:
        grid, bar = self._start.window.grid, self._start.window.grid.verticalScrollBar()
        count = self._start.window.page.model.rowCount()
        shift = Qt.KeyboardModifier.ShiftModifier

        def timed(name: str, action: Callable[[], object]) -> None:
            began = time.perf_counter()
            action()
            grid.viewport().repaint()
            self.found.setdefault(name, []).append(time.perf_counter() - began)

        for _ in range(5):
            bar.setValue(0)
            timed("select all", grid.selectAll)
            yield 0.05
            timed("select none", grid.clear_selection)
            yield 0.05
            grid.choose(0, Qt.KeyboardModifier.NoModifier)
            yield 0.05
            bar.setValue(bar.maximum())
            timed("shift to the end", lambda: grid.choose(count - 1, shift))
            yield 0.05
            timed("scroll, all selected", lambda: bar.setValue(bar.value() - 61))
            yield 0.05
            grid.clear_selection()

    def _stopping(self) -> Iterator[float]:
        """Scroll to where thumbnails lie ready, and stop there."""
        window = self._start.window
        bar, count = window.grid.verticalScrollBar(), window.page.model.rowCount()
        took = []
        for spot in range(1, SPOTS):
            row = count * spot // SPOTS
            box = window.grid.geometry_now().box(row)
            bar.setValue(box.y - 1500)
            for _ in range(10):
                yield FRAME_MS / 1000
                bar.setValue(bar.value() + 150)
            began = time.perf_counter()
            while not complete(window) and time.perf_counter() - began < 5:
                yield 0.002
            window.grid.viewport().repaint()
            took.append(time.perf_counter() - began)
        self.found["thumbnails"] = took

    def _places(self) -> Iterator[float]:
        """Go to the favourites, to a folder, to a directory, search, and back to all."""
        window = self._start.window
        tree = window.sidebar.tree
        folder = next(
            tree.topLevelItem(n)
            for n in range(tree.topLevelItemCount())
            if "folder" in str(tree.topLevelItem(n).data(0, Qt.ItemDataRole.UserRole))
        )
        self._heart.start()
        yield 0.05
        visits: dict[str, Callable[[], object]] = {
            "favourites": lambda: window.sidebar.choose(favourites=True),
            "folder": lambda: tree.setCurrentItem(folder),
            "opening the tree": lambda: folder.setExpanded(True),
            "directory": lambda: tree.setCurrentItem(folder.child(folder.childCount() // 2)),
            "search": lambda: window.search.field.setText("trip"),
            "all photos": window.sidebar.choose,
        }
        for name, visit in visits.items():
            beats = self._heart.beats
            before = id(window.page.model.ids)
            began = time.perf_counter()
            visit()
            self.found[f"{name} call"] = time.perf_counter() - began
            limit = began + (1.0 if name == "opening the tree" else 15.0)
            while id(window.page.model.ids) == before and time.perf_counter() < limit:
                yield 0.005
            self.found[f"{name} answer"] = time.perf_counter() - began
            yield 0.6
            self.found[f"{name} held"] = max(self._heart.gaps[beats:])
        self._heart.stop()


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--home", required=True)
    given.add_argument("--mode", choices=("start", "frames", "run"), required=True)
    given.add_argument("--began", type=float, required=True, help="when the process was started")
    given.add_argument("--seconds", type=float, default=600, help="of a run at most")
    told = given.parse_args()
    app = QApplication(sys.argv[:1])
    start = Start(told.began)
    app.installEventFilter(start)
    heart = Heart(start)
    trial = Trial(start, heart, told.mode, told.seconds)
    from photosearch.__main__ import open_window

    code = open_window(told.home, {}, [])
    del trial
    sys.exit(code)


if __name__ == "__main__":
    main()
