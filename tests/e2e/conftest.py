"""Homes and libraries for the tests that start the program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .people_library import NAMES, PeopleLibrary, make
from .program import Program, copy_photos


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "home")


@pytest.fixture(scope="session")
def make_program(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Program]:
    return lambda name: Program(tmp_path_factory.mktemp(name) / "home")


@dataclass(frozen=True, slots=True)
class Indexed:
    """A library with the captioned photos, made once; tests may search it but not change it."""

    program: Program
    folder: Path
    report: Any


@pytest.fixture(scope="session")
def captioned(tmp_path_factory: pytest.TempPathFactory, photos: Path, models: Path) -> Indexed:
    place = tmp_path_factory.mktemp("captioned")
    program = Program(place / "home")
    folder = copy_photos(sorted((photos / "captioned" / "images").iterdir()), place / "photos")
    program.good("models", "add", models / "standin-clip")
    return Indexed(program, folder, program.good("index", folder))


@pytest.fixture(scope="session")
def everyone(tmp_path_factory: pytest.TempPathFactory, photos: Path, models: Path) -> PeopleLibrary:
    """The photos of people and groups, three people named; tests that change it copy it."""
    library = make(tmp_path_factory.mktemp("everyone"), photos, models, ["people", "groups"])
    for label, name in NAMES.items():
        photo = library.folder / "people" / "images" / label
        first = min(photo.iterdir()).relative_to(library.folder)
        library.program.good("people", "name", str(library.owner_of(str(first))), name)
    return library


@pytest.fixture(scope="session")
def family(tmp_path_factory: pytest.TempPathFactory, photos: Path, models: Path) -> PeopleLibrary:
    """Group photos, two of a family named; tests that change it copy it."""
    library = make(tmp_path_factory.mktemp("family"), photos, models, ["groups"])
    for name in ("Dad", "Mom"):
        owner = library.owner_of(f"groups/images/Family1-{name}1.jpg")
        library.program.good("people", "name", str(owner), name)
    return library
