"""Several search models in one engine: each with towers and vectors of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny_models

from photosearch.engine.inline import InlineEngine
from photosearch.engine.protocol import Engine, ModelChoice
from photosearch.engine.remote import RemoteEngine
from photosearch.errors import ModelError
from photosearch.store import Store
from photosearch.store.embeddings import PendingPhoto, StoredVectors
from photosearch.types import ModelKey, PhotoId

KEYS = ModelKey("one"), ModelKey("two")
PIXELS = np.full((1, 8, 8, 3), 120, np.uint8)


class Place:
    """A library of three photos with a vector of each model."""

    def __init__(self, place: Path) -> None:
        self.store = Store.open(place / "library.db")
        self.choices = tuple(
            ModelChoice(
                folder=tiny_models.write(place / key, tiny_models.Tiny(dimension=width)),
                key=key,
                dimension=width,
                database=place / "library.db",
                indexes=place / "index",
                provider="cpu",
                threads=1,
            )
            for key, width in zip(KEYS, (4, 6), strict=True)
        )
        for number in range(1, 4):
            self.add(number)

    def add(self, photo: int) -> list[StoredVectors]:
        """Add a photo with a vector of each model; returns what was written."""
        content = b"%020d" % photo
        with self.store.database.transaction() as db:
            db.execute(
                "INSERT INTO photo (id, hash, bytes, width, height, format)"
                " VALUES (?, ?, 1, 1, 1, 'JPEG')",
                (photo, content),
            )
        rows = []
        for choice in self.choices:
            number = self.store.embeddings.model_id(choice.key, "m", choice.dimension)
            vectors = np.eye(choice.dimension, dtype=np.float32)[photo % 3 : photo % 3 + 1]
            pending = [PendingPhoto(PhotoId(photo), content)]
            rows.append(self.store.embeddings.write(number, "x", pending, vectors))
        return rows


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.store.close()


@pytest.fixture(params=[InlineEngine, RemoteEngine])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    made = request.param()
    yield made
    made.close()


def found(engine: Engine, choice: ModelChoice) -> list[int]:
    wanted = np.ones(choice.dimension, np.float32)
    ids: list[int] = engine.search(choice.key, wanted, 10)[0].tolist()
    return sorted(ids)


def test_each_answers_for_itself(place: Place, engine: Engine) -> None:
    one, two = place.choices
    engine.use(one, two)
    assert engine.encode(one.key, PIXELS).vectors.shape == (1, 4)
    assert engine.encode(two.key, PIXELS).vectors.shape == (1, 6)
    assert engine.encode_text(one.key, "a dog").shape == (4,)
    assert engine.encode_text(two.key, "a dog").shape == (6,)
    assert found(engine, one) == found(engine, two) == [1, 2, 3]
    engine.use(two)
    assert found(engine, two) == [1, 2, 3]
    for call in (
        lambda: engine.encode(one.key, PIXELS),
        lambda: engine.encode_text(one.key, "a dog"),
        lambda: engine.warm(one.key),
        lambda: found(engine, one),
    ):
        with pytest.raises(ModelError, match="changed meanwhile"):
            call()
    engine.use()
    with pytest.raises(ModelError, match="No search model is chosen"):
        engine.encode(two.key, PIXELS)


def test_the_state_is_that_of_the_first(place: Place, engine: Engine) -> None:
    one, two = place.choices
    engine.use(one, two)
    engine.warm(two.key)
    assert engine.state().vectors == 0
    engine.warm(one.key)
    assert engine.state().vectors == 3


def test_vectors_of_a_coming_model_wait_in_the_library(place: Place) -> None:
    """They take memory once it is searched, not while it is prepared."""
    engine = InlineEngine()
    one, two = place.choices
    engine.use(one, two)
    first, second = place.add(4)
    engine.add(one.key, first)
    engine.add(two.key, second)
    assert engine._shelves.there(one.key) is not None
    assert engine._shelves.there(two.key) is None
    engine.warm(two.key)
    first, second = place.add(5)
    engine.add(one.key, first)
    engine.add(two.key, second)
    assert found(engine, one) == found(engine, two) == [1, 2, 3, 4, 5]
    engine.remove(np.concatenate([first.labels, second.labels]))
    assert found(engine, one) == found(engine, two) == [1, 2, 3, 4]
    engine.close()


def test_another_device_leaves_the_vectors_where_they_are(place: Place) -> None:
    engine = InlineEngine()
    one, two = place.choices
    engine.use(one, two)
    assert found(engine, one) == [1, 2, 3]
    shelf, towers = engine._shelves.there(one.key), engine._loaded[one.key]
    engine.use(replace(one, threads=2), two)
    assert engine._shelves.there(one.key) is shelf
    assert engine._loaded[one.key] is not towers
    assert found(engine, one) == [1, 2, 3]
    engine.use(two, replace(one, threads=2))
    assert engine._shelves.there(one.key) is shelf
    engine.close()


def test_a_child_that_died_comes_back_with_both(place: Place) -> None:
    engine = RemoteEngine()
    one, two = place.choices
    engine.use(one, two)
    assert found(engine, two) == [1, 2, 3]
    child = engine._child
    assert child is not None
    child.kill()
    assert found(engine, one) == found(engine, two) == [1, 2, 3]
    assert engine._child is not child
    engine.close()
