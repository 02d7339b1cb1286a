"""Children that misbehave on request, started the way the program starts its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import photosearch
from photosearch.engine.wire import Wire

Start = Callable[[], tuple[subprocess.Popen[bytes], Wire]]


def child(code: str, started: list[int] | None = None) -> Start:
    """Return a `start` hook for a child that runs `code`; `started` collects process ids."""

    def start() -> tuple[subprocess.Popen[bytes], Wire]:
        environment = dict(os.environ)
        environment["PYTHONPATH"] = str(Path(photosearch.__file__).resolve().parent.parent)
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        if started is not None:
            started.append(process.pid)
        assert process.stdin is not None
        assert process.stdout is not None
        return process, Wire(process.stdout, process.stdin)  # type: ignore[arg-type]

    return start
