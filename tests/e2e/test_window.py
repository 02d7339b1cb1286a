"""The main job in a real window: a folder dropped by mouse, a query typed, the photo found.

Nothing of the program is imported: it runs as its users start it, on a display of its own,
driven by mouse and keyboard through X.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PROGRAM = [sys.executable, "-m", "photosearch"]
SOURCE = Path(__file__).with_name("drag_source.py")
CLIPBOARD = (
    "from PySide6.QtGui import QGuiApplication\n"
    "app = QGuiApplication(['clipboard'])\n"
    "print(QGuiApplication.clipboard().text())\n"
)
QUERY = "a bear in the grass"
SYSTEMS = {"fontconfig", "mesa_shader_cache"}  # caches that libraries of the system keep
ANSWER = "000000000285.jpg"  # "The large brown bear has a black nose."

pytestmark = pytest.mark.skipif(
    "CI" not in os.environ and not (shutil.which("Xvfb") and shutil.which("xdotool")),
    reason="needs Xvfb and xdotool",
)


@pytest.fixture
def display() -> Iterator[dict[str, str]]:
    """A display of its own: the environment to reach it with."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as stream:
        number = stream.readline().strip()
    environment = {**os.environ, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    environment.pop("WAYLAND_DISPLAY", None)
    yield environment
    server.terminate()
    server.wait(10)


def wait_for(what: str, look: Any, seconds: float = 60.0) -> Any:
    """Ask again and again until the answer is not empty."""
    end = time.monotonic() + seconds
    pause = subprocess.run  # a process that sleeps: the test itself never does
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        pause(["sleep", "0.3"], check=True)
    raise AssertionError(f"{what} did not come within {seconds:.0f} s")


class Desk:
    """Mouse and keyboard of one display."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def do(self, *words: object) -> str:
        done = subprocess.run(
            ["xdotool", *map(str, words)],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        return done.stdout.strip()

    def window(self, title: str) -> str:
        found = wait_for(title, lambda: self.do("search", "--onlyvisible", "--name", title))
        return str(found).splitlines()[-1]

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        self.do("mousemove", *start, "mousedown", 1)
        for step in range(1, 21):
            x = start[0] + (end[0] - start[0]) * step // 20
            y = start[1] + (end[1] - start[1]) * step // 20
            self.do("mousemove", x, y, "sleep", "0.03")
        self.do("sleep", "0.3", "mouseup", 1)

    def clipboard(self) -> str:
        done = subprocess.run(
            [sys.executable, "-c", CLIPBOARD],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        return done.stdout.strip()


def command(home: Path, *words: str) -> dict[str, Any]:
    done = subprocess.run(
        [*PROGRAM, *words, "--home", str(home), "--json"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    value: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return value


def children(program: int) -> dict[int, str]:
    """Return the processes that a program started, and how."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # one that ends meanwhile
            parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == program:
                words = (place / "cmdline").read_bytes().split(b"\0")
                found[int(place.name)] = os.fsdecode(b" ".join(words))
    return found


def is_gone(process: int) -> bool:
    """Whether a process has ended, collected or not."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


def test_drop_a_folder_describe_a_photo_see_it(
    tmp_path: Path, photos: Path, models: Path, display: dict[str, str]
) -> None:
    folder = tmp_path / "Holiday photos"
    shutil.copytree(photos / "captioned" / "images", folder)
    home = tmp_path / "home"
    command(home, "models", "add", str(models / "standin-clip"))
    desk = Desk(display)
    user = tmp_path / "user"  # where a program without --home would write
    user.mkdir()
    theirs = display | {"HOME": str(user)}
    (home / "window.json").write_text("{}")  # who has had a window here is not welcomed
    program = subprocess.Popen([*PROGRAM, "--home", str(home)], env=theirs)
    source = subprocess.Popen([sys.executable, str(SOURCE), str(folder)], env=display)
    try:
        window = desk.window("^PhotoSearch$")
        desk.do("windowmove", window, 0, 0, "windowsize", window, 1280, 900)
        desk.window("drag source")
        desk.do("sleep", "1")
        desk.drag((1470, 170), (700, 500))
        count = len(list(folder.iterdir()))
        wait_for(
            "the indexed folder",
            lambda: (
                (status := command(home, "status"))["photos"] == count
                and status["pending"] == {"look": 0, "embed": 0, "faces": 0}
            ),
        )
        helpers = children(program.pid)
        assert [words for words in helpers.values() if "--engine" in words], helpers
        assert [words for words in helpers.values() if "--decoder" in words], helpers
        desk.do("windowfocus", window, "key", "ctrl+f")
        desk.do("type", "--delay", "30", QUERY)

        def the_first_is_right() -> bool:
            for key in ("Down", "Home", "ctrl+shift+c"):
                desk.do("sleep", "0.3", "key", key)
            return desk.clipboard() == str(folder / ANSWER)

        wait_for("the right photo as the first result", the_first_is_right, 30)
        assert program.poll() is None
        desk.do("key", "ctrl+o", "sleep", "1.5", "key", "Escape", "sleep", "0.5")
        desk.do("windowfocus", window, "key", "ctrl+q")
        assert program.wait(30) == 0
        wait_for("the end of its children", lambda: all(map(is_gone, helpers)), 10)
        strays = [
            path for path in user.rglob("*") if path.is_file() and not SYSTEMS & {*path.parts}
        ]
        assert not strays, "everything it writes belongs below --home"
    finally:
        for process in (source, program):
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait(10)
