"""The packages that face packs come from, run in a process of their own, as a reference.

OpenCV brings a Qt of its own and points Qt's environment at it, and insightface warns of this and
that: neither may touch the tests' own process.

    python face_oracle.py insightface|opencv PACK OUT.npz PICTURE...
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

# SCRFD's and YuNet's limits as the program has them.
_LIMITS = {"insightface": 0.5, "opencv": 0.75}


@dataclass(frozen=True, slots=True)
class Reference:
    """What a package finds in one picture, in its pixels."""

    boxes: Any  # [n, 4] left, top, right, bottom
    points: Any  # [n, 5, 2]
    vectors: Any  # [n, d], as they come


def references(family: str, pack: Path, out: Path, pictures: list[Path]) -> list[Reference]:
    """Return what the package of a family finds in pictures with the graphs of a pack."""
    command = [sys.executable, __file__, family, pack, out, *pictures]
    quiet = {**os.environ, "NO_ALBUMENTATIONS_UPDATE": "1", "OPENCV_LOG_LEVEL": "ERROR"}
    done = subprocess.run(
        [os.fspath(each) for each in command],
        env=quiet,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with np.load(out) as found:
        return [
            Reference(*(found[f"{part}{number}"] for part in ("boxes", "points", "vectors")))
            for number in range(len(pictures))
        ]


def _insightface(pack: Path) -> Any:
    from insightface.model_zoo.arcface_onnx import ArcFaceONNX
    from insightface.model_zoo.scrfd import SCRFD
    from insightface.utils.face_align import norm_crop

    detector = SCRFD(os.fspath(pack / "detection" / "model.onnx"))
    recogniser = ArcFaceONNX(os.fspath(pack / "recognition" / "model.onnx"))

    def look(bgr: Any) -> tuple[Any, Any, Any]:
        boxes, points = detector.detect(
            bgr, input_size=(640, 640), det_thresh=_LIMITS["insightface"]
        )
        vectors = [recogniser.get_feat(norm_crop(bgr, each))[0] for each in points]
        return boxes[:, :4], points, vectors

    return look


def _opencv(pack: Path) -> Any:
    import cv2

    detector = cv2.FaceDetectorYN.create(
        os.fspath(pack / "detection" / "model.onnx"), "", (640, 640), _LIMITS["opencv"], 0.4
    )
    recogniser = cv2.FaceRecognizerSF.create(os.fspath(pack / "recognition" / "model.onnx"), "")

    def look(bgr: Any) -> tuple[Any, Any, Any]:
        height, width = bgr.shape[:2]
        wide = (640, int(640 * height / width)) if width >= height else None
        fitted = cv2.resize(bgr, wide or (int(640 * width / height), 640))
        scale = fitted.shape[0] / height  # OpenCV leaves fitting to its user: as insightface
        canvas = np.zeros((640, 640, 3), np.uint8)
        canvas[: fitted.shape[0], : fitted.shape[1]] = fitted
        found = detector.detect(canvas)[1]
        found = np.empty((0, 15), np.float32) if found is None else found
        found = np.concatenate([found[:, :14] / scale, found[:, 14:]], axis=1).astype(np.float32)
        vectors = [recogniser.feature(recogniser.alignCrop(bgr, row[None]))[0] for row in found]
        boxes = np.concatenate([found[:, :2], found[:, :2] + found[:, 2:4]], axis=1)
        return boxes, found[:, 4:14].reshape(-1, 5, 2), [np.array(each) for each in vectors]

    return look


def _main(family: str, pack: str, out: str, *pictures: str) -> None:
    from PIL import Image

    look = {"insightface": _insightface, "opencv": _opencv}[family](Path(pack))
    kept = {}
    for number, picture in enumerate(pictures):
        with Image.open(picture) as image:
            bgr = np.ascontiguousarray(np.asarray(image.convert("RGB"))[..., ::-1])
        found = look(bgr)
        for part, value in zip(("boxes", "points", "vectors"), found, strict=True):
            kept[f"{part}{number}"] = np.asarray(value, np.float32)
    np.savez(out, **kept)


if __name__ == "__main__":
    _main(*sys.argv[1:])
