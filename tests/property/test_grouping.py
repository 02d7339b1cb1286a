"""Grouping never contradicts a verdict and never puts one person on a photo twice.

Random vectors around a few people, random photos, verdicts, rejections and birthdays; some vectors
are broken, some are copies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch.people.calibration import guessed, thresholds
from photosearch.people.extending import extend
from photosearch.people.grouping import Grouping, group
from photosearch.people.guessing import Asked, guess
from photosearch.people.tables import rows_of, said_of
from photosearch.store.face_table import FaceTable, Said
from photosearch.types import Ids

DIMENSION = 16
FIRST_DAY = 730_000


def go_on() -> None:
    """Let the grouping go on."""


@dataclass(frozen=True, slots=True)
class Made:
    table: FaceTable
    said: Said


@st.composite
def libraries(draw: st.DrawFn) -> Made:
    """A table of 0 to 40 faces of 1 to 5 real people, and what was said, right or wrong."""
    count = draw(st.integers(0, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    people = draw(st.integers(1, 5))
    spread = draw(st.sampled_from([0.0, 0.1, 0.3, 0.6]))
    middles = rng.normal(size=(people, DIMENSION))
    vectors = middles[rng.integers(people, size=count)]
    vectors = vectors + spread * rng.normal(size=(count, DIMENSION))
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    for row in range(count):
        fate = rng.random()
        if fate < 0.05:
            vectors[row] = np.nan
        elif fate < 0.1:
            vectors[row] = 0
        elif fate < 0.2 and row:
            vectors[row] = vectors[row - 1]
    person = np.where(rng.random(count) < 0.3, rng.integers(1, 4, count), 0)
    no_face = (rng.random(count) < 0.05) & (person == 0)
    rejected = [
        (row, who)
        for row in range(count)
        for who in (1, 2, 3)
        if rng.random() < 0.1 and person[row] != who
    ]
    table = FaceTable(
        faces=np.arange(1, count + 1),
        photos=rng.integers(1, max(2, count * 2 // 3), size=count),
        vectors=vectors.astype(np.float16).reshape(count, DIMENSION),
        score=maybe(rng, rng.uniform(0.3, 1, count)),
        sharpness=maybe(rng, rng.uniform(0, 1, count)),
        size_px=maybe(rng, rng.uniform(10, 300, count)),
        yaw=maybe(rng, rng.uniform(-90, 90, count)),
        pitch=maybe(rng, rng.uniform(-90, 90, count)),
        days=maybe(rng, FIRST_DAY + rng.integers(0, 100, count)),
    )
    born = {who: FIRST_DAY + int(rng.integers(0, 100)) for who in (1, 2) if rng.random() < 0.5}
    pairs = np.array(rejected, np.int64).reshape(-1, 2)
    return Made(table, Said(person.astype(np.int64), pairs, no_face, born))


def maybe(rng: np.random.Generator, values: np.ndarray) -> np.ndarray:
    return np.where(rng.random(len(values)) < 0.7, values, np.nan).astype(np.float32)


def check_rules(table: FaceTable, said: Said, owner: Ids) -> None:
    told = (said.person > 0) & ~said.no_face
    assert np.array_equal(owner[told], said.person[told])
    assert not owner[said.no_face].any()
    for row, person in said.rejected.tolist():
        assert owner[row] != person
    for person, day in said.born.items():
        assert not ((owner == person) & ~told & (table.days < day)).any()
    broken = ~np.isfinite(table.vectors).all(axis=1) | (np.abs(table.vectors) == 0).all(axis=1)
    assert not owner[broken & ~told].any()
    for one in range(len(owner)):
        same = (owner == owner[one]) & (table.photos == table.photos[one]) & (owner[one] != 0)
        same[one] = False
        others = np.flatnonzero(same)
        if not told[one]:
            assert not len(others), "a face that nothing was said of, with its person on the photo"
    assert set(np.unique(owner[owner > 0])) <= set(said.person[told].tolist())
    groups, sizes = np.unique(owner[owner < 0], return_counts=True)
    assert (sizes >= 2).all()
    assert sorted(-groups) == list(range(1, len(groups) + 1))


def grouped(made: Made, strictness: float) -> Grouping:
    return group(
        made.table, made.said, strictness=strictness, before=guessed(DIMENSION), check=go_on
    )


@settings(max_examples=150, deadline=None)
@given(made=libraries(), strictness=st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_grouping_never_breaks_a_rule(made: Made, strictness: float) -> None:
    found = grouped(made, strictness)
    check_rules(made.table, made.said, found.owner)
    assert ((found.doubt >= 0) & (found.doubt <= 1)).all()
    assert not found.doubt[(made.said.person > 0)].any()


@settings(max_examples=100, deadline=None)
@given(made=libraries(), seed=st.integers(0, 1000), strictness=st.sampled_from([0.2, 0.5]))
def test_the_order_of_the_faces_does_not_matter(made: Made, seed: int, strictness: float) -> None:
    found = grouped(made, strictness)
    order = np.random.default_rng(seed).permutation(len(found.owner))
    shuffled = Made(rows_of(made.table, order), said_of(made.said, order))
    other = grouped(shuffled, strictness)
    check_rules(shuffled.table, shuffled.said, other.owner)
    # copies of one vector may stand for each other: what counts is who is together, by vectors
    assert together(shuffled.table, other.owner) == together(made.table, found.owner)


def together(table: FaceTable, owner: Ids) -> list[list[bytes]]:
    """Return the groups as the vectors that are in them."""
    return sorted(
        sorted(table.vectors[row].tobytes() for row in np.flatnonzero(owner == one))
        for one in np.unique(owner)
        if one
    )


@settings(max_examples=150, deadline=None)
@given(
    made=libraries(), share=st.floats(0, 1), shuffled=st.integers(0, 1000),
    strictness=st.sampled_from([0.0, 0.5, 1.0]),
)  # fmt: skip
def test_adding_faces_breaks_no_rule_and_moves_nobody(
    made: Made, share: float, shuffled: int, strictness: float
) -> None:
    count = len(made.table.faces)
    order = np.random.default_rng(shuffled).permutation(count)
    old, new = np.sort(order[: int(share * count)]), np.sort(order[int(share * count) :])
    first = grouped(Made(rows_of(made.table, old), said_of(made.said, old)), strictness)
    before = np.zeros(count, np.int64)
    before[old] = np.where(first.owner < 0, 100 - first.owner, first.owner)
    limits = thresholds(first.strangers, count, strictness)
    found = extend(made.table, made.said, before, new, limits=limits, check=go_on)
    told = made.said.person > 0
    said_there = set(zip(made.table.photos[told], made.said.person[told], strict=True))
    let_go = np.array(
        [spot in said_there for spot in zip(made.table.photos, before, strict=True)], np.bool_
    )
    known = (before > 0) & (told | ~let_go)
    assert np.array_equal(found.owner[known], before[known])
    renumbered = np.where(found.owner >= 100, 0, found.owner)  # groups that were there
    check_rules(made.table, made.said, renumbered)
    check_photos(made, found.owner)


def check_photos(made: Made, owner: Ids) -> None:
    told = made.said.person > 0
    for row in np.flatnonzero((owner != 0) & ~told):
        same = (owner == owner[row]) & (made.table.photos == made.table.photos[row])
        assert np.count_nonzero(same) == 1


@settings(max_examples=150, deadline=None)
@given(made=libraries(), limit=st.integers(1, 20))
def test_no_guess_asks_what_was_answered(made: Made, limit: int) -> None:
    found = grouped(made, 0.5)
    owners = np.where(found.owner < 0, 100 - found.owner, found.owner)
    asked = Asked(np.array([1, 2]), np.array([3, 101]), limit)
    limits = thresholds(found.strangers, len(owners), 0.2)
    guesses = guess(
        made.table, made.said, owners, found.doubt, asked=asked, limits=limits, check=go_on
    )
    assert len(guesses) <= limit
    refused = {(row, person) for row, person in made.said.rejected.tolist()}
    for one in guesses:
        assert one.person in (1, 2)
        assert made.said.person[one.row] == 0
        assert not made.said.no_face[one.row]
        assert owners[one.row] not in (3, 101)
        assert (one.row, one.person) not in refused
        assert not made.table.days[one.row] < made.said.born.get(one.person, 0)
        on_photo = (made.table.photos == made.table.photos[one.row]) & (owners == one.person)
        on_photo[one.row] = False
        assert not on_photo.any()


@settings(max_examples=150, deadline=None)
@given(
    near=st.floats(0.5, 0.95), share=st.floats(0.3, 0.9),
    why=st.sampled_from(["no", "twice", "born"]),
    strictness=st.sampled_from([0.0, 0.5, 1.0]), added=st.booleans(),
)  # fmt: skip
def test_who_cannot_be_the_likeliest_is_not_handed_to_the_next(
    near: float, share: float, why: str, strictness: float, added: bool
) -> None:
    """Two named people; a face more like the one it cannot be than the other belongs to nobody."""
    made = between_two(near, near * share, why)
    last = len(made.table.faces) - 1
    if not added:
        before = guessed(made.table.vectors.shape[1])
        whole = group(made.table, made.said, strictness=strictness, before=before, check=go_on)
        assert whole.owner[last] == 0
        return
    limits = thresholds(guessed(128), last + 1, strictness)
    owners = made.said.person.copy()
    for new in (np.array([last]), np.arange(6, last)):  # itself, or the other's faces beside it
        found = extend(made.table, made.said, owners, new, limits=limits, check=go_on)
        assert found.owner[last] == 0


def between_two(near: float, next_best: float, why: str) -> Made:
    """Return five faces said to be person 1, five to be person 2, and one near both."""
    axes = np.linalg.qr(np.random.default_rng(1).normal(size=(128, 14)))[0].T
    axes[2:13] *= 0.5
    middles = np.repeat(axes[:2], 5, axis=0) * np.sqrt(0.75) + axes[2:12]
    rest = np.sqrt(max(0.0, 1 - (near**2 + next_best**2) / 0.75))
    one = near / np.sqrt(0.75) * axes[0] + next_best / np.sqrt(0.75) * axes[1] + rest * axes[13]
    vectors = np.vstack([middles, one / np.linalg.norm(one)])
    photos = np.arange(1, 12)
    days = np.full(11, FIRST_DAY, np.float32)
    if why == "twice":
        photos[10] = photos[0]
    unknown = np.full(11, np.nan, np.float32)
    table = FaceTable(np.arange(1, 12), photos, vectors.astype(np.float16), *[unknown] * 5, days)
    person = np.repeat([1, 2, 0], [5, 5, 1])
    rejected = np.array([[10, 1]] if why == "no" else [], np.int64).reshape(-1, 2)
    born = {1: FIRST_DAY + 1} if why == "born" else {}
    return Made(table, Said(person, rejected, np.zeros(11, np.bool_), born))
