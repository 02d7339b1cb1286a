"""The search index at 100,000 and a million photos: time, memory, what it finds, what it writes.

The index runs in a process of its own, as in the engine; the floor of a search for new words is
the text tower alone. Vectors are made up (see `clip_like`), libraries and graphs are kept in
`--work` for the next time: a million photos take some ten minutes to write and some to build a
graph of. A build that is cut short goes on from where it was. `--only` does some of the steps.

    python -m tests.bench.scale --rows 100000 1000000
    python -m tests.bench.scale --rows 1000000 --only library graph
    python -m tests.bench.scale --rows 1000000 --only index search
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from math import inf
from pathlib import Path
from typing import Any

import psutil

from photosearch.types import ModelInfo, SearchRequest
from tests.bench import measure, query
from tests.bench.scale_index import ADDED, ASKED, RESULTS, SHARES, K, own_mb

STEPS = ("library", "graph", "index", "search")
Lines = list[list[str]]


def prepare(work: Path, model: Path, rows: int) -> tuple[Path, ModelInfo]:
    """Return the home of a library with so many photos and vectors, made if it is not there."""
    home = work / f"scale-{rows}"
    mark = home / "complete"
    if not mark.exists():
        query.fill(home, model, rows)
        mark.touch()
    library = query.open_library(home)
    used = library.model()
    library.close()
    assert used is not None
    return home, used


def run_inside(what: str, home: Path, model: ModelInfo, number: float) -> dict[str, Any]:
    """Do something with the index in a process of its own."""
    arguments = [what, str(home), str(model.key), str(model.dimension), str(number)]
    told = subprocess.run(
        [sys.executable, "-m", "tests.bench.scale_index", *arguments],
        cwd=measure.REPOSITORY,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return found


def graph(home: Path, model: ModelInfo, rows: int, most_s: float) -> Lines:
    """Build the graph, if it is not there; in so many seconds, to go on another time."""
    measure.say(f"the graph of {rows} rows")
    told = run_inside("build", home, model, most_s)
    if told["problem"]:
        measure.say(told["problem"])
    spent = f"{told['processor_s']:.0f} s of processor time"
    what = (
        "building the graph, a part of it" if told["kind"] == "building" else "building the graph"
    )
    return [[what, f"{told['settled_s']:.1f} s", spent]]


def index(home: Path, model: ModelInfo, rows: int) -> Lines:
    """Measure the index by itself."""
    measure.say(f"measuring the index of {rows} rows")
    told = run_inside("measure", home, model, rows)
    lines = [
        ["first answer after the start", f"{told['first_s']:.2f} s", ""],
        ["the graph answers", f"{told['settled_s']:.1f} s", str(told["kind"])],
    ]
    for name in ("words", "similar"):
        recall, half, most = told[name]
        lines.append([f"{name}: recall@{K}", f"**{recall:.4f}**", ""])
        lines.append([f"{name}: {RESULTS} results", f"{half:.1f} ms", f"p95 {most:.1f} ms"])
    lines.append(["comparing all", f"{told['exact'][0]:.1f} ms", ""])
    for share in SHARES:
        half = told[f"filtered {share:.0%}"][0]
        lines.append([f"exact among {share:.0%} of the photos", f"{half:.1f} ms", ""])
    own = told["after_mb"] - told["before_mb"]
    saved = f"{told['written_mb']:.0f} MB written"
    return [
        *lines,
        ["**memory of its own**", f"**{own / 1000:.2f} GB**", "rows are mapped from a file"],
        ["with the mapped file", f"{told['resident_mb'] / 1000:.2f} GB", ""],
        [f"adding {ADDED} rows in ten runs", f"{told['adding_s']:.2f} s", ""],
        ["saving after each", f"{told['saving_s']:.2f} s", saved],
        ["files of the index written whole", str(told["whole"]), ""],
    ]


def search(home: Path, model: ModelInfo, rows: int) -> Lines:
    """Measure searches as the window asks them, the text tower alone in turns with them."""
    measure.say(f"searching {rows} photos")
    before = own_mb()
    encoder = query.open_text_encoder(Path(model.folder))
    encoder.encode(["warm"])
    tower_mb = own_mb() - before
    library = query.open_library(home)
    try:
        query.settled_index(library, rows)
        texts = query.queries(2 * ASKED)
        alone, asked = [], []
        for mine, its in zip(texts[:ASKED], texts[ASKED:], strict=True):
            alone.append(measure.timed(lambda text=its: encoder.encode([text])))
            request = SearchRequest(text=mine, limit=RESULTS)
            asked.append(measure.timed(lambda request=request: library.search(request)))
        engine = next(
            child for child in psutil.Process().children(True) if "--engine" in child.cmdline()
        )
        engine_mb = own_mb(engine)
    finally:
        library.close()
    tower, whole = measure.percentiles_ms(alone), measure.percentiles_ms(asked)
    return [
        ["text tower alone (floor)", f"{tower[0]:.1f} ms", f"p95 {tower[1]:.1f} ms"],
        ["**search for new words, whole**", f"**{whole[0]:.1f} ms**", f"p95 {whole[1]:.1f} ms"],
        ["of it, beside the text tower", f"**{whole[0] - tower[0]:+.1f} ms**", ""],
        ["memory of the text tower", f"{tower_mb:.0f} MB", ""],
        ["**the engine's own memory**", f"**{engine_mb / 1000:.2f} GB**", "tower and index"],
    ]


def main() -> None:
    """Measure and print a table."""
    given = measure.parser(__doc__)
    given.add_argument("--rows", type=int, nargs="+", default=[100_000])
    given.add_argument("--seconds", type=float, default=inf, help="build the graph for so long")
    given.add_argument("--only", nargs="+", choices=STEPS, default=STEPS)
    told = given.parse_args()
    model = measure.random_model(told.work, int8=False)
    lines: Lines = []
    for rows in told.rows:
        home, used = prepare(told.work, model, rows)
        build = partial(graph, most_s=told.seconds)
        for name, step in (("graph", build), ("index", index), ("search", search)):
            if name in told.only:
                lines += [[f"{rows:,}", *line] for line in step(home, used, rows)]
    measure.print_table(
        "The index, vectors of 512 numbers", ["photos", "what", "figure", ""], lines
    )


if __name__ == "__main__":
    main()
