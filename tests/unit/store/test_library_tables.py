"""Folders, photos, favourites and failures, as the front ends ask for them."""

from __future__ import annotations

import ntpath
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from indexing_world import World

from photosearch.store import Store
from photosearch.store.database import Database
from photosearch.store.files import DiskChanges, full_path
from photosearch.store.folders import Root, inside, is_below, place_in
from photosearch.store.looks import Looked, Written
from photosearch.store.places import SAID_OF, SEEN_AT
from photosearch.store.purging import CHUNK, OBSERVED
from photosearch.store.said import SAID
from photosearch.types import (
    DateSource,
    Facts,
    FileEntry,
    FolderId,
    MonthMark,
    PhotoFilter,
    PhotoId,
)


def fill(
    store: Store, root: bytes, rows: Sequence[tuple[str, str, str | None]]
) -> tuple[FolderId, list[PhotoId]]:
    """Add a folder with photos (dir, name, date); return it and the photos."""
    folder = store.folders.add(root, single_file=False, volume="v")
    entries = [(d.encode(), FileEntry(n.encode(), 10, 5)) for d, n, _ in rows]
    store.files.apply(DiskChanges(folder, new=entries))
    files = [f for state in ("new",) for f in store.files.pending(0, 10_000, state)]  # type: ignore[arg-type]
    looks = [
        Looked(f.id, root + f.dir + f.name, 10, 5, Facts(40, 30, "JPEG", date))
        for f, (_, _, date) in zip(files, rows, strict=True)
    ]
    store.photos.record(looks, Written())
    found = [store.files.photo_at(folder, d, e.name) for d, e in entries]
    return folder, [photo for photo in found if photo is not None]


def test_newest_first_with_months(store: Store) -> None:
    _, (a, b, c, d, e) = fill(
        store,
        b"/p",
        [
            ("", "a.jpg", "2020-05-01T10:00:00"),
            ("", "b.jpg", None),
            ("", "c.jpg", "2021-01-31T23:59:59"),
            ("", "d.jpg", "2020-05-31T10:00:00"),
            ("", "e.jpg", "1904-12-24T00:00:00"),
        ],
    )
    listed = store.photos.newest_first(PhotoFilter())
    assert listed.ids.tolist() == [c, d, a, e, b]
    assert listed.ids.dtype == np.int64
    assert listed.months == (
        MonthMark(0, 2021, 1),
        MonthMark(1, 2020, 5),
        MonthMark(3, 1904, 12),
        MonthMark(4, 0, 0),
    )
    order = store.photos.sort_newest_first(np.array([b, a, c], np.int64))
    assert order.tolist() == [c, a, b]


def test_an_empty_library(store: Store) -> None:
    listed = store.photos.newest_first(PhotoFilter())
    assert len(listed.ids) == 0
    assert listed.months == ()
    assert store.photos.summaries([PhotoId(3)]) == ()
    assert store.photos.details(PhotoId(3)) is None
    assert store.photos.sort_newest_first(np.empty(0, np.int64)).tolist() == []
    assert store.words.search("x", 5).tolist() == []


def test_filters(store: Store) -> None:
    one, (a, b, c) = fill(
        store, b"/one", [("", "a.jpg", None), ("in", "b.jpg", None), ("inner", "c.jpg", None)]
    )
    two, (d,) = fill(store, b"/two", [("in/deep", "d.jpg", None)])
    store.favourites.set([a, d], True)

    def ids(**which: object) -> list[int]:
        filtered = PhotoFilter(**which)  # type: ignore[arg-type]
        matching = store.photos.matching(filtered).tolist()
        assert sorted(store.photos.newest_first(filtered).ids.tolist()) == matching
        return [int(i) for i in matching]

    assert ids() == [a, b, c, d]
    assert ids(folder=one) == [a, b, c]
    assert ids(folder=one, dir=b"in") == [b]
    assert ids(folder=one, dir=b"") == [a, b, c]
    assert ids(folder=two, dir=b"in") == [d]
    assert ids(favourites=True) == [a, d]
    assert ids(folder=two, favourites=True) == [d]
    assert ids(folder=FolderId(99)) == []
    assert [(s.dir, s.photos) for s in store.folders.subfolders(one)] == [
        (b"", 1),
        (b"in", 1),
        (b"inner", 1),
    ]


def test_many_ids_at_once(store: Store) -> None:
    _, photos = fill(store, b"/p", [("", f"{n}.jpg", None) for n in range(1500)])
    wanted = [*reversed(photos), PhotoId(10**12)]
    assert [s.id for s in store.photos.summaries(wanted)] == list(reversed(photos))
    assert store.photos.present([int(p) for p in wanted]) == {int(p) for p in photos}
    asked = {int(p) for p in wanted}
    assert store.photos.missing(sorted(asked)) == asked - {int(p) for p in photos}
    assert len(store.photos.hashes(wanted)) == 1500


def test_missing_is_what_is_not_present(store: Store) -> None:
    """Also of photos that another program has deleted, and of folders that are not searched."""
    shown, photos = fill(store, b"/p", [("", f"{n}.jpg", None) for n in range(8)])
    hidden, others = fill(store, b"/q", [("", f"{n}.png", None) for n in range(3)])
    asked = [*map(int, photos), *map(int, others), 10**12]

    def missing(*, by_content: bool) -> set[int]:
        found = store.photos.missing(asked, by_content=by_content)
        assert found == set(asked) - store.photos.present(asked, by_content=by_content)
        return found

    assert missing(by_content=True) == {10**12}
    with store.database.transaction() as db:
        db.execute("UPDATE file SET state = 'gone' WHERE photo = ?", (photos[2],))
    assert missing(by_content=True) == {10**12, photos[2]}
    store.folders.set_search(hidden, on=False)
    assert missing(by_content=True) == {10**12, photos[2], *others}
    assert missing(by_content=False) == {10**12, photos[2]}
    with store.database.transaction() as db:
        db.execute("DELETE FROM file WHERE folder = ? AND photo > ?", (shown, photos[5]))
    other = Store.open(store.database.path)
    assert [len(purged.hashes) for purged in other.photos.purge()] == [2]
    other.close()
    assert missing(by_content=False) == {10**12, photos[2], photos[6], photos[7]}
    assert missing(by_content=True) == {10**12, photos[2], photos[6], photos[7], *others}


def test_facts_come_back_as_they_went(store: Store) -> None:
    facts = Facts(
        4000,
        3000,
        "HEIF",
        "2020-01-02T03:04:05",
        -330,
        DateSource.NAME,
        "Maker",
        "Model",
        "Lens",
        0.004,
        1.8,
        100.0,
        35.0,
        -33.5,
        151.25,
        -12.0,
    )
    folder = store.folders.add(b"/p", single_file=False, volume="")
    name = b"caf\xe9\n.jpg"
    store.files.apply(DiskChanges(folder, new=[(b"d", FileEntry(name, 10, 10**18))]))
    (file,) = store.files.pending(0, 9, "new")  # type: ignore[arg-type]
    store.photos.record([Looked(file.id, b"hash", 10, 10**18, facts)], Written())
    photo = store.files.photo_at(folder, b"d", name)
    assert photo is not None
    details = store.photos.details(photo)
    assert details is not None
    assert details.facts == facts
    assert os.fsencode(details.summary.path) == b"/p/d/" + name
    assert details.paths == (details.summary.path,)
    assert details.file_bytes == 10
    assert details.modified_at.startswith("2001-09-0")


# --- folders ---


def test_paths_inside_folders() -> None:
    assert is_below(b"/a/b", b"/a")
    assert not is_below(b"/ab", b"/a")
    assert not is_below(b"/a", b"/a")
    assert is_below(b"/a", b"/")
    root = Root(FolderId(1), b"/a", False, "", False)
    assert place_in(root, b"/a/x.jpg") == (b"", b"x.jpg")
    assert place_in(root, b"/a/b/c/x.jpg") == (b"b/c", b"x.jpg")
    assert place_in(root, b"/ab/x.jpg") is None
    assert place_in(Root(FolderId(1), b"/", False, "", False), b"/x.jpg") == (b"", b"x.jpg")
    single = Root(FolderId(1), b"/a/x.jpg", True, "", False)
    assert place_in(single, b"/a/x.jpg") == (b"", b"x.jpg")
    assert place_in(single, b"/a/y.jpg") is None
    assert full_path(b"/a/", False, b"b", b"c") == b"/a/b/c"
    assert full_path(b"/", False, b"", b"c") == b"/c"


def test_paths_of_windows() -> None:
    """Letters of either case are the same there, and a drive's root ends in a separator."""
    assert is_below(rb"C:\photos\in", rb"c:\Photos", ntpath)
    assert is_below(rb"C:\photos", b"C:\\", ntpath)
    assert not is_below(rb"C:\photos", rb"c:\PHOTOS", ntpath)
    assert not is_below(rb"C:\photos 2", rb"C:\photos", ntpath)
    assert inside(rb"C:\photos\in\a.jpg", b"C:\\", ntpath) == b"photos/in/a.jpg"
    assert inside(rb"C:\photos\in\a.jpg", rb"c:\Photos", ntpath) == b"in/a.jpg"


def test_folders_absorb_folders(store: Store) -> None:
    inner, (a,) = fill(store, b"/p/in", [("deep", "a.jpg", None)])
    beside, _ = fill(store, b"/pq", [])
    assert store.folders.add(b"/p/in/deep", single_file=False, volume="") == inner
    outer = store.folders.add(b"/p", single_file=False, volume="")
    assert {f.id for f in store.folders.all()} == {outer, beside}
    assert store.files.photo_at(outer, b"in/deep", b"a.jpg") == a
    assert store.photos.count() == 1
    everything = store.folders.add(b"/", single_file=False, volume="")
    assert [f.id for f in store.folders.all()] == [everything]
    assert store.files.photo_at(everything, b"p/in/deep", b"a.jpg") == a


def test_a_favourite_survives_its_folder(world: World) -> None:
    folder = world.folder("photos")
    (root,) = world.add(folder)
    world.write(folder / "a.jpg", "liked")
    world.write(folder / "b.jpg", "other")
    world.index()
    photo = PhotoId(world.photo("liked"))
    world.store.favourites.set([photo, PhotoId(10**9)], True)
    assert world.store.favourites.count() == 1
    world.store.folders.remove(root)
    (purged,) = world.store.photos.purge()
    assert (len(purged.labels), len(purged.hashes)) == (1, 1)
    assert world.store.favourites.count() == world.store.photos.count() == 0
    world.engine.remove(np.array(purged.labels, np.int64))
    world.add(folder)
    world.index()
    assert world.photo("liked") == photo
    assert world.store.favourites.count() == 1
    assert world.store.photos.matching(PhotoFilter(favourites=True)).tolist() == [photo]
    world.store.favourites.set([photo], False)
    assert world.store.favourites.count() == 0


# --- failures ---


def test_failures(store: Store) -> None:
    folder = store.folders.add(b"/p", single_file=False, volume="")
    entries = [(b"", FileEntry(name, 1, 1)) for name in (b"b.jpg", b"a\xff.jpg")]
    store.files.apply(DiskChanges(folder, new=entries))
    files = store.files.pending(0, 9, "new")  # type: ignore[arg-type]
    looks = [Looked(f.id, b"", 1, 1, None, f"bad {n}") for n, f in enumerate(files)]
    store.photos.record(looks, Written())
    store.photos.record(looks[:1], Written())
    first, second = store.failures.all()
    assert (os.fsencode(first.path), first.reason, first.tries) == (b"/p/a\xff.jpg", "bad 1", 1)
    assert (second.path, second.tries) == ("/p/b.jpg", 2)
    assert store.failures.count() == 2
    assert store.files.pending_count() == 0
    assert store.failures.all([FolderId(99)]) == ()
    store.failures.forget([second.file])
    assert store.files.pending_count() == 1
    store.failures.forget_stage("look")
    assert store.failures.count() == 0
    assert store.files.pending_count() == 2


def test_a_photo_fails_a_stage_at_one_of_its_files(world: World) -> None:
    folder = world.folder("photos")
    world.add(folder)
    world.write(folder / "a.jpg", "same")
    world.write(folder / "b.jpg", "same")
    world.engine.deadly = [b"same"]
    (failed,) = world.index().failed
    assert Path(failed.path).name == "a.jpg"
    assert world.store.embeddings.pending_count(1) == 0
    world.store.failures.forget_stage("embed")
    assert world.store.embeddings.pending_count(1) == 1
    world.engine.deadly = []
    assert world.index().failed == ()


@pytest.mark.parametrize("state", ["new", "changed"])
def test_another_program_scanned_meanwhile(world: World, state: str) -> None:
    folder = world.folder("photos")
    (root,) = world.add(folder)
    changes = DiskChanges(root, new=[(b"", FileEntry(b"a.jpg", 3, 3))])
    world.store.files.apply(changes)
    world.store.files.apply(changes)
    assert world.store.files.count() == 1
    assert len(world.store.files.pending(0, 9, state)) == (state == "new")  # type: ignore[arg-type]
    world.store.files.apply(DiskChanges(FolderId(77), new=changes.new))
    assert world.store.files.count() == 1


@pytest.mark.parametrize("filtered", ["folder", "dir", "favourites"])
def test_a_filter_loses_no_word(store: Store, filtered: str) -> None:
    """The few photos of the filter are found among the many that the words fit as well."""
    few = [("few", f"IMG_{n}.jpg", None) for n in range(3)]
    folder, wanted = fill(store, b"/few", few)
    fill(store, b"/many", [("", f"IMG_{n}.jpg", None) for n in range(1100)])
    store.favourites.set(wanted, True)
    which = {
        "folder": PhotoFilter(folder=folder),
        "dir": PhotoFilter(folder=folder, dir=b"few"),
        "favourites": PhotoFilter(favourites=True),
    }[filtered]
    assert sorted(store.words.search("img", 5, which).tolist()) == wanted
    assert not set(store.words.search("img", 5).tolist()) & set(wanted)


def test_every_table_about_photos_is_said_or_observed(store: Store) -> None:
    """Whoever adds a table decides: is it kept and copied, or thrown away with its photo."""
    about: dict[str, str] = {}
    at_places: dict[str, str] = {}
    with store.database.reading() as db:
        for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'"):
            for key in db.execute(f"PRAGMA foreign_key_list({table})"):
                if key[2] == "photo":
                    about[table] = key[3]
                elif key[2] == "place":
                    at_places[table] = key[3]
    assert set(about) == {*SAID, *OBSERVED, "file", "place"}
    assert not set(SAID) & set(OBSERVED)
    assert at_places == {**SAID_OF, **dict.fromkeys(SEEN_AT, "place")}
    with store.database.reading() as db:
        for table, columns in SAID.items():
            names = {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
            assert names == {about[table], *columns}, "what is not named is not copied"


def test_a_large_folder_is_removed_in_short_transactions(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others write meanwhile, and an end in the middle leaves a library that is whole."""
    folder, photos = fill(store, b"/p", [("", f"{n}.jpg", None) for n in range(2000)])
    kept, (other,) = fill(store, b"/q", [("", "other.jpg", None)])
    store.favourites.set(photos[:1], True)
    whole = Database.transaction
    changes: list[int] = []

    @contextmanager
    def counted(database: Database) -> Iterator[sqlite3.Connection]:
        with whole(database) as db:
            before = db.total_changes
            yield db
            changes.append(db.total_changes - before)

    monkeypatch.setattr(Database, "transaction", counted)
    store.folders.remove(folder)
    assert max(changes) <= 2 * CHUNK, "a file, and its photo's count of files"
    assert [f.id for f in store.folders.all()] == [kept]
    chunks = store.photos.purge()
    first = next(chunks)
    assert 0 < len(first.hashes) < 1999
    store.favourites.set([other], True)  # between two chunks nobody waits
    assert store.photos.count() == 1
    rest = [hash_ for purged in store.photos.purge() for hash_ in purged.hashes]
    assert len(first.hashes) + len(rest) == 1999
    assert [*chunks] == []
    assert store.favourites.count() == 1
    assert store.photos.hashes(photos).keys() == {photos[0]}


def test_of_several_files_the_one_in_the_folder_one_looks_at(store: Store) -> None:
    def copy_to(folder: FolderId, directory: bytes) -> None:
        store.files.apply(DiskChanges(folder, new=[(directory, FileEntry(b"copy.jpg", 10, 5))]))
        (file,) = store.files.pending(0, 9, "new")  # type: ignore[arg-type]
        looked = Looked(file.id, b"/onea.jpg", 10, 5, Facts(40, 30, "JPEG", None))
        store.photos.record([looked], Written())

    one, (photo,) = fill(store, b"/one", [("", "a.jpg", None)])
    two = store.folders.add(b"/two", single_file=False, volume="v")
    copy_to(two, b"in")
    copy_to(two, b"inner")
    every = ["/one/a.jpg", "/two/in/copy.jpg", "/two/inner/copy.jpg"]
    for place, first in (
        (PhotoFilter(), every[0]),
        (PhotoFilter(folder=one), every[0]),
        (PhotoFilter(folder=two), every[1]),
        (PhotoFilter(folder=two, dir=b"inner"), every[2]),
        (PhotoFilter(folder=two, dir=b"in"), every[1]),
    ):
        (summary,) = store.photos.summaries([photo], place)
        details = store.photos.details(photo, place)
        assert details is not None
        assert (summary.path, details.summary) == (first, summary)
        assert (details.paths[0], sorted(details.paths)) == (first, every)
    store.folders.set_seen(two, offline=True)
    (summary,) = store.photos.summaries([photo], PhotoFilter(folder=two))
    assert (summary.path, summary.offline) == (every[0], False), "one that can be opened"
