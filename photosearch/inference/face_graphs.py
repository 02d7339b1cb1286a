"""Finds its way in the two graphs of a face pack: which family a detector is of, what its
outputs mean, and how a recogniser wants its pictures.  Everything is read from the graphs.

InsightFace's detectors (SCRFD) give distances from anchors for each stride, OpenCV's (YuNet
2023mar) centres and sizes; recognisers (ArcFace, SFace) differ only in who normalises.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from photosearch.errors import ModelError
from photosearch.inference.graphs import FLOATS, embedding, listed, shown
from photosearch.inference.onnx_file import first_operations
from photosearch.inference.session import Array, Session, Tensor

INSIGHTFACE = "insightface"
OPENCV = "opencv"

_DETECTOR_PX = 640  # where the graph leaves it open; what all known detectors are used with
_STRIDES = (8, 16, 32, 64, 128)
_FACE_PX = 112
_YUNET = ("cls", "obj", "bbox", "kps")
_YUNET_STRIDES = (8, 16, 32)
# insightface looks for a subtraction and a multiplication among so many first operations.
_LOOKED_AT = 8


@dataclass(frozen=True, slots=True)
class Level:
    """One stride of a detector; the numbers are places among its outputs."""

    stride: int
    anchors: int  # at each cell of the grid
    scores: int
    boxes: int
    points: int
    objectness: int = -1  # YuNet's second score


@dataclass(frozen=True, slots=True)
class DetectorGraph:
    """How to call a detector."""

    path: Path
    family: str  # insightface | opencv
    input: str
    type: str  # float32 | float16
    width: int
    height: int
    fixed: bool  # to this size; else it takes any
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class RecogniserGraph:
    """How to call a recogniser: it takes (RGB - mean) / std of aligned faces."""

    path: Path
    input: str
    type: str
    size_px: int
    output: str
    dimension: int
    batch: int | None  # None: any number at once
    mean: float
    std: float


def detector_graph(path: Path, session: Session) -> DetectorGraph:
    """Read how a detector is called, running it once; ModelError when it is none."""
    pixels = _pictures(session)
    if pixels is None:
        raise ModelError(
            f"{shown(path)} is not a face detector: it should take a picture "
            f"[1, 3, height, width] but takes {listed(session.inputs)}."
        )
    if _gives_one_vector(session):
        raise ModelError(
            f"{shown(path)} recognises faces and does not find them: are the files in detection "
            "and recognition in each other's place?"
        )
    height, width = (size or _DETECTOR_PX for size in pixels.shape[2:])
    family, levels = OPENCV, _yunet_levels(session)
    if not levels:
        sample = np.zeros((pixels.shape[0] or 1, 3, height, width), pixels.type)
        outputs = session.run_all({pixels.name: sample})
        family, levels = INSIGHTFACE, _scrfd_levels(path, session, outputs, height, width)
    fixed = None not in pixels.shape[2:]
    return DetectorGraph(path, family, pixels.name, pixels.type, width, height, fixed, levels)


def recogniser_graph(path: Path, session: Session) -> RecogniserGraph:
    """Read how a recogniser is called; ModelError when it is none."""
    pixels = _pictures(session)
    if pixels is None:
        raise ModelError(
            f"{shown(path)} is not a face recogniser: it should take faces [n, 3, 112, 112] but "
            f"takes {listed(session.inputs)}."
        )
    if len(session.outputs) >= 6:
        raise ModelError(
            f"{shown(path)} finds faces and does not recognise them: are the files in detection "
            "and recognition in each other's place?"
        )
    batch, _, height, width = pixels.shape
    height, width = height or _FACE_PX, width or _FACE_PX
    if height != width or height % _FACE_PX:
        raise ModelError(
            f"{shown(path)} takes pictures of {width} x {height} pixels; a face recogniser takes "
            f"{_FACE_PX} x {_FACE_PX}."
        )
    sample = np.zeros((batch or 1, 3, height, width), pixels.type)
    output, dimension = embedding(path, session, None, {pixels.name: sample})
    mean, std = _normalisation(path)
    return RecogniserGraph(
        path, pixels.name, pixels.type, height, output, dimension, batch, mean, std
    )


def _pictures(session: Session) -> Tensor | None:
    """Return the input that takes pictures, if it is the only one."""
    if len(session.inputs) != 1:
        return None
    (found,) = session.inputs
    takes = found.type in FLOATS and len(found.shape) == 4 and found.shape[1] in (3, None)
    return found if takes else None


def _gives_one_vector(session: Session) -> bool:
    return len(session.outputs) == 1 and len(session.outputs[0].shape) == 2


def _yunet_levels(session: Session) -> tuple[Level, ...]:
    """Return the levels of a detector that names its outputs as YuNet 2023mar does, or none."""
    place = {each.name: number for number, each in enumerate(session.outputs)}
    wanted = {f"{part}_{stride}" for part in _YUNET for stride in _YUNET_STRIDES}
    if wanted != place.keys():
        return ()
    return tuple(
        Level(
            stride,
            1,
            scores=place[f"cls_{stride}"],
            boxes=place[f"bbox_{stride}"],
            points=place[f"kps_{stride}"],
            objectness=place[f"obj_{stride}"],
        )
        for stride in _YUNET_STRIDES
    )


def _scrfd_levels(
    path: Path, session: Session, outputs: tuple[Array, ...], height: int, width: int
) -> tuple[Level, ...]:
    """Tell outputs apart by their sizes: score, box and points of each anchor at each stride.

    Exporters give them with an axis for the batch or without.
    """
    unknown = ModelError(
        f"{shown(path)} is no face detector that PhotoSearch knows (SCRFD or YuNet): it gives "
        f"{listed(session.outputs)}."
    )
    kinds: dict[int, list[tuple[int, int]]] = {1: [], 4: [], 10: []}
    for place, output in enumerate(outputs):
        if output.ndim not in (2, 3) or output.shape[-1] not in kinds:
            raise unknown
        kinds[output.shape[-1]].append((-output.size // output.shape[-1], place))
    scores, boxes, points = (sorted(kinds[size]) for size in (1, 4, 10))
    if len(scores) not in (3, 5) or len(boxes) != len(scores):
        raise unknown
    if not points:
        raise ModelError(
            f"{shown(path)} finds faces but not their eyes, noses and mouths, and without these "
            "they cannot be recognised. Choose a pack whose detector gives points."
        )
    levels = []
    for stride, score, box, point in zip(_STRIDES, scores, boxes, points, strict=False):
        cells = -(-height // stride) * -(-width // stride)
        rows = -score[0]
        if not rows == -box[0] == -point[0] or rows % cells or not 1 <= rows // cells <= 2:
            raise unknown
        levels.append(Level(stride, rows // cells, score[1], box[1], point[1]))
    if len(points) != len(levels):
        raise unknown
    return tuple(levels)


def _normalisation(path: Path) -> tuple[float, float]:
    """Return mean and deviation to normalise with, as insightface decides it.

    Graphs that begin with a subtraction and a multiplication (SFace, and those that came from
    MXNet) do it themselves and take 0 to 255.
    """
    operations = first_operations(path, _LOOKED_AT)
    return (0.0, 1.0) if {"Sub", "Mul"} <= set(operations) else (127.5, 127.5)
