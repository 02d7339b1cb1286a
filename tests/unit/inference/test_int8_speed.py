"""How fast the smaller graph of a real architecture is on the machine at hand, and what is
estimated of it; ratios within one run, in turns, because machines are noisy.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from photosearch.inference import catalogue
from photosearch.inference.encoders import ImageEncoder, open_image_encoder
from photosearch.inference.model_folder import IMAGE_GRAPH
from photosearch.inference.precision import calibration, quantising
from photosearch.inference.providers import CPU
from photosearch.types import Calibration, Tower

BATCH = 8
GAIN = 2.0
ESTIMATE = 1.6  # an estimate may be off by this factor
PATIENCE_S = 45.0
LIGHT = "ViT-B-32__laion2b-s34b-b79k"  # the same architecture in the catalogue


@dataclass(slots=True)
class Turns:
    """Best times of things done in turns: what disturbs one round disturbs all of it."""

    works: dict[str, Callable[[], object]]
    best: dict[str, float]

    def round(self) -> None:
        for name, work in self.works.items():
            began = time.perf_counter()
            work()
            self.best[name] = min(self.best.get(name, np.inf), time.perf_counter() - began)


def has_integer_products() -> bool:
    """Whether the processor multiplies int8 in one step (VNNI, or the dot product of Arm)."""
    info = Path("/proc/cpuinfo")
    flags = info.read_text(encoding="utf-8") if info.exists() else ""
    return any(flag in flags for flag in ("avx512_vnni", "avx_vnni", "asimddp"))


@pytest.fixture(scope="module")
def towers(
    exported: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, ImageEncoder]:
    folder = exported("ViT-B-32")
    graph = tmp_path_factory.mktemp("int8") / "image.onnx"
    assert quantising.quantise(folder / IMAGE_GRAPH, graph) >= 48  # four matrices in twelve layers
    return {
        "fp32": open_image_encoder(folder),
        "int8": open_image_encoder(folder, tower=Tower(str(graph), "int8", BATCH)),
    }


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (BATCH, 224, 224, 3), np.uint8)


@pytest.mark.slow
@pytest.mark.skipif(not has_integer_products(), reason="the processor has no fast int8 products")
def test_int8_is_at_least_twice_as_fast(
    towers: dict[str, ImageEncoder], pixels: np.ndarray
) -> None:
    works = {name: lambda t=tower: t.encode(pixels) for name, tower in towers.items()}
    turns = Turns(works, {})
    until = time.monotonic() + PATIENCE_S
    rounds = 0
    while rounds < 5 or (_gain(turns) < GAIN and time.monotonic() < until):
        turns.round()
        rounds += 1
    print(f"int8 is {_gain(turns):.2f} times as fast as fp32, {rounds} rounds")
    assert _gain(turns) >= GAIN


def _gain(turns: Turns) -> float:
    return turns.best["fp32"] / turns.best["int8"]


def test_int8_says_the_same(towers: dict[str, ImageEncoder], pixels: np.ndarray) -> None:
    full, small = (tower.encode(pixels) for tower in towers.values())
    assert np.sum(full * small, axis=1).min() > 0.99


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_the_estimate_is_about_what_is_measured(
    towers: dict[str, ImageEncoder], pixels: np.ndarray, precision: str
) -> None:
    """Calibrated and measured in turns, until both have had a quiet moment."""
    entry = catalogue.load().find(LIGHT)
    assert entry is not None
    assert entry.gflops_image is not None
    rates: list[Calibration] = []
    tower = towers[precision]
    turns = Turns({precision: lambda: tower.encode(pixels)}, {})
    until = time.monotonic() + PATIENCE_S
    ratio = np.inf
    while not 1 / ESTIMATE <= ratio <= ESTIMATE and time.monotonic() < until:
        for _ in range(4):
            turns.round()
        rates.append(calibration.calibrate(CPU))
        known = Calibration(
            CPU.id, max(each.fp32 for each in rates), max(each.int8 for each in rates)
        )
        measured = BATCH / turns.best[precision]
        estimated = calibration.estimate(entry.gflops_image, known, precision)
        ratio = estimated / measured
    print(f"{precision}: {estimated:.1f} estimated, {measured:.1f} measured")
    assert 1 / ESTIMATE <= ratio <= ESTIMATE
