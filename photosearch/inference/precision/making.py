"""Prepares a search model for a device: makes its smaller graphs, measures and compares them.

Runs in a child process, since it holds whole models in memory and tries drivers. Writes only
below the folder it is given.
"""

from __future__ import annotations

import errno
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from photosearch.errors import ModelError
from photosearch.inference.encoders import (
    ImageEncoder,
    TextEncoder,
    open_image_encoder,
    open_text_encoder,
)
from photosearch.inference.model_folder import IMAGE_GRAPH, TEXT_GRAPH
from photosearch.inference.precision import fidelity, graph_files, half, quantising, samples, tables
from photosearch.inference.precision.deciding import FP32, Made, Outcome
from photosearch.inference.precision.fidelity import Fidelity
from photosearch.inference.precision.timing import BATCHES, Timed, best_batch, per_second
from photosearch.inference.preprocess import PixelBatch
from photosearch.inference.providers import CPU, cores
from photosearch.memory import give_back
from photosearch.types import ConversionProgress, Device, Pixels, PrecisionResult, Tower, Vectors

Report = Callable[[ConversionProgress], None]
INT8, FP16 = "int8", "fp16"
_SAMPLES_S = 20.0  # pictures are compared for no longer than this per precision
_FEWEST = 24
_SHARE = {INT8: 0.35, FP16: 0.6}  # of the model's size that its smaller graphs take on disk


def suiting(device: str) -> tuple[str, ...]:
    """Return the precisions beside fp32 that are worth trying on a device."""
    return (INT8,) if device == CPU.id else (FP16,)


@dataclass(frozen=True, slots=True)
class Task:
    """A model to prepare, and with what."""

    folder: Path
    work: Path  # a folder of its own, for the graphs
    device: Device
    threads: int = 0  # 0: as measured
    precisions: tuple[str, ...] | None = None  # beside fp32; None: those that suit the device
    pictures: tuple[Pixels, ...] = ()  # of the user, to compare precisions on


@dataclass(frozen=True, slots=True)
class _Full:
    """The model as it is: what the others are compared with."""

    pictures: PixelBatch
    images: Vectors
    texts: Vectors
    threads: int


def make(task: Task, report: Report, partial: Callable[[Outcome], None]) -> Outcome:
    """Measure a model as it is, then each smaller form of it.

    `partial` is told what is known before the smaller forms are made, which may need more memory
    than there is. ModelError when the model itself does not run.
    """
    wanted = suiting(task.device.id) if task.precisions is None else task.precisions
    steps = 1 + 2 * len(wanted)
    report(ConversionProgress("measuring", 1, steps, "The model as it is"))
    full, made = _full(task)
    outcome = Outcome(task.device.id, full.threads, (made,))
    partial(outcome)
    notes: list[str] = []
    for number, precision in enumerate(wanted):
        report(ConversionProgress("making", 2 + 2 * number, steps, precision))
        problem = _made(task, precision)
        give_back()
        report(ConversionProgress("measuring", 3 + 2 * number, steps, precision))
        tried = _tried(task, full, precision, problem)
        if problem:
            notes.append(problem)
        outcome = replace(outcome, made=(*outcome.made, tried), notes=tuple(notes))
        partial(outcome)
    if wanted and not any(each.text and not each.text_reason for each in outcome.made[1:]):
        outcome = _with_small_table(task, full, outcome)
    return outcome


def time_faces(folder: Path, device: Device, threads: int, pictures: Sequence[Pixels]) -> Outcome:
    """Measure how many pictures a second a face pack looks through; it has one precision."""
    from photosearch.inference.faces import open_face_analyser

    analyser = open_face_analyser(folder, device, threads)
    pictures = pictures[:_FEWEST] or [samples.made_up(0, 640)]

    def look(count: int) -> None:
        for number in range(count):
            analyser.analyse(pictures[number % len(pictures)])

    result = PrecisionResult(FP32, per_second(look, len(pictures)), 1, 1.0, 1.0, True)
    return Outcome(device.id, threads, (Made(result),))


def _full(task: Task) -> tuple[_Full, Made]:
    texts = open_text_encoder(task.folder, task.device, task.threads).encode(samples.QUERIES)
    give_back()
    encoder, threads = _with_threads(task)
    timed = _timed(encoder)
    count = int(min(samples.MOST_PICTURES, max(_FEWEST, _SAMPLES_S * timed.per_second)))
    pictures = samples.inputs(task.pictures, encoder.spec, count)
    images = _encoded(encoder, pictures, timed.batch)
    result = PrecisionResult(FP32, timed.per_second, timed.batch, 1.0, 1.0, True)
    return _Full(pictures, images, texts, threads), Made(result)


def _with_threads(task: Task) -> tuple[ImageEncoder, int]:
    """Open the image tower with the number of threads that suits it best."""
    if task.threads or task.device != CPU:
        return open_image_encoder(task.folder, task.device, task.threads), task.threads
    speeds: dict[int, float] = {}
    for threads in _thread_counts():
        encoder = open_image_encoder(task.folder, task.device, threads)
        speeds[threads] = per_second(_run(encoder), 4)
    best = max(speeds, key=lambda threads: speeds[threads])
    if threads != best:
        encoder = open_image_encoder(task.folder, task.device, best)
    return encoder, best


def _thread_counts() -> tuple[int, ...]:
    """Return how many threads are worth trying: many cores may wait for memory more than work."""
    most = cores()
    return tuple(sorted({most, max(1, 3 * most // 4), max(1, most // 2)})) if most > 4 else (most,)


def _made(task: Task, precision: str, bits: int = quantising.BITS) -> str:
    """Write both graphs of a precision; return why they are not there, or nothing."""
    size = sum(path.stat().st_size for path in task.folder.rglob("*") if path.is_file())
    needed = int(size * _SHARE.get(precision, 1))
    try:
        task.work.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(task.work).free < needed:
            return _no_room(needed, task.work)
        for name, source in (("image", IMAGE_GRAPH), ("text", TEXT_GRAPH)):
            target = task.work / _name(name, precision)
            if precision == FP16:
                half.halve(task.folder / source, target)
            else:
                quantising.quantise(task.folder / source, target, bits)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return _no_room(needed, task.work)
        return f"The {precision} form of the model cannot be written: {error.strerror or error}."
    except MemoryError:
        return f"There is not enough memory to make the {precision} form of the model."
    except ModelError as error:
        return str(error)
    return ""


def _no_room(needed: int, work: Path) -> str:
    return (
        f"There is no room for a faster form of the model: it takes {needed / 1e9:.1f} GB in "
        f"{work.parent}. The model runs as it is."
    )


def _tried(task: Task, full: _Full, precision: str, problem: str) -> Made:
    """Measure and compare what was made; for int8 once more with a bit less where it is untrue."""
    if problem:
        _discard(task, precision)
        return Made(_failed(precision, problem))
    image, result = _image(task, full, precision)
    if precision == INT8 and image and not result.cosine >= fidelity.LEAST_COSINE:
        if problem := _made(task, precision, quantising.SAFE_BITS):  # half of it may be written
            _discard(task, precision)
            return Made(_failed(precision, problem))
        image, result = _image(task, full, precision)
    text, reason = _text(task, full, precision)
    return Made(result, image, text, reason)


def _image(task: Task, full: _Full, precision: str) -> tuple[str, PrecisionResult]:
    name = _name("image", precision)
    if not (task.work / name).exists():
        why = f"There is nothing in the image tower that {precision} makes faster."
        return "", _failed(precision, why)
    tower = Tower(str(task.work / name), precision, BATCHES[-1])
    try:
        encoder = open_image_encoder(task.folder, task.device, full.threads, tower)
        timed, near = _true_batch(full, encoder, precision)
    except ModelError as error:
        _discard_one(task, name)
        return "", _failed(precision, str(error))
    return name, PrecisionResult(
        precision,
        timed.per_second,
        timed.batch,
        near.cosine,
        near.overlap,
        not near.reason,
        near.reason,
    )


def _true_batch(full: _Full, encoder: ImageEncoder, precision: str) -> tuple[Timed, Fidelity]:
    """Return the largest batch up to the one that suits at which the graph is true to the model.

    An int8 graph takes the range of its numbers from the whole batch: the fewer pictures in it,
    the finer the steps. Where no batch is good enough, what the one that suits gives is returned.
    """
    suits = _timed(encoder)
    tried: list[tuple[Timed, Fidelity]] = []
    began = time.monotonic()
    for timed in (suits, *(suits.smaller if precision == INT8 else ())):
        if tried and time.monotonic() - began > _SAMPLES_S:
            break
        images = _encoded(encoder, full.pictures, timed.batch)
        near = fidelity.of_pictures(full.images, images, full.texts)
        if not near.reason:
            return timed, near
        tried.append((timed, near))
    return tried[0]


def _text(task: Task, full: _Full, precision: str, name: str = "") -> tuple[str, str]:
    """Return a text graph and why it is not used."""
    name = name or _name("text", precision)
    if not (task.work / name).exists():
        return "", ""
    try:
        tower = Tower(str(task.work / name), precision)
        encoder = open_text_encoder(task.folder, task.device, full.threads, tower)
        texts = encoder.encode(samples.QUERIES)
    except ModelError as error:
        _discard_one(task, name)
        return "", str(error)
    return name, fidelity.of_texts(full.texts, texts, full.images).reason


def _with_small_table(task: Task, full: _Full, outcome: Outcome) -> Outcome:
    """Keep at least a large table of words at fp16, where the whole text tower cannot be small."""
    name = _name("text", FP32)
    try:
        if not tables.shrink(task.folder / TEXT_GRAPH, task.work / name, tables.FP16):
            return outcome
    except (OSError, MemoryError, ModelError):
        _discard_one(task, name)
        return outcome
    text, reason = _text(task, full, FP32, name)
    if reason:
        _discard_one(task, name)
        return outcome
    first, *others = outcome.made
    return replace(outcome, made=(replace(first, text=text), *others))


def _timed(encoder: ImageEncoder) -> Timed:
    fixed = encoder.graph.batch
    return best_batch(_run(encoder), (fixed,) if fixed else BATCHES)


def _run(encoder: ImageEncoder) -> Callable[[int], object]:
    spec = encoder.spec
    batch = np.random.default_rng(0).integers(
        0, 256, (BATCHES[-1], spec.height, spec.width, 3), np.uint8
    )

    def run(count: int) -> object:
        encoder.portions.at_once = encoder.graph.batch or count
        made = encoder.encode(batch[:count])
        if encoder.portions.at_once < (encoder.graph.batch or count):
            raise MemoryError  # it went through in halves: this is more than fits
        return made

    return run


def _encoded(encoder: ImageEncoder, pictures: PixelBatch, batch: int) -> Vectors:
    encoder.portions.at_once = encoder.graph.batch or batch
    return encoder.encode(pictures)


def text_cost(
    folder: Path, device: Device, threads: int, tower: Tower, rss: Callable[[], int]
) -> tuple[float, int]:
    """Return milliseconds a query takes and bytes the text tower adds to a fresh process."""
    before = rss()
    encoder: TextEncoder = open_text_encoder(folder, device, threads, tower)
    speed = per_second(lambda count: encoder.encode(samples.QUERIES[:count]), 1)
    give_back()
    return 1000 / speed, max(0, rss() - before)


def _failed(precision: str, why: str) -> PrecisionResult:
    return PrecisionResult(precision, 0.0, 1, 0.0, 0.0, False, why)


def _name(tower: str, precision: str) -> str:
    return f"{tower}-{precision}.onnx"


def _discard(task: Task, precision: str) -> None:
    for tower in ("image", "text"):
        _discard_one(task, _name(tower, precision))


def _discard_one(task: Task, name: str) -> None:
    for path in graph_files.data_files(task.work / name):
        path.unlink(missing_ok=True)
