"""`photosearch models convert`: an open_clip model, published or one's own, for this program."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from photosearch.cli import output
from photosearch.cli.indexing import stoppable
from photosearch.errors import Cancelled
from photosearch.types import AnyModel, Conversion, ConversionProgress

if TYPE_CHECKING:
    from photosearch.library import Library

_WORDS = {
    "loading": "Loading the model",
    "exporting pictures": "Writing the half for pictures",
    "exporting words": "Writing the half for words",
    "comparing": "Comparing with open_clip",
    "registering": "Adding the model",
}


def grammar(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument(
        "--architecture",
        required=True,
        metavar="NAME",
        help="open_clip's name, as ViT-B-32, or the .json file of one's own configuration",
    )
    weights = parser.add_mutually_exclusive_group(required=True)
    weights.add_argument("--pretrained", default="", metavar="TAG", help="published weights")
    weights.add_argument(
        "--checkpoint", default="", metavar="FILE", help="weights in a file, as one's own training"
    )
    parser.add_argument("--name", required=True, metavar="X", help="what to call the model")
    parser.add_argument(
        "--tokenizer",
        default="",
        metavar="PATH",
        help="folder or file of its tokenizer; else it is fetched from the Hugging Face hub",
    )


def run(library: Library, given: argparse.Namespace) -> int:
    """Convert and show the model."""
    from photosearch.cli.models import show

    try:
        return show((_convert(library, given),), given)
    except Cancelled:
        return output.problem("Stopped. Nothing of the model was kept.", 130)


def _convert(library: Library, given: argparse.Namespace) -> AnyModel:
    """Convert, telling how far it is; notes about the model come at the end."""
    request = Conversion(
        name=given.name,
        architecture=_path(given.architecture) if _is_file(given) else given.architecture,
        pretrained=given.pretrained,
        checkpoint=_path(given.checkpoint),
        tokenizer=_path(given.tokenizer),
    )
    notes: list[str] = []
    with stoppable() as check, _progress() as show:

        def report(progress: ConversionProgress) -> None:
            show(progress)
            if progress.note:
                notes.append(progress.note)

        made = library.converting.convert(request, report, check)
    for note in notes:
        output.hint(note)
    return made


def _is_file(given: argparse.Namespace) -> bool:
    return str(given.architecture).endswith(".json")


def _path(given: str) -> str:
    return os.path.abspath(given) if given else ""  # the child works elsewhere


@contextmanager
def _progress() -> Iterator[Callable[[ConversionProgress], None]]:
    """Show a bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda progress: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )
    from rich.progress import Progress as Bar

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Starting", total=len(_WORDS))

        def show(progress: ConversionProgress) -> None:
            words = _WORDS.get(progress.stage, progress.stage)
            bar.update(task, description=words, completed=progress.step - 1, total=progress.steps)

        yield show
