"""How the window does with a large library: starting, the grid, memory, and whether it is held.

The real window, as a process of its own on an Xvfb of its own (where there is none on Qt's
offscreen platform), measured from inside by `tests.bench.window_probe`. Libraries are made up;
thumbnails lie ready at ten places of each. `--library` names a home of one's own, which is copied.

    python -m tests.bench.window --rows 100000 1000000
    python -m tests.bench.window --only heartbeat       # 5,000 photos come to 100,000 vectors
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from photosearch.media.thumbs import ThumbStore
from photosearch.paths import Paths
from photosearch.store import Store
from photosearch.types import FileEntry, Listing, PhotoFilter, PhotoId
from tests.bench import filling, measure
from tests.bench.startup import BARE_WINDOW, python, screen
from tests.bench.window_probe import SPOTS

IN_ONE_FOLDER = 50  # 20,000 directories in a million photos
AROUND = 250  # thumbnails made on either side of a spot
TIMEOUT_S = 900
VECTORS, PHOTOS = 100_000, 5000  # of the run of indexing
Found = dict[str, Any]


def listings(count: int) -> Iterator[Listing]:
    """Yield directories as people have them, three deep."""
    for number, start in enumerate(range(0, count, IN_ONE_FOLDER)):
        names = range(start, min(start + IN_ONE_FOLDER, count))
        files = tuple(FileEntry(b"IMG_%07d.jpg" % n, filling.FILE_BYTES, 10**18 + n) for n in names)
        year, month = 1990 + number % 35, number // 35 % 12 + 1
        yield Listing(b"%04d/%02d trip/day %04d" % (year, month, number), files)


def library(work: Path, rows: int) -> Path:
    """Return a home with so many photos, made the first time."""
    home = work / f"window-{rows}"
    if (home / "made").exists():
        return home
    shutil.rmtree(home, ignore_errors=True)
    measure.say(f"making a library of {rows:,} photos")
    (home / "photos").mkdir(parents=True)
    store = Store.open(Paths.below(home).database)
    filling.add_files(store, home / "photos", listings(rows), "bench")
    store.close()
    (home / "made").touch()
    return home


def lay_thumbnails(home: Path) -> None:
    """Put thumbnails where the probe will look."""
    paths = Paths.below(home)
    paths.create()
    store, thumbs = Store.open(paths.database), ThumbStore(paths.thumbnails)
    ids = store.photos.newest_first(PhotoFilter()).ids
    pictures = [jpeg(number, (480, 360)) for number in range(20)]
    for spot in range(SPOTS):
        row = len(ids) * spot // SPOTS
        part = [PhotoId(n) for n in ids[max(0, row - AROUND) : row + AROUND].tolist()]
        keys = store.photos.hashes(part).values()
        thumbs.put_many((key, pictures[n % len(pictures)]) for n, key in enumerate(keys))
    thumbs.close()
    store.close()


def jpeg(number: int, size: tuple[int, int]) -> bytes:
    """Return a picture of soft colours, as large a file as a photo of that size."""
    from PIL import Image

    rng = np.random.default_rng(number)
    small = Image.fromarray(rng.integers(0, 255, (24, 32, 3), np.uint8))
    out = io.BytesIO()
    small.resize(size, Image.Resampling.BICUBIC).save(out, "JPEG", quality=86)
    return out.getvalue()


def probe(home: Path, mode: str, shown: Mapping[str, str], *more: str) -> Found:
    """Run the window once and return what it measured."""
    told = ["--home", str(home), "--mode", mode, "--began", str(time.time()), *more]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.window_probe", *told],
        cwd=measure.REPOSITORY,
        env={**os.environ, **shown},
        stdout=subprocess.PIPE,
        timeout=TIMEOUT_S,
        check=True,
    )
    found: Found = json.loads(done.stdout.splitlines()[-1])
    return found


def copied(work: Path, home: Path) -> Path:
    """Return a copy of a home for one measurement: windows write to theirs."""
    target = measure.own_folder(work, "window-copy")
    shutil.copytree(home, target)
    return target


# --- tables -------------------------------------------------------------------


def start_rows(rows: int, found: list[Found]) -> list[list[str]]:
    """Return what is said of starting: the median of some starts."""

    def middle(name: str) -> float:
        return float(np.median([each["start"][name] for each in found]))

    last = found[-1]
    return [
        ["window on screen", f"{rows:,}", f"{middle('window'):.2f} s"],
        ["first photos listed", f"{rows:,}", f"{middle('list'):.2f} s"],
        ["first page, every photo with its thumbnail", f"{rows:,}", f"{middle('page'):.2f} s"],
        ["memory of the window, first page (RSS)", f"{rows:,}", f"{middle('rss'):.0f} MB"],
        ["memory after all below", f"{rows:,}", f"{last['rss_after']:.0f} MB"],
        ["of it the program's own, the rest are libraries", f"{rows:,}", f"{last['own']:.0f} MB"],
        ["memory at most", f"{rows:,}", f"{last['rss_peak']:.0f} MB"],
    ]


def spread(what: str, rows: int, seconds: list[float]) -> list[str]:
    half, most = measure.percentiles_ms(seconds)
    return [what, f"{rows:,}", f"{half:.1f}", f"{most:.1f}", f"{max(seconds) * 1000:.1f}"]


def frame_rows(rows: int, found: Found) -> list[list[str]]:
    """Return what is said of the grid."""
    named = {
        "show": "showing the list",
        "scroll": "scrolling, a frame",
        "jump": "jumping, a frame",
        "resize": "resizing the window, a frame",
        "select all": "select all",
        "select none": "select none",
        "shift to the end": "shift-click from the first to the last",
        "scroll, all selected": "scrolling, all selected",
        "thumbnails": "all thumbnails after scrolling to a stop",
        "loading": "heartbeat while loading and looking for changes",
    }
    return [spread(said, rows, found[name]) for name, said in named.items()]


def place_rows(rows: int, found: Found) -> list[list[str]]:
    """Return what is said of going elsewhere."""
    places = ("favourites", "folder", "directory", "search", "all photos", "opening the tree")
    return [
        [
            place,
            f"{rows:,}",
            "" if place == "opening the tree" else f"{found[f'{place} answer'] * 1000:.0f}",
            f"{found[f'{place} held'] * 1000:.0f}",
        ]
        for place in places
    ]


def measure_grid(told: argparse.Namespace, shown: Mapping[str, str], where: str) -> None:
    """Measure starting and the grid, and print the tables."""
    measure.say("starting bare windows: the floor")
    beside = {**os.environ, **shown}
    bare = measure.median(told.repeat + 2, lambda: python("-c", BARE_WINDOW, environment=beside))
    starts = [["floor: a bare Qt window, first paint", "", f"{bare:.2f} s"]]
    frames: list[list[str]] = []
    places: list[list[str]] = []
    for rows in told.rows:
        home = copied(told.work, told.library or library(told.work, rows))
        lay_thumbnails(home)
        measure.say(f"starting windows on {rows:,} photos")
        probe(home, "start", shown)  # the first reads the disk
        found = [probe(home, "start", shown) for _ in range(told.repeat)]
        measure.say("using the grid")
        found.append(probe(home, "frames", shown))
        starts += start_rows(rows, found)
        frames += frame_rows(rows, found[-1])
        places += place_rows(rows, found[-1])
        shutil.rmtree(home)
    columns = ["what", "photos"]
    measure.print_table(f"The window: starting and memory ({where})", [*columns, ""], starts)
    spread_columns = [*columns, "p50 ms", "p95 ms", "worst ms"]
    measure.print_table(f"The grid, 200 frames of each kind ({where})", spread_columns, frames)
    columns = ["where to", "photos", "answer ms", "the window held at most ms"]
    measure.print_table(f"Going elsewhere ({where})", columns, places)


# --- a run of indexing --------------------------------------------------------


def run_library(work: Path) -> Path:
    """Return a home with 100,000 vectors and a folder of photos that nobody has looked at."""
    home = work / "window-run"
    if (home / "made").exists():
        return home
    shutil.rmtree(home, ignore_errors=True)
    measure.say(f"making {VECTORS:,} vectors and {PHOTOS:,} photos")
    shutil.copytree(library(work, VECTORS), home)
    (home / "made").unlink()
    measure.program("models", "add", str(measure.SHARED / "models" / "standin-clip"), home=home)
    listed = measure.program("models", "list", "--json", home=home).stdout
    (model,) = json.loads(listed)["models"]
    fresh = home / "fresh"
    for number in range(PHOTOS):
        folder = fresh / f"{number // 100:03d}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:05d}.jpg").write_bytes(jpeg(number, (640, 480)))
    store = Store.open(Paths.below(home).database)
    number = store.embeddings.model_id(model["key"], model["name"], model["dimension"])
    filling.add_vectors(store, number, model["dimension"], VECTORS)
    store.close()
    (home / "made").touch()
    return home


def measure_heart(told: argparse.Namespace, shown: Mapping[str, str], where: str) -> None:
    """Measure how long the window is held in a run of indexing, and print the table."""
    home = copied(told.work, run_library(told.work))
    folder = home / "fresh"
    store = Store.open(Paths.below(home).database)
    store.folders.add(os.fsencode(folder), single_file=False, volume="")
    store.close()
    measure.say(f"indexing {PHOTOS:,} photos with the window open")
    found = probe(home, "run", shown, "--seconds", str(told.seconds))
    shutil.rmtree(home)
    gaps = np.array(found["heart"])
    net = np.array(found["heart_net"])
    rows = [
        ["seconds", f"{found['seconds']:.0f}"],
        ["photos that came", f"{found['photos'] - VECTORS:,}"],
        ["**held at most**", f"**{gaps.max() * 1000:.0f} ms**"],
        ["less what other processes had the cores for", f"{net.max() * 1000:.0f} ms"],
        ["p99.9", f"{np.percentile(gaps, 99.9) * 1000:.1f} ms"],
        ["longer than 50 ms", f"{(gaps > 0.05).sum()} of {len(gaps):,}"],
        ["the same, less other processes", f"{(net > 0.05).sum()} of {len(gaps):,}"],
        ["longer than 16 ms", f"{(gaps > 0.016).sum()} of {len(gaps):,}"],
        ["memory of the window at most", f"{found['rss_peak']:.0f} MB"],
    ]
    heading = f"The window's thread while {PHOTOS:,} photos come to {VECTORS:,} vectors ({where})"
    measure.print_table(heading, ["what", ""], rows)


def main() -> None:
    given = measure.parser(__doc__)
    given.add_argument("--rows", type=int, nargs="+", default=[100_000])
    given.add_argument("--only", choices=("grid", "heartbeat"))
    given.add_argument("--library", type=Path, help="a home to copy instead of a made-up one")
    given.add_argument("--seconds", type=float, default=600, help="of the run of indexing at most")
    told = given.parse_args()
    measure.compiled()
    with screen() as found:
        where = "X11 on Xvfb" if found else "Qt's offscreen platform"
        shown = found or {"QT_QPA_PLATFORM": "offscreen"}
        if told.only != "heartbeat":
            measure_grid(told, shown, where)
        if told.only != "grid":
            measure_heart(told, shown, where)


if __name__ == "__main__":
    main()
