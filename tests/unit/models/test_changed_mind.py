"""Whoever asks for something else while a model is being loaded gets what they asked for last."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from photosearch.types import ModelKey, Switch

from .test_switching import Place


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.library.close()


def while_it_loads(place: Place, ask: object, monkeypatch: pytest.MonkeyPatch) -> list[ModelKey]:
    """Let something be asked once, while the engine loads what a query needs of a model."""
    engine = place.library._engine
    warm = engine.warm
    loaded: list[ModelKey] = []

    def slowly(key: ModelKey) -> None:
        warm(key)
        if not loaded:
            loaded.append(key)
            ask()  # type: ignore[operator]

    monkeypatch.setattr(engine, "warm", slowly)
    return loaded


def test_going_back_at_the_last_moment(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    switching = place.library.switching
    assert isinstance(switching.choose("new"), Switch)
    loaded = while_it_loads(place, switching.go_back, monkeypatch)
    place.index()
    assert loaded == [place.new_key]
    assert place.in_use() == "old"
    assert switching.current() is None
    assert place.vectors(place.new_key) == place.vectors(place.old_key)  # for the next time


def test_going_back_while_it_is_switched_early(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    switching = place.library.switching
    switching.choose("new")
    loaded = while_it_loads(place, switching.go_back, monkeypatch)
    switching.now()
    assert loaded == [place.new_key]
    assert place.in_use() == "old"
    switching.choose("new")
    switching.now()
    assert place.in_use() == "new"


def test_another_program_goes_back(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.library.switching.choose("new")
    other = place.open()
    loaded = while_it_loads(place, other.switching.go_back, monkeypatch)
    place.index()
    other.close()
    assert loaded == [place.new_key]
    assert place.in_use() == "old"


def test_a_model_on_a_drive_that_is_away_stays_chosen(place: Place) -> None:
    away = place.old.rename(place.place / "unplugged")
    third = place.place / "third"
    place.new.rename(third)
    place.library.remove_model("new")
    added = place.library.add_model(str(third))
    assert not added.in_use
    away.rename(place.old)
    assert place.in_use() == "old"
    assert len(place.find().ids)
