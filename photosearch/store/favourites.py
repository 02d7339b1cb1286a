"""Favourites: what the user marked. Never deleted but by the user."""

from __future__ import annotations

from collections.abc import Sequence

from photosearch.store.database import Database
from photosearch.store.hearing import heard
from photosearch.types import PhotoId


class Favourites:
    """The table `favourite`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def set(self, photos: Sequence[PhotoId], value: bool) -> None:
        """Mark or unmark photos; unknown photos are passed over."""
        with self._database.transaction() as db:
            heard(db)
            if value:
                db.executemany(
                    "INSERT OR IGNORE INTO favourite (photo) SELECT id FROM photo WHERE id = ?",
                    [(int(photo),) for photo in photos],
                )
            else:
                db.executemany(
                    "DELETE FROM favourite WHERE photo = ?", [(int(photo),) for photo in photos]
                )

    def count(self) -> int:
        with self._database.reading() as db:
            return int(
                db.execute(
                    "SELECT count(*) FROM favourite v JOIN photo p ON p.id = v.photo"
                    " WHERE p.files > 0"
                ).fetchone()[0]
            )
