"""One rotating log file, and warnings on standard error for the command line."""

from __future__ import annotations

import logging
import logging.handlers
import sys
from pathlib import Path

FORMAT = "%(asctime)s %(levelname)s %(processName)s %(name)s: %(message)s"


class _File(logging.handlers.RotatingFileHandler):
    """A log file that goes quiet where it cannot be written (the disk is full, it was removed)."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (logging's name)
        """Lose the record: what cannot be logged cannot be told either."""


def start(file: Path | None, *, verbose: bool = False) -> None:
    """Send records of the program to `file` (2 MB, three kept) and warnings to stderr."""
    root = logging.getLogger("photosearch")
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    console = logging.StreamHandler(sys.stderr)
    console.setLevel(logging.DEBUG if verbose else logging.WARNING)
    console.setFormatter(logging.Formatter("photosearch: %(message)s"))
    root.addHandler(console)
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler = _File(
            file, maxBytes=2_000_000, backupCount=2, encoding="utf-8", errors="backslashreplace"
        )
    except OSError as error:
        root.warning("No log file can be written: %s", error)
        return
    handler.setFormatter(logging.Formatter(FORMAT))
    root.addHandler(handler)


def empty() -> None:
    """Empty the log file of this program, which goes on writing to it."""
    for handler in logging.getLogger("photosearch").handlers:
        if isinstance(handler, logging.handlers.RotatingFileHandler):
            handler.acquire()
            try:
                if handler.stream is not None:
                    handler.stream.truncate(0)  # opened for appending: what comes is at the start
            finally:
                handler.release()
