"""Grouping in a library: numbers are kept, new faces join, nothing is done twice."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from face_world import FaceWorld, face

from photosearch.errors import Cancelled
from photosearch.people import regroup as regroup_module
from photosearch.people.people import People
from photosearch.people.regroup import regroup
from photosearch.store import Store
from photosearch.types import (
    Box,
    FaceId,
    FacePackInfo,
    FolderId,
    GroupReport,
    ModelKey,
    PersonId,
    Progress,
)

DIMENSION = 256
PACK = FacePackInfo("faces", "", ModelKey("wide faces"), "insightface", DIMENSION, 0)


class Library:
    """Photos of made-up people of which each face is a little different."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.world = FaceWorld(store)
        self.model = store.faces.model_id(PACK.key, PACK.name, DIMENSION)
        self.strictness = 0.5
        self.people = People(store, lambda: PACK, lambda: self.strictness)
        self.told: list[Progress] = []

    def photo(
        self,
        name: str,
        *who: int,
        alike: float = 0.8,
        date: str | None = None,
        folder: FolderId | None = None,
    ) -> list[int]:
        """Add a photo of these people; return its faces."""
        photo = self.world.look(name, name, date=date, folder=folder)
        width = 1 / len(who)
        found = [
            face(
                Box(at * width, 0.3, 0.8 * width, 0.3),
                vector=looks(one, f"{name} {at}", alike),
            )
            for at, one in enumerate(who)
        ]
        return [int(one) for one in self.world.detect(photo, found, self.model)]

    def photos(self, who: int, count: int) -> list[int]:
        return [self.photo(f"{who} {at}.jpg", who)[0] for at in range(count)]

    def group(self, *, whole: bool = False) -> GroupReport:
        return self.people.group(self.told.append, lambda: None, whole=whole)

    def owner(self, face: int) -> int:
        return self.world.owners().get(face, 0)

    def owners(self, faces: list[int]) -> set[int]:
        return {self.owner(face) for face in faces}


def looks(who: int, photo: str, alike: float) -> np.ndarray:
    """Return one face of somebody, `alike` being the cosine to what they really look like."""
    real = np.random.default_rng(who).normal(size=DIMENSION)
    real /= np.linalg.norm(real)
    noise = np.random.default_rng([who, *photo.encode()]).normal(size=DIMENSION)
    noise -= noise @ real * real
    noise /= np.linalg.norm(noise)
    return (alike * real + np.sqrt(1 - alike * alike) * noise).astype(np.float32)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    store = Store.open(tmp_path / "library.db")
    yield Library(store)
    store.close()


@pytest.fixture
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a small library be treated like a large one, where new faces are only added."""
    monkeypatch.setattr(regroup_module, "ALWAYS_WHOLE", 0)


def test_people_are_found_and_single_faces_stay_unsorted(library: Library) -> None:
    anna, ben = library.photos(1, 6), library.photos(2, 4)
    [alone] = library.photo("alone.jpg", 3)
    report = library.group()
    assert report.whole
    assert (report.faces, report.assigned, report.people, report.groups) == (11, 10, 0, 2)
    assert len(library.owners(anna)) == len(library.owners(ben)) == 1
    assert library.owners(anna) != library.owners(ben)
    assert library.owner(alone) == 0
    assert [(one.stage, one.done, one.total) for one in library.told] == [
        ("group", 0, 11), ("group", 11, 11)
    ]  # fmt: skip


def test_without_a_face_pack_or_faces_nothing_happens(library: Library) -> None:
    assert library.group().faces == 0
    unused = FacePackInfo("other", "", ModelKey("other"), "opencv", 128, 0)
    report = regroup(library.store, unused, 0.5, library.told.append, lambda: None)
    assert (report.faces, report.assigned) == (0, 0)


def test_groups_keep_their_numbers_when_all_are_grouped_anew(library: Library) -> None:
    anna, ben = library.photos(1, 5), library.photos(2, 5)
    library.group()
    before = library.world.owners()
    anna += [library.photo(f"more {at}.jpg", 1)[0] for at in range(5)]
    assert library.group(whole=True).whole
    after = library.world.owners()
    assert {face: after[face] for face in before} == before
    assert library.owners(anna) == {before[anna[0]]}
    assert library.owners(ben) == {before[ben[0]]}


def test_nothing_is_done_when_nothing_came(library: Library) -> None:
    library.photos(1, 4)
    library.group()
    library.told.clear()
    report = library.group()
    assert not report.whole
    assert (report.faces, report.assigned, report.groups) == (4, 4, 1)
    assert library.told == []


@pytest.mark.usefixtures("few_are_many")
def test_new_faces_join_without_moving_anybody(library: Library) -> None:
    anna, ben = library.photos(1, 30), library.photos(2, 30)
    library.group()
    before = library.world.owners()
    [more] = library.photo("anna again.jpg", 1)
    one, other = library.photo("both.jpg", 2, 4)
    [second] = library.photo("new.jpg", 4)
    report = library.group()
    assert not report.whole
    after = library.world.owners()
    assert {face: after[face] for face in before} == before
    assert library.owner(more) == library.owner(anna[0])
    assert library.owner(one) == library.owner(ben[0])
    assert library.owner(other) == library.owner(second) != 0


@pytest.mark.usefixtures("few_are_many")
def test_an_unsorted_face_founds_a_group_with_a_new_one(library: Library) -> None:
    library.photos(1, 30)
    [first] = library.photo("first.jpg", 2)
    library.group()
    assert library.owner(first) == 0
    [second] = library.photo("second.jpg", 2)
    assert not library.group().whole
    assert library.owner(first) == library.owner(second) != 0


@pytest.mark.usefixtures("few_are_many")
@pytest.mark.parametrize("change", ["strictness", "birthday", "growth"])
def test_what_changes_everything_groups_all_anew(library: Library, change: str) -> None:
    anna = library.photos(1, 10)
    library.group()
    person = library.people.rename(PersonId(library.owner(anna[0])), "Anna")
    library.group()
    if change == "strictness":
        library.strictness = 0.6
    elif change == "birthday":
        library.people.set_birthday(person, "2001-02-03")
    else:
        for at in range(3):
            library.photo(f"more {at}.jpg", 1)
    assert library.group().whole
    assert not library.group().whole


def test_names_hold_at_any_strictness(library: Library) -> None:
    anna, ben = library.photos(1, 6), library.photos(2, 6)
    library.group()
    named = library.people.rename(PersonId(library.owner(anna[0])), "Anna")
    for strictness in (0.0, 0.3, 0.7, 1.0):
        library.strictness = strictness
        library.group()
        assert library.owners(anna) == {named}
        assert named not in library.owners(ben)


def test_a_rejected_face_does_not_come_back(library: Library) -> None:
    anna = library.photos(1, 8)
    library.group()
    named = library.people.rename(PersonId(library.owner(anna[0])), "Anna")
    library.people.reject([FaceId(anna[3])], named)
    for whole in (False, True):
        library.group(whole=whole)
        assert library.owner(anna[3]) != named
        assert library.owners(anna[:3] + anna[4:]) == {named}


def test_grouping_stopped_at_any_moment_is_done_again(library: Library) -> None:
    anna, ben = library.photos(1, 6), library.photos(2, 6)
    library.group()
    named = library.people.rename(PersonId(library.owner(anna[0])), "Anna")
    library.photos(3, 3)
    steps = 0
    for patience in range(200):
        left = patience

        def check() -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise Cancelled

        try:
            library.people.group(library.told.append, check, whole=True)
            break
        except Cancelled:
            steps += 1
        assert library.owners(anna) == {named}
    assert steps > 3
    assert library.owners(anna) == {named}
    assert len(library.owners(ben)) == 1


def test_guesses_are_asked_once(library: Library) -> None:
    anna = library.photos(1, 6)
    [unlike] = library.photo("unlike.jpg", 1, alike=0.3)
    [stranger] = library.photo("stranger.jpg", 2)
    library.group()
    assert library.owner(unlike) == 0
    named = library.people.rename(PersonId(library.owner(anna[0])), "Anna")
    [question] = library.people.questions()
    assert (question.face.id, question.person.id) == (unlike, named)
    assert 0.15 < question.likeness < 0.5
    assert library.people.questions(PersonId(99_999)) == ()
    library.people.reject([FaceId(unlike)], named)
    assert library.people.questions() == ()
    library.people.undo()
    library.people.confirm([FaceId(unlike)], named)
    assert library.people.questions() == ()
    assert library.owner(stranger) == 0


def test_a_face_from_before_the_birthday_is_no_guess(library: Library) -> None:
    anna = library.photos(1, 6)
    library.photo("early.jpg", 1, alike=0.3, date="1990-05-01T10:00:00")
    library.group()
    named = library.people.rename(PersonId(library.owner(anna[0])), "Anna")
    assert len(library.people.questions(named)) == 1
    library.people.set_birthday(named, "2001-02-03")
    assert library.people.questions(named) == ()


def test_guessing_ends_when_nobody_waits_for_it_any_more(library: Library) -> None:
    anna = library.photos(1, 6)
    library.photo("unlike.jpg", 1, alike=0.3)
    library.group()
    library.people.rename(PersonId(library.owner(anna[0])), "Anna")

    def check() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        library.people.questions(check=check)
    assert len(library.people.questions()) == 1


@pytest.mark.usefixtures("few_are_many")
def test_faces_of_a_folder_switched_on_again_are_grouped(library: Library) -> None:
    """While it was off all faces were grouped anew, without them."""
    library.photos(1, 30)
    other = library.store.folders.add(b"/other", single_file=False, volume="")
    here = library.photo("anna.jpg", 1)
    there = library.photo("anna there.jpg", 1, folder=other)
    library.photos(2, 30)
    library.group()
    assert library.owners(here + there) == {library.owner(here[0])} != {0}
    library.store.folders.set_faces(other, False)
    assert not library.group().whole
    library.group(whole=True)
    assert library.owners(there) == {0}
    library.store.folders.set_faces(other, True)
    report = library.group()
    assert not report.whole
    assert library.owners(here + there) == {library.owner(here[0])} != {0}
    library.told.clear()
    library.group()
    assert library.told == [], "once"


def test_a_face_that_says_nothing_is_not_waited_for(library: Library) -> None:
    library.photos(1, 5)
    photo = library.world.look("blank.jpg", "blank")
    blank = face(Box(0.1, 0.1, 0.3, 0.3), vector=np.zeros(DIMENSION, np.float32))
    library.world.detect(photo, [blank], library.model)
    assert library.group().whole
    library.told.clear()
    assert not library.group().whole
    assert library.told == []


@pytest.mark.parametrize("few", [True, False])
def test_who_is_merged_away_meanwhile_gets_no_faces(
    library: Library, monkeypatch: pytest.MonkeyPatch, few: bool
) -> None:
    if few:
        monkeypatch.setattr(regroup_module, "ALWAYS_WHOLE", 0)
    anna, bea = library.photos(1, 30), library.photos(2, 30)
    library.group()
    one = library.people.rename(PersonId(library.owner(anna[0])), "Anna")
    other = library.people.rename(PersonId(library.owner(bea[0])), "Bea")
    [more] = library.photo("anna again.jpg", 1)
    write = library.store.grouped.write
    merged: list[PersonId] = []

    def merge_first(*given: object, **named: object) -> bool:
        if not merged:
            merged.append(library.people.merge([one], other))
        return write(*given, **named)  # type: ignore[arg-type]

    patched = SimpleNamespace(write=merge_first)
    for name in ("now", "last", "persons"):
        setattr(patched, name, getattr(library.store.grouped, name))
    library.people = People(
        dataclasses.replace(library.store, grouped=patched),  # type: ignore[arg-type]
        lambda: PACK,
        lambda: library.strictness,
    )
    library.group()
    assert merged == [other]
    assert library.owners([*anna, *bea, more]) == {other}
    assert [who.id for who in library.people.list()] == [other]
