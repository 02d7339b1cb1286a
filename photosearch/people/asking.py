"""The queue "Is this Anna?" as the library has it: reads, guesses, and shows the faces."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from photosearch.people.calibration import Strangers, known, measure, thresholds
from photosearch.people.guessing import Asked, Guess, guess
from photosearch.people.tables import unit_vectors
from photosearch.store import Store
from photosearch.store.face_table import FaceTable
from photosearch.types import Check, FaceId, FacePackInfo, PersonId, Question


def questions(
    store: Store,
    pack: FacePackInfo,
    strictness: float,
    person: PersonId | None,
    limit: int,
    *,
    check: Check,
) -> tuple[Question, ...]:
    """Return guesses about one person or all that are named, hidden ones and strangers left
    out, surest first."""
    model = store.faces.find_model(pack.key)
    about = _asked_about(store, person)
    if model is None or not about or limit <= 0:
        return ()
    check()
    table = store.faces.table(model)
    check()
    asked = Asked(
        persons=np.array(about, np.int64),
        silent=np.array(store.persons.silent(), np.int64),
        limit=limit,
    )
    guesses = guess(
        table,
        store.people.said(table),
        store.people.owners(table),
        store.people.doubts(table),
        asked=asked,
        limits=thresholds(_strangers(store, model, pack, table), len(table.faces), strictness),
        check=check,
    )
    return _shown(store, model, table, guesses)


def _shown(
    store: Store, model: int, table: FaceTable, guesses: Sequence[Guess]
) -> tuple[Question, ...]:
    """Return guesses with the faces and people they are about, as far as those are still there."""
    shown = {
        face.id: face
        for face in store.portraits.of([int(table.faces[one.row]) for one in guesses], model)
    }
    persons = store.persons.some([one.person for one in guesses])
    return tuple(
        Question(shown[face], persons[one.person], one.likeness)
        for one in guesses
        if (face := FaceId(int(table.faces[one.row]))) in shown and one.person in persons
    )


def _asked_about(store: Store, person: PersonId | None) -> list[int]:
    """Return the numbers of those who may be guessed, ascending."""
    if person is not None:
        return sorted(store.persons.some([person]))
    return sorted(id_ for id_, _, quiet in store.persons.names() if not quiet)


def _strangers(store: Store, model: int, pack: FacePackInfo, table: FaceTable) -> Strangers:
    """Return what the last grouping of this pack measured, or measure it now."""
    last = store.grouped.last()
    if last is not None and last.model == model:
        return Strangers(last.mean, last.deviation, 0)
    vectors, usable = unit_vectors(table.vectors)
    return measure(vectors[usable], table.photos[usable], known(pack))
