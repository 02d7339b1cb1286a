"""A small file held while it is read, changed and written: other programs wait their turn.

The system frees what a killed process held. The lock is a file of its own beside the other,
which is replaced when it is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WAIT_S = 10.0  # a change takes a few milliseconds: who holds it longer hangs


@contextmanager
def held(file: Path, wait_s: float = WAIT_S) -> Iterator[None]:
    """Hold a file against other programs and threads; `OSError` says why that cannot be.

    Not twice by one thread. Where the disk gives no locks there is none.
    """
    import filelock

    file.parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(f"{file}.lock", timeout=wait_s)
    try:
        lock.acquire()
    except filelock.Timeout as error:
        raise TimeoutError(
            None, f"another PhotoSearch holds {file} and does not end; close it and try again"
        ) from error
    except NotImplementedError:  # a file system without locks
        yield
        return
    try:
        yield
    finally:
        lock.release()
