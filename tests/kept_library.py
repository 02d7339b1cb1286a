"""A library with names, verdicts and favourites in it, made once a test and opened as a user does:
damaged, it is mended."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from indexing_world import PACK, World

from photosearch.names import fold
from photosearch.store.keeping.keeper import Keeper
from photosearch.store.saying import PersonRow, Says
from photosearch.types import PhotoId

NAMES = ("Anna", "Bêla", "Çem")
PHOTOS = 30


@dataclass(frozen=True, slots=True)
class Said:
    """What a user can tell the loss of: who is where on which photo, and what is a favourite."""

    people: frozenset[tuple[str, bool, str | None]]  # name, hidden, birthday
    verdicts: frozenset[tuple[bytes, float, str, str | None]]  # hash, x of the box, says, name
    covers: frozenset[tuple[str, bytes, float]]
    favourites: frozenset[bytes]
    folders: frozenset[tuple[bytes, int, int, str]]


class KeptLibrary:
    """A library below `place`, with a folder of pretended photos beside it."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.path = place / "library.db"
        self.folder = place / "photos"
        self.keeper: Keeper | None = None
        place.mkdir(parents=True, exist_ok=True)

    def open(self) -> World:
        """Open it, mended where that is needed."""
        self.keeper = Keeper(self.path)
        self.world = World(self.place, self.keeper.store)
        self.world.pack = PACK
        self.world.engine.library = self.keeper.store
        return self.world

    def close(self) -> None:
        if self.keeper is not None:
            self.world.thumbs.close()
            self.world.face_thumbs.close()
            self.keeper.close()
            self.keeper = None

    def abandon(self) -> None:
        """Leave it as a program does that is killed: nothing is copied, nothing tidied up."""
        assert self.keeper is not None
        self.keeper._occupancy._release()
        self.world.thumbs.close()
        self.world.face_thumbs.close()
        self.keeper.store.close()
        self.keeper = None

    @property
    def notices(self) -> str:
        assert self.keeper is not None
        return " ".join(self.keeper.notices)

    def fill(self) -> World:
        """Index photos with two faces each, and say things of some of them."""
        world = self.open()
        for number in range(PHOTOS):
            world.write(self.folder / "a" / f"{number:02}.jpg", f"{number} faces 2")
        world.add(self.folder)
        world.index()
        self.say()
        return world

    def say(self) -> None:
        world = self.world
        places = [row[0] for row in world.ask("SELECT id FROM place ORDER BY id")]
        for number, name in enumerate(NAMES):
            self.name(name, places[number], hidden=number == 2)
        self.verdict(places[5], "is", "Anna")
        self.verdict(places[6], "is not", "Anna")
        self.verdict(places[7], "no face", None)
        photos = [PhotoId(row[0]) for row in world.ask("SELECT id FROM photo ORDER BY id LIMIT 9")]
        world.store.favourites.set(photos, True)
        folder = world.store.folders.all()[0].id
        world.store.folders.set_exclude(folder, ["*.tmp"])
        world.store.folders.set_search(folder, False)

    def name(self, name: str, place: int, *, hidden: bool = False) -> None:
        """Name a face, which then stands for the person."""
        with self.world.store.journal.action() as saying:
            number = saying.new_number()
            saying.title = f"Name {name}"
            saying.put_person(
                PersonRow(number, name, fold(name), hidden, False, "1980-02-03", place)
            )
            saying.say(place, number, "is", "face")
            saying.own([place])

    def verdict(self, place: int, says: Says, name: str | None) -> None:
        with self.world.store.journal.action() as saying:
            saying.title = "Say"
            person = saying.person_named(fold(name)) if name else None
            saying.say(place, person.id if person else None, says, "face")
            saying.own([place])

    def said(self) -> Said:
        ask = self.world.ask
        where = "FROM place l JOIN photo p ON p.id = l.photo"
        return Said(
            people=frozenset(ask("SELECT name, hidden > 0, birthday FROM person")),
            verdicts=frozenset(
                ask(
                    f"SELECT p.hash, round(l.x, 4), v.says, (SELECT name FROM person WHERE id ="
                    f" v.person) {where} JOIN verdict v ON v.place = l.id"
                )
            ),
            covers=frozenset(
                ask(f"SELECT o.name, p.hash, round(l.x, 4) {where} JOIN person o ON o.cover = l.id")
            ),
            favourites=frozenset(self.world.favourites()),
            folders=frozenset(ask("SELECT path, faces, search, exclude FROM folder")),
        )

    def overwrite(self, start: int, data: bytes) -> None:
        """Write over a part of the file that nobody has open."""
        with self.path.open("r+b") as file:
            file.seek(start)
            file.write(data)

    def pages_of(self, table: str) -> list[int]:
        """Return the pages that hold rows of a table, or entries of an index."""
        with closing(sqlite3.connect(self.path)) as db:
            try:
                rows = db.execute(
                    "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf'", (table,)
                ).fetchall()
                return [row[0] for row in rows]
            except sqlite3.OperationalError:  # this SQLite was built without it
                query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
                return [db.execute(query, (table,)).fetchone()[0]]

    @property
    def page_bytes(self) -> int:
        return int.from_bytes(self.path.read_bytes()[16:18], "big")

    def zero(self, page: int) -> None:
        self.overwrite((page - 1) * self.page_bytes, bytes(self.page_bytes))

    def asides(self) -> list[Path]:
        return sorted(self.place.glob("library-damaged-*.db"))
