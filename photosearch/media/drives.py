"""Where drives are mounted, and whether they still are."""

from __future__ import annotations

import os


def mount_point(path: bytes) -> bytes:
    """Return where the drive is mounted that `path` lies on; `b""` for that of the system.

    On Windows that is every drive with a letter, for a letter says nothing about whether its
    drive is there; only drives mounted in a folder are told apart.
    """
    try:
        around = os.path.realpath(path)
    except OSError:  # a link that goes away while it is read, or leads to too long a path
        around = os.path.abspath(path)
    while (above := os.path.dirname(around)) != around:
        if os.path.ismount(around):
            return around
        around = above
    return b""


def is_mounted(point: bytes) -> bool:
    """Whether some drive is mounted there now."""
    return os.path.ismount(point)
