"""Which of the known people a few typed letters may mean."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from photosearch.search.names import fold
from photosearch.types import Person

SHOWN = 7


def same_name(one: str, other: str) -> bool:
    """Whether two names mean the same person to the library: case and width do not count."""
    return _key(one) == _key(other)


def matches(people: Iterable[Person], typed: str, limit: int = SHOWN) -> list[Person]:
    """Return who may be meant, best first: the name begins so, a word of it does, it has it."""
    wanted = fold(" ".join(typed.split()))
    if not wanted:
        return []
    found: list[tuple[int, int, str, Person]] = []
    for person in people:
        name = fold(person.name)
        at = name.find(wanted)
        if at < 0 or not person.name:
            continue
        rank = 0 if at == 0 else 1 if f" {wanted}" in name else 2
        found.append((rank, -person.photos, name, person))
    found.sort(key=lambda each: each[:3])
    return [person for *_rank, person in found[:limit]]


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", " ".join(name.split())).casefold()
