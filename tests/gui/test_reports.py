"""Unhandled errors, in slots and in threads, and crashes of the last time come as one report."""

from __future__ import annotations

import logging
import platform
import sys
import threading
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import pytest
from gui.fake_library import FakeLibrary
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from photosearch.gui import beginning
from photosearch.gui.app import Start, end
from photosearch.gui.reports import report
from photosearch.gui.reports.dialog import ReportDialog

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
EMMA = "/home/anna/Aunt Emma.jpg"
LINE = "2026-01-01 10:00:00,000 WARNING MainProcess photosearch.x: cannot read {}: broken\n"
CRASH = (
    "Fatal Python error: Segmentation fault\n\n"
    "Current thread 0x00007f0000000000 (most recent call first):\n"
    '  File "/home/anna/x.py", line 3 in f\n'
)
Begin = Callable[[], Start]


@pytest.fixture
def library(tmp_path: Path) -> FakeLibrary:
    made = FakeLibrary(10, state_path=tmp_path / "home" / "window.json")
    logs = made.paths.log_file.parent
    logs.mkdir(parents=True)
    made.paths.log_file.write_text(LINE.format("old") * 500 + LINE.format(EMMA))
    (logs / "engine.log").write_text(LINE.format(made.paths.data / "engine.bin"))
    return made


@pytest.fixture
def begin(qapp: QApplication, qtbot: QtBot, library: FakeLibrary) -> Iterator[Begin]:
    starts: list[Start] = []

    def build() -> Start:
        start = Start(qapp, lambda: library, ())  # type: ignore[arg-type, return-value]
        starts.append(start)
        qtbot.waitUntil(lambda: start.window is not None, timeout=5000)
        return start

    yield build
    for start in reversed(starts):
        if start.window is not None and not start.window.leaving:
            start.close()
        assert end(start) == 0
        start.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # no dialog outlives it
    qapp.setStyleSheet("")


def dialog_of(start: Start, qtbot: QtBot) -> ReportDialog:
    window = start.window
    assert window is not None
    qtbot.waitUntil(lambda: window.problems.dialog is not None, timeout=5000)
    assert window.problems.dialog is not None
    return window.problems.dialog


def fail() -> None:
    raise KeyError(EMMA)


def test_an_error_in_a_slot_opens_a_report(begin: Begin, qtbot: QtBot) -> None:
    start = begin()
    QTimer.singleShot(0, fail)
    dialog = dialog_of(start, qtbot)
    qtbot.waitUntil(lambda: "engine.log" in dialog.text.toPlainText(), timeout=5000)
    told = dialog.text.toPlainText()
    for word in ("PhotoSearch 0.", platform.platform(), "Python 3", "Qt 6", "PySide6-Essentials 6",
                 f"Pillow {metadata.version('pillow')}", "pillow-heif ", "numpy ", "hnswlib ",
                 "tokenizers ", "onnxruntime", "Device: CPU", "ONNX Runtime in use: onnxruntime 1.",
                 "Provider: CPUExecutionProvider, Processor: works", "KeyError", "in fail",
                 "‹data›/engine.bin: broken"):  # fmt: skip
        assert word in told, word
    assert "Emma" not in told
    assert "anna" not in told
    assert "not found" not in told.split("---")[0]
    assert told.count("cannot read") < 200, "only the last lines"
    dialog.copy_button.click()
    assert "Emma" not in QGuiApplication.clipboard().text()
    dialog.paths.click()
    dialog.copy_button.click()
    assert QGuiApplication.clipboard().text().count(EMMA) == 2
    assert dialog.said.text() == "Copied."
    QTimer.singleShot(0, fail)  # one that comes meanwhile opens no second dialog
    qtbot.wait(20)
    assert dialog_of(start, qtbot) is dialog
    dialog.close()


def test_an_error_in_a_thread_does_as_well(begin: Begin, qtbot: QtBot) -> None:
    start = begin()
    threading.Thread(target=fail).start()
    dialog = dialog_of(start, qtbot)
    assert "in fail" in dialog.text.toPlainText()
    dialog.close()


def test_the_report_is_saved_as_it_is_shown(begin: Begin, qtbot: QtBot, tmp_path: Path) -> None:
    start = begin()
    QTimer.singleShot(0, fail)
    dialog = dialog_of(start, qtbot)
    qtbot.waitUntil(lambda: "engine.log" in dialog.text.toPlainText(), timeout=5000)
    for target, said in (
        (tmp_path / "report.txt", "Saved as "),
        (tmp_path / "none" / "report.txt", "It could not be saved: No such file or directory."),
    ):
        dialog.save_button.click()
        asked = next(each for each in dialog.findChildren(QFileDialog) if each.isVisible())
        asked.fileSelected.emit(str(target))
        asked.close()
        qtbot.waitUntil(lambda said=said: dialog.said.text().startswith(said), timeout=5000)  # type: ignore[misc]
    assert (tmp_path / "report.txt").read_text(encoding="utf-8") == dialog.shown_text()
    assert "Emma" not in dialog.shown_text()
    dialog.close()


def test_a_crash_of_the_last_time_is_told_once(
    begin: Begin, library: FakeLibrary, qtbot: QtBot
) -> None:
    file = library.paths.log_file.with_name("window-crash.log")
    file.write_text(CRASH)
    start = begin()
    dialog = dialog_of(start, qtbot)
    assert dialog.title.text() == "PhotoSearch ended unexpectedly the last time."
    assert "Segmentation fault" in dialog.text.toPlainText()
    assert "anna" not in dialog.text.toPlainText()
    assert file.read_text() == CRASH, "it is kept until it was told"
    dialog.close_button.click()
    qtbot.waitUntil(lambda: file.read_text() == "", timeout=5000)


def test_who_is_new_is_welcomed_beside_another_report(
    begin: Begin, qtbot: QtBot, library: FakeLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = beginning.Beginning._begin

    def second(self: beginning.Beginning) -> None:
        assert self._window.problems.offer("Something else", "It went wrong.", "before")
        told(self)

    monkeypatch.setattr(beginning.Beginning, "_begin", second)
    file = library.paths.log_file.with_name("window-crash.log")
    file.write_text(CRASH)
    library._folders.clear()
    start = begin()
    other, begun = dialog_of(start, qtbot), start.beginning
    assert begun is not None
    qtbot.waitUntil(lambda: begun.welcome is not None, timeout=5000)
    assert other.title.text() == "Something else"
    assert file.read_text() == CRASH, "it is kept until it was told"
    assert begun.welcome is not None
    begun.welcome.reject()
    other.close()


ANSWERS: dict[str, Callable[[ReportDialog], object]] = {
    "copied": lambda dialog: dialog.copy_button.click(),
    "escape": lambda dialog: QTest.keyClick(dialog, Qt.Key.Key_Escape),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_report_that_was_answered_is_forgotten(
    begin: Begin, library: FakeLibrary, qtbot: QtBot, answer: str
) -> None:
    file = library.paths.log_file.with_name("window-crash.log")
    file.write_text(CRASH)
    dialog = dialog_of(begin(), qtbot)
    ANSWERS[answer](dialog)
    if not dialog.isHidden():
        dialog.close()
    qtbot.waitUntil(lambda: file.read_text() == "", timeout=5000)


def test_a_report_that_nobody_answered_is_kept(
    begin: Begin, library: FakeLibrary, qtbot: QtBot
) -> None:
    """The program is ended (by SIGTERM, by the session) while the dialog is open."""
    file = library.paths.log_file.with_name("window-crash.log")
    file.write_text(CRASH)
    start = begin()
    dialog = dialog_of(start, qtbot)
    start.close()
    with qtbot.waitSignal(dialog.finished, timeout=5000):
        QApplication.closeAllWindows()  # as the application does when it quits
    assert end(start) == 0  # what was under way is done
    assert file.read_text() == CRASH


def test_a_crash_of_a_child_is_called_so(begin: Begin, library: FakeLibrary, qtbot: QtBot) -> None:
    library.paths.log_file.with_name("engine-crash.log").write_text(CRASH)
    library.paths.log_file.with_name("decoder-crash.log").write_text(CRASH)
    dialog = dialog_of(begin(), qtbot)
    assert dialog.title.text().startswith("A part of PhotoSearch crashed the last time")
    assert dialog.text.toPlainText().count("Segmentation fault") == 2
    dialog.close()


def test_a_photo_that_crashed_its_decoder_is_no_crash_of_the_program(
    library: FakeLibrary,
) -> None:
    library.paths.log_file.with_name("decoder-crash.log").write_text(CRASH)
    assert beginning.look(library).crashed == ()  # type: ignore[arg-type]
    library.paths.log_file.with_name("engine-crash.log").write_text(CRASH)
    assert len(beginning.look(library).crashed) == 2  # type: ignore[arg-type]


def test_the_hooks_are_given_back(begin: Begin, library: FakeLibrary) -> None:
    def hooks() -> tuple[object, ...]:
        return sys.excepthook, threading.excepthook, sys.unraisablehook

    before = hooks()
    start = begin()
    assert not set(before) & set(hooks())
    start.stop_beside()
    assert hooks() == before


def test_an_error_that_python_passes_over_is_logged(
    begin: Begin, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def __del__(self) -> None:
            fail()

    start = begin()
    thread = threading.Thread(target=lambda: Broken() and None)
    thread.start()
    thread.join()
    assert "passed over in test_an_error_that_python_passes_over" in caplog.text
    assert "in fail" in caplog.text
    qtbot.wait(20)
    assert start.window is not None
    assert start.window.problems.dialog is None


def test_an_error_before_the_library_is_open_is_told(
    qapp: QApplication, qtbot: QtBot, library: FakeLibrary
) -> None:
    opening = threading.Event()

    def open_late() -> FakeLibrary:
        assert opening.wait(10)
        return library

    start = Start(qapp, open_late, ())  # type: ignore[arg-type]
    QTimer.singleShot(0, fail)
    QTimer.singleShot(0, fail)
    qtbot.waitUntil(lambda: start._box is not None, timeout=5000)
    box = start._box
    assert isinstance(box, ReportDialog)
    assert box.title.text() == "PhotoSearch could not start."
    assert "in fail" in box.text.toPlainText()
    opening.set()
    qtbot.waitUntil(lambda: start.library is not None, timeout=5000)
    assert start.window is None, "it is about to end"
    assert start._box is box
    with qtbot.waitSignal(box.finished, timeout=5000):
        box.close_button.click()
    assert end(start) == 0
    assert start.exit_code == 1
    start.deleteLater()


def test_a_log_that_is_not_there_is_no_trouble(library: FakeLibrary) -> None:
    library.paths.log_file.unlink()
    made = report.gathered(library, "it broke\n")  # type: ignore[arg-type]
    assert "photosearch.log" not in made.full
    assert "it broke" in made.full
    logging.getLogger("photosearch").debug("nothing")
