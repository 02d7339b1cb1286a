"""What a run tells while it works and when it is done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from photosearch.types.basic import FileId, FolderId


class Stage(StrEnum):
    SCAN = "scan"  # disk against library
    LOOK = "look"  # hash, facts, thumbnail
    MEASURE = "measure"  # how the search model runs best on this machine, once
    EMBED = "embed"  # search vectors
    COMING = "coming"  # search vectors for the model that is to take over
    FACES = "faces"  # detected and recognised
    GROUP = "group"  # faces into people
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


# Of these folders only the directories named are looked into, each by itself.
Within = Mapping[FolderId, Collection[bytes]]
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
