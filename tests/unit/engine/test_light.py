"""What importing the library costs: nothing that only models, pictures or windows need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import photosearch

HEAVY = ("PySide6", "onnxruntime", "hnswlib", "tokenizers", "PIL", "pillow_heif", "cv2", "torch")


def test_the_library_loads_nothing_heavy() -> None:
    code = (
        "import sys, photosearch.library, photosearch.cli.commands\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=Path(photosearch.__file__).resolve().parent.parent,
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_a_decoder_loads_nothing_of_libraries_and_models() -> None:
    """There are as many of them as cores, and a run waits for their start."""
    code = (
        "import sys, photosearch.engine.children, photosearch.engine.decode\n"
        "import photosearch.engine.decoders\n"
        "print([n for n in ('photosearch.store', 'photosearch.inference.registry',"
        " 'photosearch.inference.entry', 'pydantic', 'sqlite3', 'psutil') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=Path(photosearch.__file__).resolve().parent.parent,
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == "[]"
