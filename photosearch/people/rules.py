"""What grouping may never do: the user's word, and that nobody is on one photo twice.

Rows are faces. A person's rows, as said, are together from the start; every other rule is a
question asked before a step, never a repair after it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photosearch.store.face_table import FaceTable, Said
from photosearch.types import Ids

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules over the rows of one table."""

    person: Ids  # [n] who each row is said to be; 0: nothing said
    together: Ids  # [n] the first row of those said to be the same person, else the row itself
    photos: Ids  # [n] numbered from 0
    shared: Flags  # [n] there are more faces on its photo
    days: Floats  # [n] when it was taken; NaN: unknown
    refused: Ids  # sorted `row * span + person`: said not to be them
    span: int  # above every person's number
    births: tuple[Ids, Floats]  # persons with a birthday, ascending, and their days

    def taboo(self, rows: Ids, persons: Ids) -> Flags:
        """Return which rows cannot be the persons beside them (0: nobody, never taboo).

        What the user said of a row itself stands above rejections and birthdays.
        """
        found = self._refused(rows, persons)
        found |= self.before_birth(self.days[rows], persons)
        allowed: Flags = (persons <= 0) | (self.person[rows] == persons)
        return np.asarray(found & ~allowed, np.bool_)

    def before_birth(self, days: Floats, persons: Ids) -> Flags:
        """Return which days lie before the birthdays of the persons beside them."""
        who, born = self.births
        if not len(who):
            return np.zeros(len(persons), np.bool_)
        at = np.minimum(np.searchsorted(who, persons), len(who) - 1)
        early: Flags = (who[at] == persons) & (days < born[at])
        return early

    def refusals(self) -> tuple[Ids, Ids]:
        """Return the rows and the persons that they are said not to be."""
        rows, persons = np.divmod(self.refused, self.span)
        return rows, persons

    def _refused(self, rows: Ids, persons: Ids) -> Flags:
        spoken_of = persons < self.span  # beyond are groups, of which nothing is said
        return spoken_of & contains(self.refused, rows * self.span + persons)


def contains(ascending: Ids, wanted: Ids) -> Flags:
    """Return which of `wanted` occur in an ascending array."""
    if not len(ascending):
        return np.zeros(len(wanted), np.bool_)
    at = np.minimum(np.searchsorted(ascending, wanted), len(ascending) - 1)
    here: Flags = ascending[at] == wanted
    return here


def rules_of(table: FaceTable, said: Said) -> Rules:
    """Return the rules that verdicts, photos and birthdays make for a table's rows."""
    count = len(table.faces)
    person = np.where(said.no_face, 0, said.person).astype(np.int64)
    together = np.arange(count)
    named = np.flatnonzero(person)
    if len(named):
        _, first, which = np.unique(person[named], return_index=True, return_inverse=True)
        together[named] = named[first][which]
    _, photos, faces = np.unique(table.photos, return_inverse=True, return_counts=True)
    rejected = said.rejected.reshape(-1, 2).astype(np.int64)
    who = np.array(sorted(said.born), np.int64)
    span = 1 + max(int(arr.max(initial=0)) for arr in (person, rejected[:, 1], who))
    return Rules(
        person=person,
        together=together,
        photos=photos.astype(np.int64),
        shared=faces[photos] > 1,
        days=table.days.astype(np.float32),
        refused=np.unique(rejected[:, 0] * span + rejected[:, 1]),
        span=span,
        births=(who, np.array([said.born[int(one)] for one in who], np.float32)),
    )
