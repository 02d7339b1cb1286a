"""The program's own folders."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from photosearch.paths import Paths


def test_what_a_killed_program_left_half_written_goes(tmp_path: Path) -> None:
    paths = Paths.below(tmp_path)
    paths.create()
    kept = [
        "settings.toml", "models.json", "models.json.lock", "models.json.damaged", "devices.json",
        "library.db", "library-before-format-2.db", "accepted.json", "settings.toml.tmp",
    ]  # fmt: skip
    for name in kept:
        (tmp_path / name).touch()
    # As they are made where they are written.
    left = []
    for prefix, suffix in (("models.json.", ""), ("devices.", ""), ("settings", ".tmp")):
        descriptor, name = tempfile.mkstemp(suffix, prefix, tmp_path)
        os.close(descriptor)
        left.append(Path(name))
    paths.create()
    assert all(path.exists() for path in left), "somebody may be writing them"
    long_ago = time.time() - 7200
    for path in tmp_path.iterdir():
        os.utime(path, (long_ago, long_ago))
    paths.create()
    assert not any(path.exists() for path in left)
    assert sorted(kept) == sorted(path.name for path in tmp_path.iterdir() if path.is_file())
