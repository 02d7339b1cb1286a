"""Where native crashes of the program's processes are written, to be told at the next start.

A process that a signal ends has time for nothing but `faulthandler`. Its words go to a file beside
the log, one for each kind of process, which is empty as long as nothing happened. Knows no window.
"""

from __future__ import annotations

import faulthandler
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

FOLDER_VARIABLE = "PHOTOSEARCH_CRASHES"  # tells children where the window's crashes are written
WINDOW = "window"
DECODER = "decoder"
_ENDING = "-crash.log"
_MOST_BYTES = 200_000  # of what is kept, and of what is told
# On Windows errors that a library goes on to handle are written as well, with their number only.
_FATAL = re.compile(r"^(Fatal Python error|Windows fatal exception: (?!code ))", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Crash:
    """What a process wrote when it ended; several in a row, if it did so several times."""

    process: str  # window, engine, decoder
    text: str


def watch(folder: Path, process: str = WINDOW) -> None:
    """Have crashes of this process written to `folder`, and those of children it starts."""
    os.environ[FOLDER_VARIABLE] = str(folder)
    _enable(folder, process)


def watch_child(process: str) -> None:
    """Have crashes of this process written to where the one that started it said, if it did."""
    if folder := os.environ.get(FOLDER_VARIABLE):
        _enable(Path(folder), process)


def found(folder: Path) -> tuple[Crash, ...]:
    """Return what was written and not forgotten yet."""
    crashes = []
    for file in _files(folder):
        with suppress(OSError), file.open("rb") as stream:
            text = stream.read(_MOST_BYTES).decode("utf-8", "replace")
            if _FATAL.search(text):
                crashes.append(Crash(file.name.removesuffix(_ENDING), text))
    return tuple(crashes)


def worth_telling(crashes: tuple[Crash, ...]) -> bool:
    """Whether more crashed than decoders: what that costs is one photo, listed with its reason."""
    return any(each.process != DECODER for each in crashes)


def forget(folder: Path) -> None:
    """Empty the files; processes that have them open go on writing at their start."""
    for file in _files(folder):
        with suppress(OSError):
            os.truncate(file, 0)


def _files(folder: Path) -> Iterator[Path]:
    return iter(sorted(folder.glob(f"*{_ENDING}")))


def _enable(folder: Path, process: str) -> None:
    """Keep the file open for the moment in which nothing can be opened any more."""
    file = folder / f"{process}{_ENDING}"
    with suppress(OSError):  # then there is no report, and all else goes on
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        stream = file.open("ab", buffering=0)  # `faulthandler` keeps it
        if os.fstat(stream.fileno()).st_size > _MOST_BYTES:
            os.truncate(stream.fileno(), 0)
        faulthandler.enable(stream)
