from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from indexing_world import World
from kept_library import KeptLibrary, Said

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


@pytest.fixture
def library(tmp_path: Path) -> Iterator[KeptLibrary]:
    made = KeptLibrary(tmp_path / "home")
    yield made
    made.close()


@pytest.fixture
def said(library: KeptLibrary) -> Said:
    """What was said in the library, which was closed properly."""
    library.fill()
    found = library.said()
    assert len(found.verdicts) == 6
    assert len(found.covers) == 3
    assert len(found.favourites) == 9
    library.close()
    return found
