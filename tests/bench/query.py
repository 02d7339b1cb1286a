"""How long a search takes in libraries of 10,000 and 100,000 photos, text tower beside it.

The library is the window's: model and vectors in the engine process, names searched too. A query
of new words needs the text tower, which is the floor of its time; one of words that were asked
before does not, and its floor is comparing all vectors with one product of float32 matrices.

    python -m tests.bench.query --rows 10000 100000
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from photosearch.inference.encoders import open_text_encoder
from photosearch.library import Library
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.store import Store
from photosearch.types import ModelInfo, SearchRequest
from tests.bench import filling, measure

RESULTS = 500  # what the window asks for
GRAPH_WAIT_S = 900.0
_ADJECTIVES = ("red", "old", "small", "wet", "bright", "dark", "quiet", "busy", "green", "long")
_THINGS = ("dog", "car", "boat", "bridge", "child", "market", "hill", "kitchen", "bicycle", "horse")
_PLACES = (
    "beach",
    "snow",
    "garden",
    "street",
    "wood",
    "station",
    "harbour",
    "field",
    "room",
    "sun",
)


def queries(count: int) -> list[str]:
    """Return texts that are all different."""
    every = [f"a {a} {t} in the {p}" for p in _PLACES for t in _THINGS for a in _ADJECTIVES]
    return every[:count]


def percentiles(count: int, ask: Callable[[int], object]) -> tuple[float, float]:
    """Return p50 and p95 in ms of `ask(0)` to `ask(count - 1)`."""
    return measure.percentiles_ms([measure.timed(lambda n=n: ask(n)) for n in range(count)])


def open_library(home: Path) -> Library:
    paths = Paths.below(home)
    return Library(paths, SettingsStore(paths.settings_file), own_engine=True)


def fill(home: Path, model: Path, rows: int) -> ModelInfo:
    """Make a library of made-up photos that all have a vector."""
    measure.say(f"writing a library of {rows} photos")
    library = open_library(home)
    added = library.add_model(str(model))
    library.close()
    store = Store.open(Paths.below(home).database)
    filling.add_files(store, home / "photos", filling.listings(rows), "bench")
    number = store.embeddings.model_id(added.key, added.name, added.dimension)
    filling.add_vectors(store, number, added.dimension, rows)
    store.close()
    return added


def settled_index(library: Library, rows: int) -> str:
    """Wait until no graph is being built and return which index answers."""
    library.search(SearchRequest(text="warm", limit=1))
    until = time.monotonic() + GRAPH_WAIT_S
    while time.monotonic() < until:
        kind = str(library.status().extra["index"])
        if kind != "building":
            return kind
        time.sleep(0.5)
    raise SystemExit(f"The graph of {rows} vectors was not ready after {GRAPH_WAIT_S:.0f} s.")


def searches(library: Library, count: int) -> list[tuple[str, tuple[float, float]]]:
    """Return the latencies of one library."""
    texts = queries(2 * count)

    def new_words(number: int) -> object:
        return library.search(SearchRequest(text=texts[number], limit=RESULTS))

    def by_name(number: int) -> object:
        return library.search(SearchRequest(text=f"trip {number:04d}", limit=RESULTS))

    fresh = percentiles(count, new_words)
    known = percentiles(count, new_words)  # the same words again
    return [
        ("new words", fresh),
        ("known words", known),
        ("a folder's name", percentiles(count, by_name)),
    ]


def comparing_all(rows: int, dimension: int, count: int) -> tuple[float, float]:
    """Return the latency of one product over all vectors and the best results of it."""
    rng = np.random.default_rng(5)
    vectors = filling.unit(rng.standard_normal((rows, dimension), np.float32))
    asked = filling.unit(rng.standard_normal((count, dimension), np.float32))
    k = min(RESULTS, rows)

    def ask(number: int) -> object:
        scores = vectors @ asked[number]
        best = np.argpartition(scores, rows - k)[rows - k :]
        return best[np.argsort(scores[best])]

    return percentiles(count, ask)


def main() -> None:
    given = measure.parser(__doc__)
    given.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    given.add_argument("--queries", type=int, default=200)
    told = given.parse_args()
    model = measure.random_model(told.work, int8=False)
    count = min(told.queries, len(_ADJECTIVES) * len(_THINGS) * len(_PLACES) // 2)
    encoder = open_text_encoder(model)
    encoder.encode(["warm"])
    texts = queries(2 * count)[count:]
    tower = percentiles(count, lambda number: encoder.encode([texts[number]]))
    table = [["text tower alone (floor of new words)", "", *_cells(tower), ""]]
    for rows in told.rows:
        home = measure.own_folder(told.work, f"query-{rows}")
        added = fill(home, model, rows)
        floor = comparing_all(rows, added.dimension, count)
        library = open_library(home)
        try:
            kind = settled_index(library, rows)
            measure.say(f"asking {3 * count} times ({kind})")
            found = searches(library, count)
        finally:
            library.close()
            shutil.rmtree(home, ignore_errors=True)
        size = f"{rows:,}"
        table.append([f"comparing all {size} vectors with numpy", size, *_cells(floor), ""])
        for name, times in found:
            beside = tower[0] if name == "new words" else floor[0]
            ratio = f"{times[0] / beside:.2f}" if name != "a folder's name" else ""
            table.append([f"search, {name} ({kind})", size, *_cells(times), ratio])
    measure.print_table(
        f"Searching, {RESULTS} results, ViT-B/32 fp32, {count} queries each",
        ["what", "photos", "p50 ms", "p95 ms", "p50 / floor"],
        table,
    )


def _cells(times: tuple[float, float]) -> list[str]:
    return [f"{time_ms:.1f}" for time_ms in times]


if __name__ == "__main__":
    main()
