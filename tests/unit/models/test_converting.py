"""What a conversion may be called, where it goes, and that nothing is left when it fails."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_models

from photosearch.engine.converting import Converter
from photosearch.errors import Cancelled, ModelError, UsageError
from photosearch.inference.conversion import libraries
from photosearch.models.converting import Converting
from photosearch.models.sweeping import worker
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import AnyModel, Check, Conversion, ConversionProgress, ModelInfo, Preprocess

Report = Callable[[ConversionProgress], None]
NOTE = "Not everything was compared."


class FakeConverter(Converter):
    """Writes a model of a few kilobytes, or does what a test wants instead."""

    def __init__(self, instead: Callable[[], None] = lambda: None) -> None:
        self.instead = instead
        self.asked = 0

    def known(self, check: Check) -> dict[str, tuple[str, ...]]:
        self.asked += 1
        return {"ViT-B-32": ("openai",), "ViT-S-32": ()}

    def convert(
        self, request: Conversion, folder: Path, report: Report, check: Check
    ) -> tuple[str, ...]:
        tiny_models.write(folder)
        report(ConversionProgress("loading", 1, 5))
        self.instead()
        check()
        return (NOTE,)


class World:
    """A home with a folder for models, and a registry that can refuse."""

    def __init__(self, home: Path, converter: FakeConverter) -> None:
        self.paths = Paths.below(home)
        self.paths.create()
        self.settings = SettingsStore(self.paths.settings_file)
        self.converter = converter
        self.refuse = ""
        self.known: list[AnyModel] = []
        self.converting = Converting(
            self.paths, self.settings, lambda: tuple(self.known), self.add, converter
        )

    def add(self, folder: str) -> AnyModel:
        if self.refuse:
            raise ModelError(self.refuse)
        half = (0.5, 0.5, 0.5)
        made = ModelInfo(
            Path(folder).name,
            folder,
            "key",
            4,
            Preprocess(8, 8, half, half),
            6,
            1,  # type: ignore[arg-type]
        )
        self.known.append(made)
        return made

    def convert(self, name: str = "mine", check: Check = lambda: None) -> AnyModel:
        request = Conversion(name, "ViT-B-32", pretrained="openai")
        self.told: list[ConversionProgress] = []
        return self.converting.convert(request, self.told.append, check)

    @property
    def left(self) -> list[str]:
        return sorted(path.name for path in self.paths.models.iterdir())


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, FakeConverter())


def test_the_result_lies_in_the_models_folder_and_is_registered(world: World) -> None:
    made = world.convert("My model.v2")
    assert Path(made.folder) == world.paths.models / "My model.v2"
    assert (Path(made.folder) / "config.json").is_file()
    assert world.left == ["My model.v2"]
    assert [(step.stage, step.step) for step in world.told] == [("loading", 1), ("registering", 5)]
    assert world.told[-1].note == NOTE


def test_the_setting_says_where_models_lie(world: World, tmp_path: Path) -> None:
    world.settings.set("models.folder", str(tmp_path / "elsewhere"))
    assert Path(world.convert().folder) == tmp_path / "elsewhere" / "mine"


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x", "a/b", "a\\b", "/x", ".hidden", "x.", "x ", " x", "nul", "COM1.x",
     "a\nb", "a\0b", "x:y", "x.part", "x" * 101],
)  # fmt: skip
def test_a_name_cannot_leave_the_folder(name: str, world: World) -> None:
    with pytest.raises(UsageError, match="cannot be called"):
        world.convert(name)
    assert not world.paths.models.exists()


def test_a_name_that_is_taken_is_refused_before_anything_is_done(world: World) -> None:
    world.convert("mine")
    for name in ("mine", "Mine"):
        with pytest.raises(ModelError, match=r"named .* already"):
            world.convert(name)
    (world.paths.models / "there").mkdir()
    with pytest.raises(ModelError, match=r"already, in .*there"):
        world.convert("there")
    assert world.told == []


def test_weights_are_one_of_two(world: World, tmp_path: Path) -> None:
    for request in (
        Conversion("mine", "ViT-B-32"),
        Conversion("mine", "ViT-B-32", pretrained="openai", checkpoint=str(tmp_path)),
    ):
        with pytest.raises(UsageError, match=r"either the tag .* or a checkpoint"):
            world.converting.convert(request, lambda _: None, lambda: None)
    missing = Conversion("mine", "ViT-B-32", checkpoint=str(tmp_path / "no.pt"))
    with pytest.raises(UsageError, match=r"no checkpoint file .*no\.pt"):
        world.converting.convert(missing, lambda _: None, lambda: None)


def test_giving_up_leaves_nothing(world: World) -> None:
    def stop() -> None:
        raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        world.convert(check=stop)
    assert (world.left, world.known) == ([], [])


def test_a_model_that_is_not_registered_is_not_kept(world: World) -> None:
    world.refuse = "It cannot be used."
    with pytest.raises(ModelError, match="cannot be used"):
        world.convert()
    assert world.left == []


def test_a_name_that_is_taken_meanwhile(world: World) -> None:
    def take() -> None:
        (world.paths.models / "mine").mkdir()
        (world.paths.models / "mine" / "file").touch()

    world.converter.instead = take
    with pytest.raises(ModelError, match="mine cannot be written"):
        world.convert()
    assert world.left == ["mine"]
    assert (world.paths.models / "mine" / "file").exists()


def test_what_a_killed_program_left_is_deleted(world: World) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    going, ended = (
        worker().replace(f"{os.getpid()}-", f"{n}-", 1) for n in (os.getppid(), gone.pid)
    )
    for each in (going, ended):
        (world.paths.models / f".converting-{each}-x").mkdir(parents=True)
    world.convert()
    assert world.left == [f".converting-{going}-x", "mine"]


def test_a_folder_that_cannot_be_written(world: World, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    world.settings.set("models.folder", str(tmp_path / "file" / "x"))
    with pytest.raises(ModelError, match="cannot be written"):
        world.convert()


def test_without_the_extra_one_sentence_says_how_to_install_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.converting.available() == ""
    monkeypatch.setitem(__import__("sys").modules, "open_clip", None)
    sentence = world.converting.available()
    assert sentence == libraries.MISSING
    assert sentence.endswith('.venv/bin/pip install ".[openclip]".')
    for call in (world.convert, world.converting.architectures):
        with pytest.raises(ModelError, match="needs open_clip"):
            call()
    assert not world.paths.models.exists()


def test_what_there_is_to_convert_is_asked_once(world: World) -> None:
    assert world.converting.architectures() == ("ViT-B-32", "ViT-S-32")
    assert world.converting.tags("ViT-B-32") == ("openai",)
    assert world.converting.tags("unknown") == ()
    assert world.converter.asked == 1
