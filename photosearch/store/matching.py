"""Which face found in a picture is which place known in it: pure geometry and likeness.

Places of a picture that was changed meanwhile (`moved`) are looked for by what their faces looked
like, then under the eight ways in which a picture can be turned and mirrored, then where they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from photosearch.store.turning import TURNS, Turn
from photosearch.types import Box, Vector

# Two boxes of one face: detectors differ by little, other programs draw around the whole head.
_LEAST_OVERLAP = 0.3
_LARGEST_RATIO = 9.0  # of the areas, where the centre of each lies in the other
_CONCENTRIC = 0.05  # what such a pair counts at least
# The same face in the same picture saved anew; two people are less alike than that, and where
# they are not (twins, a collage), the runner-up is too near.
_LEAST_COSINE = 0.6
_LEAST_LEAD = 0.1
_UNLIKE_COSINE = 0.3  # below, it is somebody else, wherever the face lies: another picture
_SPOKEN_BONUS = 0.2  # of two places at one face, that of which something was said
_STAY_BONUS = 1.1  # most changes turn nothing

_Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A place known in a picture, and how a face pack saw it before the picture changed."""

    id: int
    box: Box
    moved: bool = False  # the picture changed since
    spoken: bool = False  # something was said of it
    vector: Vector | None = None  # where the face was not found since


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a place may lie, and which faces it can be."""

    row: int
    box: Box
    fits: npt.NDArray[np.bool_]  # [faces]
    spoken: bool


@dataclass(frozen=True, slots=True)
class Matches:
    """The place of each face, None for a new one, and where places without a face lie now."""

    places: tuple[int | None, ...]
    turned: dict[int, Box]


def overlap(one: Box, other: Box) -> float:
    """Return the intersection over the union of two boxes, 0 to 1."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / (one.width * one.height + other.width * other.height - both)


def likeness(one: Box, other: Box) -> float:
    """Return how surely two boxes are around one face: 0 not, 1 the same box."""
    both = overlap(one, other)
    if both >= _LEAST_OVERLAP:
        return both
    small, large = sorted((one.width * one.height, other.width * other.height))
    if _holds_centre(one, other) and _holds_centre(other, one) and large <= _LARGEST_RATIO * small:
        return max(both, _CONCENTRIC)
    return 0.0


def likeness_turned(one: Box, other: Box) -> float:
    """Return the best `likeness` under any turn of `one`."""
    return max(likeness(turn(one), other) for turn in TURNS)


def match(places: Sequence[KnownPlace], boxes: Sequence[Box], vectors: Sequence[Vector]) -> Matches:
    """Tell which face (box and vector, of unit length) is at which place, one to one."""
    if not places or not boxes:
        return Matches((None,) * len(boxes), {})
    found: dict[int, int] = {}  # face -> index of its place
    fits = np.ones((len(places), len(boxes)), np.bool_)
    if any(place.vector is not None for place in places):
        cosines = _cosines(places, vectors)
        found = {face: row for row, face in _alike(cosines)}
        fits = ~(cosines < _UNLIKE_COSINE)
    for face, row in found.items():  # known by its looks: it may lie nowhere else
        fits[row] = np.arange(len(boxes)) == face
    spots = [_Spot(row, place.box, fits[row], place.spoken) for row, place in enumerate(places)]
    moved = [spot for spot in spots if places[spot.row].moved]
    turned: dict[int, Box] = {}
    turn = _best_turn(moved, boxes)
    if turn is not None:
        there = [replace(spot, box=turn(spot.box)) for spot in moved]
        _add(found, there, boxes)
        turned = {places[spot.row].id: _clipped(spot.box) for spot in there}
    _add(found, moved, boxes)
    _add(found, [spot for spot in spots if not places[spot.row].moved], boxes)
    for row in found.values():
        turned.pop(places[row].id, None)
    return Matches(
        tuple(places[found[f]].id if f in found else None for f in range(len(boxes))), turned
    )


def _holds_centre(outer: Box, inner: Box) -> bool:
    x, y = inner.x + inner.width / 2, inner.y + inner.height / 2
    return outer.x <= x <= outer.x + outer.width and outer.y <= y <= outer.y + outer.height


def _cosines(places: Sequence[KnownPlace], vectors: Sequence[Vector]) -> _Scores:
    """Return how alike places and faces look, [places, faces]; NaN where it is not known."""
    cosines = np.full((len(places), len(vectors)), np.nan)
    for row, place in enumerate(places):
        for column, vector in enumerate(vectors):
            if place.vector is not None and place.vector.shape == vector.shape and np.any(vector):
                cosines[row, column] = float(place.vector @ vector)
    return cosines


def _alike(cosines: _Scores) -> list[tuple[int, int]]:
    """Return (place, face) that look alike as no other two of them do."""
    scores = np.nan_to_num(cosines, nan=-1.0)
    pairs = []
    for row, column in _pairs(scores, _LEAST_COSINE):
        rivals = np.concatenate([np.delete(scores[row], column), np.delete(scores[:, column], row)])
        if not rivals.size or scores[row, column] - rivals.max() >= _LEAST_LEAD:
            pairs.append((row, column))
    return pairs


def _best_turn(spots: Sequence[_Spot], boxes: Sequence[Box]) -> Turn | None:
    """Return the turn under which the places lie best upon faces; None when none do."""
    best, best_score = None, 0.0
    for turn in TURNS if spots else ():
        scores = _scores([replace(spot, box=turn(spot.box)) for spot in spots], boxes)
        score = sum(float(scores[pair]) for pair in _pairs(scores, 0.0))
        if turn is TURNS[0]:
            score *= _STAY_BONUS
        if score > best_score:
            best, best_score = turn, score
    return best


def _add(found: dict[int, int], spots: Sequence[_Spot], boxes: Sequence[Box]) -> None:
    """Add the places that lie upon a face, where both are still free."""
    taken = set(found.values())
    free = [spot for spot in spots if spot.row not in taken]
    if not free:
        return
    scores = _scores(free, boxes)
    scores[:, list(found)] = 0
    for row, face in _pairs(scores, 0.0):
        found[face] = free[row].row


def _scores(spots: Sequence[_Spot], boxes: Sequence[Box]) -> _Scores:
    likely = [[likeness(spot.box, box) for box in boxes] for spot in spots]
    scores = np.array(likely, np.float64).reshape(len(spots), len(boxes))
    for index, spot in enumerate(spots):
        scores[index] += _SPOKEN_BONUS * spot.spoken * (scores[index] > 0)
        scores[index] *= spot.fits
    return scores


def _pairs(scores: _Scores, above: float) -> list[tuple[int, int]]:
    """Return (row, column) best first, each row and column once."""
    rows, columns = np.nonzero(scores > above)
    order = np.argsort(-scores[rows, columns], kind="stable")
    pairs: list[tuple[int, int]] = []
    seen: tuple[set[int], set[int]] = (set(), set())
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if row not in seen[0] and column not in seen[1]:
            pairs.append((row, column))
            seen[0].add(row)
            seen[1].add(column)
    return pairs


def _clipped(box: Box) -> Box:
    x, y = max(0.0, box.x), max(0.0, box.y)
    return Box(x, y, min(box.width, 1 - x), min(box.height, 1 - y))
