"""Names of people, and who is meant by a part of one. Knows nothing of searches."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from photosearch.names import fold, plain
from photosearch.types import PersonId

# Words that begin no name of their own: alone they mean nobody.
SMALL = frozenset(
    "a an and as at by de del der di die du for in la le of on or the to van von with".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Name:
    """A person as far as a search text can mean them; `open`: the bare name means them."""

    person: PersonId
    name: str
    open: bool = True  # neither hidden nor a stranger


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text and where it stands, folded for comparing."""

    start: int
    end: int
    folded: str


Key = tuple[str, ...]


def words_of(text: str) -> list[Word]:
    """Return the words of a text; accents written apart belong to their letters."""
    found: list[Word] = []
    start: int | None = None
    for at, character in enumerate(text + " "):
        if character.isalnum() or (start is not None and unicodedata.category(character)[0] == "M"):
            start = at if start is None else start
        elif start is not None:
            found.append(Word(start, at, plain(text[start:at])))
            start = None
    return found


def key_of(name: str) -> Key:
    return tuple(word.folded for word in words_of(name))


@dataclass(slots=True)
class _Entry:
    """Who is called so in full, and whose name begins so."""

    full: list[Name] = field(default_factory=list)
    begins: list[Name] = field(default_factory=list)


class Names:
    """Who is called what, made once from all names and asked at every key press."""

    def __init__(self, names: Iterable[Name]) -> None:
        self.all = tuple(name for name in names if name.name.strip())
        self._keys = [(key_of(name.name), name) for name in self.all]
        self._exact: dict[str, list[Name]] = defaultdict(list)
        self._entries: dict[Key, _Entry] = defaultdict(_Entry)
        self._longest: dict[str, int] = {}
        parts: list[tuple[str, Key, Name]] = []
        for key, name in self._keys:
            self._exact[fold(name.name)].append(name)
            for at in range(len(key)):
                parts.append((key[at], key[at:], name))
                self._entries[key[: at + 1]].begins.append(name)
            if key:
                self._entries[key].full.append(name)
                self._longest[key[0]] = max(len(key), self._longest.get(key[0], 0))
        self._parts = sorted(parts, key=lambda part: part[0])
        self._starts = [part[0] for part in self._parts]

    def longest(self, first: str) -> int:
        """Return how many words the longest name has that begins with this word."""
        return self._longest.get(first, 0)

    def bare(self, key: Key, text: str) -> tuple[Name, ...]:
        """Return who may be meant by words in a text: a full name, or how names begin."""
        entry = self._entries.get(key)
        if entry is None:
            return ()
        full = [name for name in entry.full if name.open]
        same = [name for name in full if fold(name.name) == fold(text)]
        if same or full:
            return tuple(same or full) if _telling(key, full=True) else ()
        begins = [name for name in entry.begins if name.open]
        return _unique(begins) if _telling(key, full=False) else ()

    def written(self, text: str) -> tuple[Name, ...]:
        """Return who may be meant by what stands after `person:`, the nearest reading only."""
        if found := self._exact.get(fold(text)):
            return tuple(found)
        key = key_of(text)
        if not key:
            return ()
        entry = self._entries.get(key)
        parts = list(self.beginning(key))
        inside = [name for part, name in parts if part[: len(key)] == key]
        nearest = [*((entry.full, entry.begins) if entry else ()), inside, [n for _, n in parts]]
        likely = _unique(next((names for names in nearest if names), []))
        return tuple(name for name in likely if name.open) or likely

    def is_full(self, text: str) -> bool:
        """Whether somebody is called exactly so, case and accents aside."""
        entry = self._entries.get(key_of(text))
        return bool(entry and entry.full) or fold(text) in self._exact

    def fitting(self, key: Key) -> list[tuple[Name, bool]]:
        """Return whose names have words like these, each with whether the name begins so."""
        found: dict[PersonId, tuple[Name, bool]] = {}
        for part, name in self.beginning(key):
            first = part == key_of(name.name)
            if first or name.person not in found:
                found[name.person] = (name, first)
        return list(found.values())

    def beginning(self, key: Key) -> Iterator[tuple[Key, Name]]:
        """Yield the names with words like these somewhere, the last word perhaps unfinished."""
        if not key:
            return
        at = bisect_left(self._starts, key[0])
        while at < len(self._parts) and self._starts[at].startswith(key[0]):
            _, part, name = self._parts[at]
            if _begins(part, key):
                yield part, name
            at += 1


def _begins(part: Key, key: Key) -> bool:
    last = len(key) - 1
    return len(part) > last and part[:last] == key[:last] and part[last].startswith(key[last])


def _telling(key: Key, *, full: bool) -> bool:
    """Whether words are more than small ones or a letter, which stand in any sentence."""
    if not full and key[-1] in SMALL:  # "Ludwig van" is not yet anybody
        return False
    return any(word not in SMALL and (len(word) > 1 or not word.isascii()) for word in key)


def _unique(names: Sequence[Name]) -> tuple[Name, ...]:
    return tuple({name.person: name for name in names}.values())
