"""The first bytes of a library: what in them is always the same shows damage, and is mended.

Offsets and values are those of SQLite's file format, as this program writes it.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

HEAD: Final = 100  # bytes
_MAGIC: Final = b"SQLite format 3\0"
_SMALLEST_PAGE: Final = 512
_PAGE: Final = 4096
_LOGGED: Final = 2  # its latest changes are in a log beside it; 1: never
# What may stand at a place; a number of four bytes at the last two: the formats of the tables
# and of texts (UTF-8), both 0 in an empty file.
_BYTES: Final = {18: (1, _LOGGED), 19: (1, _LOGGED), 21: (64,), 22: (32,), 23: (32,)}
_TABLES_AT, _TEXTS_AT = 44, 56
_TABLES: Final = 4
_TEXTS: Final = 1
_EMPTY: Final = slice(72, 92)


def wrong_head(path: Path, head: bytes, size: int) -> str:
    """Return what is wrong with the head of a library of so many bytes, or ""."""
    if head[: len(_MAGIC)] != _MAGIC:
        return "it does not begin as a library does"
    page = _number(head, 16, 2)
    page = 65536 if page == 1 else page
    if page < _SMALLEST_PAGE or page & (page - 1) or not _plausible(head):
        return "its head makes no sense"
    pages = _number(head, 28)
    if size < pages * page and not _has_log(path):
        return f"its end is missing: it has {size} bytes of {pages * page}"
    return ""


def _plausible(head: bytes) -> bool:
    return (
        all(head[at] in values for at, values in _BYTES.items())
        and _number(head, _TABLES_AT) <= _TABLES
        and _number(head, _TEXTS_AT) <= _TEXTS
        and not any(head[_EMPTY])
    )


def with_sound_head(path: Path, target: Path) -> None:
    """Copy a library, and in the copy make its head what it must have been."""
    for ending in ("", "-wal"):
        part = path.with_name(path.name + ending)
        if part.exists():
            shutil.copyfile(part, target.with_name(target.name + ending))
    log = _LOGGED if _has_log(target) else 1
    with target.open("rb+") as file:
        head = bytearray(file.read(HEAD).ljust(HEAD, b"\0"))
        size = os.fstat(file.fileno()).st_size
        head[: len(_MAGIC)] = _MAGIC
        head[16:18] = _PAGE.to_bytes(2, "big")
        head[18:24] = bytes((log, log, 0, 64, 32, 32))
        head[28:32] = (size // _PAGE).to_bytes(4, "big")
        head[92:96] = head[24:28]  # the count of pages is right
        head[_TABLES_AT : _TABLES_AT + 4] = _TABLES.to_bytes(4, "big")
        head[_TEXTS_AT : _TEXTS_AT + 4] = _TEXTS.to_bytes(4, "big")
        head[_EMPTY] = bytes(20)
        file.seek(0)
        file.write(head)


def _has_log(path: Path) -> bool:
    log = path.with_name(path.name + "-wal")
    return log.exists() and bool(log.stat().st_size)


def _number(head: bytes, at: int, length: int = 4) -> int:
    return int.from_bytes(head[at : at + length], "big")
