"""The log stays small, and two programs may write it at once."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from photosearch import log

MOST_BYTES, FILES = 2_000_000, 3
WRITER = (
    "import logging, sys; from pathlib import Path; from photosearch import log\n"
    "log.start(Path(sys.argv[1])); mine = logging.getLogger('photosearch.test')\n"
    "for number in range(4_000): mine.info('%s %05d %s', sys.argv[2], number, 'x' * 1000)\n"
)


@pytest.fixture(autouse=True)
def undone() -> Iterator[None]:
    yield
    log.start(None)
    root = logging.getLogger("photosearch")
    for handler in list(root.handlers):
        root.removeHandler(handler)


def kept(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_a_log_that_grows_is_cut_into_three(tmp_path: Path) -> None:
    file = tmp_path / "logs" / "photosearch.log"
    log.start(file)
    logger = logging.getLogger("photosearch.test")
    for number in range(9_000):
        logger.info("%05d %s", number, "x" * 1000)
    assert [each.name for each in kept(file.parent)] == [
        "photosearch.log", "photosearch.log.1", "photosearch.log.2",
    ]  # fmt: skip
    assert all(each.stat().st_size <= MOST_BYTES for each in kept(file.parent))
    newest_first = [each.read_text().splitlines() for each in kept(file.parent)]
    numbers = [int(line.split(": ")[1][:5]) for part in reversed(newest_first) for line in part]
    assert numbers == list(range(numbers[0], 9_000)), "nothing in between is lost"


def test_two_programs_may_write_one_log(tmp_path: Path) -> None:
    """As two windows do where a disk gives no locks: what they say stays readable, and small."""
    file = tmp_path / "photosearch.log"
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(file), name], stderr=subprocess.PIPE, text=True
        )
        for name in ("one", "two")
    ]
    said = [writer.communicate(timeout=120)[1] for writer in writers]
    assert said == ["", ""]
    assert len(kept(tmp_path)) <= FILES
    assert sum(each.stat().st_size for each in kept(tmp_path)) <= (FILES + 1) * MOST_BYTES
    for each in kept(tmp_path):
        for line in each.read_text().splitlines():
            assert line.endswith("x" * 1000), line
            assert line.count("INFO") == 1
