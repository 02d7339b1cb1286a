"""Faces in a real library: found by real models in a process of their own, and shown."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from photosearch.library import Library
from photosearch.media.face_thumbs import SIDE_PX, cut_from_thumbnail
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import FaceId, IndexReport, Progress

from .program import copy_photos

COUNT = 6


def open_library(home: Path) -> Library:
    paths = Paths.below(home)
    return Library(paths, SettingsStore(paths.settings_file, environment={}), own_engine=True)


@pytest.fixture
def folder(photos: Path, tmp_path: Path) -> Path:
    place = tmp_path / "photos"
    copy_photos(sorted((photos / "people/images").rglob("*.jpg"))[::20][:COUNT], place)
    return place


@pytest.fixture
def library(tmp_path: Path, folder: Path, models: Path) -> Iterator[Library]:
    made = open_library(tmp_path / "home")
    made.add_model(str(models / "standin-faces"))
    made.add_folders([str(folder)])
    yield made
    made.close()


def index(library: Library) -> IndexReport:
    return library.index(lambda progress: None, lambda: None)


def faces(library: Library) -> list[FaceId]:
    with library._store.database.reading() as db:
        return [FaceId(row[0]) for row in db.execute("SELECT id FROM place ORDER BY id")]


def test_every_photo_has_its_face_and_each_is_shown(library: Library, tmp_path: Path) -> None:
    assert library.pending()["faces"] == 0
    report = index(library)
    assert report.stages["faces"]["done"] == COUNT
    assert report.stages["faces"]["found"] >= COUNT
    assert library.pending()["faces"] == 0
    found = faces(library)
    for face in found:
        jpeg = library.face_thumbnail(face)
        assert jpeg is not None
        width, height = Image.open(BytesIO(jpeg)).size
        assert width == height <= SIDE_PX
    assert library.face_thumbnail(FaceId(10**6)) is None


def test_a_lost_cache_is_made_anew(library: Library, folder: Path) -> None:
    index(library)
    (face, *_) = faces(library)
    first = library.face_thumbnail(face)
    library._face_thumbs.delete_many(library._face_thumbs.keys(b"", 100))
    assert library.face_thumbnail(face) == first, "from the original"
    assert library._face_thumbs.count() == 1
    library._face_thumbs.delete_many(library._face_thumbs.keys(b"", 100))
    folder.rename(folder.with_name("unplugged"))
    index(library)
    blurred = library.face_thumbnail(face)
    assert blurred, "from the photo's thumbnail"
    assert library._face_thumbs.count() == 0, "which is not kept"


def test_a_face_is_not_cut_out_of_another_picture(library: Library, folder: Path) -> None:
    index(library)
    (face, *_) = faces(library)
    one, other, *_ = sorted(folder.rglob("*.jpg"))
    library._face_thumbs.delete_many(library._face_thumbs.keys(b"", 100))
    shutil.copy(other, one)
    source = library._store.faces.crop_source(face)
    assert source is not None
    _, content, box = source
    own = library._thumbs.get(content)
    assert own is not None
    assert library.face_thumbnail(face) == cut_from_thumbnail(own, box)


def test_switched_off_and_on(library: Library) -> None:
    library.settings.set("faces.enabled", False)
    report = index(library)
    assert "faces" not in report.stages
    assert library.pending()["faces"] == 0
    library.settings.set("faces.enabled", True)
    assert library.pending()["faces"] == COUNT
    seen: list[Progress] = []
    library.index(seen.append, lambda: None)
    assert len(faces(library)) >= COUNT
    assert any(each.stage == "faces" and each.total == COUNT for each in seen)


def test_a_pack_whose_files_are_gone(library: Library, models: Path, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(models / "standin-faces", pack)
    added = library.add_model(str(pack))
    library.use_model(added.name)
    for graph in pack.rglob("*.onnx"):
        graph.parent.chmod(0o755)
        graph.unlink()
    report = index(library)
    assert report.added == COUNT
    assert any("pack" in notice for notice in report.notices)
    assert faces(library) == []


def named(library: Library) -> dict[str, int]:
    return {person.name: person.faces for person in library.people.names()}


def test_names_in_files_and_beside_them(photos: Path, models: Path, tmp_path: Path) -> None:
    place = tmp_path / "photos"
    samples = photos / "formats/immich/metadata/faces"
    copy_photos(sorted(samples.glob("*.jpg")), place)
    made = open_library(tmp_path / "home")
    try:
        made.add_folders([str(place)])
        index(made)
        assert named(made) == {"Marie Curie": 2, "Pierre Curie": 2}
        sidecar = (photos / "edge/xmp_sidecar/photo.jpg.xmp").read_text(encoding="utf-8")
        beside = place / "portrait.jpg.xmp"
        beside.write_text(sidecar, encoding="utf-8")
        report = index(made)
        assert (report.unchanged, report.stages["look"]["done"]) == (2, 1)
        assert named(made)["Person A"] == 1
        made.add_model(str(models / "standin-faces"))
        index(made)
        after = named(made)
        assert (after["Marie Curie"], after["Pierre Curie"]) == (2, 2), "found by the pack, too"
        assert "look" not in index(made).stages
    finally:
        made.close()
