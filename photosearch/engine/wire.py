"""Messages between the program and its own children: pickled values, each after its length.

Only ever spoken over pipes to a child that this program started itself.
"""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

READY = "ready"  # the first word of a decoder: from then on what fails is a file's fault
_LENGTH = struct.Struct("<Q")
_MOST_BYTES = 4 << 30  # no picture and no batch is larger: a length beyond this is none
_RUBBISH = (pickle.UnpicklingError, AttributeError, ImportError, IndexError, KeyError, TypeError)


class Wire:
    """One two-way connection; `send` may be called from several threads, `receive` from one."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO) -> None:
        self._reader = reader
        self._writer = writer
        self._lock = threading.Lock()

    def send(self, value: Any) -> None:
        """Send one value; `OSError` or `ValueError` when the other side is gone."""
        data = pickle.dumps(value, protocol=5)
        with self._lock:
            self._writer.write(_LENGTH.pack(len(data)))
            self._writer.write(data)
            self._writer.flush()

    def receive(self) -> Any:
        """Wait for the next value; `EOFError` when the other side is gone.

        `ValueError` when what comes is no value: after that the wire is of no use.
        """
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size))
        if length > _MOST_BYTES:
            raise ValueError(f"a message of {length} bytes")
        data = self._exactly(length)
        try:
            return pickle.loads(data)
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
    environment = dict(os.environ)
    if getattr(sys, "frozen", False):
        command = [sys.executable, *arguments]
    else:
        command = [sys.executable, "-P", "-m", "photosearch", *arguments]
        environment["PYTHONSAFEPATH"] = "1"
        environment["PYTHONPATH"] = _module_path(environment.get("PYTHONPATH", ""))
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
        start_new_session=sys.platform != "win32",  # Ctrl+C is for the program, not for them
    )
    assert process.stdin is not None
    assert process.stdout is not None
    return process, Wire(cast(BinaryIO, process.stdout), cast(BinaryIO, process.stdin))


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
