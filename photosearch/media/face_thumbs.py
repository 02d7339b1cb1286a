"""Small pictures of faces: how they are cut out, and under which keys a `ThumbStore` has them.

A key begins with the hash of the photo, so that all faces of a photo can be forgotten at once.
"""

from __future__ import annotations

import hashlib
import struct
from io import BytesIO

import numpy as np

from photosearch.errors import MediaError
from photosearch.types import Box, Pixels

SIDE_PX = 256  # a large tile of the people grid at twice the usual density
_MARGIN = 1.4  # of the box: hair and chin are seen
_QUALITY = 86


def face_key(photo: bytes, box: Box) -> bytes:
    """Return the key of a face: the photo's hash, then that of the box and the size."""
    place = struct.pack("<4di", box.x, box.y, box.width, box.height, SIDE_PX)
    return photo + hashlib.blake2b(place, digest_size=8).digest()


def make_face_thumbnail(picture: Pixels, box: Box) -> bytes:
    """Return a square JPEG of at most 256 px around a face of an upright picture [h, w, 3]."""
    from PIL import Image
    from PIL.Image import Resampling

    left, top, side = _square(box, picture.shape[1], picture.shape[0])
    part = np.ascontiguousarray(picture[top : top + side, left : left + side])
    image = Image.fromarray(part)
    if side > SIDE_PX:
        image = image.resize((SIDE_PX, SIDE_PX), Resampling.LANCZOS, reducing_gap=1.5)
    out = BytesIO()
    image.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def cut_from_thumbnail(thumbnail: bytes, box: Box) -> bytes | None:
    """Return a face cut out of its photo's thumbnail; None when that is damaged."""
    from photosearch.media.decode import open_picture

    try:
        small = open_picture(thumbnail)
    except MediaError:
        return None
    return make_face_thumbnail(np.asarray(small.image, np.uint8), box)


def _square(box: Box, width: int, height: int) -> tuple[int, int, int]:
    """Return left, top and side in pixels of the square around a box, inside the picture."""
    side = round(_MARGIN * max(box.width * width, box.height * height))
    side = max(1, min(side, width, height))
    left = round((box.x + box.width / 2) * width - side / 2)
    top = round((box.y + box.height / 2) * height - side / 2)
    return max(0, min(left, width - side)), max(0, min(top, height - side)), side
