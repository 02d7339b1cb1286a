"""What the bundle does without, and why; used by `photosearch.spec`."""

from __future__ import annotations

import os
import sys
from typing import Any

MODULES = [
    # Converting models is done elsewhere; the bundle takes the folder that comes of it.
    "open_clip", "torch", "torchvision", "transformers", "onnxscript", "timm",
    # Only tests compare with these.
    "insightface", "cv2", "scipy", "skimage", "sklearn", "pandas", "matplotlib",
    "hypothesis", "pytest",
    # Never used by what we use of the libraries they belong to.
    "tkinter", "_tkinter", "idlelib", "lib2to3", "setuptools", "pkg_resources", "wheel", "pygments",
    "numpy.f2py", "hf_xet", "huggingface_hub.inference", "huggingface_hub.cli", "IPython",
    "pydoc_data", "PIL.ImageQt", "PIL.ImageTk", "PySide6.QtQml", "PySide6.QtQuick",
    "onnxruntime.tools", "onnxruntime.datasets", "onnx.reference", "onnx.backend.test",
]  # fmt: skip

# Plugins of Qt: what a window of widgets with raster painting uses. The rest would bring libraries
# along: GTK's theme alone two dozen. Network plugins are for Qt's own downloads, which nobody does.
_PLUGINS = {
    "platforms": ("xcb", "wayland", "offscreen", "windows", "cocoa", "minimal."),
    "platformthemes": ("xdgdesktopportal",),
    "wayland-shell-integration": ("xdg-shell",),
    "wayland-decoration-client": None,
    "wayland-graphics-integration-client": (),
    "platforminputcontexts": None,
    "xcbglintegrations": None,
    "iconengines": None,
    "imageformats": ("svg", "ico", "jpeg", "gif", "webp", "icns"),
    "styles": None,
}
_TRANSLATIONS = "qtbase_"  # of dialogs and buttons that Qt has words for


def trim(analysis: Any) -> None:
    """Take out of an analysis the parts of Qt that are not used, and what only they needed."""
    analysis.datas = [each for each in analysis.datas if is_wanted(each[0])]
    before = list(analysis.binaries)
    kept = [each for each in before if is_wanted(each[0])]
    analysis.binaries = _still_needed(kept) if len(kept) < len(before) else kept


def is_wanted(name: str) -> bool:
    """Say of a file, by its path in the bundle, whether it is used."""
    parts = name.replace("\\", "/").split("/")
    if parts[0].startswith("hf_xet-"):  # huggingface_hub would think that it is here
        return False
    if "PySide6" not in parts:
        return True
    if "translations" in parts:
        return parts[-1].startswith(_TRANSLATIONS)
    if "plugins" in parts:
        kind, file = parts[-2], parts[-1].removeprefix("lib").removeprefix("q")
        words = _PLUGINS.get(kind, ())
        return words is None or file.startswith(words)
    return not parts[-1].lower().startswith("opengl32sw")  # Windows: a renderer in software, 20 MB


def _still_needed(binaries: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Leave out libraries that no remaining file asks for, by what the files themselves say.

    Only on Linux, where they come from the system that builds: elsewhere wheels bring them.
    """
    if sys.platform != "linux":
        return binaries
    from PyInstaller.depend.bindepend import get_imports

    asked: set[str] = set()
    loose = {name: each for name, *rest in binaries if _is_loose(name) for each in [(name, *rest)]}
    todo = [source for name, source, kind in binaries if name not in loose and kind != "SYMLINK"]
    while todo:
        for name, _path in get_imports(todo.pop()):
            if name not in asked:
                asked.add(name)
                todo += [each[1] for each in loose.values() if os.path.basename(each[0]) == name]
    return [each for each in binaries if each[0] not in loose or os.path.basename(each[0]) in asked]


def _is_loose(name: str) -> bool:
    """Whether a file is a library at the top of the bundle, there only because others need it.

    Python's own is asked for by no file: the launcher loads it by name.
    """
    of_python = name.startswith("libpython")
    return (
        os.path.dirname(name) == "" and ".so" in name and name.startswith("lib") and not of_python
    )
