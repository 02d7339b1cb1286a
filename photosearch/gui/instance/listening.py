"""The first window's ear: takes what later starts hand over, in the window's own thread.

So an answer says that the window is alive. Nobody can hold it up: all reading is of what has
come already, a caller has a moment for its message, and only some may call at once.
"""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QSocketNotifier, QTimer

from photosearch.gui.instance import local
from photosearch.gui.instance.claim import Claim
from photosearch.gui.instance.message import (
    OTHER_VERSION,
    TAKEN,
    AnotherVersion,
    Garbage,
    Request,
    unpacked,
)

if TYPE_CHECKING:
    from photosearch.gui.instance.pipe_ear import PipeEar

_log = logging.getLogger(__name__)
CALLER_MS = 2000
CALLERS = 16
_READ_BYTES = 1 << 16
Take = Callable[[Request], bool]


class Line(Protocol):
    """A connection to one caller; nothing here waits."""

    def read(self) -> bytes | None:
        """Return what has come, nothing when nothing has; None when the caller has gone."""

    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...


class Caller(QObject):
    """One caller until it has been answered, has gone, or has taken too long."""

    def __init__(self, line: Line, take: Take, ended: Callable[[Caller], None], parent: QObject):
        super().__init__(parent)
        self._line, self._take, self._ended = line, take, ended
        self._data = b""
        self._over = False
        self._timer = QTimer(self, interval=CALLER_MS, singleShot=True)
        self._timer.timeout.connect(self.end)
        self._timer.start()

    def look(self) -> None:
        """Take in what has come."""
        if self._over:
            return
        more = self._line.read()
        if more is None:
            self.end()
            return
        self._data += more
        try:
            request = unpacked(self._data)
        except AnotherVersion as error:
            _log.info("another program called: %s", error)
            self._answer(OTHER_VERSION)
        except Garbage as error:
            _log.info("a message was passed over: %s", error)
            self.end()
        else:
            if request is not None:
                self._on_request(request)

    def _on_request(self, request: Request) -> None:
        # Who has stopped waiting told its user so: then it must not happen after all.
        if self._line.read() is not None and self._take(request):
            self._answer(TAKEN)
        else:
            self.end()

    def _answer(self, reply: bytes) -> None:
        self._line.write(reply)
        self.end()

    def end(self) -> None:
        """Hang up."""
        if not self._over:
            self._over = True
            self._timer.stop()
            self._line.close()
            self._ended(self)
            self.deleteLater()


class Listening(QObject):
    """Listens for a claim until `close`, which gives the claim up, too.

    `take` is told each request and says whether there is a window to do it.
    """

    def __init__(self, claim: Claim, take: Take, parent: QObject | None = None):
        super().__init__(parent)
        self._claim, self._take = claim, take
        self._callers: list[Caller] = []
        self._notifier: QSocketNotifier | None = None
        self._pipe: PipeEar | None = None
        if claim.listening is not None:
            read = QSocketNotifier.Type.Read
            self._notifier = QSocketNotifier(claim.listening.fileno(), read, self)
            self._notifier.activated.connect(self._on_socket_called)
        elif sys.platform == "win32" and claim.address:
            from photosearch.gui.instance.pipe_ear import PipeEar

            try:
                self._pipe = PipeEar(claim.address.decode(), self.called, self)
            except OSError as error:
                _log.warning("later starts cannot reach this window: %s", error)

    def close(self) -> None:
        """Listen no more, and let the next start have the library's window."""
        if self._notifier is not None:
            self._notifier.setEnabled(False)
        for caller in tuple(self._callers):
            caller.end()
        if self._pipe is not None:
            self._pipe.close()
        claim, self._claim = self._claim, Claim()
        claim.close()

    def called(self, line: Line) -> Caller | None:
        """Listen to one more caller, unless too many call at once."""
        if len(self._callers) >= CALLERS:
            line.close()
            return None
        caller = Caller(line, self._take, self._callers.remove, self)
        self._callers.append(caller)
        return caller

    def _on_socket_called(self) -> None:
        assert self._claim.listening is not None
        try:
            connection, _address = self._claim.listening.accept()
        except OSError:  # who called has gone
            return
        line = SocketLine(connection)
        if not local.is_same_user(connection):
            line.close()
            return
        caller = self.called(line)
        if caller is not None:
            line.watch(caller)


class SocketLine:
    """A connection through a socket of the system."""

    def __init__(self, connection: socket.socket):
        connection.setblocking(False)
        self._connection = connection
        self._notifier: QSocketNotifier | None = None

    def watch(self, caller: Caller) -> None:
        """Let the caller know when something comes."""
        read = QSocketNotifier.Type.Read
        self._notifier = QSocketNotifier(self._connection.fileno(), read, caller)
        self._notifier.activated.connect(caller.look)

    def read(self) -> bytes | None:
        try:
            return self._connection.recv(_READ_BYTES) or None
        except BlockingIOError:
            return b""
        except OSError:
            return None

    def write(self, data: bytes) -> None:
        with suppress(OSError):
            self._connection.send(data)

    def close(self) -> None:
        if self._notifier is not None:
            self._notifier.setEnabled(False)
        self._connection.close()
