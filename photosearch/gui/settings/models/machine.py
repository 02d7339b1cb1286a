"""Which models fit this machine's memory."""

from __future__ import annotations

# Beside the model live the window, the decoders, the index and the rest of the desktop; the
# presets are recommended by the same share (`photosearch.models.offers`).
FOR_MODELS = 0.5


def memory_bytes() -> int:
    """Return the machine's memory; on a lane."""
    from photosearch.models.offers import machine_memory

    return machine_memory()


def fits(needed_bytes: int, memory: int) -> bool:
    """Whether a model that needs so much runs beside everything else; unknown counts as yes."""
    return not needed_bytes or not memory or needed_bytes <= memory * FOR_MODELS
