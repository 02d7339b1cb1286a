"""The list of models the user has added."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import tiny_faces
from tiny_models import Tiny, write

from photosearch.errors import ModelError
from photosearch.inference.fingerprint import face_pack_key, model_key
from photosearch.inference.registry import ModelRegistry
from photosearch.types import FacePackInfo


@pytest.fixture
def registry(tmp_path: Path) -> ModelRegistry:
    return ModelRegistry(tmp_path / "data" / "models.json")


def test_an_added_model_is_remembered(tmp_path: Path, registry: ModelRegistry) -> None:
    assert registry.list() == ()
    folder = write(tmp_path / "vögel\udcff" if os.name == "posix" else tmp_path / "vögel")
    info = registry.add(folder)
    assert (info.name, info.folder, info.dimension) == (folder.name, str(folder), 4)
    assert info.key == model_key(folder)
    assert info.problem == ""
    again = ModelRegistry(tmp_path / "data" / "models.json")
    assert again.list() == (info,)
    assert again.get(folder.name) == info
    assert again.add(folder) == info
    left = {path.name for path in (tmp_path / "data").iterdir()}
    assert left - {"models.json.lock"} == {"models.json"}


def test_a_model_is_read_once(
    tmp_path: Path, registry: ModelRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = registry.add(write(tmp_path / "model"))
    monkeypatch.setattr("photosearch.inference.model_folder.inspect", None)
    assert registry.list() == (info,)


def test_a_name_belongs_to_one_folder(tmp_path: Path, registry: ModelRegistry) -> None:
    registry.add(write(tmp_path / "one" / "model"))
    with pytest.raises(ModelError, match="There is a model named model already"):
        registry.add(write(tmp_path / "two" / "model"))


def test_removing_forgets_and_deletes_nothing(tmp_path: Path, registry: ModelRegistry) -> None:
    folder = write(tmp_path / "model")
    files = sorted(folder.rglob("*"))
    registry.add(folder)
    registry.remove("model")
    assert registry.list() == ()
    assert sorted(folder.rglob("*")) == files
    with pytest.raises(ModelError, match="none has been added"):
        registry.remove("model")


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path, registry: ModelRegistry) -> None:
    registry.add(write(tmp_path / "b"))
    registry.add(write(tmp_path / "a"))
    assert [info.name for info in registry.list()] == ["a", "b"]
    with pytest.raises(ModelError, match=r"no model named c\. There are: a, b\."):
        registry.get("c")


def test_a_folder_that_is_gone_is_a_problem_that_may_pass(
    tmp_path: Path, registry: ModelRegistry
) -> None:
    folder = write(tmp_path / "model")
    info = registry.add(folder)
    folder.rename(tmp_path / "away")
    problem = registry.get("model").problem
    assert problem.startswith(f"The folder of the model “model” is gone: {folder}.")
    assert registry.get("model").key == info.key
    (tmp_path / "away").rename(folder)
    assert registry.get("model") == info


def test_a_file_that_is_gone_is_named(tmp_path: Path, registry: ModelRegistry) -> None:
    folder = write(tmp_path / "model")
    registry.add(folder)
    (folder / "textual" / "model.onnx").unlink()
    assert "textual/model.onnx is missing" in registry.get("model").problem


def test_changed_files_are_read_again(tmp_path: Path, registry: ModelRegistry) -> None:
    folder = write(tmp_path / "model")
    before = registry.add(folder)
    write(folder, Tiny(dimension=7))
    after = registry.get("model")
    assert after.dimension == 7
    assert after.key != before.key
    assert ModelRegistry(tmp_path / "data" / "models.json").get("model") == after
    os.utime(folder / "visual" / "model.onnx", ns=(1, 1))  # touched, not changed
    assert registry.get("model").key == after.key


def test_a_folder_that_is_no_model_is_not_added(tmp_path: Path, registry: ModelRegistry) -> None:
    with pytest.raises(ModelError, match="is not a search model"):
        registry.add(tmp_path)
    assert registry.list() == ()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"format": 1}', b'{"format":1,"models":[1]}']
)
def test_a_damaged_list_is_set_aside_and_said(
    tmp_path: Path, registry: ModelRegistry, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "data" / "models.json"
    registry.add(write(tmp_path / "model"))
    for name in ("models.json.damaged", "models.json.damaged-2"):
        path.write_bytes(content)
        assert registry.list() == ()
        assert (path.parent / name).read_bytes() == content
        assert name in registry.notices[-1]
    assert "damaged" in caplog.text
    registry.add(tmp_path / "model")
    assert len(registry.list()) == 1


def test_fields_of_other_versions_are_passed_over(tmp_path: Path, registry: ModelRegistry) -> None:
    path = tmp_path / "data" / "models.json"
    info = registry.add(write(tmp_path / "model"))
    content = json.loads(path.read_text())
    stored = content["models"][0]
    assert not {"problem", "in_use"} & stored["info"].keys()
    stored["colour"] = stored["info"]["colour"] = stored["info"]["preprocess"]["colour"] = "red"
    stored["info"]["problem"] = "an older version wrote this"
    stored["stamps"][0]["colour"] = "red"
    del stored["info"]["preprocess"]["fill"]
    path.write_text(json.dumps(content))
    assert registry.list() == (info,)
    assert registry.notices == ()


def test_a_face_pack_is_remembered_beside_search_models(
    tmp_path: Path, registry: ModelRegistry
) -> None:
    model = registry.add(write(tmp_path / "model"))
    folder = tiny_faces.write(tmp_path / "faces")
    pack = registry.add(folder)
    size = sum(path.stat().st_size for path in folder.rglob("*.onnx"))
    assert pack == FacePackInfo(
        "faces", str(folder), face_pack_key(folder), "insightface", 512, size
    )
    content = json.loads((tmp_path / "data" / "models.json").read_text())
    assert [each["kind"] for each in content["models"]] == ["faces", "search"]
    assert ModelRegistry(tmp_path / "data" / "models.json").list() == (pack, model)
    tiny_faces.write(folder, tiny_faces.TinyFaces(dimension=7))
    after = registry.get("faces")
    assert after.dimension == 7
    assert after.key != pack.key
    with pytest.raises(ModelError, match="There is a model named model already"):
        registry.add(tiny_faces.write(tmp_path / "two" / "model"))


def test_a_list_of_before_face_packs_is_read(tmp_path: Path, registry: ModelRegistry) -> None:
    path = tmp_path / "data" / "models.json"
    model = registry.add(write(tmp_path / "model"))
    content = json.loads(path.read_text())
    del content["models"][0]["kind"]
    path.write_text(json.dumps({**content, "format": 1}))
    assert registry.list() == (model,)


def test_a_newer_list_is_left_alone(tmp_path: Path, registry: ModelRegistry) -> None:
    path = tmp_path / "data" / "models.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"format": 99, "models": []}))
    with pytest.raises(ModelError, match="newer PhotoSearch"):
        registry.list()
    assert path.exists()
