"""What the core says, in the user's language.

The core, its processes, the log and the command line speak English, and the library keeps reasons
as they were said.  Catalogues hold the core's sentences as templates ("There is no file {path}.");
here a sentence is recognised by its template when it is shown.  One that is not stays English.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import count

from PySide6.QtCore import QLocale

from photosearch.gui.language import CORE, Catalogue, words

_PLACE = re.compile(r"\{(\w*)\}")
_BETWEEN = re.compile(r"(?<=[.!?]) (?=[A-Z“])")  # one sentence ends, another begins
_NAME = re.compile(r"[A-Z]\w*")
_DECIMAL = re.compile(r"\d+\.\d")  # a measure, as the core writes it
_LEAST = 3  # letters that a template must have beside its places
# What says more was not written for a label: a decoder or a runtime may say anything, and the
# window waits. It stays as it is.
_LONGEST = 2000  # signs
_MOST = 20  # sentences
_DEEPEST = 4  # sayings in sayings


def told(sentence: str) -> str:
    """Return what the core said in the user's language, with its names and numbers."""
    known = words()
    if not isinstance(known, Catalogue) or not sentence:
        return sentence
    if len(sentence) > _LONGEST:
        return _looked_up(known, sentence) or sentence
    return _told(known, sentence, _DEEPEST)


@lru_cache(maxsize=512)
def _told(known: Catalogue, text: str, deep: int) -> str:
    """Go through the sentences once, and take as many as can be recognised in one."""
    exact = _looked_up(known, text)
    if exact is not None:
        return exact
    parts = _BETWEEN.split(text)
    if not deep or len(parts) > _MOST:
        return text
    said: list[str] = []
    while parts:
        many, words_ = _recognised(known, parts, deep)
        said.append(words_)
        parts = parts[many:]
    return " ".join(said)


def _recognised(known: Catalogue, parts: list[str], deep: int) -> tuple[int, str]:
    """Return with how many sentences something begins that the core says, and that in the user's
    language; the first sentence as it is where there is none.
    """
    loose: tuple[int, tuple[str, dict[str, str]]] | None = None
    for many in range(len(parts), 0, -1):
        text = " ".join(parts[:many])
        exact = _looked_up(known, text)
        if exact is not None:
            return many, exact
        match = _matched(known, text)
        if match is None:
            continue
        if not any(_BETWEEN.search(value) for value in match[1].values()):
            return many, _filled(known, *match, deep)
        loose = many, match  # it may have swallowed what stands for itself: the fewer the better
    return (loose[0], _filled(known, *loose[1], deep)) if loose else (1, parts[0])


def _looked_up(known: Catalogue, text: str) -> str | None:
    said = known.gettext(CORE + text)
    return None if said == CORE + text else said


def _matched(known: Catalogue, text: str) -> tuple[str, dict[str, str]] | None:
    for template, longest in _templates(known):
        if longest in text and (values := _values(template, text)):
            return template, values
    return None


def _values(template: str, text: str) -> dict[str, str] | None:
    """Return what stands in the places of a template; None where the text is no such sentence.

    Each place takes as little as it can, so the text is read once, whatever it says.
    """
    (first, *between, last), names = _cut(template)
    at, end = len(first), len(text) - len(last)
    if not text.startswith(first) or not text.endswith(last):
        return None
    values: dict[str, str] = {}
    for name, piece in zip(names, (*between, None), strict=True):
        found = end if piece is None else text.find(piece, at + 1, end)
        if found <= at or values.setdefault(name, text[at:found]) != text[at:found]:
            return None
        at = found + len(piece or "")
    return values


def _filled(known: Catalogue, template: str, values: dict[str, str], deep: int) -> str:
    """Put the values in; one may itself be something that the core said, or somebody's name."""
    places = count()

    def value(place: re.Match[str]) -> str:
        text = values[place[1] or f"place_{next(places)}"]
        if _DECIMAL.fullmatch(text) and "version" not in place[1]:
            return text.replace(".", QLocale().decimalPoint())
        return text if _NAME.fullmatch(text) else _told(known, text, deep - 1)

    return _PLACE.sub(value, _looked_up(known, template) or template)


@lru_cache(maxsize=4)
def _templates(known: Catalogue) -> tuple[tuple[str, str], ...]:
    """Return the templates, those that say most first, each with its longest piece of text."""
    pieces = {template: _PLACE.split(template)[::2] for template in known.templates()}
    telling = [
        template
        for template, parts in pieces.items()
        if sum(sign.isalpha() for part in parts for sign in part) >= _LEAST
    ]
    telling.sort(key=lambda template: -sum(map(len, pieces[template])))
    return tuple((template, max(pieces[template], key=len)) for template in telling)


@lru_cache(maxsize=512)
def _cut(template: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the pieces of text of a template, and the names of the places between them."""
    places = count()
    parts = _PLACE.split(template)
    names = (name or f"place_{next(places)}" for name in parts[1::2])
    return tuple(parts[::2]), tuple(names)
