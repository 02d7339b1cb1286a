"""A small text file written whole or not at all, and what others may have done to it."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

_REST_S = 2.0  # an editor empties a file and then writes it: what is half of one is no damage yet


def write_whole(file: Path, text: str) -> None:
    """Replace a file's content; `OSError` leaves it as it was."""
    # A name of its own: a program without the lock may be saving, too.
    descriptor, name = tempfile.mkstemp(".tmp", file.stem, file.parent)
    temporary = Path(name)
    try:
        with open(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def free(path: Path) -> Path:
    """Return this path, or the first one with a number that nothing has yet."""
    number, found = 1, path
    while found.exists():
        number += 1
        found = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return found


def rested(file: Path) -> bool:
    """Whether nobody has written to a file just now."""
    try:
        return abs(time.time() - file.stat().st_mtime) >= _REST_S
    except OSError:
        return True
