"""A bundle as its users have it: nothing around it, no Python, an empty environment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TIMEOUT_S = 120
QUERY = "a bear in the grass"
ANSWER = "000000000285.jpg"  # "A big burly grizzly bear is show with grass in the background."


@dataclass(frozen=True, slots=True)
class Bundled:
    """One program of a bundle, for a user with a home of its own and nothing else."""

    program: Path
    user: Path
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {"HOME": str(self.user), **self.more}

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.program, *arguments],
            env=self.environment,
            cwd=self.user,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )

    def good(self, *arguments: str | Path) -> Any:
        """Run with `--json`, expect success and return the object."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def found(self, query: str) -> list[str]:
        """Return the names of the photos that answer a query, the best first."""
        return [Path(each["path"]).name for each in self.good("search", query)["results"]]


def ten_photos(photos: Path, target: Path) -> Path:
    """Copy ten photos, the one of the bear among them."""
    target.mkdir(parents=True)
    chosen = sorted((photos / "captioned" / "images").iterdir())[:10]
    assert ANSWER in {photo.name for photo in chosen}
    for photo in chosen:
        shutil.copyfile(photo, target / photo.name)
    return target


@contextmanager
def screen() -> Iterator[str]:
    """Run an Xvfb; yields its name for DISPLAY."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x900x24", "-noreset"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as stream:
            yield f":{stream.readline().strip()}"
    finally:
        server.terminate()
        server.wait(10)


def title_shown(display: str) -> bool:
    """Whether a window of the program is on the screen."""
    command = ["xdotool", "search", "--onlyvisible", "--name", "PhotoSearch"]
    done = subprocess.run(command, env={"DISPLAY": display}, capture_output=True, check=False)
    return bool(done.stdout.strip())


def wait_for(what: str, look: Callable[[], Any], seconds: float = TIMEOUT_S) -> Any:
    """Ask again and again until the answer is not empty."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        subprocess.run(["sleep", "0.3"], check=True)
    raise AssertionError(f"{what} did not come within {seconds:.0f} s")
