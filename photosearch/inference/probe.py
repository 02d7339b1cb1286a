"""Tries a device on real networks and compares what it computes with the processor.

A driver may crash or hang in here: only ever call `attempt` in a child that can be spared, as
`engine.trying` does.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from photosearch.errors import ModelError
from photosearch.inference import placement, trial_graph
from photosearch.inference.placement import Placement
from photosearch.inference.providers import (
    CPU,
    provider_list,
    refusal,
    runtime,
    session_options,
)
from photosearch.inference.session import reason, runtime_errors
from photosearch.types import Device, Verdict

_NOT_LOADED = "its driver or libraries are missing"
_WRONG = "it computes wrong results"
_NOTHING = "it leaves the whole model to the processor"
_ALIKE = 0.999  # cosine to the processor's result; float16 and TF32 stay above 0.9999
_OPEN_PX = 320  # where a graph leaves the size of its picture open; face detectors want 32s
Source = str | bytes


def attempt(device: Device, graphs: Sequence[Path] = ()) -> Verdict:
    """Run a small network on a device, then the given graphs; the verdict says how it went.

    Counts of nodes are those of the given graphs, or else of the small network.
    """
    if why := refusal(device):
        return Verdict(False, why)
    try:
        verdict = _compared(device, trial_graph.network(half=False))
        if not verdict.works:
            return verdict
        for number, graph in enumerate(graphs):
            found = _compared(device, str(graph))
            if not found.works:
                return replace(found, reason=f"{found.reason}, with {Path(*graph.parts[-3:])}")
            before = verdict if number else Verdict(True)
            verdict = replace(
                verdict,
                seconds=before.seconds + found.seconds,
                nodes=before.nodes + found.nodes,
                fallback_nodes=before.fallback_nodes + found.fallback_nodes,
            )
    except ModelError as error:
        return Verdict(False, str(error).rstrip("."))
    return verdict


def computes_half(device: Device) -> bool:
    """Whether a device that works computes rightly in float16 as well."""
    try:
        return device != CPU and _compared(device, trial_graph.network(half=True)).works
    except ModelError:
        return False


def _compared(device: Device, source: Source) -> Verdict:
    """Run one graph on a device and on the processor."""
    ort = runtime()
    options = session_options(device, threads=1 if device != CPU else 0)
    try:
        session = ort.InferenceSession(
            source, options, providers=provider_list(device), enable_fallback=0
        )
        if device.provider not in session.get_providers():
            return Verdict(False, _NOT_LOADED)
        placed = placement.of_session(session, device)
        feeds = _feeds(session)
        session.run(None, feeds)  # the first run prepares much
        start = time.perf_counter()
        results = session.run(None, feeds)
        seconds = time.perf_counter() - start
        if device == CPU:
            return Verdict(True, seconds=seconds)
        if placed.nodes == 0:
            placed = _profiled(device, source, feeds)
        if placed.all_fell_back:
            return Verdict(False, _NOTHING, nodes=placed.nodes, fallback_nodes=placed.nodes)
        plain = ort.InferenceSession(
            source, session_options(CPU, 0), providers=provider_list(CPU), enable_fallback=0
        )
        right = all(map(_alike, results, plain.run(None, feeds)))
    except runtime_errors() as error:
        said = reason(error).rstrip(".")
        return Verdict(False, said or _NOT_LOADED)
    return Verdict(right, "" if right else _WRONG, seconds, placed.nodes, placed.fallback_nodes)


def _profiled(device: Device, source: Source, feeds: Mapping[str, Any]) -> Placement:
    """Return where nodes run, for a runtime that tells it only in a profile of a run."""
    with TemporaryDirectory() as folder:
        options = session_options(device, threads=1)
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(folder) / "trial")
        session = runtime().InferenceSession(
            source, options, providers=provider_list(device), enable_fallback=0
        )
        session.run(None, dict(feeds))
        return placement.of_profile(Path(session.end_profiling()).read_text(encoding="utf-8"))


def _feeds(session: Any) -> dict[str, Any]:
    """Return inputs of the right kinds and sizes, the same each time."""
    import numpy as np

    random = np.random.default_rng(5)
    feeds: dict[str, Any] = {}
    for each in session.get_inputs():
        shape = [_size(place, size, len(each.shape)) for place, size in enumerate(each.shape)]
        if "int" in each.type or "bool" in each.type:
            feeds[each.name] = np.ones(shape, _kind(each.type))
        else:
            feeds[each.name] = random.standard_normal(shape).astype(_kind(each.type))
    return feeds


def _size(place: int, size: int | str | None, rank: int) -> int:
    if isinstance(size, int) and size > 0:
        return size
    return _OPEN_PX if rank == 4 and place >= 2 else (1 if place == 0 else 8)


def _kind(described: str) -> str:
    inner = described.removeprefix("tensor(").removesuffix(")")
    return {"float": "float32", "double": "float64"}.get(inner, inner)


def _alike(found: Any, expected: Any) -> bool:
    """Whether two results point the same way and are as long, without a number that is none."""
    import numpy as np

    one, two = (np.asarray(each, np.float64).ravel() for each in (found, expected))
    if one.shape != two.shape or not np.isfinite(one).all():
        return False
    lengths = float(np.linalg.norm(one)), float(np.linalg.norm(two))
    if min(lengths) < 1e-9:
        return max(lengths) < 1e-3
    cosine = float(one @ two) / (lengths[0] * lengths[1])
    return cosine > _ALIKE and abs(lengths[0] / lengths[1] - 1) < 0.02
