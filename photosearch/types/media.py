"""What a file on disk says."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class DateSource(StrEnum):
    EXIF = "exif"
    NAME = "name"
    FILE = "file"  # the file's own time: a guess, shown as one


class FileEntry(NamedTuple):
    """One candidate file in a directory listing.

    A tuple, as it is made a third as fast otherwise: each look for changes makes one of every file.
    """

    name: bytes
    size: int
    mtime_ns: int
    sidecar_ns: int = 0  # another number when an XMP file beside it changed; 0: there is none


@dataclass(frozen=True, slots=True)
class Listing:
    """One directory as found on disk; `unreadable` says why it could not be listed.

    `mount` is set where another drive begins: it is mounted there.
    """

    dir: bytes
    files: tuple[FileEntry, ...]
    unreadable: str = ""
    mount: bytes = b""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in an upright picture, in fractions (0 to 1) of its width and height."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class FaceRegion:
    """A face that another program named inside the file or beside it."""

    box: Box
    name: str
    source: str  # mwg | microsoft | digikam


@dataclass(frozen=True, slots=True)
class Facts:
    """What a picture says about itself; sizes are upright pixels, None is unknown."""

    width: int
    height: int
    format: str  # "JPEG", "HEIF", ...
    taken_at: str | None = None  # local wall time, "YYYY-MM-DDTHH:MM:SS"
    taken_offset_min: int | None = None  # offset from UTC in minutes
    date_source: DateSource | None = None
    camera_make: str | None = None
    camera_model: str | None = None
    lens: str | None = None
    exposure_s: float | None = None
    f_number: float | None = None
    iso: int | None = None
    focal_mm: float | None = None
    latitude: float | None = None  # degrees, north positive
    longitude: float | None = None  # degrees, east positive
    altitude_m: float | None = None
    regions: tuple[FaceRegion, ...] = ()
    # A few grey pixels, by which the picture is known again when it is turned; empty: unknown.
    miniature: bytes = field(default=b"", compare=False, repr=False)
