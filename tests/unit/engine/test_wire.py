"""Values through pipes, and what an end looks like."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from photosearch.engine import wire
from photosearch.engine.wire import READY, Wire, program, start_child
from photosearch.errors import ModelError
from photosearch.media.thumbs import ThumbStore
from photosearch.types import Device


def pair() -> tuple[Wire, Wire]:
    there, back = os.pipe(), os.pipe()
    one = Wire(os.fdopen(back[0], "rb"), os.fdopen(there[1], "wb"))
    other = Wire(os.fdopen(there[0], "rb"), os.fdopen(back[1], "wb"))
    return one, other


def test_large_and_many_at_once() -> None:
    one, other = pair()
    values = [np.full((256, 256, 3), n, np.uint8) for n in range(8)]
    senders = [threading.Thread(target=one.send, args=(value,)) for value in values]
    for sender in senders:
        sender.start()
    received = sorted(int(other.receive()[0, 0, 0]) for _ in values)
    for sender in senders:
        sender.join()
    assert received == list(range(8))
    one.close()
    with pytest.raises(EOFError):
        other.receive()
    other.close()


def test_an_end_in_the_middle_of_a_value() -> None:
    there = os.pipe()
    os.write(there[1], b"\x10\0\0\0\0\0\0\0half")
    os.close(there[1])
    with open(os.devnull, "wb") as nowhere:
        wire = Wire(os.fdopen(there[0], "rb"), nowhere)  # type: ignore[arg-type]
        with pytest.raises(EOFError):
            wire.receive()
        wire.close()


def test_sending_to_nobody() -> None:
    one, other = pair()
    other.close()
    with pytest.raises(OSError):
        one.send(b"x" * 1_000_000)
    one.close()
    with pytest.raises(ValueError):
        one.send(1)


# --- who may say what ---------------------------------------------------------------


class Evil:
    """Runs a command where it is unpickled."""

    def __init__(self, *call: object) -> None:
        self._call = call

    def __reduce__(self) -> object:
        function, *arguments = self._call
        return function, tuple(arguments)


@pytest.mark.parametrize(
    "value",
    [
        Evil(os.system, "touch owned"),
        Evil(eval, "1 + 1"),
        Evil(getattr, Path("x"), "touch"),
        Evil(subprocess.Popen, ["touch", "owned"]),
        Evil(Path.touch, Path("owned")),
        Evil(program, "--engine"),  # a function of the program's own
        Evil(ThumbStore, Path("owned")),  # a class of its own that does something
    ],
    ids=["system", "eval", "getattr", "Popen", "method", "own function", "own class"],
)
def test_a_message_calls_nothing(
    value: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    one, other = pair()
    one.send((1, True, value))
    with pytest.raises(ValueError, match="cannot be read"):
        other.receive()
    one.close()
    other.close()
    assert not list(tmp_path.iterdir())


def test_what_does_travel() -> None:
    one, other = pair()
    values = (
        *(Path("/a"), ModelError("it is broken"), RuntimeError("x"), {1, 2}, (None, True, 1.5)),
        *(np.float32(2.5), np.arange(3)[:0], np.array(["a", "b"]), b"\xff", datetime(2020, 1, 2)),
        Device("cpu", "Processor", "CPUExecutionProvider"),
    )
    one.send(values)
    received = other.receive()
    assert [type(value) for value in received] == [type(value) for value in values]
    assert str(received[1]) == "it is broken"
    one.close()
    other.close()


def test_a_message_is_bounded_before_it_is_read() -> None:
    there = os.pipe()
    os.write(there[1], (1 << 60).to_bytes(8, "little"))
    with open(os.devnull, "wb") as nowhere:
        wire = Wire(os.fdopen(there[0], "rb"), nowhere)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="bytes"):
            wire.receive()
        wire.close()
    os.close(there[1])


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_only_the_parent_holds_the_other_ends() -> None:
    """The pipes have no names, and a child started later inherits none of an earlier one's."""
    children = [start_child("--decoder", "--limit=30", gentle=True) for _ in range(2)]
    try:
        for _process, wire in children:
            assert wire.receive() == READY
        held = [_descriptors(process.pid) for process, _wire in children]
        assert not {pipe for pipe in held[0] if pipe.startswith("pipe:")} & held[1]
        for found in held:
            assert not [each for each in found if each.startswith("socket:")]
            assert not [
                each
                for each in found
                if each[0] == "/" and not each.endswith(("null", "(deleted)"))
            ]
    finally:
        for process, wire in children:
            wire.close()
            process.wait(30)


def _descriptors(process: int) -> set[str]:
    """Return what a process holds open, but for the errors it may say to all."""
    return {str(each.readlink()) for each in Path(f"/proc/{process}/fd").iterdir()}


def test_large_arrays_stay_what_they_were() -> None:
    one, other = pair()
    fixed = np.arange(100_000, dtype=np.float32)
    fixed.setflags(write=False)
    free = np.arange(60_000, dtype=np.int64).reshape(300, 200)
    turned = free.T[::2]  # lies in memory in no order
    sender = threading.Thread(target=one.send, args=((fixed, free, turned, free[:2], "words"),))
    sender.start()
    received = other.receive()
    sender.join()
    for got, sent in zip(received[:4], (fixed, free, turned, free[:2]), strict=True):
        assert np.array_equal(got, sent)
        assert got.dtype == sent.dtype
        assert got.flags.writeable == sent.flags.writeable
    received[1][0, 0] = 7
    assert received[4] == "words"
    one.close()
    other.close()


@pytest.mark.parametrize("heads", [b"\xff\xff\xff\xff", b"\x01\0\0\0" + b"\xff" * 8 + b"\x01"])
def test_arrays_are_bounded_before_they_are_read(heads: bytes) -> None:
    there = os.pipe()
    os.write(there[1], (4).to_bytes(8, "little") + b"N..." + heads)
    with open(os.devnull, "wb") as nowhere:
        wire = Wire(os.fdopen(there[0], "rb"), nowhere)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="arrays"):
            wire.receive()
        wire.close()
    os.close(there[1])


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("", "glibc.malloc.hugetlb=1"),
        ("glibc.malloc.check=1", "glibc.malloc.check=1:glibc.malloc.hugetlb=1"),
        ("glibc.malloc.hugetlb=0", "glibc.malloc.hugetlb=0"),
    ],
)
def test_the_engine_asks_for_large_pages_unless_told_otherwise(given: str, asked: str) -> None:
    assert wire._large_pages(given) == asked


@pytest.mark.parametrize("started", ["photosearch", "photosearch-window", "photosearch-window.exe"])
def test_children_of_a_bundle_are_its_program_for_the_command_line(
    started: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / started))
    command, _environment = program("--decoder")
    ending = ".exe" if started.endswith(".exe") else ""
    assert command == [str(tmp_path / f"photosearch{ending}"), "--decoder"]


_BEHIND_A_TERMINAL = """
import os, subprocess, sys, termios
terminal = os.open(sys.argv[1], os.O_RDWR)
os.dup2(terminal, 2)
settings = termios.tcgetattr(terminal)
settings[3] |= termios.TOSTOP
termios.tcsetattr(terminal, termios.TCSANOW, settings)
from photosearch.engine.wire import start_child
process, wire = start_child("--prepare", "--runtime=/nowhere", gentle=False)
wire.close_writer()
try:
    code = process.wait(60)
except subprocess.TimeoutExpired:
    process.kill()
    code = 99
sys.exit(code)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="opens a terminal as Linux does")
def test_a_terminal_that_stops_who_writes_from_behind_stops_no_child() -> None:
    """As `stty tostop` has it: a child is in no group that the terminal takes for the front one."""
    ours, theirs = os.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-c", _BEHIND_A_TERMINAL, os.ttyname(theirs)],
            start_new_session=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0
        said = os.read(ours, 4096)
    finally:
        os.close(ours)
        os.close(theirs)
    assert b"/nowhere" in said, "it did write to the terminal"


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("flag", ["--engine", "--decoder", "--convert", "--prepare", "--probe"])
def test_every_child_may_write_to_the_terminal(flag: str) -> None:
    process, wire = start_child(flag, gentle=False)
    try:
        pause, end = threading.Event(), time.monotonic() + 60
        while not _ignores(process.pid, signal.SIGTTOU):
            assert process.poll() is None
            assert time.monotonic() < end
            pause.wait(0.02)
    finally:
        wire.close()
        process.wait(60)


def _ignores(process: int, number: int) -> bool:
    """Whether a process ignores a signal."""
    status = Path(f"/proc/{process}/status").read_text()
    (line,) = (each for each in status.splitlines() if each.startswith("SigIgn:"))
    return bool(int(line.split()[1], 16) >> (number - 1) & 1)
