"""Signals of the terminal and windows that would not fit their screen."""

from __future__ import annotations

import os
import signal
import sys

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui import window_state
from photosearch.gui.interrupts import Interrupts

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


@posix
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_reaches_the_window_and_handlers_come_back(qtbot: QtBot, number: str) -> None:
    before = signal.getsignal(getattr(signal, number))
    interrupts = Interrupts()
    with qtbot.waitSignal(interrupts.asked, timeout=2000):
        os.kill(os.getpid(), getattr(signal, number))
    interrupts.stop()
    assert signal.getsignal(getattr(signal, number)) == before
    assert signal.set_wakeup_fd(-1) == -1


def test_a_window_larger_than_the_screen_is_brought_in(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    room = window.screen().availableGeometry()
    window.setGeometry(QRect(room.right() - 50, -300, room.width() * 2, room.height() * 2))
    window_state.fit_to_screen(window)
    assert room.contains(window.geometry())
    small = QRect(room.left() + 10, room.top() + 10, 200, 100)
    window.setGeometry(small)
    window_state.fit_to_screen(window)
    assert window.geometry() == small
