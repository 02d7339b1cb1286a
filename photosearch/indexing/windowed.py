"""Work ahead of the consumer, but only so far: bounded memory whatever the length."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import TypeVar

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")


def windowed(
    executor: Executor,
    prepare: Callable[[_Item], _Made],
    items: Iterable[_Item],
    ahead: int,
) -> Iterator[tuple[_Item, _Made]]:
    """Yield (item, prepared item) in order, with at most `ahead` items in the executor.

    When the consumer stops early, what has not begun is cancelled and what has is awaited.
    """
    waiting: deque[tuple[_Item, Future[_Made]]] = deque()
    try:
        for item in items:
            waiting.append((item, executor.submit(prepare, item)))
            if len(waiting) >= ahead:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
    finally:
        for _, future in waiting:
            future.cancel()
        for _, future in waiting:
            if not future.cancelled():
                future.exception()
