"""`photosearch doctor`: what is installed, what works, and what stands in the way."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata

from photosearch import __version__
from photosearch.cli import display, output
from photosearch.cli.devices import device_line, pack_line
from photosearch.errors import PhotoSearchError
from photosearch.inference import providers
from photosearch.inference.gpu_pack import usable
from photosearch.library import Library
from photosearch.media.answering import Answering, sentence
from photosearch.models.devices import Devices
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.store.database import sqlite_version

_PACKAGES = (
    "PySide6-Essentials",
    "hnswlib",
    "numpy",
    "pillow",
    "pillow-heif",
    "tokenizers",
    "open_clip_torch",
    "torch",
)


def doctor(paths: Paths, settings: SettingsStore, *, as_json: bool) -> int:
    """Print a report; the exit code is 1 when something needs mending."""
    report, problems = _report(paths, settings)
    if as_json:
        output.as_json({**report, "problems": problems})
    else:
        for heading, values in report.items():
            output.line(f"{heading}:")
            for name, value in values.items():
                output.line(output.shown(f"  {name}: {value}"))
        for problem in problems:
            output.line(output.shown(f"PROBLEM: {problem}"))
        if not problems:
            output.line("Everything is in order.")
    return 1 if problems else 0


def _report(
    paths: Paths, settings: SettingsStore
) -> tuple[dict[str, dict[str, object]], list[str]]:
    problems = list(settings.notices)
    if collision := providers.collisions():
        problems.append(collision)
    report: dict[str, dict[str, object]] = {
        "versions": _versions(),
        "runtime": {},
        "devices": {},
        "display": {"window": display.missing() or "can be shown"},
        "places": {
            "library": str(paths.database),
            "settings": str(paths.settings_file),
            "caches": str(paths.cache),
        },
    }
    try:
        report["library"] = _library(paths, settings, report, problems)
    except PhotoSearchError as error:
        problems.append(str(error))
        _devices(Devices(paths, settings), settings, report, problems)
    return report, problems


def _versions() -> dict[str, object]:
    found: dict[str, object] = {
        "PhotoSearch": __version__,
        "Python": f"{platform.python_version()} ({sys.platform}, {platform.machine()})",
        "SQLite": sqlite_version(),
        "cores": os.cpu_count(),
    }
    found |= dict(providers.installed())
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def _devices(
    devices: Devices,
    settings: SettingsStore,
    report: dict[str, dict[str, object]],
    problems: list[str],
) -> None:
    """Try each device of which nothing is known, and say what runs where."""
    try:
        for each in devices.try_new(lambda: None):
            report["devices"][each.device.id] = device_line(each)
        chosen, notice = devices.expected()
        setting = settings.current.devices.provider
        report["devices"]["in use"] = f"{providers.shown(chosen)} (setting: {setting})"
        problems += [notice] if notice else []
        runtime = devices.runtime()
        report["runtime"] = {
            "ONNX Runtime": f"{runtime.distribution} {runtime.version}, {runtime.source}"
        }
        problems += runtime.notices
    except PhotoSearchError as error:
        problems.append(str(error))
    pack = devices.gpu_pack()
    if pack.supported or pack.installed:
        report["runtime"]["GPU pack"] = pack_line(pack)
    problems += [pack.problem] if pack.problem else []


def _library(
    paths: Paths,
    settings: SettingsStore,
    report: dict[str, dict[str, object]],
    problems: list[str],
) -> dict[str, object]:
    answering = Answering()
    library = Library(paths, settings, own_engine=bool(usable(paths.gpu_pack)))
    try:
        problems += library.notices
        _devices(library.devices, settings, report, problems)
        status = library.status()
        problems += library.misused_models()
        for model in library.models():
            if model.problem:
                problems.append(f"{model.name}: {model.problem}")
        for folder in status.folders:
            if not answering.answers(os.fsencode(folder.path)):
                problems.append(sentence(folder.path))
            elif not os.access(folder.path, os.R_OK):
                problems.append(f"{folder.path} cannot be read (unplugged, or no permission).")
        return {
            "photos": status.photos,
            "could not be used": status.failures,
            "search model": status.model or "none",
            "face pack": status.extra["face_pack"] or "none",
            **{folder.path: f"{folder.photos} photos" for folder in status.folders},
        }
    finally:
        library.close()
