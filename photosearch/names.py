"""How names are written and compared, the same everywhere: of people, and what a file is called."""

from __future__ import annotations

import unicodedata

_LONGEST = 200  # characters; a name is no story
# Letters that are a base letter with a stroke, which Unicode does not take apart.
_STROKES = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ð": "d", "þ": "th"}
)


# Marks that turn the reading direction of what follows, also outside of the name.
_TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def tidy(name: str) -> str:
    """Return a name as it is shown: without blanks around it or several in a row."""
    sound = name.encode("utf-8", "replace").decode("utf-8").translate(_TURNS)
    plain = "".join(" " if unicodedata.category(c) == "Cc" else c for c in sound)
    return unicodedata.normalize("NFC", " ".join(plain.split()))[:_LONGEST].strip()


def fold(name: str) -> str:
    """Return a name for comparing: letters of either case and width are the same."""
    if name.isascii() and name.isprintable():  # most names, in a fraction of the time
        return " ".join(name.split())[:_LONGEST].strip().lower()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", tidy(name)).casefold())
    return " ".join(folded.split())


def same(one: str, other: str) -> bool:
    """Whether two names mean the same person: case and width do not count, accents do."""
    return fold(one) == fold(other)


def plain(text: str) -> str:
    """Return `text` without case and accents. Vowel signs of Indian scripts are no accents."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(c for c in apart if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", kept.casefold()).translate(_STROKES)


def is_text(name: str) -> bool:
    """Whether the name of a file can be written down: it need not be text."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
