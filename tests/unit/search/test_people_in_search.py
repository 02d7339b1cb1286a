"""Searches with people: who is on the photos filters, the words that are left rank."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from face_world import face
from indexing_world import MODEL, World

from photosearch.errors import StoreError
from photosearch.people.people import People
from photosearch.search.query import Sources, answer, narrowed
from photosearch.search.understanding import Understanding
from photosearch.store.embeddings import PendingPhoto
from photosearch.types import (
    Box,
    FaceId,
    ModelInfo,
    ModelKey,
    PhotoFilter,
    PhotoId,
    Results,
    SearchRequest,
)

WHO = {"cat.jpg": ("Anna",), "dog.jpg": ("Anna", "Ben"), "in/dog two.jpg": ("Ben",), "sea.jpg": ()}


class PeopleWorld:
    """Four photos, and two people on them."""

    def __init__(self, place: Path) -> None:
        self.world = World(place)
        folder = self.world.folder("photos")
        self.world.add(folder)
        for name in WHO:
            self.world.write(folder / name, f"picture of {name}")
        self.world.index()
        self.store = self.world.store
        self.people = People(self.store, lambda: None, lambda: 0.5)
        self.understanding = Understanding(self.store)
        model = self.store.faces.model_id(ModelKey("faces"), "faces", 8)
        for name, people in WHO.items():
            photo = PhotoId(self.photo(name))
            hash_ = self.store.photos.hashes([photo])[photo]
            boxes = [Box(0.1 + 0.4 * at, 0.2, 0.3, 0.3) for at in range(len(people))]
            found = self.store.faces.write(
                model, "cpu", PendingPhoto(photo, hash_), [face(box) for box in boxes]
            )
            for place_, person in zip(found, people, strict=True):
                self.people.name_faces([FaceId(place_)], person)

    def photo(self, name: str) -> int:
        return self.world.photo(f"picture of {name}")

    def ask(self, text: str, *, model: ModelInfo | None = MODEL, **more: object) -> Results:
        request = SearchRequest(text=text, **more)  # type: ignore[arg-type]
        sources = Sources(self.store, self.world.engine, self.world.decoder, model)
        return answer(narrowed(request, self.understanding.query(text)), sources)

    def found(self, text: str, **more: object) -> set[str]:
        ids = set(self.ask(text, **more).ids.tolist())  # type: ignore[arg-type]
        return {name for name in WHO if self.photo(name) in ids}


@pytest.fixture
def there(tmp_path: Path) -> Iterator[PeopleWorld]:
    made = PeopleWorld(tmp_path)
    yield made
    made.world.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Anna", {"cat.jpg", "dog.jpg"}),
        ("anna and ben", {"dog.jpg"}),
        ("Anna -person:Ben", {"cat.jpg"}),
        ("only:Anna", {"cat.jpg"}),
        ("only:Anna Ben", {"dog.jpg"}),
        ("-person:Ben", {"cat.jpg", "sea.jpg"}),
        ("Anna -person:Anna", set()),
        ("dog with Anna", {"cat.jpg", "dog.jpg"}),
    ],
)
def test_who_is_on_the_photos(there: PeopleWorld, text: str, expected: set[str]) -> None:
    assert there.found(text) == expected


@pytest.mark.parametrize(
    "text", ["person:Xaver", "only:Xaver", "dog person:Xaver", "Anna person:Xaver", "person:x sea"]
)
def test_who_is_nobody_is_on_no_photo(there: PeopleWorld, text: str) -> None:
    cat = PhotoId(there.photo("cat.jpg"))
    assert there.found(text) == there.found(text, model=None) == set()
    assert there.found(text, like=(cat,)) == there.found(text, content_only=True) == set()
    assert "sea.jpg" in there.found("sea -person:Xaver")


def test_who_may_be_several_is_on_no_photo(there: PeopleWorld) -> None:
    there.people.rename(there.people.find("Ben").id, "Anna Lee")
    there.people.rename(there.people.find("Anna").id, "Anna Smith")
    assert there.found("person:anna") == set()
    assert "Anna Lee" in there.understanding.query("person:anna").notices[0]


def test_words_alone_rank_what_the_filter_leaves(there: PeopleWorld) -> None:
    assert there.found("dog with Anna", model=None) == {"dog.jpg"}
    best = there.ask("a dog with Anna").ids.tolist()[0]
    assert best == there.photo("dog.jpg")


def test_people_alone_come_newest_first(there: PeopleWorld) -> None:
    results = there.ask("Ben", content_only=True)
    newest = there.store.photos.newest_first(there_filter(there, "Ben")).ids
    assert results.ids.tolist() == newest.tolist()
    assert len(set(results.scores.tolist())) == 1
    assert not results.by_content
    assert results.notices == ()
    assert len(there.ask("Ben", limit=1).ids) == 1


def there_filter(there: PeopleWorld, text: str) -> PhotoFilter:
    return narrowed(SearchRequest(text=text), there.understanding.query(text)).filter


def test_the_filter_of_the_place_holds_too(there: PeopleWorld) -> None:
    ben = there.people.find("Ben").id
    inside = there_filter(there, "Anna")
    assert there.found("Ben", filter=inside) == {"dog.jpg"}
    assert there.found("", filter=PhotoFilter(people=(ben,))) == {"dog.jpg", "in/dog two.jpg"}


def test_like_a_photo_with_a_person(there: PeopleWorld) -> None:
    cat = PhotoId(there.photo("cat.jpg"))
    assert there.found("Anna", like=(cat,)) == {"dog.jpg"}


def test_a_new_name_is_known_at_once(there: PeopleWorld) -> None:
    assert there.found("Clara", model=None) == set()
    there.people.rename(there.people.find("Anna").id, "Clara")
    assert there.found("Clara") == {"cat.jpg", "dog.jpg"}
    assert there.understanding.query("Anna").mentions == ()
    assert [each.name for each in there.understanding.complete("cl", 2)] == ["Clara"]
    assert there.understanding.complete("cl", 2)[0].photos == 2
    there.people.undo()
    assert there.found("Anna") == {"cat.jpg", "dog.jpg"}


def test_the_hidden_are_asked_for_outright(there: PeopleWorld) -> None:
    there.people.set_hidden([there.people.find("Anna").id], True)
    assert there.understanding.query("Anna").words == "Anna"
    assert there.found("person:Anna") == {"cat.jpg", "dog.jpg"}


def test_a_library_that_cannot_be_read(there: PeopleWorld) -> None:
    there.store.close()
    query = there.understanding.query("  Anna  at sea")
    assert (query.words, query.notices) == ("Anna at sea", ("The library is closed.",))
    with pytest.raises(StoreError):
        there.understanding.complete("an", 2)
