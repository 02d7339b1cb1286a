"""How far a run is: speed and time left, told at most ten times a second."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field

from photosearch.types import Progress, Report, Stage

INTERVAL_S = 0.1
_SPEED_OVER_S = 10.0


@dataclass(slots=True)
class _Counter:
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    marks: deque[tuple[float, int]] = field(default_factory=deque)


class Reporter:
    """Counts the stages of a run, which may take turns, and passes `Progress` on."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._counters: dict[Stage, _Counter] = {}
        self._stage: Stage | None = None
        self._since = 0.0
        self._told = 0.0
        self._changed = False
        self.failed = 0
        self.faces = 0  # found so far
        self.note = ""

    def stage(self, stage: Stage, left: int) -> None:
        """Begin a stage or come back to it, with `left` items still to do in it."""
        self._book()
        if self._changed:  # it is the stage before that changed something
            self._tell(force=True)
        self._stage = stage
        counter = self._counters.setdefault(stage, _Counter())
        counter.total = counter.done + left
        counter.marks.clear()  # the speed of a stage is measured while it runs
        self._tell(force=True)

    def step(self, count: int = 1, *, failed: int = 0, changed: bool = False) -> None:
        """Record items as done; `changed`: photos came, went or can be found now."""
        assert self._stage is not None
        counter = self._counters[self._stage]
        counter.done += count
        if counter.total:
            counter.total = max(counter.total, counter.done)
        self.failed += failed
        self._changed |= changed
        self._tell()

    def found(self, faces: int) -> None:
        """Record faces that were found."""
        self.faces += faces

    def pass_on(self, progress: Progress) -> None:
        """Tell the progress of something that counts for itself, within the current stage."""
        assert self._stage is not None
        counter = self._counters[self._stage]
        counter.done, counter.total = progress.done, progress.total
        self._changed |= progress.changed
        self._tell()

    def finish(self) -> dict[str, dict[str, float]]:
        """Tell the last state; return items and seconds per stage."""
        self._book()
        if self._stage is not None:
            self._tell(force=True)
        stages = {
            str(stage): {"done": counter.done, "seconds": round(counter.seconds, 3)}
            for stage, counter in self._counters.items()
        }
        if Stage.FACES in stages:
            stages[Stage.FACES]["found"] = self.faces
        return stages

    def _book(self) -> None:
        now = time.monotonic()
        if self._stage is not None:
            self._counters[self._stage].seconds += now - self._since
        self._since = now

    def _tell(self, *, force: bool = False) -> None:
        now = time.monotonic()
        assert self._stage is not None
        if not force and now - self._told < INTERVAL_S:
            return
        self._told = now
        counter = self._counters[self._stage]
        speed = _speed(counter, now)
        left = (counter.total - counter.done) / speed if speed and counter.total else None
        self._report(
            Progress(
                stage=self._stage,
                done=counter.done,
                total=counter.total,
                per_second=speed,
                seconds_left=left,
                failed=self.failed,
                changed=self._changed,
                note=self.note,
            )
        )
        self._changed = False


def _speed(counter: _Counter, now: float) -> float:
    counter.marks.append((now, counter.done))
    while now - counter.marks[0][0] > _SPEED_OVER_S and len(counter.marks) > 2:
        counter.marks.popleft()
    began, done = counter.marks[0]
    return (counter.done - done) / (now - began) if now > began else 0.0
