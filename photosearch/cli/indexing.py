"""`photosearch index`: a progress bar on a terminal, a summary or one JSON object at the end."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from types import FrameType

from photosearch.cli import output
from photosearch.errors import Cancelled
from photosearch.library import Library
from photosearch.types import Check, IndexReport, Progress, Report, Stage

_WORDS = {
    Stage.SCAN: "Comparing folders",
    Stage.LOOK: "Looking at photos",
    Stage.MEASURE: "Measuring the search model",
    Stage.EMBED: "Preparing search",
    Stage.COMING: "Preparing the other search model",
    Stage.FACES: "Looking for faces",
    Stage.GROUP: "Sorting faces into people",
    Stage.SAVE: "Saving",
}
_LISTED = 20  # failures shown without --json; the rest is counted


def index(library: Library, paths: list[str], *, as_json: bool) -> int:
    """Add `paths` and index them and all that is pending; without paths, rescan everything."""
    folders = [folder.id for folder in library.add_folders(paths)] if paths else None
    with stoppable() as check, progress() as report:
        done = library.index(report, check, folders)
    if as_json:
        output.as_json(_value(done))
        return 0
    _summary(done)
    if library.model() is None:
        output.hint("Add a search model with: photosearch models add DIR")
    return 0


def _value(done: IndexReport) -> dict[str, object]:
    failed = [{"path": f.path, "stage": f.stage, "reason": f.reason} for f in done.failed]
    return asdict(done) | {"failed": failed}


def _summary(done: IndexReport) -> None:
    output.line(
        f"{done.found} photos found: {done.added} added, {done.updated} updated, "
        f"{done.moved} moved, {done.removed} removed, {done.unchanged} unchanged, "
        f"{len(done.failed)} could not be used ({done.seconds:.1f} s)"
    )
    if ready := _worked_off(done, Stage.EMBED):
        output.line(f"{output.count(ready, 'photo')} gone through for search by content")
    if ready := _worked_off(done, Stage.COMING):
        output.line(f"{output.count(ready, 'photo')} gone through for the other search model")
    if looked := _worked_off(done, Stage.FACES):
        found = output.count(int(done.stages[Stage.FACES]["found"]), "face")
        output.line(f"{found} found in {output.count(looked, 'photo')}")
    for failure in done.failed[:_LISTED]:
        output.line(f"  {output.shown(failure.path)}: {output.shown(failure.reason)}")
    if len(done.failed) > _LISTED:
        output.line(f"  and {len(done.failed) - _LISTED} more; see --json")
    for notice in done.notices:
        output.hint(notice)


def _worked_off(done: IndexReport, stage: Stage) -> int:
    """Return how many photos went through a stage in this run, those that failed too."""
    return int(done.stages.get(stage, {}).get("done", 0))


@contextmanager
def stoppable() -> Iterator[Check]:
    """Turn Ctrl+C and a polite kill into an orderly end after the current batch."""
    stop = threading.Event()

    def request_stop(number: int, frame: FrameType | None) -> None:
        if stop.is_set():  # asked twice: now, not after the batch
            raise KeyboardInterrupt
        stop.set()

    def check() -> None:
        if stop.is_set():
            raise Cancelled("Stopped.")

    if threading.current_thread() is not threading.main_thread():
        yield check
        return
    before = {s: signal.signal(s, request_stop) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield check
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def progress() -> Iterator[Report]:
    """Show a bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda progress: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.progress import (
        Progress as Bar,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(_WORDS[Stage.SCAN], total=None, speed="")

        def report(progress: Progress) -> None:
            bar.update(
                task,
                description=_WORDS[progress.stage],
                completed=progress.done,
                total=progress.total or None,
                speed=f"{progress.per_second:.0f}/s" if progress.per_second else "",
            )

        yield report
