"""Which faces count: one answer for lists, searches, the viewer and grouping."""

from __future__ import annotations

import pytest
from face_world import FaceWorld, face

from photosearch.people.people import People
from photosearch.store import Store
from photosearch.types import Box, FaceId, FolderId, ModelKey, PersonId, PhotoFilter, PhotoId

LEFT = Box(0.1, 0.2, 0.2, 0.3)
RIGHT = Box(0.6, 0.25, 0.2, 0.3)


class Shown:
    """What each front end is told of the people in a library."""

    def __init__(self, store: Store) -> None:
        self.world = FaceWorld(store)
        self.store = store
        self.people = People(store, lambda: None, lambda: 0.5)
        self.other = store.folders.add(b"/other", single_file=False, volume="")
        self.pack = self.world.model

    def photo(self, name: str, *boxes: Box, folder: FolderId | None = None) -> PhotoId:
        photo = self.world.look(name, name, folder=folder)
        self.world.detect(photo, [face(box, n) for n, box in enumerate(boxes)])
        return photo

    def at(self, photo: PhotoId) -> list[FaceId]:
        return [each.id for each in self.store.portraits.on_photo(photo, self.pack)]

    def listed(self) -> dict[int, int]:
        return {who.id: who.faces for who in self.store.persons.all(hidden=True)}

    def found(self, who: int, *, only: bool = False) -> list[int]:
        which = PhotoFilter(people=(PersonId(who),), only=only)
        return self.store.photos.newest_first(which).ids.tolist()

    def without(self, who: int) -> list[int]:
        return self.store.photos.newest_first(PhotoFilter(without=(PersonId(who),))).ids.tolist()

    def grouped_by(self, model: int) -> None:
        """Note that whose faces are was found by a face pack."""
        with self.store.database.transaction() as db:
            db.execute("DELETE FROM grouped")
            db.execute(
                "INSERT INTO grouped (model, strictness, births, faces, newest, verdict, mean,"
                " deviation, seen_faces, seen_places) VALUES (?, 0.5, '', 0, 0, 0, 0, 0, 0, 0)",
                (model,),
            )


@pytest.fixture
def shown(store: Store) -> Shown:
    return Shown(store)


def test_a_folder_switched_off_and_on(shown: Shown) -> None:
    here = shown.photo("a.jpg", LEFT)
    there = shown.photo("b.jpg", LEFT, RIGHT, folder=shown.other)
    (mine,), (left, right) = shown.at(here), shown.at(there)
    group = shown.world.group(mine, left)
    cover = shown.people.name_faces([right], "Ben")
    shown.people.set_cover(cover, right)
    unnamed = shown.photo("c.jpg", LEFT, folder=shown.other)
    before = shown.listed()
    assert before == {group: 2, cover: 1}
    assert shown.store.portraits.unsorted_count(shown.pack) == 1

    shown.store.folders.set_faces(shown.other, False)
    assert shown.listed() == {group: 1, cover: 0}
    assert shown.store.persons.totals().faces == 1
    assert shown.store.persons.get(cover).cover is None  # type: ignore[union-attr]
    of_group = shown.store.portraits.of_owner(group, shown.pack, "date")
    assert [each.id for each in of_group] == [mine]
    assert (shown.found(group), shown.found(cover)) == ([here], [])
    assert shown.without(group) == [unnamed, there]
    assert shown.store.portraits.unsorted_count(shown.pack) == 0
    assert shown.store.portraits.unsorted(shown.pack, 9) == ()
    assert shown.store.faces.count(shown.pack) == 1
    assert shown.at(unnamed) == []
    assert shown.at(there) == [right], "who was named there is, on the photo itself"

    shown.world.look("a again.jpg", "b.jpg")
    assert shown.listed() == before, "it lies in a folder that is on as well"
    shown.store.folders.set_faces(shown.other, True)
    assert shown.listed() == before
    assert sorted(shown.found(group)) == sorted([here, there])


@pytest.mark.parametrize("grouped", [True, False])
def test_alone_is_who_is_alone_in_the_viewer(shown: Shown, grouped: bool) -> None:
    """A box that a former pack saw, or at which nobody is found again, is no other person."""
    photo = shown.photo("a.jpg", LEFT, RIGHT)
    left, _ = shown.at(photo)
    anna = shown.people.name_faces([left], "Anna")
    assert shown.found(anna, only=True) == []
    shown.pack = shown.store.faces.model_id(ModelKey("newer"), "newer", 8)
    shown.world.detect(photo, [face(LEFT)], shown.pack)
    if grouped:
        shown.grouped_by(shown.pack)
        assert shown.at(photo) == [left]
        assert shown.found(anna, only=True) == [photo]
    else:
        shown.pack = 0
        assert len(shown.at(photo)) == 2, "what any pack saw, where none is in use"
        assert shown.found(anna, only=True) == []


def test_a_rejected_face_that_is_not_found_again_is_no_face(shown: Shown) -> None:
    photo = shown.photo("a.jpg", LEFT, RIGHT)
    left, right = shown.at(photo)
    anna = shown.people.name_faces([left], "Anna")
    shown.people.reject([right], anna)
    shown.grouped_by(shown.pack)
    assert shown.found(anna, only=True) == []
    assert shown.world.look("a.jpg", "cut") == photo
    shown.world.detect(photo, [face(LEFT)])
    assert shown.at(photo) == [left]
    assert shown.found(anna, only=True) == [photo]
    assert shown.store.portraits.unsorted_count(shown.pack) == 0
