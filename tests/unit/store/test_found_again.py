"""Names stay with their faces: other face packs, and pictures turned, cropped, saved anew."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from face_world import FaceWorld, face, vector_of

from photosearch.people.people import People
from photosearch.store import Store
from photosearch.store.matching import KnownPlace, likeness, match, overlap
from photosearch.types import Box, DetectedFace, FaceId, ModelKey, PersonId, PhotoId

ANNA, BEN, CLEO = 1, 2, 3
AT = {
    ANNA: Box(0.1, 0.15, 0.2, 0.3),
    BEN: Box(0.55, 0.3, 0.15, 0.25),
    CLEO: Box(0.3, 0.7, 0.1, 0.1),
}


def turned(box: Box, a: int, b: int, swap: bool) -> Box:
    """Mirror a box left to right, top to bottom, and change its sides."""
    x = 1 - box.x - box.width if a else box.x
    y = 1 - box.y - box.height if b else box.y
    return Box(y, x, box.height, box.width) if swap else Box(x, y, box.width, box.height)


TURNS: dict[str, Callable[[Box], Box]] = {
    "saved anew": lambda box: Box(box.x + 0.004, box.y - 0.003, box.width * 1.03, box.height),
    "quarter right": lambda box: turned(box, 0, 1, True),
    "half": lambda box: turned(box, 1, 1, False),
    "quarter left": lambda box: turned(box, 1, 0, True),
    "mirrored": lambda box: turned(box, 1, 0, False),
    "upside down": lambda box: turned(box, 0, 1, False),
    "transposed": lambda box: turned(box, 0, 0, True),
    "transversed": lambda box: turned(box, 1, 1, True),
}


class Renamed:
    """Two people named on one photo, and somebody who was not."""

    def __init__(self, store: Store) -> None:
        self.world = FaceWorld(store)
        self.people = People(store, lambda: None, lambda: 0.5)
        self.photo = self.world.look("a.jpg", "before")
        self.faces = dict(zip(AT, self.see(AT), strict=True))
        self.anna = self.people.name_faces([self.faces[ANNA]], "Anna")
        self.ben = self.people.name_faces([self.faces[BEN]], "Ben")

    def see(
        self, at: dict[int, Box], model: int | None = None, photo: PhotoId | None = None
    ) -> tuple[FaceId, ...]:
        found = [looks(box, who) for who, box in at.items()]
        return self.world.detect(photo or self.photo, found, model)

    def other_pack(self) -> int:
        return self.world.store.faces.model_id(ModelKey("other"), "other", 8)

    def change(self, content: str = "after") -> None:
        assert self.world.look("a.jpg", content) == self.photo

    def place_of(self, person: PersonId) -> FaceId:
        (found,) = self.people.faces(person)
        return found.id


def looks(box: Box, who: int) -> DetectedFace:
    """Return somebody seen again: not to the last bit the same."""
    noise = np.random.default_rng(100 + who).normal(size=8) * 0.05
    return face(box, vector=(vector_of(who) + noise).astype(np.float32))


@pytest.fixture
def two(store: Store) -> Renamed:
    return Renamed(store)


@pytest.mark.parametrize("pack", ["same", "other"])
@pytest.mark.parametrize("turn", TURNS)
def test_a_picture_turned_or_saved_anew(two: Renamed, turn: str, pack: str) -> None:
    """With the pack that knew the faces by their looks, and with one that never saw them."""
    two.change()
    assert two.place_of(two.anna) == two.faces[ANNA], "until it is looked at again"
    model = two.world.model if pack == "same" else two.other_pack()
    now = {who: TURNS[turn](box) for who, box in reversed(AT.items())}
    found = dict(zip(now, two.see(now, model), strict=True))
    assert found[ANNA] == two.place_of(two.anna) == two.faces[ANNA]
    assert found[BEN] == two.place_of(two.ben) == two.faces[BEN]
    (anna,) = two.people.faces(two.anna)
    assert anna.box == now[ANNA]
    with two.world.store.database.reading() as db:
        assert db.execute("SELECT count(*) FROM place WHERE moved").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM face").fetchone() == (3,)


def test_a_picture_cropped(two: Renamed) -> None:
    two.change()

    def cropped(b: Box) -> Box:
        return Box((b.x - 0.05) / 0.7, b.y / 0.6, b.width / 0.7, b.height / 0.6)

    now = {who: cropped(AT[who]) for who in (BEN, ANNA)}
    found = dict(zip(now, two.see(now), strict=True))
    assert (found[ANNA], found[BEN]) == (two.place_of(two.anna), two.place_of(two.ben))


def test_a_face_that_is_no_longer_seen_keeps_its_name(two: Renamed) -> None:
    two.change()
    two.see({BEN: AT[BEN]})
    assert two.place_of(two.anna) == two.faces[ANNA]
    table = two.world.store.faces.table(two.world.model)
    assert table.faces.tolist() == [two.faces[BEN]], "but it is no face to group by"
    assert two.world.store.faces.count(two.world.model) == 1
    two.change("and back, turned")
    found = two.see({who: TURNS["half"](box) for who, box in AT.items()})
    assert found[:2] == (two.faces[ANNA], two.faces[BEN])


def test_who_was_cut_off_is_nobody_else(two: Renamed) -> None:
    """Nor for a pack that never saw her, however the others stand."""
    two.change()
    two.see({BEN: AT[BEN]})
    mirrored = TURNS["mirrored"](AT[ANNA])
    ben, stranger = two.see({BEN: AT[BEN], 9: mirrored}, two.other_pack())
    assert ben == two.faces[BEN]
    assert {f.id: f.name for f in two.people.faces_on(two.photo)}[stranger] == ""


def test_another_picture_under_the_same_name(two: Renamed) -> None:
    """Who stands where Anna stood is not Anna."""
    two.change()
    stranger = face(AT[ANNA], vector=-vector_of(ANNA))
    (found,) = two.world.detect(two.photo, [stranger])
    names = {f.id: f.name for f in two.people.faces_on(two.photo)}
    assert names == {two.faces[ANNA]: "Anna", two.faces[BEN]: "Ben", found: ""}


def test_a_drawn_face_turns_with_the_others(two: Renamed) -> None:
    drawn = two.people.draw(two.photo, Box(0.8, 0.1, 0.1, 0.2), "Zoe")
    two.change()
    now = {who: TURNS["quarter right"](box) for who, box in AT.items()}
    two.see(now, two.other_pack())
    (zoe,) = two.people.faces(two.people.find("zoe").id)
    assert zoe.id == drawn
    assert overlap(zoe.box, TURNS["quarter right"](Box(0.8, 0.1, 0.1, 0.2))) > 0.99


def test_a_drawn_box_stays_as_it_was_drawn(two: Renamed) -> None:
    """A detector sees the face smaller: that is its word, and kept beside."""
    head = Box(0.78, 0.1, 0.14, 0.24)
    drawn = two.people.draw(two.photo, head, "Zoe")
    for pack in (two.other_pack(), two.world.store.faces.model_id(ModelKey("third"), "third", 8)):
        *_, found = two.see({**AT, 9: Box(0.8, 0.15, 0.1, 0.15)}, pack)
        assert found == drawn
        (zoe,) = two.people.faces(two.people.find("zoe").id)
        assert overlap(zoe.box, head) > 0.999
    two.change()
    now = {who: TURNS["half"](box) for who, box in AT.items()}
    face_now = TURNS["half"](Box(0.8, 0.15, 0.1, 0.15))
    assert two.see({**now, 9: face_now}, pack)[-1] == drawn
    (zoe,) = two.people.faces(two.people.find("zoe").id)
    assert overlap(zoe.box, face_now) > 0.999, "it was drawn on another picture"


def test_a_place_drawn_and_undone_goes_once_it_cannot_be_redone(two: Renamed) -> None:
    def places() -> set[int]:
        assert list(two.world.store.photos.purge()) == []
        with two.world.store.database.reading() as db:
            return {row[0] for row in db.execute("SELECT id FROM place")}

    drawn = two.people.draw(two.photo, Box(0.8, 0.1, 0.1, 0.2), "Zoe")
    two.people.undo()
    assert drawn in places()
    two.people.redo()
    two.people.undo()
    two.people.set_hidden([two.ben], True)
    assert places() == set(two.faces.values())


def test_what_is_no_face_stays_none(two: Renamed) -> None:
    two.people.dismiss([two.faces[CLEO]])
    two.change()
    found = two.see({who: TURNS["half"](box) for who, box in AT.items()})
    assert found[2] == two.faces[CLEO]
    assert {f.id for f in two.people.faces_on(two.photo)} == {found[0], found[1]}
    table = two.world.store.faces.table(two.world.model)
    assert two.world.store.people.said(table).no_face.tolist() == [False, False, True]


def test_places_nobody_spoke_of_go_with_the_picture(two: Renamed) -> None:
    two.change()
    assert two.faces[CLEO] not in {f.id for f in two.people.faces_on(two.photo)}
    (_, _, cleo) = two.see(AT)
    assert cleo > two.faces[CLEO]


def test_another_pack_and_back(two: Renamed) -> None:
    other = two.other_pack()
    nearly = {who: Box(b.x + 0.02, b.y, b.width, b.height * 0.9) for who, b in AT.items()}
    extra = Box(0.9, 0.9, 0.05, 0.05)
    found = two.see({**nearly, 9: extra}, other)
    assert found[:3] == tuple(two.faces.values())
    assert two.world.store.faces.count(two.world.model) == 3
    assert two.world.store.faces.count(other) == 4
    assert two.world.store.faces.table(two.world.model).faces.tolist() == list(found[:3])
    pack = People(two.world.store, lambda: None, lambda: 0.5)
    assert pack.names() == two.people.names()


def test_names_beside_each_other_stay_apart(two: Renamed) -> None:
    """A face next to where Anna was must not take her name while she is there herself."""
    other = two.other_pack()
    beside = Box(AT[ANNA].x + 0.1, AT[ANNA].y, 0.2, 0.3)
    new, anna = two.see({9: beside, ANNA: AT[ANNA]}, other)
    assert (anna, new != two.faces[ANNA]) == (two.faces[ANNA], True)


def test_an_edited_duplicate_takes_the_names_along(two: Renamed) -> None:
    two.people.reject([two.faces[CLEO]], two.anna)
    assert two.world.look("b.jpg", "before") == two.photo
    edited = two.world.look("b.jpg", "edited")
    assert edited != two.photo
    assert {f.photo for f in two.people.faces(two.anna)} == {two.photo, edited}
    now = {who: TURNS["quarter left"](box) for who, box in AT.items()}
    assert [p.id for p in two.world.store.faces.pending(two.world.model, PhotoId(0), 9)] == [edited]
    found = two.see(now, photo=edited)
    names = {f.id: f.name for f in two.people.faces_on(edited)}
    assert [names[f] for f in found] == ["Anna", "Ben", ""]
    table = two.world.store.faces.table(two.world.model)
    rejected = two.world.store.people.said(table).rejected
    assert {table.faces[row] for row, _ in rejected} == {two.faces[CLEO], found[2]}


def test_a_copy_of_the_edited_picture_was_seen_first(two: Renamed) -> None:
    """The names come to a photo in which faces were looked for already: it is done again."""
    assert two.world.look("b.jpg", "before") == two.photo
    edited = two.world.look("c.jpg", "edited")
    before = two.see({who: TURNS["half"](box) for who, box in AT.items()}, photo=edited)
    assert two.world.look("b.jpg", "edited") == edited
    assert [p.id for p in two.world.store.faces.pending(two.world.model, PhotoId(0), 9)] == [edited]
    found = two.see({who: TURNS["half"](box) for who, box in AT.items()}, photo=edited)
    names = {f.id: f.name for f in two.people.faces_on(edited)}
    assert [names[f] for f in found] == ["Anna", "Ben", ""]
    assert len(names) == 3
    assert found[2] == before[2]


def test_undo_holds_of_a_picture_that_was_turned_meanwhile(two: Renamed) -> None:
    two.change()
    two.see({who: TURNS["half"](box) for who, box in AT.items()})
    two.people.undo()
    assert [p.name for p in two.people.names()] == ["Anna"]
    two.people.redo()
    assert two.place_of(two.ben) == two.faces[BEN]


# --- the geometry itself ---


def test_boxes_of_one_face() -> None:
    inner, head = Box(0.4, 0.4, 0.1, 0.1), Box(0.33, 0.3, 0.25, 0.28)
    assert overlap(inner, inner) == pytest.approx(1)
    assert overlap(inner, Box(0.5, 0.4, 0.1, 0.1)) == 0
    assert overlap(inner, Box(0.45, 0.4, 0.1, 0.1)) == pytest.approx(1 / 3)
    assert 0 < overlap(inner, head) < 0.3
    assert likeness(inner, head) > 0, "other programs draw around the whole head"
    assert likeness(inner, Box(0, 0, 1, 1)) == 0, "but not around the whole picture"
    assert likeness(inner, Box(0.46, 0.46, 0.1, 0.1)) == 0


def test_one_face_for_one_place() -> None:
    places = [KnownPlace(1, AT[ANNA]), KnownPlace(2, AT[ANNA], spoken=True)]
    boxes = [AT[ANNA], AT[ANNA]]
    vectors = [vector_of(1), vector_of(2)]
    assert sorted(match(places, boxes, vectors).places) == [1, 2]  # type: ignore[type-var]
    assert match(places, boxes[:1], vectors[:1]).places == (2,)
    assert match(places, [], []).places == ()
    assert match([], boxes, vectors).places == (None, None)


def test_twins_are_told_apart_by_where_they_are() -> None:
    """Looks that fit two faces alike say nothing."""
    same = vector_of(1)
    places = [
        KnownPlace(1, AT[ANNA], moved=True, spoken=True, vector=same),
        KnownPlace(2, AT[BEN], moved=True, spoken=True, vector=same),
    ]
    mirrored = [TURNS["mirrored"](AT[BEN]), TURNS["mirrored"](AT[ANNA])]
    assert match(places, mirrored, [same, same]).places == (2, 1)
    nothing = np.full(8, np.nan, np.float32)
    assert match(places, mirrored, [nothing, nothing]).places == (2, 1)
