"""Which face found in a picture is which place known in it: pure geometry and likeness.

Places of a picture that was changed meanwhile (`moved`) are looked for by what their faces looked
like, then under the eight ways in which a picture can be turned and mirrored, then where they were.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photosearch.types import Box, Vector

# Two boxes of one face: detectors differ by little, other programs draw around the whole head.
_LEAST_OVERLAP = 0.3
_LARGEST_RATIO = 9.0  # of the areas, where the centre of each lies in the other
_CONCENTRIC = 0.05  # what such a pair counts at least
# The same face in the same picture saved anew; two people are less alike than that, and where
# they are not (twins, a collage), the runner-up is too near.
_LEAST_COSINE = 0.6
_LEAST_LEAD = 0.1
_SPOKEN_BONUS = 0.2  # of two places at one face, that of which something was said
_STAY_BONUS = 1.1  # most changes turn nothing

_Scores = npt.NDArray[np.float64]
# How a box lies after a turn or mirroring; pictures are upright, sizes are fractions.
_TURNS: tuple[Callable[[Box], Box], ...] = (
    lambda b: b,
    lambda b: Box(1 - b.y - b.height, b.x, b.height, b.width),  # a quarter to the right
    lambda b: Box(b.y, 1 - b.x - b.width, b.height, b.width),  # a quarter to the left
    lambda b: Box(1 - b.x - b.width, 1 - b.y - b.height, b.width, b.height),  # a half
    lambda b: Box(1 - b.x - b.width, b.y, b.width, b.height),  # left and right changed
    lambda b: Box(b.x, 1 - b.y - b.height, b.width, b.height),  # top and bottom
    lambda b: Box(b.y, b.x, b.height, b.width),
    lambda b: Box(1 - b.y - b.height, 1 - b.x - b.width, b.height, b.width),
)


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A place known in a picture, and how a face pack saw it before the picture changed."""

    id: int
    box: Box
    moved: bool = False
    spoken: bool = False  # something was said of it
    vector: Vector | None = None


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
    return max(likeness(turn(one), other) for turn in _TURNS)


def match(places: Sequence[KnownPlace], boxes: Sequence[Box], vectors: Sequence[Vector]) -> Matches:
    """Tell which face (box and vector, of unit length) is at which place, one to one."""
    found: dict[int, int] = {}  # face -> index of its place
    turned: dict[int, Box] = {}
    moved = [row for row, place in enumerate(places) if place.moved]
    if moved:
        found = {face: moved[row] for row, face in _by_vector([places[m] for m in moved], vectors)}
        turn = _best_turn([(m, places[m].box) for m in moved], boxes, found)
        if turn is not None:
            _add(found, [(m, turn(places[m].box), 0.0) for m in moved], boxes)
            turned = {places[m].id: _clipped(turn(places[m].box)) for m in moved}
        _add(found, [(m, places[m].box, 0.0) for m in moved], boxes)
    still = [row for row, place in enumerate(places) if not place.moved]
    _add(found, [(s, places[s].box, _SPOKEN_BONUS * places[s].spoken) for s in still], boxes)
    for row in found.values():
        turned.pop(places[row].id, None)
    return Matches(
        tuple(places[found[f]].id if f in found else None for f in range(len(boxes))), turned
    )


def _holds_centre(outer: Box, inner: Box) -> bool:
    x, y = inner.x + inner.width / 2, inner.y + inner.height / 2
    return outer.x <= x <= outer.x + outer.width and outer.y <= y <= outer.y + outer.height


def _by_vector(places: Sequence[KnownPlace], vectors: Sequence[Vector]) -> list[tuple[int, int]]:
    """Return (place, face) that look alike as no other two of them do."""
    scores = np.full((len(places), len(vectors)), -1.0)
    for row, place in enumerate(places):
        for column, vector in enumerate(vectors):
            if place.vector is not None and place.vector.shape == vector.shape:
                scores[row, column] = float(place.vector @ vector)
    scores = np.nan_to_num(scores, nan=-1.0)
    pairs = []
    for row, column in _pairs(scores, _LEAST_COSINE):
        rivals = np.concatenate([np.delete(scores[row], column), np.delete(scores[:, column], row)])
        if not rivals.size or scores[row, column] - rivals.max() >= _LEAST_LEAD:
            pairs.append((row, column))
    return pairs


def _best_turn(
    places: Sequence[tuple[int, Box]], boxes: Sequence[Box], found: dict[int, int]
) -> Callable[[Box], Box] | None:
    """Return the turn under which the places lie best upon faces; None when none do."""
    best, best_score = None, 0.0
    of_place = {row: face for face, row in found.items()}
    for turn in _TURNS:
        scores = _scores([turn(box) for _, box in places], boxes)
        for index, (row, _) in enumerate(places):
            if row in of_place:  # known by its looks: it may lie nowhere else
                scores[index] *= np.arange(len(boxes)) == of_place[row]
        score = sum(float(scores[pair]) for pair in _pairs(scores, 0.0))
        if turn is _TURNS[0]:
            score *= _STAY_BONUS
        if score > best_score:
            best, best_score = turn, score
    return best


def _add(
    found: dict[int, int], places: Sequence[tuple[int, Box, float]], boxes: Sequence[Box]
) -> None:
    """Add those (place, box, bonus) that lie upon a face, where both are still free."""
    taken = set(found.values())
    free = [place for place in places if place[0] not in taken]
    faces = [face for face in range(len(boxes)) if face not in found]
    scores = _scores([box for _, box, _ in free], [boxes[face] for face in faces])
    if scores.size:
        scores += np.array([[bonus] for _, _, bonus in free]) * (scores > 0)
    for row, column in _pairs(scores, 0.0):
        found[faces[column]] = free[row][0]


def _scores(places: Sequence[Box], faces: Sequence[Box]) -> _Scores:
    scores = [[likeness(place, face) for face in faces] for place in places]
    return np.array(scores, np.float64).reshape(len(places), len(faces))


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
