"""`photosearch models measure`: how a model runs best here, and why not otherwise."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from photosearch.cli import output
from photosearch.cli.indexing import stoppable
from photosearch.library import Library
from photosearch.types import ConversionProgress, Measurement, PrecisionResult


def measure(library: Library, given: argparse.Namespace) -> int:
    """Measure a model and print what came out."""

    def report(progress: ConversionProgress) -> None:
        if not given.json:
            output.hint(f"{progress.stage} {progress.note} ({progress.step} of {progress.steps})")

    with stoppable() as check:
        found = library.measuring.measure(given.name, report, check)
    if given.json:
        output.as_json(asdict(found))
        return 0
    _show(given.name, found)
    return 0


def _show(name: str, found: Measurement) -> None:
    plan = found.plan
    output.line(
        f"{name} on {found.device}: photos at {plan.image.precision}, {plan.image.batch} at once; "
        f"searches at {plan.text.precision}"
        + (f", {found.text_ms:.0f} ms each" if found.text_ms else "")
    )
    for result in found.results:
        output.line(f"  {_described(result)}")
    for note in found.notes:
        output.hint(note)


def _described(result: PrecisionResult) -> str:
    if not result.images_per_second:
        return f"{result.precision}: {result.reason}"
    words = f"{result.precision}: {result.images_per_second:.1f} photos a second"
    if result.precision != "fp32":
        words += f", cosine {result.cosine:.4f}, {result.overlap:.0%} of the first ten the same"
    return f"{words}. Not used: {result.reason}" if result.reason else words
