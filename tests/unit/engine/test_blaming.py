"""Models that fail while they work: damaged files are named, prepared graphs are given up."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest
import tiny_faces
import tiny_models

from photosearch.engine.inline import InlineEngine
from photosearch.engine.protocol import AS_IT_IS, FaceChoice, FacePicture, ModelChoice
from photosearch.errors import ModelError
from photosearch.inference import record
from photosearch.inference.hub import verifying
from photosearch.inference.hub.verifying import Suspicion
from photosearch.inference.record import HubFile
from photosearch.store import Store
from photosearch.types import ModelKey, Plan, Tower

KEY = ModelKey("tiny")
PIXELS = np.full((2, 8, 8, 3), 128, np.uint8)
WHITE = FacePicture(np.full((256, 256, 3), 255, np.uint8))


def recorded(folder: Path) -> Path:
    """Note which bytes the files have, as is done for a model that was fetched."""
    files = {}
    for path in folder.rglob("*"):
        if path.is_file() and path.name != record.NAME:
            content = path.read_bytes()
            sha256 = hashlib.sha256(content).hexdigest()
            name = path.relative_to(folder).as_posix()
            files[name] = HubFile("some/repository", name, "main", len(content), sha256)
    record.write(folder, files)
    return folder


def spoil(path: Path) -> None:
    """Have a graph give no numbers; size and time of its file stay as they are."""
    before = path.stat()
    content = path.read_bytes()
    for each in onnx.load_from_string(content).graph.initializer:
        content = content.replace(each.raw_data, b"\xff" * len(each.raw_data))
    assert content != path.read_bytes()
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return recorded(tiny_models.write(tmp_path / "tiny"))


@pytest.fixture
def engine() -> Iterator[InlineEngine]:
    made = InlineEngine()
    yield made
    made.close()


def use(engine: InlineEngine, folder: Path, plan: Plan = AS_IT_IS) -> None:
    database = folder.parent / "library.db"
    Store.open(database).close()
    choice = ModelChoice(folder, KEY, 4, database, folder.parent / "index", "cpu", plan=plan)
    engine.use(choice)


@pytest.mark.parametrize("half", ["visual", "textual"])
def test_weights_that_rotted(engine: InlineEngine, model: Path, half: str) -> None:
    graph = model / half / "model.onnx"
    sound = graph.read_bytes()
    spoil(graph)
    use(engine, model)
    for _ in range(2):
        with pytest.raises(ModelError) as caught:
            engine.encode(KEY, PIXELS) if half == "visual" else engine.encode_text(KEY, "dog")
        assert str(caught.value).startswith(f"{half}/model.onnx of the model “tiny” is damaged")
    graph.write_bytes(sound)  # repaired: it is loaded anew without being chosen anew
    assert np.isfinite(engine.encode(KEY, PIXELS).vectors).all()
    assert np.isfinite(engine.encode_text(KEY, "dog")).all()


def test_sound_files_are_not_blamed_and_read_once(
    engine: InlineEngine, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from photosearch.inference.hub import verifying

    spoil(model / "visual" / "model.onnx")
    recorded(model)  # it came like that
    use(engine, model)
    read = []
    real = verifying.broken_files
    monkeypatch.setattr(
        verifying, "broken_files", lambda folder: read.append(folder) or real(folder)
    )
    for _ in range(3):
        with pytest.raises(ModelError, match="not numbers"):
            engine.encode(KEY, PIXELS)
    assert read == [model]


def test_a_prepared_graph_that_rotted_is_given_up(engine: InlineEngine, model: Path) -> None:
    prepared = model.parent / "prepared.onnx"
    shutil.copy(model / "visual" / "model.onnx", prepared)
    spoil(prepared)
    use(engine, model, Plan(Tower(str(prepared), "int8", 16), device="cpu"))
    made = engine.encode(KEY, PIXELS)
    assert np.isfinite(made.vectors).all()
    assert made.variant == "float32-cpu"
    assert "The model runs as it is" in " ".join(engine.state().notices)


@pytest.mark.parametrize("part", ["detection", "recognition"])
def test_a_face_pack_that_rotted_finds_not_nobody(
    engine: InlineEngine, tmp_path: Path, part: str
) -> None:
    pack = recorded(tiny_faces.write(tmp_path / "pack"))
    sound = (pack / part / "model.onnx").read_bytes()
    spoil(pack / part / "model.onnx")
    engine.use_faces(FaceChoice(pack, KEY, "cpu", 1))
    with pytest.raises(ModelError, match=f"{part}/model.onnx of the model “pack” is damaged"):
        engine.detect(KEY, [WHITE])
    (pack / part / "model.onnx").write_bytes(sound)
    assert engine.detect(KEY, [WHITE]).faces[0]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders of which every byte was read."""
    folders: list[Path] = []
    real = verifying.broken_files

    def counted(folder: Path) -> tuple[str, ...]:
        folders.append(folder)
        return real(folder)

    monkeypatch.setattr(verifying, "broken_files", counted)
    return folders


def test_two_threads_suspect_at_once_and_one_reads(
    model: Path, read: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    suspicion, real = Suspicion(model), verifying.broken_files
    other = threading.Event()

    def slow(folder: Path) -> tuple[str, ...]:
        other.wait(0.5)  # nobody else comes meanwhile
        other.set()
        return real(folder)

    monkeypatch.setattr(verifying, "broken_files", slow)
    spoil(model / "visual" / "model.onnx")
    with ThreadPoolExecutor(2) as threads:
        said = list(threads.map(lambda _: suspicion.damage(), range(2)))
    assert said[0] == said[1] != ""
    assert read == [model]


def test_a_file_that_is_gone_has_the_others_read_once(model: Path, read: list[Path]) -> None:
    graph = model / "visual" / "model.onnx"
    content = graph.read_bytes()
    graph.unlink()
    suspicion = Suspicion(model)
    assert suspicion.damage() == suspicion.damage() != ""
    assert read == [model]
    graph.write_bytes(content)
    assert suspicion.damage() == ""
    (model / "textual" / "model.onnx").unlink()
    assert "textual/model.onnx" in suspicion.damage()
    assert read == [model] * 3
