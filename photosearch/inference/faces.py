"""Faces of a picture: where they are, how good they are, and the vector of each.

Opens a face pack on a device.  Knows nothing of people, files or the library.
"""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import numpy as np
import numpy.typing as npt

from photosearch.errors import ModelError
from photosearch.inference.face_detector import FaceDetector, open_face_detector
from photosearch.inference.face_finder import FaceFinder
from photosearch.inference.face_graphs import RecogniserGraph, recogniser_graph
from photosearch.inference.face_ops import Floats, Found, similarity, warped
from photosearch.inference.face_pack import check_complete
from photosearch.inference.face_quality import pose, sharpness
from photosearch.inference.fingerprint import DETECTION, RECOGNITION
from photosearch.inference.hub.verifying import naming_damage
from photosearch.inference.memory import NoMemoryError, Portions
from photosearch.inference.providers import CPU, kind_of
from photosearch.inference.session import Session, SharedSession, Turn, open_session
from photosearch.types import Box, DetectedFace, Device, Pixels, Vectors

# Aligned faces in one run: of a ResNet-50 at 112 x 112, each takes about 10 MB on the way.
_RUN_FACES = 32
# Of a face whose box is thinner than this in the picture at hand, nothing can be said.
_LEAST_PX = 1.0
_NO_DIRECTION = 1e-6
# Of the original.  What is smaller tells nobody apart: twelve pixels across are background.
_SMALLEST_PX = 16.0
# Small ones that look so far away are hair, leaves and ears.
_SMALL_PX = 32.0
_AWAY_DEGREES = 75.0


class FaceRecogniser:
    """Makes vectors of aligned faces."""

    def __init__(self, graph: RecogniserGraph, session: Session) -> None:
        self.graph = graph
        self.session = session
        self.portions = Portions(_RUN_FACES, graph.batch)
        self.met_nonsense = False  # whether it has given values that are not numbers

    @property
    def variant(self) -> str:
        """Precision and engine, e.g. `float32-cpu`: vectors of two variants differ slightly."""
        return f"{self.graph.type}-{kind_of(self.session.device)}"

    def encode(self, aligned: npt.NDArray[np.uint8]) -> Vectors:
        """Return unit vectors [n, d] of aligned RGB faces [n, size, size, 3].

        A face of which the graph makes nothing, or no numbers, has a row of zeros.
        """
        rows = np.zeros((len(aligned), self.graph.dimension), np.float32)
        self.portions.run(len(aligned), lambda part: self._fill(rows, aligned, part))
        rows.setflags(write=False)
        return rows

    def _fill(self, rows: Vectors, aligned: npt.NDArray[np.uint8], part: slice) -> None:
        try:
            rows[part] = self._run(aligned[part])
        except NoMemoryError:
            raise
        except ModelError:
            if self.graph.batch is not None or part.stop - part.start == 1:
                raise
            self.portions.at_once = 1  # a graph that promises any number and means one
            for row in range(part.start, part.stop):
                rows[row : row + 1] = self._run(aligned[row : row + 1])

    def _run(self, part: npt.NDArray[np.uint8]) -> Vectors:
        pixels = (part.astype(np.float32) - np.float32(self.graph.mean)) / np.float32(
            self.graph.std
        )
        feed = np.zeros((self.graph.batch or len(part), 3, *part.shape[1:3]), self.graph.type)
        feed[: len(part)] = pixels.transpose(0, 3, 1, 2)
        raw = self.session.run(self.graph.output, {self.graph.input: feed})[: len(part)]
        self.met_nonsense |= not np.isfinite(raw).all()
        return _unit(raw.astype(np.float32))


class FaceAnalyser:
    """A face pack on a device."""

    def __init__(self, detector: FaceDetector, recogniser: FaceRecogniser) -> None:
        self.detector = detector
        self.recogniser = recogniser
        self._finder = FaceFinder(detector)

    @property
    def variant(self) -> str:
        """Precision and engine that made the vectors."""
        return self.recogniser.variant

    @property
    def dimension(self) -> int:
        return self.recogniser.graph.dimension

    @property
    def met_nonsense(self) -> bool:
        """Whether a graph has given values that are not numbers: such faces were passed over."""
        return self.detector.met_nonsense or self.recogniser.met_nonsense

    @property
    def sessions(self) -> tuple[tuple[str, Session], ...]:
        """The opened graphs, each with what it is."""
        return ("face detector", self.detector.session), (
            "face recogniser",
            self.recogniser.session,
        )

    def analyse(
        self, picture: Pixels, scale: float = 1.0, fitted: Pixels | None = None
    ) -> tuple[DetectedFace, ...]:
        """Return the faces of an upright RGB picture [h, w, 3], the surest first; specks are none.

        `scale` is how many pixels of the original make one of `picture`, `fitted` what a detector
        sees of it first (`FaceFinder.find`).  A face of which the recogniser makes nothing has a
        vector of zeros.  ModelError when a graph fails.
        """
        if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:
            raise ValueError(f"picture {picture.dtype} {picture.shape} is not uint8 (h, w, 3)")
        if not picture.size:
            return ()
        found, boxes = _recognisable(*_clipped(self._finder.find(picture, fitted), picture), scale)
        faces: list[DetectedFace] = []
        for start in range(0, len(found), _RUN_FACES):  # bounds what is aligned at once
            rows = np.arange(start, min(start + _RUN_FACES, len(found)))
            faces += self._described(picture, found.take(rows), boxes[rows], scale)
        return tuple(faces)

    def _described(
        self, picture: Pixels, found: Found, boxes: Floats, scale: float
    ) -> list[DetectedFace]:
        size_px = self.recogniser.graph.size_px
        aligned = np.zeros((len(found), size_px, size_px, 3), np.uint8)
        usable = np.zeros(len(found), np.bool_)
        for row, points in enumerate(found.points):
            matrix = similarity(points, size_px)
            if matrix is not None:
                aligned[row] = warped(picture, matrix, size_px)
                usable[row] = True
        vectors = np.zeros((len(found), self.dimension), np.float32)
        vectors[usable] = self.recogniser.encode(aligned[usable])
        vectors.setflags(write=False)
        height, width = picture.shape[:2]
        faces = []
        for row, points in enumerate(found.points):
            seen = pose(points)
            landmarks = points / np.array([width, height], np.float32)
            landmarks.setflags(write=False)
            faces.append(
                DetectedFace(
                    box=_box(boxes[row], width, height),
                    landmarks=landmarks,
                    score=float(found.scores[row]),
                    sharpness=sharpness(aligned[row]) if usable[row] else None,
                    size_px=float((boxes[row, 2:] - boxes[row, :2]).min()) * scale,
                    yaw=seen.yaw if seen else None,
                    pitch=seen.pitch if seen else None,
                    roll=seen.roll if seen else None,
                    vector=vectors[row],
                )
            )
        return faces


@naming_damage
def open_face_analyser(
    folder: Path, device: Device = CPU, threads: int = 0, turn: Turn = nullcontext
) -> FaceAnalyser:
    """Open a face pack's folder on a device; ModelError says what is wrong with it.

    `turn` is held during each run of a graph and let go between: a crowd takes some dozens.
    """
    folder = folder.absolute()
    check_complete(folder)
    detector = open_face_detector(folder / DETECTION, device, threads, turn)
    path = folder / RECOGNITION
    session = open_session(path, device, threads)
    recogniser = FaceRecogniser(recogniser_graph(path, session), SharedSession(session, turn))
    return FaceAnalyser(detector, recogniser)


def _clipped(found: Found, picture: Pixels) -> tuple[Found, Floats]:
    """Return the faces that lie in a picture, and their boxes as far as they do."""
    height, width = picture.shape[:2]
    boxes = np.clip(found.boxes, 0, np.array([width, height, width, height], np.float32))
    sides = boxes[:, 2:] - boxes[:, :2]
    kept = np.flatnonzero((sides >= _LEAST_PX).all(axis=1))
    return found.take(kept), boxes[kept]


def _recognisable(found: Found, boxes: Floats, scale: float) -> tuple[Found, Floats]:
    """Return the faces that are large enough in the original to be anybody's."""
    sides = (boxes[:, 2:] - boxes[:, :2]).min(axis=1) * scale
    away = np.zeros(len(found), np.bool_)
    for row in np.flatnonzero(sides < _SMALL_PX).tolist():
        seen = pose(found.points[row])
        away[row] = seen is not None and abs(seen.yaw) > _AWAY_DEGREES
    kept = np.flatnonzero((sides >= _SMALLEST_PX) & ~away)
    return found.take(kept), boxes[kept]


def _box(corners: Floats, width: int, height: int) -> Box:
    left, top, right, bottom = (float(corner) for corner in corners)
    return Box(left / width, top / height, (right - left) / width, (bottom - top) / height)


def _unit(raw: Vectors) -> Vectors:
    """Return rows of unit length; zeros for rows without direction or that are no numbers."""
    usable = np.isfinite(raw).all(axis=1, keepdims=True)
    raw = np.where(usable, raw, 0)
    lengths = np.linalg.norm(raw.astype(np.float64), axis=1, keepdims=True)
    directed = lengths >= _NO_DIRECTION
    unit: Vectors = np.where(directed, raw / np.where(directed, lengths, 1), 0).astype(np.float32)
    return unit
