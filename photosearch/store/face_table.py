"""All faces of one face pack as arrays, and what the user said of them: what grouping reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photosearch.types import Ids


@dataclass(frozen=True, slots=True)
class FaceTable:
    """One row a face, by ascending place; arrays are read-only, NaN where nothing is known."""

    faces: Ids  # [n] places
    photos: Ids  # [n]
    vectors: npt.NDArray[np.float16]  # [n, d], unit length
    score: npt.NDArray[np.float32]  # [n], the detector's, 0 to 1
    sharpness: npt.NDArray[np.float32]  # [n]
    size_px: npt.NDArray[np.float32]  # [n], shorter side in pixels of the original
    yaw: npt.NDArray[np.float32]  # [n], degrees
    pitch: npt.NDArray[np.float32]  # [n], degrees
    days: npt.NDArray[np.float32]  # [n], ordinal of the day; NaN also where it is a guess


@dataclass(frozen=True, slots=True)
class Said:
    """What the user said of the rows of a `FaceTable`."""

    person: Ids  # [n] who it is said to be; 0: nothing said
    rejected: Ids  # [m, 2] (row, person it is not)
    no_face: npt.NDArray[np.bool_]  # [n]
    born: dict[int, int]  # person -> ordinal of the birthday
