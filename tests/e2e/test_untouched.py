"""Photos are only ever read: not a byte, not a time, not a file beside them changes."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from .program import Program

# One of each: formats, directions, broken ones, ones that are no pictures.
PARTS = ("formats/exif_orientation", "formats/heif", "formats/avif_linku", "edge")


def seen(root: Path) -> dict[str, tuple[object, ...]]:
    """Return all there is below `root`, without leaving a trace."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted([root, *root.rglob("*")]):
        status = path.stat()
        times: tuple[object, ...] = (status.st_mtime_ns, status.st_ctime_ns, status.st_mode)
        if path.is_dir():
            found[str(path)] = (*times, tuple(sorted(os.listdir(path))))
            continue
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOATIME", 0)
        with os.fdopen(os.open(path, flags), "rb") as stream:
            digest = hashlib.sha256(stream.read()).hexdigest()
        atime = status.st_atime_ns if hasattr(os, "O_NOATIME") else 0
        found[str(path)] = (*times, status.st_size, atime, digest)
    return found


@pytest.fixture
def tree(photos: Path, tmp_path: Path) -> Path:
    root = tmp_path / "photos"
    for part in PARTS:
        for source in sorted((photos / part).rglob("*")):
            if source.is_file() and source.stat().st_size < 4_000_000:
                target = root / part / source.relative_to(photos / part)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
    for path in root.rglob("*"):
        if path.is_file():
            # Read long before the last write: a file system that notes accesses notes the next.
            os.utime(path, ns=(10**18, 15 * 10**17 + 123))
    return root


def test_nothing_is_touched(program: Program, tree: Path, models: Path) -> None:
    before = seen(tree)
    assert len(before) > 60
    program.good("models", "add", models / "standin-clip")
    report = program.good("index", tree)
    assert report["added"] > 30
    assert seen(tree) == before
    photo = next(path for path in sorted((tree / PARTS[0]).iterdir()))
    program.good("search", "a dog", "--like", photo)
    assert program.good("index")["added"] == 0
    program.good("folders", "list")
    program.good("folders", "remove", tree)
    assert seen(tree) == before


def test_a_folder_that_allows_no_writing(program: Program, tree: Path) -> None:
    folder = tree / PARTS[0]
    folder.chmod(0o555)
    try:
        assert program.good("index", folder)["failed"] == []
    finally:
        folder.chmod(0o755)
