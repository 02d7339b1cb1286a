"""Loading the search model while the first photos are read: one core would wait for it later."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from photosearch.errors import PhotoSearchError

_log = logging.getLogger(__name__)


@contextmanager
def warming(load: Callable[[], None] | None) -> Iterator[None]:
    """Load in a thread of its own meanwhile; what fails is told by whoever needs the model."""
    if load is None:
        yield
        return
    thread = threading.Thread(target=_quietly, args=(load,), name="warm-model", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _quietly(load: Callable[[], None]) -> None:
    try:
        load()
    except PhotoSearchError as error:
        _log.info("the search model was not loaded beforehand: %s", error)
