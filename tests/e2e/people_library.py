"""A library of people and groups, made once; tests that change something take a copy."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photosearch.library import Library
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import Person, PersonFace

from .program import Program

NAMES = {"person_01": "Anna Smith", "person_05": "Ben", "person_03": "Rose"}


@dataclass(frozen=True, slots=True)
class PeopleLibrary:
    """A home, and the photos it knows: `people/` and `groups/` as in the shared test photos."""

    program: Program
    folder: Path

    def list(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self.program.ask("people", "list")
        return listed

    def show(self, who: str | int) -> list[dict[str, Any]]:
        shown: list[dict[str, Any]] = self.program.ask("people", "show", str(who))
        return shown

    def photos_of(self, who: str | int) -> list[str]:
        """Return the photos of a person, by paths inside the folder, sorted."""
        return sorted(os.path.relpath(face["path"], self.folder) for face in self.show(who))

    def named(self) -> dict[str, list[str]]:
        """Return the photos of everybody who has a name."""
        return {
            person.name: sorted(os.path.relpath(face.path, self.folder) for face in faces)
            for person, faces in self.read()
            if person.name
        }

    def everybody(self) -> dict[int, list[PersonFace]]:
        """Return the faces of all people and groups, hidden or not."""
        return {person.id: faces for person, faces in self.read()}

    def read(self) -> list[tuple[Person, list[PersonFace]]]:
        """Return all people and groups with their faces.

        Read in this process: to start the program for each of them takes long.
        """
        paths = Paths.below(self.program.home)
        settings = SettingsStore(paths.settings_file, environment={})
        library = Library(paths, settings, own_engine=False)
        try:
            found = library.people.list(hidden=True)
            return [(person, list(library.people.faces(person.id))) for person in found]
        finally:
            library.close()

    def owner_of(self, photo: str) -> int:
        """Return who the one face on a photo belongs to."""
        wanted = str(self.folder / photo)
        (owner,) = (
            person
            for person, faces in self.everybody().items()
            if any(face.path == wanted for face in faces)
        )
        return owner

    def found(self, *arguments: str) -> list[str]:
        """Return the photos a search finds, best first, by paths inside the folder."""
        answer = self.program.ask("search", *arguments, "--limit", "500")
        return [os.path.relpath(row["path"], self.folder) for row in answer["results"]]

    def copy(self, place: Path) -> PeopleLibrary:
        """Copy home and photos, so that both may be changed."""
        shutil.copytree(self.program.home, place / "home")
        shutil.copytree(self.folder, place / "photos")
        with closing(sqlite3.connect(place / "home" / "library.db")) as db:
            db.execute("UPDATE folder SET path = ?", (os.fsencode(place / "photos"),))
            db.commit()
        return PeopleLibrary(Program(place / "home"), place / "photos")


def make(place: Path, photos: Path, models: Path, sources: Iterable[str]) -> PeopleLibrary:
    """Index some of the shared photos, with faces and vectors for search."""
    library = PeopleLibrary(Program(place / "home"), place / "photos")
    for source in sources:
        for path in sorted((photos / source).rglob("*")):
            if path.is_file():
                target = library.folder / path.relative_to(photos)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
    library.program.good("models", "add", models / "standin-clip")
    library.program.good("models", "add", models / "standin-faces")
    report = library.program.good("index", library.folder)
    assert report["failed"] == []
    return library
