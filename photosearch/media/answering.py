"""Whether a drive answers at all: on a network share that hangs every call waits for ever.

So a folder is asked on a thread of its own, which is left behind if no answer comes; there is
never more than one such thread for a folder.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ANSWER_S = 10.0  # a sleeping disk needs some seconds to wake up
FOLLOWS = "It counts as not plugged in until it does."

Ask = Callable[[bytes], object]


@dataclass(eq=False, slots=True)
class _Question:
    """What one folder was asked, and since when."""

    asked: float
    answered: threading.Event = field(default_factory=threading.Event)
    identity: tuple[int, int] | None = None  # which folder it is


class Answering:
    """Asks folders and never waits longer than it is told to; safe to use from any thread."""

    def __init__(self, ask: Ask | None = None, answer_s: float | None = None) -> None:
        """`ask` (`os.stat`) raises `OSError` for what is not there; it may never return."""
        self._ask: Ask = ask or os.stat
        self._answer_s = ANSWER_S if answer_s is None else answer_s
        self._lock = threading.Lock()
        self._open: dict[bytes, _Question] = {}  # without an answer yet

    def answers(self, folder: bytes, within_s: float | None = None) -> bool:
        """Whether a folder answers, be it that it is not there."""
        return self._put(folder, within_s) is not None

    def reaches(self, path: Path, within_s: float | None = None) -> bool:
        """Whether a folder answers, given as most of the program does."""
        return self.answers(os.fsencode(path), within_s)

    def identity(self, folder: bytes) -> tuple[int, int] | None:
        """Return which folder lies at a path now; None when none does, or it does not answer."""
        question = self._put(folder, None)
        return question.identity if question is not None else None

    def silent(self, folder: bytes) -> bool:
        """Whether a folder is known not to answer, without asking it anew."""
        with self._lock:
            question = self._open.get(folder)
        return question is not None and time.monotonic() - question.asked >= self._answer_s

    @property
    def any_open(self) -> bool:
        """Whether any folder has yet to answer."""
        return bool(self._open)

    def _put(self, folder: bytes, within_s: float | None) -> _Question | None:
        """Ask, or join who asked before; None when there is no answer in time."""
        within_s = self._answer_s if within_s is None else within_s
        with self._lock:
            question = self._open.get(folder)
            if question is None:
                question = self._open[folder] = _Question(time.monotonic())
                threading.Thread(
                    target=self._wait, args=(folder, question), name="asking", daemon=True
                ).start()
        left = question.asked + within_s - time.monotonic()
        return question if question.answered.wait(max(0.0, left)) else None

    def _wait(self, folder: bytes, question: _Question) -> None:
        try:
            found = self._ask(folder)
        except (OSError, ValueError):  # ValueError: a name with a NUL byte
            pass
        else:
            if isinstance(found, os.stat_result):
                question.identity = found.st_dev, found.st_ino
        finally:
            with self._lock:
                self._open.pop(folder, None)
            question.answered.set()


def sentence(folder: str) -> str:
    """Say that a folder does not answer."""
    return f"The folder {folder} does not answer. {FOLLOWS}"
