"""Which faces are good enough to found a person, by what was measured of them.

What was not measured (NaN) never speaks against a face. Weak faces are not lost: they are
attached to people afterwards.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from photosearch.store.face_table import FaceTable

# SCRFD and YuNet score clear faces 0.7 to 0.9; below 0.6 lie profiles, blur and false alarms.
MIN_SCORE: Final = 0.6
# The recognisers look at 112 x 112 pixels: much smaller faces are guessed from too little.
MIN_SIZE_PX: Final = 36.0
MAX_YAW: Final = 65.0  # degrees; beyond it one eye is hidden and the landmarks are guesses
MAX_PITCH: Final = 50.0
# Sharpness has no common unit between packs, so it counts against the library's own faces.
BLURRED_SHARE: Final = 0.03  # of the typical (median) sharpness

Flags = npt.NDArray[np.bool_]


def strong(table: FaceTable) -> Flags:
    """Return which faces may found a person, [n]."""
    weak = table.score < MIN_SCORE
    weak |= table.size_px < MIN_SIZE_PX
    weak |= np.abs(table.yaw) > MAX_YAW
    weak |= np.abs(table.pitch) > MAX_PITCH
    measured = table.sharpness[np.isfinite(table.sharpness)]
    if len(measured):
        weak |= table.sharpness < BLURRED_SHARE * float(np.median(measured))
    return ~weak
