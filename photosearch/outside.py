"""JSON that others wrote, or a disk has spoiled: whatever is wrong with it is a `ValueError`."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, NoReturn

MOST_BYTES = 64 << 20  # of a file; what is larger is none of those that are read so


def json_value(text: bytes | str) -> Any:
    """Return the value of a JSON text; numbers that are none, as Python allows them, are not."""
    try:
        return json.loads(text, parse_float=_finite, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def read_json(path: Path) -> Any:
    """Return the value in a file; `OSError` when it cannot be read."""
    with path.open("rb") as stream:
        text = stream.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise ValueError("it is far too large")
    return json_value(text)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        _refuse(digits)
    return number


def _refuse(what: str) -> NoReturn:
    raise ValueError(f"{what} is no number that can be used")
