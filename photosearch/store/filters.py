"""A filter on photos as a condition in SQL, for every query that takes one."""

from __future__ import annotations

from photosearch.store.places import in_sight, shown
from photosearch.types import FolderId, PhotoFilter

NO_FILTER = PhotoFilter()
# Everything below lies between "dir/" and "dir0", the character after the slash.
_BELOW = "f.folder = ? AND (f.dir = ? OR (f.dir > ? AND f.dir < ?))"
_PHOTOS_OF = f"(SELECT photo FROM membership m WHERE owner = ? AND {in_sight('m.photo')})"
# A face on photo `p` that is none of some people: somebody else's, or nobody's so far. Whose faces
# are was found by the pack of the last grouping.
_SOMEBODY_ELSE = (
    "SELECT 1 FROM place l LEFT JOIN membership m ON m.place = l.id"
    " WHERE l.photo = p.id AND (m.owner IS NULL OR m.owner NOT IN ({marks}))"
    f" AND {shown('(SELECT model FROM grouped)')}"
)


def condition(which: PhotoFilter) -> tuple[str, list[object]]:
    """Return a condition on photo `p` (present ones only) and its values."""
    parts = ["p.files > 0"]
    values: list[object] = []
    if which.favourites:
        parts.append("p.id IN (SELECT photo FROM favourite)")
    if which.folder is not None and not which.dir:
        # A folder may hold a million photos: asking of each costs less than listing them.
        parts.append(
            "EXISTS (SELECT 1 FROM file f"
            " WHERE f.photo = p.id AND f.folder = ? AND f.state <> 'gone')"
        )
        values.append(which.folder)
    elif which.folder is not None and which.dir:
        parts.append(
            f"p.id IN (SELECT photo FROM file f WHERE {_BELOW} AND state <> 'gone'"
            " AND photo IS NOT NULL)"
        )
        values += _below(which.folder, which.dir)
    for person in which.people:
        parts.append(f"p.id IN {_PHOTOS_OF}")
        values.append(person)
    for person in which.without:
        parts.append(f"p.id NOT IN {_PHOTOS_OF}")
        values.append(person)
    if which.only:
        marks = ", ".join("?" * len(which.people))
        parts.append(f"NOT EXISTS ({_SOMEBODY_ELSE.format(marks=marks)})")
        values += which.people
    return " AND ".join(parts), values


def elsewhere(which: PhotoFilter) -> tuple[str, list[object]]:
    """Return an expression, 1 where file `f` is not in the folder of a filter, and its values."""
    if which.folder is None:
        return "0", []
    if not which.dir:
        return "f.folder <> ?", [which.folder]
    return f"NOT ({_BELOW})", _below(which.folder, which.dir)


def _below(folder: FolderId, directory: bytes) -> list[object]:
    return [folder, directory, directory + b"/", directory + b"0"]
