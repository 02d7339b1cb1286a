"""Recording what a look at files gave: pictures, duplicates, moves, changed files, failures.

The rules that keep what the user said and what was computed:
the same bytes are the same photo, wherever the file lies; a file changed in place keeps its
photo unless another file shows that photo too, and then what the user said is copied over.
A file that now has the bytes of a photo known before was moved there or put in its place:
nothing is copied then.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

from photosearch.store import said
from photosearch.store.database import Database
from photosearch.store.files import gone_twin
from photosearch.store.places import turn_places
from photosearch.store.purging import forget_observations
from photosearch.store.regions import write_regions
from photosearch.store.turning import known_turn, remember
from photosearch.store.words import write_words
from photosearch.types import Facts, FileId

FACTS = (
    "width, height, format, taken_at, taken_offset_min, date_source, camera_make, camera_model,"
    " lens, exposure_s, f_number, iso, focal_mm, latitude, longitude, altitude_m"
)
_FACT_COUNT = FACTS.count(",") + 1
_INSERT = f"INSERT INTO photo (hash, bytes, {FACTS}) VALUES ({', '.join('?' * (_FACT_COUNT + 2))})"
_UPDATE = (
    "UPDATE photo SET hash = ?, bytes = ?, "
    + ", ".join(f"{name} = ?" for name in FACTS.replace(" ", "").split(","))
    + " WHERE id = ?"
)


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at one file gave; `facts` is None when it is no picture at all."""

    file: FileId
    hash: bytes
    size: int
    mtime_ns: int
    facts: Facts | None
    failure: str = ""  # why it could not be used; `hash` may be empty then
    unread: bool = False  # its bytes could not be had, which says nothing of the picture


@dataclass(slots=True)
class Written:
    """What recording the looks of a run did so far."""

    known: int = 0  # the highest photo id before the run
    added: int = 0
    updated: int = 0
    moved: int = 0
    unchanged: int = 0  # another size or time, but the same picture
    failed: int = 0
    ignored: int = 0  # no pictures, and never said they were
    changed: set[int] = field(default_factory=set)  # photos that have another content now
    away: set[bytes] = field(default_factory=set)  # folders that went away while it went on
    photos: set[int] = field(default_factory=set)  # all that were looked at, until taken
    dropped_labels: list[int] = field(default_factory=list)  # vectors that no longer hold
    dropped_hashes: list[bytes] = field(default_factory=list)  # keys of thumbnails likewise

    @property
    def shown(self) -> int:
        """How many files show something else than before."""
        return self.added + self.updated + self.moved

    def brought(self, photo: int) -> bool:
        """Whether the content of a photo came into the library in this run."""
        return photo > self.known or photo in self.changed

    def take_photos(self) -> list[int]:
        """Return the photos looked at since the last call, ascending."""
        taken, self.photos = sorted(self.photos), set()
        return taken


def record(database: Database, looks: Sequence[Looked], written: Written) -> None:
    """Write a batch in one transaction, and to `written` what that did."""
    touched: set[int] = set()
    with database.transaction() as db:
        for look in looks:
            row = db.execute("SELECT photo FROM file WHERE id = ?", (look.file,)).fetchone()
            if row is None:  # the folder was removed meanwhile
                continue
            if row[0] is not None:  # it may show another picture now
                touched.add(row[0])
            if look.failure:
                _record_failure(db, look)
                written.failed += 1
            elif look.facts is None:
                _settle(db, look, None, "ignored")
                written.ignored += 1
            else:
                photo = _record_photo(db, look, look.facts, row[0], written)
                remember(db, photo, look.facts.miniature)
                write_regions(db, photo, look.facts.regions)
                touched.add(photo)
        write_words(db, touched)
        written.photos |= touched
        written.dropped_hashes = [key for key in written.dropped_hashes if not _known(db, key)]


def _record_photo(
    db: sqlite3.Connection,
    look: Looked,
    facts: Facts,
    before: int | None,
    written: Written,
) -> int:
    found = db.execute("SELECT id, format FROM photo WHERE hash = ?", (look.hash,)).fetchone()
    if found is not None:
        photo = int(found[0])
        if found[1] == said.NOT_LOOKED_AT:
            db.execute(_UPDATE, (look.hash, look.size, *_values(facts), photo))
        if before is None:
            twin = gone_twin(db, photo)
            if twin is not None:
                db.execute("DELETE FROM file WHERE id = ?", (twin,))
                written.moved += 1
            else:
                written.added += 1
        elif before != photo:
            if written.brought(photo):  # edited, and a copy of the edited was looked at first
                said.copy(db, before, photo, known_turn(db, before, facts.miniature))
            written.updated += 1
        else:
            written.unchanged += 1
    elif before is not None and not _shared(db, before, look.file):
        photo = before
        _change(db, photo, look, facts, written)
    else:
        cursor = db.execute(_INSERT, (look.hash, look.size, *_values(facts)))
        assert cursor.lastrowid is not None
        photo = cursor.lastrowid
        if before is None:
            written.added += 1
        else:
            said.copy(db, before, photo, known_turn(db, before, facts.miniature))
            written.updated += 1
    _settle(db, look, photo, "known")
    return photo


def _change(
    db: sqlite3.Connection, photo: int, look: Looked, facts: Facts, written: Written
) -> None:
    """Make a photo what its file shows now; what was computed of the old picture goes."""
    turn = known_turn(db, photo, facts.miniature)
    written.dropped_labels.extend(forget_observations(db, [photo]))
    if turn is not None:
        turn_places(db, photo, turn)
    written.changed.add(photo)
    (old,) = db.execute("SELECT hash FROM photo WHERE id = ?", (photo,)).fetchone()
    written.dropped_hashes.append(old)
    db.execute(_UPDATE, (look.hash, look.size, *_values(facts), photo))
    written.updated += 1


def _settle(db: sqlite3.Connection, look: Looked, photo: int | None, state: str) -> None:
    db.execute(
        "UPDATE file SET photo = ?, state = iif(state = 'gone', 'gone', ?), size = ?, mtime_ns = ?"
        " WHERE id = ?",
        (photo, state, look.size, look.mtime_ns, look.file),
    )
    db.execute("DELETE FROM failure WHERE file = ?", (look.file,))


def _record_failure(db: sqlite3.Connection, look: Looked) -> None:
    db.execute(
        "INSERT INTO failure (file, stage, reason) VALUES (?, ?, ?)"
        " ON CONFLICT (file, stage) DO UPDATE SET reason = excluded.reason, tries = tries + 1,"
        " at = CURRENT_TIMESTAMP",
        (look.file, "read" if look.unread else "look", look.failure),
    )


def _shared(db: sqlite3.Connection, photo: int, file: int) -> bool:
    row = db.execute(
        "SELECT 1 FROM file WHERE photo = ? AND id <> ? LIMIT 1", (photo, file)
    ).fetchone()
    return row is not None


def _known(db: sqlite3.Connection, key: bytes) -> bool:
    return db.execute("SELECT 1 FROM photo WHERE hash = ?", (key,)).fetchone() is not None


def _values(facts: Facts) -> tuple[object, ...]:
    return (
        facts.width,
        facts.height,
        facts.format,
        facts.taken_at,
        facts.taken_offset_min,
        facts.date_source,
        facts.camera_make,
        facts.camera_model,
        facts.lens,
        facts.exposure_s,
        facts.f_number,
        facts.iso,
        facts.focal_mm,
        facts.latitude,
        facts.longitude,
        facts.altitude_m,
    )
