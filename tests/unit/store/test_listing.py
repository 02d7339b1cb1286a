"""Long lists, read as one text, are the lists that the rows would give."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from photosearch.store import Store, listing
from photosearch.store.files import DiskChanges
from photosearch.store.looks import Looked, Written
from photosearch.types import Facts, FileEntry, FileId, PhotoFilter


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Some thousand photos of all months, many of them of one moment, some without a date."""
    made = Store.open(tmp_path / "library.db")
    folder = made.folders.add(b"/p", single_file=False, volume="")
    count = 3000
    entries = [(b"even" if n % 2 else b"", FileEntry(b"%d" % n, 1, n)) for n in range(count)]
    made.files.apply(DiskChanges(folder, new=entries))
    dice = random.Random(5)
    dates = [
        f"{dice.randint(1990, 2030)}-{dice.randint(1, 12):02}-{dice.randint(1, 2):02}T00:00:00"
        for _ in range(count)
    ]
    looks = [
        Looked(
            file.id,
            b"%032d" % file.id,
            1,
            file.mtime_ns,
            Facts(4, 3, "JPEG", taken_at=dates[n] if n % 10 else None),
        )
        for n, file in enumerate(made.files.pending(FileId(0), count, "new"))
    ]
    made.photos.record(looks, Written())
    return made


def by_rows(store: Store) -> list[tuple[int, str | None]]:
    with store.database.reading() as db:
        rows = db.execute("SELECT id, taken_at FROM photo ORDER BY taken_at DESC, id DESC")
        return [(row[0], row[1]) for row in rows]


def months_of(rows: list[tuple[int, str | None]]) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    for at, (_photo, taken) in enumerate(rows):
        month = (int(taken[:4]), int(taken[5:7])) if taken else (0, 0)
        if not found or found[-1][1:] != month:
            found.append((at, *month))
    return found


def test_all_photos_come_in_order_with_their_months(store: Store) -> None:
    rows = by_rows(store)
    listed = store.photos.newest_first(PhotoFilter())
    assert listed.ids.tolist() == [photo for photo, _taken in rows]
    assert [(m.offset, m.year, m.month) for m in listed.months] == months_of(rows)
    assert not listed.ids.flags.writeable


def test_a_part_of_them_likewise(store: Store) -> None:
    folder = store.folders.roots()[0].id
    some = store.photos.newest_first(PhotoFilter(folder=folder, dir=b"even"))
    inside = set(some.ids.tolist())
    rows = [row for row in by_rows(store) if row[0] in inside]
    assert 1000 < len(rows) < 2000
    assert some.ids.tolist() == [photo for photo, _taken in rows]
    assert [(m.offset, m.year, m.month) for m in some.months] == months_of(rows)
    head = store.photos.newest_first(PhotoFilter(folder=folder, dir=b"even"), 100)
    assert head.ids.tolist() == some.ids[:100].tolist()
    assert store.photos.newest_first(PhotoFilter(), 7).ids.tolist() == [
        photo for photo, _taken in by_rows(store)[:7]
    ]


def test_numbers_may_be_many_pieces_and_of_any_size(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_PIECE", 10)
    wanted = [0, -5, 2**40, 7, 2**62] * 9
    with store.database.reading() as db:
        query = " UNION ALL ".join(f"SELECT {number} AS n" for number in wanted)
        assert listing.numbers(db, query).tolist() == wanted
        assert listing.numbers(db, "SELECT id AS n FROM photo WHERE id < 0").dtype == np.int64


def test_photos_of_a_folder_are_counted_once(store: Store) -> None:
    (folder,) = store.folders.all()
    assert folder.photos == 3000
    more = store.folders.add(b"/q", single_file=False, volume="")
    new = [(b"a", FileEntry(b"1", 1, 1)), (b"b", FileEntry(b"2", 1, 1))]
    store.files.apply(DiskChanges(more, new=new))
    looks = [
        Looked(file.id, b"%032d" % 1, 1, file.mtime_ns, Facts(4, 3, "JPEG"))
        for file in store.files.pending(FileId(0), 9, "new")
    ]
    store.photos.record(looks, Written())
    assert [each.photos for each in store.folders.all()] == [3000, 1], "two copies of one photo"
