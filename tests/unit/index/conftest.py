"""Vectors for the index tests, and no thread of a build left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from photosearch.index import HybridIndex, building
from photosearch.index.pair import GraphPair
from photosearch.types import ModelKey, Vectors

MakeVectors = Callable[..., Vectors]
KEY = ModelKey("model-a")


@pytest.fixture(autouse=True)
def no_build_left() -> Iterator[None]:
    yield
    assert not [thread.name for thread in threading.enumerate() if thread.name == "index-build"]


@pytest.fixture
def unit() -> MakeVectors:
    """Make `count` unit vectors around a few centres, always the same for one seed."""

    def make(count: int, dimension: int = 32, seed: int = 1, centres: int = 12) -> Vectors:
        random = np.random.default_rng(seed)
        middle = random.standard_normal((centres, dimension))
        rows = middle[random.integers(0, centres, count)]
        rows = rows + 0.8 * random.standard_normal((count, dimension))
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    return make


@pytest.fixture
def make():
    """Make indexes with a graph from 1,000 rows on, and close them."""
    made = []

    def make(cache=None, hnsw_from=1000, build=True):
        made.append(HybridIndex(32, KEY, cache, hnsw_from=hnsw_from, threads=1, build=build))
        return made[-1]

    yield make
    for index in made:
        index.close()


class Held(GraphPair):
    """A graph whose first addition waits until it is let go, so that a test sees a build."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.entered, self.go = threading.Event(), threading.Event()

    def add(self, labels, vectors, at_once=64):
        self.entered.set()
        assert self.go.wait(30)
        super().add(labels, vectors, at_once)


@pytest.fixture
def held(monkeypatch):
    """Replace the graphs that are built by ones that wait; the list fills with them."""
    made, any_made = [], threading.Event()

    def build(*args, **options):
        made.append(Held(*args, **options))
        any_made.set()
        return made[-1]

    monkeypatch.setattr(building, "GraphPair", build)

    def wait():
        assert any_made.wait(30)
        assert made[0].entered.wait(30)
        return made[0]

    return wait


def batches(vectors, size=300):
    for start in range(0, len(vectors), size):
        yield np.arange(start, min(start + size, len(vectors))), vectors[start : start + size]


def built(index):
    """Wait for the build that is running."""
    builder = index._builder
    assert builder is not None
    builder.join(60)
    assert not builder.is_alive()
    return index.state()
