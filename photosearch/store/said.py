"""What the user said of photos: the tables that hold it, and how it follows a picture.

Code never deletes it on its own; a photo of which something was said is kept, whatever
happens to its files.
"""

from __future__ import annotations

import sqlite3

from photosearch.store.places import SPOKEN, copy_places
from photosearch.store.turning import Turn

# The format of a photo of which only what was said is known: its file is yet to be looked at.
NOT_LOOKED_AT = ""
# Each by its columns beside `photo`, the photo it is said of.
SAID = {"favourite": ("at",)}

# True of a photo `p` of which the user said something, or did until it was taken back.
ANYTHING = " OR ".join(
    [f"EXISTS (SELECT 1 FROM {table} WHERE photo = p.id)" for table in SAID]
    + ["EXISTS (SELECT 1 FROM action_change WHERE kind = 'favourite' AND row = p.id)"]
    + [f"EXISTS (SELECT 1 FROM place l WHERE l.photo = p.id AND {SPOKEN})"]
)


def copy(db: sqlite3.Connection, old: int, new: int, turn: Turn | None = None) -> None:
    """Say of one photo what was said of another, which it shows turned, where that is known.

    What was said of it already stays.
    """
    for table, columns in SAID.items():
        names = ", ".join(columns)
        db.execute(
            f"INSERT OR IGNORE INTO {table} (photo, {names})"
            f" SELECT ?, {names} FROM {table} WHERE photo = ?",
            (new, old),
        )
    copy_places(db, old, new, turn)
