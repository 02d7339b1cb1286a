"""Ids and arrays."""

from __future__ import annotations

from typing import NewType

import numpy as np
import numpy.typing as npt

PhotoId = NewType("PhotoId", int)
FileId = NewType("FileId", int)
FolderId = NewType("FolderId", int)
ModelKey = NewType("ModelKey", str)
PersonId = NewType("PersonId", int)  # of a person or a group: one range of numbers for both
FaceId = NewType("FaceId", int)  # of a place in a picture: it survives another detection
ActionId = NewType("ActionId", int)  # of something the user said; none is used twice

Ids = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]  # [n, d], rows of unit length
Vector = npt.NDArray[np.float32]  # [d], unit length
Pixels = npt.NDArray[np.uint8]  # [h, w, 3], RGB
