"""How names are written and compared."""

from __future__ import annotations

import unicodedata

_LONGEST = 200  # characters; a name is no story


def tidy(name: str) -> str:
    """Return a name as it is shown: without blanks around it or several in a row."""
    sound = name.encode("utf-8", "replace").decode("utf-8")
    plain = "".join(" " if unicodedata.category(c) == "Cc" else c for c in sound)
    return unicodedata.normalize("NFC", " ".join(plain.split()))[:_LONGEST].strip()


def fold(name: str) -> str:
    """Return a name for comparing: letters of either case and width are the same."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", tidy(name)).casefold())
    return " ".join(folded.split())
