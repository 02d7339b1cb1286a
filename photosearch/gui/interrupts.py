"""Ctrl+C in the terminal and a polite kill close the window as its button does.

Python runs signal handlers only between its own instructions, and a window that waits for events
executes none: the signal's number comes through a socket that Qt watches.
"""

from __future__ import annotations

import signal
import socket
import threading

from PySide6.QtCore import QObject, QSocketNotifier, Signal

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class Interrupts(QObject):
    """Tells when the system asks the program to end, until `stop`."""

    asked = Signal()

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self._before: dict[int, object] = {}
        if threading.current_thread() is not threading.main_thread():
            return  # Python takes signals in its main thread alone
        self._inlet, self._outlet = socket.socketpair()
        self._inlet.setblocking(False)
        self._outlet.setblocking(False)
        self._wakeup = signal.set_wakeup_fd(self._inlet.fileno(), warn_on_full_buffer=False)
        for name in _SIGNALS:
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            if number is not None:
                self._before[number] = signal.signal(number, _pass)
        self._notifier = QSocketNotifier(self._outlet.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal)

    def stop(self) -> None:
        """Give the signals back to whoever had them."""
        if not self._before:
            return
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._wakeup)
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal gave
        self._before.clear()
        self._inlet.close()
        self._outlet.close()

    def _on_signal(self) -> None:
        self._outlet.recv(64)
        self.asked.emit()


def _pass(_number: int, _frame: object) -> None:
    """Nothing: the number has gone through the socket already."""
