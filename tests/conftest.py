"""Fixtures for all tests: where the shared photos and models lie, and guards."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# The window speaks the user's language; tests read English, unless they ask for another one.
os.environ["LC_ALL"] = "C.UTF-8"
os.environ.pop("LANGUAGE", None)
# Libraries that tests load beside the program must not talk to their makers either.
os.environ.update(ORT_DISABLE_TELEMETRY="1", HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("PHOTOSEARCH_SHARED", REPOSITORY.parent / "shared"))


def shared(part: str) -> Path:
    """Return `../shared/part`; without the shared test data skip, or fail in CI, which has it."""
    path = SHARED / part
    if not path.exists():
        absent = pytest.fail if os.environ.get("CI") else pytest.skip
        absent(f"test data {part} is not here (expected below {SHARED.name}/)")
    return path


@pytest.fixture(scope="session")
def photos() -> Path:
    """The shared test photos: read-only, index copies."""
    return shared("photos")


@pytest.fixture(scope="session")
def models() -> Path:
    """The shared test models: read-only."""
    return shared("models")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty PHOTOSEARCH_HOME for one test."""
    path = tmp_path / "home"
    monkeypatch.setenv("PHOTOSEARCH_HOME", str(path))
    return path
