"""What trials of devices showed, kept in a file: per device, card, driver, runtime and model.

A verdict holds only while all of these are the same. The file is a convenience: one that is
damaged, newer or cannot be written costs another trial and no more.
"""

from __future__ import annotations

import json
import logging
import platform
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from photosearch.outside import read_json
from photosearch.settings.held import held
from photosearch.settings.writing import write_whole
from photosearch.types import Device, RuntimeReport, Verdict

_log = logging.getLogger(__name__)
_FORMAT = 1
_MOST = 200  # verdicts in the file: the oldest are dropped


class Verdicts:
    """Remembered verdicts; safe to use from several threads, and tolerant of other processes."""

    def __init__(self, file: Path | None) -> None:
        """Without a file they are remembered as long as this object lives."""
        self._file = file
        self._lock = threading.Lock()
        self._entries: list[dict[str, Any]] = []

    def find(self, device: Device, runtime: RuntimeReport, model: str = "") -> Verdict | None:
        """Return what was found out about exactly this, or None."""
        wanted = _identity(device, runtime, model)
        with self._lock:
            self._read()
            for entry in self._entries:
                if entry["of"] == wanted:
                    return _verdict(entry["verdict"])
        return None

    def remember(
        self, device: Device, runtime: RuntimeReport, verdict: Verdict, model: str = ""
    ) -> None:
        """Keep a verdict, and forget those of the same device with another driver or runtime."""
        fresh = _identity(device, runtime, model)
        with self._changing():
            self._entries = [
                entry
                for entry in self._entries
                if entry["of"]["id"] != device.id
                or (_machine(entry["of"]) == _machine(fresh) and entry["of"]["model"] != model)
            ][-_MOST + 1 :]
            self._entries.append({"of": fresh, "verdict": asdict(verdict)})

    def forget(self, device: Device) -> None:
        """Forget everything about a device, what its models did included."""
        with self._changing():
            self._entries = [entry for entry in self._entries if entry["of"]["id"] != device.id]

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Read, and write what became of the entries; other programs wait meanwhile."""
        with self._lock, ExitStack() as stack:
            if self._file is not None:
                try:
                    stack.enter_context(held(self._file))
                except OSError as error:
                    _log.warning("verdicts on devices are written without a lock: %s", error)
            self._read()
            yield
            self._write()

    def _read(self) -> None:
        if self._file is None:
            return
        try:
            content = read_json(self._file)
            if content["format"] != _FORMAT:
                raise ValueError(f"format {content['format']!r}")
            entries = [
                entry
                for entry in content["verdicts"]
                if set(entry["of"]) == set(_PARTS) and _verdict(entry["verdict"])
            ]
        except FileNotFoundError:
            entries = []
        except (OSError, ValueError, TypeError, KeyError) as error:
            _log.warning("%s cannot be used and is begun anew: %s", self._file, error)
            entries = []
        self._entries = entries

    def _write(self) -> None:
        if self._file is None:
            return
        data = json.dumps({"format": _FORMAT, "verdicts": self._entries}, indent=1)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._file, data)
        except OSError as error:
            _log.warning("verdicts on devices cannot be kept: %s", error)


_PARTS = ("id", "card", "driver", "runtime", "model")


def _identity(device: Device, runtime: RuntimeReport, model: str) -> dict[str, str]:
    return {
        "id": device.id,
        "card": f"{device.provider} {device.adapter} {device.adapter_name}",
        "driver": device.driver or platform.release(),  # drivers often come with the system
        "runtime": f"{runtime.distribution} {runtime.version}, {runtime.source}",
        "model": model,
    }


def _machine(identity: dict[str, str]) -> tuple[str, ...]:
    return tuple(identity[part] for part in _PARTS if part != "model")


def _verdict(kept: Any) -> Verdict:
    """Return a verdict of the file; `TypeError` or `ValueError` when it is none."""
    return Verdict(
        works=bool(kept["works"]),
        reason=str(kept["reason"]),
        seconds=float(kept["seconds"]),
        nodes=int(kept["nodes"]),
        fallback_nodes=int(kept["fallback_nodes"]),
        half=bool(kept["half"]),
    )
