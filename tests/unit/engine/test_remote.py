"""The engine in a child: the same answers, and what happens when it dies."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import numpy as np
import pytest

from photosearch.engine.inline import InlineEngine
from photosearch.engine.protocol import EngineState, FacePicture, ModelChoice
from photosearch.engine.remote import RemoteEngine
from photosearch.errors import EngineError, ModelError, StoreError
from photosearch.inference.registry import ModelRegistry
from photosearch.store import Store
from photosearch.types import ModelInfo, ModelKey

from .conftest import child

KEY = ModelKey("key")

PRETENDED = """
import os, sys, time
import numpy as np
from photosearch.engine import children, inline
from photosearch.engine.protocol import Encoded, EngineState
from photosearch.errors import ModelError, StoreError

class Unreadable:
    def __reduce__(self): return int, ("none",)

class Pretended:
    choice = faces = None
    def __init__(self, **_options): pass
    def use(self, *choices):
        choice = choices[0] if choices else None
        self.choice = choice
    def use_faces(self, choice): self.faces = choice
    def detect(self, key, pictures):
        if key == "die": os._exit(9)
        return str(self.faces), len(pictures)
    def encode(self, key, batch):
        if batch.max() == 255: os._exit(9)
        return Encoded(np.ones((len(batch), 2), np.float32), "x")
    def encode_text(self, key, text):
        if text == "slow": time.sleep(0.3)
        if text == "die": os._exit(9)
        if text == "model": raise ModelError("no")
        if text == "bug": raise KeyError("bug")
        if text == "unsendable": return lambda: None
        if text == "unreadable": return Unreadable()
        if text == "die once" and not os.path.exists(str(self.choice)):
            open(str(self.choice), "w").close(); os._exit(9)
        return np.array([len(text)], np.float32)
    def search(self, key, vector, k, allowed=None): return np.arange(k), np.ones(k, np.float32)
    def add(self, key, rows): raise StoreError("full")
    def remove(self, labels): pass
    def refresh(self, key): raise StoreError("refreshed " + key)
    def save(self): pass
    def state(self): return EngineState(device=str(self.choice), vectors=os.getpid())

inline.InlineEngine = Pretended
sys.exit(children.run_engine([]))
"""


@pytest.fixture
def started() -> list[int]:
    return []


@pytest.fixture
def engine(started: list[int]) -> Iterator[RemoteEngine]:
    made = RemoteEngine(child(PRETENDED, started))
    yield made
    made.close()
    assert_gone(started)


def choice(path: Path) -> ModelChoice:
    return path  # type: ignore[return-value]  # the pretended engine takes anything


def assert_gone(pids: list[int]) -> None:
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_calls_overtake_each_other(engine: RemoteEngine) -> None:
    engine.encode_text(KEY, "start")
    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(engine.encode_text, KEY, "slow")
        assert engine.encode_text(KEY, "quick") == [5.0]
        assert not slow.done()
        assert slow.result(10) == [4.0]


def test_errors_come_through_as_they_are(engine: RemoteEngine) -> None:
    with pytest.raises(ModelError, match="no"):
        engine.encode_text(KEY, "model")
    with pytest.raises(RuntimeError, match="bug"):
        engine.encode_text(KEY, "bug")
    with pytest.raises(StoreError):
        engine.add(KEY, None)  # type: ignore[arg-type]
    assert engine.encode_text(KEY, "alive") == [5.0]


def test_an_answer_that_cannot_be_sent_is_an_error(engine: RemoteEngine) -> None:
    with pytest.raises(RuntimeError):
        engine.encode_text(KEY, "unsendable")
    assert engine.encode_text(KEY, "alive") == [5.0]


def test_an_answer_that_cannot_be_read_costs_the_child(
    engine: RemoteEngine, started: list[int]
) -> None:
    with pytest.raises(EngineError):
        engine.encode_text(KEY, "unreadable")
    assert engine.encode_text(KEY, "alive") == [5.0]
    assert len(started) == 3, "the question was asked twice"


@pytest.mark.parametrize("said", [b"some library says hello", b"\x03\0\0\0\0\0\0\0abc\0\0\0\0"])
def test_stray_bytes_end_the_child(started: list[int], said: bytes) -> None:
    code = f"import os, sys; os.write(1, {said!r}); sys.stdin.buffer.read()"
    engine = RemoteEngine(child(code, started))
    with pytest.raises(EngineError):
        engine.encode_text(KEY, "x")
    engine.close()
    assert_gone(started)


def test_a_death_costs_one_batch(engine: RemoteEngine, started: list[int], tmp_path: Path) -> None:
    engine.use(choice(tmp_path / "model"))
    good = np.zeros((2, 1, 1, 3), np.uint8)
    assert len(engine.encode(KEY, good).vectors) == 2
    with pytest.raises(EngineError):
        engine.encode(KEY, good + np.uint8(255))
    assert len(engine.encode(KEY, good).vectors) == 2
    assert len(started) == 2
    assert engine.state().device == str(tmp_path / "model"), "the new child was told the model"


def test_a_query_is_asked_again(engine: RemoteEngine, started: list[int], tmp_path: Path) -> None:
    engine.use(choice(tmp_path / "marker"))
    assert engine.encode_text(KEY, "die once") == [8.0]
    assert len(started) == 2
    with pytest.raises(EngineError):
        engine.encode_text(KEY, "die")


def test_a_dead_child_and_a_change_of_model(
    engine: RemoteEngine, started: list[int], tmp_path: Path
) -> None:
    engine.encode_text(KEY, "start")
    os.kill(started[0], 9)
    engine.use(choice(tmp_path / "other"))  # must not fail, whether its death was seen or not
    assert engine.encode_text(KEY, "on") == [2.0]
    assert engine.state().device == str(tmp_path / "other")


def test_nothing_is_started_for_nothing(engine: RemoteEngine, started: list[int]) -> None:
    assert engine.state() == EngineState()
    engine.remove(np.array([1], np.int64))
    engine.save()
    engine.refresh(KEY)
    engine.use()
    assert started == []
    engine.encode_text(KEY, "start")
    with pytest.raises(StoreError, match="refreshed key"):
        engine.refresh(KEY)


def test_closed_means_closed(started: list[int]) -> None:
    engine = RemoteEngine(child(PRETENDED, started))
    engine.encode_text(KEY, "start")
    engine.close()
    with pytest.raises(EngineError):
        engine.encode_text(KEY, "more")
    engine.close()
    names = {thread.name for thread in threading.enumerate()}
    assert "engine-replies" not in names


def test_a_child_that_cannot_start() -> None:
    engine = RemoteEngine(child("raise SystemExit(3)"))
    with pytest.raises(EngineError):
        engine.encode_text(KEY, "x")
    engine.close()


HUNG = "import sys; sys.stdin.buffer.read(); import time; time.sleep(600)"


def test_a_child_that_does_not_answer_is_given_up(started: list[int]) -> None:
    engine = RemoteEngine(child(HUNG, started), start_s=0.2)
    with pytest.raises(EngineError, match="answer"):
        engine.encode_text(KEY, "x")
    engine.close()
    assert_gone(started)


def test_nobody_waits_for_a_child_that_starts(started: list[int]) -> None:
    engine = RemoteEngine(child(HUNG, started), start_s=60)
    with ThreadPoolExecutor(3) as threads:
        calls = [threads.submit(engine.encode_text, KEY, "x") for _ in range(3)]
        while not started:
            assert not wait(calls, 0.01).done
        assert engine.state() == EngineState()
        engine.save()
        engine.use(choice(Path("other")))
        engine.close()
        for call in calls:
            with pytest.raises(EngineError):
                call.result(10)
    assert len(started) == 1, "one starts it, the others wait for that"
    assert_gone(started)


def test_a_model_chosen_while_the_child_starts(started: list[int], tmp_path: Path) -> None:
    first = tmp_path / "first"
    code = PRETENDED.replace(
        "self.choice = choice",
        f"self.choice = choice; str(choice) == {str(first)!r} and (open(choice, 'w').close(), "
        "time.sleep(0.3))",
    )
    engine = RemoteEngine(child(code, started))
    engine.use(choice(first))
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(engine.encode_text, KEY, "x")
        while not first.exists():
            assert not wait([call], 0.01).done
        engine.use(choice(tmp_path / "second"))
        assert call.result(10) == [1.0]
    assert engine.state().device == str(tmp_path / "second")
    engine.close()


def test_the_child_has_a_log_of_its_own(tmp_path: Path) -> None:
    engine = RemoteEngine(log_file=tmp_path / "logs" / "engine.log")
    with pytest.raises(ModelError):
        engine.encode_text(KEY, "x")
    with pytest.raises(RuntimeError):
        engine.describe(None)  # type: ignore[arg-type]
    engine.close()
    assert "describe" in (tmp_path / "logs" / "engine.log").read_text()


# --- with a real model ---


@pytest.fixture(scope="module")
def model(models: Path, tmp_path_factory: pytest.TempPathFactory) -> ModelInfo:
    registry = ModelRegistry(tmp_path_factory.mktemp("registry") / "models.json")
    return registry.add(models / "standin-clip")


def chosen(model: ModelInfo, place: Path) -> ModelChoice:
    return ModelChoice(
        folder=Path(model.folder),
        key=model.key,
        dimension=model.dimension,
        database=place / "library.db",
        indexes=place / "index",
        provider="cpu",
        threads=1,
    )


def test_inline_and_remote_agree(model: ModelInfo, tmp_path: Path) -> None:
    Store.open(tmp_path / "library.db").close()
    batch = np.random.default_rng(1).integers(0, 255, (3, 224, 224, 3), np.uint8)
    inline, remote = InlineEngine(), RemoteEngine()
    try:
        for engine in (inline, remote):
            engine.use(chosen(model, tmp_path))
        here, there = inline.encode(model.key, batch), remote.encode(model.key, batch)
        assert np.array_equal(here.vectors, there.vectors)
        assert here.variant == there.variant == "float32-cpu"
        text = inline.encode_text(model.key, "a dog")
        assert np.array_equal(text, remote.encode_text(model.key, "a dog"))
        assert np.linalg.norm(text) == pytest.approx(1, abs=1e-5)
        assert inline.search(model.key, text, 5)[0].tolist() == []
        assert remote.search(model.key, text, 5)[0].tolist() == []
        assert inline.state() == remote.state()
        for engine in (inline, remote):
            with pytest.raises(ModelError):
                engine.encode_text(ModelKey("another"), "a dog")
            engine.use()
            with pytest.raises(ModelError):
                engine.encode_text(model.key, "a dog")
    finally:
        inline.close()
        remote.close()


def test_a_new_child_is_told_the_face_pack_too(engine: RemoteEngine, started: list[int]) -> None:
    pictures = [FacePicture(np.zeros((4, 4, 3), np.uint8))] * 2
    engine.use_faces(Path("first"))  # type: ignore[arg-type]
    assert engine.detect(KEY, pictures) == ("first", 2)
    with pytest.raises(EngineError):
        engine.detect(ModelKey("die"), pictures)
    assert engine.detect(KEY, pictures) == ("first", 2)
    engine.use_faces(Path("second"))  # type: ignore[arg-type]
    assert engine.detect(KEY, pictures) == ("second", 2)
    with pytest.raises(EngineError):
        engine.detect(ModelKey("die"), pictures)
    engine.use_faces(None)
    assert engine.detect(KEY, pictures) == ("None", 2)
    assert len(started) == 3
