"""A face pack is read from its own graphs, and says what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny_models
from tiny_faces import TinyFaces, write

from photosearch.errors import ModelError
from photosearch.inference.face_pack import inspect_face_pack, is_face_pack
from photosearch.inference.fingerprint import face_pack_key
from photosearch.inference.onnx_file import first_operations


@pytest.mark.parametrize(
    ("name", "family", "anchors", "mean"),
    [("standin-faces", "insightface", 2, 127.5), ("standin-faces-free", "opencv", 1, 0.0)],
)
def test_the_stand_ins_are_read(
    models: Path, name: str, family: str, anchors: int, mean: float
) -> None:
    pack = inspect_face_pack(models / name)
    assert (pack.name, pack.family, pack.dimension) == (name, family, 128)
    levels = pack.detector.levels
    assert [(level.stride, level.anchors) for level in levels] == [
        (8, anchors),
        (16, anchors),
        (32, anchors),
    ]
    assert (pack.detector.width, pack.detector.height) == (640, 640)
    assert pack.detector.fixed == (family == "opencv")
    assert (pack.recogniser.mean, pack.recogniser.size_px, pack.recogniser.batch) == (
        mean,
        112,
        None,
    )
    on_disk = (models / name).rglob("*.onnx")
    assert pack.bytes_on_disk == sum(path.stat().st_size for path in on_disk)


@pytest.mark.parametrize(
    "tiny",
    [
        TinyFaces(),
        TinyFaces(batched=True),
        TinyFaces(anchors=1, strides=(8, 16, 32, 64, 128)),
        TinyFaces(anchors=1),
        TinyFaces(size_px=320),
        TinyFaces(yunet=True, size_px=320),
        TinyFaces(yunet=True),
        TinyFaces(type="float16", batched=True),
        TinyFaces(batch=1),
        TinyFaces(batch=4, open_dimension=True),
        TinyFaces(dimension=37),
        TinyFaces(normalises=True),
    ],
)
def test_graphs_tell_their_own_shape(tmp_path: Path, tiny: TinyFaces) -> None:
    pack = inspect_face_pack(write(tmp_path / "pack", tiny))
    assert pack.family == ("opencv" if tiny.yunet else "insightface")
    assert pack.dimension == tiny.dimension
    assert tuple(level.stride for level in pack.detector.levels) == tiny.strides
    assert {level.anchors for level in pack.detector.levels} == {1 if tiny.yunet else tiny.anchors}
    assert pack.detector.width == (tiny.size_px or 640)
    assert pack.recogniser.batch == (tiny.batch if isinstance(tiny.batch, int) else None)
    assert (pack.recogniser.mean, pack.recogniser.std) == (
        (0, 1) if tiny.normalises else (127.5, 127.5)
    )
    assert pack.detector.type == pack.recogniser.type == tiny.type


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "pack")
    (folder / "recognition" / "model.onnx").unlink()
    with pytest.raises(ModelError) as caught:
        inspect_face_pack(folder)
    assert str(caught.value) == f"{folder} is not a face pack: recognition/model.onnx is missing."
    assert is_face_pack(folder)
    (folder / "detection" / "model.onnx").unlink()
    with pytest.raises(ModelError, match=r"detection/.* and recognition/.* are missing\.$"):
        inspect_face_pack(folder)
    with pytest.raises(ModelError, match="does not exist"):
        inspect_face_pack(tmp_path / "nowhere")


def test_a_search_model_is_named_as_one(tmp_path: Path) -> None:
    folder = tiny_models.write(tmp_path / "model")
    assert not is_face_pack(folder)
    with pytest.raises(ModelError, match="is a search model, not a face pack"):
        inspect_face_pack(folder)


def test_graphs_in_each_others_place_are_recognised(tmp_path: Path) -> None:
    folder = write(tmp_path / "pack")
    detection, recognition = folder / "detection" / "model.onnx", folder / "recognition/model.onnx"
    finds, recognises = detection.read_bytes(), recognition.read_bytes()
    detection.write_bytes(recognises)
    with pytest.raises(ModelError, match=r"detection/model\.onnx recognises faces .*each other's"):
        inspect_face_pack(folder)
    detection.write_bytes(finds)
    recognition.write_bytes(finds)
    with pytest.raises(ModelError, match=r"recognition/model\.onnx finds faces .*each other's"):
        inspect_face_pack(folder)


def test_a_detector_without_points_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "pack", TinyFaces(points=False))
    with pytest.raises(ModelError, match="finds faces but not their eyes, noses and mouths"):
        inspect_face_pack(folder)


@pytest.mark.parametrize("part", ["detection", "recognition"])
def test_other_graphs_are_refused(tmp_path: Path, part: str) -> None:
    folder = write(tmp_path / "pack")
    other = tiny_models.write(tmp_path / "model") / "textual" / "model.onnx"
    (folder / part / "model.onnx").write_bytes(other.read_bytes())
    with pytest.raises(ModelError, match=rf"{part}/model\.onnx is not a face .*takes ids int64"):
        inspect_face_pack(folder)


@pytest.mark.parametrize("strides", [(8, 16), (8, 16, 32, 64), (4, 8, 16)])
def test_an_unknown_detector_is_refused(tmp_path: Path, strides: tuple[int, ...]) -> None:
    folder = write(tmp_path / "pack", TinyFaces(strides=strides))
    with pytest.raises(ModelError, match="is no face detector that PhotoSearch knows"):
        inspect_face_pack(folder)


def test_a_recogniser_of_another_size_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "pack", TinyFaces(face_px=70))
    with pytest.raises(ModelError, match="takes pictures of 70 x 70 pixels"):
        inspect_face_pack(folder)


@pytest.mark.parametrize("part", ["detection", "recognition"])
@pytest.mark.parametrize("content", [b"", b"not a graph", b"\x00" * 100, None])
def test_a_damaged_file_is_named(tmp_path: Path, part: str, content: bytes | None) -> None:
    folder = write(tmp_path / "pack")
    path = folder / part / "model.onnx"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if content is None else content)
    with pytest.raises(ModelError, match=rf"{part}/model\.onnx cannot be loaded.*\.$"):
        inspect_face_pack(folder)


def test_the_first_operations_are_read_from_the_file(tmp_path: Path) -> None:
    folder = write(tmp_path / "pack", TinyFaces(normalises=True))
    path = folder / "recognition" / "model.onnx"
    assert first_operations(path, 3) == ("Sub", "Mul", "AveragePool")
    assert first_operations(path, 99) == ("Sub", "Mul", "AveragePool", "Reshape", "MatMul")
    whole = path.read_bytes()
    for end in range(1, len(whole), 997):
        path.write_bytes(whole[:end])
        try:
            found = first_operations(path, 99)
        except ModelError as error:
            assert "is damaged" in str(error)
        else:
            assert set(found) <= {"Sub", "Mul", "AveragePool", "Reshape", "MatMul"}


def test_the_key_is_of_both_graphs(tmp_path: Path) -> None:
    key = face_pack_key(write(tmp_path / "one"))
    assert len(key) == 32
    assert face_pack_key(write(tmp_path / "two")) == key
    for part in ("detection", "recognition"):
        other = write(tmp_path / part)
        path = other / part / "model.onnx"
        path.write_bytes(path.read_bytes() + b"\x12\x00")
        assert face_pack_key(other) != key
