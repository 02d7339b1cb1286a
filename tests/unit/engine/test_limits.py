"""What a real decoding child may not do, and who goes first at the device."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import tiny_models

from photosearch.engine import loaded
from photosearch.engine.children import DECODER_MEMORY_BYTES
from photosearch.engine.inline import InlineEngine
from photosearch.engine.protocol import ModelChoice
from photosearch.engine.wire import READY, start_child
from photosearch.types import ModelKey

KEY = ModelKey("key")


@pytest.mark.skipif(sys.platform != "linux", reason="limits are read from /proc")
def test_a_real_decoder_is_gentle_and_bounded() -> None:
    process, wire = start_child("--decoder", "--limit=30", gentle=True)
    try:
        assert wire.receive() == READY
        limits = Path(f"/proc/{process.pid}/limits").read_text(encoding="ascii").splitlines()
        space = next(line.split() for line in limits if line.startswith("Max address space"))
        assert int(space[3]) == DECODER_MEMORY_BYTES
        nice = os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == min(19, nice + 10)
        assert os.getpgid(process.pid) != os.getpgid(0), "Ctrl+C is not for it"
        assert os.getsid(process.pid) == os.getsid(0), "being nice counts within a session only"
    finally:
        wire.close()
        assert process.wait(10) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there it is as urgent as the window")
def test_a_real_engine_stands_back_from_the_window() -> None:
    process, wire = start_child("--engine", gentle=False)
    try:
        wire.send((1, "state", ()))
        assert wire.receive()[:2] == (1, True)
        nice = os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == min(19, nice + 10)
    finally:
        wire.close()
        assert process.wait(20) == 0


def test_a_query_goes_before_batches_that_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_models.write(tmp_path / "model")
    order: list[str] = []
    held, go = threading.Event(), threading.Event()
    real_image, real_text = loaded.ImageEncoder.encode, loaded.TextEncoder.encode

    def image(encoder: loaded.ImageEncoder, batch: loaded.PixelBatch) -> object:
        order.append("batch")
        held.set()
        assert go.wait(10)
        return real_image(encoder, batch)

    def text(encoder: loaded.TextEncoder, texts: list[str], language: str) -> object:
        order.append("query")
        return real_text(encoder, texts)

    monkeypatch.setattr(loaded.ImageEncoder, "encode", image)
    monkeypatch.setattr(loaded.TextEncoder, "encode", text)
    engine = InlineEngine()
    library, index = tmp_path / "library.db", tmp_path / "index"
    engine.use(ModelChoice(tmp_path / "model", KEY, 4, library, index, "cpu", 1))
    pixels = np.zeros((1, 8, 8, 3), np.uint8)
    with ThreadPoolExecutor(4) as threads:
        calls = [threads.submit(engine.encode, KEY, pixels)]
        assert held.wait(10)
        calls += [threads.submit(engine.encode, KEY, pixels) for _ in range(2)]
        calls.append(threads.submit(engine.encode_text, KEY, "a dog"))
        queued = threading.Event()
        for _ in range(1000):
            if engine._gate._urgent:
                break
            queued.wait(0.01)
        assert engine._gate._urgent == 1
        go.set()
        for call in calls:
            call.result(10)
    engine.close()
    assert order == ["batch", "query", "batch", "batch"]
