"""What the grid knows of single photos: loaded in pages around the rows in sight, bounded.

Knows which ids were asked for and which came; does not know where they come from.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal

from photosearch.types import Ids, PhotoId, PhotoSummary

Deliver = Callable[[Sequence[PhotoSummary]], None]
# Starts loading and returns at once; `deliver` must be called in this thread, with () on failure.
FetchSummaries = Callable[[tuple[PhotoId, ...], Deliver], None]
KEPT = 20_000
PER_FETCH = 512
AT_ONCE = 2


class Summaries(QObject):
    """A bounded store of summaries that fills itself around what is in sight.

    What was loaded before `mark_stale` still answers, and is asked for again when in sight.
    """

    arrived = Signal(object)  # tuple[PhotoId, ...] whose summary is new or changed

    def __init__(self, fetch: FetchSummaries, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fetch = fetch
        self._kept: OrderedDict[PhotoId, PhotoSummary] = OrderedDict()
        self._asked: set[PhotoId] = set()  # asked since the last `mark_stale`
        self._wanted: list[PhotoId] = []
        self._running = 0
        self._round = 0
        self._said: dict[PhotoId, tuple[bool, int]] = {}  # favourites just set, and the round

    def get(self, photo: PhotoId) -> PhotoSummary | None:
        """Return what is known of a photo; loads nothing."""
        return self._kept.get(photo)

    def among(self, photos: Sequence[PhotoId] | Ids) -> list[PhotoSummary]:
        """Return what is known of some photos; quick even for a million of them."""
        if len(photos) <= len(self._kept):
            asked = np.asarray(photos, np.int64).tolist()
            return [s for photo in asked if (s := self._kept.get(PhotoId(photo))) is not None]
        kept = np.fromiter(self._kept, np.int64, len(self._kept))
        hit = kept[np.isin(kept, np.asarray(photos, np.int64))]
        return [self._kept[PhotoId(photo)] for photo in hit.tolist()]

    def want(self, photos: Iterable[PhotoId]) -> None:
        """Say which photos are in sight, most urgent first; replaces what was wanted before."""
        self._wanted = [photo for photo in photos if photo not in self._asked]
        self._go_on()

    def want_too(self, photos: Iterable[PhotoId]) -> None:
        """Ask for photos that are out of sight as well, after those in sight."""
        waiting = set(self._wanted)
        self._wanted += [p for p in photos if p not in self._asked and p not in waiting]
        self._go_on()

    def mark_stale(self) -> None:
        """Ask for everything again the next time it is in sight."""
        self._asked = set()
        self._round += 1

    def put(self, summaries: Iterable[PhotoSummary]) -> tuple[PhotoId, ...]:
        """Keep summaries and return the ids for which something changed."""
        changed = []
        for summary in summaries:
            if self._kept.get(summary.id) != summary:
                changed.append(summary.id)
            self._kept[summary.id] = summary
            self._kept.move_to_end(summary.id)
        while len(self._kept) > KEPT:
            gone, _summary = self._kept.popitem(last=False)
            self._asked.discard(gone)
        return tuple(changed)

    def set_favourite(self, photos: Sequence[PhotoId] | Ids, value: bool) -> tuple[PhotoId, ...]:
        """Change what is known at once, before the library has written it."""
        known = self.among(photos)
        self._said |= dict.fromkeys((summary.id for summary in known), (value, self._round))
        return self.put(replace(summary, favourite=value) for summary in known)

    def _go_on(self) -> None:
        while self._running < AT_ONCE and self._wanted:
            batch = tuple(self._wanted[:PER_FETCH])
            self._wanted = self._wanted[PER_FETCH:]
            self._asked.update(batch)
            self._running += 1
            self._fetch(batch, partial(self._on_fetched, self._round))

    def _on_fetched(self, asked_in: int, found: Sequence[PhotoSummary]) -> None:
        self._running -= 1
        found = [self._as_said(summary, asked_in) for summary in found]
        if asked_in == self._round:
            changed = self.put(found)
        else:  # asked before the last change: good only where nothing is known yet
            changed = self.put(s for s in found if s.id not in self._kept)
        if changed:
            self.arrived.emit(changed)
        self._go_on()

    def _as_said(self, summary: PhotoSummary, asked_in: int) -> PhotoSummary:
        """Let a click win over an answer that may have been read before it was written."""
        value, said_in = self._said.get(summary.id, (summary.favourite, asked_in))
        if value == summary.favourite or asked_in > said_in + 1:
            self._said.pop(summary.id, None)
            return summary
        return replace(summary, favourite=value)
