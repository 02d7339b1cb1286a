"""The table of `photosearch models catalogue`."""

from __future__ import annotations

from photosearch.cli.getting import _row
from photosearch.gui.text import file_size
from photosearch.types import ModelKind, ModelOffer, OfferState


def test_memory_is_said_in_the_unit_of_the_window() -> None:
    made = ModelOffer("m", ModelKind.SEARCH, "m", OfferState.AVAILABLE, memory_bytes=3_221_225_472)
    assert _row(made)[4] == file_size(made.memory_bytes) == "3.2 GB"
