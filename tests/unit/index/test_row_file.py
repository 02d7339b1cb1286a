"""Rows kept on disk: mapped again when they are whole, written behind, never trusted damaged."""

from __future__ import annotations

import json
import os

import filelock
import numpy as np
import pytest

from photosearch.errors import StoreError
from photosearch.index.pieces import Pieces
from photosearch.index.row_file import RowFile
from photosearch.types import ModelKey

KEY = ModelKey("model-a")
NONE = np.empty(0, np.int64)


def halves(count, seed=1):
    return np.random.default_rng(seed).standard_normal((count, 8)).astype(np.float16)


def ids_of(count, first=1):
    labels = np.arange(first, first + count)
    return np.stack([labels, labels + 1000])


def in_memory(rows):
    return Pieces(np.empty((0, 8), np.float16), rows)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "index"


@pytest.fixture
def saved(folder):
    file = RowFile(folder, KEY, 8)
    file.save(ids_of(100), NONE, in_memory(halves(100)))
    return file


def data(folder, kind):
    (path,) = folder.glob(f"*.{kind}")
    return path


def test_what_was_saved_is_mapped(saved, folder):
    contents = RowFile(folder, KEY, 8).open()
    np.testing.assert_array_equal(contents.rows, halves(100))
    np.testing.assert_array_equal(contents.ids, ids_of(100))
    assert not contents.rows.flags.writeable
    assert len(contents.removed) == 0


def test_more_rows_are_written_behind_and_nothing_anew(saved, folder):
    file = RowFile(folder, KEY, 8)
    contents = file.open()
    path = data(folder, "rows")
    inode, size = path.stat().st_ino, path.stat().st_size
    rows = Pieces(contents.rows, halves(5, seed=2))
    mapped = file.save(ids_of(105), np.array([3]), rows)
    assert (path.stat().st_ino, path.stat().st_size - size) == (inode, 5 * 8 * 2)
    np.testing.assert_array_equal(mapped, rows.between(0, 105))
    assert file.save(ids_of(105), np.array([3]), Pieces(mapped, halves(0))) is None
    again = RowFile(folder, KEY, 8).open()
    assert (len(again.rows), again.removed.tolist()) == (105, [3])


def test_killed_while_writing_behind_the_old_rows_are_there(saved, folder):
    with data(folder, "rows").open("ab") as file:
        file.write(b"half a row")
    with data(folder, "ids").open("ab") as file:
        file.write(b"\1")
    kept = RowFile(folder, KEY, 8)
    contents = kept.open()
    assert len(contents.rows) == 100
    assert kept.save(ids_of(101), NONE, Pieces(contents.rows, halves(1, 3))) is not None
    assert len(RowFile(folder, KEY, 8).open().rows) == 101


def test_killed_while_writing_anew_the_old_rows_are_there(saved, folder):
    name = data(folder, "rows").stem.split("-")[0]
    (folder / f"{name}-deadbeef.rows").write_bytes(b"half")
    kept = RowFile(folder, KEY, 8)
    assert len(kept.open().rows) == 100
    kept.save(ids_of(50), NONE, in_memory(halves(50)))  # of another order: written anew
    assert len(list(folder.glob("*.rows"))) == 1
    assert len(RowFile(folder, KEY, 8).open().rows) == 50


def spoil(path, at, change):
    content = bytearray(path.read_bytes())
    content[at] ^= change
    path.write_bytes(content)


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: spoil(data(folder, "rows"), 777, 1),
        lambda folder: spoil(data(folder, "ids"), 8, 4),
        lambda folder: os.truncate(data(folder, "rows"), 1599),
        lambda folder: os.truncate(data(folder, "ids"), 10),
        lambda folder: data(folder, "rows").unlink(),
        lambda folder: data(folder, "rows.json").write_text("{"),
        lambda folder: data(folder, "rows.json").write_text(
            json.dumps(json.loads(data(folder, "rows.json").read_text()) | {"name": "../../x"})
        ),
        lambda folder: data(folder, "rows.json").write_text(
            json.dumps(json.loads(data(folder, "rows.json").read_text()) | {"model": "other"})
        ),
    ],
)
def test_damaged_rows_are_refused_and_go(saved, folder, damage):
    damage(folder)
    kept = RowFile(folder, KEY, 8)
    with pytest.raises(StoreError):
        kept.open()
    assert [path.suffix for path in folder.iterdir()] == [".lock"]
    kept.save(ids_of(3), NONE, in_memory(halves(3)))
    assert len(RowFile(folder, KEY, 8).open().rows) == 3


def test_rows_of_another_dimension_are_refused(saved, folder):
    with pytest.raises(StoreError, match="another version or model"):
        RowFile(folder, KEY, 9).open()


def test_what_another_program_wrote_is_left_alone(saved, folder):
    first, second = RowFile(folder, KEY, 8), RowFile(folder, KEY, 8)
    one, two = first.open(), second.open()
    assert first.save(ids_of(101), NONE, Pieces(one.rows, halves(1, 2))) is not None
    assert second.save(ids_of(102), NONE, Pieces(two.rows, halves(2, 3))) is None
    np.testing.assert_array_equal(two.rows, halves(100))
    assert len(RowFile(folder, KEY, 8).open().rows) == 101


def test_while_another_program_writes_nothing_is_written(saved, folder):
    kept = RowFile(folder, KEY, 8)
    contents = kept.open()
    (lock,) = folder.glob("*.rows.lock")
    with filelock.FileLock(lock):
        assert kept.save(ids_of(101), NONE, Pieces(contents.rows, halves(1, 2))) is None
    assert len(RowFile(folder, KEY, 8).open().rows) == 100


def test_a_full_disk_leaves_the_old_rows(saved, folder, monkeypatch):
    kept = RowFile(folder, KEY, 8)
    contents = kept.open()

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("photosearch.index.row_file.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        kept.save(ids_of(101), NONE, Pieces(contents.rows, halves(1, 2)))
    with pytest.raises(OSError, match="No space"):
        kept.save(ids_of(9), NONE, in_memory(halves(9)))
    monkeypatch.undo()
    assert len(RowFile(folder, KEY, 8).open().rows) == 100


def test_pieces_are_one_list_of_rows():
    rows = halves(20)
    pieces, whole = Pieces(rows[:12], rows[12:]), in_memory(rows)
    query = np.ones(8, np.float32)
    which = np.array([0, 5, 11, 12, 19])
    np.testing.assert_array_equal(pieces.take(which), rows[which])
    np.testing.assert_array_equal(pieces.products(query, which), whole.products(query, which))
    np.testing.assert_array_equal(pieces.products(query), whole.products(query))
    for start, stop in ((0, 5), (10, 15), (12, 20), (15, 15)):
        np.testing.assert_array_equal(pieces.between(start, stop), rows[start:stop])
    np.testing.assert_array_equal(np.concatenate([c for _, c in pieces.chunks(7)]), rows)
