"""What the core says, in the user's language.

The core, its processes, the log and the command line speak English, and the library keeps reasons
as they were said.  Catalogues hold the core's sentences as templates ("There is no file {path}.");
here a sentence is recognised by its template when it is shown.  One that is not stays English.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import count

from photosearch.gui.language import CORE, Catalogue, words

_PLACE = re.compile(r"\{(\w*)\}")
_BETWEEN = re.compile(r"(?<=[.!?]) (?=[A-Z“])")  # one sentence ends, another begins
_NAME = re.compile(r"[A-Z]\w*")
_LEAST = 3  # letters that a template must have beside its places


def told(sentence: str) -> str:
    """Return what the core said in the user's language, with its names and numbers."""
    known = words()
    return _told(known, sentence) if isinstance(known, Catalogue) and sentence else sentence


@lru_cache(maxsize=512)
def _told(known: Catalogue, text: str) -> str:
    exact = _looked_up(known, text)
    if exact is not None:
        return exact
    whole = _matched(known, text)
    if whole is not None and not any(_BETWEEN.search(value) for value in whole[1].values()):
        return _filled(known, *whole)
    parts = _BETWEEN.split(text)
    for at in range(len(parts) - 1, 0, -1):  # as much as can be recognised in one
        first, rest = " ".join(parts[:at]), " ".join(parts[at:])
        said = _told(known, first)
        if said != first:
            return f"{said} {_told(known, rest)}"
    if whole is not None:
        return _filled(known, *whole)
    return text if len(parts) < 2 else f"{parts[0]} {_told(known, ' '.join(parts[1:]))}"


def _looked_up(known: Catalogue, text: str) -> str | None:
    said = known.gettext(CORE + text)
    return None if said == CORE + text else said


def _matched(known: Catalogue, text: str) -> tuple[str, dict[str, str]] | None:
    for template, longest in _templates(known):
        if longest in text and (match := _pattern(template).fullmatch(text)):
            return template, match.groupdict()
    return None


def _filled(known: Catalogue, template: str, values: dict[str, str]) -> str:
    """Put the values in; one may itself be something that the core said, or somebody's name."""
    places = count()

    def value(place: re.Match[str]) -> str:
        text = values[place[1] or f"place_{next(places)}"]
        return text if _NAME.fullmatch(text) else _told(known, text)

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
def _pattern(template: str) -> re.Pattern[str]:
    places = count()
    seen: set[str] = set()

    def group(name: str) -> str:
        name = name or f"place_{next(places)}"
        if name in seen:
            return f"(?P={name})"
        seen.add(name)
        return f"(?P<{name}>.+?)"

    parts = _PLACE.split(template)
    made = [group(part) if at % 2 else re.escape(part) for at, part in enumerate(parts)]
    return re.compile("".join(made), re.DOTALL)
