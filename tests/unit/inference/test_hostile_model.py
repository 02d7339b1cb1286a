"""A model folder that means harm: weights from elsewhere, operations of its own."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import onnx
import pytest
import tiny_models
from tiny_models import Tiny

import photosearch
from photosearch.errors import ModelError
from photosearch.inference.entry import read_entry
from photosearch.inference.model_folder import inspect
from photosearch.inference.onnx_file import locations
from photosearch.inference.precision import graph_files
from photosearch.inference.record import is_inside
from photosearch.inference.session import _refuse_strangers


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model with weights beside its graph, and a file elsewhere that would fit."""
    folder = tiny_models.write(tmp_path / "models" / "tiny", Tiny(external=True))
    assert inspect(folder).dimension == 4
    (tmp_path / "secret.bin").write_bytes(np.ones(64, "f4").tobytes())
    return folder


def lead(folder: Path, location: str) -> Path:
    """Let the graph name another file for its weights."""
    path = folder / "visual" / "model.onnx"
    graph = onnx.load(str(path), load_external_data=False)
    for tensor in graph.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = location
    path.write_bytes(graph.SerializeToString())
    return path


@pytest.mark.parametrize(
    "location",
    [
        "../../../secret.bin",
        "{secret}",
        "link.bin",
        "folder/secret.bin",
        "x/../../../../secret.bin",
    ],
    ids=["upwards", "absolute", "link", "linked folder", "down and up"],
)
def test_weights_never_come_from_outside(model: Path, location: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.bin"
    (model / "visual" / "link.bin").symlink_to(secret)
    (model / "visual" / "folder").symlink_to(tmp_path)
    graph = lead(model, location.format(secret=secret))
    with pytest.raises(ModelError, match="cannot be loaded"):
        inspect(model)
    with pytest.raises(ModelError, match="cannot be read"):  # as precision does, with `onnx`
        graph_files.load(graph)


CONFIG, PREPROCESS = "config.json", "visual/preprocess_cfg.json"
TOKENIZER, SPECIAL = "textual/tokenizer.json", "textual/tokenizer_config.json"
DEEP = "[" * 200_000
BOMBS = {
    "deep": DEEP,
    "deep inside": '{"text_cfg": {"tokenizer_kwargs": ' + '{"a":' * 5000 + "1" + "}" * 5002,
    "no number": '{"size": NaN, "embed_dim": NaN, "model_max_length": NaN}',
    "endless": '{"size": Infinity, "embed_dim": -Infinity, "model_max_length": Infinity}',
    "huge": '{"size": 1e999, "embed_dim": 1e999, "model_max_length": 1e999}',
    "long": '{"size": ' + "9" * 5000 + ', "embed_dim": 1e999, "model_max_length": 1e999}',
    "another kind": "[1, 2]",
    "a number": "7",
    "no text": "\udcff",
    "nothing": "",
}


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("name", [CONFIG, PREPROCESS, TOKENIZER, SPECIAL])
def test_settings_that_are_bombs(model: Path, name: str, bomb: str) -> None:
    (model / name).write_bytes(BOMBS[bomb].encode("utf-8", "surrogatepass"))
    with pytest.raises(ModelError, match=re.escape(str(model / name))):
        read_entry(model)


ODD = [
    (PREPROCESS, '{"size": 100000000}'),
    (PREPROCESS, '{"size": [8, 1000000]}'),
    (PREPROCESS, '{"size": 0}'),
    (PREPROCESS, '{"size": []}'),
    (PREPROCESS, '{"mean": "abc"}'),
    (PREPROCESS, '{"mean": 1' + "0" * 400 + "}"),
    (PREPROCESS, '{"std": [1, 2]}'),
    (PREPROCESS, '{"fill_color": 1' + "0" * 400 + "}"),
    (CONFIG, '{"embed_dim": "many"}'),
    (CONFIG, '{"embed_dim": -4}'),
    (CONFIG, '{"text_cfg": {"tokenizer_kwargs": {"clean": "\\ud800"}}}'),
]


@pytest.mark.parametrize(("name", "content"), ODD)
def test_settings_that_cannot_be_used(model: Path, name: str, content: str) -> None:
    (model / name).write_text(content)
    with pytest.raises(ModelError, match=re.escape(str(model / name))):
        read_entry(model)


@pytest.mark.parametrize(
    "special",
    [
        '{"pad_token": "\\ud800", "model_max_length": 1' + "0" * 400 + "}",
        '{"pad_token": [1], "sep_token": {"content": {}}, "padding_side": 3}',
        '{"pad_token": "<pad>", "pad_token": "<end>"}',
    ],
)
def test_settings_of_words_that_make_no_sense_do_no_harm(model: Path, special: str) -> None:
    (model / SPECIAL).write_text(special)
    assert read_entry(model).info.name == model.name


def test_files_that_are_far_too_large(model: Path) -> None:
    for name in (CONFIG, TOKENIZER):
        sound = (model / name).read_bytes()
        os.truncate(model / name, 1 << 31)  # takes no room
        with pytest.raises(ModelError, match="too large"):
            read_entry(model)
        (model / name).write_bytes(sound)


@pytest.mark.parametrize("where", ["initializer", "attribute", "inner graph"])
def test_weights_from_outside_are_seen_wherever_a_graph_names_them(
    tmp_path: Path, where: str
) -> None:
    """By ourselves: older versions of ONNX Runtime read them from anywhere."""
    far = onnx.TensorProto(name="w", data_type=onnx.TensorProto.FLOAT, dims=[4])
    far.data_location = onnx.TensorProto.EXTERNAL
    far.external_data.add(key="location", value="../../secret.bin")
    graph = onnx.helper.make_graph([], "g", [], [], [far] if where == "initializer" else [])
    if where == "attribute":
        graph.node.append(onnx.helper.make_node("Constant", [], ["w"], value=far))
    if where == "inner graph":
        inner = onnx.helper.make_graph([], "inner", [], [], [far])
        graph.node.append(onnx.helper.make_node("If", ["c"], ["y"], then_branch=inner))
    path = tmp_path / "model.onnx"
    path.write_bytes(onnx.helper.make_model(graph).SerializeToString())
    assert locations(path) == {"../../secret.bin"}
    with pytest.raises(ModelError, match="weights from outside"):
        _refuse_strangers(path)


def test_operations_of_its_own_are_refused(model: Path) -> None:
    path = model / "visual" / "model.onnx"
    graph = onnx.load(str(path))
    graph.graph.node[0].domain = "evil"
    graph.opset_import.append(onnx.helper.make_opsetid("evil", 1))
    onnx.save(graph, str(path))
    with pytest.raises(ModelError, match="cannot be loaded"):
        inspect(model)


def test_no_library_of_operations_and_no_pickle_is_ever_loaded() -> None:
    """Where they would be registered or unpickled, in the whole source."""
    package = Path(photosearch.__file__).parent
    unpickling = set()
    for path in package.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "register_custom_ops" not in text, path
        assert "trust_remote_code=True" not in text, path
        for word in ("pickle.load", "np.load(", "numpy.load(", "torch.load(", "Unpickler("):
            if word in text:
                unpickling.add(path.relative_to(package).as_posix())
    assert unpickling == {"engine/allowed.py"}
    loading = (package / "inference" / "conversion" / "loading.py").read_text(encoding="utf-8")
    assert "weights_only=True" in loading


@pytest.mark.parametrize(
    "name", ["../a", "/etc/passwd", "a/../../b", "C:/a", "a\\b", "..", "", "a\0b", "a\nb", "./a"]
)
def test_what_is_no_name_inside_a_folder(name: str) -> None:
    assert not is_inside(name)
    assert is_inside("visual/model.onnx")
