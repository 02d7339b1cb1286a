"""How good a view of a face is: how sharp, and from which side it is seen.

Estimates from the aligned picture and the five points; None where they cannot be told.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photosearch.inference.face_ops import TEMPLATE, Floats
from photosearch.types import Pixels

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601
_FLAT = 4.0  # variance of grey values below which there is nothing to be sharp
_HALF = 0.25  # roughness that counts as half sharp: the middle of the test photos

# The five points of an average head, x and y as in the template (where eyes 35 apart are about
# 63 mm), z away from the camera: a nose tip stands out by 36 mm, the corners of the mouth by 9 mm.
# The nose is 3 lower than in the template, so that faces photographed at eye level have no pitch:
# both test packs put it there in the 140 portraits of the test data.
HEAD = np.column_stack([TEMPLATE, [0, 0, -20, -5, -5]]).astype(np.float64)
HEAD[2, 1] += 3
HEAD -= HEAD.mean(axis=0)
HEAD.setflags(write=False)


@dataclass(frozen=True, slots=True)
class Pose:
    """How a head is turned, in degrees, each 0 for a face that looks into the camera.

    `yaw` is positive when it looks to the right in the picture, `pitch` when it looks down,
    `roll` when it leans clockwise.
    """

    yaw: float
    pitch: float
    roll: float


def sharpness(aligned: Pixels) -> float | None:
    """Return how sharp the middle of an aligned face is, 0 blurred to 1 crisp.

    The variance of the Laplacian in relation to that of the grey values, so that light and
    contrast count for nothing; the frame, which may lie outside the photo, is left out.  Of the
    140 test portraits, faces of 140 pixels have 0.4 to 0.8, shrunk to 27 pixels or blurred by a
    Gaussian of 2 pixels 0.1 (their vectors keep a cosine of 0.9), blurred by 5 pixels 0.01 (0.4).
    """
    margin = aligned.shape[0] // 7
    grey = aligned[margin:-margin, margin:-margin].astype(np.float32) @ _LUMA
    contrast = float(grey.var())
    if contrast < _FLAT:
        return None
    middle = grey[1:-1, 1:-1]
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    roughness = float((around - 4 * middle).var()) / contrast
    return roughness / (roughness + _HALF)


def pose(points: Floats) -> Pose | None:
    """Return how a head is turned, from the points [5, 2] in pixels; None where they lie in line.

    Fits the points of an average head, seen from far away, by least squares (DeMenthon and
    Davis 1995, the step before their iteration).
    """
    seen = points.astype(np.float64)
    seen = seen - seen.mean(axis=0)
    if not np.isfinite(seen).all():
        return None
    across, down = np.linalg.lstsq(HEAD, seen, rcond=None)[0].T
    if min(np.linalg.norm(across), np.linalg.norm(down)) < 1e-9:
        return None
    turned = _rotation(across, down)
    if turned is None:
        return None
    # The head was turned first, then nodded, then leaned.
    yaw = np.degrees(np.arctan2(turned[2, 0], turned[2, 2]))
    pitch = np.degrees(np.arcsin(np.clip(turned[2, 1], -1, 1)))
    roll = np.degrees(np.arctan2(-turned[0, 1], turned[1, 1]))
    return Pose(float(yaw), float(pitch), float(roll))


def _rotation(
    across: npt.NDArray[np.float64], down: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64] | None:
    """Return the rotation nearest to two rows that were estimated apart."""
    pair = np.stack([across, down])
    left, sizes, right = np.linalg.svd(pair, full_matrices=False)
    if sizes[1] < 1e-3 * sizes[0]:
        return None
    rows = left @ right
    return np.vstack([rows, np.cross(rows[0], rows[1])])
