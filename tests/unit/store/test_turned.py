"""A picture that was turned is known by its miniature, and its places go along at once."""

from __future__ import annotations

import numpy as np
import pytest
from face_world import FaceWorld, face, vector_of
from PIL import Image
from PIL.Image import Transpose

from photosearch.media.pixels import miniature
from photosearch.people.people import People
from photosearch.store import Store
from photosearch.store.turning import turn_between
from photosearch.types import Box

AT = Box(0.1, 0.15, 0.2, 0.3)
TURNED = {
    Transpose.ROTATE_270: Box(0.55, 0.1, 0.3, 0.2),
    Transpose.ROTATE_90: Box(0.15, 0.7, 0.3, 0.2),
    Transpose.ROTATE_180: Box(0.7, 0.55, 0.2, 0.3),
    Transpose.FLIP_LEFT_RIGHT: Box(0.7, 0.15, 0.2, 0.3),
    Transpose.FLIP_TOP_BOTTOM: Box(0.1, 0.55, 0.2, 0.3),
    Transpose.TRANSPOSE: Box(0.15, 0.1, 0.3, 0.2),
    Transpose.TRANSVERSE: Box(0.55, 0.7, 0.3, 0.2),
}


def picture(seed: int = 0) -> Image.Image:
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    return Image.fromarray(coarse).resize((400, 300))


def near(box: Box) -> object:
    return pytest.approx((box.x, box.y, box.width, box.height))


def sides(box: Box) -> tuple[float, ...]:
    return box.x, box.y, box.width, box.height


@pytest.mark.parametrize("how", TURNED)
def test_each_turn_is_known(how: Transpose) -> None:
    smaller = picture().transpose(how).resize((130, 170))
    turn = turn_between(miniature(picture()), miniature(smaller))
    assert turn is not None
    assert sides(turn(AT)) == near(TURNED[how])


def test_what_is_not_known_is_not_guessed() -> None:
    plain = miniature(Image.new("RGB", (40, 30), "navy"))
    one = miniature(picture())
    assert turn_between(one, one) is None, "nothing was turned"
    assert turn_between(one, miniature(picture(1))) is None, "another picture"
    assert turn_between(plain, plain) is None
    assert turn_between(b"", one) is None
    assert turn_between(one, b"") is None
    assert turn_between(b"123", b"123") is None
    stripes = Image.new("RGB", (12, 12), "white")
    stripes.paste("black", (0, 0, 6, 12))
    half = stripes.transpose(Transpose.ROTATE_180)
    assert turn_between(miniature(stripes), miniature(half)) is None, "turned or mirrored?"


@pytest.mark.parametrize("how", TURNED)
def test_places_turn_with_the_picture(store: Store, how: Transpose) -> None:
    """Before faces are looked for, and where none is seen."""
    world = FaceWorld(store)
    people = People(store, lambda: None, lambda: 0.5)
    photo = world.look("a.jpg", "before", miniature=miniature(picture()))
    (anna,) = world.detect(photo, [face(AT, 1)])
    person = people.name_faces([anna], "Anna")
    world.look("a.jpg", "after", miniature=miniature(picture().transpose(how)))
    (found,) = people.faces(person)
    assert sides(found.box) == near(TURNED[how])
    world.detect(photo, [])
    (found,) = people.faces(person)
    assert sides(found.box) == near(TURNED[how]), "not seen on its head, it stays where it is"


def test_a_turned_face_need_not_look_like_itself(store: Store) -> None:
    world = FaceWorld(store)
    people = People(store, lambda: None, lambda: 0.5)
    photo = world.look("a.jpg", "before", miniature=miniature(picture()))
    (anna,) = world.detect(photo, [face(AT, 1)])
    person = people.name_faces([anna], "Anna")
    how = Transpose.ROTATE_180
    world.look("a.jpg", "after", miniature=miniature(picture().transpose(how)))
    box = TURNED[how]
    seen = face(Box(box.x + 0.02, box.y, box.width, box.height), vector=-vector_of(1))
    assert world.detect(photo, [seen]) == (anna,)
    (found,) = people.faces(person)
    assert sides(found.box) == near(seen.box)


def test_an_edited_duplicate_that_was_turned(store: Store) -> None:
    world = FaceWorld(store)
    people = People(store, lambda: None, lambda: 0.5)
    photo = world.look("a.jpg", "before", miniature=miniature(picture()))
    (anna,) = world.detect(photo, [face(AT, 1)])
    person = people.name_faces([anna], "Anna")
    assert world.look("b.jpg", "before", miniature=miniature(picture())) == photo
    how = Transpose.ROTATE_90
    edited = world.look("b.jpg", "after", miniature=miniature(picture().transpose(how)))
    boxes = {found.photo: sides(found.box) for found in people.faces(person)}
    assert boxes == {photo: near(AT), edited: near(TURNED[how])}
