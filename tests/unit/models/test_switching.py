"""Changing the search model: beside the old one, at once where nothing is lost, early, back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import tiny_models
from PIL import Image

from photosearch.engine.inline import InlineEngine
from photosearch.engine.protocol import Encoded, PixelBatch
from photosearch.errors import Cancelled, ModelError, SettingsError
from photosearch.library import Library
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import (
    Ids,
    IndexReport,
    ModelKey,
    PhotoId,
    Progress,
    Results,
    SearchRequest,
    Speed,
    Stage,
    Switch,
)

PHOTOS = 12


def never() -> None:
    """A check that lets everything pass."""


class Place:
    """A library with two tiny models, `old` in use, and some photos."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.photos = place / "photos"
        self.photos.mkdir()
        self.add(PHOTOS)
        self.old = tiny_models.write(place / "old")
        self.new = tiny_models.write(place / "new", tiny_models.Tiny(dimension=6))
        self.encoded: list[ModelKey] = []
        self.reports: list[Progress] = []
        self.library = self.open()
        self.library.add_folders([str(self.photos)])
        self.old_key = self.library.add_model(str(self.old)).key
        self.index()
        self.new_key = self.library.add_model(str(self.new)).key
        self.encoded.clear()

    def open(self, **environment: str) -> Library:
        paths = Paths.below(self.place / "home")
        settings = SettingsStore(paths.settings_file, environment=environment)
        library = Library(paths, settings, own_engine=False)
        settings.set("indexing.decoders", 1)
        settings.set("indexing.batch", 4)
        engine = library._engine
        assert isinstance(engine, InlineEngine)
        encode = engine.encode

        def counting(key: ModelKey, batch: PixelBatch) -> Encoded:
            self.encoded += [key] * len(batch)
            return encode(key, batch)

        engine.encode = counting  # type: ignore[method-assign]
        return library

    def again(self, **environment: str) -> Library:
        """Close the library and open it anew."""
        self.library.close()
        self.library = self.open(**environment)
        return self.library

    def add(self, count: int, size: tuple[int, int] = (480, 400)) -> None:
        chance = np.random.default_rng(len(list(self.photos.iterdir())))
        for _ in range(count):
            colour = tuple(int(value) for value in chance.integers(0, 256, 3))
            name = f"{len(list(self.photos.iterdir()))}.jpg"
            Image.new("RGB", size, colour).save(self.photos / name)

    def index(self, check: Callable[[], None] = never) -> IndexReport:
        return self.library.index(self.reports.append, check)

    def in_use(self) -> str:
        model = self.library.model()
        return model.name if model else ""

    def find(self) -> Results:
        return self.library.search(SearchRequest("a dog", content_only=True, limit=1000))

    def vectors(self, key: ModelKey) -> int:
        return self.library._store.embeddings.count(key)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.library.close()


def stopping(place: Place) -> Callable[[], None]:
    """Return a check that ends a run once it has encoded anything."""

    def check() -> None:
        if place.encoded:
            raise Cancelled("enough")

    return check


def test_the_old_one_answers_until_the_new_one_is_complete(place: Place) -> None:
    before = place.find()
    switch = place.library.switching.choose("new")
    assert switch == Switch("new", "old", 0, PHOTOS)
    assert place.in_use() == "old"
    answers: list[tuple[str, int]] = []

    def report(progress: Progress) -> None:
        if progress.stage is Stage.COMING:
            answers.append((place.in_use(), len(place.find().ids)))
            assert place.find().ids.tolist() == before.ids.tolist() or place.in_use() == "new"

    done = place.library.index(report, never)
    assert answers[0] == ("old", PHOTOS)
    assert {count for _, count in answers} == {PHOTOS}
    assert done.notices == ("Search now uses “new”.",)
    assert done.stages["coming"]["done"] == PHOTOS
    assert place.encoded == [place.new_key] * PHOTOS
    assert place.in_use() == "new"
    assert place.library.switching.current() is None
    chosen = place.library.settings.current.search
    assert (chosen.model, chosen.coming) == ("new", "")
    assert place.find().by_content
    assert place.find().scores.tolist() != before.scores.tolist()


def test_back_and_forth_encodes_nothing(place: Place) -> None:
    before = place.find()
    place.library.switching.choose("new")
    place.index()
    after = place.find()
    place.encoded.clear()
    assert place.library.switching.choose("old") is None
    assert place.in_use() == "old"
    assert place.find().scores.tolist() == before.scores.tolist()
    assert place.library.switching.choose("new") is None
    assert place.find().scores.tolist() == after.scores.tolist()
    place.index()
    assert place.encoded == []


def test_given_up_and_chosen_again_goes_on_where_it_was(place: Place) -> None:
    place.library.switching.choose("new")
    with pytest.raises(Cancelled):
        place.index(stopping(place))
    done = place.vectors(place.new_key)
    assert 0 < done < PHOTOS
    place.library.switching.go_back()
    assert place.library.switching.current() is None
    assert place.index().notices == ()
    assert place.vectors(place.new_key) == done
    assert place.in_use() == "old"
    assert place.library.switching.choose("new") == Switch("new", "old", done, PHOTOS)
    place.again()
    assert place.library.switching.current() == Switch("new", "old", done, PHOTOS)
    place.index()
    assert place.in_use() == "new"
    assert len(place.encoded) == PHOTOS, "none of them twice"


def test_switched_early(place: Place) -> None:
    switching = place.library.switching
    with pytest.raises(ModelError, match="No search model is being prepared"):
        switching.now()
    switching.choose("new")
    with pytest.raises(Cancelled):
        place.index(stopping(place))
    done = place.vectors(place.new_key)
    switching.now()
    assert (place.in_use(), switching.current()) == ("new", None)
    assert len(place.find().ids) == done
    assert place.library.pending()["embed"] == PHOTOS - done
    place.index()
    assert len(place.find().ids) == PHOTOS
    assert len(place.encoded) == PHOTOS


def test_chosen_or_given_up_during_a_run(place: Place) -> None:
    switching = place.library.switching
    place.add(8)
    chosen: list[Switch | None] = []

    def choosing(progress: Progress) -> None:
        if progress.stage is Stage.EMBED and not chosen:
            chosen.append(switching.choose("new"))

    assert place.library.index(choosing, never).notices == ("Search now uses “new”.",)
    assert place.in_use() == "new"
    place.add(8)
    place.index()
    switching.delete("old", files=False, vectors=True)
    assert switching.choose("old") is not None
    place.encoded.clear()

    def giving_up() -> None:
        if place.encoded:
            switching.go_back()

    assert place.index(giving_up).notices == ()
    assert place.in_use() == "new"
    assert 0 < place.vectors(place.old_key) < PHOTOS + 16


def test_switched_early_during_a_run(place: Place) -> None:
    switching = place.library.switching
    switching.choose("new")
    place.add(4)

    def impatient(progress: Progress) -> None:
        if progress.stage is Stage.EMBED and switching.current() is not None:
            switching.now()

    assert place.library.index(impatient, never).notices == ()
    assert place.in_use() == "new"
    assert place.vectors(place.new_key) == PHOTOS + 4
    assert place.library.pending()["embed"] == 0


def test_photos_added_meanwhile_get_both_vectors_the_old_one_first(place: Place) -> None:
    place.library.switching.choose("new")
    place.add(3)
    place.index()
    assert place.vectors(place.old_key) == place.vectors(place.new_key) == PHOTOS + 3
    assert place.encoded == [place.old_key] * 3 + [place.new_key] * (PHOTOS + 3)


def test_at_once_where_nothing_is_lost(place: Place, tmp_path: Path) -> None:
    switching = place.library.switching
    other = tiny_models.write(tmp_path / "other", tiny_models.Tiny(dimension=5))
    place.library.add_model(str(other))
    # The model in use is in trouble.
    place.old.rename(tmp_path / "away")
    assert switching.choose("new") is None
    assert place.in_use() == "new"
    # No photo has a vector of the model in use.
    assert switching.choose("other") is None
    assert place.in_use() == "other"
    place.index()
    # The one in use: the coming one is given up.
    assert switching.choose("new") is not None
    assert switching.choose("other") is None
    assert switching.current() is None
    (tmp_path / "away").rename(place.old)


def test_a_third_replaces_the_one_that_was_to_come(place: Place, tmp_path: Path) -> None:
    other = tiny_models.write(tmp_path / "other", tiny_models.Tiny(dimension=5))
    place.library.add_model(str(other))
    place.library.switching.choose("new")
    assert place.library.switching.choose("other") == Switch("other", "old", 0, PHOTOS)
    place.index()
    assert place.in_use() == "other"
    assert place.vectors(place.new_key) == 0


def test_a_face_pack_or_an_unknown_name(place: Place, models: Path) -> None:
    place.library.add_model(str(models / "standin-faces"))
    place.library.add_model(str(models / "standin-faces-free"))
    assert place.library.switching.choose("standin-faces-free") is None
    pack = place.library.face_pack()
    assert pack is not None
    assert pack.name == "standin-faces-free"
    assert place.in_use() == "old"
    with pytest.raises(ModelError, match=r"There is no model “none”\. Registered models: new, old"):
        place.library.switching.choose("none")
    with pytest.raises(ModelError, match="There is no search model “none”"):
        place.library.switching.cost("none")


def test_a_coming_model_that_is_gone_or_broken_is_a_sentence(place: Place, tmp_path: Path) -> None:
    place.library.switching.choose("new")
    place.new.rename(tmp_path / "away")
    (notice,) = place.index().notices
    assert notice.startswith("“new” cannot be prepared: The folder of the model “new” is gone")
    assert notice.endswith("Search goes on with “old”.")
    assert len(place.find().ids) == PHOTOS
    assert place.find().notices == ()
    with pytest.raises(ModelError, match="is gone"):
        place.library.switching.now()
    (tmp_path / "away").rename(place.new)
    place.library.remove_model("new")
    assert place.library.settings.current.search.coming == ""
    place.library.settings.set("search.coming", "new")
    (notice,) = place.index().notices
    assert notice.startswith("The search model “new”, which was being prepared, is not there")
    place.library.switching.go_back()
    assert place.index().notices == ()


def test_photos_out_of_reach_do_not_hold_it_up(place: Place, tmp_path: Path) -> None:
    library = place.library
    drive = tmp_path / "drive"
    drive.mkdir()
    for number in range(3):
        Image.new("RGB", (20, 30), (80 * number, 9, 200)).save(drive / f"{number}.jpg")
    library.add_folders([str(drive)])
    place.index()
    drive.rename(tmp_path / "unplugged")
    with library._store.database.reading() as db:
        rows = db.execute("SELECT hash FROM photo WHERE width = 20").fetchall()
    library._thumbs.delete_many([row[0] for row in rows])
    library.switching.choose("new")
    assert place.index().notices == (
        "Search now uses “new”. 3 photos, on drives that are not there, have no vector of it yet: "
        "they follow.",
    )
    assert library.pending()["embed"] == 3
    (tmp_path / "unplugged").rename(drive)
    place.index()
    assert library.pending()["embed"] == 0
    assert len(place.find().ids) == PHOTOS + 3


def test_most_photos_out_of_reach_do(place: Place, tmp_path: Path) -> None:
    place.photos.rename(tmp_path / "unplugged")
    place.library._thumbs.delete_many(place.library._thumbs.keys(b"", 1000))
    assert place.library.switching.choose("new") is not None
    (said,) = place.index().notices
    assert said.startswith("“new” is ready, but 12 photos, on drives that are not there")
    assert place.in_use() == "old"
    assert len(place.find().ids) == PHOTOS
    place.library.switching.now()
    assert place.in_use() == "new"


def test_a_photo_that_failed_does_not_hold_it_up(place: Place) -> None:
    photo = PhotoId(int(place.find().ids[0]))
    place.library.switching.choose("new")
    place.library._store.failures.add(photo, "embed", "It crashes the model.")
    place.index()
    assert place.in_use() == "new"
    assert len(place.find().ids) == PHOTOS - 1
    assert place.library.switching.choose("old") is None, "nothing is lost"
    assert place.library.failures() == (), "another model may succeed"


def test_no_original_is_opened_for_a_small_model(place: Place, tmp_path: Path) -> None:
    place.library.switching.choose("new")
    place.photos.rename(tmp_path / "unplugged")
    place.index()
    assert place.in_use() == "new"
    assert place.vectors(place.new_key) == PHOTOS


def test_originals_for_a_large_one(place: Place, tmp_path: Path) -> None:
    large = tiny_models.write(tmp_path / "large", tiny_models.Tiny(dimension=5, size_px=390))
    key = place.library.add_model(str(large)).key
    cost = place.library.switching.cost("large")
    assert (cost.photos, cost.from_originals, cost.unreachable) == (PHOTOS, PHOTOS, 0)
    opened: list[int] = []
    decoder = place.library._decoding.pool
    model_input = decoder.model_input

    def counting(request):  # type: ignore[no-untyped-def]
        opened.append(len(request.paths))
        return model_input(request)

    decoder.model_input = counting  # type: ignore[method-assign]
    place.library.switching.choose("large")
    place.index()
    assert opened == [1] * PHOTOS
    assert place.vectors(key) == PHOTOS
    place.photos.rename(tmp_path / "unplugged")
    again = tiny_models.write(tmp_path / "again", tiny_models.Tiny(dimension=7, size_px=390))
    place.library.add_model(str(again))
    assert place.library.switching.cost("again").unreachable == PHOTOS


def test_what_it_costs(place: Place) -> None:
    switching = place.library.switching
    asked: list[str] = []

    def speed(entry: object, name: str) -> Speed:
        asked.append(name)
        return Speed(per_second=3.0, measured=True)

    cost = switching.cost("new")
    assert (cost.photos, cost.seconds, cost.download_bytes) == (PHOTOS, None, 0)
    assert cost.from_originals == cost.unreachable == 0
    info = next(model for model in place.library.models() if model.name == "new")
    assert cost.disk_bytes == info.bytes_on_disk + PHOTOS * 2 * 6
    assert cost.free_bytes > 0
    switching.speed = speed
    assert switching.cost("new").seconds == PHOTOS / 3
    assert switching.cost("old").photos == 0
    switch = switching.choose("new")
    assert switch is not None
    assert switch.seconds_left == PHOTOS / 3
    assert set(asked) == {"new", "old"}


def test_another_program_on_the_same_home(place: Place) -> None:
    """The command line chooses, indexes and switches while the window is open, and back."""
    place.library.switching.choose("new")
    window, place.library = place.library, place.open()
    try:
        place.index()
        assert place.in_use() == "new"
        assert place.library.switching.choose("old") is None
        assert place.library.switching.choose("new") is None
        assert len(window.search(SearchRequest("a dog", content_only=True)).ids) == PHOTOS
        assert window.index(place.reports.append, never).notices == ()
        model = window.model()
        assert model is not None
        assert model.name == "new"
        assert window.settings.current.search.coming == ""
    finally:
        window.close()


def test_a_model_from_the_environment_is_not_changed(place: Place) -> None:
    place.again(PHOTOSEARCH_SEARCH_MODEL="old")
    with pytest.raises(SettingsError, match="PHOTOSEARCH_SEARCH_MODEL"):
        place.library.switching.choose("new")
    place.again(PHOTOSEARCH_SEARCH_COMING="new")
    (notice,) = place.index().notices
    assert "PHOTOSEARCH_SEARCH_COMING" in notice
    assert place.in_use() == "old"


def test_search_switched_off(place: Place) -> None:
    library = place.library
    library.switching.choose("new")
    library.settings.set("search.enabled", False)
    place.add(2)
    assert library.pending()["embed"] == 0
    report = place.index()
    assert report.notices == (), "who switched it off is not told so each time"
    assert "embed" not in report.stages
    assert place.encoded == []
    found = library.search(SearchRequest("jpg"))
    assert (len(found.ids), found.by_content) == (PHOTOS + 2, False)
    assert found.notices == (
        "Search by what photos show is switched off: they are found by their names, folders and "
        "dates.",
    )
    assert library.status().pending["embed"] == 0
    library.settings.set("search.enabled", True)
    assert library.pending()["embed"] == 2
    place.index()
    assert place.in_use() == "new"
    assert len(place.find().ids) == PHOTOS + 2


def test_use_model_is_at_once_and_ends_a_change(place: Place) -> None:
    place.library.switching.choose("new")
    assert place.library.use_model("new").in_use
    assert place.library.switching.current() is None
    assert place.library.settings.current.search.coming == ""
    assert place.library.pending()["embed"] == PHOTOS


def test_a_query_during_the_switch_is_answered_by_the_new_one(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It began with the old model, which is let go before it is asked."""
    before = place.find()
    place.library.switching.choose("new")
    with pytest.raises(Cancelled):
        place.index(stopping(place))
    engine = place.library._engine
    search_text, asked = engine.search_text, []

    def switching(key: ModelKey, text: str, k: int, allowed: Ids | None = None) -> object:
        asked.append(key)
        if len(asked) == 1:
            place.library.switching.now()
        return search_text(key, text, k, allowed)

    monkeypatch.setattr(engine, "search_text", switching)
    found = place.find()
    assert asked == [place.old_key, place.new_key]
    assert found.notices == ()
    assert found.by_content
    assert len(found.ids) == place.vectors(place.new_key) < len(before.ids)


def test_what_a_query_needs_is_there_before_the_switch(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = place.library._engine
    assert isinstance(engine, InlineEngine)
    warm, in_use = engine.warm, []

    def warming(key: ModelKey) -> None:
        warm(key)
        place.find()  # somebody else searches just now: nothing is lost of what was loaded
        in_use.append((key, place.in_use()))

    monkeypatch.setattr(engine, "warm", warming)
    place.library.switching.choose("new")
    place.index()
    assert in_use == [(place.new_key, "old")]
    assert list(engine._loaded) == [place.new_key]
    assert engine._loaded[place.new_key]._text is not None
    shelf = engine._shelves.there(place.new_key)
    assert shelf is not None
    assert shelf.state().count == PHOTOS
    assert engine._shelves.there(place.old_key) is None


def test_broken_when_it_is_to_take_over(place: Place) -> None:
    """Its files are damaged without anybody noticing before: the old one goes on."""
    place.library.switching.choose("new")

    def damaging(progress: Progress) -> None:
        if progress.stage is Stage.COMING:
            (place.new / "textual" / "model.onnx").write_bytes(b"damaged")

    (notice,) = place.library.index(damaging, never).notices
    assert "textual/model.onnx" in notice
    assert place.in_use() == "old"
    assert len(place.find().ids) == PHOTOS
    assert place.find().notices == ()
