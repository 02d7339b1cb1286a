"""A language for tests: English with accents, longer by half, read from right to left.

What is cut, does not turn round, or is not marked as a message shows at once.
"""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

TEMPLATE = Path(__file__).resolve().parents[2] / "resources" / "locale" / "photosearch.pot"
LETTERS = str.maketrans("aeiouyAEIOUYnsc", "áéíóúýÁÉÍÓÚÝñšç")
FILLER = " lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor" * 4
RIGHT_TO_LEFT = "\u200f"


def write(below: Path, code: str) -> None:
    """Write the catalogue of the language below a folder, under the code of another one."""
    with TEMPLATE.open("rb") as stream:
        template = read_po(stream)
    catalog = Catalog(code)
    for message in template:
        if message.id:
            forms = (message.id,) if isinstance(message.id, str) else tuple(message.id)
            said = tuple(longer(form) for form in forms)
            if len(said) > 1:
                said = (said[0], *said[1:] * (catalog.num_plurals - 1))
            catalog.add(message.id, said if len(said) > 1 else said[0], context=message.context)
    file = below / code / "LC_MESSAGES" / "photosearch.mo"
    file.parent.mkdir(parents=True)
    with file.open("wb") as stream:
        write_mo(stream, catalog)


def longer(text: str) -> str:
    """Return a text half as long again, with its places and what a shortcut follows as it was."""
    said, tab, key = text.partition("\t")
    pieces = re.split(r"(\{\w*\})", said)
    accented = "".join(p if p.startswith("{") else p.translate(LETTERS) for p in pieces)
    end = re.search(r"[.…!?:]?\s*$", accented)
    at = end.start() if end else len(accented)
    more = FILLER[: max(3, len(said) // 2)].rstrip()
    return f"{RIGHT_TO_LEFT}{accented[:at]}{more}{accented[at:]}{tab}{key}"
