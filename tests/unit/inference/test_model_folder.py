"""A model folder is read from its own files, and says what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny_models import Tiny, write

from photosearch.errors import ModelError
from photosearch.inference.fingerprint import external_data, model_key
from photosearch.inference.model_folder import inspect


def test_the_stand_in_is_read(models: Path) -> None:
    model = inspect(models / "standin-clip")
    assert (model.name, model.dimension, model.context_length) == ("standin-clip", 512, 77)
    assert (model.preprocess.height, model.preprocess.width) == (224, 224)
    assert (model.preprocess.interpolation, model.preprocess.resize_mode) == ("bicubic", "shortest")
    image, text = model.image, model.text
    assert (image.input, image.type, image.output) == ("pixel_values", "float32", "image_embeds")
    assert (text.input, text.type, text.output) == ("input_ids", "int64", "text_embeds")
    assert image.batch is None
    rules = model.text_rules
    assert (rules.pad_token, rules.pad_id, rules.clean) == ("<|endoftext|>", 49407, "lower")
    on_disk = (models / "standin-clip").rglob("*")
    assert model.bytes_on_disk == sum(path.stat().st_size for path in on_disk if path.is_file())


@pytest.mark.parametrize("name", ["standin-faces", "standin-faces-free"])
def test_a_face_pack_is_named_as_one(models: Path, name: str) -> None:
    with pytest.raises(ModelError, match="is a face pack, not a search model"):
        inspect(models / name)


def test_a_folder_that_is_no_model_says_what_is_missing(tmp_path: Path) -> None:
    folder = write(tmp_path / "model")
    (folder / "visual" / "model.onnx").unlink()
    with pytest.raises(ModelError) as caught:
        inspect(folder)
    assert str(caught.value) == f"{folder} is not a search model: visual/model.onnx is missing."
    (folder / "textual" / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"model\.onnx and textual/tokenizer\.json are missing\.$"):
        inspect(folder)
    with pytest.raises(ModelError, match="does not exist"):
        inspect(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "tiny",
    [
        Tiny(ids_type="int32"),
        Tiny(image_type="float16"),
        Tiny(batch=1),
        Tiny(batch=3, ids_type="int32", image_type="float16"),
        Tiny(mask=True),
        Tiny(open_dimension=True),
        Tiny(pooled=True),
        Tiny(dimension=3, pooled=True),
        Tiny(external=True),
    ],
)
def test_graphs_tell_their_own_shape(tmp_path: Path, tiny: Tiny) -> None:
    model = inspect(write(tmp_path / "model", tiny))
    assert model.dimension == tiny.dimension
    assert (model.image.type, model.text.type) == (tiny.image_type, tiny.ids_type)
    assert model.image.batch == (tiny.batch if isinstance(tiny.batch, int) else None)
    assert model.image.output == "image_embeds"
    assert model.text.mask == ("attention_mask" if tiny.mask else "")
    assert model.context_length == tiny.length


def test_the_dimension_may_be_left_out_of_the_configuration(tmp_path: Path) -> None:
    folder = write(tmp_path / "model", Tiny(config={"embed_dim": None}))
    assert inspect(folder).dimension == 4


def test_a_wrong_dimension_names_both_numbers(tmp_path: Path) -> None:
    folder = write(tmp_path / "model", Tiny(config={"embed_dim": 640}))
    with pytest.raises(ModelError, match=r"640 .*visual/model\.onnx gives 4\."):
        inspect(folder)
    folder = write(tmp_path / "two", Tiny(text_dimension=5, config={"embed_dim": None}))
    with pytest.raises(ModelError, match="pictures become 4 numbers, texts 5"):
        inspect(folder)


def test_the_graph_decides_the_length_of_texts(tmp_path: Path) -> None:
    folder = write(tmp_path / "model", Tiny(length=6, config={"text_cfg": {"context_length": 64}}))
    assert inspect(folder).context_length == 6


def test_preprocessing_must_fit_the_graph(tmp_path: Path) -> None:
    folder = write(tmp_path / "model")
    (folder / "visual" / "preprocess_cfg.json").write_text('{"size": 16}')
    with pytest.raises(ModelError, match=r"takes pictures of 8 pixels, .* says 16 x 16"):
        inspect(folder)


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("config.json", b"{"),
        ("config.json", b"[]"),
        ("config.json", b'{"embed_dim": "many"}'),
        ("config.json", b'{"text_cfg": {"tokenizer_kwargs": {"clean": "thoroughly"}}}'),
        ("visual/preprocess_cfg.json", b"\xff\xfe"),
        ("visual/preprocess_cfg.json", b'{"size": [1, 2, 3]}'),
        ("visual/preprocess_cfg.json", b'{"resize_mode": "melt"}'),
        ("visual/preprocess_cfg.json", b'{"mean": [1, 2]}'),
        ("textual/tokenizer.json", b"{}"),
        ("visual/model.onnx", b"not a graph"),
        ("visual/model.onnx", b""),
        ("textual/model.onnx", b"\x00" * 100),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, part: str, content: bytes) -> None:
    folder = write(tmp_path / "model")
    (folder / part).write_bytes(content)
    with pytest.raises(ModelError) as caught:
        inspect(folder)
    assert Path(part).name in str(caught.value)
    assert str(caught.value).endswith(".")


def test_towers_in_each_others_place_are_recognised(tmp_path: Path) -> None:
    folder = write(tmp_path / "model")
    visual, textual = folder / "visual" / "model.onnx", folder / "textual" / "model.onnx"
    image, text = visual.read_bytes(), textual.read_bytes()
    visual.write_bytes(text)
    with pytest.raises(ModelError, match=r"is not an image tower: .* takes ids int64 \[\?, 6\]"):
        inspect(folder)
    visual.write_bytes(image)
    textual.write_bytes(image)
    with pytest.raises(ModelError, match="is not a text tower"):
        inspect(folder)


def test_external_weights_belong_to_the_model(tmp_path: Path) -> None:
    folder = write(tmp_path / "model", Tiny(external=True))
    weights = folder / "visual" / "weights.bin"
    (folder / "visual" / "model_fp16.onnx").write_bytes(b"another precision")
    assert external_data(folder / "visual" / "model.onnx") == (weights,)
    size = inspect(folder).bytes_on_disk
    before = model_key(folder)
    changed = bytearray(weights.read_bytes())
    changed[0] ^= 1
    weights.write_bytes(changed)
    assert model_key(folder) != before
    (folder / "visual" / "model_fp16.onnx").write_bytes(b"a longer other precision")
    assert inspect(folder).bytes_on_disk == size
    weights.unlink()
    with pytest.raises(ModelError, match=r"visual/model\.onnx cannot be loaded"):
        inspect(folder)


def test_the_key_tells_what_changes_a_vector(tmp_path: Path) -> None:
    folder, same = write(tmp_path / "one"), write(tmp_path / "two")
    key = model_key(folder)
    assert len(key) == 32
    assert model_key(same) == key  # neither name nor place counts
    config = json.loads((same / "config.json").read_text())
    (same / "config.json").write_text(json.dumps({**config, "note": "hello"}))
    assert model_key(same) == key
    config["text_cfg"]["tokenizer_kwargs"] = {"clean": "lower"}
    (same / "config.json").write_text(json.dumps(config))
    assert model_key(same) != key
    for part in ("visual/preprocess_cfg.json", "textual/tokenizer.json", "visual/model.onnx"):
        other = write(tmp_path / part.replace("/", "-"))
        (other / part).write_bytes((other / part).read_bytes() + b"\n")
        assert model_key(other) != key
