"""Importing open_clip and PyTorch, or saying how to install them."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

from photosearch.errors import ModelError

MISSING = (
    "Converting a model needs open_clip and PyTorch: install them beside PhotoSearch, in the "
    'folder of its source code, with .venv/bin/pip install ".[openclip]".'
)
MISSING_IN_BUNDLE = (
    "This PhotoSearch cannot convert models: it comes without open_clip and PyTorch. Convert the "
    "model where PhotoSearch was installed with pip, and add the folder that comes of it here: "
    "photosearch models add DIR."
)
_NMS = "(Tensor boxes, Tensor scores, float iou_threshold) -> Tensor"


@dataclass(frozen=True, slots=True)
class Libraries:
    """What a conversion works with."""

    torch: Any
    open_clip: Any
    kept: Any = None  # operators that are withdrawn when this is collected


def missing() -> str:
    """Return how to install what a conversion needs, or nothing when it is here; loads nothing."""
    if all(_installed(name) for name in ("torch", "open_clip")):
        return ""
    return MISSING_IN_BUNDLE if getattr(sys, "frozen", False) else MISSING


def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ValueError:  # hidden, or half imported
        return False


@cache
def load() -> Libraries:
    """Import PyTorch and open_clip; `ModelError` says how to install them."""
    if sentence := missing():
        raise ModelError(sentence)
    # Pickled code in a checkpoint is never run, whatever a library asks for.
    os.environ["TORCH_FORCE_WEIGHTS_ONLY_LOAD"] = "1"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they all warn of something when imported
            torch = importlib.import_module("torch")
            kept = _torchvision(torch)
            return Libraries(torch, importlib.import_module("open_clip"), kept)
    except (ImportError, OSError, RuntimeError) as error:
        raise ModelError(f"open_clip cannot be loaded ({error}). {MISSING}") from error


def _torchvision(torch: Any) -> Any:
    """Import torchvision, whose Linux wheel does not go with a CPU build of PyTorch.

    It stops at "operator torchvision::nms does not exist" then: with the operators declared it
    can be imported, and nobody calls them.
    """
    try:
        importlib.import_module("torchvision")
        return None
    except RuntimeError:
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "DEF")
        for operator in ("nms", "qnms"):
            library.define(operator + _NMS)
        importlib.import_module("torchvision")
        return library
