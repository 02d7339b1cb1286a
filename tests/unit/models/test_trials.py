"""Trials: the same photos and words for two or three models, in an engine that ends with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tiny_models
from PIL import Image

from photosearch.engine.remote import RemoteEngine
from photosearch.errors import Cancelled, ModelError, UsageError
from photosearch.library import Library
from photosearch.models.trials import Trials
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import SearchRequest, TrialProgress

PHOTOS = 40


def never() -> None:
    """A check that lets everything pass."""


def ignored(_progress: object) -> None:
    """Tell nobody."""


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    paths = Paths.below(tmp_path / "home")
    settings = SettingsStore(paths.settings_file, environment={})
    made = Library(paths, settings, own_engine=False)
    settings.set("indexing.decoders", 1)
    folder = tmp_path / "photos"
    folder.mkdir()
    chance = np.random.default_rng(1)
    for number in range(PHOTOS):
        colour = tuple(int(value) for value in chance.integers(0, 256, 3))
        Image.new("RGB", (40, 30), colour).save(folder / f"{number}.png")
    made.add_folders([str(folder)])
    for name, width in (("old", 4), ("new", 6), ("third", 5)):
        made.add_model(str(tiny_models.write(tmp_path / name, tiny_models.Tiny(dimension=width))))
    made.index(ignored, never)
    yield made
    made.close()


def test_each_finds_what_a_search_with_it_finds(library: Library) -> None:
    told: list[TrialProgress] = []
    trial = library.trials.run(("old", "new", "third"), "a dog", told.append, never)
    assert (trial.query, trial.photos) == ("a dog", PHOTOS)
    assert [result.name for result in trial.results] == ["old", "new", "third"]
    for result in trial.results:
        assert result.problem == ""
        assert result.per_second > 0
        assert result.query_ms > 0
        assert len(result.photos) == len(set(result.photos)) == PHOTOS
    found = library.search(SearchRequest("a dog", content_only=True))
    old, new, _ = trial.results
    assert old.photos[:5] == tuple(found.ids.tolist()[:5])
    assert old.scores == pytest.approx(found.scores.tolist(), abs=0.02)  # from thumbnails
    assert new.scores != old.scores
    assert TrialProgress("old", 0, PHOTOS) in told
    assert told[-1] == TrialProgress("third", PHOTOS, PHOTOS)
    # Nothing of the library has changed.
    assert library._store.embeddings.find_model(library.models()[0].key) is None
    assert library.settings.current.search.model == "old"


def test_photos_spread_over_the_library_the_same_each_time(
    library: Library, tmp_path: Path
) -> None:
    (tmp_path / "photos").rename(tmp_path / "unplugged")  # thumbnails do
    first = library.trials.run(("old", "new"), "a dog", ignored, never, photos=10)
    again = library.trials.run(("new", "old"), "red", ignored, never, photos=10)
    asked = set(first.results[0].photos)
    assert len(asked) == first.photos == 10
    assert asked == set(first.results[1].photos) == set(again.results[0].photos)
    assert max(asked) - min(asked) == PHOTOS - 1


def test_a_model_that_is_broken_says_so_beside_the_others(library: Library, tmp_path: Path) -> None:
    (tmp_path / "third").rename(tmp_path / "away")
    good, gone = library.trials.run(("old", "third"), "a dog", ignored, never).results
    assert good.photos
    assert "is gone" in gone.problem
    assert gone.photos == ()


def test_what_cannot_be_tried(library: Library, models: Path, tmp_path: Path) -> None:
    library.add_model(str(models / "standin-faces"))
    for names in (("old",), ("old", "old"), ("old", "new", "third", "old")):
        with pytest.raises(UsageError, match="two or three different models"):
            library.trials.run(names, "a dog", ignored, never)
    for name in ("none", "standin-faces"):
        with pytest.raises(ModelError, match=f"no search model “{name}” here. There are: new, old"):
            library.trials.run(("old", name), "a dog", ignored, never)
    with pytest.raises(UsageError, match="Say what to search for"):
        library.trials.run(("old", "new"), "  ", ignored, never)
    empty = Library(
        Paths.below(tmp_path / "empty"),
        SettingsStore(tmp_path / "empty" / "settings.toml", environment={}),
        own_engine=False,
    )
    for name in ("old", "new"):
        empty.add_model(str(tmp_path / name))
    with pytest.raises(UsageError, match="no photos to try models on"):
        empty.trials.run(("old", "new"), "a dog", ignored, never)
    empty.close()


def test_in_a_process_of_its_own_that_ends_with_it(library: Library) -> None:
    engines: list[RemoteEngine] = []
    pids: list[int] = []

    def new_engine() -> RemoteEngine:
        engines.append(RemoteEngine())
        return engines[-1]

    trials = Trials(
        library._store,
        library._thumbs,
        library._decoding.pool,
        library._models,
        new_engine=new_engine,
    )
    stop = threading.Event()

    def report(progress: TrialProgress) -> None:
        child = engines[-1]._child
        if child is not None:
            pids.append(child.pid)
        if progress.model == "new":
            stop.set()

    def check() -> None:
        if stop.is_set():
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        trials.run(("old", "new"), "a dog", report, check)
    assert len(set(pids)) == 1
    assert engines[0]._child is None
    assert not Path(f"/proc/{pids[0]}").exists()
    assert trials.run(("old", "new"), "a dog", ignored, never).photos == PHOTOS
    assert len(engines) == 2
