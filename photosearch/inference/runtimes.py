"""Which ONNX Runtime a process uses: its own, or that of a GPU pack, which goes before it.

`put_first` must come before anything imports `onnxruntime`. A pack whose runtime does not load
is taken out again: a process always ends with a runtime that works, or with the usual error.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from photosearch.errors import ModelError
from photosearch.inference import providers
from photosearch.types import RuntimeReport

OLDEST = (1, 20)  # as in pyproject.toml
INSTALLED = "installed with PhotoSearch"
_MODULE = "onnxruntime"


class _First:
    """Finds `onnxruntime` in one folder, before a bundle's own importer finds its own."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name == _MODULE:
            return PathFinder.find_spec(name, [self._folder], target)
        if name.startswith(f"{_MODULE}."):
            return PathFinder.find_spec(name, path, target)
        return None


def put_first(folder: str) -> str:
    """Use the runtime in a folder; returns a notice when that does not work, else nothing.

    A runtime may crash while it loads: `engine.trying` finds that out in a child of its own.
    """
    if not folder:
        return ""
    finder = _First(folder)
    sys.path.insert(0, folder)
    sys.meta_path.insert(0, finder)
    why = _trouble(folder)
    if why:
        sys.meta_path.remove(finder)
        sys.path.remove(folder)
        for name in [n for n in sys.modules if n == _MODULE or n.startswith(f"{_MODULE}.")]:
            del sys.modules[name]
        importlib.invalidate_caches()
        providers.runtime.cache_clear()
        return (
            f"The GPU pack in {folder} cannot be used ({why}). The runtime that was installed "
            "with PhotoSearch is used instead; install the pack anew, or remove it."
        )
    return ""


def _trouble(folder: str) -> str:
    """Return why the runtime that loads now is not the one in the folder, or cannot be used."""
    try:
        module = providers.runtime()
    except ModelError as error:
        return str(error).removesuffix(". Install it anew.").rstrip(".")
    except Exception as error:  # noqa: BLE001  a half-installed module may raise anything
        return f"its runtime does not load: {type(error).__name__}: {error}"
    if Path(folder).resolve() not in Path(module.__file__ or "").resolve().parents:
        return "there is no ONNX Runtime in it"
    version = str(getattr(module, "__version__", "0"))
    if _numbers(version) < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        return f"its ONNX Runtime {version} is older than {wanted}"
    return ""


def report() -> RuntimeReport:
    """Return which runtime this process uses; ModelError when none loads."""
    module = providers.runtime()
    place = Path(module.__file__ or "").parent.parent
    ours = _MODULE in sys.modules and any(isinstance(each, _First) for each in sys.meta_path)
    name = str(getattr(module, "package_name", "")) or _distribution()
    return RuntimeReport(
        version=str(module.__version__),
        distribution=name,
        source=f"GPU pack in {place}" if ours else INSTALLED,
    )


def _distribution() -> str:
    found = providers.installed()
    return found[0][0] if found else _MODULE


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
