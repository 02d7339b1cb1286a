"""Keeping the interpreter itself from holding the window's thread.

Painting lets other threads in at every call of Qt, and each may then keep the window's thread
waiting for one whole turn: a page of fifty tiles waits a hundred times. And while a window is made
nearly everything that is made stays: `garbage` collects when there is a window.
"""

from __future__ import annotations

import gc
import sys

TURN_S = 0.0005  # of a thread that another one waits for; Python's own is ten times as long


def starting() -> None:
    """Make turns short, and collect nothing while all that is made is there to stay."""
    sys.setswitchinterval(TURN_S)
    gc.disable()
