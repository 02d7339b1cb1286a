"""Grouping: how right it is on made-up sets beside plain methods, and how fast at 100,000 faces.

The floor of the time is the bare product of all vectors with all, half of it, in blocks.

    python -m tests.bench.grouping --faces 100000
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import numpy as np

from photosearch.people.calibration import guessed, thresholds
from photosearch.people.evaluation import compare
from photosearch.people.extending import extend
from photosearch.people.grouping import Grouping, group
from photosearch.people.neighbours import BLOCK_COLUMNS, BLOCK_ROWS
from photosearch.store.face_table import FaceTable
from photosearch.types import Evaluation, Ids
from tests.bench import face_library, face_rivals, face_sets, measure

STRICTNESSES = (0.3, 0.5, 0.6)


def nothing() -> None:
    """Let the grouping go on."""


def grouped(table: FaceTable, strictness: float = 0.5) -> Grouping:
    return group(
        table,
        face_sets.nothing_said(len(table.faces)),
        strictness=strictness,
        before=guessed(table.vectors.shape[1]),
        check=nothing,
    )


def cell(found: list[Evaluation]) -> str:
    """Return F1 and precision, each the mean over seeds."""
    figures = [(one.bcubed_f1, one.bcubed_precision) for one in found]
    f1, precision = np.mean(figures, axis=0)
    return f"{f1:.4f} ({precision:.4f})"


def compare_methods(seeds: int) -> None:
    """Print B-cubed figures of every method on every kind of set."""
    columns = ["method", *(kind.name for kind in face_sets.KINDS)]
    rows: dict[str, list[str]] = {}
    for kind in face_sets.KINDS:
        measure.say(f"comparing on: {kind.name}")
        sets = [face_sets.labelled(kind, seed) for seed in range(100, 100 + seeds)]
        for strictness in STRICTNESSES:
            found = [compare(label, owners(vectors, strictness)) for vectors, label in sets]
            name = f"**ours, strictness {strictness}**"
            rows.setdefault(name, []).append(cell(found))
        best: dict[str, list[Evaluation]] = {}
        for vectors, label in sets:
            for name, results in face_rivals.rivals(vectors):
                found = [compare(label, owner) for owner in results]
                best.setdefault(name, []).append(max(found, key=lambda one: one.bcubed_f1))
        for name, found in best.items():
            rows.setdefault(name, []).append(cell(found))
    measure.print_table(
        "B-cubed F1 (precision in brackets) on made-up sets",
        columns,
        [[name, *cells] for name, cells in rows.items()],
    )


def owners(vectors: np.ndarray, strictness: float) -> Ids:
    """Return groups numbered above 0, 0 for none, as `compare` has them."""
    owner = grouped(face_sets.table(vectors), strictness).owner
    return np.where(owner < 0, -owner, owner)


def floor(vectors: np.ndarray) -> None:
    """Multiply all with all, half of it: what an exact comparison cannot do without."""
    block = np.empty(BLOCK_ROWS * BLOCK_COLUMNS, np.float32)
    for top in range(0, len(vectors), BLOCK_ROWS):
        rows = vectors[top : top + BLOCK_ROWS]
        for left in range(top, len(vectors), BLOCK_COLUMNS):
            columns = vectors[left : left + BLOCK_COLUMNS].T
            size = len(rows) * columns.shape[1]
            np.matmul(rows, columns, out=block[:size].reshape(len(rows), -1))


def peak_gb() -> float:
    """Return the most memory this process has had so far (Linux counts in KiB)."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used * (1 if sys.platform == "darwin" else 1024) / 1e9


def measure_speed(faces: int, dimension: int, added: int) -> None:
    """Print times and memory of grouping many faces, and of adding some to them."""
    vectors, label = face_sets.many(faces, dimension)
    table = face_sets.table(vectors)
    old = np.arange(len(label) - added)
    began = time.perf_counter()
    found = grouped(table)
    whole_s = time.perf_counter() - began
    memory = peak_gb()  # before the floor needs its own copy
    figures = compare(label, np.where(found.owner < 0, -found.owner, found.owner))
    before = np.where(found.owner < 0, -found.owner, found.owner)
    before[len(old) :] = 0
    said = face_sets.nothing_said(len(label))
    limits = thresholds(found.strangers, len(label), 0.5)
    new = np.arange(len(old), len(label))
    adding_s = measure.timed(lambda: extend(table, said, before, new, limits=limits, check=nothing))
    floor_s = measure.timed(lambda: floor(vectors.astype(np.float32)))
    rows = [
        ["**floor: all vectors with all, in blocks**", f"{floor_s:.1f} s", "1.00"],
        ["**grouping all**", f"**{whole_s:.1f} s**", f"**{whole_s / floor_s:.2f}**"],
        ["the whole process at its peak", f"{memory:.2f} GB", ""],
        [f"adding {added} faces", f"{adding_s:.2f} s", ""],
        ["B-cubed F1", f"{figures.bcubed_f1:.4f}", ""],
    ]
    measure.print_table(f"{faces:,} faces of {dimension} numbers", ["what", "", "of floor"], rows)


def measure_library(work: Path, faces: int, dimension: int, added: int) -> None:
    """Print the same of a library, and what it costs a thread beside it."""
    measure.say("filling a library")
    vectors, _ = face_sets.many(faces, dimension)
    rows = face_library.measured(work, vectors, added)
    measure.print_table(f"The same through the library, {faces:,} faces", ["what", ""], rows)


def main() -> None:
    given = measure.parser(__doc__)
    given.add_argument("--faces", type=int, default=100_000, metavar="N")
    given.add_argument("--dimension", type=int, default=512)
    given.add_argument("--added", type=int, default=100)
    given.add_argument("--only", choices=["right", "fast", "library"])
    told = given.parse_args()
    Path(told.work).mkdir(parents=True, exist_ok=True)
    if told.only in (None, "fast"):
        measure_speed(told.faces, told.dimension, told.added)
    if told.only in (None, "library"):
        measure_library(told.work, told.faces, told.dimension, told.added)
    if told.only in (None, "right"):
        compare_methods(told.repeat)


if __name__ == "__main__":
    main()
