"""`photosearch export` and `photosearch import`: what was said, on its way between computers."""

from __future__ import annotations

import argparse
import os
import shlex
from dataclasses import asdict, replace

from photosearch.cli import output
from photosearch.errors import UsageError
from photosearch.library import Library
from photosearch.types import Brought, Imported, TheirFolder, TransferProgress

_SHOWN = 20  # conflicts in a list to read; --json has all


def export(library: Library, given: argparse.Namespace) -> int:
    """Write the file and tell how much is in it."""
    try:
        done = library.transfer.export(given.file, _silent, _go_on, replace=given.force)
    except UsageError as error:
        if os.path.isfile(given.file) and not given.force:
            raise UsageError(f"{error} An earlier export is written over with --force.") from error
        raise
    if given.json:
        output.as_json(asdict(done))
        return 0
    output.line(
        f"{output.count(done.people, 'name')}, {output.count(done.faces, 'word')} on faces, "
        f"{output.count(done.favourites, 'favourite')} and "
        f"{output.count(done.settings, 'setting')} are in {output.shown(done.path)}"
    )
    return 0


def bring(library: Library, given: argparse.Namespace) -> int:
    """Take the file in and tell what is new, what waits, and what stayed as it was here."""
    done = library.transfer.bring(given.file, _silent, _go_on, rehearse=given.dry_run)
    if given.json:
        output.as_json(asdict(done))
        return 0
    _tell(done)
    for folder in done.folders:
        _offer(folder)
    for sentence in done.notices:
        output.hint(sentence)
    if done.rehearsed:
        output.hint("Nothing was changed: this was a rehearsal.")
    return 0


def _tell(done: Imported) -> None:
    came = done.brought
    if came == replace(Brought(), conflicts=came.conflicts):
        output.line("new: nothing; all else that it says is said here already")
    else:
        _tell_new(came)
    output.line(
        f"photos it speaks of: {done.photos_here} here, {done.photos_waiting} waiting to be indexed"
    )
    if done.settings:
        output.line(f"settings: {', '.join(done.settings)}")
    if done.conflicts:
        output.line(f"left as here: {output.count(len(done.conflicts), 'conflict')}")
    for each in done.conflicts[:_SHOWN]:
        output.line(
            f"  {output.shown(each.about)}: here {output.shown(each.here)}, "
            f"there {output.shown(each.there)}"
        )
    if len(done.conflicts) > _SHOWN:
        output.line(f"  and {len(done.conflicts) - _SHOWN} more: see --json")


def _tell_new(came: Brought) -> None:
    output.line(
        f"new: {output.count(came.people, 'name')}; {output.count(came.faces, 'word')} on faces "
        f"and {output.count(came.favourites, 'favourite')} in photos that are here; "
        f"{output.count(came.waiting_faces, 'word')} and "
        f"{output.count(came.waiting_favourites, 'favourite')} in photos still to come"
    )


def _offer(folder: TheirFolder) -> None:
    """Name a folder of the other library, with the words that add it here."""
    if folder.known:
        return
    shown = output.shown(folder.path)
    if not folder.present:
        output.line(f"folder there, not on this computer: {shown}")
        return
    output.line(f"folder there, to be added with: photosearch index {shlex.quote(shown)}")
    for verb, on in (("faces", folder.faces), ("search", folder.search)):
        if not on:
            output.line(f"  as there: photosearch folders {verb} {shlex.quote(shown)} off")
    if folder.exclude:
        patterns = " ".join(shlex.quote(output.shown(each)) for each in folder.exclude)
        output.line(f"  as there: photosearch folders exclude {shlex.quote(shown)} {patterns}")


def _silent(_progress: TransferProgress) -> None:
    """A command tells at its end."""


def _go_on() -> None:
    """Nothing stops it but Ctrl+C, which leaves everything as it was."""
