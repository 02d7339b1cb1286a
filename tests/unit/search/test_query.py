"""Answers from words, from content, from both; trouble is a notice, not an exception."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from indexing_world import MODEL, World

from photosearch.errors import EngineError, ModelError
from photosearch.search.query import Sources, answer
from photosearch.types import ModelInfo, ModelKey, PhotoFilter, PhotoId, Results, SearchRequest


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    folder = made.folder("photos")
    made.add(folder)
    for name in ("cat.jpg", "dog.jpg", "in/dog two.jpg"):
        made.write(folder / name, f"picture of {name}")
    made.index()
    yield made
    made.close()


def ask(world: World, text: str = "", model: ModelInfo | None = MODEL, **more: object) -> Results:
    request = SearchRequest(text=text, **more)  # type: ignore[arg-type]
    results = answer(request, Sources(world.store, world.engine, world.decoder, model))
    assert not results.ids.flags.writeable
    assert not results.scores.flags.writeable
    assert len(results.ids) == len(results.scores) == len(set(results.ids.tolist()))
    assert (np.diff(results.scores) <= 1e-6).all()
    return results


def photo(world: World, name: str) -> int:
    return world.photo(f"picture of {name}")


def test_words_and_content_make_one_list(world: World) -> None:
    results = ask(world, "dog")
    assert results.by_content
    assert len(results.ids) == 3
    assert results.ids[2] == photo(world, "cat.jpg"), "the words speak for the dogs"
    assert ask(world, "dog", content_only=True).scores[0] == pytest.approx(1)


def test_without_a_model(world: World) -> None:
    results = ask(world, "dog", model=None)
    assert not results.by_content
    assert len(results.ids) == 2
    assert results.notices == ()
    assert "No search model" in ask(world, "dog", model=None, content_only=True).notices[0]


def test_filters(world: World) -> None:
    (folder,) = world.store.folders.all()
    inside = ask(world, "dog", filter=PhotoFilter(folder=folder.id, dir=b"in"))
    assert inside.ids.tolist() == [photo(world, "in/dog two.jpg")]
    assert len(ask(world, "dog", filter=PhotoFilter(favourites=True)).ids) == 0


def test_the_limit(world: World) -> None:
    assert len(ask(world, "dog", limit=1).ids) == 1
    assert len(ask(world, "cat", limit=2, content_only=True).ids) == 2


def test_like_leaves_out_the_photo_itself(world: World) -> None:
    cat = PhotoId(photo(world, "cat.jpg"))
    results = ask(world, like=(cat,))
    assert cat not in results.ids
    assert len(results.ids) == 2


def test_photos_that_are_gone_are_not_found(world: World) -> None:
    world.store.favourites.set([PhotoId(photo(world, "dog.jpg"))], True)  # its vector stays
    (world.place / "photos" / "dog.jpg").unlink()
    world.index()
    assert len(world.engine.rows) == 3
    assert len(ask(world, "dog").ids) == 2


def test_trouble_is_told_and_words_still_answer(world: World) -> None:
    def dead(key: ModelKey, text: str) -> np.ndarray:
        raise EngineError("The engine died.")

    world.engine.encode_text = dead  # type: ignore[method-assign]
    results = ask(world, "dog")
    assert results.notices == ("The engine died.",)
    assert len(results.ids) == 2

    def refuse(key: ModelKey, text: str) -> np.ndarray:
        raise ModelError("Its files are gone.")

    world.engine.encode_text = refuse  # type: ignore[method-assign]
    assert ask(world, "dog").notices == ("Its files are gone.",)


@pytest.mark.parametrize("which", [PhotoFilter(), PhotoFilter(favourites=True)])
def test_a_library_that_cannot_be_read_is_told_once(world: World, which: PhotoFilter) -> None:
    world.store.close()
    results = ask(world, "dog", filter=which)
    assert results.notices == ("The library is closed.",)
    assert len(results.ids) == 0


def test_a_text_that_means_nothing(world: World) -> None:
    world.engine.encode_text = lambda key, text: np.zeros(4, np.float32)  # type: ignore[method-assign]
    results = ask(world, "qwxz")
    assert len(results.ids) == 0
    assert "nothing of these words" in results.notices[0]


def test_nothing_asked(world: World) -> None:
    results = ask(world, "   ")
    assert len(results.ids) == 0
    assert results.notices == ()
