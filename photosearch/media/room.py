"""Large pictures ask for room before they are unpacked: a decoder is one of several.

Knows how much a picture takes, from its header; who has room to give is set by whoever decodes.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import ImageFile

ASKED_FROM = 8_000_000  # pixels, 32 MB of them: what is smaller does not matter


def _enough(pixels: int) -> None:
    """Let a picture be unpacked at once."""


# Called with a number of pixels, returns when there is room for them.
room: ContextVar[Callable[[int], None]] = ContextVar("room", default=_enough)


def wait_for_room(source: ImageFile.ImageFile, size: tuple[int, int]) -> None:
    """Wait until an opened picture may be unpacked; `size` is that of its header."""
    # A JPEG may be unpacked smaller, but all of a progressive one is held on the way.
    width, height = size if source.info.get("progressive") else source.size
    if width * height > ASKED_FROM:
        room.get()(width * height)
