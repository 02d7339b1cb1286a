"""The socket between two starts of the program on one computer, on Linux and macOS.

Python's own sockets, not Qt's: Qt's network library wants Kerberos on Linux, and a second start
has no need of Qt. Only processes of the same user get through: the socket lies in a folder that
nobody else can enter, has mode 0600, and on Linux both sides ask the kernel who the other is.
"""

from __future__ import annotations

import hashlib
import os
import socket
import stat
import struct
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from photosearch.errors import PhotoSearchError
from photosearch.gui.instance.message import OTHER_VERSION, REPLY_BYTES, TAKEN

_LONGEST = 100  # bytes of a socket's path: macOS allows 103, Linux 107
_WAITING = 16


def address(folder: Path) -> bytes:
    """Return a path for the socket of the library in `folder`, in a folder of one's own."""
    name = f"photosearch-{_digest(folder)}.sock"
    for place in _places(folder):
        path = os.fsencode(place / name)
        if len(path) <= _LONGEST and _is_private(place):
            return path
    raise OSError(f"no folder for a socket: {folder} is too long, and there is no other")


def listen(path: bytes) -> socket.socket:
    """Listen at a path, in the place of whatever an earlier window left there."""
    Path(os.fsdecode(path)).unlink(missing_ok=True)
    listening = _socket()
    try:
        before = os.umask(0o177)
        try:
            listening.bind(path)
        finally:
            os.umask(before)
        listening.listen(_WAITING)
        listening.setblocking(False)
    except BaseException:
        listening.close()
        raise
    return listening


def deliver(path: bytes, data: bytes, end: float) -> bool:
    """Hand over a message until the moment `end`; False when nobody has taken it."""
    with _socket() as calling:
        calling.settimeout(max(0.01, end - time.monotonic()))
        try:
            calling.connect(path)
            if not is_same_user(calling):
                return False
            calling.sendall(data)
            reply = b""
            while len(reply) < REPLY_BYTES:
                more = calling.recv(REPLY_BYTES - len(reply))
                if not more:
                    break
                reply += more
                calling.settimeout(max(0.01, end - time.monotonic()))
        except OSError:  # also a timeout
            return False
    return understood(reply)


def understood(reply: bytes) -> bool:
    """Return whether the first window has taken the message."""
    if reply == OTHER_VERSION:
        raise PhotoSearchError(
            "A window of another version of PhotoSearch is open with this library. "
            "Close it, then try again."
        )
    return reply == TAKEN


def is_same_user(connection: socket.socket) -> bool:
    """Whether the process at the other end belongs to this user, as far as the system tells."""
    if sys.platform != "linux":
        return True  # the socket's folder has let nobody else in
    size = struct.calcsize("3i")
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    _process, user, _group = struct.unpack("3i", credentials)
    return bool(user == os.getuid())


def _socket() -> socket.socket:
    if sys.platform == "win32":
        raise OSError("Windows has a pipe instead")
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)


def _user() -> int:
    if sys.platform == "win32":
        raise OSError("Windows gives its users no numbers")
    return os.getuid()


def _digest(folder: Path) -> str:
    where = os.fsencode(os.path.realpath(folder))
    return hashlib.blake2b(where, digest_size=8).hexdigest()


def _places(folder: Path) -> list[Path]:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    shared = Path(tempfile.gettempdir()) / f"photosearch-{_user()}"
    return [*([Path(runtime)] if os.path.isabs(runtime) else []), folder, shared]


def _is_private(place: Path) -> bool:
    """Whether a folder is ours and nobody else can enter it; made where it is missing."""
    try:
        with suppress(FileExistsError):
            place.mkdir(mode=0o700)
        found = place.lstat()
    except OSError:
        return False
    mine = stat.S_ISDIR(found.st_mode) and found.st_uid == _user()
    return mine and not stat.S_IMODE(found.st_mode) & 0o077
