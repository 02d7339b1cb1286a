"""`photosearch folders`: which there are, and what is to be done with the photos in each."""

from __future__ import annotations

import argparse
import os
from dataclasses import asdict

from photosearch.cli import output
from photosearch.errors import UsageError
from photosearch.library import Library
from photosearch.types import Folder, FolderId


def folders(library: Library, given: argparse.Namespace) -> int:
    """Do what the verb says and list the folders."""
    if given.verb == "add":
        shown = library.add_folders(given.paths)
    else:
        for id_ in _known(library, getattr(given, "paths", [])):
            _change(library, given, id_)
        shown = library.folders()
    if given.json:
        output.as_json({"folders": [asdict(folder) for folder in shown]})
        return 0
    if not shown:
        output.line("No folders. Add one with: photosearch index PATH")
    for folder in shown:
        output.line(f"{output.shown(folder.path)}  ({_state(folder)})")
        for pattern in folder.exclude:
            output.line(f"  without {output.shown(pattern)}")
    if given.verb == "exclude":
        output.hint("This holds from the next run of: photosearch index")
    return 0


def _change(library: Library, given: argparse.Namespace, folder: FolderId) -> None:
    if given.verb == "remove":
        library.remove_folder(folder)
    elif given.verb == "faces":
        library.set_folder_faces(folder, given.state == "on")
    elif given.verb == "search":
        library.set_folder_search(folder, given.state == "on")
    elif given.verb == "exclude":
        library.set_folder_exclude(folder, given.patterns)


def _state(folder: Folder) -> str:
    parts = ["offline" if folder.offline else output.count(folder.photos, "photo")]
    parts += [] if folder.search else ["not searched by what photos show"]
    parts += [] if folder.faces else ["without faces"]
    return ", ".join(parts)


def _known(library: Library, wanted: list[str]) -> list[FolderId]:
    known = {folder.path: folder for folder in library.folders()}
    found = []
    for path in wanted:
        folder = known.get(path) or known.get(os.path.abspath(path))
        if folder is None:
            raise UsageError(f"{path} is not among the folders: {', '.join(known) or 'none'}.")
        found.append(folder.id)
    return found
