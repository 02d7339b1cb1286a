"""A model of one's own training: converted, indexed with and searched, by the command line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import tiny_open_clip
from tiny_open_clip import Training

from .program import TIMEOUT_S, Program, copy_photos

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> Training:
    return tiny_open_clip.write_training(tmp_path_factory.mktemp("training"))


def words(training: Training, name: str = "mine") -> list[str]:
    return [
        *("models", "convert", "--name", name, "--architecture", str(training.architecture)),
        *("--checkpoint", str(training.checkpoint)),
    ]


def test_a_converted_model_indexes_and_searches(
    program: Program, training: Training, photos: Path, tmp_path: Path
) -> None:
    made = program.good(*words(training))["models"]
    assert [(each["name"], each["dimension"], each["in_use"]) for each in made] == [
        ("mine", 24, True)
    ]
    assert made[0]["folder"] == str(program.home / "models" / "mine")
    some = sorted((photos / "captioned" / "images").iterdir())[:4]
    program.good("index", copy_photos(some, tmp_path / "photos"))
    found = program.good("search", "a dog on the beach", "--content-only")
    assert len(found["results"]) == 4
    assert sorted(path.name for path in (program.home / "models").iterdir()) == ["mine"]


def test_what_cannot_be_converted_is_one_sentence(program: Program, training: Training) -> None:
    bad = program.home.parent / "bad.pt"
    bad.write_bytes(b"no checkpoint")
    answer = program.run(*words(Training(training.architecture, bad)))
    assert answer.code == 1
    assert answer.words.strip().endswith("bad.pt is not a checkpoint that open_clip can read.")
    assert len(answer.words.splitlines()) == 1
    assert list((program.home / "models").iterdir()) == []
    answer = program.run(*words(training, "../escaped"))
    assert (answer.code, "cannot be called" in answer.words) == (2, True)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is a signal elsewhere")
def test_stopping_leaves_nothing(program: Program, training: Training) -> None:
    process = subprocess.Popen(
        program.command(*words(training)),
        env=program.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    folder = program.home / "models"
    while not list(folder.glob(".converting-*/config.json")):
        assert process.poll() is None, process.communicate()
        os.sched_yield()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 130, said
    assert said.decode().strip() == "photosearch: Stopped. Nothing of the model was kept."
    assert list(folder.iterdir()) == []
