"""Which files of a repository a model needs: the layout, weights beside graphs, nothing else."""

from __future__ import annotations

import pytest

from photosearch.errors import ModelError
from photosearch.inference.hub.layout import needed
from photosearch.inference.record import is_inside
from photosearch.types import ModelKind

SEARCH = (
    "config.json",
    "textual/model.onnx",
    "textual/tokenizer.json",
    "visual/model.onnx",
    "visual/preprocess_cfg.json",
)


def targets(names: tuple[str, ...], kind: ModelKind = ModelKind.SEARCH) -> set[str]:
    return {each.target for each in needed(names, kind, {}, "some/model")}


def test_what_a_search_model_needs() -> None:
    beside = (
        ".gitattributes",
        "README.md",
        "visual/model.armnn",
        "visual/fp16/model.onnx",
        "visual/fp16/model.onnx_data",
        "visual/model_fp16.onnx",
        "visual/rknpu/rk3588/model.rknn",
        "visual/rknpu/rk3588/weights.bin",
        "textual/model.armnn",
        "textual/vocab.txt",
        "textual/special_tokens_map.json",
        "open_clip_model.safetensors",
    )
    found = targets((*SEARCH, *beside))
    assert found == {*SEARCH, "textual/special_tokens_map.json"}


def test_weights_beside_a_graph_have_any_name() -> None:
    weights = (
        "visual/model.onnx_data",
        "visual/onnx__MatMul_3021",
        "visual/visual.trunk.pos_embed",
        "textual/data/weights.bin",
    )
    found = needed((*SEARCH, *weights), ModelKind.SEARCH, {}, "some/model")
    assert {each.target: each.graph for each in found if each.graph} == {
        "visual/model.onnx_data": "visual/model.onnx",
        "visual/onnx__MatMul_3021": "visual/model.onnx",
        "visual/visual.trunk.pos_embed": "visual/model.onnx",
        "textual/data/weights.bin": "textual/model.onnx",
    }
    order = [each.target for each in found]
    assert order.index("visual/model.onnx") < order.index("visual/model.onnx_data")


def test_what_a_face_pack_needs() -> None:
    graphs = ("detection/model.onnx", "recognition/model.onnx")
    beside = ("detection/model.armnn", "recognition/rknpu/rk3566/model.rknn", "config.json")
    assert targets((*graphs, *beside), ModelKind.FACES) == set(graphs)


def test_names_of_the_free_pair_are_mapped() -> None:
    files = {
        "face_detection_yunet_2023mar.onnx": "detection/model.onnx",
        "face_recognition_sface_2021dec.onnx": "recognition/model.onnx",
    }
    names = (
        *files,
        "face_detection_yunet_2023mar_int8.onnx",
        "face_recognition_sface_2021dec_int8bq.onnx",
    )
    found = needed((*names, "demo.py"), ModelKind.FACES, files, "the pair")
    assert {each.name: each.target for each in found} == files


def test_what_is_missing_is_named() -> None:
    with pytest.raises(ModelError, match=r"some/model is not whole: visual/model\.onnx is missing"):
        targets(tuple(name for name in SEARCH if name != "visual/model.onnx"))


@pytest.mark.parametrize(
    "name",
    ["../x", "a/../x", "/etc/x", "C:x", "a\\..\\x", "a//x", "./x", "", "a/x\n", "a/./x", "a/"],
)
def test_a_path_cannot_lead_out(name: str) -> None:
    assert not is_inside(name)


@pytest.mark.parametrize("name", ["x", "visual/model.onnx", "a/..b/x..y", "ä/ö"])
def test_a_path_inside(name: str) -> None:
    assert is_inside(name)
