"""`photosearch models try`: what two or three models find, and how fast they are."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from photosearch.cli import output
from photosearch.cli.indexing import stoppable
from photosearch.types import PhotoId

if TYPE_CHECKING:
    from photosearch.library import Library

_SHOWN = 5  # photos of each model, without --json


def try_models(library: Library, given: argparse.Namespace) -> int:
    """Ask some models the same about the same photos."""
    with stoppable() as check:
        trial = library.trials.run(
            given.names, given.query, lambda _progress: None, check, given.photos
        )
    asked = {photo for each in trial.results for photo in each.photos}
    paths = {row.id: row.path for row in library.summaries([PhotoId(photo) for photo in asked])}
    if given.json:
        value = asdict(trial)
        for each in value["results"]:
            each["paths"] = [paths.get(photo, "") for photo in each["photos"]]
        output.as_json(value)
        return 0
    output.line(f"“{trial.query}” among {output.count(trial.photos, 'photo')}:")
    for result in trial.results:
        if result.problem:
            output.line(f"{result.name}: {result.problem}")
            continue
        output.line(
            f"{result.name}: {result.per_second:.1f} photos/s, {result.query_ms:.0f} ms for a query"
        )
        for photo, score in zip(result.photos[:_SHOWN], result.scores, strict=False):
            output.line(f"  {score:.3f}  {output.shown(paths.get(PhotoId(photo), ''))}")
    return 0
