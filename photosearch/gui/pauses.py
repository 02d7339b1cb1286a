"""Keeping the interpreter itself from holding the window's thread.

Whatever Qt makes for Python (a rectangle, a colour) lets other threads in, and each may then keep
the window's thread waiting for one whole turn and, on cores that are full, until it gets one
again. Hence short turns, and few such calls where a page is painted. And while a window is made
nearly everything that is made stays: `garbage` collects when there is a window.
"""

from __future__ import annotations

import gc

from photosearch.jobs import interpreter


def starting() -> None:
    """Make turns short, and collect nothing while all that is made is there to stay."""
    interpreter.make_short()
    gc.disable()
