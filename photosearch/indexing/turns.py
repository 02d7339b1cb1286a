"""The model stages of a run: photos just looked at in turns, and all the rest at the end."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from photosearch.errors import Cancelled, ModelError, PhotoSearchError
from photosearch.indexing.stages import ModelStage
from photosearch.indexing.tools import Tools
from photosearch.indexing.working import work_off
from photosearch.store.embeddings import PendingPhoto
from photosearch.types import PhotoId, Stage

_log = logging.getLogger(__name__)
_CHUNK = 512
_SOON = 64  # photos after which somebody may look in between
GROUP_AFTER_S = 3.0  # a small library is grouped in no time: people appear soon
_GROUP_SHARE = 10  # grouping during a run takes no more than this part of the time


class Turns:
    """One stage: asks what waits, works it off, and gives up when its model is no good."""

    def __init__(
        self,
        tools: Tools,
        stage: ModelStage[Any, Any],
        wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        """`wanted` says whether the user still wants what the stage makes."""
        self._tools = tools
        self._stage = stage
        self._wanted = wanted
        self._left_over = stage.pending_count()  # once: it walks through all photos
        self.trouble = ""  # why the stage was given up

    def of_turn(self, photos: Sequence[int], files: int) -> None:
        """Work off photos just looked at; `files` still wait to be."""
        pending = self._stage.pending_among(photos)
        if pending and self._wanted():
            self._tools.reporter.stage(self._stage.shown_as, len(pending) + files + self._left_over)
            self._try(pending)

    def of_the_rest(self, grouping: Grouping | None = None) -> None:
        """Work off whatever else waits, such as all photos for a new model.

        With `grouping`, that is asked every few dozen photos whether it is its time.
        """
        waiting = 0 if self.trouble else self._stage.pending_count()
        last = PhotoId(0)

        def photos() -> Iterator[PendingPhoto]:
            nonlocal last, waiting
            taken = 0
            while pending := self._stage.pending(last, _SOON if grouping else _CHUNK):
                self._tools.check()
                if not self._wanted():
                    break
                if not taken:
                    self._tools.reporter.stage(self._stage.shown_as, waiting)
                yield from pending
                taken += len(pending)
                last = pending[-1].id
                if grouping and grouping.is_due:
                    break
            waiting = max(0, waiting - taken)

        before = None
        while not self.trouble and last != before:
            before = last
            self._try(photos())
            if grouping:
                grouping.now_and_then()

    def _try(self, pending: Iterable[PendingPhoto]) -> None:
        """Work off some photos; what ends the stage is kept in `trouble`."""
        if self.trouble:
            return
        try:
            work_off(self._tools, self._stage, pending)
            self._stage.finish()
        except ModelError as error:
            if not self._wanted():  # it was given up meanwhile, and the engine knows it already
                return
            _log.warning("stage %s stopped: %s", self._stage.stage, error)
            self.trouble = str(error)
            self._tools.reporter.note = self._tools.reporter.note or self.trouble


class Grouping:
    """Finds out now and then during a run, and at its end, whose the new faces are."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._faces = 0  # found when last grouped
        self._wait_s = GROUP_AFTER_S
        self._ended = time.monotonic()

    @property
    def is_due(self) -> bool:
        return time.monotonic() - self._ended >= self._wait_s

    def now_and_then(self) -> None:
        """Group if faces were found since, and if it is time."""
        if self.is_due and self._tools.reporter.faces != self._faces:
            self.at_the_end()

    def at_the_end(self) -> None:
        """Group whatever is new: faces, or what the user said."""
        tools = self._tools
        if tools.group is None:
            return
        began = time.monotonic()
        tools.reporter.stage(Stage.GROUP, 0)
        try:
            tools.group(tools.reporter.pass_on, tools.check)
        except Cancelled:
            raise
        except PhotoSearchError as error:  # the next run groups again
            _log.warning("the faces were not grouped: %s", error)
        found = tools.reporter.faces
        tools.reporter.step(0, changed=found > self._faces)
        self._faces, self._ended = found, time.monotonic()
        self._wait_s = max(GROUP_AFTER_S, _GROUP_SHARE * (self._ended - began))
