"""The library file: what the user said and what was observed. Only this room knows SQL."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from photosearch.store.database import Database
from photosearch.store.drives import Drives
from photosearch.store.embeddings import Embeddings
from photosearch.store.faces import Faces
from photosearch.store.failures import Failures
from photosearch.store.favourites import Favourites
from photosearch.store.files import Files
from photosearch.store.folders import Folders, place_in
from photosearch.store.grouped import Grouped
from photosearch.store.journal import Journal
from photosearch.store.membership import Membership
from photosearch.store.model_table import ModelTable
from photosearch.store.persons import Persons
from photosearch.store.photos import Photos
from photosearch.store.portraits import Portraits
from photosearch.store.words import Words
from photosearch.types import PhotoId


@dataclass(frozen=True, slots=True)
class Store:
    """The tables, each behind the one class that knows it."""

    database: Database
    folders: Folders
    drives: Drives
    files: Files
    photos: Photos
    embeddings: Embeddings
    words: Words
    failures: Failures
    favourites: Favourites
    faces: Faces
    people: Membership
    persons: Persons
    portraits: Portraits
    journal: Journal
    grouped: Grouped
    models: ModelTable

    @classmethod
    def open(cls, path: Path) -> Store:
        """Open or create the library at `path`; `StoreError` says why it cannot be used."""
        database = Database(path)
        return cls(
            database=database,
            folders=Folders(database),
            drives=Drives(database),
            files=Files(database),
            photos=Photos(database),
            embeddings=Embeddings(database),
            words=Words(database),
            failures=Failures(database),
            favourites=Favourites(database),
            faces=Faces(database),
            people=Membership(database),
            persons=Persons(database),
            portraits=Portraits(database),
            journal=Journal(database),
            grouped=Grouped(database),
            models=ModelTable(database),
        )

    def find(self, path: bytes) -> PhotoId | None:
        """Return the photo that a file on disk is known to show."""
        for root in self.folders.roots():
            place = place_in(root, path)
            photo = self.files.photo_at(root.id, *place) if place else None
            if photo is not None:
                return photo
        return None

    def close(self) -> None:
        self.database.close()


__all__ = ["Store"]
