"""Thumbnails and the cache that keeps them."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photosearch.errors import StoreError
from photosearch.media import thumbs
from photosearch.media.decode import open_picture
from photosearch.media.photo_thumbs import make_thumbnail
from photosearch.media.thumbs import ThumbStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ThumbStore]:
    store = ThumbStore(tmp_path / "cache" / "thumbs.db")
    yield store
    store.close()


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((4000, 3000), (480, 360)),
        ((500, 375), (500, 375)),
        ((528, 396), (528, 396)),
        ((530, 398), (479, 360)),
        ((2900, 370), (2822, 360)),
        ((3000, 4000), (360, 480)),
        ((200, 100), (200, 100)),
        ((20000, 600), (2880, 86)),
        ((4000, 360), (2880, 259)),
        ((3, 4000), (2, 2880)),
        ((1, 1), (1, 1)),
        ((1, 60000), (1, 2880)),
    ],
)
def test_size_of_thumbnails(size: tuple[int, int], expected: tuple[int, int]) -> None:
    made = Image.open(BytesIO(make_thumbnail(Image.new("RGB", size, "red"))))
    assert made.format == "JPEG"
    assert made.size == expected


def test_thumbnails_look_like_the_picture(photos: Path) -> None:
    path = sorted((photos / "captioned").rglob("*.jpg"))[0]
    picture = open_picture(path.read_bytes(), short_side_px=360)
    data = make_thumbnail(picture.image)
    made = Image.open(BytesIO(data))
    expected = picture.image.resize(made.size, Image.Resampling.LANCZOS)
    error = np.asarray(made, np.float64) - np.asarray(expected, np.float64)
    assert 10 * np.log10(255**2 / (error**2).mean()) > 32
    assert len(data) < 150_000


def test_kept_found_and_forgotten(store: ThumbStore, tmp_path: Path) -> None:
    thumbs = [(bytes([number]) * 20, b"jpeg %d" % number) for number in range(200)]
    store.put_many(thumbs)
    store.put_many(iter([(thumbs[0][0], b"newer")]))
    assert store.get(thumbs[0][0]) == b"newer"
    assert store.get(thumbs[1][0]) == b"jpeg 1"
    assert store.get(b"unknown") is None
    assert store.has_many([thumbs[5][0], b"unknown"]) == {thumbs[5][0]}
    assert store.has_many(key for key, _ in thumbs * 4) == {key for key, _ in thumbs}
    assert store.has_many([]) == set()
    store.delete_many([thumbs[5][0], b"unknown"])
    assert store.count() == 199
    assert store.size_bytes() > 0
    store.close()
    again = ThumbStore(tmp_path / "cache" / "thumbs.db")
    assert again.get(thumbs[1][0]) == b"jpeg 1"
    again.close()


def test_many_threads_at_once(store: ThumbStore) -> None:
    def work(lane: int) -> bool:
        for number in range(20):
            key = b"%d-%d" % (lane, number)
            store.put_many([(key, key * 100)])
            if store.get(key) != key * 100:
                return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(8)))
    assert store.count() == 160


def test_rubbish_is_started_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "thumbs.db"
    path.write_bytes(b"this is no database" * 1000)
    with caplog.at_level(logging.WARNING):
        store = ThumbStore(path)
    assert "started anew" in caplog.text
    store.put_many([(b"a", b"b")])
    assert store.get(b"a") == b"b"
    store.close()


def test_damage_while_running_is_mended(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "thumbs.db"
    store = ThumbStore(path)
    store.put_many([(b"%d" % number, bytes(5000)) for number in range(100)])
    store.close()
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * (path.stat().st_size - 8192))
    store = ThumbStore(path)
    with caplog.at_level(logging.WARNING):
        found = store.has_many([b"1", b"2"]) | ({b"1"} if store.get(b"1") else set())
        store.put_many([(b"x", b"y")])
    assert "started anew" in caplog.text
    assert found == set()
    assert store.get(b"x") == b"y"
    assert store.count() == 1
    store.close()


def test_who_uses_the_old_file_moves_to_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "thumbs.db"
    store = ThumbStore(path)
    store.put_many([(b"old", b"1")])
    lent = store._take()  # a thread that is in the middle of its work
    store._start_anew(store._generation, "a test")
    store.put_many([(b"new", b"2")])
    store._give(lent)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        lent.connection.execute("SELECT 1")
    assert store.get(b"new") == b"2"
    assert store.get(b"old") is None
    store.close()


def test_two_who_find_the_same_damage_start_anew_once(tmp_path: Path) -> None:
    store = ThumbStore(tmp_path / "thumbs.db")
    seen = store._generation
    store._start_anew(seen, "a test")
    store.put_many([(b"new", b"2")])
    store._start_anew(seen, "the same damage, told by a slower thread")
    assert store.get(b"new") == b"2"
    store.close()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs a list of open files")
def test_threads_leave_nothing_open(store: ThumbStore) -> None:
    store.put_many([(b"a", b"b")])
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        thread = threading.Thread(target=store.get, args=(b"a",))
        thread.start()
        thread.join()
    assert len(os.listdir("/proc/self/fd")) <= before


def test_a_store_closed_during_a_call_lets_it_end(store: ThumbStore) -> None:
    lent = store._take()
    store.close()
    assert lent.connection.execute("SELECT count(*) FROM thumb").fetchone() == (0,)
    store._give(lent)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        lent.connection.execute("SELECT 1")


def test_another_version_is_started_anew(tmp_path: Path) -> None:
    path = tmp_path / "thumbs.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE thumb (something TEXT)")
    other.execute("PRAGMA user_version = 99")
    other.commit()
    other.close()
    store = ThumbStore(path)
    store.put_many([(b"a", b"b")])
    assert store.get(b"a") == b"b"
    store.close()


def test_other_tables_than_its_own_are_started_anew(tmp_path: Path) -> None:
    path = tmp_path / "thumbs.db"
    ThumbStore(path).close()
    with closing(sqlite3.connect(path)) as other:
        other.execute("ALTER TABLE thumb RENAME TO thumc")
        other.commit()
    store = ThumbStore(path)
    store.put_many([(b"a", b"b")])
    assert store.get(b"a") == b"b"
    store.close()


# What a bad cell of a disk does: the file stays a sound one for SQLite.
SPOILT = {
    "a flipped bit": "UPDATE thumb SET jpeg = CAST('jfeg of a' AS BLOB) WHERE key = x'61'",
    "another's picture": "UPDATE thumb SET jpeg = (SELECT jpeg FROM thumb WHERE key = x'62'),"
    " sum = (SELECT sum FROM thumb WHERE key = x'62') WHERE key = x'61'",
    "cut": "UPDATE thumb SET jpeg = CAST('jpeg' AS BLOB) WHERE key = x'61'",
    "a text": "UPDATE thumb SET jpeg = 'Jpeg of a' WHERE key = x'61'",
    "no text": "UPDATE thumb SET jpeg = CAST(x'ffd8ff' AS TEXT) WHERE key = x'61'",
    "a number": "UPDATE thumb SET jpeg = 4000000000000 WHERE key = x'61'",
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_thumbnail_is_none(
    store: ThumbStore, tmp_path: Path, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    store.put_many([(b"a", b"jpeg of a"), (b"b", b"jpeg of b")])
    with closing(sqlite3.connect(tmp_path / "cache" / "thumbs.db")) as other:
        other.execute(SPOILT[how])
        other.commit()
    with caplog.at_level(logging.WARNING):
        assert store.get(b"a") is None
    assert "was spoiled" in caplog.text
    assert store.get(b"b") == b"jpeg of b"
    store.put_many([(b"a", b"jpeg of a")])
    assert store.get(b"a") == b"jpeg of a"


def test_thumbnails_from_before_there_were_sums_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "thumbs.db"
    with closing(sqlite3.connect(path)) as old:
        old.execute("CREATE TABLE thumb (key BLOB NOT NULL UNIQUE, jpeg BLOB NOT NULL)")
        old.execute("INSERT INTO thumb VALUES (x'61', x'62')")
        old.execute("PRAGMA user_version = 1")
        old.commit()
    store = ThumbStore(path)
    assert store.get(b"a") == b"b"
    store.put_many([(b"c", b"d")])
    assert store.get(b"c") == b"d"
    assert store.count() == 2
    store.close()


def test_an_unusable_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="thumbnail cache"):
        ThumbStore(tmp_path / "file" / "thumbs.db")


def test_a_disk_without_room_to_begin_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite speaks of an input/output error where it has no room for the notes beside its file."""

    def no_room(_connection: sqlite3.Connection) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
        raise error

    monkeypatch.setattr(thumbs, "_prepare", no_room)
    with pytest.raises(StoreError, match="cannot be used: disk I/O error"):
        ThumbStore(tmp_path / "thumbs.db")
    usage = type("Usage", (), {"free": 4096})
    monkeypatch.setattr(thumbs.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(StoreError, match="is full"):
        ThumbStore(tmp_path / "thumbs.db")


def test_a_folder_that_is_closed_is_said_to_be(tmp_path: Path) -> None:
    """Deleting the cache, which helps against damage, does not help here."""
    (tmp_path / "thumbs.db").mkdir()
    with pytest.raises(StoreError, match="cannot be written: check that its folder is writable"):
        ThumbStore(tmp_path / "thumbs.db")


def test_a_closed_store_says_so(store: ThumbStore) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.get(b"a")
