"""Devices in memory, for tests of the pane: adapters, verdicts, a GPU pack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gui.fake_models import FakeShelf

from photosearch.types import (
    Check,
    Device,
    DeviceReport,
    DownloadProgress,
    GpuPack,
    RuntimeReport,
    Verdict,
)

CPU = Device("cpu", "Processor", "CPUExecutionProvider", 0, "AMD Ryzen 7 7800X3D")
CUDA = Device(
    "cuda", "CUDA", "CUDAExecutionProvider", 0, "NVIDIA GeForce RTX 3060", "550.54.14"
)  # fmt: skip
OPENVINO = Device("openvino", "OpenVINO", "OpenVINOExecutionProvider", 0, "Intel Iris Xe Graphics")
WORKS = Verdict(True, "", 0.0121, 812, 14)
CRASHES = Verdict(
    False, "The driver ended the trial with a crash (signal 11). Update it, then try again."
)


class FakeDevices:
    """Signatures of the library's devices; `verdicts` is what trying finds out."""

    def __init__(self, shelf: FakeShelf) -> None:
        self._shelf = shelf
        self.reports = [DeviceReport(CPU, Verdict(True, "", 0.031, 812, 0), in_use=True)]
        self.verdicts: dict[str, Verdict] = {"cpu": Verdict(True, "", 0.031, 812, 0)}
        self.running = RuntimeReport(
            "1.23.2", "onnxruntime", "installed with PhotoSearch", "Processor", 812, 0
        )
        self.pack = GpuPack(False, "/home/anna/.local/share/photosearch/gpu", "", 0, 2_310_000_000)

    def all(self) -> tuple[DeviceReport, ...]:
        self._shelf.enter("devices.all")
        return tuple(self.reports)

    def try_all(
        self, report: Callable[[DeviceReport], None], check: Check
    ) -> tuple[DeviceReport, ...]:
        self._shelf.enter("devices.try_all")
        for at, each in enumerate(self.reports):
            self.reports[at] = replace(each, verdict=self.verdicts.get(each.device.id))
            report(self.reports[at])
            self._shelf.wait("try_all", check)
        return tuple(self.reports)

    def runtime(self) -> RuntimeReport:
        self._shelf.enter("devices.runtime")
        return self.running

    def gpu_pack(self) -> GpuPack:
        self._shelf.enter("devices.gpu_pack")
        return self.pack

    def install_gpu_pack(
        self,
        source: str | None,
        report: Callable[[DownloadProgress], None],
        check: Check,
    ) -> GpuPack:
        self._shelf.enter("devices.install_gpu_pack", source)
        total = self.pack.download_bytes
        report(DownloadProgress("gpu", "downloading", total // 3, total, 21e6, 73.0, "cudnn"))
        self._shelf.wait("install", check)
        self._shelf.end("install", source or "")
        self.pack = replace(
            self.pack, installed=True, version="1.23.2", bytes_on_disk=3_900_000_000
        )
        return self.pack

    def remove_gpu_pack(self) -> None:
        self._shelf.enter("devices.remove_gpu_pack")
        self.pack = replace(self.pack, installed=False, version="", bytes_on_disk=0)
