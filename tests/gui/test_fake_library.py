"""The library in memory is called as the real one is."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from gui.fake_devices import FakeDevices
from gui.fake_library import FakeLibrary
from gui.fake_models import (
    FakeConverting,
    FakeGetting,
    FakeMeasuring,
    FakeOffers,
    FakeSwitching,
    FakeTrials,
)
from gui.fake_people import FakePeople

from photosearch.library import Library
from photosearch.models.converting import Converting
from photosearch.models.devices import Devices
from photosearch.models.getting import Getting
from photosearch.models.measuring import Measuring
from photosearch.models.offers import Offers
from photosearch.models.switching import Switching
from photosearch.models.trials import Trials
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


FACADES = (
    (Measuring, FakeMeasuring, {"calibration", "calibrate", "measurement", "measure"}),
    (Converting, FakeConverting, {"available", "architectures", "tags", "convert"}),
    (Trials, FakeTrials, {"run"}),
    (Getting, FakeGetting, {"get", "discard", "accept", "add", "repair", "partial"}),
    (Offers, FakeOffers, {"all", "presets"}),
    (
        Switching,
        FakeSwitching,
        {"cost", "choose", "current", "now", "go_back", "leftovers", "delete"},
    ),
    (
        Devices,
        FakeDevices,
        {"all", "try_all", "runtime", "gpu_pack", "install_gpu_pack", "remove_gpu_pack"},
    ),
)


@pytest.mark.parametrize(("real", "fake", "used"), FACADES, ids=lambda kind: str(kind)[:40])
def test_the_fakes_of_models_have_the_verbs_that_the_pane_calls(
    real: type, fake: type, used: set[str]
) -> None:
    found, made = verbs(real), verbs(fake)
    assert used <= set(found)
    for name in used:
        assert parameters(made[name]) == parameters(found[name]), name


def parameters(method: Callable[..., Any]) -> list[tuple[str, Any, bool]]:
    """Return how a verb is called: names, kinds, and what may be left out."""
    empty = inspect.Parameter.empty
    signature = inspect.signature(method)
    return [(p.name, p.kind, p.default is empty) for p in signature.parameters.values()]


def test_the_window_is_imported_without_heavy_libraries() -> None:
    heavy = ("onnxruntime", "hnswlib", "tokenizers", "PIL")
    code = f"import sys, photosearch.gui.app; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
