"""Scanning folders of which one may hang: it is left behind, and the others have their turn.

Knows when a scan is given up; what a scan does `plan` knows.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from photosearch.errors import Cancelled
from photosearch.indexing.plan import ScanCount
from photosearch.media.answering import Answering, sentence
from photosearch.store import Store
from photosearch.store.folders import Root
from photosearch.types import Check

ASK_S = 10.0  # a scan that was quiet for so long may hang: its folder is asked
GIVE_UP_S = 300.0  # no directory takes so long: a drive inside the folder hangs
_LOOK_S = 0.1
_GOODBYE_S = 1.0

Scan = Callable[[ScanCount, Check], None]


class _Attempt:
    """One scan on a thread of its own, which may never end."""

    def __init__(self, scan: Scan, check: Check) -> None:
        self._scan = scan
        self._check = check
        self.count = ScanCount()
        self.heard = time.monotonic()  # from the scan
        self.resting = False  # while the run is paused
        self._given_up = False
        self._error: BaseException | None = None
        self._done = threading.Event()
        threading.Thread(target=self._run, name="scan", daemon=True).start()

    def over(self, within_s: float) -> bool:
        """Whether it came to its end; raises what it ended with."""
        if not self._done.wait(within_s):
            return False
        if self._error is not None:
            raise self._error
        return True

    def give_up(self, within_s: float = 0.0) -> None:
        """Let it end at its next step, whenever that may be; wait a little for that."""
        self._given_up = True
        self._done.wait(within_s)

    def _run(self) -> None:
        try:
            self._scan(self.count, self._next)
        except BaseException as error:  # noqa: BLE001 - it belongs to who waits for this
            self._error = error
        finally:
            self._done.set()

    def _next(self) -> None:
        if self._given_up:
            raise Cancelled("The folder answered too late.")
        self.resting = True
        try:
            self._check()
        finally:
            self.resting = False
            self.heard = time.monotonic()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long folders are waited for in a run."""

    store: Store
    check: Check
    answering: Answering
    ask_s: float = ASK_S

    def scan(self, root: Root, count: ScanCount, scan: Scan) -> None:
        """Scan one root; where it does not answer it goes offline, and a notice says so."""
        if not self.answering.answers(root.path):
            self._leave(root, count)
            return
        attempt = _Attempt(scan, self.check)
        try:
            if not self._ended(attempt, root):
                attempt.give_up()
                self._leave(root, count)
                return
        except BaseException:
            attempt.give_up(_GOODBYE_S)
            raise
        count.found += attempt.count.found
        count.unchanged += attempt.count.unchanged
        count.gone += attempt.count.gone
        count.offline += attempt.count.offline
        count.notices += attempt.count.notices

    def _ended(self, attempt: _Attempt, root: Root) -> bool:
        """Wait for the end of a scan; False once its folder does not answer any more."""
        asked = time.monotonic()
        while not attempt.over(_LOOK_S):
            now = time.monotonic()
            if now - attempt.heard >= _GOODBYE_S:
                self.check()  # the scan may be past hearing that the run was called off
            if now - max(attempt.heard, asked) < self.ask_s or attempt.resting:
                continue
            if now - attempt.heard > GIVE_UP_S or not self.answering.answers(root.path):
                return False
            asked = time.monotonic()
        return True

    def _leave(self, root: Root, count: ScanCount) -> None:
        self.store.folders.set_seen(root.id, offline=True)
        count.offline.append(root.id)
        count.notices.append(sentence(os.fsdecode(root.path)))
