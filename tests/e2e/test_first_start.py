"""The first start, a fault and a crash in the real process, by keyboard on a display of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .test_window import (
    PROGRAM,
    Desk,
    command,
    display,  # noqa: F401  (a fixture)
    wait_for,
)

FAILING = Path(__file__).with_name("failing_window.py")
Open = Callable[..., subprocess.Popen[bytes]]

pytestmark = pytest.mark.skipif(
    "CI" not in os.environ and not (shutil.which("Xvfb") and shutil.which("xdotool")),
    reason="needs Xvfb and xdotool",
)


@pytest.fixture
def desk(display: dict[str, str], tmp_path: Path) -> Desk:  # noqa: F811
    """A display, and a user who has just moved in."""
    user = tmp_path / "user"
    (user / "Pictures").mkdir(parents=True)
    environment = {**display, "HOME": str(user)}
    environment.pop("XDG_CONFIG_HOME", None)
    return Desk(environment)


@pytest.fixture
def open_program(desk: Desk, tmp_path: Path) -> Iterator[Open]:
    """Start the program, or something that is like it, with one home."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*words: str, **environment: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [*(words or PROGRAM), "--home", str(tmp_path / "home")],
            env={**desk.environment, **environment},
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait(10)


def is_up(desk: Desk, title: str) -> bool:
    return bool(desk.do("search", "--onlyvisible", "--name", title))


def press(desk: Desk, window: str, *keys: str) -> None:
    desk.do("windowfocus", window)
    for key in keys:
        desk.do("sleep", "0.2", "key", key)


def windows(desk: Desk) -> set[str]:
    return set(desk.do("search", "--onlyvisible", "--name", "^PhotoSearch$").split())


def test_from_the_welcome_to_photos_by_keyboard(
    desk: Desk, open_program: Open, photos: Path, tmp_path: Path
) -> None:
    pictures = Path(desk.environment["HOME"]) / "Pictures"
    for source in sorted((photos / "captioned" / "images").iterdir())[:5]:
        shutil.copyfile(source, pictures / source.name)
    home = tmp_path / "home"
    program = open_program()
    welcome = desk.window("^Welcome$")
    press(desk, welcome, "Return")  # the folder of pictures that is proposed
    press(desk, welcome, "Tab", "space")  # no model: here is no network
    press(desk, welcome, "Return")
    wait_for("the indexed folder", lambda: command(home, "status")["photos"] == 5)
    assert not is_up(desk, "^Welcome$")
    assert [each["path"] for each in command(home, "folders", "list")["folders"]] == [str(pictures)]
    press(desk, desk.window("^PhotoSearch$"), "ctrl+q")
    assert program.wait(30) == 0

    again = open_program()
    window = desk.window("^PhotoSearch$")
    end = time.monotonic() + 5
    while time.monotonic() < end:
        assert not is_up(desk, "^Welcome$"), "once is enough"
    press(desk, window, "ctrl+q")
    assert again.wait(30) == 0


def test_a_fault_is_told_and_its_report_copied(
    desk: Desk, open_program: Open, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    program = open_program(
        sys.executable, str(FAILING), str(folder), FAILING_PATH="/home/anna/Aunt Emma.jpg"
    )
    wait_for("the report", lambda: len(windows(desk)) == 2)
    desk.do("sleep", "0.5")
    for window in windows(desk):
        press(desk, window, "Return")  # the report's first button copies it
    told = wait_for("the report", desk.clipboard, 20)
    assert "FileNotFoundError: [Errno 2] No such file: '‹path›" in told
    assert "in fail" in told
    assert "Emma" not in told
    for window in windows(desk):
        press(desk, window, "Escape")
    wait_for("its end", lambda: len(windows(desk)) == 1)
    press(desk, windows(desk).pop(), "ctrl+q")
    assert program.wait(30) == 0


def test_the_start_after_a_crash_offers_its_report(
    desk: Desk, open_program: Open, tmp_path: Path
) -> None:
    photo = tmp_path / "Aunt Emma"
    photo.mkdir()
    words = [*PROGRAM, str(photo)]
    program = open_program(*words)
    desk.window("^PhotoSearch$")
    wait_for("the folder", lambda: command(tmp_path / "home", "folders", "list")["folders"])
    program.send_signal(signal.SIGSEGV)
    assert program.wait(30) == -signal.SIGSEGV

    again = open_program()
    wait_for("the report", lambda: len(windows(desk)) == 2)
    desk.do("sleep", "0.5")
    for window in windows(desk):
        press(desk, window, "Return")
    told = wait_for("the report", desk.clipboard, 20)
    assert "Fatal Python error: Segmentation fault" in told
    assert "photosearch/gui/app.py" in told
    assert "Emma" not in told
    for window in windows(desk):
        press(desk, window, "Escape")
    crash = tmp_path / "home" / "logs" / "window-crash.log"
    wait_for("forgetting it", lambda: crash.stat().st_size == 0)
    press(desk, windows(desk).pop(), "ctrl+q")
    assert again.wait(30) == 0
