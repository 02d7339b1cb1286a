"""A network share that hangs: the window stays alive, says so, and the program can be ended."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from .program import Program, copy_photos

TIMEOUT_S = 90
HELD_S = 2.0  # a loaded machine holds a window longer than it ever should


def test_a_share_that_hangs(tmp_path: Path, photos: Path) -> None:
    some = sorted((photos / "classes").rglob("*.jpg"))[:4]
    near, far = copy_photos(some[:1], tmp_path / "near"), copy_photos(some[1:2], tmp_path / "far")
    program = Program(tmp_path / "home")
    program.good("index", str(near), str(far))
    copy_photos(some[2:3], near)
    copy_photos(some[3:], far)
    script = Path(__file__).with_name("hanging_share.py")
    environment = program.environment(QT_QPA_PLATFORM="offscreen")
    done = subprocess.run(
        [sys.executable, str(script), str(program.home), str(far)],
        env=environment,
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["offline"] == [str(far)]
    assert "does not answer" in told["said"]
    assert told["photos"] == 3, "the other folder was looked through"
    assert "does not answer" in told["refused"]
    assert told["favourites"] == 2, "small writes do not wait behind a drive"
    assert told["worst_s"] < HELD_S
