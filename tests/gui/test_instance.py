"""One window for each library, in one process: messages, callers of all kinds, coming forward."""

from __future__ import annotations

import os
import socket
import stat
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

import photosearch
from photosearch.errors import PhotoSearchError
from photosearch.gui.app import come_forward
from photosearch.gui.instance import local, message, pipe
from photosearch.gui.instance.claim import Claim, claim_or_hand_over, take
from photosearch.gui.instance.listening import CALLERS, Listening
from photosearch.gui.instance.message import Garbage, Request, packed, unpacked
from photosearch.gui.instance.pipe_ear import PipeEar

unix = pytest.mark.skipif(sys.platform == "win32", reason="there it is a pipe")
PATHS = ("/photos/Ünïcode", os.fsdecode(b"/photos/\xff\xfe\n%2e;'\""), "/" + "x" * 5000)


# --- the message ------------------------------------------------------------------


@given(st.lists(st.binary(min_size=1, max_size=80).filter(lambda b: b"\0" not in b)))
def test_paths_arrive_as_they_were(names: list[bytes]) -> None:
    request = Request(tuple(os.fsdecode(b"/" + name) for name in names), "token-1")
    data = packed(request)
    assert unpacked(data) == request
    assert unpacked(data[:-1]) is None


@given(st.binary(max_size=60))
def test_garbage_is_told_from_a_request(data: bytes) -> None:
    for attempt in (data, packed(Request(("/a",)))[:10] + data):
        try:
            found = unpacked(attempt)
        except (Garbage, message.AnotherVersion):
            continue
        assert found is None or all(map(os.path.isabs, found.paths))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0\0\0\1",
        b"\0\0\0\1\n",
        b"\0\0\0\0\0\0\0\1a",
        b"\0\0\0\0\0\0\0\3/\0b",
        b"\0\0\0\0\xff",
    ],
    ids=["no token", "cut off", "bad token", "relative", "NUL", "half a length"],
)
def test_what_a_request_may_not_hold(body: bytes) -> None:
    with pytest.raises(Garbage):
        unpacked(struct.pack(">4sHI", b"PSWN", message.VERSION, len(body)) + body)


def test_a_request_is_bounded() -> None:
    with pytest.raises(ValueError, match="too many"):
        packed(Request(("/" + "x" * message.MOST_BYTES,)))
    with pytest.raises(Garbage):  # before any of it has come
        unpacked(struct.pack(">4sHI", b"PSWN", message.VERSION, message.MOST_BYTES + 1))


# --- lock and socket --------------------------------------------------------------


class Ear:
    """A first window that remembers what it is told."""

    def __init__(self, file: Path) -> None:
        claim = take(file)
        assert claim is not None
        self.claim: Claim = claim
        self.told: list[Request] = []
        self.willing = True
        self.listening = Listening(claim, self.take)

    def take(self, request: Request) -> bool:
        if self.willing:
            self.told.append(request)
        return self.willing


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.delenv("XDG_ACTIVATION_TOKEN", raising=False)
    return tmp_path / "home" / "window.lock"


@pytest.fixture
def ear(qtbot: QtBot, lock: Path) -> Iterator[Ear]:
    first = Ear(lock)
    yield first
    first.listening.close()


class Second(threading.Thread):
    """A later start, beside the first's events."""

    def __init__(self, lock: Path, paths: tuple[str, ...] = (), patience_s: float = 20.0) -> None:
        super().__init__()
        self._given = (lock, paths, patience_s)
        self.outcome: object = "none yet"
        self.start()

    def run(self) -> None:
        try:
            self.outcome = claim_or_hand_over(*self._given)
        except PhotoSearchError as error:
            self.outcome = str(error)


def ended(qtbot: QtBot, second: Second) -> object:
    qtbot.waitUntil(lambda: not second.is_alive(), timeout=25_000)
    return second.outcome


@unix
def test_a_later_start_hands_its_paths_over(ear: Ear, lock: Path, qtbot: QtBot) -> None:
    assert ended(qtbot, Second(lock, (*PATHS, "here"))) is None
    assert [request.paths for request in ear.told] == [(*PATHS, os.path.abspath("here"))]


@unix
def test_only_this_user_reaches_the_socket(ear: Ear, lock: Path) -> None:
    where = Path(os.fsdecode(ear.claim.address))
    assert where.parent == lock.parents[1] / "run"
    assert stat.S_IMODE(where.stat().st_mode) == 0o600
    assert stat.S_IMODE(lock.stat().st_mode) == 0o600
    assert stat.S_IMODE(lock.parent.stat().st_mode) == 0o700


@unix
def test_a_folder_that_others_can_enter_holds_no_socket(
    lock: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "run").chmod(0o755)
    home = tmp_path / ("long" * 40)
    home.mkdir(mode=0o700)
    place = tmp_path / "t"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    if len(os.fsencode(place)) < 60:
        found = Path(os.fsdecode(local.address(home)))
        assert found.parent == place / f"photosearch-{os.getuid()}"
        assert stat.S_IMODE(found.parent.stat().st_mode) == 0o700
        found.parent.chmod(0o777)
    with pytest.raises(OSError, match="no folder for a socket"):
        local.address(home)


@unix
def test_what_a_crash_left_is_replaced(ear: Ear, lock: Path, qtbot: QtBot) -> None:
    address = ear.claim.address
    assert ear.claim.listening is not None
    ear.listening.close()
    with socket.socket(socket.AF_UNIX) as left:  # bound and not deleted, as after a crash
        left.bind(address)
    assert lock.read_bytes() == address
    assert Path(os.fsdecode(address)).exists()
    again = Ear(lock)
    try:
        assert ended(qtbot, Second(lock, ("/a",))) is None
        assert [request.paths for request in again.told] == [("/a",)]
    finally:
        again.listening.close()
    assert not Path(os.fsdecode(address)).exists()


@unix
def test_one_that_hangs_is_said_so_and_does_nothing_later(
    ear: Ear, lock: Path, qtbot: QtBot
) -> None:
    second = Second(lock, ("/a",), patience_s=0.3)
    second.join(20)  # no event is handled here
    assert "does not answer" in str(second.outcome)
    with qtbot.waitSignal(ear.listening.destroyed, timeout=300, raising=False):
        pass
    assert ear.told == []


@unix
def test_a_window_about_to_close_lets_the_next_start_have_the_library(
    ear: Ear, lock: Path, qtbot: QtBot
) -> None:
    ear.willing = False
    second = Second(lock, ("/a",))
    with qtbot.waitSignal(ear.listening.destroyed, timeout=200, raising=False):
        pass
    assert second.is_alive()
    ear.listening.close()
    claim = ended(qtbot, second)
    assert isinstance(claim, Claim)
    assert claim.lock >= 0
    claim.close()


@unix
def test_callers_who_talk_nonsense_or_not_at_all_change_nothing(
    ear: Ear, lock: Path, qtbot: QtBot
) -> None:
    def call(data: bytes) -> socket.socket:
        caller = socket.socket(socket.AF_UNIX)
        caller.connect(ear.claim.address)
        caller.sendall(data)
        caller.settimeout(10)
        return caller

    nonsense = [os.urandom(200), b"GET / HTTP/1.1\r\n\r\n", packed(Request(("/a",))) + b"more"]
    callers = [call(data) for data in nonsense]
    old = call(struct.pack(">4sHI", b"PSWN", message.VERSION + 1, 3) + b"abc")
    gone = call(packed(Request(("/a",)))[:8])
    gone.close()
    silent = [call(b"") for _ in range(CALLERS - 5)]
    assert ended(qtbot, Second(lock, ("/b",))) is None
    assert [request.paths for request in ear.told] == [("/b",)]
    assert [caller.recv(10) for caller in callers] == [b"", b"", b""]
    with pytest.raises(PhotoSearchError, match="another version"):
        local.understood(old.recv(10))
    crowd = [call(b"") for _ in range(CALLERS)]  # more than may call at once: they are let go
    assert ended(qtbot, Second(lock, ("/c",))) is None
    for caller in (*callers, old, *silent, *crowd):
        caller.close()


def test_where_no_lock_can_be_had_the_window_opens_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    claim = take(tmp_path / "file" / "window.lock")
    assert claim == Claim()
    claim.close()


def test_the_pipe_that_windows_uses(qtbot: QtBot, tmp_path: Path) -> None:
    told: list[Request] = []
    listening = Listening(Claim(), lambda request: not told.append(request))  # type: ignore[func-returns-value]
    # Elsewhere a pipe is a socket in the folder for temporary files: its name may be a path.
    name = str(tmp_path / "p") if sys.platform != "win32" else pipe.pipe_name(tmp_path)
    ear = PipeEar(name, listening.called, listening)
    data = packed(Request(PATHS))
    script = (
        "import sys, time; from photosearch.gui.instance.pipe import deliver\n"
        "sys.exit(deliver(sys.argv[1], sys.stdin.buffer.read(), time.monotonic() + 20))"
    )
    there = {**os.environ, "PYTHONPATH": str(Path(photosearch.__file__).parents[1])}
    call = subprocess.Popen([sys.executable, "-c", script, name], stdin=subprocess.PIPE, env=there)
    assert call.stdin is not None
    with call:
        call.stdin.write(data)
        call.stdin.close()
        qtbot.waitUntil(lambda: call.poll() is not None, timeout=25_000)
    assert call.returncode == 1  # True
    assert [request.paths for request in told] == [PATHS]
    if sys.platform != "win32":
        assert stat.S_IMODE(os.stat(name).st_mode) & 0o077 == 0
    ear.close()
    assert pipe.pipe_name(tmp_path) != pipe.pipe_name(tmp_path / "other")
    assert not pipe.deliver(name + "-nobody", data, time.monotonic() + 1)


# --- the window ---------------------------------------------------------------------


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_window_comes_forward(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_ACTIVATION_TOKEN", raising=False)
    window, other = QWidget(), QWidget()
    for widget in (window, other):
        qtbot.addWidget(widget)
        widget.show()
    other.activateWindow()
    window.setWindowState(Qt.WindowState.WindowMaximized | Qt.WindowState.WindowMinimized)
    come_forward(window, "leave")  # type: ignore[arg-type]  # any window will do
    qtbot.waitUntil(window.isActiveWindow)
    assert window.windowState() & Qt.WindowState.WindowMaximized
    assert not window.isMinimized()
    assert os.environ["XDG_ACTIVATION_TOKEN"] == "leave"
