"""Models whose files were damaged after they were fetched: named, and fetched anew once."""

from __future__ import annotations

import os
from pathlib import Path

import onnx
import pytest
import tiny_models
from hub_server import Hub
from PIL import Image

from photosearch.errors import ModelError
from photosearch.types import OfferState, SearchRequest

from .conftest import MODEL, REPOSITORY, World

VISUAL = "visual/model.onnx"


def damage(world: World, name: str) -> None:
    """Change bytes in the middle of a file, as a failing disk does."""
    path = world.folder / MODEL / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    path.write_bytes(content)


def state(world: World) -> OfferState:
    return next(offer.state for offer in world.library.offers.all() if offer.name == MODEL)


def index(world: World) -> tuple[str, ...]:
    return world.library.index(lambda progress: None, lambda: None).notices


def test_only_the_damaged_file_is_fetched_anew(hub: Hub, world: World) -> None:
    key = world.get().key
    damage(world, VISUAL)
    assert state(world) is OfferState.PROBLEM
    hub.served.clear()
    assert world.repair().key == key
    assert hub.served == {VISUAL: len(hub.repositories[REPOSITORY][VISUAL])}
    assert (world.folder / MODEL / VISUAL).read_bytes() == hub.repositories[REPOSITORY][VISUAL]
    assert state(world) is OfferState.IN_USE
    assert not (world.folder / f"{MODEL}.part").exists()
    assert {"verifying", "downloading", "reading"} <= {each.stage for each in world.told}


def test_a_file_that_is_gone_comes_back(hub: Hub, world: World) -> None:
    key = world.get().key
    (world.folder / MODEL / "textual/tokenizer.json").unlink()
    assert world.repair().key == key


def test_a_sound_model_costs_no_download(hub: Hub, world: World) -> None:
    world.get()
    hub.asked.clear()
    world.repair()
    assert hub.asked == []


def test_a_damaged_file_is_named_where_the_model_is_used(hub: Hub, world: World) -> None:
    world.get()
    damage(world, VISUAL)
    (model,) = world.library.models()
    assert f"{VISUAL} of the model “{MODEL}” is damaged" in model.problem
    assert f"photosearch models repair {MODEL}" in model.problem
    assert model.problem in world.library.search(SearchRequest("dog")).notices
    assert world.library.getting.explain(MODEL, "It fails.") == model.problem
    assert hub.served[VISUAL] == len(hub.repositories[REPOSITORY][VISUAL])  # not fetched for that


def test_weights_that_changed_and_still_load_are_no_other_model(hub: Hub, world: World) -> None:
    """Otherwise every photo would be worked on again for a model that nobody wants."""
    world.get()
    path = world.folder / MODEL / "visual/preprocess_cfg.json"
    path.write_text(path.read_text().replace("[0, 0, 0]", "[1, 0, 0]"))
    (model,) = world.library.models()
    assert "visual/preprocess_cfg.json" in model.problem


def test_indexing_repairs_without_being_asked_once(hub: Hub, world: World) -> None:
    world.get()
    damage(world, VISUAL)
    assert index(world) == ()
    assert state(world) is OfferState.IN_USE
    damage(world, VISUAL)
    (notice,) = index(world)  # a disk that goes on failing is no reason to go on fetching
    assert f"{VISUAL} of the model" in notice
    assert hub.served[VISUAL] == 2 * len(hub.repositories[REPOSITORY][VISUAL])


@pytest.mark.parametrize("name", [VISUAL, "textual/model.onnx"])
def test_weights_that_rotted_unseen_are_named_and_fetched_anew(
    hub: Hub, world: World, tmp_path: Path, name: str
) -> None:
    """Size and time of the file stay as they were: only what comes out of it tells."""
    world.get()
    Image.new("RGB", (64, 64), "red").save(tmp_path / "red.jpg")
    world.library.add_folders([str(tmp_path / "red.jpg")])
    path = world.folder / MODEL / name
    before = path.stat()
    weights = onnx.load(str(path)).graph.initializer[0].raw_data
    path.write_bytes(path.read_bytes().replace(weights, b"\xff" * len(weights)))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert state(world) is OfferState.IN_USE
    if name == VISUAL:
        (notice,) = index(world)
        assert notice.startswith("The model was damaged and has been repaired")
    else:
        (notice,) = world.library.search(SearchRequest("dog")).notices
        assert f"{name} of the model “{MODEL}” is damaged" in notice
        world.repair()
    assert path.read_bytes() == hub.repositories[REPOSITORY][name]
    assert index(world) == ()
    found = world.library.search(SearchRequest("dog"))
    assert (len(found.ids), found.notices) == (1, ())


def test_indexing_without_a_network_goes_on_and_says_why(
    hub: Hub, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.get()
    damage(world, VISUAL)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    (notice,) = index(world)
    assert f"{VISUAL} of the model “{MODEL}” is damaged" in notice
    assert "cannot be reached" in notice


def test_what_the_hub_no_longer_has(hub: Hub, world: World) -> None:
    world.get()
    damage(world, VISUAL)
    hub.repositories[REPOSITORY]["config.json"] += b" "  # another commit: the old one is gone
    with pytest.raises(ModelError, match=f"There is no {REPOSITORY}/{VISUAL}"):
        world.repair()


def test_a_model_of_the_users_own_is_left_alone(hub: Hub, world: World, tmp_path: Path) -> None:
    own = tiny_models.write(tmp_path / "own")
    world.add(own)
    with pytest.raises(ModelError, match="not fetched by PhotoSearch"):
        world.repair("own")
    with pytest.raises(ModelError, match="no model “other” to repair"):
        world.repair("other")
    (own / VISUAL).write_bytes(b"broken")
    assert "models repair" not in index(world)[0]
    assert hub.asked == []
