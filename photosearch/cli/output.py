"""Writing to the terminal: any file name, any encoding, JSON as one line."""

from __future__ import annotations

import codecs
import io
import json
import sys
from typing import Any

_ERRORS = "photosearch-name"
# What would break a line or steer the terminal; names may hold any of it.
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}


def prepare() -> None:
    """Let every file name through, as the bytes it has on disk."""
    codecs.register_error(_ERRORS, _as_on_disk)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ERRORS)
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")


def _as_on_disk(error: UnicodeError) -> tuple[str | bytes, int]:
    """Write bytes that are not UTF-8 as they are; escape what the terminal has no letter for."""
    if isinstance(error, UnicodeEncodeError):
        error.end = error.start + 1  # one by one: a run may hold both kinds
    try:
        return codecs.lookup_error("surrogateescape")(error)
    except UnicodeError:
        return codecs.lookup_error("backslashreplace")(error)


def shown(name: str) -> str:
    """Return a name as it may stand in a line: control characters are written as `\\x0a`."""
    return name.translate(_CONTROL)


def line(text: str) -> None:
    print(text, flush=True)


def as_json(value: Any) -> None:
    """Print one object in one line; names that are not UTF-8 appear as lone surrogates."""
    print(json.dumps(value), flush=True)


def hint(text: str) -> None:
    """Say something that is not the answer, on standard error."""
    print(f"photosearch: {shown(text)}", file=sys.stderr, flush=True)


def problem(error: object, code: int) -> int:
    """Say what went wrong and return the exit code."""
    hint(str(error))
    return code


def count(number: int, thing: str) -> str:
    """Return "1 photo" or "2 photos"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
