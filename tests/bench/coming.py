"""How long after a photo has come to a watched folder it can be found by what it shows.

The real window watches the folder, on an Xvfb of its own (where there is none on Qt's offscreen
platform). Photos of 12 megapixels come one by one; the library of another process is asked, again
and again, until it has each. The floor is what one photo takes to be looked at and encoded.

    python -m tests.bench.coming --photos 20
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from photosearch.inference.encoders import open_image_encoder
from photosearch.library import Library
from photosearch.types import SearchRequest
from tests.bench import measure, query
from tests.bench.indexing import draft_decode, photo_files
from tests.bench.startup import screen

THERE = 20  # photos before the others come
TIMEOUT_S = 120
LOOK_S = 0.02
ASKED = SearchRequest("a photo", content_only=True)


@contextmanager
def window(home: Path, folder: Path, shown: Mapping[str, str]) -> Iterator[None]:
    """Run the program as it is started by a double-click, with a folder."""
    command = [sys.executable, "-m", "photosearch", str(folder)]
    environment = {**os.environ, **shown, "PHOTOSEARCH_HOME": str(home)}
    with subprocess.Popen(command, cwd=measure.REPOSITORY, env=environment) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)


def until_found(library: Library, count: int) -> float:
    """Return the seconds until so many photos can be found."""
    began = time.monotonic()
    while time.monotonic() < began + TIMEOUT_S:
        model = library.model()
        assert model is not None
        library._engine.refresh(model.key)  # what another process has added
        if len(library.search(ASKED).ids) >= count:
            return time.monotonic() - began
        time.sleep(LOOK_S)
    raise SystemExit(f"{count} photos were not found within {TIMEOUT_S} s.")


def floor(model: Path, photo: Path) -> float:
    """Return the seconds one photo takes: read, decoded no larger than needed, encoded."""
    encoder = open_image_encoder(model)
    pixels = np.zeros((1, encoder.spec.height, encoder.spec.width, 3), np.uint8)
    encoder.encode(pixels)
    decoding = measure.median(5, lambda: measure.timed(lambda: draft_decode(str(photo))))
    return decoding + measure.median(5, lambda: measure.timed(lambda: encoder.encode(pixels)))


def main() -> None:
    given = measure.parser(__doc__)
    given.add_argument("--photos", type=int, default=20, help="that come one after the other")
    told = given.parse_args()
    model = measure.random_model(told.work, int8=False)
    photos = photo_files(told.work, THERE + told.photos)
    least = floor(model, photos[0])
    place = measure.own_folder(told.work, "coming")
    home, folder = place / "home", place / "photos"
    folder.mkdir(parents=True)
    for photo in photos[:THERE]:
        shutil.copyfile(photo, folder / photo.name)
    measure.program("models", "add", str(model), home=home)
    library = query.open_library(home)
    took = []
    with screen() as found, window(home, folder, found or {"QT_QPA_PLATFORM": "offscreen"}):
        until_found(library, THERE)
        time.sleep(5)  # the run ends, and the watching begins
        for count, photo in enumerate(photos[THERE:], THERE + 1):
            shutil.copyfile(photo, folder / photo.name)
            took.append(until_found(library, count))
    library.close()
    shutil.rmtree(place)
    measure.print_table(
        f"Until a photo that came can be found, {told.photos} times",
        ["what", "seconds"],
        [
            ["floor: decoding and encoding it", f"{least:.2f}"],
            ["**median**", f"**{np.median(took):.2f}**"],
            ["**longest**", f"**{max(took):.2f}**"],
        ],
    )


if __name__ == "__main__":
    main()
