"""Photos of 200 megapixels through `photosearch index`: seconds, and the most memory it takes.

Decoders share a budget of pixels, so that four such photos at once take no more memory than one
after the other may. Photos are one of the test photos, enlarged; the memory of every process is
looked at a hundred times a second.

    python -m tests.bench.large
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from photosearch.paths import Paths
from photosearch.store import Store
from tests.bench import measure

SIZE = (16_320, 12_240)  # a telephone's 200 megapixels
LOOK_S = 0.01
DECODER, PROGRAM = "a decoder", "the program, its engine within"


@dataclass(frozen=True, slots=True)
class Found:
    """How a run went; memory in MB (RSS), of one process of its kind at most, and of all."""

    seconds: float
    most: dict[str, float]
    together: float
    indexed: int


def large_photo(work: Path, *, progressive: bool) -> Path:
    """Return a JPEG of 200 megapixels, made when it is not there."""
    from PIL import Image

    path = work / f"large-{'progressive' if progressive else 'baseline'}.jpg"
    if not path.exists():
        measure.say(f"making {path}")
        source = min((measure.SHARED / "photos" / "captioned" / "images").glob("*.jpg"))
        with Image.open(source) as image:
            large = image.convert("RGB").resize(SIZE, Image.Resampling.BICUBIC)
        part = path.with_suffix(".part")
        large.save(part, "JPEG", quality=92, progressive=progressive)
        part.rename(path)
    return path


def copies(photo: Path, folder: Path, count: int) -> None:
    """Put photos that are not the same, but look it, into a folder."""
    folder.mkdir(parents=True)
    for number in range(count):
        data = photo.read_bytes()
        (folder / f"{number}.jpg").write_bytes(data + bytes([number]))


def index(home: Path, folder: Path) -> Found:
    """Index a folder and watch the memory of all its processes."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "photosearch", "index", str(folder)]
    environment = {**os.environ, "PHOTOSEARCH_HOME": str(home)}
    most: dict[str, float] = defaultdict(float)
    together = 0.0
    with subprocess.Popen(
        command, cwd=measure.REPOSITORY, env=environment, stdout=subprocess.DEVNULL
    ) as process:
        main = psutil.Process(process.pid)
        while process.poll() is None:
            sizes = list(_sizes(main))
            for kind, size in sizes:
                most[kind] = max(most[kind], size)
            together = max(together, sum(size for _, size in sizes))
            time.sleep(LOOK_S)
    if process.returncode:
        raise SystemExit(f"photosearch index ended with {process.returncode}.")
    seconds = time.perf_counter() - began
    store = Store.open(Paths.below(home).database)
    with store.database.reading() as db:
        (indexed,) = db.execute("SELECT count(*) FROM embedding").fetchone()
    store.close()
    return Found(seconds, dict(most), together, indexed)


def _sizes(main: psutil.Process) -> list[tuple[str, float]]:
    sizes = []
    for process in [main, *main.children(recursive=True)]:
        with suppress(psutil.Error):
            kind = DECODER if "--decoder" in process.cmdline() else PROGRAM
            sizes.append((kind, process.memory_info().rss / 1e6))
    return sizes


def main() -> None:
    told = measure.parser(__doc__).parse_args()
    told.work.mkdir(parents=True, exist_ok=True)
    model = measure.random_model(told.work, int8=False)
    rows = []
    for what, progressive, count in (
        ("one, baseline", False, 1),
        ("one, progressive", True, 1),
        ("four, baseline", False, 4),
        ("four, progressive", True, 4),
    ):
        photo = large_photo(told.work, progressive=progressive)
        place = measure.own_folder(told.work, "large")
        copies(photo, place / "photos", count)
        measure.program("models", "add", str(model), home=place / "home")
        measure.say(f"indexing {what}")
        found = index(place / "home", place / "photos")
        shutil.rmtree(place)
        rows.append(
            [
                what,
                f"{found.indexed} of {count}",
                f"{found.seconds:.1f}",
                f"{found.most.get(DECODER, 0):,.0f}",
                f"{found.most[PROGRAM]:,.0f}",
                f"{found.together:,.0f}",
            ]
        )
    pixels = SIZE[0] * SIZE[1] // 10**6
    columns = ["JPEG", "have a vector", "seconds", f"{DECODER}, MB", f"{PROGRAM}, MB", "all, MB"]
    measure.print_table(f"Photos of {pixels} megapixels", columns, rows)


if __name__ == "__main__":
    main()
