"""Whatever is being done, any process may be killed at any moment: the next start goes on.

A few kills of each kind; `python -m tests.bench.killing --kills 200` does many more of them, in
larger libraries. `PHOTOSEARCH_KILL_SEED` chooses other moments.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .killed_scenarios import World
from .killing import torment

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

SEED = os.environ.get("PHOTOSEARCH_KILL_SEED", "1")
KILLS = {
    "indexing": 4,
    "faces and grouping": 3,
    "naming people": 5,
    "switching models": 3,
    "downloading": 3,
    "saving the index": 3,
    "migrating": 2,
    "the window": 3,
    # Each is killed in turn: the child, the program, both.
    "converting a model": 3,
    "preparing a model": 3,
    "trying a card": 3,
    "fetching the GPU pack": 3,
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, photos: Path, models: Path) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("killed"), photos, models)
    yield made
    made.close()


@pytest.mark.parametrize("name", KILLS)
def test_killed_while(world: World, name: str) -> None:
    tally = torment(world.get(name), KILLS[name], SEED)
    assert sum(tally.killed.values()) >= KILLS[name]
