"""How long a thread may keep the interpreter while others wait for it.

Knows Python's switch interval, and nothing of what the threads do.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

TURN_S = 0.0005  # of a thread that another one waits for; Python's own is ten times as long
UNDISTURBED_S = 0.005  # a page is painted in less


def make_short() -> None:
    """Let nobody keep the window's thread waiting for long."""
    sys.setswitchinterval(TURN_S)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep the turn for a few milliseconds, for what the window's thread does in one go.

    On cores that are full a thread that gives up its turn may get it back late.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(UNDISTURBED_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
