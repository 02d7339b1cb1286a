"""Whether typed words mean something: a row's text, a section.

Knows letters only.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

ANYWHERE = 3  # a term of so many letters may stand within a word


def folded(text: str) -> str:
    """Return a text without case and accents, and with blanks for what joins words."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return "".join(sign if sign.isalnum() else " " for sign in plain)


def terms(typed: str) -> tuple[str, ...]:
    """Return what was typed as terms, all of which must be found."""
    return tuple(folded(typed).split())


def matches(wanted: Iterable[str], *texts: str) -> bool:
    """Say whether every term stands in one of the texts; short ones only at a word's beginning."""
    hay = " " + " ".join(folded(text) for text in texts)
    return all((term if len(term) >= ANYWHERE else " " + term) in hay for term in wanted)
