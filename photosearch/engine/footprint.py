"""How much memory a child takes, and how much a decoder may take.

Where the system keeps no limit on it (macOS, Windows), this is the limit; on Linux it comes
before the one on address space on machines that have little memory.
"""

from __future__ import annotations

MOST_BYTES = 4 << 30  # the largest picture that may be opened takes less than two
LEAST_BYTES = 3 << 29
_SHARE = 2  # of the machine's memory: above half of it the others suffer


def allowed_bytes() -> int:
    """Return how much memory one decoder may take on this machine."""
    import psutil

    total = int(psutil.virtual_memory().total)
    return max(LEAST_BYTES, min(MOST_BYTES, total // _SHARE))


def bytes_of(pid: int) -> int:
    """Return how much memory a process takes by itself; 0 when it is gone."""
    import psutil

    try:
        info = psutil.Process(pid).memory_info()
    except psutil.Error:
        return 0
    # Windows moves what is little used out of the working set; it is taken all the same.
    return int(getattr(info, "private", info.rss))
