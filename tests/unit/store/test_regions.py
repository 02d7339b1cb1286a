"""Faces named in the files by other programs: read once, and less than the user's own word."""

from __future__ import annotations

import pytest
from face_world import FaceWorld, face

from photosearch.people.people import People
from photosearch.store import Store
from photosearch.store.journal import KEPT_ACTIONS
from photosearch.types import Box, FaceId, FaceRegion, PhotoId

HEAD = Box(0.3, 0.2, 0.25, 0.35)
FACE = Box(0.36, 0.28, 0.15, 0.2)
OTHER = Box(0.7, 0.2, 0.15, 0.2)


def named(name: str, box: Box = HEAD) -> tuple[FaceRegion, ...]:
    return (FaceRegion(box, name, "mwg"),)


class Read:
    def __init__(self, store: Store) -> None:
        self.world = FaceWorld(store)
        self.people = People(store, lambda: None, lambda: 0.5)

    def look(self, content: str = "a", name: str = "Anna", box: Box = HEAD) -> PhotoId:
        return self.world.look("a.jpg", content, regions=named(name, box))

    def names(self, photo: PhotoId) -> dict[FaceId, str]:
        return {f.id: f.name for f in self.people.faces_on(photo) if f.name}

    def who(self) -> list[tuple[str, int]]:
        return [(p.name, p.faces) for p in self.people.names()]


@pytest.fixture
def read(store: Store) -> Read:
    return Read(store)


def test_a_name_in_a_file_is_a_name(read: Read) -> None:
    photo = read.look()
    assert read.who() == [("Anna", 1)]
    assert read.people.history().undo == "", "the user did nothing here"
    ((place, _),) = read.names(photo).items()
    (found,) = read.world.detect(photo, [face(FACE)])
    assert found == place, "a detector draws a smaller box around the same face"
    b = read.world.look("b.jpg", "b", regions=named("ANNA"))
    assert read.who() == [("Anna", 2)]
    assert read.look() == photo
    assert read.world.look("b.jpg", "b", regions=named("anna ")) == b
    assert read.who() == [("Anna", 2)], "what was read is not read again"


def test_a_name_that_came_later_in_a_sidecar(read: Read) -> None:
    photo = read.world.look("a.jpg", "a")
    (found,) = read.world.detect(photo, [face(FACE)])
    assert read.look() == photo
    assert read.names(photo) == {found: "Anna"}
    regions = named("Anna") + named("Ben", OTHER) + named("  ", Box(0, 0, 0.1, 0.1))
    read.world.look("a.jpg", "a", regions=regions)
    assert read.who() == [("Anna", 1), ("Ben", 1)]
    read.world.look("a.jpg", "a")
    assert read.who() == [("Anna", 1), ("Ben", 1)], "what was said is not taken back by a file"


@pytest.mark.parametrize("then", ["reject", "move", "dismiss"])
def test_what_the_user_took_back_stays_away(read: Read, then: str) -> None:
    photo = read.look()
    ((place, _),) = read.names(photo).items()
    if then == "reject":
        read.people.reject([place])
    elif then == "move":
        read.people.name_faces([place], "Ben")
    else:
        read.people.dismiss([place])
    before = read.names(photo)
    read.look("a", "Anna", Box(HEAD.x + 0.01, HEAD.y, HEAD.width, HEAD.height))
    assert read.names(photo) == before
    read.look("tagged anew")
    assert read.names(photo) == before
    upside_down = Box(1 - HEAD.x - HEAD.width, 1 - HEAD.y - HEAD.height, HEAD.width, HEAD.height)
    read.look("turned", "Anna", upside_down)
    assert read.names(photo) == before


def test_the_user_knows_better(read: Read) -> None:
    photo = read.world.look("a.jpg", "a")
    (found,) = read.world.detect(photo, [face(FACE)])
    read.people.name_faces([found], "Ben")
    read.look()
    assert read.names(photo) == {found: "Ben"}


def test_a_person_renamed_or_merged_here_is_still_meant(read: Read) -> None:
    read.look()
    read.people.rename(read.people.find("Anna").id, "Anna Smith")
    b = read.world.look("b.jpg", "b", regions=named("Anna"))
    assert read.who() == [("Anna Smith", 2)]
    bea = read.people.draw(b, OTHER, "Bea")
    into = read.people.faces_on(b)[1]
    assert into.id == bea
    assert into.person is not None
    read.people.merge([read.people.find("Anna Smith").id], into.person)
    read.world.look("c.jpg", "c", regions=named("anna"))
    assert read.who() == [("Bea", 4)]


def test_a_name_that_was_a_mistake_here_is_somebody_else(read: Read) -> None:
    """No file called Berta Anna: it was the user who did, and put it right."""
    photo = read.world.look("a.jpg", "a")
    (found,) = read.world.detect(photo, [face(FACE)])
    berta = read.people.name_faces([found], "Anna")
    read.people.rename(berta, "Berta")
    b = read.world.look("b.jpg", "b", regions=named("Anna"))
    assert read.who() == [("Anna", 1), ("Berta", 1)]
    assert list(read.names(b).values()) == ["Anna"]


def test_who_files_mean_is_known_after_any_number_of_words(read: Read) -> None:
    photo = read.look()
    ((place, _),) = read.names(photo).items()
    anna = read.people.rename(read.people.find("Anna").id, "Anna Smith")
    for word in range(KEPT_ACTIONS + 2):
        read.people.set_hidden([anna], word % 2 == 0)
    read.world.look("b.jpg", "b", regions=named("Anna"))
    assert read.who() == [("Anna Smith", 2)]
    (other,) = set(read.world.owners()) - {place}
    read.people.reject([place, FaceId(other)])
    assert read.who() == [("Anna Smith", 0)]
    read.look("tagged anew", "Anna", Box(HEAD.x + 0.01, HEAD.y, HEAD.width, HEAD.height))
    assert read.who() == [("Anna Smith", 0)], "whom it means is not known, but not here"
    read.people.undo()
    assert read.who() == [("Anna Smith", 2)]
    read.world.look("c.jpg", "c", regions=named("Anna"))
    assert read.who() == [("Anna Smith", 3)]


def test_undo_where_a_file_brought_the_name_meanwhile(read: Read) -> None:
    """One name is one person: what the file said goes over to whom the user named so."""
    photo = read.world.look("x.jpg", "x")
    (a, b) = read.world.detect(photo, [face(FACE), face(OTHER)])
    anna = read.people.name_faces([a], "Anna")
    ben = read.people.name_faces([b], "Ben")
    read.people.merge([anna], ben)
    read.people.undo()
    read.people.undo()
    read.people.undo()
    assert read.who() == []
    read.look()
    assert read.who() == [("Anna", 1)]
    read.people.redo()
    assert read.who() == [("Anna", 2)]
    assert read.people.find("anna").id == anna
    read.people.redo()
    read.people.redo()
    assert read.who() == [("Anna", 1), ("Ben", 2)], "the merge knew nothing of the file"
    for _ in range(3):
        read.people.undo()
    assert read.who() == [("Anna", 1)], "as the file says"


def test_removed_and_added_again(read: Read) -> None:
    photo = read.look()
    for folder in read.world.store.folders.all():
        read.world.store.folders.remove(folder.id)
    assert list(read.world.store.photos.purge()) == []
    read.world.folder = read.world.store.folders.add(b"/other", single_file=False, volume="")
    assert read.look() == photo
    assert read.who() == [("Anna", 1)]
