"""Exported open_clip models, made once for all tests that need them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Exported = Callable[[str], Path]


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exported]:
    """Return the folder of an open_clip model with random weights, exporting it when needed.

    PHOTOSEARCH_TEST_CACHE keeps the exports (1.4 GB) between runs; otherwise they are deleted.
    """
    from openclip_export import export

    kept = os.environ.get("PHOTOSEARCH_TEST_CACHE")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("exported")
    folder.mkdir(parents=True, exist_ok=True)
    yield lambda name: export(name, folder / name)
    if not kept:
        shutil.rmtree(folder)
