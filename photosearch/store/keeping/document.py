"""What the user said, as a readable document that outlives the database. Knows only the format.

Photos are known by the hash of their bytes and by where their files lay, faces by their box in
the upright picture, people by a number that means nothing outside the document. A document is
JSON with one entry a line; its last line holds a checksum of all before it. Who changes one by
hand deletes that line.

    {
    "format": "photosearch-said", "version": 1, "written": "2026-11-26T10:31:00",
    "said": 7, "state": "…", "action": 12, "owner": 40, "program": "1.0",
    "settings": {"search.results": 200},
    "folders": [
    {"path": "/home/a/Pictures", "single_file": false, "volume": "…", "faces": true,
     "search": true, "exclude": ["*.tmp"]}
    ],
    "people": [
    {"id": 3, "name": "Anna", "hidden": false, "stranger": false, "birthday": "1980-02-03",
     "at": "2026-11-26 10:30:12"}
    ],
    "photos": [
    {"hash": "<hex of BLAKE2b-160>", "bytes": 12345, "width": 4000, "height": 3000,
     "files": [[0, "2019/a.jpg"]],
     "favourite": "2026-11-26 10:30:12",
     "faces": [{"box": [x, y, width, height], "frame": 0, "drawn": false, "moved": 0,
                "cover_of": [3],
                "verdicts": [{"says": "is", "person": 3, "source": "face", "called": null,
                              "at": "…"}]}],
     "regions": [["Anna", x, y, width, height, "XMP"]]}
    ],
    "checksum": "<hex of BLAKE2b-128>"
    }

`said` counts verdicts and favourites. `files` is [index in `folders`, path in it]. Names that are
no UTF-8 hold lone surrogates. `favourite` is null, or since when. `says` is "is", "is not" or "no
face". `cover_of` are the people that the face stands for. `regions` are names that other programs
wrote into the file. `program` and `settings` are in a document that the user exported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from photosearch.store.saying import Says, Source
from photosearch.types import Box

FORMAT: Final = "photosearch-said"
VERSION: Final = 1


class UnreadableError(ValueError):
    """It is no document, a damaged one, or one of a newer program."""


@dataclass(frozen=True, slots=True)
class SaidFolder:
    """A folder the user added, and what is done with it."""

    path: bytes
    single_file: bool = False
    volume: str = ""
    faces: bool = True
    search: bool = True
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SaidPerson:
    """Someone the user spoke of; `id` is theirs within the document."""

    id: int
    name: str = ""
    hidden: bool = False
    stranger: bool = False
    birthday: str | None = None
    at: str = ""


@dataclass(frozen=True, slots=True)
class SaidVerdict:
    """One word on a face."""

    says: Says
    person: int | None
    source: Source = "face"
    called: str | None = None
    at: str = ""


@dataclass(frozen=True, slots=True)
class SaidFace:
    """A face of which something was said, or that stands for somebody."""

    box: Box
    verdicts: tuple[SaidVerdict, ...] = ()
    cover_of: tuple[int, ...] = ()
    frame: int = 0
    drawn: bool = False
    moved: int = 0


@dataclass(frozen=True, slots=True)
class SaidRegion:
    """A name that another program wrote into the file."""

    name: str
    box: Box
    source: str


@dataclass(frozen=True, slots=True)
class SaidPhoto:
    """A picture of which something was said; `files` are (index of the folder, path in it)."""

    hash: bytes
    size: int  # bytes of its file
    width: int
    height: int
    files: tuple[tuple[int, bytes], ...] = ()
    favourite: str | None = None
    faces: tuple[SaidFace, ...] = ()
    regions: tuple[SaidRegion, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """All that was said. `action` is the number of what was said last (see `hearing`): who has a
    higher one heard more. `said` counts what is in it. `owner` is the highest number that a
    person had. `program` is the version that exported it. `damaged` entries were left out.
    """

    folders: tuple[SaidFolder, ...] = ()
    people: tuple[SaidPerson, ...] = ()
    photos: tuple[SaidPhoto, ...] = ()
    written: str = ""
    said: int = 0
    state: str = ""
    action: int = 0
    owner: int = 0
    program: str = ""
    settings: tuple[tuple[str, Any], ...] = ()  # (key, value)
    damaged: int = 0

    @property
    def favourites(self) -> int:
        return sum(photo.favourite is not None for photo in self.photos)

    @property
    def verdicts(self) -> int:
        return sum(len(face.verdicts) for photo in self.photos for face in photo.faces)

    def __bool__(self) -> bool:
        return bool(self.folders or self.people or self.photos)
