"""The engine in this process: what waits for what."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import tiny_models

from photosearch.engine import loaded
from photosearch.engine.inline import InlineEngine
from photosearch.engine.protocol import ModelChoice
from photosearch.types import ModelKey

KEY = ModelKey("key")


def test_a_query_does_not_wait_for_the_image_tower_to_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_models.write(tmp_path / "model")
    loading, go, real = threading.Event(), threading.Event(), loaded.open_image_encoder

    def slow(*values: object) -> object:
        loading.set()
        assert go.wait(10)
        return real(*values)  # type: ignore[arg-type]

    monkeypatch.setattr(loaded, "open_image_encoder", slow)
    engine = InlineEngine()
    engine.use(
        ModelChoice(
            tmp_path / "model", KEY, 4, tmp_path / "library.db", tmp_path / "index", "cpu", 1
        )
    )
    with ThreadPoolExecutor(2) as threads:
        pictures = threads.submit(engine.encode, KEY, np.zeros((1, 8, 8, 3), np.uint8))
        assert loading.wait(10)
        assert threads.submit(engine.encode_text, KEY, "a dog").result(10).shape == (4,)
        assert not pictures.done()
        go.set()
        made = pictures.result(10)
    assert made.vectors.shape == (1, 4)
    assert made.variant == "float32-cpu"
    engine.close()


def test_no_pictures_at_all_load_the_image_tower(tmp_path: Path) -> None:
    """That is how a run has it loaded while photos are still being read."""
    folder = tiny_models.write(tmp_path / "model")
    engine = InlineEngine()
    engine.use(ModelChoice(folder, KEY, 4, tmp_path / "library.db", tmp_path / "index", "cpu", 1))
    assert engine.state().device == ""
    made = engine.encode(KEY, np.zeros((0, 8, 8, 3), np.uint8))
    assert made.vectors.shape == (0, 4)
    assert engine.state().device == "CPU"
    engine.close()
