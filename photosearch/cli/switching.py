"""`photosearch models use|cost|switch|leftovers|delete`: changing the search model."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from photosearch.cli import output
from photosearch.cli.getting import know_speed
from photosearch.cli.models import as_values, show
from photosearch.errors import UsageError
from photosearch.types import Switch

if TYPE_CHECKING:
    from photosearch.library import Library


def use(library: Library, given: argparse.Namespace) -> int:
    """Work with a model: at once where nothing is lost by it, else beside the one in use."""
    if given.now:
        return show((library.use_model(given.name),), given)
    coming = library.switching.choose(given.name)
    chosen = tuple(model for model in library.models() if model.name == given.name)
    if coming is None:
        return show(chosen, given)
    if given.json:
        output.as_json({"models": as_values(chosen), "switch": asdict(coming)})
        return 0
    _say(coming)
    return 0


def cost(library: Library, given: argparse.Namespace) -> int:
    """Tell what choosing a model would take."""
    know_speed(library)
    found = library.switching.cost(given.name)
    if given.json:
        output.as_json(asdict(found))
        return 0
    if found.download_bytes:
        output.line(f"to download: {_size(found.download_bytes)}")
    time = "" if found.seconds is None else f", about {_time(found.seconds)}"
    output.line(f"to prepare: {output.count(found.photos, 'photo')}{time}")
    if found.from_originals:
        away = f", {found.unreachable} of them on drives that are not there"
        output.line(
            f"from their originals: {output.count(found.from_originals, 'photo')}"
            f"{away if found.unreachable else ''}"
        )
    output.line(
        f"on the disk: {_size(found.disk_bytes)} of {_size(found.free_bytes)} that are free"
    )
    return 0


def switch(library: Library, given: argparse.Namespace) -> int:
    """Tell how far the coming model is, use it at once, or give it up."""
    if given.what == "now":
        library.switching.now()
    elif given.what == "back":
        library.switching.go_back()
    found = library.switching.current()
    model = library.model()
    if given.json:
        name = model.name if model else None
        output.as_json({"model": name, "switch": asdict(found) if found else None})
    elif found is None:
        output.line(f"No model is being prepared. Search model: {model.name if model else 'none'}")
    else:
        _say(found)
    return 0


def leftovers(library: Library, given: argparse.Namespace) -> int:
    """List the models that are not in use, and what deleting them would free."""
    found = library.switching.leftovers()
    if given.json:
        output.as_json({"leftovers": [asdict(each) for each in found]})
        return 0
    if not found:
        output.line("Nothing is left of other models.")
    for each in found:
        files = _size(each.file_bytes) if each.file_bytes else "not PhotoSearch's own"
        output.line(
            f"{each.name}  {each.kind}  files: {files}; "
            f"{output.count(each.vectors, 'vector')}: {_size(each.vector_bytes)}"
        )
    return 0


def delete(library: Library, given: argparse.Namespace) -> int:
    """Delete the vectors of a model, its files, or both."""
    if not given.files and not given.vectors:
        raise UsageError("Say what to delete: --vectors, --files or both.")
    freed = library.switching.delete(given.name, files=given.files, vectors=given.vectors)
    if given.json:
        output.as_json({"freed_bytes": freed, "models": as_values(library.models())})
        return 0
    output.line(f"{_size(freed)} freed on the disk")
    return 0


def _say(switch: Switch) -> None:
    left = "" if switch.seconds_left is None else f", about {_time(switch.seconds_left)} left"
    output.line(
        f"{switch.coming} is prepared beside {switch.current}, which answers until then: "
        f"{switch.done} of {output.count(switch.total, 'photo')}{left}"
    )
    output.hint("Go on with: photosearch index")


def _size(count: int) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count / 1e3:.0f} kB"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
