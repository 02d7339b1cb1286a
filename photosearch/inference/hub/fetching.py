"""One file from the hub to the disk, by ranged GET into a `.part` file that is gone on with.

A file is asked for at its commit, so that its content cannot change between two parts of it;
whether it has the bytes it should have is for `verifying`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import queue
import re
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from photosearch.errors import ModelError
from photosearch.inference.hub import client
from photosearch.inference.hub.patience import LOOK_S, Patience, Setback, steadily
from photosearch.inference.record import HubFile
from photosearch.types import Check

SUFFIX = ".part"
_AHEAD = 64  # chunks of at most 64 KB that may wait for a slow disk
_FULL = (errno.ENOSPC, errno.EDQUOT)
_END = None


@dataclass(frozen=True, slots=True)
class Ways:
    """How to fetch: who may stop it, who hears of it, and how the disk is written."""

    check: Check
    gained: Callable[[int], None]  # bytes that came; below zero where some are thrown away
    note: Callable[[str], None]
    patience: Patience
    open_part: Callable[[Path], BinaryIO] | None = None


def part_of(target: Path) -> Path:
    """Return where a file lies until it is whole and verified."""
    return target.with_name(target.name + SUFFIX)


def fetch(file: HubFile, target: Path, ways: Ways) -> Path:
    """Bring all bytes of a file to its `.part`, going on with what is there; returns that.

    ModelError says why it cannot be had; what has come is kept.
    """
    part = part_of(target)
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        if _size(part) > file.size:
            _start_over(part, ways)
    except OSError as error:
        raise _disk(part, error) from error
    if not file.size:
        part.touch()
        return part
    steadily(
        lambda: _go_on(file, part, ways), ways.patience, ways.patience.tries, ways.check, ways.note
    )
    return part


def _go_on(file: HubFile, part: Path, ways: Ways) -> None:
    """Ask for what is missing and write it; Setback when that was not all."""
    start = _size(part)
    if start == file.size:
        return
    headers = client.headers() | {"Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    reader = _Reader(client.address(file), headers, ways.patience)
    try:
        answer = reader.answer(ways.check)
        if answer.status == 416:  # the part is longer than the file the hub has there
            _start_over(part, ways)
            raise Setback(f"{file.path} starts over.")
        if answer.status not in (200, 206):
            raise client.refused(answer.status, answer.headers, file.repository, file.path)
        if not _continues(answer, start, file):
            _start_over(part, ways)
            if answer.status == 206:
                raise Setback(f"{file.path} starts over.")
        ways.note("")
        _write(reader, part, file, ways)
    finally:
        reader.stop()


def _write(reader: _Reader, part: Path, file: HubFile, ways: Ways) -> None:
    """Write what comes; Setback when it ends too soon."""
    before = at = _size(part)
    try:
        with (ways.open_part or _open)(part) as stream:
            while (chunk := reader.next(ways.check)) is not _END:
                chunk = chunk[: file.size - at]  # no more than the hub has told
                stream.write(chunk)
                at += len(chunk)
                ways.gained(len(chunk))
                if at == file.size:
                    break
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise _disk(part, error) from error
    if at < file.size:
        raise Setback(f"The connection to {client.host()} was cut.", gained=at > before)


def _open(part: Path) -> BinaryIO:
    return part.open("ab")


def _continues(answer: _Answer, start: int, file: HubFile) -> bool:
    """Say whether an answer goes on where the part ends; a whole file does at its beginning."""
    if answer.headers.get("content-encoding", "identity") != "identity":
        return start == 0  # places in a packed stream mean nothing
    if answer.status == 200:
        return start == 0
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("content-range", ""))
    return found is not None and int(found[1]) == start and found[2] in ("*", str(file.size))


def _start_over(part: Path, ways: Ways) -> None:
    ways.gained(-_size(part))
    part.unlink(missing_ok=True)


def _size(part: Path) -> int:
    try:
        return part.stat().st_size
    except FileNotFoundError:
        return 0


def _disk(part: Path, error: OSError) -> ModelError:
    """Return what a failure to write means."""
    if error.errno in _FULL:
        return ModelError(
            f"The disk of {part.parent} is full. Free some space and go on: what has come is kept."
        )
    return ModelError(f"{part} cannot be written: {error.strerror}.")


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]


class _Reader:
    """Reads an answer in a thread that touches no file: who waits for it can leave any time."""

    def __init__(self, url: str, headers: Mapping[str, str], patience: Patience) -> None:
        self.problem: Exception | None = None  # why the answer ended
        self._client = client.session()
        self._request = (url, dict(headers), patience)
        self._queue: queue.Queue[Any] = queue.Queue(_AHEAD)
        self._stopped = threading.Event()
        self._connection: Any = None
        self._thread = threading.Thread(target=self._read, name="hub-file", daemon=True)
        self._thread.start()

    def answer(self, check: Check) -> _Answer:
        """Return status and headers; Setback when there is no answer."""
        found = self._take(check)
        if isinstance(found, _Answer):
            return found
        raise self.problem or client.unreachable(ConnectionError())

    def next(self, check: Check) -> bytes | None:
        """Return the bytes that came next, None at the end of the answer, however it ended."""
        found: bytes | None = self._take(check)
        return found

    def stop(self) -> None:
        """End the thread soon, even if it waits for bytes."""
        self._stopped.set()
        with contextlib.suppress(OSError, AttributeError):
            self._connection.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._thread.join(LOOK_S)

    def _take(self, check: Check) -> Any:
        while True:
            check()
            with contextlib.suppress(queue.Empty):
                return self._queue.get(timeout=LOOK_S)

    def _put(self, value: Any) -> None:
        while not self._stopped.is_set():
            with contextlib.suppress(queue.Full):
                self._queue.put(value, timeout=LOOK_S)
                return

    def _read(self) -> None:
        url, headers, patience = self._request
        try:
            with client.answered(url, headers, patience, self._client) as response:
                self._connection = response.extensions.get("network_stream")
                self._put(_Answer(response.status_code, dict(response.headers)))
                if response.status_code in (200, 206):
                    self._read_body(response)
        except (client.transport_error(self._client), OSError) as error:
            self.problem = client.unreachable(error)
        except ModelError as error:
            self.problem = error
        finally:
            self._put(_END)

    def _read_body(self, response: Any) -> None:
        for chunk in response.iter_bytes():
            self._put(chunk)
            if self._stopped.is_set():
                return
