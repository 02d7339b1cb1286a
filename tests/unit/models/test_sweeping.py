"""What a killed program left of its work on models goes at the next start, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from photosearch.errors import ModelError
from photosearch.inference.registry import ModelRegistry
from photosearch.models.sweeping import UNFINISHED, UNREGISTERED, sweep, worker
from photosearch.paths import Paths
from photosearch.settings.held import held


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = Paths.below(tmp_path / "home")
    made.create()
    made.models.mkdir()
    return made


@pytest.fixture(scope="module")
def gone() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    return process.pid


def by(number: int) -> str:
    """Return how a process of this computer names itself."""
    return worker().replace(f"{os.getpid()}-", f"{number}-", 1)


def folder(path: Path, *files: str) -> Path:
    path.mkdir(parents=True)
    for name in files:
        (path / name).write_text("content")
    return path


def there(root: Path) -> set[str]:
    return {str(each.relative_to(root)) for each in root.rglob("*") if each.is_file()}


def test_conversions_and_preparations_of_the_dead_go(paths: Paths, gone: int) -> None:
    for number in (gone, os.getpid()):
        folder(paths.models / f"{UNFINISHED}{by(number)}-abc", "config.json")
        folder(paths.prepared / "key" / f"0123-{number}.part", "model.onnx")
    folder(paths.prepared / "key" / "4567.part", "of an earlier version")
    folder(paths.models / "clip.part", "a download")
    folder(paths.models / "clip", "config.json")
    sweep(paths, "", list)
    assert there(paths.models) == {
        f"{UNFINISHED}{worker()}-abc/config.json",
        "clip.part/a download",
        "clip/config.json",
    }
    assert there(paths.prepared) == {
        f"key/0123-{os.getpid()}.part/model.onnx",
        "key/4567.part/of an earlier version",
    }


def test_a_number_that_another_process_has_now(paths: Paths) -> None:
    left = folder(paths.models / f"{UNFINISHED}{worker()}-abc", "config.json")
    os.utime(left, (1000, 1000))  # long before this process began
    sweep(paths, "", list)
    assert there(paths.models) == set()


def test_a_model_that_was_not_listed_yet(paths: Paths, gone: int) -> None:
    for name, number in (("lost", gone), ("listed", gone), ("coming", os.getpid())):
        made = folder(paths.models / name, "config.json")
        (made / UNREGISTERED).write_text(by(number))
    sweep(paths, "", lambda: [str(paths.models / "listed")])
    assert there(paths.models) == {
        "listed/config.json",
        "coming/config.json",
        f"coming/{UNREGISTERED}",
    }


def test_a_list_that_cannot_be_read_says_nothing_of_a_model(paths: Paths, gone: int) -> None:
    """One of a newer version, for example: the start goes on, and another one looks again."""
    made = folder(paths.models / "mine", "config.json")
    (made / UNREGISTERED).write_text(by(gone))
    paths.models_file.write_text('{"format": 99, "models": []}')
    registry = ModelRegistry(paths.models_file)
    with pytest.raises(ModelError):
        registry.list()
    sweep(paths, "", lambda: [each.folder for each in registry.list()])
    assert there(paths.models) == {"mine/config.json", f"mine/{UNREGISTERED}"}


def test_a_model_that_a_damaged_list_may_have_named_stays(paths: Paths, gone: int) -> None:
    made = folder(paths.models / "mine", "config.json")
    (made / UNREGISTERED).write_text(by(gone))
    paths.models_file.write_bytes(b"\0" * 100)
    registry = ModelRegistry(paths.models_file)
    for _start in range(2):  # the second one finds no list
        sweep(paths, "", lambda: [each.folder for each in registry.list()])
        assert there(paths.models) == {"mine/config.json"}


def test_what_another_computer_made_is_left_alone(
    paths: Paths, gone: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The models may lie on a drive that both use; a number there is another process here."""
    monkeypatch.setattr("platform.node", lambda: "the other/one-é")
    folder(paths.models / f"{UNFINISHED}{by(gone)}-abc", "config.json")
    (folder(paths.models / "mine", "config.json") / UNREGISTERED).write_text(by(gone))
    monkeypatch.undo()
    before = there(paths.models)
    sweep(paths, "", list)
    assert there(paths.models) == before
    monkeypatch.setattr("platform.node", lambda: "the other/one-é")
    sweep(paths, "", list)
    assert there(paths.models) == set()


def test_a_pack_that_was_being_replaced_comes_back(paths: Paths) -> None:
    pack = paths.gpu_pack
    folder(pack.with_name("gpu.old"), "pack.json")
    folder(pack.with_name("gpu.gone"), "half of another")
    stage = pack.with_name("gpu.part")
    folder(stage / "new", "half")
    folder(stage / "tmp", "half")
    folder(stage / "wheels", "whole.whl")
    with held(pack):
        sweep(paths, "", list)
        assert there(stage) == {"new/half", "tmp/half", "wheels/whole.whl"}, "somebody works on it"
    sweep(paths, "", list)
    assert there(pack) == {"pack.json"}
    assert there(stage) == {"wheels/whole.whl"}, "it need not be fetched again"
    assert not pack.with_name("gpu.gone").exists()
    (stage / "wheels" / "whole.whl").unlink()
    sweep(paths, "", list)
    assert not stage.exists()
