"""What the last grouping was made of: what tells whether there is anything to group."""

from __future__ import annotations

from dataclasses import dataclass

from photosearch.store.database import Database


@dataclass(frozen=True, slots=True)
class LastGrouping:
    """The last grouping of all faces, and how far new faces were added to it since."""

    model: int
    strictness: float
    births: str  # the birthdays that held
    faces: int  # that all were, when all were grouped
    newest: int  # the highest place there was
    verdict: int  # the highest number of a verdict there was
    mean: float  # of the likeness of different people
    deviation: float


@dataclass(frozen=True, slots=True)
class Groupable:
    """What there is to group now."""

    births: str
    faces: int
    newest: int
    verdict: int


class Grouped:
    """The table `grouped`, and what of `face`, `person` and `verdict` it is compared with."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last(self) -> LastGrouping | None:
        with self._database.reading() as db:
            row = db.execute(
                "SELECT model, strictness, births, faces, newest, verdict, mean, deviation"
                " FROM grouped"
            ).fetchone()
        return LastGrouping(*row) if row else None

    def note(self, last: LastGrouping) -> None:
        """Remember a grouping, after all of it has been written."""
        with self._database.transaction() as db:
            db.execute("DELETE FROM grouped")
            db.execute(
                "INSERT INTO grouped (model, strictness, births, faces, newest, verdict, mean,"
                " deviation) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    last.model,
                    last.strictness,
                    last.births,
                    last.faces,
                    last.newest,
                    last.verdict,
                    last.mean,
                    last.deviation,
                ),
            )

    def now(self, model: int) -> Groupable:
        """Return what there is of a face pack; costs no reading of vectors."""
        with self._database.reading() as db:
            faces, newest = db.execute(
                "SELECT count(*), coalesce(max(place), 0) FROM face WHERE model = ?", (model,)
            ).fetchone()
            births = db.execute(
                "SELECT group_concat(id || ' ' || birthday, ', ') FROM"
                " (SELECT id, birthday FROM person WHERE birthday <> '' ORDER BY id)"
            ).fetchone()[0]
            verdict = db.execute("SELECT coalesce(max(id), 0) FROM verdict").fetchone()[0]
        return Groupable(births or "", int(faces), int(newest), int(verdict))

    def persons(self) -> frozenset[int]:
        """Return the numbers of all persons: what nothing was said of is a group."""
        with self._database.reading() as db:
            return frozenset(row[0] for row in db.execute("SELECT id FROM person"))
