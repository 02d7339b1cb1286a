"""What can be switched off folder by folder, as a condition in SQL."""

from __future__ import annotations

from typing import Literal


def switched_on(photo: str, switch: Literal["faces", "search"]) -> str:
    """Return what is true of a photo (its number in SQL) in a folder where something is on.

    Of the folders that a photo is in one suffices. Costs nothing where it is on in all folders.
    """
    return (
        f"(NOT EXISTS (SELECT 1 FROM folder WHERE {switch} = 0)"
        " OR EXISTS (SELECT 1 FROM file w JOIN folder y ON y.id = w.folder"
        f" WHERE w.photo = {photo} AND w.state <> 'gone' AND y.{switch} = 1))"
    )
