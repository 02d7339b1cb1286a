"""Bringing one's own model: an open_clip architecture and weights become a registered model.

Knows where models lie and what may be called how; the work is done in a child process.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

from photosearch.engine.converting import Converter, Report
from photosearch.errors import ModelError, UsageError
from photosearch.inference.conversion import libraries
from photosearch.models.sweeping import UNFINISHED, UNREGISTERED, unfinished, worker
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import AnyModel, Check, Conversion, ConversionProgress

_NAME = re.compile(r"[^\W_][\w .+-]{0,99}(?<![ .])")
# Windows keeps these, and a download on its way ends like the last.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?|.*\.part", re.IGNORECASE)
_STEPS = 5


class Converting:
    """Converts models and registers them."""

    def __init__(
        self,
        paths: Paths,
        settings: SettingsStore,
        models: Callable[[], tuple[AnyModel, ...]],
        add: Callable[[str], AnyModel],
        converter: Converter | None = None,
    ) -> None:
        """`models` tells the registered ones; `add` registers a folder."""
        self._paths = paths
        self._settings = settings
        self._models = models
        self._add = add
        self._converter = converter or Converter(paths.log_file.with_name("convert.log"))
        self._lock = threading.Lock()
        self._known: dict[str, tuple[str, ...]] = {}

    def available(self) -> str:
        """Return the sentence that says how to install what is missing, or nothing."""
        return libraries.missing()

    def architectures(self) -> tuple[str, ...]:
        """Return open_clip's architectures; takes seconds the first time."""
        return tuple(self._all_known())

    def tags(self, architecture: str) -> tuple[str, ...]:
        """Return the published weights of an architecture; none for one that is not known."""
        return self._all_known().get(architecture, ())

    def convert(self, request: Conversion, report: Report, check: Check) -> AnyModel:
        """Convert, compare with open_clip and register; `ModelError` says why it cannot be.

        Nothing is left behind where it fails or `check` raises.
        """
        if sentence := self.available():
            raise ModelError(sentence)
        self._check(request)
        folder = self._folder()
        target = folder / request.name
        work = self._begin(folder)
        try:
            notes = self._converter.convert(request, work, report, check)
            check()
            report(ConversionProgress("registering", _STEPS, _STEPS, " ".join(notes)))
            return self._register(work, target)
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _all_known(self) -> dict[str, tuple[str, ...]]:
        with self._lock:
            if not self._known:
                if sentence := self.available():
                    raise ModelError(sentence)
                self._known = self._converter.known(lambda: None)
            return self._known

    def _check(self, request: Conversion) -> None:
        name = request.name
        if not _NAME.fullmatch(name) or _RESERVED.fullmatch(name):
            raise UsageError(
                f"A model cannot be called “{name}”: take letters, digits, spaces and . + - _, "
                "beginning with a letter or digit, at most 100."
            )
        if bool(request.pretrained) == bool(request.checkpoint):
            raise UsageError("Give either the tag of published weights or a checkpoint file.")
        for file, what in ((request.checkpoint, "checkpoint file"), (request.tokenizer, "file")):
            if file and not os.path.exists(file):
                raise UsageError(f"There is no {what} {file}.")
        same = next((m for m in self._models() if m.name.lower() == name.lower()), None)
        taken = same.folder if same else str(self._folder() / name)
        if same or os.path.lexists(taken):
            raise ModelError(
                f"There is a model named {name} already, in {taken}. Take another name."
            )

    def _folder(self) -> Path:
        """Return where models lie."""
        chosen = self._settings.current.models.folder
        return self._paths.models_in(chosen)

    def _begin(self, folder: Path) -> Path:
        """Make an empty folder to work in, on the disk where the result will lie."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for left in unfinished(folder):
                shutil.rmtree(left, ignore_errors=True)
            return Path(tempfile.mkdtemp(prefix=f"{UNFINISHED}{worker()}-", dir=folder))
        except OSError as error:
            raise ModelError(f"{folder} cannot be written: {error.strerror}.") from error

    def _register(self, work: Path, target: Path) -> AnyModel:
        try:
            work.chmod(0o755)  # temporary folders are for one's own eyes
            (work / UNREGISTERED).write_text(worker(), encoding="ascii")
            work.rename(target)
        except OSError as error:
            raise ModelError(f"{target} cannot be written: {error.strerror}.") from error
        with ExitStack() as undo:
            undo.callback(shutil.rmtree, target, ignore_errors=True)
            added = self._add(str(target))
            undo.pop_all()
            with suppress(OSError):
                (target / UNREGISTERED).unlink()
            return added
