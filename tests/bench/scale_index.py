"""The index of a large library in a process of its own, as in the engine; see `scale`."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from photosearch.engine.shelf import Shelf
from photosearch.paths import Paths
from photosearch.store.embeddings import StoredVectors
from photosearch.types import Ids, Vector
from tests.bench import measure
from tests.bench.clip_like import LikeClip

K = 50  # of recall
RESULTS = 500  # what the window asks for
ASKED = 100
ADDED = 1000
SHARES = (0.01, 0.1, 0.5)
KEEP_EVERY_S = 120.0


class Index:
    """The index of a library in this process, and what is measured of it."""

    def __init__(self, home: Path, key: str, dimension: int, most_s: float = inf) -> None:
        """Open the index or build it, for so many seconds at most."""
        self.paths = Paths.below(home)
        self.told: dict[str, Any] = {"before_mb": own_mb()}
        vector = np.zeros(dimension, np.float32)
        vector[0] = 1
        began = time.perf_counter()
        self.shelf = Shelf(self.paths.database, dimension, key, self.paths.indexes)  # type: ignore[arg-type]
        self.shelf.search(vector, RESULTS, None)
        self.told["first_s"] = time.perf_counter() - began
        self._settle(began + most_s)
        self.told["settled_s"] = time.perf_counter() - began
        self.told["processor_s"] = sum(psutil.Process().cpu_times()[:2])
        self.told["kind"] = self.shelf.state().kind
        self.told["problem"] = self.shelf.state().problem

    def _settle(self, until: float) -> None:
        """Wait for the graph; what there is of it is kept, should this end before it is done."""
        kept = time.perf_counter()
        while self.shelf.state().kind == "building" and time.perf_counter() < until:
            time.sleep(0.2)
            if time.perf_counter() - kept > KEEP_EVERY_S:
                self.shelf.save()
                kept = time.perf_counter()

    def measure(self, rows: int, dimension: int) -> None:
        index = self.shelf._index
        made = LikeClip(dimension, rows)
        some = index.snapshot()[2].between(0, ASKED).astype(np.float32)
        for name, asked in (("words", made.words(ASKED)), ("similar", made.like(some))):
            shares, times = [], []
            for vector in asked:
                right = index._exact.search(vector, K)[0]
                times.append(measure.timed(lambda v=vector: self.shelf.search(v, RESULTS, None)))
                shares.append(len(np.intersect1d(index.search(vector, K)[0], right)) / K)
            self.told[name] = (float(np.mean(shares)), *measure.percentiles_ms(times))
        times = [measure.timed(lambda v=v: index._exact.search(v, RESULTS)) for v in asked[:20]]
        self.told["exact"] = measure.percentiles_ms(times)
        photos = self.shelf._ids[1]
        random = np.random.default_rng(1)
        for share in SHARES:
            allowed = photos[np.sort(random.choice(rows, int(share * rows), replace=False))]
            times = [self._filtered(vector, allowed) for vector in asked[:20]]
            self.told[f"filtered {share:.0%}"] = measure.percentiles_ms(times)
        self.told["after_mb"] = own_mb()
        self.told["resident_mb"] = psutil.Process().memory_info().rss / 1e6

    def _filtered(self, vector: Vector, allowed: Ids) -> float:
        return measure.timed(lambda: self.shelf.search(vector, RESULTS, allowed))

    def add(self, dimension: int) -> None:
        """Add a thousand rows in ten portions, saving after each, as ten runs would.

        They are in the index alone, so its files are put back as they were.
        """
        folder = self.paths.indexes
        before = folder.with_name("indexes-before")
        shutil.rmtree(before, ignore_errors=True)
        before.mkdir()
        for path in folder.iterdir():  # rows are written behind those that a manifest tells of
            os.link(path, before / path.name)
        try:
            self._add(dimension)
        finally:
            self.shelf.close()
            shutil.rmtree(folder)
            before.rename(folder)

    def _add(self, dimension: int) -> None:
        files = {path: path.stat() for path in self.paths.indexes.iterdir()}
        large = max((stat.st_size for stat in files.values()), default=0)
        rows = LikeClip(dimension, 300, seed=9).images(ADDED).astype(np.float16)
        first = int(self.shelf._index.snapshot()[0][-1]) + 1
        adding = saving = 0.0
        whole = written = 0
        for start in range(0, ADDED, 100):
            labels = np.arange(first + start, first + start + 100)
            part = StoredVectors(labels, labels, rows[start : start + 100])
            adding += measure.timed(lambda p=part: self.shelf.add(p))
            saving += measure.timed(self.shelf.save)
            for path in self.paths.indexes.iterdir():
                now, before = path.stat(), files.get(path)
                if before is None or now.st_ino != before.st_ino:
                    written += now.st_size
                    whole += now.st_size > large / 4
                else:
                    written += max(0, now.st_size - before.st_size)
                files[path] = now
        self.told |= {
            "adding_s": adding,
            "saving_s": saving,
            "whole": whole,
            "written_mb": written / 1e6,
        }


def own_mb(process: psutil.Process | None = None) -> float:
    """Return the memory that is a process's alone; what is mapped from files is not."""
    process = process or psutil.Process()
    used = process.memory_info()
    if hasattr(used, "shared"):  # Linux: pages of files, whoever else has them
        return float(used.rss - used.shared) / 1e6
    return float(process.memory_full_info().uss) / 1e6


def build(home: Path, key: str, dimension: int, most_s: float) -> dict[str, Any]:
    """Build the graph, or go on with it, and keep it; return how long that took."""
    index = Index(home, key, dimension, most_s)
    index.shelf.save()
    index.shelf.close()
    return index.told


def examine(home: Path, key: str, dimension: int, rows: int) -> dict[str, Any]:
    """Return what is measured of an index that has its graph."""
    index = Index(home, key, dimension)
    index.measure(rows, dimension)
    index.add(dimension)
    return index.told


def main() -> None:
    """Do one of the two and print what was found, for `scale`."""
    what, home, key, dimension, number = sys.argv[1:]
    arguments = Path(home), key, int(dimension)
    told = build(*arguments, float(number)) if what == "build" else examine(*arguments, int(number))
    print(json.dumps(told))


if __name__ == "__main__":
    main()
