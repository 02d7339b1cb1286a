"""A model folder that means harm: weights from elsewhere, operations of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import tiny_models
from tiny_models import Tiny

import photosearch
from photosearch.errors import ModelError
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
