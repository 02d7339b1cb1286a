"""A network share that hangs: the window stays alive, says so, and the program can be ended."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .program import Program, copy_photos

TIMEOUT_S = 90
COMMAND_S = 150  # far less than for ever, on a machine that does other things, too
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


def command(program: Program, hangs: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the program for which a folder hangs."""
    script = Path(__file__).with_name("hanging_command.py")
    return subprocess.run(
        [sys.executable, str(script), str(hangs), *words, "--home", str(program.home)],
        env=program.environment(),
        capture_output=True,
        text=True,
        timeout=COMMAND_S,
        check=False,
    )


def test_the_doctor_sees_a_folder_that_hangs(tmp_path: Path, photos: Path) -> None:
    far = copy_photos(sorted((photos / "classes").rglob("*.jpg"))[:1], tmp_path / "far")
    program = Program(tmp_path / "home")
    program.good("index", str(far))
    done = command(program, far, "doctor")
    assert done.returncode == 1, done.stderr
    assert f"PROBLEM: The folder {far} does not answer." in done.stdout


@pytest.fixture(scope="module")
def borrowed(
    tmp_path_factory: pytest.TempPathFactory, photos: Path, models: Path
) -> tuple[Program, Path]:
    """A library whose models lie on a drive of their own."""
    tmp_path = tmp_path_factory.mktemp("borrowed")
    drive = tmp_path / "drive"
    shutil.copytree(models / "standin-clip", drive / "standin-clip")
    program = Program(tmp_path / "home")
    near = copy_photos(sorted((photos / "classes").rglob("*.jpg"))[:2], tmp_path / "near")
    program.good("settings", "set", "models.folder", str(drive))
    program.good("models", "add", str(drive / "standin-clip"))
    program.good("index", str(near))
    return program, drive


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("status",), 0),
        (("people", "list"), 0),
        (("search", "sea"), 0),
        (("index",), 0),
        (("models", "list"), 0),
        (("models", "catalogue"), 0),
        (("storage",), 0),
        (("doctor",), 1),
        (("models", "repair", "standin-clip"), 1),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, tuple) else "",
)
def test_models_on_a_drive_that_hangs(
    borrowed: tuple[Program, Path], words: tuple[str, ...], code: int
) -> None:
    program, drive = borrowed
    done = command(program, drive, *words)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    if words[0] == "doctor":
        assert f"The drive of {drive / 'standin-clip'} does not answer" in done.stdout
