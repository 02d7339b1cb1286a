"""Waiting for a slow or broken network without ever making the user wait to stop.

Blocking calls happen in threads of their own, which hold nothing and may be left behind.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from photosearch.errors import ModelError
from photosearch.types import Check

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")
LOOK_S = 0.1  # how long a wish to stop may go unnoticed


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the hub is waited for."""

    first_s: float = 1.0  # the first pause after a setback; each next one is twice as long
    longest_s: float = 60.0
    tries: int = 8  # setbacks in a row, without a byte between them
    tries_at_first: int = 3  # before anything has come: probably there is no network at all
    connect_s: float = 15.0
    read_s: float = 30.0  # silence in the middle of a file
    asked_s: float = 3600.0  # the longest wait the hub may ask for


class Setback(Exception):  # noqa: N818  (not the end: it is tried again)
    """Something that may pass: a cut connection, a busy hub."""

    def __init__(self, sentence: str, wait_s: float | None = None, *, gained: bool = False) -> None:
        """`wait_s` is what the hub asks for; `gained`: bytes came before it happened."""
        super().__init__(sentence)
        self.wait_s = wait_s
        self.gained = gained


class _Call(threading.Thread, Generic[_Result]):
    """One blocking call; daemonic, as it may outlive whoever asked."""

    def __init__(self, call: Callable[[], _Result]) -> None:
        super().__init__(name="hub-call", daemon=True)
        self._call = call
        self.outcome: list[_Result] = []
        self.problem: BaseException | None = None

    def run(self) -> None:
        try:
            self.outcome.append(self._call())
        except BaseException as error:  # noqa: BLE001  (raised again where it was asked for)
            self.problem = error


def interruptible(call: Callable[[], _Result], check: Check) -> _Result:
    """Return what a blocking call returns; `check` may end the waiting at any time."""
    thread = _Call(call)
    thread.start()
    while thread.is_alive():
        check()
        thread.join(LOOK_S)
    if thread.problem is not None:
        raise thread.problem
    return thread.outcome[0]


def pause(seconds: float, check: Check) -> None:
    """Wait; `check` may end it at any time."""
    end = time.monotonic() + seconds
    idle = threading.Event()
    while (left := end - time.monotonic()) > 0:
        check()
        idle.wait(min(LOOK_S, left))
    check()


def steadily(
    attempt: Callable[[], _Result],
    patience: Patience,
    tries: int,
    check: Check,
    note: Callable[[str], None],
) -> _Result:
    """Try until it works; after `tries` setbacks in a row ModelError says what is wrong."""
    setbacks = 0
    while True:
        try:
            result = attempt()
        except Setback as setback:
            setbacks = 1 if setback.gained else setbacks + 1
            if setbacks > tries:
                raise ModelError(f"{setback} What has come is kept; try again later.") from setback
            wait_s = setback.wait_s
            if wait_s is None:
                wait_s = min(patience.first_s * 2 ** (setbacks - 1), patience.longest_s)
            wait_s = min(wait_s, patience.asked_s)
            _log.info("%s Trying again in %.1f s.", setback, wait_s)
            note(f"{setback} Trying again in {max(1, round(wait_s))} s.")
            pause(wait_s, check)
        else:
            note("")
            return result
