"""How long a bundle takes to start, beside the same program from source.

The window is measured from outside, as it cannot be told from inside a bundle: from starting the
process until X shows a window with the program's name (looked for every few milliseconds with
xdotool, so that both figures are some milliseconds too large). Both have an empty library. Name the
interpreter of the environment that the bundle was made from: the program installed in it is the
very one in the bundle.

    python -m tests.bench.bundled --bundle dist/PhotoSearch --python build/bundle/env/bin/python
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.bench import measure
from tests.bench.startup import WINDOW_TIMEOUT_S, screen


def until_shown(command: list[str], environment: dict[str, str]) -> float:
    """Return the seconds from starting a program to its window on the screen."""
    look = ["xdotool", "search", "--onlyvisible", "--class", "photosearch"]
    began = time.monotonic()
    window = subprocess.Popen(command, env=environment, cwd=measure.REPOSITORY)
    try:
        while time.monotonic() < began + WINDOW_TIMEOUT_S:
            found = subprocess.run(look, env=environment, capture_output=True, check=False)
            if found.stdout.strip():
                return time.monotonic() - began
        raise SystemExit(f"no window of {command[0]}")
    finally:
        window.terminate()
        window.wait()


def until_ended(command: list[str], environment: dict[str, str]) -> float:
    """Return the seconds that a command takes."""
    return measure.timed(
        lambda: subprocess.run(
            command,
            env=environment,
            cwd=measure.REPOSITORY,
            stdout=subprocess.DEVNULL,
            timeout=WINDOW_TIMEOUT_S,
            check=True,
        )
    )


def main() -> None:
    given = measure.parser(__doc__)
    given.add_argument("--bundle", type=Path, required=True)
    given.add_argument("--python", default=sys.executable)
    told = given.parse_args()
    home = measure.own_folder(told.work, "bundled-empty")
    source = [told.python, "-P", "-m", "photosearch"]
    programs = {"source": source, "bundle": [str(told.bundle.resolve() / "photosearch")]}
    rows = []
    with screen() as shown:
        if shown is None:
            raise SystemExit("There is no Xvfb here.")
        environment = {**os.environ, **shown, "PHOTOSEARCH_HOME": str(home)}
        environment.pop("PYTHONPATH", None)
        for what, arguments, took in (
            ("`photosearch --version`", ["--version"], until_ended),
            ("`photosearch status`", ["status"], until_ended),
            ("the window, empty library", [], until_shown),
        ):
            figures: dict[str, list[float]] = {name: [] for name in programs}
            for turn in range(told.repeat + 1):
                for name, command in programs.items():  # in turns: a busy moment meets both
                    seconds = took([*command, *arguments], environment)
                    if turn:  # the first reads the disk
                        figures[name].append(seconds)
            rows.append((what, *(sorted(each)[len(each) // 2] for each in figures.values())))
    shutil.rmtree(home, ignore_errors=True)
    measure.print_table(
        "Starting, from source and from the bundle",
        ["what", "source, ms", "bundle, ms", "ratio"],
        [[what, f"{a * 1000:.0f}", f"{b * 1000:.0f}", f"{b / a:.2f}"] for what, a, b in rows],
    )


if __name__ == "__main__":
    main()
