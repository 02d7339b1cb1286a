"""Values that travel between rooms: frozen, slotted, picklable, without behaviour beyond trivia.

Paths inside a folder are bytes (names that are not UTF-8 exist); `dir` is relative to the
folder's root with `/` between parts and is `b""` for the root itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NewType

import numpy as np
import numpy.typing as npt

PhotoId = NewType("PhotoId", int)
FileId = NewType("FileId", int)
FolderId = NewType("FolderId", int)
ModelKey = NewType("ModelKey", str)

Ids = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]  # [n, d], rows of unit length
Vector = npt.NDArray[np.float32]  # [d], unit length
Pixels = npt.NDArray[np.uint8]  # [h, w, 3], RGB


# --- what a file on disk says -------------------------------------------------


class DateSource(StrEnum):
    EXIF = "exif"
    NAME = "name"
    FILE = "file"  # the file's own time: a guess, shown as one


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One candidate file in a directory listing."""

    name: bytes
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Listing:
    """One directory as found on disk; `unreadable` says why it could not be listed."""

    dir: bytes
    files: tuple[FileEntry, ...]
    unreadable: str = ""


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


# --- models -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Preprocess:
    """How a picture becomes a model's input, as `preprocess_cfg.json` says."""

    height: int
    width: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    interpolation: str = "bicubic"  # bicubic | bilinear | lanczos | nearest
    resize_mode: str = "shortest"  # shortest (then centre crop) | squash | longest (then pad)
    fill: int = 0


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A registered search model, read from its own files."""

    name: str
    folder: str
    key: ModelKey  # hash over graphs, preprocessing and tokenizer
    dimension: int
    preprocess: Preprocess
    context_length: int
    bytes_on_disk: int
    problem: str = ""  # why it cannot be used now ("its folder is gone"), empty when it can
    in_use: bool = False


# --- indexing -----------------------------------------------------------------


class Stage(StrEnum):
    SCAN = "scan"  # disk against library
    LOOK = "look"  # hash, facts, thumbnail
    EMBED = "embed"  # search vectors
    SAVE = "save"  # index file


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; reported at most ten times a second."""

    stage: Stage
    done: int
    total: int  # 0: not known yet
    per_second: float = 0.0
    seconds_left: float | None = None
    paused: bool = False
    failed: int = 0  # failures so far in this run
    changed: bool = False  # photos came or went since the last report: views may refresh
    note: str = ""  # a sentence, e.g. "No search model: photos are found by name only."


Report = Callable[[Progress], None]
Check = Callable[[], None]  # raises Cancelled; blocks while paused


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be used, and why."""

    file: FileId
    path: str  # os.fsdecode form, may hold surrogates
    stage: str
    reason: str
    tries: int = 1


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What one run of `library.index` did."""

    found: int = 0
    added: int = 0
    updated: int = 0
    moved: int = 0
    removed: int = 0
    unchanged: int = 0
    failed: tuple[Failure, ...] = ()
    seconds: float = 0.0
    stages: dict[str, dict[str, float]] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


# --- folders ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder (or single file) the user added."""

    id: FolderId
    path: str
    photos: int = 0
    offline: bool = False
    single_file: bool = False


@dataclass(frozen=True, slots=True)
class Subfolder:
    """A directory inside a folder; `photos` counts those directly in it."""

    folder: FolderId
    dir: bytes
    photos: int


# --- browsing and search ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PhotoFilter:
    """Which photos; `dir` includes everything below it."""

    folder: FolderId | None = None
    dir: bytes | None = None
    favourites: bool = False


@dataclass(frozen=True, slots=True)
class MonthMark:
    """A month heading: photos from `offset` on (until the next mark) are of this month."""

    offset: int
    year: int  # 0: no date known
    month: int


@dataclass(frozen=True, slots=True)
class PhotoList:
    """Photos newest first: an array of ids and where the months begin."""

    ids: Ids
    months: tuple[MonthMark, ...]


@dataclass(frozen=True, slots=True)
class PhotoSummary:
    """What the grid needs of one photo."""

    id: PhotoId
    name: str
    width: int
    height: int
    taken_at: str | None
    favourite: bool
    offline: bool
    path: str  # a full path of one of its files


@dataclass(frozen=True, slots=True)
class PhotoDetails:
    """What the info panel needs of one photo."""

    summary: PhotoSummary
    facts: Facts
    paths: tuple[str, ...]  # every file that shows this picture
    file_bytes: int
    modified_at: str


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search: words, photos that are alike, or both."""

    text: str = ""
    like: tuple[PhotoId, ...] = ()
    like_paths: tuple[str, ...] = ()
    limit: int = 1000
    content_only: bool = False
    filter: PhotoFilter = PhotoFilter()


@dataclass(frozen=True, slots=True)
class Results:
    """Photos best first with their scores, higher is better."""

    ids: Ids
    scores: npt.NDArray[np.float32]
    took_ms: float
    by_content: bool  # whether vectors took part
    notices: tuple[str, ...] = ()  # sentences for under the search bar


@dataclass(frozen=True, slots=True)
class LibraryStatus:
    """The numbers behind `photosearch status`."""

    photos: int
    files: int
    pending: dict[str, int]  # stage -> count
    failures: int
    folders: tuple[Folder, ...]
    model: str | None
    device: str | None
    favourites: int = 0
    extra: dict[str, Any] = field(default_factory=dict)
