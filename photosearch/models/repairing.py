"""Repairing fetched models: which file is damaged, and fetching just that one anew.

Only a model with a record of what was fetched can be repaired.  A model that fails to load in a
run is repaired without being asked, once as long as the program runs.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from photosearch.engine.models import Models
from photosearch.errors import Cancelled, ModelError, PhotoSearchError
from photosearch.inference import record
from photosearch.inference.fingerprint import damaged, damaged_model
from photosearch.inference.hub import verifying
from photosearch.models.downloads import Download, Means
from photosearch.models.telling import Report, Teller
from photosearch.models.turn import turn
from photosearch.types import AnyModel, Check

_log = logging.getLogger(__name__)
_Model = TypeVar("_Model")
_MENDED = "The model was damaged and has been repaired: index again for the photos it failed on."


class Repairing:
    """Verifies installed models; safe to use from several threads and processes."""

    def __init__(self, models: Models, register: Callable[[str], AnyModel], means: Means) -> None:
        self._models = models
        self._register = register
        # Without a network a repair should say so soon: a run may be waiting for it.
        brief = replace(means.patience, tries=means.patience.tries_at_first)
        self._means = replace(means, patience=brief)
        self._tried: set[str] = set()

    def known(self, name: str) -> AnyModel | None:
        """Return a registered model, None when there is none of that name."""
        return next((model for model in self._models.all() if model.name == name), None)

    def repair(self, name: str, report: Report, check: Check) -> AnyModel:
        """Verify a model that was fetched, and fetch damaged files anew once."""
        model = self.known(name)
        if model is None:
            raise ModelError(f"There is no model “{name}” to repair. Get it first.")
        folder = Path(model.folder)
        if not record.read(folder):
            raise ModelError(
                f"“{name}” was not fetched by PhotoSearch: there is nothing to compare its files "
                f"in {folder} with. Put them there anew."
            )
        with turn(folder.parent, name):
            return self.verified(folder, Teller(name, report), check)

    def verified(self, folder: Path, teller: Teller, check: Check) -> AnyModel:
        """Register a fetched model whose files are right by then; its lock is held already."""
        files = record.read(folder)
        teller.stage("verifying", 0, sum(file.size for file in files.values()))
        broken = verifying.broken_files(folder, check, teller.gained)
        if broken:
            self._fetch_anew(folder, broken, teller, check)
        teller.stage("reading")
        self._models.forget()
        return self._register(str(folder))

    def explain(self, name: str, problem: str) -> str:
        """Return why a model is in trouble: its damaged files are named where that is it.

        Reads every byte of a model that was fetched.
        """
        model = self.known(name)
        try:
            return verifying.explained(Path(model.folder), problem) if model else problem
        except PhotoSearchError as error:
            return f"{problem} {error}"

    def prepared(
        self, prepare: Callable[[], tuple[_Model | None, str]], check: Check
    ) -> tuple[_Model | None, str]:
        """Return a model that is ready to use, repaired if need be, or why it cannot be used.

        `prepare` returns a model or why there is none.
        """
        model, problem = prepare()
        if model is not None or not problem:
            return model, problem
        left = self._mend(problem, check)
        return prepare() if not left else (None, left)

    def mended(self, notices: tuple[str, ...], check: Check) -> tuple[str, ...]:
        """Return the notices of a run, and what came of models that failed in it."""
        return tuple(self._mend(notice, check) or _MENDED for notice in notices)

    def _mend(self, problem: str, check: Check) -> str:
        """Repair the model whose damage a sentence tells; returns what is still wrong."""
        name = damaged_model(problem)
        if not name or name in self._tried:
            return problem
        self._tried.add(name)
        _log.warning("%s", problem)
        try:
            self.repair(name, lambda progress: None, check)
        except Cancelled:
            raise
        except PhotoSearchError as error:
            return f"{problem}. It could not be done now: {error}"
        return ""

    def _fetch_anew(
        self, folder: Path, broken: Sequence[str], teller: Teller, check: Check
    ) -> None:
        files = record.read(folder)
        _log.warning("%s", damaged(folder, broken))
        if lost := [name for name in broken if not files[name].repository]:
            raise ModelError(
                f"{' and '.join(lost)} of “{folder.name}” cannot be repaired: the model came from "
                "a ZIP file or was converted. Remove it, delete its folder, and add or "
                "convert it again."
            )
        part = folder.with_name(f"{folder.name}.part")
        teller.stage("downloading", 0, sum(files[name].size for name in broken))
        download = Download(part, teller, check, self._means)
        for name in broken:
            download.bring(name, files[name])
            _replace(part / name, folder / name)
        with suppress(OSError):
            shutil.rmtree(part)


def _replace(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
    except OSError as error:
        raise ModelError(
            f"{target} cannot be replaced: {error.strerror}. Close PhotoSearch elsewhere and try "
            "again."
        ) from error
