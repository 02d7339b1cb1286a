"""Nothing heavy is imported before the window shows, and nothing holds it afterwards.

Bounds are generous: how long exactly `tests.bench.window` measures on a quiet machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from PIL import Image

from .program import Program

PHOTOS = 150
TIMEOUT_S = 90
HELD_S = 0.8  # measured below 0.05 s on a quiet machine


def test_a_first_run_and_what_comes_before_it(tmp_path: Path, models: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(PHOTOS):
        colour = number, 255 - number, number * 7 % 256
        Image.new("RGB", (96, 72), colour).save(folder / f"{number}.jpg")
    program = Program(tmp_path / "home")
    program.good("models", "add", str(models / "standin-clip"))
    script = Path(__file__).with_name("watched_window.py")
    done = subprocess.run(
        [sys.executable, str(script), str(program.home), str(PHOTOS), str(folder)],
        env=program.environment(QT_QPA_PLATFORM="offscreen"),
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["imported"] == []
    assert told["photos"] == PHOTOS
    assert told["beats"] > 50
    assert told["worst_s"] < HELD_S
