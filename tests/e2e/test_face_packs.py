"""Face packs that are missing, damaged or something else, and what they do to a library."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from .people_library import PeopleLibrary
from .program import Answer, Program, copy_photos


def sentence(answer: Answer, code: int) -> str:
    assert answer.code == code, answer.words
    assert answer.out == b""
    (line,) = answer.words.splitlines()
    assert "Traceback" not in line
    return line


@pytest.fixture
def pack(models: Path, tmp_path: Path) -> Path:
    """A face pack that may be damaged."""
    folder = tmp_path / "packs" / "mine"
    shutil.copytree(models / "standin-faces", folder)
    return folder


@pytest.fixture
def folder(photos: Path, tmp_path: Path) -> Path:
    sources = sorted((photos / "people" / "images" / "person_03").iterdir())
    return copy_photos(sources, tmp_path / "photos")


def test_a_pack_that_lacks_a_part(program: Program, pack: Path) -> None:
    (pack / "recognition" / "model.onnx").unlink()
    said = sentence(program.run("models", "add", pack), 1)
    assert "recognition/model.onnx" in said
    assert program.good("models", "list") == {"models": []}


@pytest.mark.parametrize("part", ["detection", "recognition"])
def test_a_damaged_pack(program: Program, pack: Path, part: str) -> None:
    graph = pack / part / "model.onnx"
    graph.write_bytes(graph.read_bytes()[:5000])
    said = sentence(program.run("models", "add", pack), 1)
    assert f"The model file {pack.name}/{part}/model.onnx cannot be loaded: it is damaged" in said
    assert program.good("models", "list") == {"models": []}


def test_a_pack_that_goes_missing(family: PeopleLibrary, tmp_path: Path, models: Path) -> None:
    library = family.copy(tmp_path)
    program, before = library.program, library.named()
    link = tmp_path / "away"
    link.symlink_to(models / "standin-faces")
    program.good("models", "remove", "standin-faces")
    program.good("models", "add", link)
    link.unlink()
    new = library.folder / "new.jpg"
    new.write_bytes((library.folder / "groups/images/Family1-Dad1.jpg").read_bytes() + b" ")
    answer = program.run("index")
    assert answer.code == 0
    assert "1 added" in answer.lines[0]
    assert "away" in answer.words
    assert library.named() == before
    link.symlink_to(models / "standin-faces")
    program.good("index")
    assert "new.jpg" in library.photos_of("Dad")


def test_a_pack_damaged_after_it_was_added(program: Program, pack: Path, folder: Path) -> None:
    program.good("models", "add", pack)
    graph = pack / "recognition" / "model.onnx"
    graph.write_bytes(graph.read_bytes()[:5000])
    report = program.good("index", folder)
    assert (report["added"], report["failed"]) == (5, [])
    assert any("mine" in notice for notice in report["notices"])
    assert program.good("people", "list") == []
    assert program.good("search", "image")["results"]


def test_a_face_pack_is_no_search_model(program: Program, models: Path, folder: Path) -> None:
    program.good("models", "add", models / "standin-faces")
    program.good("settings", "set", "search.model", "standin-faces")
    answer = program.run("index", folder)
    assert answer.code == 0
    assert "“standin-faces” is a face pack, not a search model" in answer.words
    (person,) = program.good("people", "list")
    assert person["faces"] == 5
    found = program.run("search", "image", "--json")
    assert found.json["results"]
    assert "is a face pack" in found.json["notices"][0]


def test_a_search_model_is_no_face_pack(program: Program, models: Path, folder: Path) -> None:
    program.good("models", "add", models / "standin-clip")
    said = "“standin-clip” is a search model, not a face pack"
    assert said in program.run("settings", "set", "faces.model", "standin-clip").words
    answer = program.run("index", folder)
    assert answer.code == 0
    assert said in answer.words
    answer = program.run("doctor")
    assert answer.code == 1
    assert said in answer.out.decode()
    assert program.good("search", "a face", "--content-only")["results"]
    assert program.good("people", "list") == []


def test_settings_that_name_no_model(program: Program, folder: Path) -> None:
    program.good("settings", "set", "faces.model", "nothing")
    answer = program.run("index", folder)
    assert answer.code == 0
    assert program.good("people", "list") == []


def nan_recogniser(path: Path) -> None:
    """Write a recogniser with the usual contract whose vectors are not numbers."""
    batch: list[int | str] = ["N", 3, 112, 112]
    graph = helper.make_graph(
        [
            helper.make_node("GlobalAveragePool", ["input.1"], ["mean"]),
            helper.make_node("Flatten", ["mean"], ["flat"]),
            helper.make_node("MatMul", ["flat", "weights"], ["fc1"]),
        ],
        "nothing",
        [helper.make_tensor_value_info("input.1", TensorProto.FLOAT, batch)],
        [helper.make_tensor_value_info("fc1", TensorProto.FLOAT, ["N", 128])],
        [numpy_helper.from_array(np.full((3, 128), np.nan, np.float32), "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, path)


def test_vectors_that_are_not_numbers(program: Program, pack: Path, folder: Path) -> None:
    nan_recogniser(pack / "recognition" / "model.onnx")
    program.good("models", "add", pack)
    report = program.good("index", folder)
    assert (report["added"], report["failed"]) == (5, [])
    assert report["stages"]["faces"]["found"] == 5
    assert program.good("people", "list") == []
    faces = program.good("people", "unsorted")
    assert len(faces) == 5
    assert program.good("people", "regroup")["assigned"] == 0
    with closing(sqlite3.connect(program.home / "library.db")) as db:
        (stored,) = db.execute("SELECT vector FROM face LIMIT 1").fetchone()
        assert not np.isnan(np.frombuffer(stored, "<f2")).any()


def test_a_pack_whose_vectors_are_not_numbers_keeps_names(
    family: PeopleLibrary, tmp_path: Path, pack: Path
) -> None:
    library = family.copy(tmp_path / "library")
    before = library.named()
    nan_recogniser(pack / "recognition" / "model.onnx")
    library.program.good("models", "add", pack)
    library.program.good("models", "use", "mine")
    library.program.good("index")
    assert library.named() == before
    library.program.good("models", "use", "standin-faces")
    library.program.good("people", "regroup")
    assert library.named() == before


def test_nothing_to_group(program: Program, models: Path, tmp_path: Path) -> None:
    for verb in (("regroup",), ("evaluate", "labels.json")):
        answer = program.run("people", *verb)
        assert answer.code == 2
        assert "No face pack is chosen" in answer.words
    shutil.copytree(models / "standin-faces", tmp_path / "pack")
    program.good("models", "add", tmp_path / "pack")
    assert program.good("people", "regroup")["faces"] == 0
    answer = program.run("people", "evaluate", "labels.json")
    assert answer.code == 2
    assert "No face has been found yet" in answer.words
    (tmp_path / "pack").rename(tmp_path / "gone")
    answer = program.run("people", "regroup")
    assert answer.code == 2
    assert "“pack” cannot be used" in answer.words
