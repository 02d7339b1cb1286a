"""`photosearch devices` and `photosearch gpu`: what models can run on, and NVIDIA's runtime."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict

from photosearch.cli import output
from photosearch.library import Library
from photosearch.types import DeviceReport, DownloadProgress, GpuPack


def devices(library: Library, given: argparse.Namespace) -> int:
    """List every device with what is known of it, or try each anew."""
    if given.attempt:
        shown = library.devices.try_all(_nothing if given.json else _say_device, _go_on)
    else:
        shown = library.devices.all()
    runtime = library.devices.runtime()
    chosen, notice = library.devices.expected()
    if given.json:
        output.as_json(
            {
                "devices": [asdict(each) for each in shown],
                "runtime": asdict(runtime),
                "expected": chosen.id,
                "notice": notice,
            }
        )
        return 0
    for each in () if given.attempt else shown:
        _say_device(each)
    output.line(f"runtime: {runtime.distribution} {runtime.version} ({runtime.source})")
    output.line(output.shown(f"models run on: {chosen.adapter_name or chosen.name}"))
    for sentence in dict.fromkeys((notice, *runtime.notices)):
        if sentence:
            output.hint(sentence)
    return 0


def gpu(library: Library, given: argparse.Namespace) -> int:
    """Tell about, install or remove the GPU pack."""
    if given.verb == "install":
        say = _nothing if given.json else _Progress()
        pack = library.devices.install_gpu_pack(given.source, say, _go_on)
    else:
        if given.verb == "remove":
            library.devices.remove_gpu_pack()
        pack = library.devices.gpu_pack()
    if given.json:
        output.as_json(asdict(pack))
    else:
        output.line(output.shown(pack_line(pack)))
        if given.verb == "install":
            output.line("Try the graphics card with: photosearch devices --try")
    return 0


def device_line(report: DeviceReport) -> str:
    """Return what is known of a device, for one line behind its id."""
    device, verdict = report.device, report.verdict
    words = [f"{device.adapter_name} ({device.name})" if device.adapter_name else device.name]
    words += [f"driver {device.driver}"] if device.driver else []
    if verdict is None:
        words.append("not tried yet")
    elif not verdict.works:
        words.append(f"does not work: {verdict.reason}")
    else:
        words.append("works")
        if verdict.nodes:
            words.append(f"{verdict.fallback_nodes} of {verdict.nodes} nodes fall back to the CPU")
        words += ["float16 too"] if verdict.half else []
    words += ["in use"] if report.in_use else []
    words += ["chosen by hand"] if report.chosen else []
    return ", ".join(words)


def pack_line(pack: GpuPack) -> str:
    """Return what is to be said of the pack in one line."""
    if pack.problem:
        return f"cannot be used: {pack.problem}"
    if pack.installed:
        return f"{pack.version} in {pack.folder}, {pack.bytes_on_disk / 1e9:.1f} GB"
    if not pack.supported:
        return "not for this system"
    return f"not installed ({pack.download_bytes / 1e9:.1f} GB to fetch)"


def _say_device(report: DeviceReport) -> None:
    output.line(output.shown(f"{report.device.id}: {device_line(report)}"))


class _Progress:
    """One line on standard error that is written over, at a terminal only."""

    def __call__(self, progress: DownloadProgress) -> None:
        if not sys.stderr.isatty():
            return
        part = f"{progress.done_bytes / 1e6:.0f} of {progress.total_bytes / 1e6:.0f} MB"
        left = f", {progress.seconds_left:.0f} s left" if progress.seconds_left else ""
        sys.stderr.write(f"\r\x1b[K{progress.stage} {part if progress.total_bytes else ''}{left}")
        if progress.stage == "reading":
            sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def _nothing(_value: object) -> None:
    """Say nothing: the answer is one object."""


def _go_on() -> None:
    """Ctrl+C ends it by itself."""
