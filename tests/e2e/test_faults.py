"""Photos that hang, crash or bloat a real decoder in a real run: each costs itself and no more.

The program knows nothing of this: a `sitecustomize` beside the test, which only its decoders act
on, spoils the opening of files that carry a mark.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from .program import Program
from .test_killed import Marked

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

FAULTS = """
import sys
if "--decoder" in sys.orig_argv:
    import ctypes, time
    import numpy as np
    from photosearch.media import decode
    whole = decode.open_picture

    def open_picture(data, **wishes):
        if b"FAULT-hang" in data:
            time.sleep(600)
        if b"FAULT-crash" in data:
            ctypes.string_at(0)
        if b"FAULT-memory" in data:
            held = []
            while True:
                held.append(np.empty(256 << 20, np.uint8))
        return whole(data, **wishes)

    decode.open_picture = open_picture
"""
SENTENCES = {
    "hang.jpg": "Opening it took longer than 2 seconds.",
    "crash.jpg": "It crashed the decoder (exit code -11).",
    "memory.jpg": "It needs more memory than one photo may take.",
}
GOOD = 12


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "photos"
    place.mkdir()
    for number in range(GOOD):
        Image.new("RGB", (64, 48), (9 * number, 99, 50)).save(place / f"good {number:02}.jpg")
    for name in SENTENCES:
        (place / name).write_bytes(
            (place / "good 00.jpg").read_bytes() + b"FAULT-" + name.partition(".")[0].encode()
        )
    return place


def test_a_bad_photo_costs_itself_and_nothing_else(
    program: Program, folder: Path, models: Path, tmp_path: Path
) -> None:
    seam = tmp_path / "seam"
    seam.mkdir()
    (seam / "sitecustomize.py").write_text(FAULTS)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    program.good("models", "add", models / "standin-clip")
    marked = Marked(program)
    limit = {"PHOTOSEARCH_INDEXING_DECODE_TIMEOUT_S": "2"}
    process = marked.begin(program.command("index", folder, "--json"), seam, **limit)
    with process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert marked.all_end()
    report = json.loads(out.splitlines()[-1])
    failed = {Path(each["path"]).name: each["reason"] for each in report["failed"]}
    assert failed == SENTENCES
    assert report["added"] == GOOD
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    with closing(sqlite3.connect(program.home / "library.db")) as db:
        assert db.execute("SELECT count(*), count(DISTINCT file) FROM failure").fetchone() == (3, 3)
        assert db.execute("SELECT count(DISTINCT photo) FROM embedding").fetchone() == (GOOD,)
    # It is not tried again by itself; one that is mended is a photo like others.
    assert program.good("index")["added"] == 0
    for number, name in enumerate(SENTENCES):
        Image.new("RGB", (64, 48), (0, 0, 20 * number)).save(folder / name)
    report = program.good("index")
    assert (report["added"] + report["updated"], report["failed"]) == (len(SENTENCES), [])
