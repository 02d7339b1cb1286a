"""How models run best on this machine: what was measured is remembered, the rest estimated.

The work happens in a child process (`engine.preparing`); here is what is asked of it and when.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from photosearch.engine.preparing import (
    CalibrateRequest,
    FacesRequest,
    PrepareRequest,
    Preparing,
    PreparingError,
    TextRequest,
)
from photosearch.errors import Cancelled, PhotoSearchError
from photosearch.inference import providers
from photosearch.inference.gpu_pack import usable
from photosearch.inference.precision import calibration, deciding
from photosearch.inference.precision.deciding import AUTO, FP32, Outcome
from photosearch.inference.precision.records import Record, Records
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import (
    AnyModel,
    Calibration,
    CatalogueEntry,
    Check,
    ConversionProgress,
    FacePackInfo,
    Measurement,
    ModelInfo,
    ModelKey,
    Plan,
    Speed,
)

_log = logging.getLogger(__name__)
Report = Callable[[ConversionProgress], None]

WORTH_PHOTOS = 256  # fewer are done before measuring would be
_SAMPLES = 64
# A text tower of this size alone would take more memory than whole models should.
_LARGE_BYTES = 1 << 30
_TEXT_GRAPH = "textual"
_NOT_KEPT = "What was measured cannot be kept ({reason}): the model runs as it is."


class Measuring:
    """Measures models, remembers it, and says how each is to be run."""

    def __init__(
        self,
        paths: Paths,
        settings: SettingsStore,
        find: Callable[[str], AnyModel],
        thumbnails: Callable[[int], tuple[bytes, ...]],
        *,
        preparing: Preparing | None = None,
        device: Callable[[], str] | None = None,
    ) -> None:
        """`find` returns a model by name (ModelError when there is none), `thumbnails` some of
        the user's photos, `device` the id of the device that the engine would choose."""
        self._paths = paths
        self._settings = settings
        self._find = find
        self._thumbnails = thumbnails
        self._preparing = preparing or Preparing(runtime=lambda: usable(paths.gpu_pack))
        self._expected = device or (lambda: settings.current.devices.provider)
        self._records = Records(paths.prepared)
        self._working = threading.Lock()
        self._unkept: set[tuple[ModelKey, str]] = set()  # measured, and the disk refused it
        self._known: dict[tuple[ModelKey, str], tuple[object, Record | None]] = {}

    # --- the machine ---

    def calibration(self) -> Calibration | None:
        """Return how fast the device in use multiplies, if that was measured."""
        setting = self._settings.current.devices.provider
        return self._records.calibration("" if setting == AUTO else setting, self._runtime())

    def calibrate(self, check: Check) -> Calibration:
        """Measure how fast the device in use multiplies; about two seconds."""
        devices = self._settings.current.devices
        request = CalibrateRequest(self._device(), devices.threads)
        found = self._preparing.calibrate(request, check)
        try:
            self._records.save_calibration(found, self._runtime())
        except OSError as error:
            _log.warning("the calibration is not kept: %s", error)
        return found

    # --- models ---

    def measurement(self, name: str) -> Measurement | None:
        """Return what was measured of a model on the device in use."""
        record = self._record(self._find(name).key)
        return self._shown(record) if record else None

    def measure(self, name: str, report: Report, check: Check) -> Measurement:
        """Make the faster forms of a model, measure them, and decide for one.

        ModelError when the model itself does not run.
        """
        model = self._find(name)
        known = self._record(model.key)
        forced = self._settings.current.devices.precision == FP32
        if known is not None and forced and len(known.outcome.made) > 1:
            return self._shown(known)  # measuring less would throw away what was made
        return self._shown(self._measured(model, report, check))

    def plan(self, model: AnyModel) -> Plan:
        """Return how the engine is to run a model: as it is, where nothing was measured."""
        preference = self._settings.current.devices.precision
        record = self._record(model.key)
        if record is None:
            return Plan()
        return deciding.plan(record.outcome, preference, record.folder)

    def batch(self, model: AnyModel | None) -> int:
        """Return how many photos a model is to see at once."""
        given = self._settings.current.indexing.batch
        return given or (self.plan(model) if model else Plan()).image.batch

    def tune(
        self, model: ModelInfo, waiting: Callable[[], int], report: Report, check: Check
    ) -> bool:
        """Measure a model before many photos go through it; return whether its plan is new.

        A model that cannot be measured runs as it is, and is not tried again by itself.
        """
        if not self._worth(model, waiting):
            return False
        before = self.plan(model)
        try:
            self._measured(model, report, check)
        except Cancelled:
            raise
        except PhotoSearchError as error:
            _log.warning("%s was not measured: %s", model.name, error)
            failed = deciding.unmeasured(self._known_device(), str(error))
            self._keep(model.key, failed, self._records.new_folder(model.key))
        return self.plan(model) != before

    def speed(self, entry: CatalogueEntry | None, name: str) -> Speed | None:
        """Return how many photos a second a model takes here: measured, else estimated from what
        the catalogue says it calculates; None where neither is known."""
        try:
            measured = self.measurement(name)
        except PhotoSearchError:  # it is not on this machine
            measured = None
        if measured is not None:
            used = measured.plan.image.precision
            found = next((each for each in measured.results if each.precision == used), None)
            if found is not None and found.images_per_second > 0:
                return Speed(found.images_per_second, True)
        known = self.calibration()
        if entry is None or not entry.gflops_image or known is None:
            return None
        preference = self._settings.current.devices.precision
        return Speed(calibration.estimate(entry.gflops_image, known, preference), False)

    # --- how ---

    def _measured(self, model: AnyModel, report: Report, check: Check) -> Record:
        with self._working:
            work = self._records.new_folder(model.key)
            try:
                outcome = self._prepared(model, work, report, check)
                return self._keep(model.key, outcome, work)
            finally:
                shutil.rmtree(work, ignore_errors=True)  # where it was not given its place

    def _prepared(self, model: AnyModel, work: Path, report: Report, check: Check) -> Outcome:
        devices = self._settings.current.devices
        folder = Path(model.folder)
        thumbnails = self._thumbnails(_SAMPLES)
        if isinstance(model, FacePackInfo):
            request = FacesRequest(folder, self._device(), devices.threads, thumbnails)
            return self._preparing.faces(request, check)
        asked = devices.precision
        precisions = None if asked == AUTO else tuple({asked} - {FP32})
        try:
            outcome = self._preparing.prepare(
                PrepareRequest(
                    folder, work, self._device(), devices.threads, precisions, thumbnails
                ),
                report,
                check,
            )
        except PreparingError as error:
            so_far = error.partial or deciding.unmeasured(self._known_device(), str(error))
            outcome = replace(so_far, notes=(str(error),))
        outcome = replace(outcome, asked=asked)
        return self._with_text_cost(outcome, folder, work, check)

    def _with_text_cost(self, outcome: Outcome, folder: Path, work: Path, check: Check) -> Outcome:
        devices = self._settings.current.devices
        tower = deciding.plan(outcome, outcome.asked, work).text
        request = TextRequest(folder, outcome.device, devices.threads, tower)
        try:
            ms, memory = self._preparing.text_cost(request, check)
        except Cancelled:
            raise
        except PhotoSearchError as error:  # it is only shown
            _log.warning("the text tower was not measured: %s", error)
            return outcome
        return replace(outcome, text_ms=ms, text_memory_bytes=memory)

    def _keep(self, key: ModelKey, outcome: Outcome, work: Path) -> Record:
        """Remember an outcome; without room for it the model runs as it is."""
        try:
            return self._records.save(key, outcome, work, self._runtime())
        except OSError as error:
            note = _NOT_KEPT.format(reason=error.strerror or error)
            _log.warning("%s", note)
            self._unkept.add((key, self._settings.current.devices.precision))
            full = replace(outcome.made[0], text="")
            return Record(replace(outcome, made=(full,), notes=(*outcome.notes, note)), work)

    def _worth(self, model: ModelInfo, waiting: Callable[[], int]) -> bool:
        """Whether measuring a model pays for this many photos and has not been done."""
        preference = self._settings.current.devices.precision
        if preference == FP32 or (model.key, preference) in self._unkept:
            return False
        record = self._record(model.key)
        if record is not None and self._settled(record.outcome, preference):
            return False
        count = waiting()
        if preference != AUTO:  # the user said so: it is no question of time
            return count > 0
        return count > WORTH_PHOTOS or (count > 0 and _has_large_text(model))

    def _settled(self, outcome: Outcome, preference: str) -> bool:
        """Whether an outcome has all that is wanted, and of the device that is used now."""
        device = self._device()
        return deciding.covers(outcome, preference) and device in (AUTO, outcome.device)

    def _known_device(self) -> str:
        device = self._device()
        return device if device != AUTO else providers.CPU.id

    def _shown(self, record: Record) -> Measurement:
        preference = self._settings.current.devices.precision
        return deciding.measurement(record.outcome, preference, record.folder)

    def _record(self, key: ModelKey) -> Record | None:
        """Return what was measured on the device in use."""
        setting = self._settings.current.devices.provider
        measured = self._records.devices(key)
        order = [setting, *(device.id for device in providers.DEVICES)]
        if setting != AUTO:  # the engine falls back to the processor only
            measured = tuple(each for each in measured if each in (setting, providers.CPU.id))
        for device in sorted(measured, key=lambda each: _rank(each, order)):
            if record := self._record_of(key, device):
                return record
        return None

    def _record_of(self, key: ModelKey, device: str) -> Record | None:
        """Return what was measured on a device; the file is read anew only when it has changed."""
        stamp = self._records.stamp(key, device)
        known = self._known.get((key, device))
        if known is None or known[0] != stamp or known[1] is None:
            known = stamp, self._records.load(key, device, self._runtime()) if stamp else None
            self._known[key, device] = known
        return known[1]

    def _runtime(self) -> str:
        """Return the runtime that measurements hold for."""
        installed = [f"{name} {version}" for name, version in providers.installed()]
        return ", ".join([*installed, *filter(None, [usable(self._paths.gpu_pack)])])

    def _device(self) -> str:
        """Return the device to measure on: the one that the engine would choose."""
        try:
            return self._expected()
        except PhotoSearchError as error:  # the child chooses by itself
            _log.warning("the device in use is not known: %s", error)
            return self._settings.current.devices.provider


def _rank(device: str, order: list[str]) -> int:
    kind = device.partition(":")[0]
    return next((at for at, each in enumerate(order) if each in (device, kind)), len(order))


def _has_large_text(model: ModelInfo) -> bool:
    try:
        files = [path for path in (Path(model.folder) / _TEXT_GRAPH).iterdir() if path.is_file()]
        return sum(path.stat().st_size for path in files) > _LARGE_BYTES
    except OSError:
        return False
