"""Faces as the library's verbs show them: packs beside search models, counts, folders."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from photosearch.errors import UsageError
from photosearch.library import Library
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import Progress, Role, SearchRequest, Stage


def nothing(progress: Progress) -> None:
    """Tell nobody."""


def go_on() -> None:
    """Never stop."""


@pytest.fixture
def library(tmp_path: Path, photos: Path, models: Path) -> Iterator[Library]:
    """A library with five photos of one person and a face pack, not yet indexed."""
    paths = Paths.below(tmp_path / "home")
    made = Library(paths, SettingsStore(paths.settings_file, environment={}), own_engine=False)
    shutil.copytree(photos / "people" / "images" / "person_03", tmp_path / "photos")
    made.add_folders([str(tmp_path / "photos")])
    made.add_model(str(models / "standin-faces"))
    yield made
    made.close()


def test_a_pack_beside_a_search_model(library: Library, models: Path) -> None:
    pack = library.face_pack()
    assert pack is not None
    assert (pack.name, library.model()) == ("standin-faces", None)
    library.add_model(str(models / "standin-clip"))
    library.add_model(str(models / "standin-faces-free"))
    assert [m.name for m in library.models() if m.in_use] == ["standin-clip", "standin-faces"]
    library.use_model("standin-faces-free")
    assert library.face_pack() != pack
    library.remove_model("standin-faces-free")
    assert library.face_pack() is None
    assert library.model() is not None


def test_faces_wait_and_are_counted(library: Library) -> None:
    stages: list[Stage] = []
    assert library.index(lambda p: stages.append(p.stage), go_on).failed == ()
    assert Stage.FACES in stages
    assert Stage.GROUP in stages
    status = library.status()
    assert status.pending == {"look": 0, "embed": 0, "faces": 0}
    assert status.extra["faces"] == 5
    (person,) = library.people.list()
    assert (person.faces, person.photos, person.group) == (5, 5, True)
    assert person.cover is not None
    thumbnail = library.face_thumbnail(person.cover)
    assert thumbnail is not None
    assert thumbnail.startswith(b"\xff\xd8")


def test_another_pack_makes_photos_wait(library: Library, models: Path) -> None:
    library.index(nothing, go_on)
    (person,) = library.people.list()
    library.people.rename(person.id, "Anna")
    library.add_model(str(models / "standin-faces-free"))
    library.use_model("standin-faces-free")
    assert library.pending()["faces"] == 5
    assert [each.name for each in library.people.list()] == ["Anna"]
    library.index(nothing, go_on)
    assert library.pending()["faces"] == 0
    (same,) = library.people.list()
    assert (same.id, same.name, same.faces) == (person.id, "Anna", 5)


def test_a_folder_without_faces(library: Library) -> None:
    (folder,) = library.folders()
    library.set_folder_faces(folder.id, False)
    assert library.pending()["faces"] == 0
    library.index(nothing, go_on)
    assert library.people.list() == ()
    library.set_folder_faces(folder.id, True)
    assert library.pending()["faces"] == 5


def test_faces_switched_off_as_a_whole(library: Library) -> None:
    library.settings.set("faces.enabled", False)
    library.index(nothing, go_on)
    assert library.pending()["faces"] == 0
    assert library.status().extra["faces"] == 0


def test_a_search_says_whom_it_understood(library: Library) -> None:
    library.index(nothing, go_on)
    (person,) = library.people.list()
    library.people.rename(person.id, "Anna Smith")
    results = library.search(SearchRequest(text="Anna"))
    assert sorted(results.ids.tolist()) == sorted(library.photos().ids.tolist())
    (mention,) = results.understood.mentions
    assert (mention.person, mention.name, mention.role) == (person.id, "Anna Smith", Role.WITH)
    assert library.understand("Anna in a suit").words == "in a suit"
    assert [each.insert for each in library.complete("ann", 3)] == ["Anna Smith"]
    nobody = library.search(SearchRequest(text="person:Xaver"))
    assert "nobody named “Xaver”" in nobody.notices[0]
    assert len(nobody.ids) == 0
    assert len(library.search(SearchRequest(text="-person:Anna")).ids) == 0


def test_labels_that_are_not_there(library: Library, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.json"):
        library.people.evaluate(str(tmp_path / "none.json"))
