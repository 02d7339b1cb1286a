"""The first window's ear on Windows: callers through Qt's local sockets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalSocket

from photosearch.gui.instance.pipe import listen

if TYPE_CHECKING:
    from photosearch.gui.instance.listening import Caller, Line


class PipeEar(QObject):
    """Listens at a pipe and passes every caller on."""

    def __init__(self, name: str, called: Callable[[Line], Caller | None], parent: QObject):
        super().__init__(parent)
        self._called = called
        self._server = listen(name, self)
        self._server.newConnection.connect(self._on_called)

    def close(self) -> None:
        """Listen no more."""
        self._server.close()

    def _on_called(self) -> None:
        while (connection := self._server.nextPendingConnection()) is not None:
            caller = self._called(PipeLine(connection))
            if caller is not None:
                connection.readyRead.connect(caller.look)
                connection.disconnected.connect(caller.look)
                connection.disconnected.connect(connection.deleteLater)
                caller.look()


class PipeLine:
    """A connection through a pipe."""

    def __init__(self, connection: QLocalSocket):
        self._connection = connection

    def read(self) -> bytes | None:
        data = bytes(self._connection.readAll().data())
        if data or self._connection.state() is QLocalSocket.LocalSocketState.ConnectedState:
            return data
        return None

    def write(self, data: bytes) -> None:
        self._connection.write(data)
        self._connection.flush()

    def close(self) -> None:
        self._connection.disconnectFromServer()
