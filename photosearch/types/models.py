"""Registered models."""

from __future__ import annotations

from dataclasses import dataclass

from photosearch.types.basic import ModelKey


@dataclass(frozen=True, slots=True)
class Preprocess:
    """How a picture becomes a model's input, as `preprocess_cfg.json` says."""

    height: int
    width: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    interpolation: str = "bicubic"  # bicubic | bilinear | lanczos | nearest
    resize_mode: str = "shortest"  # shortest (then centre crop) | squash | longest (then pad)
    fill: int = 0


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A registered search model, read from its own files."""

    name: str
    folder: str
    key: ModelKey  # hash over graphs, preprocessing and tokenizer
    dimension: int
    preprocess: Preprocess
    context_length: int
    bytes_on_disk: int
    problem: str = ""  # why it cannot be used now ("its folder is gone"), empty when it can
    in_use: bool = False


@dataclass(frozen=True, slots=True)
class FacePackInfo:
    """A registered face pack: a detector and a recogniser, read from their own files."""

    name: str
    folder: str
    key: ModelKey  # hash over both graphs
    family: str  # insightface | opencv
    dimension: int
    bytes_on_disk: int
    problem: str = ""  # why it cannot be used now, empty when it can
    in_use: bool = False


AnyModel = ModelInfo | FacePackInfo
