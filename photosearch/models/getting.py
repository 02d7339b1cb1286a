"""Getting models: downloading, taking from a folder or a ZIP file, repairing, giving up.

What is fetched lies in the models folder and is ours; a folder that the user names is only
registered.  Contacts the hub when a model is asked for or repaired, at no other time.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from photosearch.engine.models import Models
from photosearch.errors import ModelError, PhotoSearchError
from photosearch.inference import catalogue, record
from photosearch.inference.catalogue import Catalogue
from photosearch.models.consent import Consent
from photosearch.models.downloads import Download, Means
from photosearch.models.repairing import Repairing
from photosearch.models.telling import Report, Teller
from photosearch.models.turn import turn
from photosearch.models.unpacking import Archive
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import AnyModel, CatalogueEntry, Check, DownloadProgress

_PART = ".part"  # a folder on its way to become a model's


class Getting:
    """Brings models to this machine; safe to use from several threads and processes."""

    def __init__(
        self,
        paths: Paths,
        settings: SettingsStore,
        models: Models,
        register: Callable[[str], AnyModel],
        means: Means | None = None,
        *,
        reaches: Callable[[Path], bool] = lambda folder: True,
    ) -> None:
        """`register` takes a whole folder into the program, as for a model of the user's own;
        `reaches` says whether a folder answers."""
        self._reaches = reaches
        self._paths = paths
        self._settings = settings
        self._register = register
        self._means = means or Means()
        self._consent = Consent(paths.accepted_file)
        self._lock = threading.Lock()
        self._catalogue: Catalogue | None = None
        self._running: dict[str, DownloadProgress] = {}
        self.repairs = Repairing(models, register, self._means)

    @property
    def folder(self) -> Path:
        """Where models lie that were fetched."""
        chosen = self._settings.current.models.folder
        return self._paths.models_in(chosen)

    def catalogue(self) -> Catalogue:
        """Return the models on offer; ModelError when the file of them is damaged."""
        with self._lock:
            if self._catalogue is None:
                self._catalogue = catalogue.load()
            return self._catalogue

    def owns(self, model: AnyModel) -> bool:
        """Say whether a model's files lie in our folder and were fetched or unpacked by us."""
        folder = Path(model.folder)
        ours = folder.parent in (self.folder, self._paths.models)
        return ours and self._reaches(folder.parent) and (folder / record.NAME).is_file()

    def progress(self, name: str) -> DownloadProgress | None:
        """Return how far a download of this process is, None when there is none."""
        return self._running.get(name)

    def partial(self, name: str) -> int:
        """Return the bytes that are here of an unfinished download."""
        return folder_bytes(self._part(name)) if self._reaches(self.folder) else 0

    def accept(self, name: str) -> None:
        """Remember that the user accepts the licence of a model."""
        self._consent.give(self._entry(name))

    def accepted(self, entry: CatalogueEntry) -> bool:
        """Say whether a model may be fetched as far as its licence goes."""
        return self._consent.given(entry)

    def get(self, name: str, report: Report, check: Check) -> AnyModel:
        """Download a model of the catalogue and register it; goes on with what is here.

        ModelError says why it cannot be had; it and Cancelled keep what has come.
        """
        entry = self._entry(name)
        if (known := self.repairs.known(name)) is not None and not known.problem:
            return known
        self._require_consent(entry)
        with self._working(name, report) as teller:
            target = self.folder / name
            if known is not None and Path(known.folder) != target:
                raise ModelError(
                    f"{known.problem} To fetch it to {self.folder} instead, forget it first: "
                    f"photosearch models remove {name}"
                )
            if record.read(target):  # fetched once, and half deleted or forgotten since
                return self.repairs.verified(target, teller, check)
            if not target.exists():
                part = self._part(name)
                Download(part, teller, check, self._means).run(entry)
                _become(part, target)
            teller.stage("reading")
            return self._register(str(target))

    def discard(self, name: str) -> None:
        """Delete what is here of an unfinished download; ModelError while it is going on."""
        part = self._part(name)
        if not record.is_inside(name) or part.parent != self.folder or not part.is_dir():
            raise ModelError(f"Nothing of “{name}” is left of a download.")
        with turn(self.folder, name):
            _delete(part)

    def add(self, path: str, report: Report, check: Check) -> AnyModel:
        """Register a model folder where it is, or unpack a ZIP file and register that."""
        given = Path(path).absolute()
        if given.is_dir() or given.suffix.lower() != ".zip":
            return self._register(str(given))
        archive = Archive(given)
        try:
            with self._working(archive.name, report) as teller:
                return self._unpacked(archive, teller, check)
        finally:
            archive.close()

    def repair(self, name: str, report: Report, check: Check) -> AnyModel:
        """Verify a model that was fetched, and fetch damaged files anew once."""
        if (model := self.repairs.known(name)) is not None:
            self._require_answer(Path(model.folder).parent)
        return self.repairs.repair(name, report, check)

    def explain(self, name: str, problem: str) -> str:
        """Return why a model is in trouble: its damaged files are named where that is it."""
        model = self.repairs.known(name)
        if model is not None and not self._reaches(Path(model.folder).parent):
            return problem
        return self.repairs.explain(name, problem)

    def _unpacked(self, archive: Archive, teller: Teller, check: Check) -> AnyModel:
        target = self.folder / archive.name
        part = self.folder / f".{archive.name}.unpacking"  # a paused download is left alone
        if archive.name.lower().endswith(_PART):
            raise ModelError(
                f"“{archive.name}” is the name of an unfinished download. Rename the ZIP file or "
                "the folder in it."
            )
        if target.exists():
            raise ModelError(
                f"There is a folder {target} already. Rename the ZIP file or the folder in it."
            )
        _delete(part)
        try:
            archive.unpack(part, teller, check, self._means.free)
            _become(part, target)
        except PhotoSearchError:
            _delete(part)
            raise
        teller.stage("reading")
        try:
            return self._register(str(target))
        except ModelError:
            _delete(target)  # the ZIP file still has it
            raise

    def _entry(self, name: str) -> CatalogueEntry:
        entry = self.catalogue().find(name)
        if entry is None:
            raise ModelError(
                f"There is no model “{name}” in the catalogue. See them all with: "
                "photosearch models catalogue"
            )
        return entry

    def _require_consent(self, entry: CatalogueEntry) -> None:
        if self._consent.given(entry):
            return
        licence = entry.licence
        raise ModelError(
            f"“{entry.name}” may only be used for research and not commercially, by its licence "
            f"{licence.name}: {licence.url}. If you accept that, get it with --accept-licence."
        )

    def _require_answer(self, folder: Path) -> None:
        if not self._reaches(folder):
            raise ModelError(
                f"The drive of {folder} does not answer. Try again when it does, or choose "
                "another folder with the setting models.folder."
            )

    def _part(self, name: str) -> Path:
        return self.folder / f"{name}{_PART}"

    @contextmanager
    def _working(self, name: str, report: Report) -> Iterator[Teller]:
        """Hold the model's lock, and know how far it is while it is held."""

        def hear(progress: DownloadProgress) -> None:
            self._running[name] = progress
            report(progress)

        self._require_answer(self.folder)
        with turn(self.folder, name):
            try:
                yield Teller(name, hear)
            finally:
                self._running.pop(name, None)


def folder_bytes(folder: Path) -> int:
    """Return how many bytes the files below a folder take; 0 when there is none."""
    total = 0
    for path in folder.rglob("*") if folder.is_dir() else ():
        with suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def _become(part: Path, target: Path) -> None:
    try:
        part.rename(target)
    except OSError as error:
        raise ModelError(f"{part} cannot be renamed to {target}: {error.strerror}.") from error


def _delete(folder: Path) -> None:
    if not folder.is_dir():
        return
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise ModelError(f"{folder} cannot be deleted: {error.strerror}.") from error
