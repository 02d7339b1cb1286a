"""The arithmetic of finding and aligning faces: resizing, decoding, suppression, alignment.

Pure numpy on plain arrays, in pixels of the picture at hand.  Results follow insightface's and
OpenCV's own code closely enough that tests compare the two (boxes, points and vectors).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photosearch.types import Pixels

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int32]

# Where the points of an aligned face of 112 x 112 pixels lie: eyes, nose, corners of the mouth,
# left before right as seen in the picture (ArcFace's template; SFace has the same).
TEMPLATE: Floats = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ],
    np.float32,
)
TEMPLATE.setflags(write=False)
_TEMPLATE_PX = 112

# From this reduction on, averages of whole blocks are resized instead of single pixels, which
# would be mostly noise; below it, everything is as in the packages the models come from.
_COARSE = 3.0
_KEPT = 1.5  # what is left of the reduction after averaging
_MOST = 256  # so many bytes fit into 16 bits when added

_ONE = 2048  # the whole of a share in OpenCV's fixed point
_BAND = 32  # rows resized at once


@dataclass(frozen=True, slots=True)
class Found:
    """Faces in one picture, in its pixels."""

    boxes: Floats  # [n, 4] left, top, right, bottom
    points: Floats  # [n, 5, 2]
    scores: Floats  # [n]

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, rows: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> Found:
        """Return some of the faces."""
        return Found(self.boxes[rows], self.points[rows], self.scores[rows])

    def placed(self, scale: float, x: float = 0, y: float = 0) -> Found:
        """Return the same faces in a picture of which this is a part, scaled."""
        corner = np.array([x, y], np.float32)
        boxes = self.boxes * np.float32(scale) + np.tile(corner, 2)
        return Found(boxes, self.points * np.float32(scale) + corner, self.scores)


def joined(parts: list[Found]) -> Found:
    """Return all faces of several parts."""
    return Found(
        np.concatenate([np.empty((0, 4), np.float32), *(part.boxes for part in parts)]),
        np.concatenate([np.empty((0, 5, 2), np.float32), *(part.points for part in parts)]),
        np.concatenate([np.empty(0, np.float32), *(part.scores for part in parts)]),
    )


def resized(picture: Pixels, width: int, height: int) -> Pixels:
    """Return a picture in another size, bilinear, to the bit as OpenCV does it.

    The rounding counts: detectors put points 0.1 pixels elsewhere when values differ by one, which
    changes the vectors of small faces by a thousandth.
    """
    factor = averaged(picture, width, height)
    if factor > 1:
        picture = block_means(picture, factor)
    above, below, down = _between(picture.shape[0], height)
    left, right, along = _between(picture.shape[1], width)
    columns = _Columns(_channels(left), _channels(right), np.repeat(along, 3))
    flat = picture.reshape(len(picture), -1)
    result = np.empty((height, 3 * width), np.uint8)
    for start in range(0, height, _BAND):  # a band stays in the processor's cache
        band = slice(start, start + _BAND)
        share = down[band, None]
        # OpenCV's own steps: 11 bits for the columns' shares, of which 4 go, 11 for the rows'.
        rows, places = np.unique([above[band], below[band]], return_inverse=True)
        mixed = columns.mixed(flat[rows]) >> 4  # a row may be wanted twice
        upper, lower = mixed[places.reshape(2, -1)]
        upper = upper * (_ONE - share) >> 16
        lower = lower * share >> 16
        result[band] = (upper + lower + 2) >> 2
    return result.reshape(height, width, 3)


def averaged(picture: Pixels, width: int, height: int) -> int:
    """Return the side of the blocks whose means are resized instead of the picture; 1 for none."""
    factor = min(picture.shape[0] / height, picture.shape[1] / width)
    return min(int(factor / _KEPT), _MOST) if factor >= _COARSE else 1


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where the values of each new row come from, and the second one's share."""

    left: npt.NDArray[np.intp]
    right: npt.NDArray[np.intp]
    share: Integers

    def mixed(self, rows: Pixels) -> Integers:
        mixed = rows.take(self.left, axis=1).astype(np.int32)
        mixed *= _ONE - self.share
        mixed += rows.take(self.right, axis=1) * self.share
        return mixed


def _channels(pixels: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    places: npt.NDArray[np.intp] = (3 * pixels[:, None] + np.arange(3)).ravel()
    return places


def _between(
    count: int, wanted: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Integers]:
    """Return the two neighbours of each new pixel's centre, and the second one's share."""
    centres = ((np.arange(wanted) + 0.5) * (count / wanted) - 0.5).astype(np.float32)
    first = np.floor(centres).astype(np.intp)
    share = np.where((first < 0) | (first >= count - 1), 0, centres - first)
    first = np.clip(first, 0, count - 1)
    return first, np.minimum(first + 1, count - 1), np.rint(share * _ONE).astype(np.int32)


def block_means(picture: Pixels, factor: int) -> Pixels:
    """Return a picture of which each pixel is the mean of a block; rests at the edges go."""
    height, width = picture.shape[0] // factor, picture.shape[1] // factor
    part = picture[: height * factor, : width * factor]
    means = np.empty((height, width, 3), np.uint8)
    for start in range(0, height, _BAND):
        band = part[start * factor : (start + _BAND) * factor]
        rows = band[::factor].astype(np.uint16)
        for row in range(1, factor):
            rows += band[row::factor]
        sums = rows[:, ::factor].astype(np.uint32)
        for column in range(1, factor):
            sums += rows[:, column::factor]
        means[start : start + _BAND] = (sums + factor * factor // 2) // (factor * factor)
    return means


def fitted_size(picture: Pixels, width: int, height: int) -> tuple[int, int]:
    """Return width and height of a picture that is made to fit."""
    rows, columns = picture.shape[:2]
    if rows / columns > height / width:
        return max(1, int(height * columns / rows)), height
    return width, max(1, int(width * rows / columns))


def letterboxed(
    picture: Pixels, width: int, height: int, fitted: Pixels | None = None
) -> tuple[Pixels, float]:
    """Return a picture fitted into the top left of a black one, and the scale it was given.

    `fitted` is the picture made to fit, if somebody has done that already.
    """
    size = fitted_size(picture, width, height)
    if fitted is None or fitted.shape[1::-1] != size:
        fitted = resized(picture, *size)
    canvas = np.zeros((height, width, 3), np.uint8)
    canvas[: size[1], : size[0]] = fitted
    return canvas, size[1] / picture.shape[0]


def cell_corners(width: int, height: int, stride: int, anchors: int) -> Floats:
    """Return the corner [n, 2] (x, y) of the grid cell that each anchor of a stride sits at."""
    rows, columns = -(-height // stride), -(-width // stride)
    down, along = np.mgrid[:rows, :columns].astype(np.float32) * stride
    corners: Floats = np.repeat(np.stack([along, down], axis=-1).reshape(-1, 2), anchors, axis=0)
    return corners


def from_distances(corners: Floats, stride: int, boxes: Floats, points: Floats) -> Found:
    """Decode SCRFD: distances from the anchor to the four sides and to the points, in strides."""
    far = boxes * np.float32(stride)
    decoded = np.concatenate([corners - far[:, :2], corners + far[:, 2:]], axis=1)
    placed = corners[:, None] + points.reshape(-1, 5, 2) * np.float32(stride)
    return Found(decoded, placed, np.zeros(len(corners), np.float32))


def from_centres(corners: Floats, stride: int, boxes: Floats, points: Floats) -> Found:
    """Decode YuNet: offset of the centre, logarithm of the size, offsets of the points."""
    centres = corners + boxes[:, :2] * np.float32(stride)
    with np.errstate(over="ignore"):  # an infinite size is dropped with all that is not finite
        halves = np.exp(boxes[:, 2:]) * np.float32(stride / 2)
    decoded = np.concatenate([centres - halves, centres + halves], axis=1)
    placed = corners[:, None] + points.reshape(-1, 5, 2) * np.float32(stride)
    return Found(decoded, placed, np.zeros(len(corners), np.float32))


def areas(boxes: Floats) -> Floats:
    """Return the areas [n] of boxes; nothing for boxes that are turned inside out."""
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
    result: Floats = sides[:, 0] * sides[:, 1]
    return result


def overlaps(box: Floats, boxes: Floats) -> Floats:
    """Return intersection over union [n] of a box with others."""
    sides = np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])
    shared = np.maximum(sides[:, 0], 0) * np.maximum(sides[:, 1], 0)
    whole = areas(box[None])[0] + areas(boxes) - shared
    share: Floats = shared / np.maximum(whole, np.float32(1e-9))
    return share


def shares_inside(box: Floats, boxes: Floats) -> Floats:
    """Return how much [n] of other boxes lies in a box, 0 to 1."""
    sides = np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])
    shared = np.maximum(sides[:, 0], 0) * np.maximum(sides[:, 1], 0)
    share: Floats = shared / np.maximum(areas(boxes), np.float32(1e-9))
    return share


def suppressed(found: Found, overlap: float) -> Found:
    """Keep of faces that overlap by more than a share only the best; the best come first."""
    order = np.argsort(-found.scores, kind="stable")
    kept: list[int] = []
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(int(best))
        order = rest[overlaps(found.boxes[best], found.boxes[rest]) <= overlap]
    return found.take(np.array(kept, np.intp))


def similarity(points: Floats, size_px: int) -> npt.NDArray[np.float64] | None:
    """Return the turn, scale and shift [2, 3] that best lays five points onto the template.

    The least-squares solution (Umeyama 1991), in complex numbers, where a turn with a scale is
    one factor.  None where the points do not tell: they are one, or no numbers.
    """
    source = points.astype(np.float64) @ [1, 1j]
    target = TEMPLATE.astype(np.float64) @ [1, 1j] * (size_px / _TEMPLATE_PX)
    middle = source.mean()
    spread = float((np.abs(source - middle) ** 2).sum())
    if not np.isfinite(spread) or spread < 1e-6:
        return None
    factor = np.vdot(source - middle, target - target.mean()) / spread
    shift = target.mean() - factor * middle
    return np.array(
        [[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]]
    )


def warped(picture: Pixels, matrix: npt.NDArray[np.float64], size_px: int) -> Pixels:
    """Return the square that a similarity cuts out of a picture, black where there is none."""
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    inverse = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2]
    corners = np.array([[0, 0, 1], [size_px, 0, 1], [0, size_px, 1], [size_px, size_px, 1]])
    reached = corners @ inverse.T
    low = np.floor(np.clip(reached.min(axis=0) - 2, 0, None)).astype(np.intp)
    high = np.ceil(np.clip(reached.max(axis=0) + 2, 0, None)).astype(np.intp)
    part = picture[low[1] : high[1], low[0] : high[0]]
    if not part.size or scale <= 0:
        return np.zeros((size_px, size_px, 3), np.uint8)
    inverse[:, 2] -= low
    if 1 / scale >= _COARSE:
        factor = min(int(1 / scale / _KEPT), _MOST)
        part = block_means(part, factor)
        inverse = inverse / factor
        inverse[:, 2] -= (factor - 1) / (2 * factor)  # centres of blocks are between pixels
    if not part.size:
        return np.zeros((size_px, size_px, 3), np.uint8)
    return _sampled(part, inverse, size_px)


def _sampled(part: Pixels, inverse: npt.NDArray[np.float64], size_px: int) -> Pixels:
    down, along = np.mgrid[:size_px, :size_px]
    grid = np.stack([along.ravel(), down.ravel(), np.ones(size_px * size_px)])
    x, y = inverse @ grid
    framed = np.pad(part, ((1, 1), (1, 1), (0, 0)))  # black around it
    x = np.clip(x + 1, 0, framed.shape[1] - 1)
    y = np.clip(y + 1, 0, framed.shape[0] - 1)
    left, top = x.astype(np.intp), y.astype(np.intp)
    right = np.minimum(left + 1, framed.shape[1] - 1)
    below = np.minimum(top + 1, framed.shape[0] - 1)
    along_share = (x - left).astype(np.float32)[:, None]
    down_share = (y - top).astype(np.float32)[:, None]
    upper = framed[top, left] * (1 - along_share) + framed[top, right] * along_share
    lower = framed[below, left] * (1 - along_share) + framed[below, right] * along_share
    mixed = upper + (lower - upper) * down_share
    square: Pixels = np.rint(mixed).astype(np.uint8).reshape(size_px, size_px, 3)
    return square
