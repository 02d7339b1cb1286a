"""open_clip models with random weights in the layout the program reads, by its own exporter.

For parity tests and benchmarks: speed and agreement do not depend on what a model has learnt.
`python tests/openclip_export.py ViT-B-32 FOLDER [--int8]` writes one by hand.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from pathlib import Path
from typing import Any

from photosearch.inference.conversion import libraries, loading
from photosearch.inference.conversion.converting import write_json, write_model
from photosearch.inference.conversion.exporting import export_pictures, export_words

SEED = 20260


def load_open_clip() -> Any:
    """Import open_clip, beside a CPU build of PyTorch, too."""
    return libraries.load().open_clip


def build(name: str) -> Any:
    """Return an open_clip model with random weights, the same at every call."""
    return loading.random(name, SEED).model


def export(name: str, folder: Path, int8: bool = False) -> Path:
    """Write `name` to `folder` (kept when it is there already) and return the folder."""
    if (folder / "complete").exists():
        return folder
    unfinished = folder.with_name(f"{folder.name}.{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    loaded = loading.random(name, SEED)
    if loaded.config["text_cfg"].get("hf_tokenizer_name"):
        _write_without_words(loaded, unfinished)
    else:
        write_model(loaded, unfinished)
    if int8:
        _quantise(unfinished / "visual" / "model.onnx")
        _quantise(unfinished / "textual" / "model.onnx")
    (unfinished / "complete").touch()
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.rename(folder)
    return folder


def _write_without_words(loaded: loading.Loaded, folder: Path) -> None:
    """Write a model with a tokenizer of six words: the real one is on the hub."""
    for part in ("visual", "textual"):
        (folder / part).mkdir(parents=True)
    write_json(folder / "config.json", loaded.config)
    write_json(folder / "visual" / "preprocess_cfg.json", loaded.preprocess)
    export_pictures(loaded, folder / "visual" / "model.onnx")
    export_words(loaded, folder / "textual" / "model.onnx")
    vocabulary = {"<pad>": 0, "</s>": 1, "<unk>": 2, "a": 3, "dog": 4, "beach": 5}
    model = {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<unk>"}
    content = {"version": "1.0", "added_tokens": [], "model": model}
    content["pre_tokenizer"] = {"type": "Whitespace"}
    (folder / "textual" / "tokenizer.json").write_text(json.dumps(content))
    (folder / "textual" / "tokenizer_config.json").write_text(json.dumps({"pad_token": "</s>"}))


def _quantise(path: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    full = path.with_suffix(".full.onnx")
    path.rename(full)
    quantize_dynamic(full, path, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul"])
    full.unlink()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--int8", action="store_true")
    arguments = parser.parse_args()
    print(export(arguments.name, arguments.folder.absolute(), arguments.int8))
