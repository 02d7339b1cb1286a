"""The one-step script for Debian: what it installs when, with a stand-in for the environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a script for Debian")
REPOSITORY = Path(__file__).resolve().parents[2]
PARTS = ("photosearch", "resources", "pyproject.toml", "README.md", "LICENSE")
# Notes what it is asked for; a build makes an empty wheel, and there is no other ONNX Runtime.
PYTHON = """#!/bin/sh
echo "$*" >>"$LOG"
case "$*" in
  *hatchling\\ build*) mkdir -p "$PHOTOSEARCH_VENV/wheel"; : >"$PHOTOSEARCH_VENV/wheel/p.whl" ;;
  *pip*show*) exit 1 ;;
  *install*--force-reinstall*) [ "$FAILING" != install ] || exit 3 ;;
  *bundle/build.py*) sleep 300 & echo "$!" >"$LOG.child"; wait ;;
esac
"""
PROGRAM = """#!/bin/sh
echo "window $*" >>"$LOG"
"""
FINDS_ALL = """#!/bin/sh
echo installed
"""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A checkout with its environment; `log` holds what was called."""

    place: Path

    @property
    def log(self) -> Path:
        return self.place / "log"

    def run(self, *asked: str, failing: str = "") -> str:
        """Run the script, without words for the window; return what it says."""
        self.log.write_text("")
        words = asked or ("run", "a folder")
        done = subprocess.run(
            ["bash", str(self.place / "packaging" / "debian.sh"), *words],
            env={
                **os.environ,
                "PATH": f"{self.place / 'bin'}{os.pathsep}{os.environ['PATH']}",
                "PHOTOSEARCH_VENV": str(self.place / "venv"),
                "LOG": str(self.log),
                "FAILING": failing,
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == (3 if failing else 0), done.stderr
        return done.stderr

    @property
    def installed(self) -> bool:
        return "--force-reinstall" in self.log.read_text()

    @property
    def opened(self) -> bool:
        return "window a folder" in self.log.read_text().splitlines()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    programs = {
        "venv/bin/python": PYTHON,
        "venv/bin/photosearch": PROGRAM,
        "bin/dpkg-query": FINDS_ALL,
        "bin/c++": FINDS_ALL,
    }
    for name, text in programs.items():
        program = tmp_path / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(text)
        program.chmod(0o755)
    (tmp_path / "packaging").mkdir()
    shutil.copyfile(REPOSITORY / "packaging" / "debian.sh", tmp_path / "packaging" / "debian.sh")
    for part in PARTS:
        if "." in part or part == "LICENSE":
            (tmp_path / part).write_text(part)
        else:
            (tmp_path / part).mkdir()
            (tmp_path / part / "a file.py").write_text("1")
    return Checkout(tmp_path)


def test_the_second_time_only_opens_the_window(checkout: Checkout) -> None:
    assert "the first time takes some minutes" in checkout.run()
    assert checkout.installed
    assert checkout.opened
    assert checkout.run() == ""
    assert not checkout.installed
    assert checkout.opened


@pytest.mark.parametrize("part", PARTS)
def test_what_changed_is_installed(checkout: Checkout, part: str) -> None:
    checkout.run()
    changed = checkout.place / part
    (changed / "a file.py" if changed.is_dir() else changed).write_text("2")
    said = checkout.run()
    assert said.startswith("Updating")
    assert "first time" not in said
    assert checkout.installed
    checkout.run()
    assert not checkout.installed


def test_what_failed_is_done_again(checkout: Checkout) -> None:
    checkout.run(failing="install")
    assert not checkout.opened
    checkout.run()
    assert checkout.installed
    assert checkout.opened


def test_a_program_that_does_not_start_is_installed_again(checkout: Checkout) -> None:
    checkout.run()
    program = checkout.place / "venv" / "bin" / "photosearch"
    program.write_text('#!/bin/sh\n[ "$1" != --version ] && echo "window $*" >>"$LOG"\n')
    checkout.run()
    assert checkout.installed
    assert checkout.opened


# --- lint and tests -----------------------------------------------------------------


TOOL = """#!/bin/sh
echo "${0##*/} $*" >>"$LOG"
[ "$FAILING" = "${0##*/}" ] || exit 0
while [ ! -s "$LOG.child" ]; do sleep 0.05; done
exit 3
"""


@pytest.fixture
def with_tools(checkout: Checkout) -> Checkout:
    """A checkout with tools that note what they are asked for; who fails waits for the build."""
    for name in ("ruff", "mypy", "lint-imports"):
        tool = checkout.place / "venv" / "bin" / name
        tool.write_text(TOOL)
        tool.chmod(0o755)
    return checkout


def test_types_are_checked_as_on_each_system(with_tools: Checkout) -> None:
    with_tools.run("test", "tests/unit")
    calls = with_tools.log.read_text().splitlines()
    checked = [call.split()[2] for call in calls if call.startswith("mypy --platform ")]
    assert sorted(checked) == ["darwin", "linux", "win32"]
    assert calls[-1] == "-m pytest tests/unit"


@pytest.mark.parametrize("failing", ["ruff", "mypy"])
def test_no_build_goes_on_after_a_failure(with_tools: Checkout, failing: str) -> None:
    with_tools.run("test", failing=failing)
    assert "-m pytest" not in with_tools.log.read_text()
    child = int((with_tools.place / "log.child").read_text())
    end = time.monotonic() + 30
    while is_running(child) and time.monotonic() < end:
        time.sleep(0.05)
    assert not is_running(child)


def is_running(process: int) -> bool:
    """Whether a process does anything; one that has ended may not have been taken away yet."""
    try:
        said = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return said.rpartition(")")[2].split()[0] != "Z"
