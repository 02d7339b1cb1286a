"""What was said, on its way between two libraries."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TransferProgress:
    """How many photos are done, of those of which something is said."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written, and how much is in it."""

    path: str
    people: int  # with a name
    faces: int  # words on faces
    favourites: int
    settings: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something of which another thing is said here: it stays as here."""

    about: str  # the path of a photo, the name of a person, or a setting
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class TheirFolder:
    """A folder of the other library, for the user to add or not."""

    path: str
    known: bool  # it is a folder of this library
    present: bool  # there is one of that path on this computer
    faces: bool
    search: bool
    exclude: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Brought:
    """What came into the library: all of it is new here."""

    people: int = 0  # names
    faces: int = 0  # words on faces in photos that are here
    favourites: int = 0  # among the photos that are here
    waiting_faces: int = 0  # in photos that were never here: said once they are indexed
    waiting_favourites: int = 0
    conflicts: tuple[Conflict, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """How an import went. `brought` is what is new; conflicts stayed as they are here."""

    path: str
    written: str  # when, by the other computer's clock
    brought: Brought
    photos_here: int  # of which something is said in the file
    photos_waiting: int
    settings: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
    notices: tuple[str, ...]  # sentences on what could not be used
    folders: tuple[TheirFolder, ...]
    rehearsed: bool  # nothing was changed
