"""The graph on disk: taken back when whole and fitting, deleted with a reason otherwise.

Nothing here may crash: hnswlib does, on files it was not given by itself.
"""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

from photosearch.errors import StoreError
from photosearch.index import cache as cache_module
from photosearch.index.cache import IndexCache
from photosearch.index.pair import GraphPair, files
from photosearch.types import ModelKey

KEY = ModelKey("model-a")


@pytest.fixture
def graph(unit):
    graph = GraphPair(32)
    graph.add(np.arange(500), unit(500))
    graph.remove(np.array([3, 4]))
    return graph


@pytest.fixture
def saved(graph, tmp_path):
    cache = IndexCache(tmp_path / "index")
    cache.save(graph, KEY)
    return cache


def kept(cache):
    """Return the files that hold something: locks stay, so that nobody holds a deleted one."""
    return [path for path in cache.folder.iterdir() if path.suffix != ".lock"]


def test_what_was_saved_is_opened(saved, graph, unit):
    opened = saved.open(KEY, 32)
    assert opened.reason == ""
    np.testing.assert_array_equal(opened.index.labels(), graph.labels())
    np.testing.assert_array_equal(opened.index.removed(), [3, 4])
    query = unit(1, seed=5)[0]
    np.testing.assert_array_equal(opened.index.around(query, 9, 99), graph.around(query, 9, 99))
    manifest = json.loads(saved.manifest_path(KEY).read_text())
    assert (manifest["count"], manifest["highest"], manifest["model"]) == (498, 499, KEY)
    assert sorted(path.suffix for path in kept(saved)) == [".hnsw", ".hnsw", ".json"]


def test_without_a_file_there_is_a_reason(tmp_path):
    opened = IndexCache(tmp_path / "nowhere").open(KEY, 32)
    assert (opened.index, opened.reason) == (None, "there is none yet")
    assert not (tmp_path / "nowhere").exists()


def test_an_empty_graph_survives_the_journey(tmp_path, unit):
    cache = IndexCache(tmp_path)
    cache.save(GraphPair(32), KEY)
    index = cache.open(KEY, 32).index
    assert len(index) == 0
    index.add(np.arange(5), unit(5))
    assert len(index.around(unit(1)[0], 5, 9)) == 5


def test_models_do_not_touch_each_other(saved, unit):
    other = GraphPair(16)
    other.add(np.arange(20), unit(20, 16))
    saved.save(other, ModelKey("model-b"))
    assert len(saved.open(KEY, 32).index) == 498
    assert len(saved.open(ModelKey("model-b"), 16).index) == 20
    saved.forget(KEY)
    assert saved.open(KEY, 32).reason == "there is none yet"
    assert len(saved.open(ModelKey("model-b"), 16).index) == 20


def refused(cache, part, dimension=32):
    """Check that the cache is refused for this reason, deleted, and can be written again."""
    opened = cache.open(KEY, dimension)
    assert opened.index is None
    assert part in opened.reason
    assert kept(cache) == []
    graph = GraphPair(32)
    graph.add(np.array([1]), np.eye(1, 32, dtype=np.float32))
    cache.save(graph, KEY)
    assert len(cache.open(KEY, 32).index) == 1


@pytest.fixture(params=[0, 1], ids=["even", "odd"])
def half(request, saved):
    """Return the file of either half."""
    return files(saved.index_path(KEY))[request.param]


@pytest.mark.parametrize("size", [0, 1, 50, 96, 5000, -1])
def test_a_file_cut_off(saved, half, size):
    path = half
    os.truncate(path, size if size >= 0 else path.stat().st_size - 1)
    refused(saved, "bytes instead of")


def test_a_file_with_more_behind_it(saved):
    with saved.index_path(KEY).open("ab") as file:
        file.write(b"\0")
    refused(saved, "bytes instead of")


@pytest.mark.parametrize("share", [0, 0.0005, 0.001, 0.3, 0.7, 1])
def test_one_bit_flipped(saved, half, share):
    path = half
    content = bytearray(path.read_bytes())
    content[int(share * (len(content) - 1))] ^= 0x10
    path.write_bytes(content)
    refused(saved, "damaged")


def test_zeros_and_noise_of_the_right_size(saved):
    path = saved.index_path(KEY)
    size = path.stat().st_size
    path.write_bytes(bytes(size))
    refused(saved, "damaged")
    path.write_bytes(np.random.default_rng(1).bytes(path.stat().st_size))
    refused(saved, "damaged")


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("format", 99, "format is 99"),
        ("library", "0.0.1", "library is 0.0.1"),
        ("machine", "big-32", "machine is big-32"),
        ("model", "model-b", "model is model-b"),
        ("dimension", 31, "dimension is 31"),
        ("m", 8, "m is 8"),
        ("ef_construction", 10, "ef_construction is 10"),
        ("crc32", 1, "damaged"),
        ("bytes", 1, "bytes instead of 1"),
        ("count", 3, "498 vectors instead of 3"),
        ("count", "many", "manifest is damaged"),
        ("more", 1, "manifest is damaged"),
    ],
)
def test_a_manifest_that_says_otherwise(saved, name, value, part):
    path = saved.manifest_path(KEY)
    path.write_text(json.dumps(json.loads(path.read_text()) | {name: value}))
    refused(saved, part)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"{}", b"9" * 10_000])
def test_a_manifest_that_is_none(saved, content):
    saved.manifest_path(KEY).write_bytes(content)
    refused(saved, "manifest is damaged")


def test_the_wrong_dimension(saved):
    refused(saved, "dimension is 32 instead of 31", dimension=31)


def test_another_version_of_the_library(saved, monkeypatch):
    monkeypatch.setattr(cache_module, "library_version", lambda: "9.9")
    refused(saved, "instead of 9.9")


def test_half_of_the_pair(saved):
    saved.manifest_path(KEY).unlink()
    refused(saved, "manifest is missing")
    for half in (0, 1):
        files(saved.index_path(KEY))[half].unlink()
        refused(saved, "file is missing")


def test_files_of_two_models_swapped(saved, unit):
    other = ModelKey("model-b")
    graph = GraphPair(32)
    graph.add(np.arange(500), unit(500, seed=3))
    saved.save(graph, other)
    mine, its = saved.manifest_path(KEY), saved.manifest_path(other)
    text = mine.read_text()
    mine.write_text(its.read_text())
    its.write_text(text.replace(str(KEY), str(other)))  # right in all but the checksum and count
    assert "model is model-b" in saved.open(KEY, 32).reason
    opened = saved.open(other, 32)
    assert opened.index is None
    assert "bytes" in opened.reason or "damaged" in opened.reason
    assert kept(saved) == []


def test_one_half_is_of_another_time(saved, graph, unit):
    """As many bytes, and other ones."""
    graph.remove(np.array([5]))
    old = files(saved.index_path(KEY))[1].read_bytes()
    saved.save(graph, KEY)
    files(saved.index_path(KEY))[1].write_bytes(old)
    refused(saved, "damaged")


def test_a_graph_of_an_older_program(saved):
    """It lay in one file: that is not left behind."""
    files(saved.index_path(KEY))[1].unlink()
    path = saved.manifest_path(KEY)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 3}))
    refused(saved, "format is 3 instead of")


def test_killed_between_graph_and_manifest(saved, graph, unit):
    """The new graph is there, the manifest is that of the old one."""
    graph.add(np.arange(600, 700), unit(100, seed=4))
    graph.save(saved.index_path(KEY))
    refused(saved, "bytes instead of")


def test_killed_while_writing_leaves_the_old_pair(saved, graph, unit):
    """Parts written so far lie beside it and are overwritten by the next save."""
    path = saved.index_path(KEY)
    path.with_name(path.name + ".part").write_bytes(b"half")
    saved.manifest_path(KEY).with_suffix(".json.part").write_bytes(b"{")
    assert len(saved.open(KEY, 32).index) == 498
    graph.add(np.array([1000]), unit(1))
    saved.save(graph, KEY)
    assert len(saved.open(KEY, 32).index) == 499
    assert sorted(path.suffix for path in kept(saved)) == [".hnsw", ".hnsw", ".json"]


def test_a_folder_that_cannot_be_made_is_a_sentence(graph, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    cache = IndexCache(tmp_path / "file" / "index")
    with pytest.raises(StoreError, match="could not be saved"):
        cache.save(graph, KEY)
    assert cache.open(KEY, 32).index is None


def test_a_directory_in_the_place_of_a_file(tmp_path, graph):
    cache = IndexCache(tmp_path)
    cache.index_path(KEY).mkdir()
    assert cache.open(KEY, 32).index is None
    with pytest.raises(StoreError):
        cache.save(graph, KEY)
