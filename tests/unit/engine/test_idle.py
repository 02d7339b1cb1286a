"""Models that nobody uses leave memory, and come back when they are needed.

Whether one is in memory shows when its files are taken away: it works on, or it does not.
"""

from __future__ import annotations

import shutil
import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import heavy_models
import numpy as np
import psutil
import pytest
import tiny_faces
import tiny_models
from tiny_faces import TinyFaces

from photosearch.engine.idling import Idling, Kept
from photosearch.engine.inline import InlineEngine
from photosearch.engine.protocol import FaceChoice, FacePicture, ModelChoice
from photosearch.engine.remote import RemoteEngine
from photosearch.errors import ModelError
from photosearch.inference.fingerprint import RECOGNITION
from photosearch.inference.model_folder import IMAGE_GRAPH, TEXT_GRAPH
from photosearch.store import Store
from photosearch.types import ModelKey

PIXELS = np.full((1, 8, 8, 3), 120, np.uint8)
PICTURE = FacePicture(np.zeros((64, 64, 3), np.uint8))
IDLE_S = 300.0
PACK = ModelKey("pack")


class Time:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class World:
    """An engine in this process whose time is ours, and models on disk."""

    def __init__(self, place: Path) -> None:
        Store.open(place / "library.db").close()
        self.place = place
        self.clock = Time()
        self.idling = Idling(self.clock)
        self.engine = InlineEngine(idling=self.idling)

    def choice(self, name: str) -> ModelChoice:
        return ModelChoice(
            folder=tiny_models.write(self.place / name),
            key=ModelKey(name),
            dimension=4,
            database=self.place / "library.db",
            indexes=self.place / "index",
            provider="cpu",
            threads=1,
        )

    def pictures(self, name: str) -> None:
        self.engine.encode(ModelKey(name), PIXELS)

    def words(self, name: str, text: str = "a dog") -> None:
        self.engine.encode_text(ModelKey(name), text)

    def after(self, seconds: float) -> float | None:
        """Let time pass; returns in how many seconds the next is due."""
        self.clock.now += seconds
        at = self.idling.sweep()
        return None if at is None else at - self.clock.now

    def in_memory(self, name: str) -> str:
        """Return which towers of a model are; looking is use."""
        folder = self.place / name
        away = self.place / "away"
        found = []
        for part, graph, use in (
            ("image", IMAGE_GRAPH, lambda: self.pictures(name)),
            ("text", TEXT_GRAPH, lambda: self.words(name, f"a {self._count()} dog")),
        ):
            (folder / graph).rename(away)
            try:
                use()
                found.append(part)
            except ModelError as error:
                assert graph in str(error)
            finally:
                away.rename(folder / graph)
        return " ".join(found)

    def _count(self) -> int:
        self._number = getattr(self, "_number", 0) + 1
        return self._number


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.engine.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "idle-models"]


def test_the_image_tower_goes_and_the_text_tower_stays(world: World) -> None:
    world.engine.use(world.choice("one"))
    world.pictures("one")
    world.words("one")
    assert world.in_memory("one") == "image text"
    assert world.after(IDLE_S - 1) == 1
    assert world.after(1) is None, "nothing else will be due"
    assert world.in_memory("one") == "text"
    world.pictures("one")
    assert world.in_memory("one") == "image text", "it comes back"


def test_use_puts_it_off(world: World) -> None:
    world.engine.use(world.choice("one"))
    world.pictures("one")
    world.after(IDLE_S - 1)
    world.pictures("one")
    assert world.after(IDLE_S - 1) == 1
    assert world.in_memory("one") == "image"
    assert world.after(IDLE_S) is None
    assert world.in_memory("one") == ""


def test_a_coming_model_keeps_nothing(world: World) -> None:
    one, two = world.choice("one"), world.choice("two")
    world.engine.use(one, two)
    for name in ("one", "two"):
        world.pictures(name)
        world.words(name)
    world.after(IDLE_S)
    assert world.in_memory("one") == "text"
    assert world.in_memory("two") == ""
    world.words("one", "red dog")
    world.words("two", "red dog")
    world.engine.use(two, one)  # they change places
    world.after(IDLE_S)
    assert world.in_memory("one") == ""
    assert world.in_memory("two") == "text"


def test_the_time_is_a_setting(world: World) -> None:
    world.engine.use(replace(world.choice("one"), idle_s=5.0))
    world.pictures("one")
    assert world.after(4) == 1
    world.after(1)
    assert world.in_memory("one") == ""


def test_a_face_pack_goes(world: World) -> None:
    folder = tiny_faces.write(world.place / "pack", TinyFaces())
    world.engine.use_faces(FaceChoice(folder, PACK, "cpu", 1))
    world.engine.detect(PACK, [PICTURE])
    away = (folder / RECOGNITION).rename(world.place / "away")
    assert world.after(IDLE_S - 1) == 1
    world.engine.detect(PACK, [PICTURE])
    assert world.after(IDLE_S) is None
    with pytest.raises(ModelError, match=r"recognition/model\.onnx"):
        world.engine.detect(PACK, [PICTURE])
    away.rename(folder / RECOGNITION)
    assert world.engine.detect(PACK, [PICTURE]).faces == ((),)


def test_a_model_that_is_gone_holds_nothing(world: World) -> None:
    """A query loaded its text tower while another model was chosen."""
    world.engine.use(world.choice("one"))
    late = world.engine._of(ModelKey("one"))
    world.engine.use(world.choice("two"))
    late.warm()
    shutil.rmtree(world.place / "one")
    late.encode_text("a dog")
    world.after(IDLE_S)
    with pytest.raises(ModelError):
        late.encode_text("its dog")


# --- one thing that is kept ---------------------------------------------------------


class Thing:
    """Stands for a tower."""


class Holder:
    def __init__(self, load: Callable[[], Thing], idling: Idling) -> None:
        self.kept: Kept[Thing] = Kept(load, idling, self)

    def let_go(self, now: float) -> float | None:
        return self.kept.let_go(now, 10.0)


def test_who_uses_it_keeps_it() -> None:
    clock = Time()
    idling = Idling(clock)
    holder = Holder(Thing, idling)
    used = holder.kept.get()
    alive = weakref.ref(used)
    clock.now += 10
    assert holder.let_go(clock.now) is None
    assert alive() is used
    assert holder.kept.get() is not used, "for others it is loaded anew"
    del used
    assert alive() is None
    idling.close()


def test_a_long_run_counts_from_its_end() -> None:
    clock = Time()
    idling = Idling(clock)
    holder = Holder(Thing, idling)
    thing = holder.kept.get()
    clock.now += 9
    holder.kept.used()
    clock.now += 9
    assert holder.let_go(clock.now) == clock.now + 1
    assert holder.kept.get() is thing
    idling.close()


def test_loading_is_not_waited_for() -> None:
    clock = Time()
    idling = Idling(clock)
    answers: list[float | None] = []

    def load() -> Thing:
        asked = threading.Thread(target=lambda: answers.append(holder.let_go(clock.now)))
        asked.start()
        asked.join(10)
        return Thing()

    holder = Holder(load, idling)
    holder.kept.get()
    assert answers == [clock.now + 10]
    idling.close()


def test_what_cannot_be_loaded_is_tried_again() -> None:
    idling = Idling(Time())
    failures = [ModelError("no memory")]

    def load() -> Thing:
        if failures:
            raise failures.pop()
        return Thing()

    holder = Holder(load, idling)
    with pytest.raises(ModelError):
        holder.kept.get()
    assert isinstance(holder.kept.get(), Thing)
    idling.close()


# --- a real engine ------------------------------------------------------------------


def test_memory_of_the_engine_falls_by_itself(tmp_path: Path) -> None:
    Store.open(tmp_path / "library.db").close()
    folder = heavy_models.write(tmp_path / "model", width=1 << 16)
    weights = (folder / IMAGE_GRAPH).stat().st_size
    assert weights > 200e6
    choice = ModelChoice(
        folder=folder,
        key=ModelKey("heavy"),
        dimension=heavy_models.DIMENSION,
        database=tmp_path / "library.db",
        indexes=tmp_path / "index",
        provider="cpu",
        threads=1,
        idle_s=0.5,
    )
    pixels = np.full((1, 16, 16, 3), 90, np.uint8)
    engine = RemoteEngine()
    try:
        engine.use(choice)
        engine.warm(choice.key)
        child = engine._child
        assert child is not None
        process = psutil.Process(child.pid)
        before = process.memory_info().rss
        for _ in range(2):  # it comes back, and goes again
            vector = engine.encode(choice.key, pixels).vectors[0]
            assert np.linalg.norm(vector) == pytest.approx(1.0)
            assert falls_below(process, before + 0.3 * weights)
        assert engine.encode_text(choice.key, "a dog").any()
        assert engine._child is child, "it is still the same process"
    finally:
        engine.close()


def falls_below(process: psutil.Process, limit: float) -> bool:
    """Whether a process that is above a limit comes below it by itself within ten seconds."""
    assert process.memory_info().rss > limit
    waiting = threading.Event()
    return any(process.memory_info().rss < limit or waiting.wait(0.05) for _ in range(200))
