"""How many pictures a second go through an encoder, and how many at once suit it best.

Bounded: a slow model is measured with few pictures rather than for minutes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

BATCHES = (1, 2, 4, 8, 16, 32)
BUDGET_S = 4.0  # for one precision
_LEAST_S = 0.25  # measured no shorter than this: the clock and other programs disturb
_WORTH = 1.03  # a larger batch must gain this much: it also makes queries wait longer

Run = Callable[[int], object]  # puts so many pictures through
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Timed:
    """The batch that suits, and how fast it is."""

    per_second: float
    batch: int
    smaller: tuple[Timed, ...] = ()  # what else was measured below it, the next smaller one first


def best_batch(
    run: Run,
    batches: tuple[int, ...] = BATCHES,
    budget_s: float = BUDGET_S,
    clock: Clock = time.perf_counter,
) -> Timed:
    """Try batches from small to large and return the smallest that is about as fast as the best.

    What `run` raises for the smallest batch is raised; a larger one that fails ends the search.
    """
    began = clock()
    speeds: dict[int, float] = {}
    for batch in batches:
        try:
            speeds[batch] = per_second(run, batch, clock)
        except MemoryError:
            if not speeds:
                raise
            break
        spent = clock() - began
        if spent + spent > budget_s and speeds:  # the next takes about as long as all so far
            break
    fastest = max(speeds.values())
    chosen = next(batch for batch, speed in speeds.items() if speed * _WORTH >= fastest)
    below = (batch for batch in reversed(speeds) if batch < chosen)
    return Timed(speeds[chosen], chosen, tuple(Timed(speeds[batch], batch) for batch in below))


def per_second(run: Run, batch: int, clock: Clock = time.perf_counter) -> float:
    """Return pictures a second at one batch size: the best of several runs after a first one."""
    began = clock()
    run(batch)  # memory is laid out for this size, and on a graphics card kernels are chosen
    first = clock() - began
    if first > 4 * _LEAST_S:  # so long that the layout does not matter
        return batch / first
    best = float("inf")
    spent = 0.0
    while spent < _LEAST_S or (spent < 3 * best and spent < 4 * _LEAST_S):
        began = clock()
        run(batch)
        took = max(clock() - began, 1e-9)
        best = min(best, took)
        spent += took
    return batch / best
