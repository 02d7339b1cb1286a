"""Started again, the program hands its paths to the window that is open, in real processes."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from .program import Program

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no offscreen windows in CI there")
NAME = b"a \xff folder;\n%2F'\""  # no UTF-8, and all that shells and URLs take for something else


class Windows:
    """Starts of the program without a command, with a place for sockets of their own."""

    def __init__(self, runtime: Path) -> None:
        runtime.mkdir(mode=0o700)
        self._runtime = runtime
        self.started: list[subprocess.Popen[bytes]] = []

    def start(
        self, program: Program, *paths: str | bytes | Path, cwd: Path | None = None
    ) -> subprocess.Popen[bytes]:
        environment = program.environment(
            QT_QPA_PLATFORM="offscreen", XDG_RUNTIME_DIR=str(self._runtime)
        )
        process = subprocess.Popen(
            program.command(*paths),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=cwd,
        )
        self.started.append(process)
        return process

    def open(self, program: Program, *paths: str | bytes | Path) -> subprocess.Popen[bytes]:
        process = self.start(program, *paths)
        wait_for("a window", (program.home / "window.lock").exists)
        return process


def wait_for(what: str, look: Callable[[], object], seconds: float = 60.0) -> None:
    pause = threading.Event()
    end = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < end, f"{what} did not come"
        pause.wait(0.02)


@pytest.fixture
def windows(tmp_path: Path) -> Iterator[Windows]:
    made = Windows(tmp_path / "run")
    yield made
    for process in made.started:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        with process:
            process.communicate(timeout=60)


def folders(home: Path) -> set[bytes]:
    try:
        with closing(sqlite3.connect(f"file:{home / 'library.db'}?mode=ro", uri=True)) as db:
            return {os.fsencode(row[0]) for row in db.execute("SELECT path FROM folder")}
    except sqlite3.OperationalError:  # not there yet
        return set()


def outcome(process: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    _out, err = process.communicate(timeout=60)
    return process.returncode, err


def test_a_second_start_hands_its_paths_over(
    windows: Windows, program: Program, tmp_path: Path
) -> None:
    odd = os.fsencode(tmp_path) + b"/" + NAME
    for folder in (odd, os.fsencode(tmp_path / "near"), os.fsencode(tmp_path / "first")):
        Path(os.fsdecode(folder)).mkdir()
    first = windows.open(program, tmp_path / "first")
    near = windows.start(program, "near", cwd=tmp_path)  # seen from where the second stands
    assert outcome(near) == (0, b"")
    assert outcome(windows.start(program, odd)) == (0, b"")
    assert outcome(windows.start(program)) == (0, b"")
    good = tmp_path / "good"
    good.mkdir()
    code, said = outcome(windows.start(program, good, tmp_path / "gone"))
    assert (code, said.count(b"There is no folder or photo at")) == (2, 1)
    wanted = {*map(os.fsencode, (tmp_path / "first", tmp_path / "near", good)), odd}
    wait_for("all folders", lambda: folders(program.home) == wanted)
    assert first.poll() is None
    first.terminate()
    assert outcome(first)[0] == 0
    assert not list((tmp_path / "run").iterdir())


def test_a_start_with_the_computer_leaves_an_open_window_alone(
    windows: Windows, program: Program, tmp_path: Path
) -> None:
    first = windows.open(program, tmp_path)
    wait_for("the folder", lambda: bool(folders(program.home)))
    first.send_signal(signal.SIGSTOP)  # it is not even asked
    assert outcome(windows.start(program, "--background")) == (0, b"")
    first.send_signal(signal.SIGCONT)
    first.terminate()
    assert outcome(first)[0] == 0


def test_two_first_starts_at_once_open_one_window(
    windows: Windows, program: Program, tmp_path: Path
) -> None:
    places = [tmp_path / f"photos {number}" for number in range(3)]
    for place in places:
        place.mkdir()
    starts = [windows.start(program, place) for place in places]
    wanted = {os.fsencode(place) for place in places}
    wait_for("all folders", lambda: folders(program.home) == wanted)
    wait_for("the end of two", lambda: sum(start.poll() is None for start in starts) == 1)
    assert sorted(start.poll() or 0 for start in starts) == [0, 0, 0]


def test_killed_hanging_and_elsewhere(windows: Windows, tmp_path: Path) -> None:
    one, other = Program(tmp_path / "one"), Program(tmp_path / "other")
    first = windows.open(one)
    elsewhere = windows.open(other)
    wait_for("both libraries", lambda: all((p.home / "library.db").exists() for p in (one, other)))
    assert first.poll() is elsewhere.poll() is None
    elsewhere.send_signal(signal.SIGSTOP)
    hung = windows.start(other)
    first.kill()
    first.wait(30)
    again = windows.open(one, tmp_path)
    wait_for("the folder", lambda: folders(one.home) == {os.fsencode(tmp_path)})
    assert again.poll() is None
    code, said = outcome(hung)
    assert code == 1
    assert b"does not answer" in said
    assert b"Traceback" not in said


def test_a_second_start_loads_nothing_heavy(
    windows: Windows, program: Program, tmp_path: Path
) -> None:
    windows.open(program)
    heavy = ("PySide6", "onnxruntime", "hnswlib", "PIL", "filelock", "tokenizers", "sqlite3")
    script = (
        "import sys, atexit\n"
        "from photosearch.__main__ import main\n"
        f"atexit.register(lambda: print(*[m for m in {heavy!r} if m in sys.modules]))\n"
        "sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "--home", str(program.home)],
        env=program.environment(QT_QPA_PLATFORM="offscreen", XDG_RUNTIME_DIR=str(tmp_path / "run")),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, [], b"")
