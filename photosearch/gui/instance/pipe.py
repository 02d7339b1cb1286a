"""The pipe between two starts of the program on Windows: Qt's local sockets.

Qt gives the pipe a security descriptor that lets nobody in but this user. (It works on other
systems, too, where the tests try it.)
"""

from __future__ import annotations

import getpass
import hashlib
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from photosearch.gui.instance.local import understood
from photosearch.gui.instance.message import REPLY_BYTES

if TYPE_CHECKING:
    from PySide6.QtCore import QObject
    from PySide6.QtNetwork import QLocalServer


def pipe_name(folder: Path) -> str:
    """Return the name of the pipe for this user and the library in `folder`."""
    where = os.path.normcase(os.path.realpath(folder))
    said = f"{getpass.getuser()}\0{where}".encode("utf-8", "surrogatepass")
    return f"photosearch-{hashlib.blake2b(said, digest_size=12).hexdigest()}"


def listen(name: str, parent: QObject | None = None) -> QLocalServer:
    """Listen at a pipe, for processes of this user only; `OSError` when that is not possible."""
    from PySide6.QtNetwork import QLocalServer

    server = QLocalServer(parent)
    server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
    QLocalServer.removeServer(name)  # what a crash left; the lock says that nobody is there
    if not server.listen(name):
        raise OSError(server.errorString())
    return server


def deliver(name: str, data: bytes, end: float) -> bool:
    """Hand over a message until the moment `end`; False when nobody has taken it."""
    from PySide6.QtNetwork import QLocalSocket

    calling = QLocalSocket()
    _let_come_forward()
    calling.connectToServer(name)
    if not calling.waitForConnected(_left_ms(end)):
        return False
    calling.write(data)
    while calling.bytesToWrite():
        if not calling.waitForBytesWritten(_left_ms(end)):
            return False
    while calling.bytesAvailable() < REPLY_BYTES:
        if not calling.waitForReadyRead(_left_ms(end)):
            break
    reply = bytes(calling.read(REPLY_BYTES).data())
    calling.abort()
    return understood(reply)


def _left_ms(end: float) -> int:
    return max(10, int((end - time.monotonic()) * 1000))


def _let_come_forward() -> None:
    """Windows lets a window come to the front only with leave of who has the user's attention."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.AllowSetForegroundWindow(-1)
