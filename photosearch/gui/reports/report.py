"""The text of a report: versions, devices, what happened, the last lines of the logs.

Each report has two forms, one without names of files. Knows no widget.
"""

from __future__ import annotations

import os
import platform
import traceback
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import qVersion

import photosearch
from photosearch import crashes
from photosearch.errors import PhotoSearchError
from photosearch.scrubbing import Scrubber
from photosearch.settings.schema import declared

if TYPE_CHECKING:
    from photosearch.library import Library
    from photosearch.types import DeviceReport

LOGS = ("photosearch.log", "engine.log")
PACKAGES = ("PySide6-Essentials", "Pillow", "pillow-heif", "numpy", "hnswlib", "tokenizers")
LINES = 80  # of each log
_TAIL_BYTES = 60_000


@dataclass(frozen=True, slots=True)
class Report:
    """A report with the paths of photos in it, and the same without."""

    full: str
    scrubbed: str


def of_error(error: BaseException) -> str:
    """Return an error with the places it came by."""
    return "".join(traceback.format_exception(error))


def of_crashes(found: tuple[crashes.Crash, ...]) -> str:
    """Return what processes wrote when they crashed."""
    return "\n".join(each.text for each in found)


def at_once(happened: str) -> Report:
    """Return what can be said without looking anywhere."""
    return _report(_head(), {"What happened": happened}, _scrubber({}))


def gathered(library: Library, happened: str) -> Report:
    """Return all that helps (on a lane: it reads files and asks the engine)."""
    paths = library.paths
    own = {str(paths.config): "‹config›", str(paths.cache): "‹cache›", str(paths.data): "‹data›"}
    parts = {"What happened": happened}
    for name in LOGS:
        parts[f"Last lines of {name}"] = tail(paths.log_file.with_name(name))
    head = (*_head(), *_devices(library))
    return _report(head, parts, _scrubber(own))


def tail(file: Path) -> str:
    """Return the last lines of a log; nothing of one that is not there."""
    try:
        with file.open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(0, stream.tell() - _TAIL_BYTES))
            text = stream.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-LINES:])


def _head() -> tuple[str, ...]:
    now = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %z")
    return (
        f"PhotoSearch {photosearch.__version__}, {now}",
        f"{platform.platform()}, Python {platform.python_version()}, Qt {qVersion()}",
        ", ".join(f"{name} {_version(name)}" for name in PACKAGES),
    )


def _version(package: str) -> str:
    """Return which version is installed; nothing is imported for it."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not found"


def _devices(library: Library) -> tuple[str, ...]:
    from photosearch.inference import providers

    lines = [f"{name} {version}" for name, version in providers.installed()]
    with suppress(PhotoSearchError):  # an engine in trouble: the log has more of it
        lines.append(f"Device: {library.device()}")
        runtime = library.devices.runtime()  # what a child found: none is loaded here
        lines.append(f"ONNX Runtime in use: {runtime.distribution} {runtime.version}")
        lines += [f"Provider: {_told(each)}" for each in library.devices.all()]
    wanted = library.settings.current.devices
    lines.append(f"Wanted: {wanted.provider}, {wanted.precision}")
    return tuple(lines)


def _told(report: DeviceReport) -> str:
    verdict = report.verdict
    known = "not tried" if verdict is None else "works" if verdict.works else "does not work"
    return f"{report.device.provider}, {report.device.name}: {known}"


def _scrubber(own: dict[str, str]) -> Scrubber:
    return Scrubber.of_this_machine(own, tuple(setting.key for setting in declared()))


def _report(head: tuple[str, ...], parts: dict[str, str], scrubber: Scrubber) -> Report:
    def written(parts: dict[str, str]) -> str:
        told = (f"\n--- {title} ---\n{text.rstrip()}" for title, text in parts.items() if text)
        return "\n".join((*head, *told)) + "\n"

    clean = {title: scrubber.scrubbed(text) for title, text in parts.items()}
    return Report(written(parts), written(clean))
