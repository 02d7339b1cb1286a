"""`photosearch people`: which function answers which verb, and grouping."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import asdict

from photosearch.cli import faces, output, saying
from photosearch.cli.indexing import progress, stoppable
from photosearch.errors import UsageError
from photosearch.library import Library

Verb = Callable[[Library, argparse.Namespace], int]


def people(library: Library, given: argparse.Namespace) -> int:
    """Do what the verb says."""
    return VERBS[given.verb](library, given)


def _regroup(library: Library, given: argparse.Namespace) -> int:
    _need_pack(library)
    if given.strictness is not None:
        library.settings.set("faces.strictness", given.strictness)
    with stoppable() as check, progress() as report:
        done = library.people.group(report, check, whole=True)
    if given.json:
        output.as_json(asdict(done))
        return 0
    output.line(
        f"{done.assigned} of {output.count(done.faces, 'face')} belong to "
        f"{output.count(done.people, 'person').replace('persons', 'people')} and "
        f"{output.count(done.groups, 'group')} without a name ({done.seconds:.1f} s)"
    )
    return 0


def _evaluate(library: Library, given: argparse.Namespace) -> int:
    if not _need_pack(library):
        raise UsageError("No face has been found yet. Run “photosearch index” first.")
    found = asdict(library.people.evaluate(given.labels))
    if given.json:
        output.as_json(found)
        return 0
    for name, value in found.items():
        shown = value if isinstance(value, int) else f"{value:.4f}"
        output.line(f"{name.replace('_', ' ')}: {shown}")
    return 0


def _need_pack(library: Library) -> bool:
    """Return whether any face was found; `UsageError` when there is no pack to find them."""
    pack = library.face_pack()
    if pack is None:
        raise UsageError(
            "No face pack is chosen. Add one with “photosearch models add DIR”, then “photosearch"
            " index”."
        )
    found = library.people.has_faces()
    if pack.problem and not found:
        raise UsageError(f"The face pack “{pack.name}” cannot be used: {pack.problem}")
    return found


VERBS: Mapping[str, Verb] = {
    "list": faces.everybody,
    "show": faces.of_person,
    "unsorted": faces.unsorted,
    "questions": faces.questions,
    "name": saying.name,
    "merge": saying.merge,
    "move": saying.move,
    "confirm": saying.confirm,
    "reject": saying.reject,
    "dismiss": saying.dismiss,
    "draw": saying.draw,
    "hide": saying.hide,
    "unhide": saying.unhide,
    "strangers": saying.strangers,
    "cover": saying.cover,
    "birthday": saying.birthday,
    "undo": saying.undo,
    "redo": saying.redo,
    "regroup": _regroup,
    "evaluate": _evaluate,
}
