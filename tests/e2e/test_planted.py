"""Programs among the photos: whoever shares a folder does not get to run code in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .program import Program, copy_photos

# What the program, its children and the libraries they load import first.
PLANTED = ("struct", "pickle", "sqlite3", "numpy", "PIL", "onnxruntime", "site", "sitecustomize")
AS_INSTALLED = "import sys; from photosearch.__main__ import main; sys.exit(main())"


@pytest.mark.parametrize("way", [["-m", "photosearch"], ["SCRIPT"]], ids=["module", "script"])
def test_nothing_among_the_photos_is_run(
    way: list[str], program: Program, photos: Path, models: Path, tmp_path: Path
) -> None:
    sources = sorted((photos / "captioned").rglob("*.jpg"))[:2]
    folder = copy_photos(sources, tmp_path / "pictures")
    mark = tmp_path / "RUN"
    # What `python -m` itself imports before it comes to the program is Python's own affair.
    for name in (*PLANTED, "contextlib", "keyword") if way == ["SCRIPT"] else PLANTED:
        (folder / f"{name}.py").write_text(f"open({str(mark)!r}, 'a').write({name!r})\n")
    script = tmp_path / "bin" / "photosearch"
    script.parent.mkdir()
    script.write_text(AS_INSTALLED)
    start = [sys.executable, *(str(script) if part == "SCRIPT" else part for part in way)]

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [*start, *arguments, "--home", str(program.home)],
            capture_output=True,
            text=True,
            cwd=folder,
            env=program.environment(),
            timeout=120,
            check=True,
        )
        return done.stdout

    run("models", "add", os.fspath(models / "standin-clip"))
    run("index", ".")
    assert sources[1].name in run("search", "--like", sources[0].name)
    unknown = copy_photos(sources[:1], tmp_path / "elsewhere") / sources[0].name
    assert sources[0].name in run("search", "--like", os.path.relpath(unknown, folder))
    assert not mark.exists(), mark.read_text()
