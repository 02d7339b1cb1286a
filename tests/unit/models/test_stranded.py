"""Nothing that happens to a model's folder strands the user: there is always a way on."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
import tiny_models
from hub_server import Hub

from photosearch.errors import ModelError
from photosearch.inference.entry import read_entry
from photosearch.inference.registry import ModelRegistry
from photosearch.models.turn import taken, turn
from photosearch.types import OfferState

from .conftest import MODEL, World


def test_a_folder_that_was_half_deleted_is_completed(hub: Hub, world: World) -> None:
    world.get()
    world.library.remove_model(MODEL)
    (world.folder / MODEL / "visual" / "model.onnx").unlink()
    assert not world.get().problem
    assert (world.folder / MODEL / "visual" / "model.onnx").is_file()


def test_a_model_that_was_forgotten_comes_back_without_a_download(hub: Hub, world: World) -> None:
    world.get()
    world.library.remove_model(MODEL)
    hub.served.clear()
    assert world.get().name == MODEL
    assert not hub.served


def test_a_file_taken_away_during_the_download_does_not_make_half_a_model(
    hub: Hub, world: World
) -> None:
    part = world.folder / f"{MODEL}.part"
    taken_away = []

    def check() -> None:
        config = part / "config.json"
        if config.is_file() and not taken_away:
            config.unlink()
            taken_away.append(config)

    with pytest.raises(ModelError, match="taken away"):
        world.library.getting.get(MODEL, world.told.append, check)
    assert not (world.folder / MODEL).exists()
    assert not world.get().problem


def test_files_that_cannot_be_deleted_leave_the_model_whole(
    hub: Hub, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.get()
    world.library.settings.set("search.model", "")

    def refused(self: Path, target: Path) -> Path:
        raise PermissionError(13, "in use", str(self))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refused)
        with pytest.raises(ModelError, match="cannot be deleted"):
            world.library.switching.delete(MODEL, files=True, vectors=False)
    assert [model.name for model in world.library.models() if not model.problem] == [MODEL]
    assert world.library.switching.delete(MODEL, files=True, vectors=False) > 0
    assert not world.library.models()
    assert not any(world.folder.glob("*deleting*"))


def test_a_drive_that_is_away_is_said_before_the_download(
    hub: Hub, world: World, tmp_path: Path
) -> None:
    world.library.settings.set("models.folder", str(tmp_path / "usb"))
    world.get()
    (tmp_path / "usb").rename(tmp_path / "unplugged")
    world.library.settings.set("models.folder", "")
    hub.served.clear()
    with pytest.raises(ModelError, match="models remove"):
        world.get()
    assert not hub.served
    world.library.remove_model(MODEL)
    assert not world.get().problem


def test_a_broken_zip_leaves_a_paused_download_alone(
    hub: Hub, world: World, tmp_path: Path
) -> None:
    part = world.folder / f"{MODEL}.part" / "visual"
    part.mkdir(parents=True)
    (part / "model.onnx.part").write_bytes(b"half of it")
    broken = tiny_models.write(tmp_path / MODEL)
    (broken / "visual" / "model.onnx").write_bytes(b"rubbish")
    with pytest.raises(ModelError):
        world.add(Path(shutil.make_archive(str(tmp_path / MODEL), "zip", tmp_path, MODEL)))
    assert world.library.getting.partial(MODEL) == len(b"half of it")
    tiny_models.write(tmp_path / f"{MODEL}.part")
    named = shutil.make_archive(str(tmp_path / "named"), "zip", tmp_path, f"{MODEL}.part")
    with pytest.raises(ModelError, match="unfinished download"):
        world.add(Path(named))


def test_looking_whether_somebody_works_disturbs_nobody(tmp_path: Path) -> None:
    (tmp_path / ".x.lock").touch()
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            taken(tmp_path, "x")

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for _ in range(100):
            with turn(tmp_path, "x"):
                assert looking.is_alive()
    finally:
        stop.set()
        looking.join()


def test_a_model_added_elsewhere_meanwhile_is_not_lost(tmp_path: Path) -> None:
    """One program reads a changed model for long; another adds one in that time."""
    file = tmp_path / "models.json"
    first, second = tiny_models.write(tmp_path / "a"), tiny_models.write(tmp_path / "b")
    ModelRegistry(file).add(first)
    config = first / "config.json"
    config.write_text(config.read_text() + " ")
    other = ModelRegistry(file)

    def slowly(folder: Path) -> object:
        other.add(second)
        return read_entry(folder)

    seen = ModelRegistry(file, slowly)  # type: ignore[arg-type]
    seen.list()
    assert sorted(model.name for model in ModelRegistry(file).list()) == ["a", "b"]


def test_the_cost_of_a_face_pack_is_not_that_of_a_search_model(hub: Hub, world: World) -> None:
    with pytest.raises(ModelError, match="no search model"):
        world.library.switching.cost("buffalo_l")
    offer = next(each for each in world.library.offers.all() if each.name == MODEL)
    assert offer.state is OfferState.AVAILABLE
