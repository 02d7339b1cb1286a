"""What a missing model would be good for, in words for the card and the banner that offer it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """What a model would be good for, what it takes, and where to find one."""

    title: str
    text: str
    source: str


SEARCH_OFFER = Offer(
    "PhotoSearch can also find photos by what they show.",
    "For that it needs a search model.",
    "You choose one, and it is downloaded once from huggingface.co.",
)
PACK_OFFER = Offer(
    "PhotoSearch can find the people on your photos.",
    "For that it needs a face pack: a model that finds faces and tells them apart.",
    "You choose one, and it is downloaded once from huggingface.co.",
)
BOTH_OFFER = Offer(
    "PhotoSearch can also find photos by what they show, and the people on them.",
    "For that it needs two models: a search model, and a face pack.",
    "You choose them, and they are downloaded once from huggingface.co.",
)


def offer_of(has_model: bool, has_pack: bool) -> Offer | None:
    """Return what to offer to somebody who has these models."""
    if has_model:
        return None if has_pack else PACK_OFFER
    return SEARCH_OFFER if has_pack else BOTH_OFFER
