"""One command in a process in which one folder hangs: `hanging_command.py FOLDER COMMAND ...`.

Every look at the folder or below it waits for ever, as on a network share whose server has gone.
"""

from __future__ import annotations

import builtins
import io
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

from photosearch.__main__ import main
from photosearch.media import answering


def hang(module: Any, name: str, folder: bytes) -> None:
    """Have a function wait for ever on what lies in the folder."""
    real: Callable[..., Any] = getattr(module, name)

    def patched(path: Any = ".", *rest: Any, **named: Any) -> Any:
        if isinstance(path, str | bytes | os.PathLike) and os.fsencode(path).startswith(folder):
            threading.Event().wait()
        return real(path, *rest, **named)

    setattr(module, name, patched)


if __name__ == "__main__":
    answering.ANSWER_S = 0.5
    hangs = os.fsencode(sys.argv.pop(1))
    for each in ("stat", "lstat", "scandir", "listdir", "access", "open", "mkdir"):
        hang(os, each, hangs)
    for module in (io, builtins):
        hang(module, "open", hangs)
    sys.exit(main())
