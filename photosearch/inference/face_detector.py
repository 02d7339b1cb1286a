"""One look of a face detector at a picture of its own size.

Gives everything that may be a face; what is one, and what to do with pictures of other sizes, is
`face_finder`'s business.
"""

from __future__ import annotations

from contextlib import nullcontext
from functools import lru_cache
from pathlib import Path

import numpy as np

from photosearch.inference.face_graphs import OPENCV, DetectorGraph, Level, detector_graph
from photosearch.inference.face_ops import (
    Floats,
    Found,
    cell_corners,
    from_centres,
    from_distances,
    joined,
)
from photosearch.inference.providers import CPU
from photosearch.inference.session import Array, Session, SharedSession, Turn, open_session
from photosearch.types import Device, Pixels

_corners = lru_cache(maxsize=32)(cell_corners)


class FaceDetector:
    """A detector on a device."""

    def __init__(self, graph: DetectorGraph, session: Session) -> None:
        self.graph = graph
        self.session = session
        self.met_nonsense = False  # whether it has given values that are not numbers

    def look(self, canvas: Pixels, least: float) -> Found:
        """Return what scores at least so much, in pixels of an RGB picture [h, w, 3].

        The picture has the detector's size unless that is open.  Boxes may overlap.  ModelError
        when the graph fails; what it gives that is no number is left out.
        """
        outputs = self.session.run_all({self.graph.input: self._feed(canvas)})
        found = joined(
            [self._decoded(outputs, level, canvas, least) for level in self.graph.levels]
        )
        numbers = np.isfinite(found.boxes).all(axis=1) & np.isfinite(found.points).all(axis=(1, 2))
        self.met_nonsense |= not numbers.all()
        return found.take(np.flatnonzero(numbers))

    def _decoded(
        self, outputs: tuple[Array, ...], level: Level, canvas: Pixels, least: float
    ) -> Found:
        scores = _rows(outputs[level.scores], 1)[:, 0]
        if level.objectness >= 0:
            other = _rows(outputs[level.objectness], 1)[:, 0]
            scores = np.sqrt(np.clip(scores, 0, 1) * np.clip(other, 0, 1))
        self.met_nonsense |= not np.isfinite(scores).all()
        chosen = np.flatnonzero(scores >= least)  # never what is no number
        corners = _corners(canvas.shape[1], canvas.shape[0], level.stride, level.anchors)[chosen]
        boxes = _rows(outputs[level.boxes], 4)[chosen]
        points = _rows(outputs[level.points], 10)[chosen]
        decode = from_centres if self.graph.family == OPENCV else from_distances
        found = decode(corners, level.stride, boxes, points)
        return Found(found.boxes, found.points, np.minimum(scores[chosen], np.float32(1)))

    def _feed(self, canvas: Pixels) -> Array:
        if self.graph.family == OPENCV:
            pixels = canvas[..., ::-1].astype(np.float32)
        else:
            pixels = (canvas.astype(np.float32) - np.float32(127.5)) / np.float32(128)
        feed = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])
        return feed.astype(self.graph.type, copy=False)


def open_face_detector(
    path: Path, device: Device = CPU, threads: int = 0, turn: Turn = nullcontext
) -> FaceDetector:
    """Open a detector's graph; ModelError when it is none."""
    session = open_session(path, device, threads)
    return FaceDetector(detector_graph(path, session), SharedSession(session, turn))


def _rows(output: Array, width: int) -> Floats:
    """Return an output as rows, whether or not it has an axis for the batch."""
    return output.reshape(-1, width).astype(np.float32, copy=False)
