"""Search models and face packs: each kind has its own choice, and neither takes the other's."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import tiny_faces
import tiny_models

from photosearch.engine.models import Models
from photosearch.engine.protocol import FaceChoice, ModelChoice
from photosearch.errors import ModelError
from photosearch.inference.entry import Entry, read_entry
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import FacePackInfo, ModelInfo


class FakeEngine:
    """Keeps what it is told to use."""

    def __init__(self) -> None:
        self.model: ModelChoice | None = None
        self.pack: FaceChoice | None = None

    def describe(self, folder: Path) -> Entry:
        return read_entry(folder)

    def use(self, *choices: ModelChoice) -> None:
        self.model = choices[0] if choices else None

    def use_faces(self, choice: FaceChoice | None) -> None:
        self.pack = choice


@dataclasses.dataclass
class Room:
    models: Models
    settings: SettingsStore
    engine: FakeEngine
    search: Path
    faces: Path


@pytest.fixture
def room(tmp_path: Path) -> Room:
    paths = Paths.below(tmp_path / "home")
    paths.create()
    settings = SettingsStore(paths.settings_file, environment={})
    engine = FakeEngine()
    models = Models(paths, settings, engine)  # type: ignore[arg-type]
    search, faces = tmp_path / "words", tmp_path / "faces"
    tiny_models.write(search)
    tiny_faces.write(faces)
    return Room(models, settings, engine, search, faces)


def test_the_language_of_searches_reaches_the_engine_at_once(room: Room) -> None:
    room.models.add(str(room.search))
    for language in ("en", "de"):
        room.settings.set("search.language", language)
        room.models.prepare()
        assert room.engine.model is not None
        assert room.engine.model.language == language


def test_the_first_of_each_kind_is_used_at_once(room: Room, tmp_path: Path) -> None:
    assert (room.models.in_use(), room.models.faces_in_use()) == (None, None)
    pack = room.models.add(str(room.faces))
    assert isinstance(pack, FacePackInfo)
    assert (pack.in_use, pack.family, pack.dimension) == (True, "insightface", 512)
    assert room.models.in_use() is None
    model = room.models.add(str(room.search))
    assert isinstance(model, ModelInfo)
    assert model.in_use
    chosen = room.settings.current
    assert (chosen.search.model, chosen.faces.model) == ("words", "faces")
    other = room.models.add(str(tiny_faces.write(tmp_path / "more", tiny_faces.TinyFaces(3))))
    assert not other.in_use
    listed = {each.name: each.in_use for each in room.models.all()}
    assert listed == {"faces": True, "more": False, "words": True}
    assert room.models.use("more").in_use
    assert room.models.faces_in_use() == dataclasses.replace(other, in_use=True)
    assert room.models.in_use() == model


def test_the_engine_is_told_of_both(room: Room) -> None:
    room.models.add(str(room.faces))
    model = room.models.add(str(room.search))
    room.settings.set("devices.threads", "2")
    assert room.models.prepare() == model
    pack = room.models.prepare_faces()
    assert pack is not None
    assert room.engine.model is not None
    assert room.engine.model.key == model.key
    assert room.engine.pack == FaceChoice(room.faces, pack.key, "auto", 2)
    room.models.remove("faces")
    assert room.models.prepare_faces() is None
    assert room.engine.pack is None
    assert room.settings.current.faces.model == ""
    assert room.models.prepare() == model


def test_a_face_pack_as_search_model_is_a_sentence(room: Room) -> None:
    room.models.add(str(room.faces))
    room.models.add(str(room.search))
    room.models.prepare()
    room.settings.set("search.model", "faces")
    assert room.models.in_use() is None
    with pytest.raises(ModelError, match=r"“faces” is a face pack, not a search model: .*\.$"):
        room.models.prepare()
    assert room.engine.model is None
    assert room.models.prepare_faces() is not None
    room.settings.set("search.model", "words")
    assert room.models.prepare() is not None


def test_a_search_model_as_face_pack_is_a_sentence(room: Room) -> None:
    room.models.add(str(room.search))
    room.settings.set("faces.model", "words")
    assert room.models.faces_in_use() is None
    with pytest.raises(ModelError, match=r"“words” is a search model, not a face pack: .*\.$"):
        room.models.prepare_faces()
    assert room.engine.pack is None
    assert room.models.prepare() is not None


def test_a_pack_that_went_away_is_a_problem_that_may_pass(room: Room, tmp_path: Path) -> None:
    room.models.add(str(room.faces))
    room.faces.rename(tmp_path / "away")
    room.models.forget()
    with pytest.raises(ModelError, match="is gone"):
        room.models.prepare_faces()
    with pytest.raises(ModelError, match="is gone"):
        room.models.use("faces")
    (tmp_path / "away").rename(room.faces)
    assert room.models.prepare_faces() is not None
    (room.faces / "recognition" / "model.onnx").unlink()
    room.models.forget()
    with pytest.raises(ModelError, match=r"recognition/model\.onnx is missing"):
        room.models.prepare_faces()


def test_a_damaged_pack_is_not_added(room: Room) -> None:
    (room.faces / "detection" / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(ModelError, match=r"detection/model\.onnx cannot be loaded"):
        room.models.add(str(room.faces))
    assert room.models.all() == ()
    assert room.settings.current.faces.model == ""


def test_the_speed_of_indexing_is_no_concern_of_queries(room: Room) -> None:
    room.models.add(str(room.search))
    room.models.add(str(room.faces))
    room.settings.set("indexing.speed", "gentle")
    room.models.prepare()
    room.models.prepare_faces()
    assert room.engine.model is not None
    assert room.engine.pack is not None
    assert (room.engine.model.threads, room.engine.model.picture_threads) == (0, 1)
    assert room.engine.pack.threads == 1
