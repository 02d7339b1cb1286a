"""Exports open_clip models with random weights to the layout the program reads.

For parity tests and benchmarks: speed and agreement do not depend on what a model has learnt.
`python tests/openclip_export.py ViT-B-32 FOLDER [--int8]` writes one by hand.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import json
import os
import shutil
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

OPSET = 17
SEED = 20260
# open_clip knows these with the weights only (`pretrained.py`), and these have none.
SIGLIP_PREPROCESS = {"mean": [0.5] * 3, "std": [0.5] * 3, "resize_mode": "squash"}
_registered: list[Any] = []


def load_open_clip() -> Any:
    """Import open_clip beside a CPU build of PyTorch.

    torchvision's Linux wheel then stops at "operator torchvision::nms does not exist": declaring
    the operators before it is imported is enough, nobody calls them.
    """
    if "open_clip" not in sys.modules:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PyTorch, timm and torchvision warn on import
            torch = importlib.import_module("torch")
            if "torchvision" not in sys.modules:
                library = torch.library.Library("torchvision", "DEF")
                for operator in ("nms", "qnms"):
                    library.define(f"{operator}(Tensor boxes, Tensor scores, float iou) -> Tensor")
                _registered.append(library)  # it withdraws its operators when it is collected
            importlib.import_module("open_clip")
    return sys.modules["open_clip"]


def build(name: str) -> Any:
    """Return an open_clip model with random weights, the same at every call."""
    open_clip = load_open_clip()
    import torch

    torch.manual_seed(SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        preprocess = SIGLIP_PREPROCESS if "SigLIP" in name else None
        model = open_clip.create_model(name, pretrained=None, force_preprocess_cfg=preprocess)
    return model.eval()


def export(name: str, folder: Path, int8: bool = False, model: Any = None) -> Path:
    """Write `name` to `folder` (kept when it is there already) and return the folder."""
    if (folder / "complete").exists():
        return folder
    unfinished = folder.with_name(f"{folder.name}.{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    for part in ("visual", "textual"):
        (unfinished / part).mkdir(parents=True)
    model = build(name) if model is None else model
    config = load_open_clip().get_model_config(name)
    _write_json(unfinished / "config.json", config)
    _write_json(unfinished / "visual" / "preprocess_cfg.json", model.visual.preprocess_cfg)
    _write_tokenizer(unfinished / "textual", config["text_cfg"])
    _export_towers(model, config, unfinished)
    if int8:
        _quantise(unfinished / "visual" / "model.onnx")
        _quantise(unfinished / "textual" / "model.onnx")
    (unfinished / "complete").touch()
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.rename(folder)
    return folder


def _export_towers(model: Any, config: dict[str, Any], folder: Path) -> None:
    import torch

    length = config["text_cfg"]["context_length"]
    size = config["vision_cfg"]["image_size"]
    # Real exports differ in the type of their token ids; so do these two.
    ids_type = torch.int64 if "SigLIP" in name_of(config) else torch.int32
    pixels, ids = torch.zeros(2, 3, size, size), torch.zeros(2, length, dtype=ids_type)
    _trace(model, model.encode_image, pixels, folder / "visual" / "model.onnx")
    _trace(model, model.encode_text, ids, folder / "textual" / "model.onnx")


def name_of(config: dict[str, Any]) -> str:
    """Return what tells the families apart in a configuration."""
    return str(config["text_cfg"].get("hf_tokenizer_name", "CLIP"))


def _trace(model: Any, call: Callable[..., Any], sample: Any, path: Path) -> None:
    import torch

    name = "image" if sample.is_floating_point() else "text"

    class Tower(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model  # its weights become initialisers, not constants in the code

        def forward(self, given: Any) -> Any:
            return call(given)

    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # its fused attention has no ONNX form
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the tracer warns of every Python branch it follows
        torch.onnx.export(
            Tower().eval(),
            (sample,),
            str(path),
            input_names=[name],
            output_names=["embedding"],
            dynamic_axes={name: {0: "batch"}, "embedding": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )
    torch.backends.mha.set_fastpath_enabled(fast)


def _quantise(path: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    full = path.with_suffix(".full.onnx")
    path.rename(full)
    quantize_dynamic(full, path, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul"])
    full.unlink()


def _write_tokenizer(folder: Path, text: dict[str, Any]) -> None:
    if text.get("hf_tokenizer_name"):  # the real one is on the hub; parity is on given ids
        vocabulary = {"<pad>": 0, "</s>": 1, "<unk>": 2, "a": 3, "dog": 4, "beach": 5}
        model = {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<unk>"}
        content = {"model": model, "pre_tokenizer": {"type": "Whitespace"}}
        _write_json(folder / "tokenizer_config.json", {"pad_token": "</s>"})
    else:
        content = _clip_tokenizer()
        special = {"eos_token": "<end_of_text>", "pad_token": "<end_of_text>"}
        _write_json(folder / "tokenizer_config.json", special)
    _write_json(folder / "tokenizer.json", {"version": "1.0", "added_tokens": [], **content})


def _clip_tokenizer() -> dict[str, Any]:
    """Return OpenAI's tokenizer as `tokenizer.json`, from the merges that open_clip carries."""
    load_open_clip()
    tokenizer = importlib.import_module("open_clip.tokenizer")
    lines = gzip.decompress(Path(tokenizer.default_bpe()).read_bytes()).decode().split("\n")
    first, last = "<start_of_text>", "<end_of_text>"
    vocabulary = tokenizer.SimpleTokenizer().encoder
    words = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    split = {"type": "Split", "pattern": {"Regex": words}, "behavior": "Removed", "invert": True}
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    frame = [
        {"SpecialToken": {"id": first, "type_id": 0}},
        {"Sequence": {"id": "A", "type_id": 0}},
        {"SpecialToken": {"id": last, "type_id": 0}},
    ]
    special = {
        token: {"id": token, "ids": [vocabulary[token]], "tokens": [token]}
        for token in (first, last)
    }
    return {
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [split, {**level, "use_regex": False}],
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": frame,
            "pair": [*frame, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": special,
        },
        "model": {
            "type": "BPE",
            "vocab": vocabulary,
            "merges": [line.split() for line in lines[1 : 49152 - 256 - 2 + 1]],
            "end_of_word_suffix": "</w>",
            "unk_token": last,
        },
    }


def _write_json(path: Path, content: Any) -> None:
    def plain(value: Any) -> Any:
        return value.tolist() if isinstance(value, np.ndarray) else str(value)

    path.write_text(json.dumps(content, default=plain), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--int8", action="store_true")
    arguments = parser.parse_args()
    print(export(arguments.name, arguments.folder.absolute(), arguments.int8))
