"""Whatever was said, exported and imported where nothing was said, is said there just so.

A second time nothing more comes, and into a library in which other things were said nothing of
them is lost.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from face_world import FaceWorld
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch.errors import UsageError
from photosearch.people.people import People
from photosearch.store import Store
from photosearch.store.keeping.bringing import bring
from photosearch.store.keeping.document import Document
from photosearch.store.keeping.gathering import gather
from photosearch.store.keeping.text import lines, parse
from photosearch.types import Box, Brought, FaceId, FacePackInfo, ModelKey, PersonId, PhotoId

PACK = FacePackInfo("faces", "", ModelKey("faces"), "insightface", 8, 0)
NAMES = ("Anna", "anna ", "Ben", "Çem")
PHOTOS = (2, 1, 3, 1, 1, 2)  # faces on each
Said = tuple[set[Any], ...]


class Spoken:
    """A library with the same photos as any other, in another order, and what a user says in it."""

    def __init__(self, store: Store, order: random.Random) -> None:
        self.store = store
        self.people = People(store, lambda: PACK, lambda: 0.5)
        self.world = FaceWorld(store)
        numbers = list(range(len(PHOTOS)))
        order.shuffle(numbers)
        self.faces = [
            face
            for number in numbers
            for face in self.world.photo_with(f"{number}.jpg", *range(PHOTOS[number]))
        ]

    def say(self, chance: random.Random, count: int) -> None:
        """Say things at random; what makes no sense is refused."""
        for _ in range(count):
            some = chance.sample(self.faces, chance.randint(1, 3))
            who = chance.choice([*(each.id for each in self.people.list(hidden=True)), 999])
            with suppress(UsageError):
                self.do(chance, some, PersonId(who))

    def do(self, chance: random.Random, some: list[FaceId], who: PersonId) -> None:
        people, name = self.people, chance.choice(NAMES)
        photo = PhotoId(chance.randint(1, len(PHOTOS)))
        deeds = (
            lambda: people.name_faces(some, name),
            lambda: people.name_faces(some, name),
            lambda: people.rename(who, chance.choice([*NAMES, ""])),
            lambda: people.move(some, chance.choice([None, who])),
            lambda: people.confirm(some, who),
            lambda: people.reject(some, who),
            lambda: people.dismiss(some[:1]),
            lambda: people.draw(photo, Box(chance.random() / 2, 0.8, 0.1, 0.1), name),
            lambda: people.set_hidden([who], chance.random() < 0.5),
            lambda: people.set_strangers([who], chance.random() < 0.5),
            lambda: people.set_cover(who, some[0]),
            lambda: people.set_birthday(who, chance.choice(["1990-01-01", "1991-01-01"])),
            people.undo,
            lambda: self.store.favourites.set([photo], chance.random() < 0.7),
        )
        chance.choice(deeds)()

    def document(self) -> Document:
        with closing(self.store.database.apart()) as db:
            db.execute("BEGIN")
            return parse("".join(lines(gather(db))).encode())

    def take(self, document: Document) -> Brought:
        """Import a document, after a rehearsal that must tell the same."""
        journal, database = self.store.journal, self.store.database
        rehearsed, done = (
            bring(database, journal, document, "Import", lambda _done, _of: None, rehearse=only)
            for only in (True, False)
        )
        assert rehearsed == done
        return done[0]

    def said(self) -> Said:
        """Return what a user can tell the loss of, without numbers: who is known by their faces."""
        with self.store.database.reading() as db:
            where = {
                id_: (hash_, round(x, 4), round(y, 4))
                for id_, hash_, x, y in db.execute(
                    "SELECT l.id, p.hash, l.x, l.y FROM place l JOIN photo p ON p.id = l.photo"
                )
            }
            verdicts = db.execute("SELECT place, person, says, source FROM verdict").fetchall()
            stood: dict[int, set[Any]] = {}
            for place, person, says, _ in verdicts:
                if says == "is":
                    stood.setdefault(person, set()).add(where[place])
            rows = db.execute(
                "SELECT id, name, hidden, stranger, birthday, cover FROM person"
            ).fetchall()
            known = {
                row[0]: row[1] or frozenset(stood[row[0]])
                for row in rows
                if row[1] or row[0] in stood
            }
            people = {
                (known[id_], hidden, stranger, birthday, where.get(cover))
                for id_, _, hidden, stranger, birthday, cover in rows
                if id_ in known
            }
            said = {
                (where[place], known.get(person), says, source)
                for place, person, says, source in verdicts
                if says == "no face" or person in known
            }
            liked = {
                row[0]
                for row in db.execute(
                    "SELECT p.hash FROM favourite f JOIN photo p ON p.id = f.photo"
                )
            }
        return people, said, liked


@contextmanager
def spoken(order: random.Random) -> Iterator[Spoken]:
    with tempfile.TemporaryDirectory(prefix="transfer-") as place:
        store = Store.open(Path(place) / "library.db")
        try:
            yield Spoken(store, order)
        finally:
            store.close()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_what_was_said_there_is_said_here(seed: int) -> None:
    chance = random.Random(seed)
    with spoken(chance) as there, spoken(chance) as here:
        there.say(chance, chance.randint(1, 25))
        document = there.document()
        before = here.said()
        brought = here.take(document)
        assert here.said() == there.said()
        assert brought.conflicts == ()
        journal = here.store.journal
        if journal.history().undo:
            after = here.said()
            assert journal.undo() == "Import"
            assert here.said() == before
            assert journal.redo() == "Import"
            assert here.said() == after
        assert here.take(document) == Brought()
        assert there.take(here.document()) == Brought()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_nothing_that_was_said_here_is_lost(seed: int) -> None:
    chance = random.Random(seed)
    with spoken(chance) as there, spoken(chance) as here:
        there.say(chance, chance.randint(1, 25))
        here.say(chance, chance.randint(1, 25))
        document = there.document()
        with here.store.database.reading() as db:
            verdicts = db.execute("SELECT id, place, person, says FROM verdict").fetchall()
            people = db.execute("SELECT id, name, birthday, cover FROM person").fetchall()
            liked = db.execute("SELECT photo FROM favourite").fetchall()
        here.take(document)
        with here.store.database.reading() as db:
            for row in verdicts:
                assert (
                    db.execute(
                        "SELECT id, place, person, says FROM verdict WHERE id = ?", row[:1]
                    ).fetchone()
                    == row
                )
            for id_, *said in people:
                now = db.execute("SELECT name, birthday, cover FROM person WHERE id = ?", (id_,))
                for was, is_ in zip(said, now.fetchone(), strict=True):
                    assert not was or was == is_
            assert set(liked) <= set(db.execute("SELECT photo FROM favourite").fetchall())
            assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        after = here.said()
        here.take(document)
        assert here.said() == after
