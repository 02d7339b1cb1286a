"""Changing the search model as a user does: killed on the way, from two programs, and back."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import tiny_models

from .program import Program, copy_photos

PHOTOS = 60
KILLS = (
    2  # `test_killed_anywhere.py` kills more, and children too; this looks what is told meanwhile
)


def ask(home: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(home / "library.db")) as db:
        return db.execute(query).fetchall()


def vectors(home: Path, model: str) -> int:
    query = "SELECT count(*) FROM embedding e JOIN model m ON m.id = e.model WHERE m.name = '{}'"
    return int(ask(home, query.format(model))[0][0])


def find(program: Program) -> list[tuple[str, float]]:
    found = program.good("search", "a dog", "--content-only", "--limit", "1000")
    assert found.get("notices", []) == []
    return [(row["path"], row["score"]) for row in found["results"]]


@pytest.fixture(scope="module")
def folder(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos that no test changes."""
    sources = sorted((photos / "classes" / "images").rglob("*.jpg"))
    target = tmp_path_factory.mktemp("switching") / "photos"
    for source in random.Random(3).sample(sources, PHOTOS):
        copy_photos([source], target / source.parent.name)
    return target


@pytest.fixture(scope="module")
def tiny(folder: Path) -> Path:
    return tiny_models.write(folder.parent / "tiny")


@pytest.fixture(scope="module")
def first(
    make_program: Callable[[str], Program], folder: Path, models: Path, tiny: Path
) -> Program:
    """All photos found with a tiny model, a real one chosen beside it; tests take a copy."""
    program = make_program("switching")
    program.good("models", "add", tiny)
    program.good("index", folder)
    program.good("models", "add", models / "standin-clip")
    program.good("settings", "set", "indexing.batch", "2")
    answer = program.good("models", "use", "standin-clip")
    assert answer["switch"] == {
        "coming": "standin-clip",
        "current": "tiny",
        "done": 0,
        "total": PHOTOS,
        "seconds_left": answer["switch"]["seconds_left"],
    }
    assert not answer["models"][0]["in_use"]
    return program


@pytest.fixture
def begun(first: Program, tmp_path: Path) -> Program:
    shutil.copytree(first.home, tmp_path / "home")
    return Program(tmp_path / "home")


def grows(process: subprocess.Popen[bytes], home: Path, beyond: int) -> bool:
    pause = threading.Event()
    while process.poll() is None:
        if vectors(home, "standin-clip") > beyond:
            return True
        pause.wait(0.005)
    return False


@pytest.mark.skipif(sys.platform == "win32", reason="kills as only POSIX can")
def test_killed_on_the_way_again_and_again(begun: Program, folder: Path) -> None:
    home = begun.home
    before = find(begun)
    assert len(before) == PHOTOS
    chance = random.Random(5)
    for _ in range(KILLS):
        done = vectors(home, "standin-clip")
        process = begun.start("index")
        assert grows(process, home, done + chance.randrange(8)), "it ended before it was killed"
        process.send_signal(signal.SIGSTOP)  # in the middle of it, for as long as a search takes
        assert find(begun) == before, "the old one answers while the new one is prepared"
        process.kill()
        with process:
            process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert done < vectors(home, "standin-clip") < PHOTOS
        status = begun.good("models", "switch")
        assert (status["model"], status["switch"]["coming"]) == ("tiny", "standin-clip")
        assert status["switch"]["done"] == vectors(home, "standin-clip")
        assert find(begun) == before
    begun.good("settings", "set", "indexing.batch", "16")
    report = begun.good("index")
    assert report["notices"] == ["Search now uses “standin-clip”."]
    assert begun.good("models", "switch") == {"model": "standin-clip", "switch": None}
    after = find(begun)
    assert {path for path, _ in after} == {str(path) for path in folder.rglob("*.jpg")}
    assert after != before
    assert ask(home, "SELECT count(*), count(DISTINCT photo || ' ' || model) FROM embedding") == [
        (2 * PHOTOS, 2 * PHOTOS)
    ]
    # No vector was ever made a second time, and none is when going back.
    made = dict(ask(home, "SELECT name, seq FROM sqlite_sequence"))["embedding"]
    assert made == 2 * PHOTOS
    assert begun.good("models", "use", "tiny")["models"][0]["in_use"]
    assert find(begun) == before
    begun.good("index")
    begun.good("models", "use", "standin-clip")
    assert find(begun) == after
    assert dict(ask(home, "SELECT name, seq FROM sqlite_sequence"))["embedding"] == made


def test_the_words_of_the_command_line(begun: Program, tiny: Path) -> None:
    (line,) = begun.run("models", "switch", "status").lines
    assert line.startswith(
        f"standin-clip is prepared beside tiny, which answers until then: 0 of {PHOTOS} photos"
    )
    assert (
        begun.run("models", "cost", "standin-clip")
        .lines[0]
        .startswith(f"to prepare: {PHOTOS} photos")
    )
    assert begun.good("models", "cost", "standin-clip")["photos"] == PHOTOS
    assert begun.run("models", "switch", "back").lines == [
        "No model is being prepared. Search model: tiny"
    ]
    answer = begun.run("models", "switch", "now")
    assert answer.code == 1
    assert "No search model is being prepared" in answer.words
    assert begun.good("models", "use", "standin-clip", "--now")["models"][0]["in_use"]
    (left,) = begun.good("models", "leftovers")["leftovers"]
    assert (left["name"], left["vectors"], left["file_bytes"]) == ("tiny", PHOTOS, 0)
    assert begun.run("models", "delete", "tiny").code == 2
    refused = begun.run("models", "delete", "tiny", "--files")
    assert refused.code == 1
    assert "not PhotoSearch's own folder" in refused.words
    begun.good("models", "delete", "tiny", "--vectors")
    assert tiny.is_dir()
    assert vectors(begun.home, "tiny") == 0
    begun.good("models", "remove", "tiny")
    assert begun.run("models", "leftovers").lines == ["Nothing is left of other models."]


def test_models_tried_side_by_side(begun: Program, folder: Path) -> None:
    trial = begun.good("models", "try", "a dog", "tiny", "standin-clip", "--photos", "40")
    assert trial["photos"] == 40
    assert [result["name"] for result in trial["results"]] == ["tiny", "standin-clip"]
    for result in trial["results"]:
        assert result["per_second"] > 0
        assert set(result["paths"]) <= {str(path) for path in folder.rglob("*.jpg")}
    assert vectors(begun.home, "standin-clip") == 0
    lines = begun.run("models", "try", "a dog", "tiny", "standin-clip").lines
    assert lines[0] == f"“a dog” among {PHOTOS} photos:"
    assert sum(line.startswith("  ") for line in lines) == 10
    assert begun.run("models", "try", "a dog", "tiny").code == 2
