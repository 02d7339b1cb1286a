"""What the user says of people: every verb, how words meet, and undo."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from face_world import FaceWorld, face

from photosearch.errors import UsageError
from photosearch.names import fold, tidy
from photosearch.people.people import People
from photosearch.store import Store
from photosearch.types import Box, FaceId, FacePackInfo, ModelKey, PersonId, PhotoFilter, PhotoId

PACK = FacePackInfo("faces", "", ModelKey("faces"), "insightface", 8, 0)


class Naming:
    """A library with faces and the verbs on them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.world = FaceWorld(store)
        self.people = People(store, lambda: PACK, lambda: 0.5)

    def group(self, *names: str, who: int = 1) -> tuple[PersonId, list[FaceId]]:
        """Add photos of somebody that grouping found to be one."""
        faces = [self.world.photo_with(name, who)[0] for name in names]
        return PersonId(self.world.group(*faces)), faces

    def of(self, person: PersonId) -> set[FaceId]:
        return {found.id for found in self.people.faces(person)}

    def state(self) -> tuple[object, ...]:
        with self.store.database.reading() as db:
            return tuple(
                db.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
                for table in ("person", "verdict", "membership")
            )


@pytest.fixture
def naming(tmp_path: Path) -> Iterator[Naming]:
    store = Store.open(tmp_path / "library.db")
    yield Naming(store)
    store.close()


def test_naming_a_group_makes_it_a_person_that_grouping_cannot_change(naming: Naming) -> None:
    group, faces = naming.group("a.jpg", "b.jpg")
    assert naming.people.get(group).group
    assert naming.people.rename(group, "  Anna \t Smith ") == group
    anna = naming.people.get(group)
    assert (anna.name, anna.faces, anna.photos, anna.group) == ("Anna Smith", 2, 2, False)
    other = naming.store.people.next_owner()
    naming.world.own(dict.fromkeys(faces, other), whole=True)
    naming.world.own({}, whole=True)
    assert naming.of(group) == set(faces)
    assert all(f.said and f.name == "Anna Smith" for f in naming.people.faces(group))
    with naming.store.database.transaction() as db:
        db.execute("DELETE FROM membership")
    naming.world.own({})
    assert naming.of(group) == set(faces), "whose faces are follows from what was said"


def test_a_name_that_somebody_has_merges(naming: Naming) -> None:
    anna, (a,) = naming.group("a.jpg")
    group, (b,) = naming.group("b.jpg")
    naming.people.rename(anna, "Anna")
    assert naming.people.rename(group, " ＡＮＮＡ ") == anna
    assert naming.of(anna) == {a, b}
    assert [p.id for p in naming.people.list()] == [anna]
    with pytest.raises(UsageError, match="no person"):
        naming.people.get(group)
    assert naming.people.history().undo == "Merge 1 person into Anna"
    naming.people.undo()
    assert naming.of(group) == {b}
    assert naming.people.get(group).group


def test_un_naming_and_naming_the_same(naming: Naming) -> None:
    anna, (a,) = naming.group("a.jpg")
    assert naming.people.rename(anna, "  ") == anna
    assert naming.people.history().undo == ""
    naming.people.rename(anna, "Anna")
    naming.people.rename(anna, "Anna")
    assert naming.people.undo() == "Name Anna"
    assert naming.people.history() == naming.people.history().__class__("", "Name Anna")
    naming.people.redo()
    naming.people.rename(anna, "")
    assert naming.people.names() == ()
    assert naming.of(anna) == {a}
    assert naming.people.undo() == "Take away the name Anna"
    assert [p.name for p in naming.people.names()] == ["Anna"]


def test_merging_two_named_people_takes_all_that_was_said_along(naming: Naming) -> None:
    anna, (a, x) = naming.group("a.jpg", "x.jpg")
    bea, (b, y) = naming.group("b.jpg", "y.jpg")
    naming.people.rename(anna, "Anna")
    naming.people.rename(bea, "Bea")
    naming.people.set_birthday(bea, "1984-07-31")
    naming.people.reject([x], anna)  # x is nobody's
    naming.people.move([y], anna)  # and so not Bea
    found = naming.world.photo_with("found.jpg", 1)[0]
    kept_out = naming.world.photo_with("out.jpg", 1)[0]
    naming.people.reject([kept_out], bea)
    naming.world.own({found: anna, kept_out: anna})
    before = naming.state()
    naming.people.merge([anna, bea], bea)
    assert naming.of(bea) == {a, b, y, found}
    merged = naming.people.get(bea)
    assert (merged.name, merged.birthday) == ("Bea", "1984-07-31")
    said = naming.store.people.said(naming.store.faces.table(naming.world.model))
    faces = naming.store.faces.table(naming.world.model).faces
    assert {(faces[row], who) for row, who in said.rejected} == {(x, bea), (kept_out, bea)}
    assert naming.people.undo() == "Merge 1 person into Bea"
    assert naming.state() == before


def test_merging_leaves_the_face_of_the_one_who_stays(naming: Naming) -> None:
    def somebody(name: str, score: float) -> tuple[PersonId, FaceId]:
        photo = naming.world.look(name, name)
        (found,) = naming.world.detect(photo, [face(Box(0.3, 0.3, 0.3, 0.3), 1, score=score)])
        return PersonId(naming.world.group(found)), found

    (anna, a), (bo, b), (group, c) = (
        somebody(n, s) for n, s in zip("abc", (0.6, 0.8, 0.9), strict=True)
    )
    naming.people.rename(anna, "Anna")
    naming.people.rename(bo, "Bo")
    before = naming.state()
    naming.people.merge([bo, anna], anna)
    assert naming.people.get(anna).cover == a
    assert naming.people.rename(group, "Anna") == anna
    assert naming.people.get(anna).cover == a
    naming.people.set_cover(anna, b)
    for _ in range(3):
        naming.people.undo()
    assert naming.state() == before
    naming.people.merge([group, bo], group)
    assert (naming.people.get(group).name, naming.people.get(group).cover) == ("Bo", b)
    naming.people.reject([b], group)
    assert naming.people.get(group).cover == c


def test_merging_groups(naming: Naming) -> None:
    one, (a,) = naming.group("a.jpg")
    two, (b,) = naming.group("b.jpg")
    three, (c,) = naming.group("c.jpg")
    naming.people.rename(three, "Cleo")
    assert naming.people.merge([one, two], one) == one
    assert naming.people.history().undo == "Merge 2 people"
    naming.people.merge([three], one)
    assert naming.of(one) == {a, b, c}
    assert naming.people.get(one).name == "Cleo"
    with pytest.raises(UsageError, match="two people"):
        naming.people.merge([one], one)
    with pytest.raises(UsageError, match="no person"):
        naming.people.merge([PersonId(999)], one)
    assert naming.people.history().undo == "Merge 1 person into Cleo"


def test_moving_faces_splits_a_group_for_good(naming: Naming) -> None:
    group, (a, b, c) = naming.group("a.jpg", "b.jpg", "c.jpg")
    ben = naming.people.name_faces([c], "Ben")
    assert (naming.of(group), naming.of(ben)) == ({a, b}, {c})
    assert not naming.people.get(group).group, "what is left of it was spoken of"
    new = naming.people.move([b], None)
    assert naming.people.history().undo == "Move 1 face to another person"
    naming.people.move([a], new)
    assert naming.of(new) == {a, b}
    assert group not in [p.id for p in naming.people.list()], "nobody is left and it had no name"
    naming.people.move([c], new)
    assert naming.people.get(ben).faces == 0, "a name stays, also without a face"
    assert naming.people.find("BEN").id == ben
    naming.people.name_faces([a, b], "ben")
    assert naming.people.history().undo == "Move 2 faces to Ben"
    for _ in range(4):
        naming.people.undo()
    assert naming.of(group) == {a, b}
    assert naming.people.undo() == "Move 1 face to Ben"
    assert naming.people.get(group).group
    with pytest.raises(UsageError, match="nothing to undo"):
        naming.people.undo()


def test_a_rejection_is_remembered(naming: Naming) -> None:
    anna, (a, b) = naming.group("a.jpg", "b.jpg")
    naming.people.rename(anna, "Anna")
    naming.people.reject([b])
    assert naming.people.history().undo == "Not Anna (1 face)"
    naming.world.own({b: anna})
    assert naming.of(anna) == {a}
    assert [f.id for f in naming.people.unsorted()] == [b]
    assert naming.people.unsorted_count() == 1
    with pytest.raises(UsageError, match="nobody"):
        naming.people.reject([b])
    naming.people.confirm([b], anna)  # the newer word
    assert naming.of(anna) == {a, b}
    assert naming.people.history().undo == "Confirm Anna (1 face)"


def test_a_newer_word_has_a_higher_number(naming: Naming) -> None:
    """By that grouping knows that something was said since."""
    anna, (a,) = naming.group("a.jpg")
    naming.people.rename(anna, "Anna")
    said = naming.store.grouped.now(naming.world.model).verdict
    naming.people.reject([a])
    rejected = naming.store.grouped.now(naming.world.model).verdict
    naming.people.confirm([a], anna)
    confirmed = naming.store.grouped.now(naming.world.model).verdict
    assert said < rejected < confirmed
    naming.people.undo()
    assert naming.store.grouped.now(naming.world.model).verdict == rejected


def test_no_faces(naming: Naming) -> None:
    group, (a, b) = naming.group("a.jpg", "b.jpg")
    photo = naming.people.faces(group)[0].photo
    naming.people.dismiss([a, b])
    assert naming.people.list(hidden=True) == ()
    assert naming.people.faces_on(photo) == ()
    assert naming.people.unsorted_count() == 0
    naming.people.dismiss([a])  # nothing new
    naming.world.own({a: group})
    assert naming.people.list(hidden=True) == ()
    assert naming.people.undo() == "Not faces (2)"
    assert naming.of(group) == {a, b}


def test_drawing_a_missed_face(naming: Naming) -> None:
    photo = naming.world.look("a.jpg", "a")
    box = Box(0.5, 0.5, 0.7, 0.1)
    drawn = naming.people.draw(photo, box, "Anna")
    (shown,) = naming.people.faces_on(photo)
    assert (shown.id, shown.name, shown.score, shown.said) == (drawn, "Anna", None, True)
    assert (shown.box.x, shown.box.width) == (0.5, 0.5)
    assert naming.people.draw(photo, Box(0.5, 0.5, 0.49, 0.1), "Ben") == drawn
    assert [f.name for f in naming.people.faces_on(photo)] == ["Ben"]
    for bad in (Box(0.5, 0.5, 0.0, 0.1), Box(1.5, 0.5, 0.2, 0.2)):
        with pytest.raises(UsageError, match="Draw"):
            naming.people.draw(photo, bad, "Anna")
    with pytest.raises(UsageError, match="no photo"):
        naming.people.draw(PhotoId(99), box, "Anna")
    with pytest.raises(UsageError, match="name"):
        naming.people.draw(photo, box, " ")
    naming.people.undo()
    naming.people.undo()
    assert naming.people.faces_on(photo) == ()
    assert naming.people.names() == ()
    assert naming.people.redo() == "Add a face of Anna"
    assert [f.name for f in naming.people.faces_on(photo)] == ["Anna"]


def test_hidden_people_and_strangers(naming: Naming) -> None:
    one, _ = naming.group("a.jpg")
    two, _ = naming.group("b.jpg", "c.jpg")
    naming.people.set_hidden([one, two], True)
    assert naming.people.list() == ()
    assert [(p.id, p.hidden) for p in naming.people.list(hidden=True)] == [(two, True), (one, True)]
    assert naming.people.history().undo == "Hide 2 people"
    naming.people.set_hidden([two], False)
    naming.people.set_strangers([one], True)
    assert [p.id for p in naming.people.list()] == [two]
    assert naming.people.undo() == "Mark a person as a stranger"
    naming.people.rename(two, "Anna")
    naming.people.set_hidden([two], True)
    assert naming.people.undo() == "Hide Anna"
    with pytest.raises(UsageError, match="somebody"):
        naming.people.set_hidden([], True)


def test_cover_and_birthday(naming: Naming) -> None:
    anna, (a, b) = naming.group("a.jpg", "b.jpg")
    (c,) = naming.world.photo_with("c.jpg", 3)
    naming.people.rename(anna, "Anna")
    naming.people.set_cover(anna, b)
    assert naming.people.get(anna).cover == b
    with pytest.raises(UsageError, match="not one of Anna"):
        naming.people.set_cover(anna, c)
    naming.people.reject([b])
    assert naming.people.get(anna).cover == a
    naming.people.undo()
    assert naming.people.get(anna).cover == b
    naming.people.set_birthday(anna, "1984-02-29")
    table = naming.store.faces.table(naming.world.model)
    assert naming.store.people.said(table).born == {anna: 724335}
    for nonsense in ("1985-02-29", "19840229", "yesterday", "3000-01-01", "0007-01-01"):
        with pytest.raises(UsageError, match=nonsense):
            naming.people.set_birthday(anna, nonsense)
    naming.people.set_birthday(anna, None)
    assert naming.people.undo() == "Birthday of Anna"
    assert naming.people.get(anna).birthday == "1984-02-29"


def test_asking_for_nothing_or_nobody(naming: Naming) -> None:
    for ask in (naming.people.dismiss, naming.people.reject):
        with pytest.raises(UsageError, match="Choose a face"):
            ask([])
        with pytest.raises(UsageError, match="no face 99"):
            ask([FaceId(99)])
    with pytest.raises(UsageError, match="no person 7"):
        naming.people.rename(PersonId(7), "Anna")
    with pytest.raises(UsageError, match="no person 7"):
        naming.people.rename(PersonId(7), "")
    for text in ("nobody", "", "0", "7", "9" * 30, "²"):
        with pytest.raises(UsageError, match="Nobody is called"):
            naming.people.find(text)
    with pytest.raises(UsageError, match="do again"):
        naming.people.redo()


def test_who_there_is(naming: Naming) -> None:
    one, (a,) = naming.group("a.jpg")
    two, _ = naming.group("b.jpg", "c.jpg")
    three, _ = naming.group("d.jpg")
    naming.people.rename(three, "zoe")
    assert [p.id for p in naming.people.list()] == [two, one, three]  # naming moved nobody
    assert naming.people.find(str(one)).id == one
    assert naming.people.find(" Zoe").id == three
    (shown,) = naming.people.faces(one)
    assert (shown.id, shown.path, shown.width, shown.height) == (a, "/photos/a.jpg", 400, 300)
    assert (shown.person, shown.name, shown.score, shown.said) == (one, "", 0.9, False)
    assert naming.store.persons.names() == ((three, "zoe", False),)


def test_orders_of_faces(naming: Naming) -> None:
    faces = [
        naming.world.photo_with(f"{n}.jpg", 1, date=date)[0]
        for n, date in enumerate([None, "2001-01-01T00:00:00", "2020-01-01T00:00:00"])
    ]
    group = PersonId(naming.store.people.next_owner())
    for face_, doubt in zip(faces, (0.2, 0.9, 0.5), strict=True):
        naming.world.own({face_: group}, doubt=doubt)
    assert [f.id for f in naming.people.faces(group)] == [faces[2], faces[1], faces[0]]
    by_doubt = [f.id for f in naming.people.faces(group, order="doubt")]
    assert by_doubt == [faces[1], faces[2], faces[0]]
    naming.people.rename(group, "Anna")
    assert {f.doubt for f in naming.people.faces(group)} == {0.0}, "what was said is sure"


def test_the_largest_unsorted_faces_come_first(naming: Naming) -> None:
    photo = naming.world.look("a.jpg", "a")
    boxes = [Box(0.1 + 0.3 * n, 0.1, 0.2, 0.2) for n in range(3)]
    sizes = [50.0, 200.0, 100.0]
    small, large, middle = naming.world.detect(
        photo, [face(b, size_px=s) for b, s in zip(boxes, sizes, strict=True)]
    )
    assert [f.id for f in naming.people.unsorted()] == [large, middle, small]
    assert [f.id for f in naming.people.unsorted(1)] == [large]
    assert [f.id for f in naming.people.faces_on(photo)] == [small, large, middle]


def test_filters_by_people(naming: Naming) -> None:
    world, people = naming.world, naming.people
    a1, b1 = world.photo_with("both.jpg", 1, 2)
    (a2,) = world.photo_with("anna.jpg", 1)
    a3, _unknown = world.photo_with("anna-and-somebody.jpg", 1, 9)
    (b2,) = world.photo_with("ben.jpg", 2)
    world.look("nobody.jpg", "nobody")
    anna, ben = people.name_faces([a1, a2, a3], "Anna"), people.name_faces([b1, b2], "Ben")

    def names(**which: object) -> set[str]:
        ids = naming.store.photos.matching(PhotoFilter(**which)).tolist()  # type: ignore[arg-type]
        return {s.name.removesuffix(".jpg") for s in naming.store.photos.summaries(ids)}

    assert names(people=(anna,)) == {"both", "anna", "anna-and-somebody"}
    assert names(people=(anna, ben)) == {"both"}
    assert names(people=(anna,), without=(ben,)) == {"anna", "anna-and-somebody"}
    assert names(without=(anna,)) == {"ben", "nobody"}
    assert names(people=(anna,), only=True) == {"anna"}
    assert names(people=(anna, ben), only=True) == {"both"}
    people.dismiss([_unknown])
    assert names(people=(anna,), only=True) == {"anna", "anna-and-somebody"}
    assert naming.store.words.search("both", 9, PhotoFilter(people=(anna,))).size == 1


def test_faces_only_another_pack_saw_are_not_shown(naming: Naming) -> None:
    """Until the pack in use has looked, those of the other are; whom the user named always is."""
    other = naming.store.faces.model_id(ModelKey("other"), "other", 8)
    photo = naming.world.look("a.jpg", "a")
    boxes = [Box(0.1 + 0.3 * n, 0.1, 0.2, 0.2) for n in range(3)]
    a, b, c = naming.world.detect(photo, [face(box) for box in boxes], other)
    naming.people.name_faces([b], "Anna")
    assert [f.id for f in naming.people.faces_on(photo)] == [a, b, c]
    naming.world.detect(photo, [face(boxes[0])])
    assert [f.id for f in naming.people.faces_on(photo)] == [a, b]
    assert [f.id for f in naming.people.unsorted()] == [a]


# --- undo and redo ---


def test_undo_across_restarts_and_a_new_action_ends_redo(tmp_path: Path) -> None:
    with_names: list[tuple[object, ...]] = []
    for start in range(2):
        store = Store.open(tmp_path / "library.db")
        naming = Naming(store)
        if start == 0:
            group, _ = naming.group("a.jpg", "b.jpg")
            with_names.append(naming.state())
            naming.people.rename(group, "Anna")
            with_names.append(naming.state())
            naming.people.set_hidden([group], True)
        else:
            assert naming.people.undo() == "Hide Anna"
            assert naming.state() == with_names[1]
            naming.people.undo()
            assert naming.state() == with_names[0]
            naming.people.redo()
            assert naming.state() == with_names[1]
            naming.people.rename(group, "Ben")
            assert naming.people.history().redo == ""
        store.close()


def test_undo_after_grouping_and_new_photos(naming: Naming) -> None:
    one, (a,) = naming.group("a.jpg")
    two, (b,) = naming.group("b.jpg")
    naming.people.merge([one], two)
    (c,) = naming.world.photo_with("c.jpg", 1)
    naming.world.own({a: two, b: two, c: two}, whole=True)
    naming.people.undo()
    assert (naming.of(one), naming.of(two)) == ({a}, {b, c})


def test_the_journal_keeps_the_last_thousand(naming: Naming) -> None:
    anna, _ = naming.group("a.jpg")
    naming.people.rename(anna, "First")
    with naming.store.database.transaction() as db:
        db.executemany("INSERT INTO action (title) VALUES (?)", [(str(n),) for n in range(1500)])
    naming.people.rename(anna, "Last")
    with naming.store.database.reading() as db:
        titles = [row[0] for row in db.execute("SELECT title FROM action ORDER BY id")]
    assert (len(titles), titles[0], titles[-1]) == (1000, "501", "Name Last")


def test_a_cover_comes_back_though_nothing_else_was_said_of_it(naming: Naming) -> None:
    anna, (a,) = naming.group("a.jpg")
    naming.people.rename(anna, "Anna")
    (b,) = naming.world.photo_with("b.jpg", 1)
    naming.world.own({b: anna})
    naming.people.set_cover(anna, b)
    naming.people.set_cover(anna, a)
    naming.world.look("b.jpg", "another picture")
    naming.people.undo()
    assert naming.people.get(anna).cover == b
    with naming.store.database.reading() as db:
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_what_can_be_undone_keeps_its_photo(naming: Naming) -> None:
    """A photo stays while an undo could speak of it, and comes back with its folder."""
    anna, (a,) = naming.group("a.jpg")
    naming.people.rename(anna, "Anna")
    naming.people.dismiss([a])
    for folder in naming.store.folders.all():
        naming.store.folders.remove(folder.id)
    assert list(naming.store.photos.purge()) == []
    naming.people.undo()
    assert naming.people.get(anna).photos == 0
    naming.world.folder = naming.store.folders.add(b"/moved", single_file=False, volume="")
    naming.world.look("renamed.jpg", "a.jpg")
    assert naming.of(anna) == {a}
    assert naming.people.get(anna).photos == 1


def test_a_photo_of_which_nothing_was_said_goes_with_its_faces(naming: Naming) -> None:
    naming.group("a.jpg", "b.jpg")
    for folder in naming.store.folders.all():
        naming.store.folders.remove(folder.id)
    (purged,) = naming.store.photos.purge()
    assert len(purged.hashes) == 2
    with naming.store.database.reading() as db:
        for table in ("place", "face", "membership", "done", "photo"):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_a_word_during_grouping_wins(naming: Naming) -> None:
    """Grouping computes for seconds what it writes then; meanwhile the user goes on."""
    one, (a, b) = naming.group("a.jpg", "b.jpg")
    two, (c,) = naming.group("c.jpg")
    naming.people.merge([one], two)
    naming.people.reject([c], two)
    naming.people.dismiss([b])
    naming.world.own({a: one, b: one, c: two}, whole=True)
    assert naming.world.owners() == {a: two}


# --- names ---


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna  Smith", " anna\nsmith "),
        ("Zoë", "ZOE\u0308"),
        ("Straße", "STRASSE"),
        ("Ａｎｎａ", "anna"),
        ("İpek", "i\u0307pek"),
    ],
)
def test_names_are_compared_as_people_do(one: str, other: str) -> None:
    assert fold(one) == fold(other) == fold(fold(one))


def test_names_are_tidied() -> None:
    assert tidy("\x00 Anna\u2003\x07 B. \n") == "Anna B."
    assert tidy("\ud800x") == "?x"
    assert tidy("می\u200cخواهم") == "می\u200cخواهم"
    assert len(tidy("x" * 1000)) == 200


def test_an_action_is_taken_back_only_while_it_is_the_last(naming: Naming) -> None:
    anna, (a,) = naming.group("a.jpg")
    _, (b,) = naming.group("b.jpg", who=2)
    assert naming.people.last_action() is None
    naming.people.rename(anna, "Anna")
    named = naming.people.last_action()
    naming.people.confirm([b], anna)
    confirmed = naming.people.last_action()
    assert named is not None
    assert confirmed not in (None, named)
    state = naming.state()
    with pytest.raises(UsageError, match="Something else was said since"):
        naming.people.undo(named)
    assert naming.state() == state
    assert naming.people.undo(confirmed) == "Confirm Anna (1 face)"
    assert naming.of(anna) == {a}
    assert naming.people.undo(named) == "Name Anna"
    with pytest.raises(UsageError, match="nothing to undo"):
        naming.people.undo(named)


def test_what_changes_nothing_or_is_refused_is_no_action(naming: Naming) -> None:
    anna, (a,) = naming.group("a.jpg")
    naming.people.rename(anna, "Anna")
    naming.people.confirm([a], anna)
    naming.people.confirm([a], anna)
    assert naming.people.last_action() is None
    naming.people.rename(anna, "Berta")
    with pytest.raises(UsageError):
        naming.people.confirm([FaceId(99_999)], anna)
    assert naming.people.last_action() is None


def test_the_last_action_is_that_of_the_thread_that_asks(naming: Naming) -> None:
    anna, _ = naming.group("a.jpg")
    naming.people.rename(anna, "Anna")
    mine = naming.people.last_action()
    with ThreadPoolExecutor(1) as other:
        assert other.submit(naming.people.last_action).result() is None
        other.submit(naming.people.rename, anna, "Berta").result()
    assert naming.people.last_action() == mine


def test_naming_a_face_names_the_group_it_is_of_and_only_the_face_of_somebody(
    naming: Naming,
) -> None:
    group, (a, b) = naming.group("a.jpg", "b.jpg")
    with pytest.raises(UsageError, match="Give a name"):
        naming.people.name_face(a, " ")
    assert naming.people.name_face(a, "Anna") == group
    assert naming.of(group) == {a, b}
    ben = naming.people.name_face(a, "Ben")
    assert naming.of(ben) == {a}
    assert naming.of(group) == {b}
    other, (c, d) = naming.group("c.jpg", "d.jpg", who=2)
    assert naming.people.name_face(c, "ben") == ben
    assert naming.of(ben) == {a, c, d}
    with pytest.raises(UsageError, match="no person"):
        naming.people.get(other)
