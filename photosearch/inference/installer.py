"""Python's package installer, run in a child of this program: a bundle has no `python -m pip`.

It ends when its input ends, that is with the program that started it, however that ended.
"""

from __future__ import annotations

import importlib.util
import os
import runpy
import sys
import threading
from pathlib import Path


def run_pip(arguments: list[str]) -> int:
    """Run pip with these arguments; of a Python without pip, the one that its library carries."""
    threading.Thread(target=_leave_with, args=(_own_input(),), daemon=True).start()
    if importlib.util.find_spec("pip") is None:
        bundled = importlib.util.find_spec("ensurepip")
        folder = Path(bundled.origin or "").parent / "_bundled" if bundled else Path()
        sys.path += [str(wheel) for wheel in sorted(folder.glob("pip-*.whl"))]
    sys.argv = ["pip", *arguments]
    try:
        runpy.run_module("pip", run_name="__main__", alter_sys=True)
    except ImportError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _own_input() -> int:
    """Return the input, and leave an empty one in its place.

    On Windows whatever looks at a pipe waits for the thread that reads it; and a child that
    inherits it would take what is ours.
    """
    source = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return source


def _leave_with(source: int) -> None:
    """End this process when the program closes its end, or the reading fails."""
    try:
        while os.read(source, 1):
            pass
    finally:
        os._exit(1)
