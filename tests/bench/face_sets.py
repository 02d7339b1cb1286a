"""Made-up faces with the statistics of real ones, for comparing ways of grouping.

A person is a direction; people of one kind (age, sex, origin) share part of it, so strangers have a
heavy tail. A face leans away from its person: most a little, some hard ones much, towards blemishes
(blur, profile, sunglasses) that all people share. A few are like nobody. The first set is shaped
so that plain methods score as they do on real photos of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photosearch.store.face_table import FaceTable, Said
from photosearch.types import Ids, Vectors


@dataclass(frozen=True, slots=True)
class Kind:
    """How a set is made; shares and cosines."""

    name: str
    dimension: int = 128
    lean: float = 0.80  # cosine of a usual face to its person
    alike: float = 0.3  # of a person that is shared with others of their kind
    hard: tuple[float, float] = (0.45, 0.72)  # cosines of the hard faces
    lost: float = 0.004  # share of faces that are like nobody
    siblings: float = 0.0  # share of people with a near double


KINDS = (
    Kind("as measured", lean=0.81),
    Kind("mild", alike=0.1, lost=0.002),
    Kind("between", alike=0.2),
    Kind("one crowd", alike=0.4, lean=0.82),
    Kind("512 numbers", dimension=512),
    Kind("512, wide", dimension=512, lean=0.72, alike=0.15, hard=(0.35, 0.6)),
    Kind("siblings", alike=0.2, siblings=0.1),
)


def labelled(kind: Kind, seed: int) -> tuple[Vectors, Ids]:
    """Return about 2,640 faces and whose they are: 217 people with 8 to 12, 300 with one."""
    draw = np.random.default_rng(seed)
    sizes = np.concatenate([draw.integers(8, 13, 217), np.ones(300, np.int64)])
    people = _people(draw, kind, len(sizes))
    label = np.repeat(np.arange(len(sizes)), sizes)
    count = len(label)
    lean = np.clip(draw.normal(kind.lean, 0.03, len(sizes))[label], 0.3, 0.97)
    lean = np.clip(lean + draw.normal(0, 0.06, count), 0.3, 0.97)
    hard = draw.random(count) < 0.05
    lean[hard] = np.minimum(lean[hard], draw.uniform(*kind.hard, np.count_nonzero(hard)))
    lost = draw.random(count) < kind.lost
    lean[lost] = draw.uniform(0.05, 0.4, np.count_nonzero(lost))
    shared = np.where(hard, 0.3, 0.15 * draw.random(count))
    noise = _directions(draw, count, kind.dimension) * np.sqrt(0.85 - shared)[:, None]
    blemishes = _directions(draw, 10, kind.dimension)
    noise += np.sqrt(shared)[:, None] * blemishes[draw.integers(10, size=count)]
    ages = _directions(draw, len(sizes) * 3, kind.dimension)
    noise += np.sqrt(0.15) * ages[label * 3 + draw.integers(3, size=count)]
    noise -= np.einsum("ij,ij->i", noise, people[label])[:, None] * people[label]
    faces = lean[:, None] * people[label] + np.sqrt(1 - lean**2)[:, None] * unit(noise)
    order = draw.permutation(count)
    return unit(faces)[order].astype(np.float32), label[order].astype(np.int64)


def many(count: int, dimension: int) -> tuple[npt.NDArray[np.float16], Ids]:
    """Return many faces of a tenth as many people, the largest with some thousands."""
    draw = np.random.default_rng(0)
    weights = 1 / np.arange(1, count // 10 + 1) ** 0.8
    sizes = np.maximum(1, np.round(weights / weights.sum() * count)).astype(np.int64)
    label = draw.permutation(np.repeat(np.arange(len(sizes)), sizes))[:count]
    people = _directions(draw, len(sizes), dimension).astype(np.float32)
    faces = np.empty((len(label), dimension), np.float16)
    for at in range(0, len(label), 8192):
        who = people[label[at : at + 8192]]
        lean = np.clip(draw.normal(0.78, 0.07, len(who)), 0.35, 0.97)[:, None]
        noise = _directions(draw, len(who), dimension)
        faces[at : at + 8192] = unit(lean * who + np.sqrt(1 - lean**2) * noise)
    return faces, label.astype(np.int64)


def table(vectors: npt.NDArray[np.floating]) -> FaceTable:
    """Return a table of faces on photos of their own of which nothing was measured."""
    count = len(vectors)
    unknown = np.full(count, np.nan, np.float32)
    numbers = np.arange(1, count + 1)
    halves = vectors.astype(np.float16, copy=False)
    return FaceTable(numbers, numbers, halves, *[unknown] * 6)


def nothing_said(count: int) -> Said:
    empty = np.empty((0, 2), np.int64)
    return Said(np.zeros(count, np.int64), empty, np.zeros(count, np.bool_), {})


def unit(rows: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), np.float64)


def _people(draw: np.random.Generator, kind: Kind, count: int) -> npt.NDArray[np.float64]:
    kinds = _directions(draw, 12, kind.dimension)
    of = draw.choice(12, count, p=draw.dirichlet(np.full(12, 2.0)))
    own = _directions(draw, count, kind.dimension)
    people = unit(np.sqrt(kind.alike) * kinds[of] + np.sqrt(1 - kind.alike) * own)
    for _ in range(int(kind.siblings * count)):
        one, other = draw.choice(count, 2, replace=False)
        near = draw.uniform(0.35, 0.6)
        people[one] = unit(near * people[other] + np.sqrt(1 - near**2) * own[one])
    return people


def _directions(draw: np.random.Generator, count: int, dimension: int) -> npt.NDArray[np.float64]:
    return unit(draw.standard_normal((count, dimension)))
