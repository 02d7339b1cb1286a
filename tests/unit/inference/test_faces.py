"""Faces in pictures: the portraits and groups of the test data, crowds, and hostile graphs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image
from tiny_faces import POINTS, TinyFaces, write

from photosearch.errors import ModelError
from photosearch.inference.face_detector import FaceDetector
from photosearch.inference.face_ops import Found
from photosearch.inference.faces import FaceAnalyser, open_face_analyser
from photosearch.media import decode
from photosearch.types import DetectedFace

PACKS = ["standin-faces", "standin-faces-free"]


def opened(path: Path) -> np.ndarray:
    return np.asarray(decode.open_picture(path.read_bytes()).image)


@pytest.mark.parametrize("name", PACKS)
def test_a_face_is_found_on_every_portrait(models: Path, photos: Path, name: str) -> None:
    analyser = open_face_analyser(models / name)
    assert (analyser.variant, analyser.dimension) == ("float32-cpu", 128)
    assert [session.notice for _, session in analyser.sessions] == ["", ""]
    pictures = sorted((photos / "people" / "images").rglob("*.jpg"))
    assert len(pictures) == 140
    for path in pictures:
        faces = analyser.analyse(opened(path), 2.0)
        assert faces, path
        check(faces[0], opened(path), 2.0)
        assert faces[0].sharpness is not None
        assert 0.2 < faces[0].sharpness < 0.9
        assert abs(faces[0].yaw or 90) < 30
        assert abs(faces[0].roll or 90) < 15


def check(face: DetectedFace, picture: np.ndarray, scale: float) -> None:
    height, width = picture.shape[:2]
    box = face.box
    assert 0 <= box.x < box.x + box.width <= 1 + 1e-6
    assert 0 <= box.y < box.y + box.height <= 1 + 1e-6
    assert face.size_px == pytest.approx(scale * min(box.width * width, box.height * height))
    left, right = face.landmarks[0], face.landmarks[1]
    assert left[0] < right[0], "the eye on the left comes first"
    assert (face.landmarks[3:, 1] > face.landmarks[:2, 1]).all(), "mouths are below eyes"
    assert np.linalg.norm(face.vector) == pytest.approx(1, abs=1e-5)
    for array in (face.vector, face.landmarks):
        assert array.dtype == np.float32
        assert not array.flags.writeable


@pytest.mark.parametrize("name", PACKS)
def test_faces_that_fill_the_picture_are_found(models: Path, photos: Path, name: str) -> None:
    analyser = open_face_analyser(models / name)
    pictures = sorted((photos / "groups" / "images").glob("Family*.jpg"))
    assert len(pictures) == 16
    for path in pictures:
        assert len(analyser.analyse(opened(path))) == 1, path


def test_a_detector_of_a_fixed_size_finds_them_too(
    models: Path, photos: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "pack"
    shutil.copytree(models / "standin-faces", folder)
    path = folder / "detection" / "model.onnx"
    graph = onnx.load(str(path))
    for axis in graph.graph.input[0].type.tensor_type.shape.dim[2:]:
        axis.dim_value = 640
    path.unlink()  # a copy keeps the mode of the shared file
    onnx.save(graph, str(path))
    analyser = open_face_analyser(folder)
    assert analyser.detector.graph.fixed
    for path in sorted((photos / "groups" / "images").glob("Family1*.jpg")):
        assert len(analyser.analyse(opened(path))) == 1, path


@pytest.mark.parametrize("name", PACKS)
def test_nothing_is_found_where_nobody_is(models: Path, photos: Path, name: str) -> None:
    analyser = open_face_analyser(models / name)
    for place in ("cv_dog", "cv_house", "cv_landmark", "cv_printed_text", "cv_objects"):
        assert analyser.analyse(opened(photos / "groups" / "images" / f"{place}.jpg")) == ()


@pytest.mark.parametrize("name", PACKS)
def test_specks_are_no_faces(models: Path, photos: Path, name: str) -> None:
    """Behind somebody's portrait the detectors see faces of 13 pixels, one turned right away."""
    analyser = open_face_analyser(models / name)
    speck = opened(photos / "people" / "images" / "person_17" / "image_0266.jpg")
    assert len(analyser.analyse(speck)) == 1
    assert len(analyser.analyse(speck, 4.0)) == 2, "in a larger original there is enough to see"


@pytest.mark.parametrize("name", PACKS)
def test_every_face_of_a_crowd_is_found(
    models: Path, photos: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyser = open_face_analyser(models / name)
    runs: list[int] = []
    whole = FaceAnalyser._described

    def counted(self: FaceAnalyser, *given: object) -> list[DetectedFace]:
        faces = whole(self, *given)  # type: ignore[arg-type]
        runs.append(len(faces))
        return faces

    monkeypatch.setattr(FaceAnalyser, "_described", counted)
    faces = analyser.analyse(crowd(photos, rows=15, columns=20))
    assert len(faces) == sum(runs)
    assert max(runs) <= 32, "in chunks of a bounded size"
    middles = {
        (int((each.box.x + each.box.width / 2) * 20), int((each.box.y + each.box.height / 2) * 15))
        for each in faces
    }
    assert len(middles) >= 294
    assert len(faces) <= 306, "hardly anybody is found twice"
    assert np.median([each.size_px for each in faces]) < 70


def crowd(photos: Path, rows: int, columns: int) -> np.ndarray:
    """Return a photo of 4000 x 3000 pixels with small portraits side by side."""
    pictures = sorted((photos / "people" / "images").rglob("*.jpg"))
    canvas = Image.new("RGB", (200 * columns, 200 * rows), (90, 110, 130))
    for number in range(rows * columns):
        small = Image.fromarray(opened(pictures[(7 * number) % len(pictures)])).resize((200, 132))
        canvas.paste(small, (number % columns * 200, number // columns * 200 + 34))
    return np.asarray(canvas)


def white_on_black(*spots: tuple[int, int, int], size: tuple[int, int] = (640, 640)) -> np.ndarray:
    """Return a picture [h, w, 3] with squares: left, top, side."""
    picture = np.zeros((*size, 3), np.uint8)
    for left, top, side in spots:
        picture[top : top + side, left : left + side] = 255
    return picture


@pytest.mark.parametrize(
    "tiny",
    [
        TinyFaces(),
        TinyFaces(batched=True),
        TinyFaces(anchors=1, strides=(8, 16, 32, 64, 128)),
        TinyFaces(size_px=640, batched=True, anchors=1),
        TinyFaces(yunet=True),
        TinyFaces(yunet=True, size_px=640),
        TinyFaces(type="float16"),
        TinyFaces(batch=1),
        TinyFaces(batch=3, open_dimension=True),
        TinyFaces(one_at_once=True),
        TinyFaces(dimension=37),
        TinyFaces(normalises=True),
    ],
)
def test_outputs_are_decoded_in_every_layout(tmp_path: Path, tiny: TinyFaces) -> None:
    analyser = open_face_analyser(write(tmp_path / "pack", tiny))
    assert analyser.dimension == tiny.dimension
    corners = [(64 * number + 64, 96) for number in range(7)]
    picture = white_on_black(*((left, top, 8) for left, top in corners))
    faces = analyser.analyse(picture)
    assert len(faces) == 7
    found = np.array(sorted((face.box.x * 640, face.box.y * 640) for face in faces))
    assert found == pytest.approx(np.array(corners) - 12, abs=0.2)
    first = min(faces, key=lambda face: face.box.x)
    assert [first.box.width * 640, first.box.height * 640] == pytest.approx([24, 24], abs=0.3)
    expected = np.array([64, 96]) + 8 * np.array(POINTS)
    assert first.landmarks * 640 == pytest.approx(expected, abs=0.1)
    assert first.score == pytest.approx(1, abs=0.01)
    for face in faces:
        assert face.vector.shape == (tiny.dimension,)
        assert np.linalg.norm(face.vector) == pytest.approx(1, abs=1e-3)
    if not tiny.yunet:
        assert tiny.type == "float16" or analyser.variant == "float32-cpu"


@pytest.mark.parametrize("gives", ["nan", "nothing"])
def test_a_face_without_a_vector_is_a_face(tmp_path: Path, gives: str) -> None:
    analyser = open_face_analyser(write(tmp_path / "pack", TinyFaces(gives=gives)))
    (face,) = analyser.analyse(white_on_black((64, 96, 8)))
    assert not face.vector.any()
    assert face.box.width > 0


def test_boxes_end_where_the_picture_does(tmp_path: Path) -> None:
    analyser = open_face_analyser(write(tmp_path / "pack"))
    (face,) = analyser.analyse(white_on_black((0, 0, 8)), 3.0)
    assert (face.box.x, face.box.y) == (0, 0)
    assert (face.box.width * 640, face.box.height * 640) == pytest.approx((12, 12))
    assert face.size_px == pytest.approx(36)
    assert (face.landmarks < 0).any(), "points may lie outside"


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (2, 2), (0, 5)])
def test_pictures_of_any_shape_are_looked_at(tmp_path: Path, size: tuple[int, int]) -> None:
    analyser = open_face_analyser(write(tmp_path / "pack"))
    assert analyser.analyse(np.zeros((*size, 3), np.uint8)) == ()


def test_small_faces_of_a_large_picture_are_looked_at_again(tmp_path: Path) -> None:
    """What is grey in the first look, which halves the picture, is white in a closer one."""
    analyser = open_face_analyser(write(tmp_path / "pack"))
    spots = [(80, 320, 10), (624, 624, 10), (1040, 80, 10), (1200, 880, 10)]
    picture = white_on_black(*spots, size=(960, 1280))
    half = white_on_black(*((left // 2, top // 2, 5) for left, top, _ in spots), size=(480, 640))
    assert analyser.analyse(half) == (), "the first look alone is not enough"
    faces = sorted(analyser.analyse(picture), key=lambda each: each.box.x)
    assert len(faces) == 4
    for face, (left, top, _) in zip(faces, spots, strict=True):
        middle = (face.box.x + face.box.width / 2) * 1280, (face.box.y + face.box.height / 2) * 960
        assert middle == pytest.approx((left, top), abs=16)
        assert face.size_px == pytest.approx(24, abs=1)


def looked_at(analyser: FaceAnalyser, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Return a list that fills with width and height of whatever the detector sees."""
    seen: list[tuple[int, int]] = []
    look = FaceDetector.look

    def noted(self: FaceDetector, canvas: np.ndarray, least: float) -> Found:
        seen.append((canvas.shape[1], canvas.shape[0]))
        return look(self, canvas, least)

    monkeypatch.setattr(FaceDetector, "look", noted)
    return seen


@pytest.mark.parametrize(
    ("spots", "closer"),
    [
        ([(624, 480, 10)], 1),  # in the middle of six tiles
        ([(624, 480, 10), (700, 500, 10)], 1),
        ([(80, 480, 10), (1200, 480, 10)], 2),
        ([(400, 480, 10), (624, 480, 10), (976, 480, 10)], 2),
    ],
)
def test_one_closer_look_is_enough_for_what_has_room_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spots: list[tuple[int, int, int]], closer: int
) -> None:
    analyser = open_face_analyser(write(tmp_path / "pack"))
    seen = looked_at(analyser, monkeypatch)
    assert len(analyser.analyse(white_on_black(*spots, size=(960, 1280)))) == len(spots)
    assert len(seen) == 2 + closer


@pytest.mark.parametrize(
    ("size", "afar"), [((480, 640), (256, 192)), ((640, 422), (192, 256)), ((640, 640), (256, 256))]
)
def test_from_afar_the_black_beside_a_picture_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], afar: tuple[int, int]
) -> None:
    analyser = open_face_analyser(write(tmp_path / "pack"))
    seen = looked_at(analyser, monkeypatch)
    assert len(analyser.analyse(white_on_black((64, 96, 8), size=size))) == 1
    assert seen == [(640, 640), afar]


def test_others_have_their_turn_between_the_runs_of_a_picture(tmp_path: Path) -> None:
    turns: list[str] = []

    @contextmanager
    def turn() -> Iterator[None]:
        assert turns.count("begins") == turns.count("ends"), "one after the other"
        turns.append("begins")
        yield
        turns.append("ends")

    analyser = open_face_analyser(write(tmp_path / "pack", TinyFaces(batch=1)), turn=turn)
    turns.clear()
    spots = [(64 * number + 64, 96, 8) for number in range(7)]
    assert len(analyser.analyse(white_on_black(*spots))) == 7
    assert turns.count("begins") == turns.count("ends") == 2 + 7  # near, afar, each face


def test_the_wrong_kind_of_picture_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    analyser = open_face_analyser(write(tmp_path / "pack"))
    with pytest.raises(ValueError, match="is not uint8"):
        analyser.analyse(np.zeros((4, 4), np.uint8))
    with pytest.raises(ValueError, match="is not uint8"):
        analyser.analyse(np.zeros((4, 4, 3), np.float32))


def test_opening_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not exist"):
        open_face_analyser(tmp_path / "nowhere")
    folder = write(tmp_path / "pack")
    (folder / "detection" / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(ModelError, match=r"detection/model\.onnx cannot be loaded"):
        open_face_analyser(folder)
