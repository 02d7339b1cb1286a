"""The library in memory is called as the real one is."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from gui.fake_library import FakeLibrary
from gui.fake_people import FakePeople

from photosearch.library import Library
from photosearch.people.people import People

KNOBS = {"set_offline", "photo_id", "add_photos", "remove_photos", "add_failure"}


PEOPLE_KNOBS = {
    "add_person", "add_unsorted", "suggest", "faces_of", "name_of", "rejected", "paint",
    "named", "photos_of",
}  # fmt: skip


def verbs(kind: type) -> dict[str, Callable[..., Any]]:
    """Return the public methods of a class."""
    found = inspect.getmembers(kind, inspect.isfunction)
    return {name: method for name, method in found if not name.startswith("_")}


def shape(method: Callable[..., Any]) -> list[tuple[str, Any, Any]]:
    """Return names, kinds and annotations of the parameters, and of what comes back."""
    signature = inspect.signature(method)
    parts = [(p.name, p.kind, p.annotation) for p in signature.parameters.values()]
    return [*parts, ("return", None, signature.return_annotation)]


def test_the_fake_has_the_verbs_of_the_library() -> None:
    real, fake = verbs(Library), verbs(FakeLibrary)
    assert set(fake) - set(real) - {"face_thumbnail", "understand", "complete"} == KNOBS
    assert {name: shape(fake[name]) for name in set(fake) & set(real)} == {
        name: shape(real[name]) for name in set(fake) & set(real)
    }


def test_the_fake_has_the_verbs_of_people() -> None:
    real, fake = verbs(People), verbs(FakePeople)
    assert set(fake) - set(real) == PEOPLE_KNOBS
    assert {name: shape(fake[name]) for name in real} == {name: shape(real[name]) for name in real}


def test_the_window_is_imported_without_heavy_libraries() -> None:
    heavy = ("onnxruntime", "hnswlib", "tokenizers", "PIL")
    code = f"import sys, photosearch.gui.app; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
