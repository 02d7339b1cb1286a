"""Images a second of image towers: fp32, int8 and fp16, beside PyTorch and the machine's peak.

Random weights: speed does not depend on what a model has learnt. The smaller graphs are those that
the program itself makes; each runs through the program's own encoder at its best batch. The peak is
what the machine multiplies in matrices of that kind and nothing else. All of it in turns, in one
run, with the same number of threads.

    python -m tests.bench.models --arch ViT-B-32 ViT-B-16
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from photosearch.inference import catalogue
from photosearch.inference.encoders import ImageEncoder, open_image_encoder, open_text_encoder
from photosearch.inference.model_folder import IMAGE_GRAPH, TEXT_GRAPH
from photosearch.inference.precision import calibration, half, quantising
from photosearch.inference.providers import CPU, cores
from photosearch.types import Calibration, Tower, Vectors
from tests.bench import measure
from tests.openclip_export import build, export

# open_clip's name, and an entry of the catalogue with the same architecture: its GFLOPs.
ARCHITECTURES = {
    "ViT-B-32": "ViT-B-32__laion2b-s34b-b79k",
    "ViT-B-16": "ViT-B-16__laion400m_e32",
    "ViT-B-16-SigLIP": "ViT-B-16-SigLIP__webli",
}
PRECISIONS = ("fp32", "int8", "fp16")
BATCHES = (1, 4, 8, 16, 32)
SAMPLES = 32
QUERIES = 20
Run = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Half:
    """One precision of a model: images a second, at which batch, and how faithful."""

    per_second: float
    batch: int
    cosine: float
    query_ms: float
    text_mb: float


def graphs(folder: Path, precision: str) -> tuple[Tower, Tower]:
    """Return both towers of a model at a precision, made when they are not there."""
    if precision == "fp32":
        return Tower(), Tower()
    towers = []
    for own in (IMAGE_GRAPH, TEXT_GRAPH):
        made = folder / precision / Path(own).parent.name / "model.onnx"
        if not made.exists():
            measure.say(f"making {precision} of {folder.name}/{own}")
            made.parent.mkdir(parents=True, exist_ok=True)
            if precision == "int8":
                quantising.quantise(folder / own, made)
            else:
                half.halve(folder / own, made)
        # Opened as a graph like any other: on a processor fp16 is only measured.
        towers.append(Tower(str(made), precision))
    return towers[0], towers[1]


def best(run: Run, seconds: float = 1.5) -> tuple[float, int]:
    """Return images a second at the best batch, and that batch."""
    speeds: dict[int, float] = {}
    for batch in BATCHES:
        run(batch)
        took, until = np.inf, time.perf_counter() + seconds / len(BATCHES)
        while time.perf_counter() < until:
            took = min(took, measure.timed(lambda batch=batch: run(batch)))
        speeds[batch] = batch / took if np.isfinite(took) else 0.0
    found = max(speeds, key=lambda batch: speeds[batch])
    return speeds[found], found


def pixels(encoder: ImageEncoder, count: int) -> np.ndarray:
    """Return random model inputs."""
    spec = encoder.spec
    shape = (count, spec.height, spec.width, 3)
    return np.random.default_rng(5).integers(0, 256, shape, np.uint8)


def eager(name: str) -> tuple[Run, int]:
    """Return PyTorch's eager image tower of an architecture as a run, and its threads."""
    import torch

    torch.set_num_threads(cores())
    model = build(name)
    size = model.visual.image_size
    side = size[0] if isinstance(size, tuple) else size
    given = torch.rand(max(BATCHES), 3, side, side)

    def run(batch: int) -> object:
        with torch.inference_mode():
            return model.encode_image(given[:batch])

    return run, torch.get_num_threads()


def text_cost(folder: Path, tower: Tower) -> tuple[float, float]:
    """Return ms of a query and the megabytes that the text tower takes, in a process of its own."""
    asked = json.dumps([str(folder), tower.graph, tower.precision])
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.models", "--text", asked],
        cwd=measure.REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    ms, mb = json.loads(done.stdout)
    return float(ms), float(mb)


def tell_text_cost(asked: str) -> None:
    """In the process for one text tower: print what it takes."""
    import psutil

    folder, graph, precision = json.loads(asked)
    before = psutil.Process().memory_info().rss
    encoder = open_text_encoder(Path(folder), tower=Tower(graph, precision, 1))
    encoder.encode(["a dog"])
    grown = psutil.Process().memory_info().rss - before
    took = [
        measure.timed(lambda n=n: encoder.encode([f"a photo of a dog number {n}"]))
        for n in range(QUERIES)
    ]
    print(json.dumps([float(np.median(took)) * 1000, grown / 1e6]))


def measured(
    name: str, work: Path, repeat: int
) -> tuple[dict[str, Half], float, Calibration, float]:
    """Return each precision, PyTorch's images a second, the machine's rates, and the GFLOPs."""
    folder = export(name, work / "models" / name)
    entry = catalogue.load().find(ARCHITECTURES[name])
    assert entry is not None
    towers = {precision: graphs(folder, precision) for precision in PRECISIONS}
    encoders = {p: open_image_encoder(folder, tower=image) for p, (image, _) in towers.items()}
    samples = pixels(encoders["fp32"], SAMPLES)
    vectors: dict[str, Vectors] = {p: each.encode(samples) for p, each in encoders.items()}
    torch_run, _ = eager(name)
    rounds: dict[str, list[tuple[float, int]]] = {p: [] for p in (*PRECISIONS, "torch")}
    rates: list[Calibration] = []
    for turn in range(repeat):
        measure.say(f"{name}: round {turn + 1} of {repeat}")
        rates.append(calibration.calibrate(CPU))
        for precision, encoder in encoders.items():
            rounds[precision].append(best(lambda n, e=encoder: e.encode(samples[:n])))
        rounds["torch"].append(best(torch_run))
    peak = Calibration(CPU.id, _median(r.fp32 for r in rates), _median(r.int8 for r in rates))
    halves = {}
    for precision, (_, text) in towers.items():
        cosine = float(np.sum(vectors["fp32"] * vectors[precision], axis=1).mean())
        ms, mb = text_cost(folder, text)
        speed = _median(each[0] for each in rounds[precision])
        halves[precision] = Half(speed, max(rounds[precision])[1], cosine, ms, mb)
    torch_speed = _median(each[0] for each in rounds["torch"])
    return halves, torch_speed, peak, entry.gflops_image or 0.0


def _median(values: object) -> float:
    return float(np.median(list(values)))  # type: ignore[call-overload]


def main() -> None:
    given = measure.parser(__doc__)
    given.add_argument("--arch", nargs="+", choices=ARCHITECTURES, default=list(ARCHITECTURES))
    given.add_argument("--text", help="for the measurement itself: one text tower")
    told = given.parse_args()
    if told.text:
        tell_text_cost(told.text)
        return
    rows: list[list[str]] = []
    for name in told.arch:
        rows += _rows(name, *measured(name, told.work, told.repeat))
    measure.print_table(
        f"Image and text towers on {cores()} cores, random weights",
        [
            *("architecture", "what", "images a second", "of PyTorch", "of the peak"),
            *("cosine to fp32", "one query", "text tower in memory"),
        ],
        rows,
    )


def _rows(
    name: str, found: dict[str, Half], eager_speed: float, peak: Calibration, gflops: float
) -> list[list[str]]:
    limits = {"fp32": peak.fp32 / gflops, "int8": peak.int8 / gflops}
    rows = [
        [name, f"peak: {peak.fp32:.0f} GFLOP/s fp32", f"{limits['fp32']:.1f}", *[""] * 5],
        ["", f"peak: {peak.int8:.0f} GFLOP/s int8", f"{limits['int8']:.1f}", *[""] * 5],
        ["", "PyTorch eager, fp32", f"{eager_speed:.1f}", "1.00", "", "", "", ""],
    ]
    for precision, each in found.items():
        limit = limits.get(precision)
        rows.append(
            [
                "",
                f"**ours, {precision}**",
                f"**{each.per_second:.1f}** (batch {each.batch})",
                f"{each.per_second / eager_speed:.2f}",
                f"{each.per_second / limit:.2f}" if limit else "",
                f"{each.cosine:.5f}",
                f"{each.query_ms:.1f} ms",
                f"{each.text_mb:.0f} MB",
            ]
        )
    return rows


if __name__ == "__main__":
    main()
