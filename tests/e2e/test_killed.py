"""Killed at any moment: the next run goes on, nothing is lost, nothing is done twice."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from .program import Program, copy_photos

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

KILLS = 4  # `test_killed_anywhere.py` kills more, and children too; this is the plain command
PHOTOS = 60
LEFT = 30  # photos without a vector when a run begins: more than it does before it is killed
ENDS_WITHIN_S = 10.0


class Marked:
    """Runs of the program whose processes can be told from all others."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._mark = f"PHOTOSEARCH_MARK={uuid.uuid4().hex}"

    def start(self, *arguments: str | Path) -> subprocess.Popen[bytes]:
        return self.begin(self.program.command(*arguments))

    def begin(
        self, command: Sequence[str | bytes], seam: Path | None = None, **changes: str | None
    ) -> subprocess.Popen[bytes]:
        """Start a command that bears the mark; in `seam` may lie a `sitecustomize.py`."""
        name, _, value = self._mark.partition("=")
        environment = self.program.environment(**{name: value}, **changes)
        if seam is not None:
            environment["PYTHONPATH"] += os.pathsep + str(seam)
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )

    def alive(self) -> list[int]:
        """Return the processes that bear the mark."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                environment = (entry / "environ").read_bytes()
                zombie = b"\nState:\tZ" in (entry / "status").read_bytes()
            except OSError:
                continue
            if self._mark.encode() in environment.split(b"\0") and not zombie:
                found.append(int(entry.name))
        return found

    def all_end(self) -> bool:
        pause = threading.Event()
        deadline = time.monotonic() + ENDS_WITHIN_S
        while self.alive():
            if time.monotonic() > deadline:
                return False
            pause.wait(0.05)
        return True


@pytest.fixture
def marked(program: Program) -> Iterator[Marked]:
    runs = Marked(program)
    yield runs
    for pid in runs.alive():
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def folder(photos: Path, tmp_path: Path) -> Path:
    sources = sorted((photos / "classes" / "images").rglob("*.jpg"))
    target = tmp_path / "photos"
    for source in random.Random(2).sample(sources, PHOTOS):
        copy_photos([source], target / source.parent.name)
    return target


def ask(home: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(home / "library.db")) as db:
        return db.execute(query).fetchall()


def add_photos(folder: Path, count: int) -> None:
    """Put more photos beside those that are there: other bytes, so other photos."""
    there = sorted(folder.rglob("*.jpg"))
    for number in range(count):
        source = there[number % len(there)]
        tail = uuid.uuid4().bytes
        source.with_name(f"{tail.hex()}.jpg").write_bytes(source.read_bytes() + tail)


def progress(home: Path) -> int:
    """Return how much of the work is in the library: files looked at, and vectors."""
    query = "SELECT (SELECT count(*) FROM photo) + (SELECT count(*) FROM embedding)"
    return int(ask(home, query)[0][0])


def grows(process: subprocess.Popen[bytes], home: Path, beyond: int) -> bool:
    """Wait until more than `beyond` of the work is done; False when the run ended before."""
    pause = threading.Event()
    while process.poll() is None:
        if progress(home) > beyond:
            return True
        pause.wait(0.005)
    return False


def assert_whole(home: Path, count: int, *, files_too: bool = True) -> None:
    """Each photo is there once, with one vector, and never was there a second."""
    assert ask(home, "PRAGMA integrity_check") == [("ok",)]
    assert ask(home, "SELECT count(*), sum(files) FROM photo WHERE files > 0") == [(count, count)]
    assert ask(home, "SELECT state, count(*) FROM file GROUP BY state") == [("known", count)]
    assert ask(home, "SELECT count(*), count(DISTINCT photo) FROM embedding") == [(count, count)]
    made = dict(ask(home, "SELECT name, seq FROM sqlite_sequence"))
    assert (made["photo"], made["embedding"]) == (count, count)
    assert made["file"] == count or not files_too
    assert ask(home, "SELECT count(*) FROM failure") == [(0,)]


def test_killed_again_and_again(marked: Marked, folder: Path, models: Path) -> None:
    program = marked.program
    program.good("models", "add", models / "standin-clip")
    # Small batches: many moments between two transactions.
    program.good("settings", "set", "indexing.batch", "2")
    chance = random.Random(7)
    count, killed = PHOTOS, 0
    for _ in range(3 * KILLS):  # a run that was faster than the kill does not count
        (done,) = ask(program.home, "SELECT count(*) FROM embedding")[0]
        if count - done < LEFT:
            add_photos(folder, LEFT)
            count += LEFT
        before = progress(program.home)
        process = marked.start("index", folder)
        if grows(process, program.home, before + chance.randrange(12)):
            threading.Event().wait(chance.uniform(0, 0.05))
        process.kill()
        with process:
            process.communicate()
        assert marked.all_end(), "a child outlived the program"
        killed += process.returncode == -signal.SIGKILL and progress(program.home) < 2 * count
        if killed == KILLS:
            break
    assert killed == KILLS, "the kills came too late to prove anything"
    report = program.good("index", folder)
    assert report["failed"] == []
    assert_whole(program.home, count)
    found = program.good("search", "a photo", "--content-only", "--limit", str(count))
    assert {row["path"] for row in found["results"]} == {str(p) for p in folder.rglob("*.jpg")}
    assert program.good("index")["unchanged"] == count


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop(marked: Marked, folder: Path, number: signal.Signals) -> None:
    home = marked.program.home
    add_photos(folder, 2 * PHOTOS)  # seconds of work, against the moment it takes to ask
    marked.program.good("folders", "add", folder)
    process = marked.start("index", folder)
    assert grows(process, home, 0), "it ended by itself"
    # While another holds the library nothing more is written: it cannot be done before it is asked.
    with closing(sqlite3.connect(home / "library.db", timeout=30, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        assert process.poll() is None
        process.send_signal(number)
        db.execute("ROLLBACK")
    with process:
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert out == b""
    assert err.startswith(b"photosearch: Stopped.")
    assert len(err.splitlines()) == 1
    assert marked.all_end()
    assert marked.program.good("index", folder)["failed"] == []
    made = dict(ask(home, "SELECT name, seq FROM sqlite_sequence"))
    assert made["photo"] == made["file"] == 3 * PHOTOS


def test_two_at_once_do_the_work_of_one(marked: Marked, folder: Path, models: Path) -> None:
    marked.program.good("models", "add", models / "standin-clip")
    both = [marked.start("index", folder, "--json") for _ in range(2)]
    for process in both:
        with process:
            _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    assert_whole(marked.program.home, PHOTOS, files_too=False)


def test_both_begin_the_same_library(marked: Marked) -> None:
    both = [marked.start("status", "--json") for _ in range(3)]
    for process in both:
        with process:
            _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
