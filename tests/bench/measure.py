"""What the measurements share: a place for their files, the machine in words, Markdown tables.

Knows nothing of what is measured.
"""

from __future__ import annotations

import argparse
import compileall
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("PHOTOSEARCH_SHARED", REPOSITORY.parent / "shared"))


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with what every measurement can be told."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument(
        "--work",
        type=Path,
        default=Path(tempfile.gettempdir()) / "photosearch-bench",
        help="where test files are made, and kept for the next time (default: %(default)s)",
    )
    made.add_argument("--repeat", type=int, default=3, help="measure so often, take the median")
    return made


def own_folder(work: Path, name: str) -> Path:
    """Return the path of a folder of this run alone: a second measurement must not disturb it."""
    path = work / f"{name}-{os.getpid()}"
    shutil.rmtree(path, ignore_errors=True)
    return path


def random_model(work: Path, *, int8: bool, name: str = "ViT-B-32") -> Path:
    """Return the folder of a model with random weights: speed does not depend on them."""
    from tests.openclip_export import export

    return export(name, work / "models" / (f"{name}-int8" if int8 else name), int8)


def timed(work: Callable[[], object]) -> float:
    """Return the seconds a call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median(repeat: int, work: Callable[[], float]) -> float:
    """Return the median of what `work` measures."""
    return float(np.median([work() for _ in range(repeat)]))


def percentiles_ms(seconds: Sequence[float]) -> tuple[float, float]:
    """Return p50 and p95 in milliseconds."""
    half, most = np.percentile(np.array(seconds) * 1000, (50, 95))
    return float(half), float(most)


def program(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run PhotoSearch from this checkout; a failure ends the measurement."""
    environment = {**os.environ, "PHOTOSEARCH_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-m", "photosearch", *arguments],
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )


def compiled() -> None:
    """Put the program's bytecode beside it, as an installation does: starting is measured."""
    compileall.compile_dir(REPOSITORY / "photosearch", quiet=1)


def machine() -> str:
    """Return the machine in a line."""
    model = ""
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text(encoding="utf-8").splitlines()
        model = next(
            (line.partition(":")[2] for line in lines if line.startswith("model name")), ""
        )
    return (
        f"{platform.system()}, {model.strip() or platform.processor()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}"
    )


def say(words: str) -> None:
    """Tell what is being done, beside the table."""
    print(words, file=sys.stderr, flush=True)


def print_table(heading: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a Markdown table with the machine and the command that made it."""
    module = Path(sys.argv[0]).stem
    command = " ".join(["python -m", f"tests.bench.{module}", *sys.argv[1:]])
    print(f"### {heading}\n\n`{command}` ({machine()})\n")
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()
