"""`photosearch models catalogue|get|add|repair|discard`: which models there are, getting them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from photosearch.cli import output
from photosearch.cli.indexing import stoppable
from photosearch.errors import PhotoSearchError
from photosearch.types import AnyModel, DownloadProgress, ModelOffer, OfferState

if TYPE_CHECKING:
    from rich.progress import Progress

    from photosearch.library import Library

_WORDS = {
    "listing": "Asking what there is",
    "downloading": "Downloading",
    "verifying": "Verifying",
    "reading": "Reading the model",
}


def know_speed(library: Library) -> None:
    """Measure how fast this machine is, unless that is known: speeds are estimated from it."""
    try:
        if library.measuring.calibration() is None:
            library.measuring.calibrate(lambda: None)
    except PhotoSearchError as error:  # the rest can be told
        output.hint(f"how fast this machine is could not be measured: {error}")


def catalogue(library: Library, given: argparse.Namespace) -> int:
    """Show every model one may choose, and choices in plain words."""
    know_speed(library)
    offers, presets = library.offers.all(), library.offers.presets()
    if given.json:
        output.as_json(
            {
                "models": [asdict(offer) for offer in offers],
                "presets": [asdict(preset) for preset in presets],
            }
        )
        return 0
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title, side in (
        ("Model", "left"),
        ("English", "right"),
        ("Languages", "left"),
        ("Size", "right"),
        ("Memory", "right"),
        ("Photos/s", "right"),
        ("Licence", "left"),
        ("State", "left"),
    ):
        table.add_column(title, justify="right" if side == "right" else "left", overflow="fold")
    for offer in offers:
        table.add_row(*_row(offer))
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    for preset in presets:
        mark = " (recommended)" if preset.recommended else ""
        output.line(f"{preset.title}{mark}: {preset.model}. {preset.sentence}")
        if preset.reason:
            output.line(f"  {preset.reason}")
    return 0


def get(library: Library, given: argparse.Namespace) -> int:
    """Download a model; a stopped download goes on the next time."""
    if given.accept_licence:
        library.getting.accept(given.name)
    with stoppable() as check, downloading() as report:
        model = library.getting.get(given.name, report, check)
    return _done(library, model, given)


def add(library: Library, given: argparse.Namespace) -> int:
    """Register a model folder, or unpack a ZIP file and register that."""
    with stoppable() as check, downloading() as report:
        model = library.getting.add(given.folder, report, check)
    return _done(library, model, given)


def repair(library: Library, given: argparse.Namespace) -> int:
    """Verify a model that was fetched, and fetch damaged files anew."""
    with stoppable() as check, downloading() as report:
        model = library.getting.repair(given.name, report, check)
    return _done(library, model, given)


def discard(library: Library, given: argparse.Namespace) -> int:
    """Delete what is here of a download that was stopped."""
    freed = library.getting.partial(given.name)
    library.getting.discard(given.name)
    if given.json:
        output.as_json({"freed": freed})
    else:
        output.line(f"{freed / 1e6:.0f} MB are free again.")
    return 0


def _done(library: Library, model: AnyModel, given: argparse.Namespace) -> int:
    from photosearch.cli.models import show

    return show((model,), given)


def _row(offer: ModelOffer) -> tuple[str, ...]:
    entry = offer.entry
    english = (
        next((each.percent for each in entry.recall if each.language == "en"), 0) if entry else 0
    )
    languages = " ".join(entry.languages) if entry else ""
    size = offer.disk_bytes if offer.info else offer.download_bytes
    state: str = offer.state
    if entry and entry.licence.research_only and offer.state is OfferState.AVAILABLE:
        state = f"{state}, research only"
    return (
        offer.name,
        f"{english:.1f} %" if english else "",
        "100 and more" if languages == "*" else languages,
        f"{size / 1e9:.2f} GB" if size else "",
        f"{offer.memory_bytes / 1e9:.1f} GB" if offer.memory_bytes else "",
        f"{offer.speed.per_second:.1f}" if offer.speed else "",
        entry.licence.name if entry else "",
        state,
    )


@contextmanager
def downloading() -> Iterator[Callable[[DownloadProgress], None]]:
    """Show a bar on a terminal; elsewhere only what the hub asks for."""
    said = [""]

    def say(progress: DownloadProgress) -> None:
        if progress.note and progress.note != said[0]:
            output.hint(progress.note)
        said[0] = progress.note

    if not sys.stderr.isatty():
        yield say
        return
    with _bar() as bar:
        task = bar.add_task(_WORDS["listing"], total=None)

        def report(progress: DownloadProgress) -> None:
            words = progress.note or f"{_WORDS.get(progress.stage, '')} {progress.file}"
            bar.update(
                task,
                description=output.shown(words.strip()),
                completed=progress.done_bytes,
                total=progress.total_bytes or None,
            )

        yield report


def _bar() -> Progress:
    from rich import progress
    from rich.console import Console

    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(),
    )
    return progress.Progress(*columns, console=Console(stderr=True), transient=True)
