"""One process at a time works on a model's files: a window and a command line may both be open.

The system frees the lock of a process that was killed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from photosearch.errors import ModelError

_PATIENCE_S = 0.3  # somebody who only looks whether it is taken holds it for a moment


def turn(folder: Path, name: str) -> AbstractContextManager[None]:
    """Work on a model below `folder` alone; ModelError when somebody else does already."""
    return _turn(folder, name, _PATIENCE_S)


@contextmanager
def _turn(folder: Path, name: str, timeout_s: float) -> Iterator[None]:
    import filelock

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(folder / f".{name}.lock", timeout=timeout_s)
        lock.acquire()
    except filelock.Timeout as error:
        raise ModelError(
            f"The files of “{name}” are being worked on already, perhaps by another PhotoSearch. "
            "Wait for it, or stop it there."
        ) from error
    except OSError as error:
        raise ModelError(f"{folder} cannot be written: {error.strerror}.") from error
    try:
        yield
    finally:
        lock.release()


def taken(folder: Path, name: str) -> bool:
    """Say whether somebody works on a model's files just now."""
    if not (folder / f".{name}.lock").exists():
        return False
    try:
        with _turn(folder, name, 0):
            return False
    except ModelError:
        return True
