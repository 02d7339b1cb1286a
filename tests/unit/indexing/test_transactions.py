"""A batch is one transaction, however many photos it holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from indexing_world import World

from photosearch.store.database import Database


def test_batches_not_photos_cost_transactions(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(64):
        world.write(folder / f"photo{number}.jpg", f"picture {number}")
    begun: list[int] = []
    real = Database.transaction

    @contextmanager
    def counted(database: Database) -> Iterator[Any]:
        begun.append(1)
        with real(database) as connection:
            yield connection

    monkeypatch.setattr(Database, "transaction", counted)
    report = world.index()
    assert report.added == 64
    assert world.engine.encoded == 64
    # The scan, batches of looks, batches of vectors, the tidying up: 29 here; one a photo is 128.
    assert len(begun) < 40
