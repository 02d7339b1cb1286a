"""What preparing a model gave, and what of it is used: the fastest that keeps fidelity."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from photosearch.types import Measurement, Plan, PrecisionResult, Tower

FP32 = "fp32"
AUTO = "auto"
_WORTH = 1.05  # a smaller graph must be this much faster: it is never quite the same


@dataclass(frozen=True, slots=True)
class Made:
    """One precision: how its image tower did, and the graphs of both, relative to a folder.

    An empty name is the model's own graph. `text_reason` says why the text tower is not used.
    """

    result: PrecisionResult
    image: str = ""
    text: str = ""
    text_reason: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that preparing a model on a device gave; the first of `made` is fp32."""

    device: str
    threads: int
    made: tuple[Made, ...]
    text_batch: int = 1
    text_ms: float = 0.0
    text_memory_bytes: int = 0
    notes: tuple[str, ...] = ()
    asked: str = AUTO  # the setting devices.precision it was made for


def chosen(outcome: Outcome, preference: str) -> Made:
    """Return what the image tower runs at: as forced where that is there, else the fastest."""
    full = outcome.made[0]
    if preference != AUTO:
        forced = (m for m in outcome.made if m.result.precision == preference and m.image)
        return next(forced, full)
    usable = [made for made in outcome.made if made.result.usable and made is not full]
    best = max(usable, key=lambda made: made.result.images_per_second, default=full)
    gains = best.result.images_per_second >= full.result.images_per_second * _WORTH
    return best if gains else full


def chosen_text(outcome: Outcome, preference: str) -> Made:
    """Return whose text tower answers queries: the smallest that keeps fidelity."""
    full = outcome.made[0]
    others = [m for m in outcome.made[1:] if m.text]
    if preference != AUTO:
        return next((m for m in others if m.result.precision == preference), full)
    return next((m for m in others if not m.text_reason), full)


def plan(outcome: Outcome, preference: str, folder: Path) -> Plan:
    """Return how the engine is to run the model; `folder` holds the graphs.

    Forced full precision is the model's own graphs: not even a table of words is smaller.
    """
    if preference == FP32:
        return plain(outcome)
    image, text = chosen(outcome, preference), chosen_text(outcome, preference)

    def path(name: str) -> str:
        return str(folder / name) if name else ""

    return Plan(
        image=Tower(path(image.image), image.result.precision, image.result.batch),
        text=Tower(path(text.text), text.result.precision, outcome.text_batch),
        threads=outcome.threads,
        device=outcome.device,
    )


def plain(outcome: Outcome) -> Plan:
    """Return how the engine is to run the model's own graphs, as fast as they go."""
    return Plan(
        image=Tower(batch=outcome.made[0].result.batch),
        text=Tower(batch=outcome.text_batch),
        threads=outcome.threads,
        device=outcome.device,
    )


def covers(outcome: Outcome, preference: str) -> bool:
    """Whether everything was tried that a preference wants."""
    if preference in (FP32, outcome.asked):
        return True
    if preference == AUTO:  # what was forced may be all that suits the device
        return outcome.asked == ("int8" if outcome.device == "cpu" else "fp16")
    return any(made.result.precision == preference for made in outcome.made)


def measurement(outcome: Outcome, preference: str, folder: Path) -> Measurement:
    """Return what the pane shows."""
    return Measurement(
        device=outcome.device,
        plan=plan(outcome, preference, folder),
        results=tuple(made.result for made in outcome.made),
        text_ms=outcome.text_ms,
        text_memory_bytes=outcome.text_memory_bytes,
        notes=outcome.notes,
    )


def unmeasured(device: str, why: str) -> Outcome:
    """Return the outcome of a failure: the model runs as it is, and the pane says why."""
    full = PrecisionResult(FP32, 0.0, Tower().batch, 1.0, 1.0, True)
    return Outcome(device, 0, (Made(full),), notes=(why,))
