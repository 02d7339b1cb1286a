"""Bringing all files of one model into a folder that becomes the model's when it is whole.

The folder `NAME.part` holds finished files under their own names, the one at hand as `.part`, and
a record of what each should be: a killed program goes on from there.  Knows the hub and the disk;
nothing of the registry.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from photosearch.errors import ModelError
from photosearch.inference import record
from photosearch.inference.fingerprint import named_in
from photosearch.inference.hub import fetching, layout, listing, verifying
from photosearch.inference.hub.patience import Patience
from photosearch.inference.record import HubFile
from photosearch.models.telling import Teller
from photosearch.types import CatalogueEntry, Check

_SPARE = 64 * 2**20  # the database and the rest of the system want to write, too


@dataclass(frozen=True, slots=True)
class Means:
    """What downloading works with; tests have others."""

    patience: Patience = field(default_factory=Patience)
    free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free
    open_part: Callable[[Path], BinaryIO] | None = None


@dataclass(frozen=True, slots=True)
class _Planned:
    """One file of the model, and the graph that must refer to it if there is one."""

    target: str
    file: HubFile
    graph: str = ""


class Download:
    """One model on its way into `folder`; who runs it holds the model's lock."""

    def __init__(self, folder: Path, teller: Teller, check: Check, means: Means) -> None:
        self._folder = folder
        self._teller = teller
        self._check = check
        self._means = means

    def run(self, entry: CatalogueEntry) -> None:
        """Bring everything that the hub has of the model; ModelError or Cancelled keep the rest."""
        self._teller.stage("listing")
        plan = self._plan(entry)
        self._make_room(plan)
        self._teller.stage("downloading", self._here(plan), sum(p.file.size for p in plan))
        done: dict[str, HubFile] = {}
        for planned in plan:
            if planned.graph and not self._refers(planned):
                continue
            done[planned.target] = self.bring(planned.target, planned.file)
        lost = [name for name in done if not (self._folder / name).is_file()]
        if lost:
            raise ModelError(
                f"{' and '.join(lost)} of “{entry.name}” was taken away while the rest came. Get "
                "the model again."
            )
        self._drop_all_but(done)
        record.write(self._folder, done)

    def bring(self, target: str, file: HubFile) -> HubFile:
        """Bring one file and verify it, twice if need be; returns it with its sha256."""
        path = self._folder / target
        if file.sha256 and path.is_file() and path.stat().st_size == file.size:
            return file  # it got its name when it was verified
        if sha256 := verifying.sha256_of(path, file, self._check):
            return replace(file, sha256=sha256)
        ways = fetching.Ways(
            self._check,
            self._teller.gained,
            self._teller.note,
            self._means.patience,
            self._means.open_part,
        )
        for _ in range(2):
            self._teller.file(target)
            part = fetching.fetch(file, path, ways)
            self._teller.file(f"{target} (verifying)")
            sha256 = verifying.sha256_of(part, file, self._check)
            if sha256 is not None:
                _settle(part, path)
                return replace(file, sha256=sha256)
            self._teller.gained(-file.size)
            part.unlink(missing_ok=True)
            self._teller.note(f"{target} arrived damaged and is fetched again.")
        raise ModelError(
            f"{target} of {file.repository} arrived damaged twice: its bytes are not those that "
            "the hub has told. Try again later, or over another network."
        )

    def _plan(self, entry: CatalogueEntry) -> tuple[_Planned, ...]:
        """Ask the hub, choose files, and throw away what is here and no longer wanted."""
        listed: dict[str, HubFile] = {}
        for repository in entry.repositories:
            found = listing.list_files(
                repository, self._means.patience, self._check, self._teller.note
            )
            listed |= {file.path: file for file in found.files if file.path not in listed}
        whose = " and ".join(entry.repositories)
        chosen = layout.needed(listed, entry.kind, dict(entry.files), whose)
        before = record.read(self._folder)
        plan = []
        for each in chosen:
            file, known = listed[each.name], before.get(each.target)
            if not file.same_content(known):
                self._drop(each.target)
            elif known is not None and not file.sha256:
                file = replace(file, sha256=known.sha256)  # verified by git's hash then
            plan.append(_Planned(each.target, file, each.graph))
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ModelError(f"{self._folder} cannot be made: {error.strerror}.") from error
        record.write(self._folder, {each.target: each.file for each in plan})
        return tuple(plan)

    def _make_room(self, plan: Iterable[_Planned]) -> None:
        """Raise ModelError when the disk has no room for what is still to come."""
        plan = tuple(plan)
        to_come = sum(each.file.size for each in plan) - self._here(plan)
        require_room(self._folder, to_come, self._means.free)

    def _here(self, plan: Iterable[_Planned]) -> int:
        sizes = 0
        for each in plan:
            path = self._folder / each.target
            for place in (path, fetching.part_of(path)):
                with suppress(OSError):
                    sizes += place.stat().st_size
        return sizes

    def _refers(self, planned: _Planned) -> bool:
        """Say whether a graph, which is here by now, wants a file beside it."""
        graph = self._folder / planned.graph
        name = (self._folder / planned.target).relative_to(graph.parent).as_posix()
        return name in named_in(graph, [name])

    def _drop(self, target: str) -> None:
        path = self._folder / target
        for place in (path, fetching.part_of(path)):
            place.unlink(missing_ok=True)

    def _drop_all_but(self, done: Iterable[str]) -> None:
        """Delete what an older list of files has left, so that only the model remains."""
        kept = {self._folder / name for name in (*done, record.NAME)}
        for path in sorted(self._folder.rglob("*"), reverse=True):
            if path.is_dir():
                with suppress(OSError):  # it is not empty
                    path.rmdir()
            elif path not in kept:
                path.unlink(missing_ok=True)


def require_room(folder: Path, size: int, free: Callable[[Path], int]) -> None:
    """Raise ModelError, with how much is missing, when a disk has no room for so many bytes."""
    there = folder
    while not there.exists():
        there = there.parent
    missing = size + _SPARE - free(there) if size > 0 else 0
    if missing > 0:
        raise ModelError(
            f"The disk of {folder.parent} is too full: {in_words(missing)} more are needed. Free "
            "some space, or choose another folder with the setting models.folder."
        )


def in_words(size: int) -> str:
    """Return a number of bytes as people say it."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{max(1, round(size / 1e6))} MB"


def _settle(part: Path, path: Path) -> None:
    try:
        part.replace(path)  # from now on the name says that it is verified
    except OSError as error:
        raise ModelError(f"{path} cannot be written: {error.strerror}.") from error
