"""open_clip's models become folders that the program reads, or a sentence says why not.

With random weights and very small towers; open_clip itself is the oracle. What published
architectures make of it was tried by hand: their weights are on the hub.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import tiny_open_clip
from tiny_open_clip import Training

from photosearch.errors import ModelError
from photosearch.inference import record
from photosearch.inference.conversion import converting, libraries, loading
from photosearch.inference.conversion.comparing import LEAST, SENTENCES, compare
from photosearch.inference.conversion.exporting import WEIGHTS, export_words
from photosearch.inference.encoders import open_image_encoder, open_text_encoder
from photosearch.inference.fingerprint import model_files
from photosearch.inference.model_folder import inspect
from photosearch.types import Conversion, ConversionProgress

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True)
class Converted:
    """A training, and the folder it became."""

    training: Training
    folder: Path
    steps: tuple[ConversionProgress, ...]


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    place = tmp_path_factory.mktemp("converted")
    training = tiny_open_clip.write_training(place)
    steps: list[ConversionProgress] = []
    (place / "mine").mkdir()
    notes = converting.convert(training.conversion(), place / "mine", steps.append)
    assert notes == ()
    return Converted(training, place / "mine", tuple(steps))


def cosine(ours: Any, theirs: Any) -> float:
    theirs = theirs / np.linalg.norm(theirs, axis=1, keepdims=True)
    return float((ours * theirs).sum(axis=1).min())


# --- what is made -----------------------------------------------------------------


def test_a_training_of_ones_own_agrees_with_open_clip(converted: Converted) -> None:
    torch = libraries.load().torch
    loaded = loading.load(converted.training.conversion())
    random = np.random.default_rng(5)
    pixels = random.integers(0, 256, (7, 32, 32, 3), np.uint8)
    images = open_image_encoder(converted.folder)
    mean, std = np.array(images.spec.mean), np.array(images.spec.std)
    tensors = ((pixels / 255 - mean) / std).transpose(0, 3, 1, 2).astype(np.float32)
    tokenizer = libraries.load().open_clip.tokenizer.SimpleTokenizer()
    with torch.no_grad():
        pictures = loaded.model.encode_image(torch.from_numpy(tensors)).numpy()
        words = loaded.model.encode_text(tokenizer(list(SENTENCES))).numpy()
    assert cosine(images.encode(pixels), pictures) >= LEAST
    assert cosine(open_text_encoder(converted.folder).encode(SENTENCES), words) >= LEAST


def test_the_folder_is_a_model_like_the_others(converted: Converted) -> None:
    model = inspect(converted.folder)
    assert (model.dimension, model.context_length) == (24, 77)
    assert (model.image.batch, model.text.batch) == (None, None)
    assert model.text.type == "int32"
    assert model.preprocess.mean == pytest.approx((0.48145466, 0.4578275, 0.40821073))
    for half in ("visual", "textual"):
        graph = onnx.load(str(converted.folder / half / "model.onnx"))
        assert graph.ir_version <= 10
        assert [each.version for each in graph.opset_import] == [17]
    names = {
        path.relative_to(converted.folder).as_posix() for path in model_files(converted.folder)
    }
    there = {
        path.relative_to(converted.folder).as_posix()
        for path in converted.folder.rglob("*")
        if path.is_file()
    }
    assert record.read(converted.folder).keys() == names
    assert there - {record.NAME} == names, "nothing else is left in it"


def test_it_tells_what_it_is_at(converted: Converted) -> None:
    assert [step.stage for step in converted.steps] == list(converting.STAGES[:-1])
    assert [step.step for step in converted.steps] == [1, 2, 3, 4]


def test_weights_that_one_file_cannot_hold_lie_beside_the_graph(
    converted: Converted, tmp_path: Path
) -> None:
    loaded = loading.load(converted.training.conversion())
    path = tmp_path / "textual" / "model.onnx"
    export_words(loaded, path, one_file=1_000_000)
    assert [each.name for each in sorted(path.parent.iterdir())] == [path.name, WEIGHTS]
    assert path.stat().st_size < 100_000
    again = tmp_path / "model"
    for part in ("visual", "textual"):
        (again / part).mkdir(parents=True)
        for file in (converted.folder / part).iterdir():
            (again / part / file.name).write_bytes(file.read_bytes())
    (again / "config.json").write_bytes((converted.folder / "config.json").read_bytes())
    for file in path.parent.iterdir():
        file.replace(again / "textual" / file.name)
    ours = open_text_encoder(again).encode(SENTENCES)
    assert np.allclose(ours, open_text_encoder(converted.folder).encode(SENTENCES), atol=1e-6)


TOWERS: tuple[tuple[str, Callable[[Path], Path], dict[str, Any]], ...] = (
    ("xlm-roberta", tiny_open_clip.xlm_roberta, {}),
    ("nllb", tiny_open_clip.nllb, {"hf_pooler_type": "cls_pooler"}),
    ("mt5", tiny_open_clip.siglip, {"tokenizer_kwargs": {"clean": "canonicalize"}}),
)


@pytest.mark.parametrize(("kind", "words", "more"), TOWERS, ids=[each[0] for each in TOWERS])
def test_towers_of_transformers(
    kind: str, words: Callable[[Path], Path], more: dict[str, Any], tmp_path: Path
) -> None:
    pytest.importorskip("transformers", reason="these towers are made by transformers")
    text = tiny_open_clip.hugging_text(tmp_path, kind, words(tmp_path / "words"), **more)
    training = tiny_open_clip.write_training(tmp_path, f"tiny-{kind}", text)
    (tmp_path / "mine").mkdir()
    assert converting.convert(training.conversion(), tmp_path / "mine", lambda _: None) == ()
    model = inspect(tmp_path / "mine")
    assert model.text.type == "int64"
    assert model.context_length == 77
    encoder = open_text_encoder(tmp_path / "mine")
    english, german = (encoder.encode(["a dog"], each)[0] for each in ("en", "de"))
    assert np.allclose(english, german) == (kind != "nllb")


def test_a_checkpoint_is_prepared_for_as_what_lies_beside_it_says(
    converted: Converted, tmp_path: Path
) -> None:
    weights = tmp_path / "weights.pt"
    weights.write_bytes(converted.training.checkpoint.read_bytes())
    said = {"mean": [0.5] * 3, "std": [0.25] * 3, "resize_mode": "squash", "size": 32}
    (tmp_path / "open_clip_config.json").write_text(json.dumps({"preprocess_cfg": said}))
    request = replace(converted.training.conversion(), checkpoint=str(weights))
    preprocess = loading.load(request).preprocess
    assert (list(preprocess["std"]), preprocess["resize_mode"]) == ([0.25] * 3, "squash")


def test_a_checkpoint_without_more_is_prepared_for_as_the_published_weights() -> None:
    siglip = loading.published_preprocess("ViT-B-16-SigLIP")
    assert siglip is not None
    assert (siglip["mean"], siglip["resize_mode"]) == ((0.5, 0.5, 0.5), "squash")
    assert loading.published_preprocess("ViT-B-32") is not None
    assert loading.published_preprocess("an architecture of one's own") is None


# --- what is refused --------------------------------------------------------------


def test_a_model_that_became_another_is_refused(converted: Converted) -> None:
    torch = libraries.load().torch
    loaded = loading.load(converted.training.conversion())
    words = converting.write_words(loaded, converted.folder / "textual", "")
    compare(loaded, converted.folder, words)
    with torch.no_grad():
        loaded.model.visual.proj.add_(torch.randn(loaded.model.visual.proj.shape))
    with pytest.raises(ModelError, match=r"other vectors for pictures .* not 0\.9999"):
        compare(loaded, converted.folder, words)
    loaded = loading.load(converted.training.conversion())
    with torch.no_grad():
        loaded.model.text_projection.fill_(float("nan"))
    with pytest.raises(ModelError, match="other vectors for texts"):
        compare(loaded, converted.folder, words)
    prepared = replace(loaded, preprocess={**loaded.preprocess, "mean": (0.9, 0.1, 0.1)})
    with pytest.raises(ModelError, match="prepared in another way"):
        compare(prepared, converted.folder, words)


class Ran:
    """Writes a file where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def test_code_in_a_checkpoint_is_never_run(converted: Converted, tmp_path: Path) -> None:
    ran, file = tmp_path / "ran", tmp_path / "bad.pt"
    libraries.load().torch.save({"state_dict": {"a": Ran(ran)}}, file)
    with pytest.raises(ModelError, match=r"bad\.pt holds more than weights"):
        loading.load(replace(converted.training.conversion(), checkpoint=str(file)))
    assert not ran.exists()


@pytest.mark.parametrize("content", [b"", b"hello, this is a text", bytes(range(256)) * 4])
@pytest.mark.parametrize("ending", ["pt", "safetensors"])
def test_a_file_that_is_no_checkpoint(
    content: bytes, ending: str, converted: Converted, tmp_path: Path
) -> None:
    file = tmp_path / f"file.{ending}"
    file.write_bytes(content)
    with pytest.raises(ModelError, match=r"is not a checkpoint that open_clip can read") as raised:
        loading.load(replace(converted.training.conversion(), checkpoint=str(file)))
    assert "weights_only" not in str(raised.value)


@pytest.mark.parametrize("content", [{}, [1, 2], {"state_dict": {}}, {"state_dict": [3]}])
def test_a_checkpoint_of_something_else(content: Any, converted: Converted, tmp_path: Path) -> None:
    file = tmp_path / "file.pt"
    libraries.load().torch.save(content, file)
    with pytest.raises(ModelError, match=r"file\.pt is not a checkpoint"):
        loading.load(replace(converted.training.conversion(), checkpoint=str(file)))


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"layers": 2}, r"transformer.* and \d+ more are too many"),
        ({"vocab_size": 500}, r"token_embedding.weight is \[500, 32\] instead of \[49408, 32\]"),
        ({"width": 48}, "those of another model"),
    ],
)
def test_a_checkpoint_of_another_architecture(
    other: dict[str, Any], words: str, converted: Converted, tmp_path: Path
) -> None:
    made = tiny_open_clip.write_training(tmp_path, "other", {**tiny_open_clip.TEXT, **other})
    request = replace(converted.training.conversion(), checkpoint=str(made.checkpoint))
    with pytest.raises(ModelError, match=f"do not fit tiny: .*{words}"):
        loading.load(request)


def test_an_unknown_architecture_gets_names_like_it() -> None:
    with pytest.raises(ModelError, match=r"no architecture “vit-b32”.*ViT-B-32[,.]"):
        loading.load(Conversion("x", "vit-b32", pretrained="openai"))
    with pytest.raises(ModelError, match=r"no architecture “local-dir:/x”"):
        loading.load(Conversion("x", "local-dir:/x", pretrained="openai"))


def test_an_unknown_tag_gets_the_list_of_tags() -> None:
    with pytest.raises(ModelError, match=r"no published weights “webli2”\. There are: webli\."):
        loading.load(Conversion("x", "ViT-B-16-SigLIP", pretrained="webli2"))
    with pytest.raises(ModelError, match="There are none: give a file"):
        loading.load(Conversion("x", "ViT-S-32-alt", pretrained="openai"))


def test_weights_that_cannot_be_fetched() -> None:
    """The tests are offline."""
    with pytest.raises(ModelError, match=r"weights webli of ViT-B-16-SigLIP could not be fetched"):
        loading.load(Conversion("x", "ViT-B-16-SigLIP", pretrained="webli"))


@pytest.mark.parametrize(
    ("content", "words"),
    [("{", "is no configuration"), ("[]", "embed_dim is missing"), (None, "cannot be read")],
)
def test_a_configuration_that_is_none(content: str | None, words: str, tmp_path: Path) -> None:
    file = tmp_path / "own.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ModelError, match=words):
        loading.load(Conversion("x", str(file), checkpoint="y.pt"))


def test_a_disk_without_room_is_said_before(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"needs 1\.1 GB in .*, but 0\.5 GB are free"):
        converting.check_space(tmp_path / "x", 1_000_000_000, 500_000_000)
    converting.check_space(tmp_path / "x", 1_000_000_000, 1_200_000_000)


def test_a_disk_that_becomes_full_is_said(
    converted: Converted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path / "mine" / "x"))

    monkeypatch.setattr(converting, "export_words", full)
    (tmp_path / "mine").mkdir()
    with pytest.raises(ModelError, match="The disk is full"):
        converting.convert(converted.training.conversion(), tmp_path / "mine", lambda _: None)


def test_every_architecture_is_known_with_its_tags() -> None:
    known = loading.known()
    assert "webli" in known["ViT-B-16-SigLIP"]
    assert known["ViT-S-32-alt"] == ()
