"""Keeping memory low: what is freed goes back to the system. Knows nothing of who freed it.

Only glibc needs to be told. Left alone it keeps an arena for each thread and, once a large list
was freed, holds on to blocks of that size: with a million photos some 50 MB that nobody uses.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

# From malloc.h
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_LARGE = 128 << 10  # larger blocks, as lists of ids and pixels are, go back when freed
_ARENAS = 2


def keep_little() -> bool:
    """Have freed memory given back; before threads begin. Whether the system was told."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    told = ((_MMAP_THRESHOLD, _LARGE), (_TRIM_THRESHOLD, _LARGE), (_ARENA_MAX, _ARENAS))
    return all(mallopt(which, value) == 1 for which, value in told)


def give_back() -> None:
    """Hand memory that was let go back to the system: glibc keeps some 100 MB of a large model."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL("libc.so.6").malloc_trim(0)
