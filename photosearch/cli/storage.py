"""`photosearch storage`: what the program keeps, where and how much; clearing of caches."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from photosearch.cli import output
from photosearch.library import Library


def storage(library: Library, given: argparse.Namespace) -> int:
    """List what is kept, or clear one of the caches."""
    if given.verb == "clear":
        freed = library.storage.clear(given.name)
        if given.json:
            output.as_json({"name": given.name, "freed": freed})
        else:
            output.line(f"{_size(freed)} freed")
        return 0
    things = library.storage.all()
    if given.json:
        output.as_json({"storage": [asdict(thing) for thing in things]})
        return 0
    for thing in things:
        note = f"  (photosearch storage clear {thing.name})" if thing.clearable else ""
        output.line(f"{_size(thing.bytes_on_disk):>9}  {thing.title}{note}")
        output.line(f"           {thing.sentence}")
        output.line(f"           {output.shown(thing.path)}")
    output.line(f"{_size(sum(thing.bytes_on_disk for thing in things)):>9}  in all")
    return 0


def _size(count: int) -> str:
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count} B"
