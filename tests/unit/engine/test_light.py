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
