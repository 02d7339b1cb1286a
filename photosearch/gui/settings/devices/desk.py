"""What is known of the devices, and the deeds of the user: try them, measure, install a GPU pack.

Runs the library's verbs on lanes and keeps the answers; knows no widget.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from photosearch.errors import PhotoSearchError
from photosearch.gui.told import told
from photosearch.jobs import Job, Lane, Runner
from photosearch.types import (
    Calibration,
    Check,
    DeviceReport,
    DownloadProgress,
    GpuPack,
    RuntimeReport,
)

if TYPE_CHECKING:
    from photosearch.library import Library


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything that was read at once."""

    devices: tuple[DeviceReport, ...] = ()
    runtime: RuntimeReport | None = None
    pack: GpuPack | None = None
    calibration: Calibration | None = None


class DeviceDesk(QObject):
    """Reads devices and carries out what is asked for them."""

    seen = Signal(object)  # Bench
    trying = Signal(object)  # the DeviceReport that was found out last; None when it began
    tried = Signal()  # however it ended
    packProgressed = Signal(object)  # DownloadProgress
    packEnded = Signal()
    packRefused = Signal(str)  # a sentence
    calibrating = Signal(bool)
    failed = Signal(object)

    def __init__(self, library: Library, runner: Runner, parent: QObject | None = None):
        super().__init__(parent)
        self._library, self._runner = library, runner
        self.bench = Bench()
        self._jobs: dict[str, Job] = {}
        self._looking = self._again = False
        self._estimating = False  # whether the machine's speed was asked for

    def busy(self, what: str) -> bool:
        """Whether "try", "pack" or "calibrate" is under way."""
        return what in self._jobs

    def stop(self, what: str) -> None:
        """Stop what is under way."""
        if what in self._jobs:
            self._jobs[what].cancel()

    def refresh(self, *_what: object) -> None:
        """Read everything again; while that is under way, once more after it."""
        if self._looking:
            self._again = True
            return
        self._looking = True
        self._runner.run(
            Lane.INTERACTIVE,
            read_bench,
            self._library,
            on_success=self._on_seen,
            on_failure=self.failed.emit,
            on_finish=self._on_looked,
        )

    def _on_seen(self, bench: Bench) -> None:
        self.bench = bench
        self.seen.emit(bench)

    def _on_looked(self) -> None:
        self._looking = False
        if self._again:
            self._again = False
            self.refresh()

    # --- deeds ----------------------------------------------------------------

    def try_all(self) -> None:
        """Run a real model on every device, each in a process of its own."""
        self._begin(
            "try",
            self._library.devices.try_all,
            on_progress=self._on_tried_one,
            on_finish=self._on_tried,
        )
        self.trying.emit(None)

    def calibrate(self) -> None:
        """Measure how fast this machine is."""
        self._begin("calibrate", self._library.measuring.calibrate, on_finish=self._on_calibrated)
        self.calibrating.emit(True)

    def know_speed(self) -> None:
        """Measure how fast this machine is, unless that is known: speeds are estimated from it."""
        if not self._estimating:
            self._estimating = True
            self._begin("calibrate", calibrated, self._library, on_finish=self._on_calibrated)
            self.calibrating.emit(True)

    def install_pack(self, source: str | None = None) -> None:
        """Fetch the GPU pack, or take it from a folder."""
        self._begin(
            "pack",
            self._library.devices.install_gpu_pack,
            source,
            on_progress=self._on_pack_progressed,
            on_failure=self._on_pack_failed,
            on_finish=self._on_pack_ended,
        )
        self.packProgressed.emit(DownloadProgress("gpu", "reading" if source else "listing"))

    def remove_pack(self) -> None:
        """Remove the GPU pack."""
        self._begin(
            "pack",
            self._library.devices.remove_gpu_pack,
            on_failure=self._on_pack_failed,
            on_finish=self._on_pack_ended,
        )

    def _begin(
        self,
        what: str,
        verb: Callable[..., Any],
        *args: object,
        on_finish: Callable[[], object],
        on_progress: Callable[[Any], object] | None = None,
        on_failure: Callable[[Exception], object] | None = None,
    ) -> None:
        if what in self._jobs:
            return
        lane = Lane.DOWNLOAD if what == "pack" else Lane.PREPARE
        self._jobs[what] = self._runner.run(
            lane,
            verb,
            *args,
            on_progress=on_progress,
            on_failure=on_failure or self.failed.emit,
            on_finish=on_finish,
        )

    def _on_tried_one(self, report: DeviceReport) -> None:
        devices = tuple(
            report if each.device.id == report.device.id else each for each in self.bench.devices
        )
        self.bench = replace(self.bench, devices=devices)
        self.trying.emit(report)

    def _on_tried(self) -> None:
        self._jobs.pop("try", None)
        self.tried.emit()
        self.refresh()

    def _on_calibrated(self) -> None:
        self._jobs.pop("calibrate", None)
        self.calibrating.emit(False)
        self.refresh()

    def _on_pack_progressed(self, progress: DownloadProgress) -> None:
        self.packProgressed.emit(progress)

    def _on_pack_failed(self, error: Exception) -> None:
        if isinstance(error, PhotoSearchError):
            self.packRefused.emit(told(str(error)))
        else:
            self.failed.emit(error)

    def _on_pack_ended(self) -> None:
        self._jobs.pop("pack", None)
        self.packEnded.emit()
        self.refresh()


def calibrated(library: Library, check: Check) -> Calibration:
    """Return how fast the device in use multiplies, measured when it is not known (on a lane)."""
    return library.measuring.calibration() or library.measuring.calibrate(check)


def read_bench(library: Library) -> Bench:
    """Read everything the section shows (on a lane); tries nothing."""
    devices = library.devices
    return Bench(
        devices.all(), devices.runtime(), devices.gpu_pack(), library.measuring.calibration()
    )
