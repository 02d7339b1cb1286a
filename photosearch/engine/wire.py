"""Messages between the program and its own children: pickled values, each after its length.

Large arrays follow their value as they lie in memory: a picture of nine megabytes is not copied
into the message first.

Only ever spoken over pipes to a child that this program started itself: they have no name that
another process could open, and no other child inherits them. See `allowed` for what may come.
"""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from photosearch.engine import allowed

READY = "ready"  # the first word of a decoder: from then on what fails is a file's fault
_LENGTH = struct.Struct("<Q")
_COUNT = struct.Struct("<I")  # of arrays that follow
_ARRAY = struct.Struct("<Q?")  # bytes, and whether nobody may write to it
_LARGE_BYTES = 1 << 16
_PIPE_BYTES = 1 << 20  # what a pipe holds: each time it is full, both sides change places
_MOST_BYTES = 4 << 30  # no picture and no batch is larger: a length beyond this is none
_RUBBISH = (pickle.UnpicklingError, AttributeError, ImportError, IndexError, KeyError, TypeError)


class Wire:
    """One two-way connection; `send` may be called from several threads, `receive` from one."""

    def __init__(self, reader: BufferedReader, writer: BinaryIO) -> None:
        self._reader = reader
        self._writer = writer
        self._lock = threading.Lock()

    def send(self, value: Any) -> None:
        """Send one value; `OSError` or `ValueError` when the other side is gone."""
        arrays: list[memoryview] = []

        def travels_inside(array: pickle.PickleBuffer) -> bool:
            raw = array.raw()
            if raw.nbytes < _LARGE_BYTES:
                return True
            arrays.append(raw)
            return False

        data = pickle.dumps(value, protocol=5, buffer_callback=travels_inside)
        heads = b"".join(_ARRAY.pack(each.nbytes, each.readonly) for each in arrays)
        parts = (_LENGTH.pack(len(data)), data, _COUNT.pack(len(arrays)), heads)
        with self._lock:
            for part in parts:
                self._writer.write(part)
            for array in arrays:
                self._writer.write(array)
            self._writer.flush()

    def receive(self) -> Any:
        """Wait for the next value; `EOFError` when the other side is gone.

        `ValueError` when what comes is no value: after that the wire is of no use.
        """
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size))
        if length > _MOST_BYTES:
            raise ValueError(f"a message of {length} bytes")
        data = self._exactly(length)
        arrays = self._arrays(_MOST_BYTES - length)
        try:
            return allowed.loads(data, arrays)
        except _RUBBISH as error:
            raise ValueError(f"a message that cannot be read ({error})") from error

    def close_writer(self) -> None:
        """Say that nothing more comes: a child that waits for work sees the end and leaves."""
        with suppress(OSError):  # what could not be flushed to a dead child is of no use
            self._writer.close()

    def close(self) -> None:
        """Close both directions."""
        self.close_writer()
        self._reader.close()

    def _arrays(self, most_bytes: int) -> list[bytes | bytearray]:
        (count,) = _COUNT.unpack(self._exactly(_COUNT.size))
        if count * _LARGE_BYTES > most_bytes:
            raise ValueError(f"a message with {count} arrays")
        heads = list(_ARRAY.iter_unpack(self._exactly(count * _ARRAY.size)))
        if (total := sum(size for size, _ in heads)) > most_bytes:
            raise ValueError(f"a message with arrays of {total} bytes")
        return [self._exactly(size) if fixed else self._writable(size) for size, fixed in heads]

    def _writable(self, count: int) -> bytearray:
        data = bytearray(count)
        rest = memoryview(data)
        while rest:
            read = self._reader.readinto(rest)
            if not read:
                raise EOFError
            rest = rest[read:]
        return data

    def _exactly(self, count: int) -> bytes:
        data = self._reader.read(count)
        if data is None or len(data) < count:
            raise EOFError
        return data


def start_child(*arguments: str, gentle: bool) -> tuple[subprocess.Popen[bytes], Wire]:
    """Start this program as `--engine` or `--decoder`, from source, wheel or bundle alike.

    A gentle child leaves the processor to everything else. It ends when its pipe closes, so
    that even a killed program leaves nothing behind. It works in Python's own folder and looks
    for modules neither there nor here: beside photos there may be a `struct.py`.
    """
    command, environment = program(*arguments)
    if "--engine" in arguments:
        environment["GLIBC_TUNABLES"] = _large_pages(environment.get("GLIBC_TUNABLES", ""))
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW
        if gentle:
            flags |= subprocess.BELOW_NORMAL_PRIORITY_CLASS
    elif gentle:
        command.append("--gentle")
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        cwd=Path(sys.executable).parent,
        creationflags=flags,
        # Ctrl+C is for the program, not for them. A session of their own would keep it away too,
        # but Linux shares processors out between sessions: being nice counts only within one.
        process_group=None if sys.platform == "win32" else 0,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    _widen(process.stdin, process.stdout)
    return process, Wire(cast(BufferedReader, process.stdout), cast(BinaryIO, process.stdin))


def _widen(*pipes: IO[bytes]) -> None:
    """Let pipes hold more, where the system has it: a picture then goes through in few turns."""
    if sys.platform == "linux":
        import fcntl

        for pipe in pipes:
            with suppress(OSError):  # the user's pipes hold as much as they may already
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def program(*arguments: str) -> tuple[list[str], dict[str, str]]:
    """Return command and environment that run this program, from source, wheel or bundle alike.

    A bundle has two programs; children are its one for the command line, for Windows gives the
    other no standard output.
    """
    environment = dict(os.environ)
    if getattr(sys, "frozen", False):
        started = Path(sys.executable)
        command = [str(started.with_name(f"photosearch{started.suffix}")), *arguments]
    else:
        command = [sys.executable, "-P", "-m", "photosearch", *arguments]
        environment["PYTHONSAFEPATH"] = "1"
        environment["PYTHONPATH"] = _module_path(environment.get("PYTHONPATH", ""))
    return command, environment


def _large_pages(given: str) -> str:
    """Return what has glibc ask for pages of 2 MB, beside what was given; others pass it over.

    A walk through the graph of a million photos reaches into a gigabyte in thousands of places:
    with small pages it takes a quarter longer.
    """
    if "glibc.malloc.hugetlb" in given:
        return given
    return ":".join(part for part in (given, "glibc.malloc.hugetlb=1") if part)


def _module_path(given: str) -> str:
    """Return where a child finds modules: ours, then what was given, as seen from here."""
    ours = Path(__file__).resolve().parents[2]
    others = [os.path.abspath(part) for part in given.split(os.pathsep) if part]
    return os.pathsep.join([str(ours), *others])


def own_wire() -> Wire:
    """In a child: take over standard input and output, so that no stray print can break in."""
    reader = os.fdopen(os.dup(0), "rb")
    writer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    sys.stdout = sys.stderr
    return Wire(reader, writer)
