"""`photosearch search`: one query, or one a line from standard input with the program warm."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace

from photosearch.cli import output
from photosearch.errors import UsageError
from photosearch.library import Library
from photosearch.types import Results, SearchRequest

_LIMIT = 20
NOTHING_BY_NAME = (
    "Nothing found. Only names, folders, dates and cameras were searched: "
    "to search by what photos show, add a model with “photosearch models add DIR”."
)


def search(library: Library, given: argparse.Namespace) -> int:
    """Answer the query of the arguments, or those of standard input."""
    if not given.text and not given.like:
        raise UsageError("Say what to look for: a text, or --like PHOTO.")
    request = _like(
        library,
        SearchRequest(limit=given.limit or _LIMIT, content_only=given.content_only),
        given.like,
    )
    if given.text == "-":
        for line in sys.stdin:
            text = line.rstrip("\r\n")
            results = library.search(replace(request, text=text))
            output.as_json({"query": text, **_value(library, results)})
        return 0
    results = library.search(replace(request, text=given.text))
    for notice in results.notices:
        output.hint(notice)
    if given.json:
        output.as_json(_value(library, results))
        return 0
    for path, score in _rows(library, results):
        output.line(f"{score:.4f}  {output.shown(path)}" if given.scores else output.shown(path))
    if not len(results.ids):
        output.hint("Nothing found." if library.model() else NOTHING_BY_NAME)
    return 0


def _like(library: Library, request: SearchRequest, photo: str | None) -> SearchRequest:
    if not photo:
        return request
    if not os.path.exists(photo):
        raise UsageError(f"There is no photo at {photo}.")
    known = library.find(photo)
    if known is not None:
        return replace(request, like=(known,))
    return replace(request, like_paths=(photo,))


def _rows(library: Library, results: Results) -> list[tuple[str, float]]:
    summaries = library.summaries(results.ids.tolist())
    scores = dict(zip(results.ids.tolist(), results.scores.tolist(), strict=True))
    return [(summary.path, scores[int(summary.id)]) for summary in summaries]


def _value(library: Library, results: Results) -> dict[str, object]:
    rows = [{"path": path, "score": round(score, 6)} for path, score in _rows(library, results)]
    value: dict[str, object] = {"results": rows, "took_ms": round(results.took_ms, 2)}
    if results.notices:
        value["notices"] = list(results.notices)
    return value
