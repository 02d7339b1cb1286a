"""What another library says comes in: all of it once, over nothing that was said here."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from kept_library import PHOTOS, KeptLibrary, Said

from photosearch.errors import Cancelled
from photosearch.names import fold
from photosearch.store.keeping.bringing import bring
from photosearch.store.keeping.document import (
    Document,
    SaidFace,
    SaidPerson,
    SaidPhoto,
    SaidVerdict,
)
from photosearch.store.keeping.gathering import gather
from photosearch.store.purging import purge
from photosearch.store.saying import PersonRow
from photosearch.types import Box, Brought, Conflict, PhotoId

Open = Callable[[str], KeptLibrary]


@pytest.fixture
def new(tmp_path: Path) -> Iterator[Open]:
    made: list[KeptLibrary] = []

    def library(name: str) -> KeptLibrary:
        made.append(KeptLibrary(tmp_path / name))
        return made[-1]

    yield library
    for each in made:
        each.close()


@pytest.fixture
def there(new: Open) -> KeptLibrary:
    """A library with names in it, as on the other computer."""
    library = new("there")
    library.fill()
    return library


@pytest.fixture
def here(new: Open) -> KeptLibrary:
    """A library with the same photos under other names in which nothing was said yet."""
    library = new("here")
    put_photos(library)
    library.world.index()
    return library


def put_photos(library: KeptLibrary) -> None:
    world = library.open()
    for number in range(PHOTOS):
        world.write(library.folder / f"b{number % 3}" / f"x{number}.jpg", f"{number} faces 2")
    world.add(library.folder)


def document_of(library: KeptLibrary) -> Document:
    with closing(library.world.store.database.apart()) as db:
        db.execute("BEGIN")
        return gather(db)


def take(
    library: KeptLibrary, document: Document, *, rehearse: bool = False
) -> tuple[Brought, int, int]:
    store = library.world.store
    return bring(
        store.database,
        store.journal,
        document,
        "Import them",
        lambda _done, _of: None,
        rehearse=rehearse,
    )


def places_of(library: KeptLibrary) -> list[int]:
    """Return the two faces of each photo, the photos by the number in their content."""
    found = []
    for number in range(PHOTOS):
        photo = library.world.photo(f"{number} faces 2")
        rows_ = library.world.ask("SELECT id FROM place WHERE photo = ? ORDER BY x", photo)
        found += [row[0] for row in rows_]
    return found


def what_travels(said: Said) -> Said:
    return replace(said, folders=frozenset())


def rows(library: KeptLibrary) -> list[object]:
    tables = ("person", "verdict", "favourite", "place", "photo", "region", "action", "membership")
    return [library.world.ask(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]


# --- all of it comes ---


def test_all_that_was_said_is_said_here(there: KeptLibrary, here: KeptLibrary) -> None:
    brought, photos, waiting = take(here, document_of(there))
    assert what_travels(here.said()) == what_travels(there.said())
    assert brought == Brought(people=3, faces=6, favourites=9)
    assert (photos, waiting) == (9, 0)
    here.world.assert_sound()
    owned = here.world.ask(
        "SELECT count(*) FROM verdict v JOIN membership m ON m.place = v.place"
        " AND m.owner = v.person WHERE v.says = 'is'"
    )
    assert owned == [(4,)]


def test_before_the_photos_are_there(there: KeptLibrary, new: Open) -> None:
    here = new("here")
    put_photos(here)
    brought, photos, waiting = take(here, document_of(there))
    assert brought == Brought(people=3, waiting_faces=6, waiting_favourites=9)
    assert (photos, waiting) == (0, 9)
    for _ in purge(here.world.store.database):
        pass
    here.world.index()
    assert what_travels(here.said()) == what_travels(there.said())
    here.world.assert_sound()
    unseen = here.world.ask(
        "SELECT count(*) FROM verdict v WHERE NOT EXISTS"
        " (SELECT 1 FROM face f WHERE f.place = v.place)"
    )
    assert unseen == [(0,)], "each word is of a face that was found"
    assert take(here, document_of(there)) == (Brought(), 9, 0)


@pytest.mark.parametrize("indexed", [True, False])
def test_twice_changes_nothing_more(there: KeptLibrary, new: Open, indexed: bool) -> None:
    here = new("here")
    put_photos(here)
    if indexed:
        here.world.index()
    take(here, document_of(there))
    before = rows(here)
    assert take(here, document_of(there))[0] == Brought()
    assert take(here, document_of(here))[0] == Brought()
    assert rows(here) == before


def test_a_rehearsal_changes_nothing(there: KeptLibrary, here: KeptLibrary) -> None:
    before = rows(here)
    rehearsed = take(here, document_of(there), rehearse=True)
    assert rows(here) == before
    assert take(here, document_of(there)) == rehearsed


def test_others_write_while_it_is_rehearsed(there: KeptLibrary, here: KeptLibrary) -> None:
    document, store, wrote = document_of(there), here.world.store, 0
    with closing(sqlite3.connect(here.path, timeout=0, isolation_level=None)) as other:

        def write(_done: int, _of: int) -> None:
            nonlocal wrote
            other.execute("UPDATE folder SET offline = offline")
            wrote += 1

        bring(store.database, store.journal, document, "Import", write, rehearse=True)
    assert wrote >= 9


def test_photos_are_looked_up_many_at_once(there: KeptLibrary, here: KeptLibrary) -> None:
    document, asked = document_of(there), list[str]()
    with here.world.store.database.reading() as db:  # given back, it is the next to be lent
        db.set_trace_callback(asked.append)
    take(here, document)
    assert any(text.startswith("INSERT INTO verdict") for text in asked)
    assert sum("FROM photo WHERE" in text for text in asked) == 1


def test_cancelled_half_way_changes_nothing(there: KeptLibrary, here: KeptLibrary) -> None:
    before, document = rows(here), document_of(there)

    def stop(done: int, of: int) -> None:
        assert of == 9
        if done == 5:
            raise Cancelled("enough")

    store = here.world.store
    with pytest.raises(Cancelled):
        bring(store.database, store.journal, document, "Import", stop)
    assert rows(here) == before


def test_cancelled_when_all_is_written_changes_nothing(
    there: KeptLibrary, here: KeptLibrary
) -> None:
    before, document, store = rows(here), document_of(there), here.world.store

    def stop(_done: int, _of: int) -> None:
        with store.database.reading() as db:  # inside the import: what it wrote so far
            if db.execute("SELECT 1 FROM action WHERE title = 'Import'").fetchone() is not None:
                raise Cancelled("enough")

    with pytest.raises(Cancelled):
        bring(store.database, store.journal, document, "Import", stop)
    assert rows(here) == before


@pytest.mark.parametrize("indexed", [True, False])
def test_one_undo_takes_all_of_it_back(there: KeptLibrary, new: Open, indexed: bool) -> None:
    here = new("here")
    put_photos(here)
    if indexed:
        here.world.index()
    before = here.said()
    take(here, document_of(there))
    after = here.said()
    journal = here.world.store.journal
    assert journal.undo() == "Import them"
    assert here.said() == before
    assert journal.undo() is None
    for _ in purge(here.world.store.database):
        pass
    assert journal.redo() == "Import them"
    assert here.said() == after
    here.world.assert_sound()


# --- into a library in which something was said ---


def test_what_was_said_here_stays(there: KeptLibrary, here: KeptLibrary) -> None:
    places = places_of(here)
    here.name("Dora", places[0])  # there: Anna
    here.verdict(places[1], "no face", None)  # there: Bêla
    here.name("anna", places[9])
    with here.world.store.journal.action() as saying:
        saying.title = "Say"
        anna = saying.person_named("anna")
        assert anna is not None
        saying.say(places[2], anna.id, "is not", "face")  # there: Çem, which goes with it
        saying.put_person(replace(anna, birthday="1999-09-09"))
    here.world.store.favourites.set([PhotoId(30)], True)
    before = here.said()
    brought, _, _ = take(here, document_of(there))
    after = here.said()
    assert before.verdicts <= after.verdicts
    assert before.people <= after.people
    assert before.favourites < after.favourites
    assert before.covers <= after.covers
    photo = os.fsdecode(here.folder / "b0" / "x0.jpg")
    assert sorted(brought.conflicts, key=lambda each: each.here) == [
        Conflict("anna", "1999-09-09", "1980-02-03"),
        Conflict(photo, "Dora", "anna"),
        Conflict(photo, "no face", "Bêla"),
    ]
    said = {(name, says) for _, _, says, name in after.verdicts}
    assert ("Çem", "is") in said
    assert not any(name == "Bêla" for name, says in said)
    assert {name for name, _, _ in after.people} == {"Dora", "anna", "Bêla", "Çem"}
    again = rows(here)
    assert take(here, document_of(there))[0] == Brought(conflicts=brought.conflicts)
    assert rows(here) == again


def test_nobody_stands_for_somebody_else(there: KeptLibrary, here: KeptLibrary) -> None:
    """A face that is somebody else's here is nobody's picture because of what they say there."""
    places = places_of(here)
    here.name("Bob", places[0])  # there: Anna, with this face as her cover
    brought, _, _ = take(here, document_of(there))
    assert [(each.here, each.there) for each in brought.conflicts] == [("Bob", "Anna")]
    covers = dict(here.world.ask("SELECT name, cover FROM person"))
    assert covers == {"Bob": places[0], "Anna": None, "Bêla": places[1], "Çem": places[2]}


def test_no_place_is_made_for_a_cover(here: KeptLibrary) -> None:
    """Whose a face is that nobody spoke of was only found, there."""
    face = SaidFace(Box(0.7, 0.7, 0.1, 0.1), cover_of=(1,))
    for key in (here.world.ask("SELECT hash FROM photo ORDER BY id LIMIT 1")[0][0], b"1" * 20):
        before = here.world.ask("SELECT count(*) FROM place")
        photo = SaidPhoto(key, 1, 1, 1, faces=(face,))
        take(here, Document(people=(SaidPerson(1, "Anna"),), photos=(photo,)))
        assert here.world.ask("SELECT count(*) FROM place") == before
    assert here.world.ask("SELECT name, cover FROM person") == [("Anna", None)]


def test_not_here_and_there(there: KeptLibrary, here: KeptLibrary) -> None:
    """Whoever is said here not to be there is not, and the other way round."""
    places = places_of(here)
    here.name("Anna", places[20])
    here.verdict(places[0], "is not", "Anna")  # there: is
    here.verdict(places[6], "is", "Anna")  # there: is not
    brought, _, _ = take(here, document_of(there))
    assert {(each.here, each.there) for each in brought.conflicts} == {
        ("not Anna", "Anna"),
        ("Anna", "not Anna"),
    }


def test_a_word_of_a_file_gives_way(there: KeptLibrary, here: KeptLibrary) -> None:
    places = places_of(here)
    with here.world.store.journal.action() as saying:
        saying.title = "Read"
        for number, name in ((500, "Wrong"), (501, "Çem")):
            saying.put_person(PersonRow(number, name, fold(name)))
        saying.say(places[0], 500, "is", "file", called="wrong")
        saying.say(places[29], 501, "is", "file", called="çem")
    brought, _, _ = take(here, document_of(there))
    assert brought.conflicts == ()
    names = dict(here.world.ask("SELECT v.place, name FROM verdict v JOIN person p ON p.id=person"))
    assert names[places[0]] == "Anna"
    assert here.world.ask("SELECT hidden FROM person WHERE name = 'Çem'") == [(1,)], (
        "nobody here said that Çem is to be shown"
    )


@pytest.mark.parametrize("named", ["here", "there", "nowhere"])
def test_somebody_without_a_name(there: KeptLibrary, here: KeptLibrary, named: str) -> None:
    """Who has no name is known by the faces on which both say who it is."""
    for library, where in ((there, "there"), (here, "here")):
        places = places_of(library)
        name = "Zoë" if named == where else ""
        with library.world.store.journal.action() as saying:
            saying.title = "Say"
            saying.put_person(PersonRow(700, name, fold(name)))
            saying.say(places[40], 700, "is", "face")
            if where == "there":
                saying.say(places[42], 700, "is", "face")
            saying.own([places[40], places[42]])
    brought, _, _ = take(here, document_of(there))
    assert brought.conflicts == ()
    of_both = here.world.ask("SELECT count(*) FROM verdict WHERE person = 700 AND says = 'is'")
    assert of_both == [(2,)]
    assert here.world.ask("SELECT name FROM person WHERE id = 700") == [
        ("" if named == "nowhere" else "Zoë",)
    ]
    before = rows(here)
    assert take(here, document_of(there))[0] == Brought()
    assert rows(here) == before


def test_a_name_for_those_from_whom_a_face_was_moved(there: KeptLibrary, here: KeptLibrary) -> None:
    """To move a face says of the others that they are one, whose name the document knows."""
    theirs, ours = places_of(there), places_of(here)
    for face in (theirs[9], theirs[11]):
        there.verdict(face, "is", "Anna")
    here.name("Papa", ours[0])  # there: Anna
    with here.world.store.journal.action() as saying:
        saying.title = "Say"
        saying.put_person(PersonRow(700))
        saying.say(ours[0], 700, "is not", "face")
        for face in (ours[9], ours[11]):
            saying.say(face, 700, "is", "group")
    brought, _, _ = take(here, document_of(there))
    assert [(each.here, each.there) for each in brought.conflicts] == [("Papa", "Anna")]
    assert here.world.ask("SELECT name FROM person WHERE id = 700") == [("Anna",)]
    before = rows(here)
    take(here, document_of(there))
    assert rows(here) == before


# --- documents that nobody would write ---


def test_a_document_that_contradicts_itself(here: KeptLibrary) -> None:
    key = here.world.ask("SELECT hash FROM photo ORDER BY id LIMIT 1")[0][0]
    box = Box(0.1, 0.1, 0.2, 0.2)
    verdicts = (
        SaidVerdict("is", 1),
        SaidVerdict("is", 2),
        SaidVerdict("is not", 1),
        SaidVerdict("no face", None),
        SaidVerdict("is", 99),
    )
    document = Document(
        people=(
            SaidPerson(1, "Anna", birthday="no day"),
            SaidPerson(1, "Ben"),
            SaidPerson(2, "  "),
            SaidPerson(3, "BEN "),
        ),
        photos=(
            SaidPhoto(key, -1, -1, -1, favourite="", faces=(SaidFace(box, verdicts, (1, 99)),) * 3),
            SaidPhoto(key, 1, 1, 1, faces=(SaidFace(box, frame=7),)),
        ),
    )
    take(here, document)
    here.world.assert_sound()
    before = rows(here)
    take(here, document)
    assert rows(here) == before
    assert here.world.ask("SELECT count(*) FROM person WHERE folded = 'ben'") == [(1,)]
    per_place = here.world.ask("SELECT count(*) FROM verdict WHERE says <> 'is not' GROUP BY place")
    assert all(count == (1,) for count in per_place)
    assert here.world.store.journal.undo() == "Import them"
    assert here.said().verdicts == frozenset()


def test_the_journal_of_an_older_library_comes_along(tmp_path: Path) -> None:
    """What could be undone before can be undone after the library got its new format."""
    from photosearch.store import Store
    from photosearch.store.migrating import create

    path = tmp_path / "library.db"
    with closing(create(path, 3)) as db:
        db.executescript(
            "INSERT INTO photo (id, hash, bytes, width, height, format)"
            " VALUES (1, x'01', 1, 1, 1, 'JPEG');"
            "INSERT INTO place (id, photo, x, y, width, height) VALUES (1, 1, 0, 0, 1, 1);"
            "INSERT INTO person (id, name, folded, at) VALUES (1, 'Anna', 'anna', '2026-01-01');"
            "INSERT INTO action (id, title) VALUES (4, 'Name Anna');"
            "INSERT INTO action_change VALUES (4, 0, 'person', 1, NULL, '{}', NULL),"
            " (4, 1, 'kept', 1, NULL, NULL, 1);"
        )
    store = Store.open(path)
    try:
        assert store.journal.undo() == "Name Anna"
        with store.database.transaction() as db:
            assert db.execute("SELECT count(*) FROM person").fetchone() == (0,)
            with pytest.raises(sqlite3.IntegrityError):
                db.execute("DELETE FROM place")  # an undone action keeps it
    finally:
        store.close()
