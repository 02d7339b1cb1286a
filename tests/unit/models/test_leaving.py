"""What models that are no longer used hold, and deleting it: never what is in use, never the
user's own files, and the disk really has it again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import tiny_models

from photosearch.errors import ModelError
from photosearch.index.cache import IndexCache
from photosearch.index.exact import ExactIndex
from photosearch.index.pair import GraphPair
from photosearch.index.poor import PoorVectors
from photosearch.index.reduction import fit
from photosearch.index.row_file import RowFile
from photosearch.library import Library
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.store.embeddings import PendingPhoto
from photosearch.types import Leftover, ModelKey, ModelKind, PhotoId

PHOTOS = 5000
WIDE = 64


class Place:
    """A library that knows many photos, each with a vector of two models, `old` in use."""

    def __init__(self, home: Path, place: Path) -> None:
        self.paths = Paths.below(home)
        settings = SettingsStore(self.paths.settings_file, environment={})
        self.library = Library(self.paths, settings, own_engine=False)
        old = self.library.add_model(
            str(tiny_models.write(place / "old", tiny_models.Tiny(dimension=4)))
        )
        inside = self.paths.models / "new"
        new = self.library.add_model(
            str(tiny_models.write(inside, tiny_models.Tiny(dimension=WIDE)))
        )
        self.old_key, self.new_key = old.key, new.key
        store = self.library._store
        with store.database.transaction() as db:
            db.execute("INSERT INTO folder (id, path) VALUES (1, ?)", (b"/nowhere",))
            db.executemany(
                "INSERT INTO photo (id, hash, bytes, width, height, format)"
                " VALUES (?, ?, 1, 10, 10, 'JPEG')",
                [(n, b"%020d" % n) for n in range(1, PHOTOS + 1)],
            )
            db.executemany(
                "INSERT INTO file (folder, dir, name, size, mtime_ns, state, photo)"
                " VALUES (1, x'', ?, 1, 1, 'known', ?)",
                [(b"%d.jpg" % n, n) for n in range(1, PHOTOS + 1)],
            )
        pending = [PendingPhoto(PhotoId(n), b"%020d" % n) for n in range(1, PHOTOS + 1)]
        for model, width in ((old, 4), (new, WIDE)):
            number = store.embeddings.model_id(model.key, model.name, width)
            vectors = np.random.default_rng(width).standard_normal((PHOTOS, width), np.float32)
            store.embeddings.write(number, "x", pending, vectors)

    def count(self, query: str) -> int:
        with closing(sqlite3.connect(self.paths.database)) as db:
            return int(db.execute(query).fetchone()[0])


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path / "home", tmp_path)
    yield made
    made.library.close()


def test_vectors_are_deleted_and_the_file_shrinks(place: Place) -> None:
    library = place.library
    (left,) = library.switching.leftovers()
    info = next(model for model in library.models() if model.name == "new")
    assert left == Leftover(
        name="new",
        kind=ModelKind.SEARCH,
        file_bytes=sum(each.stat().st_size for each in Path(info.folder).rglob("*.*")),
        vectors=PHOTOS,
        vector_bytes=PHOTOS * WIDE * 2,
    )
    cache = IndexCache(place.paths.indexes)
    cache.folder.mkdir(parents=True)
    cache.index_path(place.new_key).write_bytes(b"x" * 1000)
    (place.paths.prepared / place.new_key).mkdir(parents=True)
    (place.paths.prepared / place.new_key / "graph.onnx").write_bytes(b"x" * 500)
    with library._store.database.reading() as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    before = place.paths.database.stat().st_size
    freed = library.switching.delete("new", files=False, vectors=True)
    shrunk = before - place.paths.database.stat().st_size
    assert freed == shrunk + 1500
    assert shrunk > PHOTOS * WIDE * 2
    assert not cache.index_path(place.new_key).exists()
    assert not (place.paths.prepared / place.new_key).exists()
    assert place.count("SELECT count(*) FROM embedding") == PHOTOS
    assert place.count("SELECT count(*) FROM done") == PHOTOS
    assert place.count("PRAGMA freelist_count") == 0
    assert library._store.embeddings.count(place.old_key) == PHOTOS
    assert library.switching.cost("new").photos == PHOTOS
    (left,) = library.switching.leftovers()
    assert (left.name, left.vectors, left.vector_bytes) == ("new", 0, 0)


def test_all_that_searching_keeps_of_a_model_goes_with_its_vectors(place: Place) -> None:
    """Rows are the largest of it: a gigabyte for a million photos."""
    cache, rng = IndexCache(place.paths.indexes), np.random.default_rng(1)
    vectors = rng.standard_normal((100, WIDE), np.float32)
    mine: dict[ModelKey, list[Path]] = {}
    for key in (place.old_key, place.new_key):
        before = set(cache.folder.glob("*"))
        graph, exact = GraphPair(WIDE), ExactIndex(WIDE)
        exact.add(np.arange(100), vectors)
        cache.save(graph, key, fit(np.hstack([vectors, vectors]), WIDE))
        PoorVectors(cache, key).remember(exact)
        labels, removed, pieces = exact.snapshot()
        RowFile(cache.folder, key, WIDE).save(np.stack([labels, labels]), removed, pieces)
        cache.index_path(key).with_suffix(".hnsw.part").write_bytes(b"of a killed program")
        new = set(cache.folder.glob("*")) - before
        mine[key] = [path for path in new if path.suffix != ".lock"]
    kinds = {"".join(path.suffixes) for path in mine[place.new_key]}
    assert kinds == {
        ".hnsw",
        ".odd.hnsw",
        ".hnsw.part",
        ".axes",
        ".json",
        ".poor",
        ".rows.json",
        ".rows",
        ".ids",
    }
    size = sum(path.stat().st_size for path in mine[place.new_key])
    (left,) = place.library.switching.leftovers()
    assert left.vector_bytes == PHOTOS * WIDE * 2 + size
    place.library.switching.delete("new", files=False, vectors=True)
    assert [path for path in mine[place.new_key] if path.exists()] == []
    assert all(path.exists() for path in mine[place.old_key])
    cache.forget(place.old_key)
    assert [path for path in mine[place.old_key] if path.exists()] == []


def test_ended_in_the_middle_the_rest_waits(place: Place) -> None:
    store = place.library._store
    number = store.embeddings.find_model(place.new_key)
    assert number is not None
    steps = store.models.forget_vectors(number)
    deleted = next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert 0 < deleted < PHOTOS
    assert store.embeddings.pending_count(number) == deleted
    assert place.count(f"SELECT count(*) FROM done WHERE model = {number}") == PHOTOS - deleted
    assert place.library.switching.delete("new", files=False, vectors=True) > 0
    assert store.embeddings.pending_count(number) == PHOTOS


def test_files_in_our_folder_only(place: Place, tmp_path: Path) -> None:
    library = place.library
    folder = place.paths.models / "new"
    size = sum(each.stat().st_size for each in folder.rglob("*.*"))
    assert library.switching.delete("new", files=True, vectors=False) == size
    assert not folder.exists()
    assert [model.name for model in library.models()] == ["old"]
    (left,) = library.switching.leftovers()
    assert (left.name, left.file_bytes, left.vectors) == ("new", 0, PHOTOS)
    assert library.switching.delete("new", files=False, vectors=True) > 0
    assert library.switching.leftovers() == ()
    # The user's own folder stays, also by a link from ours.
    own = tiny_models.write(tmp_path / "own", tiny_models.Tiny(dimension=5))
    library.add_model(str(own))
    with pytest.raises(ModelError, match="not PhotoSearch's own folder"):
        library.switching.delete("own", files=True, vectors=True)
    library.remove_model("own")
    (place.paths.models / "own").symlink_to(own)
    library.add_model(str(place.paths.models / "own"))
    with pytest.raises(ModelError, match="not PhotoSearch's own folder"):
        library.switching.delete("own", files=True, vectors=False)
    assert (own / "visual" / "model.onnx").exists()


def test_never_what_is_in_use_or_to_come(place: Place, tmp_path: Path) -> None:
    switching = place.library.switching
    with pytest.raises(ModelError, match="“old” is in use or being prepared"):
        switching.delete("old", files=False, vectors=True)
    third = place.library.add_model(
        str(tiny_models.write(place.paths.models / "third", tiny_models.Tiny(dimension=5)))
    )
    assert switching.choose("third") is not None
    with pytest.raises(ModelError, match="“third” is in use or being prepared"):
        switching.delete("third", files=True, vectors=True)
    assert [left.name for left in switching.leftovers()] == ["new"]
    assert Path(third.folder).is_dir()
    with pytest.raises(ModelError, match="There is no model “none”"):
        switching.delete("none", files=True, vectors=True)


def test_what_was_made_before_the_files_changed_is_left_over(place: Place) -> None:
    """The same name with other files is another model: its old vectors may go, it stays."""
    library = place.library
    info = library.model()
    assert info is not None
    tiny_models.write(Path(info.folder), tiny_models.Tiny(dimension=7))
    library._models.forget()
    changed = library.model()
    assert changed is not None
    assert changed.key != place.old_key
    left = {each.name: each for each in library.switching.leftovers()}
    assert (left["old"].vectors, left["old"].file_bytes) == (PHOTOS, 0)
    with pytest.raises(ModelError, match="in use"):
        library.switching.delete("old", files=True, vectors=True)
    assert library.switching.delete("old", files=False, vectors=True) > 0
    assert library.model() == changed


def test_a_library_of_an_earlier_version_shrinks_too(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with closing(sqlite3.connect(home / "library.db")) as db:
        db.execute("PRAGMA journal_mode = WAL")  # begun without the means to shrink piece by piece
    place = Place(home, tmp_path)
    try:
        assert place.count("PRAGMA auto_vacuum") == 0
        with place.library._store.database.reading() as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        before = place.paths.database.stat().st_size
        freed = place.library.switching.delete("new", files=False, vectors=True)
        assert before - place.paths.database.stat().st_size == freed > PHOTOS * WIDE * 2
    finally:
        place.library.close()
