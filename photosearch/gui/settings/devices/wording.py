"""What is said of devices, the runtime and the machine's speed."""

from __future__ import annotations

from photosearch.gui.text import _, joined, number, plural
from photosearch.gui.told import told
from photosearch.types import Calibration, Device, DeviceReport, RuntimeReport


def name(device: Device) -> str:
    """Return the adapter's own name, else what kind of device it is."""
    return device.adapter_name or device.name or device.id


def kind(device: Device) -> str:
    """Return "CUDA · driver 550.54", what stands below the name."""
    driver = _("driver {version}").format(version=device.driver) if device.driver else ""
    if device.id == "cpu":
        return _("The processor")
    kind = device.name if device.name != name(device) else device.id
    return joined((kind, driver))


def verdict(report: DeviceReport, trying: bool = False) -> str:
    """Say whether a device works, in a sentence."""
    if trying:
        return _("Being tried…")
    found = report.verdict
    if found is None:
        return _("Not tried yet")
    if not found.works:
        return told(found.reason) or _("It does not work.")
    time = ""
    if found.seconds:  # the processor is never tried
        time = _("{ms} ms for the trial").format(ms=number(found.seconds * 1000, 1))
    return joined((_("Works"), time, fallback(found.nodes, found.fallback_nodes)))


def fallback(nodes: int, fallen: int) -> str:
    """Say how much of a model the processor ran instead of the device."""
    if not nodes:
        return ""
    if not fallen:
        return _("runs the whole model")
    return plural(
        "{n} of {all} steps ran on the processor instead",
        "{n} of {all} steps ran on the processor instead",
        fallen,
    ).replace("{all}", number(nodes))


def runtime(report: RuntimeReport) -> str:
    """Say which runtime the engine uses."""
    words = _("ONNX Runtime {version} ({distribution}), {source}")
    return words.format(
        version=report.version, distribution=report.distribution, source=told(report.source)
    )


def running(report: RuntimeReport) -> str:
    """Say what models really run on now."""
    if not report.device:
        return _("No model has run since PhotoSearch started.")
    words = _("Models run on: {device}").format(device=report.device)
    return joined((words, fallback(report.nodes, report.fallback_nodes)))


def calibration(found: Calibration | None) -> str:
    """Say how fast this machine is."""
    if found is None:
        return _("How fast this machine is has not been measured: speeds are not estimated yet.")
    parts = [_("{n} GFLOP/s fp32").format(n=number(found.fp32))]
    if found.int8:
        parts.append(_("{n} int8").format(n=number(found.int8)))
    if found.fp16:
        parts.append(_("{n} fp16").format(n=number(found.fp16)))
    words = _("This machine ({device}): {speeds}")
    return words.format(device=found.device, speeds=", ".join(parts))
