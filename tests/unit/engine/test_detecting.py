"""The face pack beside the search model: chosen, changed, and giving way to queries."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from photosearch.engine.gate import Gate
from photosearch.engine.inline import InlineEngine
from photosearch.engine.protocol import FaceChoice, FacePicture
from photosearch.errors import ModelError
from photosearch.inference import faces
from photosearch.inference.placement import Placement
from photosearch.inference.providers import CPU
from photosearch.types import DetectedFace, ModelKey, Pixels

KEY = ModelKey("pack")
BLACK = FacePicture(np.zeros((64, 64, 3), np.uint8))


_OPENED = SimpleNamespace(device=CPU, placement=Placement(), notice="A slower device is used.")


class Analyser:
    """Runs its detector three times for each picture, finds nothing, and says what happened."""

    variant = "pretend"
    dimension = 4
    met_nonsense = False
    sessions = (
        ("detector", _OPENED),
        ("recogniser", _OPENED),
    )

    def __init__(self) -> None:
        self.runs = 0
        self.begun, self.go = threading.Event(), threading.Event()
        self.turn: Callable[[], AbstractContextManager[None]] = nullcontext

    def opened(
        self,
        folder: Path,
        device: object,
        threads: int,
        turn: Callable[[], AbstractContextManager[None]],
    ) -> Analyser:
        self.turn = turn
        return self

    def analyse(
        self, picture: Pixels, scale: float = 1.0, fitted: Pixels | None = None
    ) -> tuple[DetectedFace, ...]:
        for _ in range(3):
            with self.turn():
                self.runs += 1
                self.begun.set()
                assert self.go.wait(10)
        return ()


@pytest.fixture
def analyser(monkeypatch: pytest.MonkeyPatch) -> Analyser:
    made = Analyser()
    monkeypatch.setattr(faces, "open_face_analyser", made.opened)
    return made


def choice(key: ModelKey = KEY) -> FaceChoice:
    return FaceChoice(Path("pack"), key, "cpu", 1)


def test_the_pack_that_is_meant(analyser: Analyser) -> None:
    engine = InlineEngine()
    with pytest.raises(ModelError, match="No face pack"):
        engine.detect(KEY, [BLACK])
    engine.use_faces(choice())
    with pytest.raises(ModelError, match="changed"):
        engine.detect(ModelKey("other"), [BLACK])
    analyser.go.set()
    made = engine.detect(KEY, [BLACK, BLACK])
    assert (made.faces, made.variant) == (((), ()), "pretend")
    assert engine.state().device == "CPU"
    assert engine.state().notices == ("A slower device is used.",)
    engine.use_faces(None)
    assert engine.state().notices == ()
    engine.close()


def test_a_query_goes_before_the_next_run(analyser: Analyser) -> None:
    """A crowd takes many runs: who waits at the screen waits for one of them."""
    engine = InlineEngine()
    engine.use_faces(choice())
    gate: Gate = engine._gate
    before: list[int] = []

    def query() -> None:
        with gate.urgent():
            before.append(analyser.runs)

    with ThreadPoolExecutor(2) as threads:
        work = threads.submit(engine.detect, KEY, [BLACK])
        assert analyser.begun.wait(10)
        asked = threads.submit(query)
        waiting = threading.Event()
        for _ in range(1000):
            if gate._urgent:
                break
            waiting.wait(0.01)
        analyser.go.set()
        asked.result(10)
        work.result(10)
    assert before == [1]
    assert analyser.runs == 3
    engine.close()


def test_pictures_go_side_by_side_on_a_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[int] = []
    meeting = threading.Barrier(2, timeout=10)  # broken unless two are looked at at once

    class Meeting(Analyser):
        def opened(self, folder: Path, device: object, threads: int, turn: Any) -> Analyser:
            opened.append(threads)
            return self

        def analyse(
            self, picture: Pixels, scale: float = 1.0, fitted: Pixels | None = None
        ) -> tuple[DetectedFace, ...]:
            meeting.wait()
            return ()

    monkeypatch.setattr(faces, "open_face_analyser", Meeting().opened)
    engine = InlineEngine()
    engine.use_faces(FaceChoice(Path("pack"), KEY, "cpu", 5))
    assert engine.detect(KEY, [BLACK] * 4).faces == ((),) * 4
    assert opened == [2], "of five threads two for each of two pictures"
    engine.close()


def test_a_real_pack(models: Path, photos: Path) -> None:
    from photosearch.media.decode import open_picture

    engine = InlineEngine()
    engine.use_faces(FaceChoice(models / "standin-faces", KEY, "cpu", 1))
    path = sorted((photos / "people/images").rglob("*.jpg"))[0]
    pixels = np.asarray(open_picture(path.read_bytes()).image, np.uint8)
    (found,) = engine.detect(KEY, [FacePicture(pixels, 2.0)]).faces
    engine.close()
    assert found
    assert found[0].vector.shape == (128,)
    box = found[0].box
    shorter = min(box.width * pixels.shape[1], box.height * pixels.shape[0])
    assert found[0].size_px == pytest.approx(2 * shorter, rel=0.01)
