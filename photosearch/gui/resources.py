"""Where the program's own icons and style sheet lie, from source and from a wheel."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


@lru_cache(maxsize=1)
def folder() -> Path:
    """Return the `resources` folder: inside the installed package, else beside the source."""
    installed = _PACKAGE / "resources"
    return installed if installed.is_dir() else _PACKAGE.parent / "resources"


@lru_cache(maxsize=128)
def text(name: str) -> str:
    """Return a small text resource, read once."""
    return (folder() / name).read_text(encoding="utf-8")
