"""Boxes, points and vectors agree with the packages that face packs come from."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from face_oracle import Reference, references
from PIL import Image

from photosearch.inference.face_ops import overlaps
from photosearch.inference.faces import FaceAnalyser, open_face_analyser
from photosearch.types import DetectedFace

PACKS = [("standin-faces", "insightface"), ("standin-faces-free", "opencv")]


@pytest.mark.skipif(find_spec("insightface") is None, reason="insightface is not installed")
@pytest.mark.parametrize(("name", "family"), PACKS)
def test_faces_are_those_of_the_reference(
    models: Path, photos: Path, tmp_path: Path, name: str, family: str
) -> None:
    pictures = sorted((photos / "people" / "images").rglob("*.jpg"))[::10]
    pictures += sorted((photos / "groups" / "images").glob("*.jpg"))
    expected = references(family, models / name, tmp_path / "reference.npz", pictures)
    analyser = open_face_analyser(models / name)
    compared = 0
    for picture, reference in zip(pictures, expected, strict=True):
        compared += compare(analyser, picture, reference)
    assert compared >= 50


def compare(analyser: FaceAnalyser, path: Path, reference: Reference) -> int:
    with Image.open(path) as image:
        picture = np.asarray(image.convert("RGB"))
    faces = analyser.analyse(picture, 10.0)  # specks count, too
    boxes = np.array([corners(face, picture) for face in faces], np.float32).reshape(-1, 4)
    limits = np.array([picture.shape[1], picture.shape[0]] * 2)
    for box, points, vector in zip(
        np.clip(reference.boxes, 0, limits), reference.points, reference.vectors, strict=True
    ):
        agreement = overlaps(box.astype(np.float32), boxes)
        face = faces[int(agreement.argmax())]
        assert agreement.max() >= 0.99, path
        size = (box[2:] - box[:2]).max()
        apart = face.landmarks * limits[:2] - points
        assert np.abs(apart).max() <= 0.01 * size, path
        cosine = face.vector @ vector / np.linalg.norm(vector)
        assert cosine >= 0.999, path
    # Beside them there are only faces that fill the picture, which the reference misses.
    own = len(faces) - len(reference.boxes)
    large = [face for face in faces if max(face.box.width, face.box.height) > 0.3]
    assert 0 <= own <= len(large), path
    return len(reference.boxes)


def corners(face: DetectedFace, picture: np.ndarray) -> list[float]:
    height, width = picture.shape[:2]
    box = face.box
    left, top = box.x * width, box.y * height
    return [left, top, left + box.width * width, top + box.height * height]
