"""`photosearch models`: its verbs, each with its grammar and what it does.

A verb of more than a few lines has a module of its own, which is imported when it is asked for.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from photosearch.cli import output
from photosearch.types import AnyModel, FacePackInfo

if TYPE_CHECKING:
    from photosearch.library import Library

Grammar = Callable[[argparse.ArgumentParser], object]
Action = Callable[["Library", argparse.Namespace], int]


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: its words, its arguments, and what it does (returns the exit code)."""

    name: str
    words: str
    grammar: Grammar
    run: Action


def run(library: Library, given: argparse.Namespace) -> int:
    """Do what `photosearch models VERB` asks."""
    verb = next(verb for verb in VERBS if verb.name == given.verb)
    return verb.run(library, given)


def _no_arguments(_parser: argparse.ArgumentParser) -> None:
    """Take nothing but what every command takes."""


def _folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder",
        metavar="DIR|ZIP",
        help="a search model or a face pack in the Immich layout; a ZIP file is unpacked",
    )


def _name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")


def _get(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    parser.add_argument(
        "--accept-licence",
        action="store_true",
        help="accept the licence of a model that is for research only; it is remembered",
    )


def _list(library: Library, given: argparse.Namespace) -> int:
    return show(library.models(), given)


def _name_and_now(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    parser.add_argument(
        "--now", action="store_true", help="do not wait until photos are prepared for it"
    )


def _switch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", choices=("status", "now", "back"), default="status")


def _deleted(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    parser.add_argument("--vectors", action="store_true", help="what was calculated with it")
    parser.add_argument("--files", action="store_true", help="the model itself")


def _trial(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", metavar="QUERY", help="what to search for")
    parser.add_argument("names", metavar="NAME", nargs="+", help="two or three models")
    parser.add_argument("--photos", type=int, default=200, help="how many photos (200)")


def _remove(library: Library, given: argparse.Namespace) -> int:
    library.remove_model(given.name)
    return show(library.models(), given)


def _conversion(parser: argparse.ArgumentParser) -> None:
    from photosearch.cli import converting

    converting.grammar(parser)


def _of_module(verb: str) -> Action:
    """Return what a verb does that stands in a module of its own."""

    def run_it(library: Library, given: argparse.Namespace) -> int:
        from photosearch.cli import converting, getting, measuring, switching, trying

        actions: dict[str, Action] = {
            "catalogue": getting.catalogue,
            "get": getting.get,
            "add": getting.add,
            "repair": getting.repair,
            "discard": getting.discard,
            "convert": converting.run,
            "use": switching.use,
            "cost": switching.cost,
            "switch": switching.switch,
            "leftovers": switching.leftovers,
            "delete": switching.delete,
            "try": trying.try_models,
            "measure": measuring.measure,
        }
        return actions[verb](library, given)

    return run_it


def show(models: tuple[AnyModel, ...], given: argparse.Namespace) -> int:
    """Print models, one a line, or as one JSON object."""
    if given.json:
        output.as_json({"models": as_values(models)})
        return 0
    if not models:
        output.line(
            "No models. See what there is with: photosearch models catalogue, or take your own "
            "with: photosearch models add DIR"
        )
    for model in models:
        mark = "*" if model.in_use else " "
        size = f"{model.bytes_on_disk / 1e6:.0f} MB"
        note = f"  ({model.problem})" if model.problem else ""
        kind = f"{_kind(model)}  {model.dimension}-d"
        output.line(f"{mark} {model.name}  {kind}  {size}  {model.folder}{note}")
    return 0


def _kind(model: AnyModel) -> str:
    return "faces" if isinstance(model, FacePackInfo) else "search"


def as_values(models: tuple[AnyModel, ...]) -> list[dict[str, object]]:
    """Return models as JSON has them."""
    return [{"kind": _kind(model), **asdict(model)} for model in models]


VERBS: tuple[Verb, ...] = (
    Verb("list", "list registered models", _no_arguments, _list),
    Verb("catalogue", "list all models there are to get", _no_arguments, _of_module("catalogue")),
    Verb("get", "download a model; goes on where it was stopped", _get, _of_module("get")),
    Verb("add", "register a model folder, or a model in a ZIP file", _folder, _of_module("add")),
    Verb(
        "convert",
        "turn an open_clip model into one for PhotoSearch",
        _conversion,
        _of_module("convert"),
    ),
    Verb("use", "work with this model once photos are prepared", _name_and_now, _of_module("use")),
    Verb("cost", "tell what using this search model takes", _name, _of_module("cost")),
    Verb(
        "switch",
        "a model that is being prepared: how far, now, back",
        _switch,
        _of_module("switch"),
    ),
    Verb("try", "ask two or three models the same", _trial, _of_module("try")),
    Verb("leftovers", "list what other models hold", _no_arguments, _of_module("leftovers")),
    Verb("delete", "delete vectors or files of a model", _deleted, _of_module("delete")),
    Verb("measure", "find out how a model runs best here", _name, _of_module("measure")),
    Verb("repair", "verify a model and fetch damaged files anew", _name, _of_module("repair")),
    Verb("discard", "delete a download that was stopped", _name, _of_module("discard")),
    Verb("remove", "forget this model", _name, _remove),
)
