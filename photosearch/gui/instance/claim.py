"""Being the one window of a library: a lock that ends with its process, however that ends.

The lock is the system's own on an open file, so that a crash leaves none behind; the file stays
where it is, for deleting it would let two hold "the" lock. In it stands where the window listens.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from photosearch.errors import PhotoSearchError
from photosearch.gui.instance import local
from photosearch.gui.instance.message import Request, packed

_log = logging.getLogger(__name__)
PATIENCE_S = 5.0  # how long the first window may take for an answer
PAUSE_S = 0.05
_LOCKED_AT = 1 << 30  # Windows lets nobody read what is locked: lock what is not there
_ADDRESS_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Claim:
    """This process has the library's only window, until `close`."""

    lock: int = -1  # -1 where the disk gives no locks: then nobody can be asked to come here
    address: bytes = b""
    listening: socket.socket | None = None  # Windows has a pipe instead, made by Qt

    def close(self) -> None:
        """Let others have it: nobody is listened to any more, then the lock is free."""
        if self.listening is not None:
            with suppress(OSError):
                Path(os.fsdecode(self.address)).unlink()
            self.listening.close()
        if self.lock >= 0:
            os.close(self.lock)


def claim_or_hand_over(
    file: Path, paths: Sequence[str], patience_s: float = PATIENCE_S
) -> Claim | None:
    """Become the window that `file` stands for; None when another is, which took the paths.

    `PhotoSearchError` when there is another that does not answer.
    """
    request = Request(
        tuple(os.path.abspath(path) for path in paths), os.environ.get("XDG_ACTIVATION_TOKEN", "")
    )
    end = time.monotonic() + patience_s
    while True:
        claim = take(file)
        if claim is not None:
            return claim
        address = _read_address(file)
        if address and _delivered(address, request, end):
            return None
        if time.monotonic() >= end:
            raise PhotoSearchError(
                "A PhotoSearch window with this library is open already, but it does not answer. "
                "Wait until it does, or end it; then try again."
            )
        time.sleep(PAUSE_S)


def take(file: Path) -> Claim | None:
    """Become the window that a file stands for, or return None when another process is."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:  # the library will say what is wrong with its folder
        _log.info("no lock for the window: %s", error)
        return Claim()
    try:
        if not _lock(lock):
            os.close(lock)
            return None
    except OSError as error:
        _log.warning("this disk gives no locks, so two windows may open: %s", error)
        os.close(lock)
        return Claim()
    try:
        return _listening(file.parent, lock)
    except OSError as error:
        _log.warning("later starts cannot reach this window: %s", error)
        return Claim(lock)


def _listening(folder: Path, lock: int) -> Claim:
    if sys.platform == "win32":
        from photosearch.gui.instance.pipe import pipe_name

        claim = Claim(lock, pipe_name(folder).encode())
    else:
        address = local.address(folder)
        claim = Claim(lock, address, local.listen(address))
    os.ftruncate(lock, 0)
    os.lseek(lock, 0, os.SEEK_SET)
    os.write(lock, claim.address)
    return claim


def _lock(file: int) -> bool:
    """Lock an open file; False when another process has it, `OSError` when there are no locks."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(file, _LOCKED_AT, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read_address(path: Path) -> bytes:
    """Return where the first window listens; nothing before it does."""
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.read(file, _ADDRESS_BYTES)
    finally:
        os.close(file)


def _delivered(address: bytes, request: Request, end: float) -> bool:
    try:
        data = packed(request)
    except ValueError as error:
        raise PhotoSearchError(f"{error}. Name the folder they are in.") from error
    if sys.platform == "win32":
        from photosearch.gui.instance.pipe import deliver

        return deliver(address.decode(), data, end)
    return local.deliver(address, data, end)
