from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from indexing_world import World

from photosearch.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.open(tmp_path / "library.db")
    yield made
    made.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "world")
    yield made
    made.close()
