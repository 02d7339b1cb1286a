"""Folders and photos that a scan from above passes over by name stay when the user named them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from photosearch.library import Library
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import IndexReport


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    home = tmp_path / "home"
    library = Library(
        Paths.below(home), SettingsStore(home / "settings.toml", environment={}), own_engine=False
    )
    yield library
    library.close()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Pictures/{1.jpg, .hidden/2.jpg, .dot.jpg}, each a different picture."""
    folder = tmp_path / "Pictures"
    (folder / ".hidden").mkdir(parents=True)
    for number, name in enumerate(("1.jpg", ".hidden/2.jpg", ".dot.jpg")):
        Image.new("RGB", (32, 24), (80 * number, 10, 10)).save(folder / name)
    return folder


def index(library: Library, *paths: Path) -> IndexReport:
    folders = library.add_folders([str(path) for path in paths])
    return library.index(lambda _progress: None, lambda: None, [f.id for f in folders])


def test_a_named_hidden_folder_survives_its_parent(library: Library, pictures: Path) -> None:
    assert index(library, pictures / ".hidden").added == 1
    report = index(library, pictures)
    assert (report.added, report.removed) == (1, 0)
    report = library.index(lambda _progress: None, lambda: None)
    assert (report.found, report.removed) == (2, 0)
    assert len(library.photos().ids) == 2
    assert library.find(str(pictures / ".hidden" / "2.jpg")) is not None


def test_a_hidden_folder_can_be_named_after_its_parent(library: Library, pictures: Path) -> None:
    assert index(library, pictures).added == 1
    assert index(library, pictures / ".hidden", pictures / ".dot.jpg").added == 2
    assert len(library.photos().ids) == 3
    assert len(library.folders()) == 3


def test_an_ordinary_folder_inside_is_covered(library: Library, pictures: Path) -> None:
    (pictures / "Trip").mkdir()
    (pictures / "1.jpg").rename(pictures / "Trip" / "1.jpg")
    assert index(library, pictures / "Trip").added == 1
    assert index(library, pictures).found == 1
    assert [folder.path for folder in library.folders()] == [str(pictures)]
    index(library, pictures / "Trip", pictures / "Trip" / "1.jpg")
    assert len(library.folders()) == 1
