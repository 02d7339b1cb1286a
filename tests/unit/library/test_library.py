"""The verbs of the library that need no photos: folders it refuses, the model in use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from photosearch.errors import UsageError
from photosearch.inference.registry import ModelRegistry
from photosearch.library import Library
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import ModelInfo, SearchRequest


def opened(home: Path) -> Library:
    paths = Paths.below(home)
    return Library(paths, SettingsStore(paths.settings_file, environment={}), own_engine=False)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = opened(tmp_path / "home")
    yield made
    made.close()


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Gets an entry whenever the files of all models are looked at."""
    calls: list[int] = []
    whole = ModelRegistry.list

    def counting(registry: ModelRegistry) -> tuple[ModelInfo, ...]:
        calls.append(1)
        return whole(registry)

    monkeypatch.setattr(ModelRegistry, "list", counting)
    return calls


def test_its_own_folders_are_no_photo_folders(library: Library) -> None:
    for own in (library.paths.data, library.paths.cache, library.paths.thumbnails):
        with pytest.raises(UsageError, match="own folder"):
            library.add_folders([str(own)])
    beside = library.paths.data.with_name(library.paths.data.name + " photos")
    beside.mkdir()
    assert len(library.add_folders([str(beside)])) == 1


def test_a_search_does_not_look_at_the_files_of_models(
    library: Library, models: Path, listed: list[int]
) -> None:
    added = library.add_model(str(models / "standin-clip"))
    library.models()
    listed.clear()
    for _ in range(3):
        assert library.search(SearchRequest(text="dog")).notices == ()
        assert library.pending() == {"look": 0, "embed": 0, "faces": 0}
        assert library.status().model == added.name
    assert listed == []
    assert library.model() == library.models()[0]
    library.index(lambda progress: None, lambda: None)
    assert len(listed) == 2, "a run looks at them, once"


def test_what_the_command_line_changes_is_seen(
    library: Library, models: Path, tmp_path: Path
) -> None:
    name = library.add_model(str(models / "standin-clip")).name
    assert library.model() is not None
    other = opened(tmp_path / "home")
    other.remove_model(name)
    assert library.model() is None
    other.add_model(str(models / "standin-clip"))
    other.close()
    model = library.model()
    assert model is not None
    assert model.name == name


def test_a_model_that_went_away_is_seen_when_it_is_back(
    library: Library, models: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    folder.symlink_to(models / "standin-clip")
    library.add_model(str(folder))
    folder.unlink()
    library.models()
    model = library.model()
    assert model is not None
    assert "is gone" in model.problem
    folder.symlink_to(models / "standin-clip")
    model = library.model()
    assert model is not None
    assert model.problem == ""


def test_decoders_follow_the_settings(library: Library) -> None:
    library.settings.set_all({"indexing.decoders": 3, "indexing.decode_timeout_s": 7})
    assert (library._decoding.pool._size, library._decoding.pool._timeout_s) == (3, 7)
    assert library._decoding.viewers._timeout_s == 7
    library.settings.set("indexing.speed", "gentle")
    assert library._decoding.pool._size == 3, "a number that the user chose holds"
    library.settings.reset("indexing.decoders")
    assert library._decoding.pool._size == 1


def test_nobody_is_told_of_what_they_switched_off(library: Library) -> None:
    assert library.index(lambda progress: None, lambda: None).notices != ()
    library.settings.set("search.enabled", False)
    assert library.index(lambda progress: None, lambda: None).notices == ()
