"""The program as a user starts it: another process, a home of its own.

Questions about a library may be asked in this process: to start one takes longer than the answer.
"""

from __future__ import annotations

import io
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import photosearch
from photosearch.cli.main import run

TIMEOUT_S = 240


@dataclass(frozen=True, slots=True)
class Answer:
    """What one run of the program said."""

    code: int
    out: bytes
    err: bytes

    @property
    def lines(self) -> list[str]:
        return os.fsdecode(self.out).splitlines()

    @property
    def words(self) -> str:
        """What was said to the user beside the answer."""
        return self.err.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        """The object in the last line of standard output."""
        return json.loads(self.out.splitlines()[-1])


@dataclass(frozen=True, slots=True)
class Program:
    """`python -m photosearch --home HOME`."""

    home: Path

    def command(self, *arguments: str | bytes | Path) -> list[str | bytes]:
        given = [a if isinstance(a, bytes) else str(a) for a in arguments]
        return [sys.executable, "-m", "photosearch", *given, "--home", str(self.home)]

    def environment(self, **changes: str | None) -> dict[str, str]:
        found = {k: v for k, v in os.environ.items() if not k.startswith("PHOTOSEARCH_")}
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
            found.pop(name, None)
        found["PYTHONPATH"] = str(Path(photosearch.__file__).resolve().parent.parent)
        for name, value in changes.items():
            if value is None:
                found.pop(name, None)
            else:
                found[name] = value
        return found

    def run(
        self,
        *arguments: str | bytes | Path,
        stdin: bytes = b"",
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Answer:
        done = subprocess.run(
            self.command(*arguments),
            input=stdin,
            capture_output=True,
            timeout=TIMEOUT_S,
            env=env or self.environment(),
            cwd=cwd,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str | bytes | Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command(*arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment(),
        )

    def good(self, *arguments: str | bytes | Path, stdin: bytes = b"") -> Any:
        """Run with `--json`, expect success and return the object."""
        answer = self.run(*arguments, "--json", stdin=stdin)
        assert answer.code == 0, answer.words
        assert "Traceback" not in answer.words
        return answer.json

    def ask(self, *arguments: str | Path) -> Any:
        """Do as `good` in this process, for what only reads and is asked often."""
        words = [*map(str, arguments), "--json", "--home", str(self.home)]
        out, err = io.BytesIO(), io.BytesIO()
        with _streams(out, err):
            code = run(words, _no_window)
        assert code == 0, err.getvalue()
        assert b"Traceback" not in err.getvalue()
        return json.loads(out.getvalue().splitlines()[-1])


@contextmanager
def _streams(out: io.BytesIO, err: io.BytesIO) -> Iterator[None]:
    """Have the program write there in this process, with the environment of one of its own.

    Its logging goes there meanwhile, too.
    """
    log = logging.getLogger("photosearch")
    handlers, level = list(log.handlers), log.level
    words, hints = (io.TextIOWrapper(each, "utf-8", write_through=True) for each in (out, err))
    with pytest.MonkeyPatch.context() as patched, redirect_stdout(words), redirect_stderr(hints):
        for name in [name for name in os.environ if name.startswith("PHOTOSEARCH_")]:
            patched.delenv(name)
        log.handlers.clear()
        try:
            yield
        finally:
            log.handlers[:] = handlers
            log.setLevel(level)
            for each in (words, hints):
                each.detach()  # else its end would close what was written


def _no_window(_home: str | None, _flags: dict[str, str], _paths: list[str]) -> int:
    raise AssertionError("a question opens no window")


def copy_photos(sources: Iterable[Path], target: Path) -> Path:
    """Copy photos into one folder, writable whatever the originals are."""
    target.mkdir(parents=True, exist_ok=True)
    for source in sources:
        shutil.copyfile(source, target / source.name)
    return target
