"""How alike two faces must be, per recognition model, found from data.

The likeness of two different people is close to normal, with a mean and a deviation that belong
to the recogniser, and a little to the library: one family is more alike than a crowd. Almost all
random pairs of faces are strangers, and two faces on one photo certainly are. So thresholds are
said in deviations above the strangers' mean, and the number of faces decides how many: with more
of them, everybody's nearest stranger is nearer.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from photosearch.types import FacePackInfo, Ids, Vectors

RANDOM_PAIRS: Final = 200_000
TRUSTED_PAIRS: Final = 4_000  # what is known beforehand counts like so many pairs of the library
GUESSED_PAIRS: Final = 500  # the same of a model nothing is known of
CHUNK: Final = 16_384
OUTLYING: Final = 4.0  # deviations above which a random pair is taken for one person
ENOUGH_SAME_PHOTO: Final = 200  # pairs on one photo from which they are believed
TAIL: Final = 0.995  # far enough to see the tail, where few pairs of one person stray
FARTHEST: Final = 1.4  # a library's deviation and what is known differ by no more than this

# One face in so many may have a stranger as near as what unites groups. This and the distances
# below were chosen on simulated libraries (tests/bench/grouping.py): 128 and 512 dimensions,
# seven kinds of spread. They suit six; where whole crowds look alike they find too few.
STRANGERS_ALLOWED: Final = 0.1
FOUNDING_MORE: Final = 1.0  # deviations more, for founding a person from single faces
JOINING_LESS: Final = 0.4  # deviations less, where several faces vouch and nobody else is near
FLOOR_LESS: Final = 1.2  # deviations below joining, from which on a face counts for another
MARGIN: Final = 1.0  # deviations that a person must be ahead of the next one
# Deviations from the usual: looser than this, real people of one kind run into each other
# (people/ of the test photos: at 1.25 below, precision falls from 1 to 0.91).
LOOSEST: Final = 1.0
STRICTEST: Final = 2.0
LOWEST, HIGHEST = 0.01, 0.95  # no threshold lies outside, whatever was measured
FEWEST_FACES: Final = 1000  # a smaller library is judged as if it had so many


@dataclass(frozen=True, slots=True)
class Strangers:
    """The likeness (cosine) of different people to a recogniser, and how well it is known."""

    mean: float
    deviation: float
    pairs: int


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Cosines: what founds a person, unites groups, joins a face to them; from where a face
    counts for another; and by how much its person must be ahead."""

    found: float
    unite: float
    join: float
    floor: float
    margin: float
    strangers: Strangers


# Measured: the two stand-ins (InsightFace's MobileFaceNet of 2018, 128 dimensions) on `people/`
# of the test photos, 9,100 pairs of different people: 0.031 +- 0.098.
STAND_IN: Final = Strangers(0.03, 0.10, TRUSTED_PAIRS)
# Published, as single operating points (a verification threshold lies about three deviations up,
# at one false match in a thousand), so only good until a library has told more:
# SFace 0.363 (OpenCV's samples/dnn/face_detect.py, best on LFW) and 0.407 (DeepFace),
_SFACE: Final = Strangers(0.03, 0.11, TRUSTED_PAIRS)
# ArcFace of 512 dimensions 0.28 to 0.32 (InsightFace; DeepFace's ArcFace), and the stricter 0.45
# of DeepFace's Buffalo_L and 0.5 of Immich, which group rather than verify.
_RESNET: Final = Strangers(0.02, 0.075, TRUSTED_PAIRS)  # w600k_r50, glintr100
# w600k_mbf: the same training on a small network (MR-ALL 71.87 against 91.25, InsightFace's
# model zoo), whose strangers lie wider.
_MOBILE: Final = Strangers(0.02, 0.085, TRUSTED_PAIRS)


def known(pack: FacePackInfo) -> Strangers:
    """Return what is known of a pack's recogniser before a library is seen.

    Packs carry no name of their own: the folder's name says what they are, checked against
    family and dimension; nothing worse than a start value hangs on it.
    """
    name = pack.name.lower().replace("-", "").replace("_", "")
    if pack.family == "opencv" and pack.dimension == 128:
        return STAND_IN if "standin" in name else _SFACE
    if pack.family == "insightface" and pack.dimension == 512:
        small = "buffalos" in name
        named = small or any(part in name for part in ("buffalo", "antelope"))
        if named:
            return _MOBILE if small else _RESNET
    if pack.dimension == 128 and "standin" in name:
        return STAND_IN
    return guessed(pack.dimension)


def guessed(dimension: int) -> Strangers:
    """Return what to expect of any recogniser: directions at random, and people are not quite."""
    return Strangers(0.02, max(1.2 / max(dimension, 1) ** 0.5, 0.06), GUESSED_PAIRS)


def measure(vectors: Vectors, photos: Ids, before: Strangers) -> Strangers:
    """Return the strangers of a library: its own pairs, joined with what was known `before`.

    `vectors` [n, d] of unit length; the same faces in the same order give the same answer.
    """
    pairs = _random_pairs(len(vectors))
    mean, deviation, count = _fitted(_likeness(vectors, *pairs), before)
    together = _likeness(vectors, *_same_photo_pairs(photos))
    if len(together) >= ENOUGH_SAME_PHOTO:  # families on one photo are more alike than a crowd
        mean_here, deviation_here, _ = _fitted(together, before)
        deviation = max(deviation, deviation_here)
        mean = max(mean, mean_here)
    share = count / (count + before.pairs)
    mean = share * mean + (1 - share) * before.mean
    deviation = share * deviation + (1 - share) * before.deviation
    lowest, highest = before.deviation / FARTHEST, before.deviation * FARTHEST
    return Strangers(mean, min(max(deviation, lowest), highest), count + before.pairs)


def thresholds(strangers: Strangers, faces: int, strictness: float) -> Thresholds:
    """Return the thresholds for a library of so many faces; strictness is 0 to 1, 0.5 as usual."""
    allowed = STRANGERS_ALLOWED / max(faces, FEWEST_FACES)
    span = LOOSEST if strictness < 0.5 else STRICTEST
    unite = NormalDist().inv_cdf(1 - allowed) + (2 * strictness - 1) * span

    def cosine(deviations: float) -> float:
        likeness = strangers.mean + deviations * strangers.deviation
        return min(max(likeness, LOWEST), HIGHEST)

    return Thresholds(
        found=cosine(unite + FOUNDING_MORE),
        unite=cosine(unite),
        join=cosine(unite - JOINING_LESS),
        floor=cosine(unite - JOINING_LESS - FLOOR_LESS),
        margin=MARGIN * strangers.deviation,
        strangers=strangers,
    )


def _random_pairs(count: int) -> tuple[Ids, Ids]:
    """Return all pairs of rows, or so many that are drawn alike for the same number of rows."""
    if count * (count - 1) // 2 <= RANDOM_PAIRS:
        one, other = np.triu_indices(count, 1)
        return one.astype(np.int64), other.astype(np.int64)
    draw = np.random.default_rng(count)
    one = draw.integers(0, count, RANDOM_PAIRS)
    other = (one + draw.integers(1, count, RANDOM_PAIRS)) % count
    return one, other


def _same_photo_pairs(photos: Ids) -> tuple[Ids, Ids]:
    """Return pairs of rows on one photo: each with those up to three places on."""
    order = np.argsort(photos, kind="stable")
    ones: list[Ids] = []
    others: list[Ids] = []
    for step in (1, 2, 3):
        same = np.flatnonzero(photos[order[step:]] == photos[order[:-step]])
        ones.append(order[same])
        others.append(order[same + step])
    return np.concatenate(ones)[:RANDOM_PAIRS], np.concatenate(others)[:RANDOM_PAIRS]


def _likeness(vectors: Vectors, one: Ids, other: Ids) -> npt.NDArray[np.float32]:
    found = np.empty(len(one), np.float32)
    for at in range(0, len(one), CHUNK):
        part = slice(at, at + CHUNK)
        found[part] = np.einsum("ij,ij->i", vectors[one[part]], vectors[other[part]])
    return found


def _fitted(likeness: npt.NDArray[np.float32], before: Strangers) -> tuple[float, float, int]:
    """Return mean, deviation and number of the strangers among pairs: the same person's stand
    far above them and are left out, in rounds."""
    mean, deviation = before.mean, before.deviation
    count = 0
    for _ in range(5):
        part = likeness[likeness < mean + OUTLYING * deviation]
        count = len(part)
        if count < 2:
            return before.mean, before.deviation, 0
        mean = float(np.mean(part))
        # Normal but for the tail, where people of one family or likeness are: what counts is
        # how far the tail reaches, and the bulk steadies it.
        tail = (float(np.quantile(part, TAIL)) - mean) / NormalDist().inv_cdf(TAIL)
        deviation = (float(np.std(part)) + max(tail, 0.0)) / 2
    return mean, deviation, count
