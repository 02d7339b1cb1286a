"""Damaged and hostile files, all in one run: each is used or listed, none stops the rest."""

from __future__ import annotations

import json
import sqlite3
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from .program import Program, copy_photos
from .test_killed import Marked

PEAK_BYTES = 1_500_000_000  # the largest picture that is opened takes about a gigabyte


def peak_bytes(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    line = next((line for line in status.splitlines() if line.startswith("VmHWM")), "VmHWM: 0 kB")
    return int(line.split()[1]) * 1024


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_everything_broken_in_one_run(
    program: Program, photos: Path, models: Path, tmp_path: Path
) -> None:
    good = copy_photos(sorted((photos / "captioned" / "images").iterdir())[:5], tmp_path / "good")
    program.good("models", "add", models / "standin-clip")
    marked = Marked(program)
    process = marked.start("index", photos / "broken", photos / "edge", good, "--json")
    peaks: dict[int, int] = {}
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.1):
            for pid in marked.alive():
                peaks[pid] = max(peaks.get(pid, 0), peak_bytes(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with process:
            out, err = process.communicate(timeout=240)
    finally:
        process.kill()
        over.set()
        watcher.join()
    assert process.returncode == 0, err
    assert err == b""
    assert marked.all_end()
    print(sorted(round(peak / 1e6) for peak in peaks.values()))
    assert 0 < max(peaks.values()) < PEAK_BYTES

    report = json.loads(out.splitlines()[-1])
    assert all(f["reason"] and f["reason"].endswith((".", "!")) for f in report["failed"])
    assert not any("crashed" in f["reason"] for f in report["failed"])
    failed = {f["path"] for f in report["failed"]}
    assert len(failed) == len(report["failed"])
    with closing(sqlite3.connect(program.home / "library.db")) as db:
        rows = db.execute(
            "SELECT d.path, f.dir, f.name, f.state, f.photo FROM file f"
            " JOIN folder d ON d.id = f.folder"
        ).fetchall()
    assert len(rows) > 600
    for root, directory, name, state, photo in rows:
        path = b"/".join(part for part in (root, directory, name) if part).decode()
        if state == "known":
            assert photo is not None
            assert path not in failed
        elif state == "ignored":
            assert path not in failed
        else:
            assert path in failed, path
    found = program.good("search", "a photo", "--content-only", "--limit", "1000")
    assert {str(path) for path in good.iterdir()} <= {row["path"] for row in found["results"]}
    again = program.good("index")
    assert (again["added"], again["updated"], again["moved"], again["removed"]) == (0, 0, 0, 0)
    assert again["stages"].get("look", {"done": 0})["done"] == 0
