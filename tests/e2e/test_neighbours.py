"""A window and commands at once on one home, watched from outside: sockets, logs, files, times."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from .program import Program, copy_photos
from .test_untouched import seen

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

QUERY = "a zanzibar dog in the snow"  # said nowhere else: neither may it be in a log
NAME = "Querulia Testperson"
PHOTOS = 20
LOOK_S = 0.05  # between two looks at how long the library is held
SHARED = 3.0  # times as long as alone: the window works on the same cores
SPY = """
import os, sys
_root, _log = os.fsencode(os.environ["SPY_ROOT"]), os.environ["SPY_LOG"]
_write = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_file = os.open(_log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
_seen = set()
def _below(path):
    if isinstance(path, (str, bytes)):
        return os.fsencode(path).startswith(_root)
    return False
def _hook(event, arguments):
    if event == "open":
        path, _mode, flags = arguments
        if _below(path):
            kind = b"WRITE" if isinstance(flags, int) and flags & _write else b"read"
            if kind == b"WRITE" or kind not in _seen:
                _seen.add(kind)
                os.write(_file, kind + b" " + os.fsencode(path) + b"\\n")
    elif event in _changes and any(map(_below, arguments)):
        os.write(_file, b"WRITE " + event.encode() + b" " + repr(arguments).encode() + b"\\n")
_changes = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.utime",
            "os.truncate", "os.link", "os.symlink", "os.setxattr", "os.removexattr"}
sys.addaudithook(_hook)
"""


@dataclass
class Session:
    """What a session did, and what was seen of it."""

    program: Program
    folder: Path
    before: dict[str, Any]
    after: dict[str, Any] = field(default_factory=dict)
    spied: list[str] = field(default_factory=list)
    waits: dict[str, float] = field(default_factory=dict)
    alone_s: float = 0.0  # a command without anything to do, before there was a window
    batch_s: float = 0.0  # the longest stage of a run: all photos are less than a batch
    held_s: float = 0.0  # the longest that nobody else could write to the library
    asked: int = 0
    internet: set[str] = field(default_factory=set)
    listening: set[str] = field(default_factory=set)
    processes: set[str] = field(default_factory=set)
    results: list[str] = field(default_factory=list)


class Watcher(threading.Thread):
    """Looks again and again at the sockets of all processes that bear a mark."""

    def __init__(self, mark: str, session: Session) -> None:
        super().__init__()
        self._mark, self._session = mark.encode(), session
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.2):
            tables = {
                kind: Path(f"/proc/net/{kind}").read_text().splitlines()[1:]
                for kind in ("tcp", "tcp6", "udp", "udp6", "unix")
                if Path(f"/proc/net/{kind}").exists()
            }
            for place in Path("/proc").glob("[0-9]*"):
                try:
                    if self._mark not in (place / "environ").read_bytes():
                        continue
                    words = (place / "cmdline").read_bytes().split(b"\0")
                    held = [os.readlink(each) for each in (place / "fd").iterdir()]  # noqa: PTH115
                except OSError:  # it has ended meanwhile
                    continue
                self._session.processes.add(os.fsdecode(b" ".join(words)))
                self._look({each[8:-1] for each in held if each.startswith("socket:[")}, tables)

    def _look(self, inodes: set[str], tables: dict[str, list[str]]) -> None:
        for kind, lines in tables.items():
            for line in lines:
                parts = line.split()
                if kind != "unix":
                    if parts[9] in inodes:
                        self._session.internet.add(f"{kind} {line}")
                elif parts[6] in inodes and int(parts[3], 16) & 0x10000:  # it listens
                    self._session.listening.add(" ".join(parts[7:]))


class Writer(threading.Thread):
    """Wants to write to the library again and again, as a third program would."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.over = threading.Event()

    def run(self) -> None:
        path = self._session.program.home / "library.db"
        with closing(sqlite3.connect(path, timeout=300, isolation_level=None)) as db:
            while not self.over.wait(LOOK_S):
                start = time.monotonic()
                db.execute("BEGIN IMMEDIATE")
                db.execute("ROLLBACK")
                self._session.held_s = max(self._session.held_s, time.monotonic() - start)
                self._session.asked += 1


@pytest.fixture(scope="module")
def session(
    tmp_path_factory: pytest.TempPathFactory, photos: Path, models: Path
) -> Iterator[Session]:
    place = tmp_path_factory.mktemp("neighbours")
    sources = sorted((photos / "captioned" / "images").iterdir())[:16]
    sources += sorted((photos / "people" / "images").rglob("*.jpg"))[:4]
    folder = place / "photos"
    for number, source in enumerate(sources):
        copy = copy_photos([source], folder / f"{number % 3}") / source.name
        os.utime(copy, ns=(10**18, 15 * 10**17 + 123))
    program = Program(place / "home")
    program.good("models", "add", models / "standin-clip")
    program.good("models", "add", models / "standin-faces")
    made = Session(program, folder, seen(folder))
    start = time.monotonic()
    program.good("people", "list")
    made.alone_s = time.monotonic() - start
    for part in (place / "run", place / "spy"):
        part.mkdir(mode=0o700)
    (place / "spy" / "sitecustomize.py").write_text(SPY)
    mark = uuid.uuid4().hex
    environment = program.environment(
        QT_QPA_PLATFORM="offscreen",
        XDG_RUNTIME_DIR=str(place / "run"),
        SPY_ROOT=str(folder),
        SPY_LOG=str(place / "spied"),
        MARK=mark,
        COUNT=str(len(sources)),
        QUERY=QUERY,
        NAME=NAME,
    )
    environment["PYTHONPATH"] += os.pathsep + str(place / "spy")
    watcher, writer = Watcher(f"MARK={mark}", made), Writer(made)
    watcher.start()
    writer.start()
    command = [
        *(sys.executable, str(Path(__file__).with_name("driven_window.py"))),
        *(str(folder), "--home", str(program.home)),
    ]
    window = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    try:
        _work_beside(made, environment)
        assert window.stdout is not None
        assert window.stdout.readline() == b"done\n"
        window.send_signal(signal.SIGTERM)
        _out, err = window.communicate(timeout=60)
        assert window.returncode == 0, err
    finally:
        window.kill()
        with window:
            pass
        for thread in (watcher, writer):
            thread.over.set()
            thread.join()
    made.spied = (place / "spied").read_text(errors="replace").splitlines()
    made.after = seen(folder)
    yield made


def _work_beside(made: Session, environment: dict[str, str]) -> None:
    """Do with commands what the window does just now, and take the time of each."""

    def run(*words: str | Path) -> Any:
        start = time.monotonic()
        answer = made.program.run(*words, "--json", env=environment)
        made.waits[" ".join(map(str, words[:2]))] = time.monotonic() - start
        assert answer.code == 0, answer.words
        return answer.json

    stages = run("index", made.folder)["stages"]
    made.batch_s = max(stage["seconds"] for stage in stages.values())
    run("models", "use", "standin-clip")
    run("settings", "set", "search.results", "40")
    people = run("people", "list")
    if people:
        run("people", "name", str(people[0]["id"]), f"{NAME} the Elder")
    run("index")
    found = run("search", QUERY, "--content-only", "--limit", "40")
    made.results = [row["path"] for row in found["results"]]


def test_nothing_is_done_twice_and_nobody_waits_long(session: Session) -> None:
    count = PHOTOS
    with closing(sqlite3.connect(session.program.home / "library.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("SELECT count(*) FROM photo WHERE files > 0").fetchone() == (count,)
        vectors = "SELECT count(*), count(DISTINCT photo) FROM embedding"
        assert db.execute(vectors).fetchone() == (count, count)
        assert db.execute("SELECT count(*) FROM failure").fetchone() == (0,)


def test_nobody_waits_longer_than_a_batch(session: Session) -> None:
    assert session.asked > 10
    assert session.held_s < session.batch_s, "while a batch is made, others write"
    quick = {words: s for words, s in session.waits.items() if not words.startswith("index")}
    assert len(quick) > 2
    assert max(quick.values()) < SHARED * session.alone_s + session.batch_s, quick


def test_the_results_are_those_of_one_program_alone(
    session: Session, models: Path, tmp_path: Path
) -> None:
    alone = Program(tmp_path / "home")
    alone.good("models", "add", models / "standin-clip")
    alone.good("index", session.folder)
    found = alone.good("search", QUERY, "--content-only", "--limit", "40")
    assert [row["path"] for row in found["results"]] == session.results
    assert len(session.results) == PHOTOS


def test_no_photo_is_touched_or_opened_for_writing(session: Session) -> None:
    assert session.after == session.before
    reads = [line for line in session.spied if line.startswith("read ")]
    assert len(reads) > 1, "whoever reads photos is seen"
    assert [line for line in session.spied if line.startswith("WRITE")] == []


def test_nothing_listens_but_the_window_for_its_user(session: Session) -> None:
    assert any("--engine" in each for each in session.processes)
    assert any("--decoder" in each for each in session.processes)
    assert session.internet == set()
    assert len(session.listening) == 1, session.listening
    assert re.search(r"/run/photosearch-[0-9a-f]+\.sock$", next(iter(session.listening)))


def test_logs_hold_no_query_and_no_name(session: Session) -> None:
    logs = sorted((session.program.home / "logs").iterdir())
    assert logs
    for log in logs:
        text = log.read_text(errors="replace")
        for word in ("zanzibar", *NAME.split()):
            assert word not in text, log


def test_what_is_kept_is_for_the_user_only(session: Session) -> None:
    home = session.program.home
    open_to_others = [
        str(path.relative_to(home))
        for path in [home, *home.rglob("*")]
        if not path.is_symlink() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    assert open_to_others == []


def test_what_was_open_to_others_is_closed(session: Session, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(session.program.home, home, ignore=shutil.ignore_patterns("*.sock"))
    for path in home.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    Program(home).good("status")
    for name in ("library.db", "settings.toml", "window.json", "cache/thumbnails.db"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600, name


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_the_system_sees_no_writing_either(session: Session, tmp_path: Path) -> None:
    """What Python's own hook cannot see: files that libraries open by themselves."""
    target = tmp_path / "trace"
    calls = "openat,open,creat,rename,renameat2,unlink,unlinkat,mkdir,truncate,utimensat,fchmodat"
    tracing = ["strace", "-f", "-qq", "-o", str(target), "-s", "4096", "-e", f"trace={calls}"]
    program = Program(tmp_path / "home")
    done = subprocess.run(
        [*tracing, *program.command("index", session.folder / "0")],
        env=program.environment(),
        capture_output=True,
        timeout=120,
        check=False,
    )
    if b"ptrace" in done.stderr or not target.exists():
        pytest.skip("strace may not trace here")
    assert done.returncode == 0, done.stderr
    lines = [
        each
        for each in target.read_text(errors="replace").splitlines()
        if f'"{session.folder}' in each
    ]
    assert lines
    assert [each for each in lines if not re.search(r"open(at)?\(.*O_RDONLY", each)] == []
