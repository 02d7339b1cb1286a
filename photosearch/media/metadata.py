"""What a picture says about itself: when, where, with which camera.

Knows EXIF tags and their abuses, file names and file times.  Never fails: what is broken
is unknown.
"""

from __future__ import annotations

import math
import re
import struct
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from photosearch.media import pixels
from photosearch.media.namedate import date_in_name, valid_date
from photosearch.media.regions import Stored, read_regions
from photosearch.types import DateSource, Facts

if TYPE_CHECKING:
    from photosearch.media.decode import Picture

# When this was written: a clock that shows less is wrong, as that of a computer whose battery is
# flat, and dates are not to be taken for the future by it.
_WRITTEN = datetime(2026, 1, 1)
_Tags = Mapping[int, Any]
_T = TypeVar("_T")

_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
# Date and offset tags, the time of exposure first.
_DATES = ((0x9003, 0x9011), (0x9004, 0x9012), (0x0132, 0x9010))

# What reading a broken directory or value has been seen to raise.
_BROKEN = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)


@dataclass(frozen=True, slots=True)
class _When:
    taken_at: str
    offset_min: int | None
    source: DateSource


def read_facts(picture: Picture, name: str, mtime_ns: int, sidecars: Sequence[bytes] = ()) -> Facts:
    """Collect the facts; the date comes from EXIF, else the name, else the file's time.

    `sidecars` are the contents of XMP files beside the photo.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of every oddity in a directory
        return _collect(picture, name, mtime_ns, sidecars)


def _collect(picture: Picture, name: str, mtime_ns: int, sidecars: Sequence[bytes]) -> Facts:
    tags = _tags(picture)
    gps = _directory(picture, _GPS_IFD)
    now = max(datetime.now(), _WRITTEN)
    when = (
        _attempt(lambda: _exif_date(tags, now))
        or _attempt(lambda: _name_date(name, now))
        or _attempt(lambda: _file_date(mtime_ns))
    )
    make, model = _camera(_text(tags, 0x010F), _text(tags, 0x0110))
    place = _attempt(lambda: _place(gps)) or (None, None)
    return Facts(
        width=picture.width,
        height=picture.height,
        format=picture.format,
        taken_at=when.taken_at if when else None,
        taken_offset_min=when.offset_min if when else None,
        date_source=when.source if when else None,
        camera_make=make,
        camera_model=model,
        lens=_attempt(lambda: _lens(tags)),
        exposure_s=_attempt(lambda: _exposure(tags)),
        f_number=_attempt(lambda: _f_number(tags)),
        iso=_attempt(lambda: _iso(tags)),
        focal_mm=_within(_number(tags.get(0x920A)), 0.1, 20_000),
        latitude=place[0],
        longitude=place[1],
        altitude_m=_attempt(lambda: _altitude(gps)),
        regions=_attempt(lambda: read_regions([*sidecars, picture.xmp], _stored(picture))) or (),
        miniature=pixels.miniature(picture.image),
    )


def _stored(picture: Picture) -> Stored:
    size = picture.width, picture.height
    return Stored(*(size if picture.turn < 5 else size[::-1]), picture.turn)


def _attempt(read: Callable[[], _T]) -> _T | None:
    try:
        return read()
    except _BROKEN:
        return None


def _tags(picture: Picture) -> dict[int, Any]:
    """Return the tags of the main directory and of the EXIF one in a single table."""
    exif = picture.exif
    main = _attempt(lambda: dict(exif)) if exif is not None else None
    return {**(main or {}), **_directory(picture, _EXIF_IFD)}


def _directory(picture: Picture, tag: int) -> dict[int, Any]:
    exif = picture.exif
    if exif is None:
        return {}
    return _attempt(lambda: dict(exif.get_ifd(tag))) or {}


# --- dates ------------------------------------------------------------------------


def _exif_date(tags: _Tags, now: datetime) -> _When | None:
    for tag, offset_tag in _DATES:
        numbers = re.findall(r"\d+", _text(tags, tag) or "")
        if len(numbers) < 3:
            continue
        when = valid_date(*(int(number[:4]) for number in numbers[:6]), now=now)
        if when is not None:
            return _When(when.isoformat(), _offset(_text(tags, offset_tag)), DateSource.EXIF)
    return None


def _offset(text: str | None) -> int | None:
    """Read "+02:00" or "Z" as minutes."""
    if not text:
        return None
    if text.upper() == "Z":
        return 0
    found = re.fullmatch(r"([+-])(\d\d):?(\d\d)", text)
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    if minutes > 14 * 60:
        return None
    return -minutes if found[1] == "-" else minutes


def _name_date(name: str, now: datetime) -> _When | None:
    found = date_in_name(name, now)
    return _When(found.when.isoformat(), found.offset_min, DateSource.NAME) if found else None


def _file_date(mtime_ns: int) -> _When:
    when = datetime.fromtimestamp(mtime_ns // 1_000_000_000).astimezone()
    offset = when.utcoffset()
    return _When(
        when.replace(tzinfo=None).isoformat(),
        None if offset is None else round(offset.total_seconds() / 60),
        DateSource.FILE,
    )


# --- camera -----------------------------------------------------------------------

# What companies add to their names.
_COMPANY = re.compile(
    r"[\s,]+(corporation|corp|company|co|ltd|inc|gmbh|ag|imaging|optical|computer|electronics"
    r"|electric|photo film|techwin|communications|mobile)\b\.?",
    re.IGNORECASE,
)


def _camera(make: str | None, model: str | None) -> tuple[str | None, str | None]:
    """Return make and model as one would say them: "Nikon", "D70"."""
    if make:
        make = _COMPANY.sub("", make).strip(" ,.") or make
        make = "Kodak" if make.lower() == "eastman kodak" else make
    if make and model:
        # Makers repeat themselves ("Canon", "Canon EOS 40D"), in whatever case.
        for start in (make, make.split()[0]):
            if model.lower().startswith(start.lower() + " "):
                model = model[len(start) :].strip()
                break
    if make and make.isupper() and len(make) > 3 and make.isalpha():
        make = make.capitalize()
    return make or None, model or None


def _lens(tags: _Tags) -> str | None:
    name = _text(tags, 0xA434)
    if name and name.strip("- .0") and name.lower() != "unknown":
        return name
    specification = tags.get(0xA432)
    if not isinstance(specification, tuple) or len(specification) != 4:
        return None
    short, long_, widest = (_number(specification[at]) for at in (0, 1, 2))
    if not short or not long_:
        return None
    length = f"{short:g} mm" if short == long_ else f"{short:g}-{long_:g} mm"
    return f"{length} f/{widest:g}" if widest else length


def _exposure(tags: _Tags) -> float | None:
    seconds = _within(_number(tags.get(0x829A)), 1e-7, 1e6)
    if seconds is None and (apex := _within(_number(tags.get(0x9201)), -20, 24)) is not None:
        seconds = 2.0**-apex
    return seconds


def _f_number(tags: _Tags) -> float | None:
    number = _within(_number(tags.get(0x829D)), 0.3, 1000)
    if number is None and (apex := _within(_number(tags.get(0x9202)), 0.01, 20)) is not None:
        number = round(2.0 ** (apex / 2), 1)
    return number


def _iso(tags: _Tags) -> int | None:
    # 65535 in the old two-byte tag means "see the newer ones".
    for tag in (0x8827, 0x8833, 0x8832, 0x8831):
        value = tags.get(tag)
        number = _within(_number(value[0] if isinstance(value, tuple) else value), 1, 1e8)
        if number is not None and not (tag == 0x8827 and number == 65535):
            return round(number)
    return None


# --- place ------------------------------------------------------------------------


def _place(gps: _Tags) -> tuple[float, float] | None:
    latitude = _degrees(gps.get(2), _text(gps, 1), "S", 90)
    longitude = _degrees(gps.get(4), _text(gps, 3), "W", 180)
    # Devices without a fix write zeros; nobody photographs in the sea at 0, 0.
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None
    return latitude, longitude


def _degrees(value: Any, reference: str | None, negative: str, limit: int) -> float | None:
    parts = [_number(part) for part in value] if isinstance(value, tuple | list) else []
    if not parts:
        parts = [_number(value)]
    degrees = parts[0]
    if degrees is None or len(parts) > 3:
        return None
    for part, unit in zip(parts[1:], (60, 3600), strict=False):
        # Some writers leave the seconds as 0/0.
        if part is not None:
            if not 0 <= part <= 60:
                return None
            degrees += part / unit
    if not -limit <= degrees <= limit:
        return None
    degrees = round(degrees, 7)  # about a centimetre
    return -degrees if reference and reference.upper().startswith(negative) else degrees


def _altitude(gps: _Tags) -> float | None:
    metres = _within(_number(gps.get(6)), -12_000, 1_000_000)
    below = gps.get(5)
    if isinstance(below, bytes):
        below = below[0] if below else 0
    return -metres if metres and below in (1, "1") else metres


# --- values -----------------------------------------------------------------------


def _text(tags: _Tags, tag: int) -> str | None:
    """Return a text tag without NULs, control characters and doubled blanks."""
    value = tags.get(tag)
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return None
    # What follows a NUL is left over from a longer text.
    value = value.lstrip("\0 ").split("\0", 1)[0]
    value = "".join(letter if letter.isprintable() else " " for letter in value)
    return " ".join(value.split())[:120] or None


def _number(value: Any) -> float | None:
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    if value is None or isinstance(value, str | bytes | tuple):
        return None
    try:
        number = float(value)
    except _BROKEN:
        return None
    return number if math.isfinite(number) else None


def _within(number: float | None, low: float, high: float) -> float | None:
    return number if number is not None and low <= number <= high else None
