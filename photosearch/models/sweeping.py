"""What a killed program left of its work on models: found and deleted at the next start.

Folders name the process that works on them, and its computer: on a drive that several share, what
another one made is its own. Downloads are not touched: they go on where they were.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from photosearch.errors import PhotoSearchError
from photosearch.inference.registry import damaged_lists
from photosearch.models.installing import Places
from photosearch.paths import Paths
from photosearch.settings.held import held

_log = logging.getLogger(__name__)
UNFINISHED = ".converting-"  # a folder: then who works on it
UNREGISTERED = ".converting"  # a file in a model that is whole but not yet listed: who made it
_PREPARED = ".part"
_PATIENCE_S = 1.0  # the start of the program waits for it
_CLOCK_S = 2.0  # how exactly the start of a process and the time of a folder are known


def sweep(
    paths: Paths,
    chosen: str,
    listed: Callable[[], Iterable[str]],
    reaches: Callable[[Path, float], bool] = lambda folder, within_s: True,
) -> None:
    """Delete what killed programs left. Never fails.

    `chosen` is the setting `models.folder`, `listed` returns the folders of registered models,
    `reaches` says whether a folder answers in time: one that does not has its turn another time.
    """
    models = paths.models_in(chosen)
    around = (unfinished(models), _unregistered(models, listed, paths.models_file))
    for found in (*(around if reaches(models, _PATIENCE_S) else ()), _unprepared(paths.prepared)):
        with suppress(OSError):  # a drive that is away: another time
            for left in found:
                _log.info("deleting %s, which was never finished", left)
                shutil.rmtree(left, ignore_errors=True)
    with suppress(OSError):  # it is being installed, or the disk refuses
        _mend_pack(Places(paths.gpu_pack))


def worker() -> str:
    """Return what names this process and its computer in the name of a folder."""
    return f"{os.getpid()}-{_host()}"


def unfinished(models: Path) -> Iterator[Path]:
    """Yield the folders of conversions whose process is gone."""
    for folder in models.glob(f"{UNFINISHED}*"):
        if _has_ended(folder.name.removeprefix(UNFINISHED).rpartition("-")[0], folder):
            yield folder


def _unregistered(
    models: Path, listed: Callable[[], Iterable[str]], models_file: Path
) -> Iterator[Path]:
    for mark in models.glob(f"*/{UNREGISTERED}"):
        with suppress(OSError, ValueError, PhotoSearchError):  # no list, no verdict: another time
            if not _has_ended(mark.read_text(encoding="ascii"), mark):
                continue
            known = any(
                os.path.realpath(each) == os.path.realpath(mark.parent) for each in listed()
            )
            # A damaged list reads as empty: it may have named this model, which is whole.
            if known or damaged_lists(models_file):
                mark.unlink()
            else:
                yield mark.parent


def _unprepared(prepared: Path) -> Iterator[Path]:
    for folder in prepared.glob(f"*/*-*{_PREPARED}"):
        if _is_gone(folder.stem.rpartition("-")[2], folder):
            yield folder


def _mend_pack(places: Places) -> None:
    """Put a pack back that was about to be replaced; delete what was unpacked or being deleted."""
    if not any(each.exists() for each in (places.stage, places.old, places.gone)):
        return
    with held(places.pack, wait_s=0):
        if places.old.exists() and not places.pack.exists():
            places.old.rename(places.pack)
        for folder in (places.fresh, places.scratch, places.old, places.gone):
            shutil.rmtree(folder, ignore_errors=True)
        if not (places.wheels.exists() and any(places.wheels.iterdir())):
            shutil.rmtree(places.stage, ignore_errors=True)


def _host() -> str:
    import platform

    return quote(platform.node(), safe="", errors="surrogateescape")


def _has_ended(worker: str, path: Path) -> bool:
    """Whether a process of this computer, named as `worker` does, is no more."""
    number, _, host = worker.partition("-")
    return host == _host() and _is_gone(number, path)


def _is_gone(number: str, path: Path) -> bool:
    """Whether the process of this number is no more; one that is younger than `path` is another."""
    if not number.isdecimal():
        return False
    import psutil

    try:
        born = float(psutil.Process(int(number)).create_time())
        return born > path.stat().st_mtime + _CLOCK_S
    except psutil.NoSuchProcess:
        return True
    except (psutil.Error, OSError):
        return False
