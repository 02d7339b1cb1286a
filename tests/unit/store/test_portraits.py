"""Faces as the front ends show them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from face_world import FaceWorld

from photosearch.store import Store
from photosearch.types import DateSource


@pytest.fixture
def world(tmp_path: Path) -> Iterator[FaceWorld]:
    store = Store.open(tmp_path / "library.db")
    yield FaceWorld(store)
    store.close()


@pytest.mark.parametrize("source", DateSource)
def test_the_time_of_a_file_is_not_shown_as_the_day_of_the_photo(
    world: FaceWorld, source: DateSource
) -> None:
    (face,) = world.photo_with("a.jpg", 1)
    with world.store.database.transaction() as db:
        db.execute(
            "UPDATE photo SET taken_at = '2012-03-04T05:06:07', date_source = ?", (source.value,)
        )
    (shown,) = world.store.portraits.of([face], world.model)
    guessed = source is DateSource.FILE
    assert shown.taken_at == (None if guessed else "2012-03-04T05:06:07")
