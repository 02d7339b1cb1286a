"""Grouping through a library: reading, grouping, keeping the numbers and writing, all in all.

The last faces are detected after the first grouping; then it is asked for again, as a run does.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from photosearch.people.people import People
from photosearch.store import Store
from photosearch.types import (
    Box,
    DetectedFace,
    FacePackInfo,
    ModelKey,
    PhotoId,
    Progress,
    Vectors,
)
from tests.bench import measure
from tests.bench.filling import AT_ONCE, add_files, listings

BOXES = (Box(0.1, 0.2, 0.2, 0.3), Box(0.6, 0.2, 0.2, 0.3))
LANDMARKS = np.zeros((5, 2), np.float32)
TICK_S = 0.005


class FaceLibrary:
    """A library of made-up faces, two on each photo."""

    def __init__(self, home: Path, vectors: Vectors | npt.NDArray[np.float16]) -> None:
        home.mkdir(parents=True)
        self._vectors = vectors
        self._written = 0
        dimension = vectors.shape[1]
        self.pack = FacePackInfo("bench", "", ModelKey("bench"), "insightface", dimension, 0)
        self._home = home
        self.store = Store.open(home / "library.db")
        add_files(self.store, Path("/nowhere"), listings(len(vectors) // 2), "")
        self.model = self.store.faces.model_id(self.pack.key, self.pack.name, dimension)
        self.people = People(self.store, lambda: self.pack, lambda: 0.5)

    def start_again(self) -> None:
        """Open the library as a program does that has just started."""
        self.store.close()
        self.store = Store.open(self._home / "library.db")
        self.people = People(self.store, lambda: self.pack, lambda: 0.5)

    def detect(self, faces: int) -> None:
        """Write the next so many faces."""
        end = self._written + faces
        draw = np.random.default_rng(end)
        while self._written < end:
            count = min(AT_ONCE, (end - self._written) // 2)
            pending = self.store.faces.pending(self.model, PhotoId(0), count)
            found = [(photo, self._faces(draw)) for photo in pending]
            self.store.faces.write_many(self.model, "cpu", found)

    def _faces(self, draw: np.random.Generator) -> Sequence[DetectedFace]:
        rows = self._vectors[self._written : self._written + 2].astype(np.float32)
        self._written += 2
        return [
            DetectedFace(box, LANDMARKS, 0.8, 0.5, draw.uniform(40, 400), 10.0, 0.0, 0.0, row)
            for box, row in zip(BOXES, rows, strict=True)
        ]


class Ticking:
    """A thread that wants to go on every few milliseconds, as a window does, and notes how long
    it was kept from it."""

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tick, name="ticking")

    def __enter__(self) -> Ticking:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _tick(self) -> None:
        before = time.perf_counter()
        while not self._over.wait(TICK_S):
            now = time.perf_counter()
            self.longest_s = max(self.longest_s, now - before - TICK_S)
            before = now


def measured(
    work: Path, vectors: npt.NDArray[np.float16], added: int, times: int = 4
) -> list[list[str]]:
    """Return the rows of a table: grouping all, and adding some again and again."""
    home = measure.own_folder(work, "grouping")
    library = FaceLibrary(home, vectors)
    try:
        library.detect(len(vectors) - times * added)
        whole_s, held = grouped(library, whole=True)
        adding: list[float] = []
        held_adding = 0.0
        library.start_again()
        for _ in range(times):
            library.detect(added)
            took, kept = grouped(library)
            adding.append(took)
            held_adding = max(held_adding, kept)
        nothing_s, _ = grouped(library)
        return [
            ["**grouping all**", f"**{whole_s:.1f} s**"],
            ["another thread was held at most meanwhile", f"{held * 1000:.0f} ms"],
            [f"adding {added} faces, just started", f"{adding[0]:.2f} s"],
            [f"**adding {added} faces, from then on**", f"**{np.median(adding[1:]):.2f} s**"],
            ["another thread was held at most meanwhile", f"{held_adding * 1000:.0f} ms"],
            ["nothing new", f"{nothing_s * 1000:.0f} ms"],
        ]
    finally:
        library.store.close()
        shutil.rmtree(home, ignore_errors=True)


def grouped(library: FaceLibrary, *, whole: bool = False) -> tuple[float, float]:
    """Return how many seconds it took, and for how long it held another thread at most."""
    with Ticking() as ticking:
        began = time.perf_counter()
        report = library.people.group(_pass, lambda: None, whole=whole)
        took = time.perf_counter() - began
    assert report.whole == whole, "the library decided otherwise"
    return took, ticking.longest_s


def _pass(progress: Progress) -> None:
    """Nobody looks."""
