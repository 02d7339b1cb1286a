"""Names of people that what is being typed may become."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from photosearch.search.names import Key, Name, Names, key_of, words_of
from photosearch.search.parsing import QUOTES, parse, quote
from photosearch.types import Completion, PersonId

LIMIT = 8
_WORDS_BACK = 4  # of an unfinished name
_OPEN_VALUE = re.compile(
    rf"(?:^|(?<=[\s(,;]))[-−–]?(?:person|only):[ \t]*([{QUOTES}]?)([^{QUOTES}]*)$", re.IGNORECASE
)


def complete(
    text: str, cursor: int, names: Names, photos: Callable[[], dict[PersonId, int]]
) -> tuple[Completion, ...]:
    """Return the names that the word at the cursor may become, the likeliest first.

    `photos` tells how many photos there are of each person; it is asked only when names fit.
    """
    head = text[:cursor]
    value, quoted_from = _OPEN_VALUE.search(head), _open_quote(head)
    if value is not None and quoted_from == (value.start(1) if value[1] else None):
        found = _fitting(names, key_of(value[2]), hidden=True)
        if found and (value[1] or not _is_done(value[2], names)):
            end = _value_end(text, cursor, quoted=bool(value[1]))
            return _completions(found, value.start(1), end, names, photos, written=True)
    if quoted_from is not None:
        return ()
    words = words_of(head)
    if not words or words[-1].end != cursor or (cursor < len(text) and text[cursor].isalnum()):
        return ()
    for count in range(min(_WORDS_BACK, len(words)), 0, -1):
        run = words[-count:]
        if any(head[a.end : b.start].strip(" .'’-") for a, b in pairwise(run)):
            continue
        key = tuple(word.folded for word in run)
        if count == 1 and len(key[0]) < 2 and key[0].isascii():  # any letter begins some name
            return ()
        if found := _fitting(names, key, hidden=False):
            return _completions(found, run[0].start, cursor, names, photos, written=False)
    return ()


def _fitting(names: Names, key: Key, *, hidden: bool) -> list[tuple[bool, Name]]:
    """Return the names that fit, each with whether it begins so."""
    if not key:
        return [(True, name) for name in names.all if name.open] if hidden else []
    return [(first, name) for name, first in names.fitting(key) if name.open or hidden]


def _completions(
    found: list[tuple[bool, Name]],
    start: int,
    end: int,
    names: Names,
    photos: Callable[[], dict[PersonId, int]],
    *,
    written: bool,
) -> tuple[Completion, ...]:
    if not found:
        return ()
    counts = photos()
    found.sort(key=lambda each: (not each[0], -counts.get(each[1].person, 0), each[1].name))
    return tuple(
        Completion(start, end, _form(name, names, written), name.person, name.name, count)
        for _, name in found[:LIMIT]
        for count in [counts.get(name.person, 0)]
    )


def _form(name: Name, names: Names, written: bool) -> str:
    """Return what to write for a person: the bare name where that means them and nobody else."""
    if written:
        return name.name if name.name.isalnum() else quote(name.name)
    understood = parse(name.name, names)
    alone = [mention.person for mention in understood.mentions] == [name.person]
    return name.name if alone and not understood.words else f"person:{quote(name.name)}"


def _is_done(value: str, names: Names) -> bool:
    """Whether a value without quotes is a whole name and a blank follows it."""
    return value[-1:].isspace() and names.is_full(value)


def _open_quote(head: str) -> int | None:
    """Return where a quote begins that is still open: what is typed there are words, no names."""
    opened: int | None = None
    for at, character in enumerate(head):
        if character not in QUOTES or (opened is not None and head[at - 1] == "\\"):
            continue
        if opened is not None:
            opened = None
        elif at == 0 or not head[at - 1].isalnum():
            opened = at
    return opened


def _value_end(text: str, cursor: int, *, quoted: bool) -> int:
    """Return where the unfinished value at the cursor ends, with the quote that closes it."""
    end = cursor
    while end < len(text) and (text[end].isalnum() or text[end] in "'’-"):
        end += 1
    return end + 1 if quoted and end < len(text) and text[end] in QUOTES else end
