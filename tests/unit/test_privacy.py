"""What is kept and how much; caches are cleared beneath a library that goes on working."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from photosearch import log
from photosearch.errors import StoreError, UsageError
from photosearch.library import Library
from photosearch.media.thumbs import ThumbStore
from photosearch.paths import Paths
from photosearch.privacy import Storage
from photosearch.settings.store import SettingsStore


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "config", tmp_path / "data", tmp_path / "cache")


@pytest.fixture
def library(paths: Paths) -> Iterator[Library]:
    made = Library(paths, SettingsStore(paths.settings_file, environment={}), own_engine=False)
    yield made
    made.close()


def sizes(library: Library) -> dict[str, int]:
    return {thing.name: thing.bytes_on_disk for thing in library.storage.all()}


def write(path: Path, size: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))


def on_disk(*tops: Path) -> int:
    return sum(file.stat().st_size for top in tops for file in top.rglob("*") if file.is_file())


def test_every_file_counts_once(library: Library, paths: Paths) -> None:
    write(paths.data / "library-before-format-3.db", 4)
    write(paths.data / "library-damaged-2026-11-26.db", 3)
    write(paths.data / "names-and-favourites.json", 2)
    write(paths.data / "backups" / "library-backup-00001-2026-11-26-1200.db", 2)
    write(paths.indexes / "a.hnsw", 12)
    write(paths.prepared / "a" / "b.onnx", 13)
    write(paths.models / "words" / "textual" / "model.onnx", 14)
    write(paths.models / "faces.part" / "model.onnx.part", 15)
    write(paths.models / "faces.part" / "whole.onnx", 5)
    write(paths.gpu_pack / "lib.so", 16)
    write(paths.accepted_file, 17)
    write(paths.settings_file, 11)
    write(paths.settings_file.with_name("settings-before.toml"), 4)
    write(paths.settings_file.with_name("settings-damaged-2.toml"), 3)
    write(paths.window_state, 19)
    write(paths.log_file, 20)
    write(paths.data / "unknown", 21)
    found = sizes(library)
    expected = {
        "backups": 11, "index": 12, "prepared": 13, "models": 14, "downloads": 20, "gpu": 16,
        "notes": 17, "settings": 18, "window": 19, "logs": 20, "other": 21,
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected
    assert found["library"] > 0
    assert sum(found.values()) == on_disk(paths.config, paths.data, paths.cache)


def test_all_below_one_folder_and_models_elsewhere(tmp_path: Path) -> None:
    paths = Paths.below(tmp_path / "home")
    models = tmp_path / "big disk" / "models"
    write(models / "words" / "model.onnx", 100)
    library = Library(paths, SettingsStore(paths.settings_file, environment={}), own_engine=False)
    try:
        library.settings.set("models.folder", str(models))
        found = sizes(library)
        assert found["models"] == 100
        assert "other" not in found
        assert sum(found.values()) == on_disk(paths.data) + 100
        (place,) = (thing.path for thing in library.storage.all() if thing.name == "models")
        assert place == str(models)
    finally:
        library.close()


def test_only_caches_are_cleared(library: Library, paths: Paths) -> None:
    clearable = {thing.name for thing in library.storage.all() if thing.clearable}
    assert clearable == {"thumbnails", "face_thumbnails", "index", "prepared", "logs"}
    before = paths.database.read_bytes()
    for name in ("library", "backups", "models", "settings"):
        with pytest.raises(UsageError, match="cannot be cleared"):
            library.storage.clear(name)
    with pytest.raises(UsageError, match="What can be cleared: thumbnails"):
        library.storage.clear("everything")
    assert paths.database.read_bytes() == before


def test_thumbnails_are_made_again(library: Library, photos: Path, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    shutil.copytree(photos / "people" / "images" / "person_03", folder)
    library.add_folders([str(folder)])
    library.index(lambda progress: None, lambda: None)
    (photo, *_) = library.photos().ids.tolist()
    before = library.thumbnail(photo)
    assert library.storage.clear("thumbnails") > len(before or b"")
    assert library._thumbs.count() == 0
    assert library.thumbnail(photo) == before
    assert library._thumbs.count() == 1


def test_files_of_caches_go_and_the_rest_stays(library: Library, paths: Paths) -> None:
    write(paths.indexes / "a.hnsw", 1000)
    write(paths.prepared / "deep" / "a.onnx", 2000)
    write(paths.data / "keep", 5)
    assert library.storage.clear("index") == 1000
    assert library.storage.clear("prepared") == 2000
    assert library.storage.clear("prepared") == 0
    assert (paths.data / "keep").exists()


def test_logs_of_others_stay(library: Library, paths: Paths) -> None:
    write(paths.log_file.with_name("engine.log"), 300)
    write(paths.log_file.with_name("photosearch.log.1"), 400)
    logger = logging.getLogger("photosearch")
    before = list(logger.handlers)
    log.start(paths.log_file)
    try:
        logger.info("something of %s", "x" * 500)
        assert library.storage.clear("logs") > 900
        logger.info("afterwards")
        assert paths.log_file.read_text(encoding="utf-8").endswith("afterwards\n")
        assert "something" not in paths.log_file.read_text(encoding="utf-8")
        assert sizes(library)["logs"] == 300 + paths.log_file.stat().st_size
    finally:
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
            handler.close()
        for handler in before:
            logger.addHandler(handler)


# --- thumbnails, closer ---


def filled(path: Path) -> ThumbStore:
    made = ThumbStore(path)
    made.put_many((bytes([number]) * 20, bytes(50_000)) for number in range(40))
    return made


def test_a_cache_that_others_read_is_emptied_in_place(tmp_path: Path) -> None:
    path = tmp_path / "thumbs.db"
    thumbs = filled(path)
    inode = path.stat().st_ino
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT count(*) FROM thumb").fetchone() == (40,)
        thumbs.clear()
        assert other.execute("SELECT count(*) FROM thumb").fetchone() == (0,)
        assert path.stat().st_ino == inode
    assert on_disk(tmp_path) < 200_000
    thumbs.put_many([(b"key", b"jpeg")])
    thumbs.close()


def test_a_cache_that_nobody_else_reads_is_begun_anew(tmp_path: Path) -> None:
    thumbs = filled(tmp_path / "thumbs.db")
    thumbs.clear()
    assert on_disk(tmp_path) == 0
    assert thumbs.get(b"key") is None
    thumbs.put_many([(b"key", b"jpeg")])
    assert thumbs.get(b"key") == b"jpeg"
    thumbs.close()
    with pytest.raises(StoreError, match="closed"):
        thumbs.clear()


def test_a_folder_that_cannot_be_emptied(
    library: Library, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(paths.indexes / "a.hnsw", 10)

    def refuse(self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(StoreError, match=r"Search index could not be cleared: Permission denied"):
        library.storage.clear("index")
    assert isinstance(library.storage, Storage)
