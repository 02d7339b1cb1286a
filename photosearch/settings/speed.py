"""How much of the computer indexing may take, from what the settings say."""

from __future__ import annotations

import os
from dataclasses import dataclass

from photosearch.settings.schema import Settings


@dataclass(frozen=True, slots=True)
class Share:
    """What a run may use at once."""

    decoders: int  # processes that read photos
    threads: int  # of the processor, for the models; 0: one for each core


def share(settings: Settings, cores: int | None = None) -> Share:
    """Return what a run may use; numbers that the user chose hold, or are halved where they can be.

    Queries are not concerned: somebody waits for them.
    """
    cores = cores or os.cpu_count() or 1
    decoders, threads = settings.indexing.decoders, settings.devices.threads
    if settings.indexing.speed == "gentle":
        return Share(decoders or 1, 1)
    if settings.indexing.speed == "balanced":
        return Share(decoders or _half(cores), _half(threads or cores))
    return Share(decoders or cores, threads)


def _half(count: int) -> int:
    return max(1, count // 2)
