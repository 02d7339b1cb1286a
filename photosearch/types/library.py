"""Folders, browsing and search."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from photosearch.types.basic import FolderId, Ids, PersonId, PhotoId
from photosearch.types.media import Facts
from photosearch.types.search import NO_QUERY, Query


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder (or single file) the user added."""

    id: FolderId
    path: str
    photos: int = 0
    offline: bool = False
    single_file: bool = False
    faces: bool = True  # faces are looked for in it
    search: bool = True  # its photos are found by what they show
    exclude: tuple[str, ...] = ()  # patterns of what is left out of it


@dataclass(frozen=True, slots=True)
class Subfolder:
    """A directory inside a folder; `photos` counts those directly in it."""

    folder: FolderId
    dir: bytes
    photos: int


@dataclass(frozen=True, slots=True)
class PhotoFilter:
    """Which photos; `dir` includes everything below it."""

    folder: FolderId | None = None
    dir: bytes | None = None
    favourites: bool = False
    people: tuple[PersonId, ...] = ()  # all of them are on it
    without: tuple[PersonId, ...] = ()  # none of them is
    only: bool = False  # nobody but `people`


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
    understood: Query = NO_QUERY  # who was meant by the names in the text


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
