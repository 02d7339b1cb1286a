"""One rotating log file, and warnings on standard error for the command line."""

from __future__ import annotations

import logging
import logging.handlers
import sys
from pathlib import Path

FORMAT = "%(asctime)s %(levelname)s %(processName)s %(name)s: %(message)s"


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
        handler = logging.handlers.RotatingFileHandler(
            file, maxBytes=2_000_000, backupCount=2, encoding="utf-8", errors="backslashreplace"
        )
    except OSError as error:
        root.warning("No log file can be written: %s", error)
        return
    handler.setFormatter(logging.Formatter(FORMAT))
    root.addHandler(handler)
