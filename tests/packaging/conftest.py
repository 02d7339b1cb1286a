"""The bundle that the test command has built, and recipes as modules."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from .bundle import Bundled

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGING = REPOSITORY / "packaging"


@pytest.fixture(scope="session")
def bundle() -> Path:
    """The folder that `packaging/bundle/build.py` made, once for all tests."""
    folder = os.environ.get("PHOTOSEARCH_BUNDLE")
    if not folder:
        absent = pytest.fail if os.environ.get("CI") else pytest.skip
        absent("PHOTOSEARCH_BUNDLE names no bundle; packaging/bundle/build.py makes one")
    assert (Path(folder) / "photosearch").is_file(), f"{folder} is no bundle"
    return Path(folder).resolve()


@pytest.fixture
def bundled(bundle: Path, tmp_path: Path) -> Bundled:
    user = tmp_path / "user"
    user.mkdir()
    return Bundled(bundle / "photosearch", user)


@pytest.fixture(scope="session")
def recipe() -> Callable[[str], ModuleType]:
    """Imports a script of `packaging/`, by its path there."""

    def imported(path: str) -> ModuleType:
        place = PACKAGING / path
        name = f"packaging_{place.stem}"
        spec = importlib.util.spec_from_file_location(name, place)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module

    return imported
