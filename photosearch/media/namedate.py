"""Dates in file names, as cameras, phones and messengers write them.

Knows patterns only; arbitrary runs of digits are no date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

EARLIEST_YEAR = 1826  # of the first photograph


@dataclass(frozen=True, slots=True)
class NameDate:
    """A date found in a name; the offset is known only where the writer uses UTC."""

    when: datetime
    offset_min: int | None = None


_DATE = r"(?P<y>(?:18|19|20)\d\d){0}(?P<m>\d\d){0}(?P<d>\d\d)"
_TIME = r"(?P<h>\d\d){0}(?P<i>\d\d){0}(?P<s>\d\d)"
_COMPACT = _DATE.format("")
_DASHED = _DATE.replace("{0}", "(?P<dash>[-_.])", 1).format("(?P=dash)")
_PREFIX = r"(?:img|vid|pxl|mvimg|pano|dsc|photo|image|scan|screenshot)[-_ ]?"

# In order: the more a pattern says, the earlier it is tried.
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # 20190704_101112, IMG_20190704_101112_HDR, PXL_20240102_030405678, 20190704T101112
        rf"(?<!\d){_COMPACT}[-_ T]{_TIME.format('')}(?:\d{{3}})?(?!\d)",
        # IMG20190704101112, 20190704101112
        rf"(?:^|{_PREFIX}){_COMPACT}{_TIME.format('')}(?:\d{{3}})?(?!\d)",
        # 2019-07-04 10.11.12, 2019-07-04_10-11-12, "2019-07-04 at 10.11.12", 2019-07-04-101112
        rf"(?<![\d]){_DASHED}(?:[-_ T]|,? at ){_TIME.format('[-_.:h]?')}(?!\d)",
        # IMG-20190704-WA0001
        rf"(?<!\d){_COMPACT}-WA\d+",
        # IMG_20190704, VID-20190704, Screenshot_20190704
        rf"{_PREFIX}{_COMPACT}(?!\d)",
        # 2019-07-04 in the garden
        rf"(?<![\d.-]){_DASHED}(?![\d]|[.-]\d)",
    )
)


def date_in_name(name: str, now: datetime) -> NameDate | None:
    """Return the date a file name tells, None when it tells none that can be."""
    for pattern in _PATTERNS:
        for found in pattern.finditer(name):
            part = found.groupdict(default="0")
            when = valid_date(
                *(int(part[key]) for key in "ymd"),
                *(int(part.get(key, "0")) for key in "his"),
                now=now,
            )
            if when is not None:
                # Pixel phones write UTC into the name.
                return NameDate(when, 0 if name.upper().startswith("PXL_") else None)
    return None


def valid_date(*parts: int, now: datetime) -> datetime | None:
    """Return year, month, day, hour, minute, second as a time, None when it cannot be."""
    try:
        when = datetime(*parts)  # type: ignore[arg-type]  # three to six whole numbers
    except ValueError:
        return None
    return when if EARLIEST_YEAR <= when.year <= now.year + 1 else None
