"""Grouping as the library has it: read, group, keep the numbers, write.

Killed at any moment it loses nothing: what the user said is not touched, and a grouping is written
in one transaction together with what it was made of. By the latter two programs that group at the
same time notice each other.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import numpy as np

from photosearch.people.calibration import Strangers, known, thresholds
from photosearch.people.extending import extend
from photosearch.people.grouping import group
from photosearch.store import Store
from photosearch.store.face_table import FaceTable, Said
from photosearch.store.grouped import Groupable, LastGrouping, Owners
from photosearch.types import Check, FacePackInfo, GroupReport, Ids, Progress, Report, Stage

# New faces are added one by one up to this share of the library; more of them can change who
# belongs together, so then all are grouped anew.
GROWN: Final = 0.15
ALWAYS_WHOLE: Final = 2_000  # faces that are grouped in about a second


@dataclass(frozen=True, slots=True)
class _Task:
    """One grouping: of which faces, and how."""

    model: int
    pack: FacePackInfo
    strictness: float
    now: Groupable


def regroup(
    store: Store,
    pack: FacePackInfo,
    strictness: float,
    report: Report,
    check: Check,
    *,
    whole: bool = False,
) -> GroupReport:
    """Find who the faces of a pack belong to and write it down.

    Without `whole` new faces are added to what is there, and nothing is done when there are none;
    all are grouped when much has come, or the pack, the strictness or a birthday is another.
    """
    began = time.monotonic()
    model = store.faces.find_model(pack.key)
    if model is None:
        return GroupReport(0, 0, 0, 0, time.monotonic() - began, False)
    wants_all, did_all, undisturbed = whole, False, False
    while not undisturbed:  # another program may group at the same time
        check()
        task = _Task(model, pack, strictness, store.grouped.now(model))
        last = store.grouped.last()
        whole = wants_all or last is None or _must_be_whole(task, last)
        if last is not None and not whole and not _anything_new(task, last):
            break
        table = store.faces.table(model)
        _tell(report, table, 0)
        check()
        if whole or last is None:
            undisturbed = _group_all(store, task, table, last, check)
            wants_all, did_all = False, True  # what came meanwhile can be added
        else:
            undisturbed = _add_new(store, task, table, last, check)
        _tell(report, table, len(table.faces))
    return _report(store, model, began, whole=did_all)


def _must_be_whole(task: _Task, last: LastGrouping) -> bool:
    other = (last.model, last.births) != (task.model, task.now.births)
    other |= abs(last.strictness - task.strictness) > 1e-6
    moved = abs(task.now.seen.faces - last.faces)
    if task.now.seen.faces <= ALWAYS_WHOLE:
        return other or _anything_new(task, last) or moved > 0
    return other or moved > GROWN * last.faces


def _anything_new(task: _Task, last: LastGrouping) -> bool:
    newer = task.now.newest > last.newest or task.now.verdict != last.verdict
    return newer or _others(task, last)


def _others(task: _Task, last: LastGrouping) -> bool:
    """Whether faces known before came back, or went: a folder, a drive, a photo."""
    return task.now.known != last.seen


def _group_all(
    store: Store, task: _Task, table: FaceTable, last: LastGrouping | None, check: Check
) -> bool:
    """Group all faces and write it; return whether nobody else grouped meanwhile."""
    said = store.people.said(table)
    before = store.people.owners(table)
    found = group(table, said, strictness=task.strictness, before=known(task.pack), check=check)
    persons = store.grouped.persons()
    groups = np.where(np.isin(before, list(persons)), 0, before)
    owners = Owners(table.faces, _numbered(store, found.owner, groups), found.doubt)
    made_of = _made_of(task, len(table.faces), found.strangers)
    return store.grouped.write(
        owners, made_of, instead_of=last, persons=persons, whole=True, check=check
    )


def _add_new(store: Store, task: _Task, table: FaceTable, last: LastGrouping, check: Check) -> bool:
    """Add the new faces and write it; not written when False is returned: somebody else grouped
    meanwhile."""
    said = store.people.said(table)
    before = store.people.owners(table)
    persons = store.grouped.persons()
    new = np.flatnonzero(before == 0)
    if not _others(task, last):  # else any that is without an owner may have come back
        new = _new_rows(table, said, before, last)
    strangers = Strangers(last.mean, last.deviation, 0)
    limits = thresholds(strangers, len(table.faces), task.strictness)
    found = extend(table, said, before, new, limits=limits, check=check)
    owners = _numbered(store, found.owner, np.zeros_like(before))
    changed = np.flatnonzero((owners != before) | np.isfinite(found.doubt))
    doubt = np.nan_to_num(found.doubt[changed], nan=0.0)
    return store.grouped.write(
        Owners(table.faces[changed], owners[changed], doubt),
        _made_of(task, last.faces, found.strangers),
        instead_of=last,
        persons=persons,
        whole=False,
        check=check,
    )


def _new_rows(table: FaceTable, said: Said, before: Ids, last: LastGrouping) -> Ids:
    """Return the rows that came since, and those that a rejection left without anybody."""
    new = table.faces > last.newest
    new[said.rejected[:, 0]] = True
    return np.flatnonzero(new & (before == 0))


def _numbered(store: Store, owner: Ids, groups: Ids) -> Ids:
    """Return owners with new groups numbered: a group keeps the number that most of its faces
    had in `groups` (0: none), each number going to one group only."""
    fresh = np.flatnonzero(owner < 0)
    if not len(fresh):
        return owner
    count = int(-owner.min())
    numbers = np.zeros(count + 1, np.int64)
    had = fresh[groups[fresh] > 0]
    # both in one number: sorting pairs would hold up other threads
    span = int(groups.max()) + 1
    both, overlap = np.unique(-owner[had] * span + groups[had], return_counts=True)
    pairs = np.divmod(both, span)
    given: set[int] = set()
    for at in np.lexsort((pairs[0], pairs[1], -overlap)).tolist():
        new, old = int(pairs[0][at]), int(pairs[1][at])
        if not numbers[new] and old not in given:
            numbers[new] = old
            given.add(old)
    without = np.flatnonzero(numbers[1:] == 0) + 1
    if len(without):
        numbers[without] = store.people.next_owner(len(without)) + np.arange(len(without))
    named = owner.copy()
    named[fresh] = numbers[-owner[fresh]]
    return named


def _made_of(task: _Task, faces: int, strangers: Strangers) -> LastGrouping:
    now = task.now
    return LastGrouping(
        model=task.model,
        strictness=task.strictness,
        births=now.births,
        faces=faces,
        newest=now.newest,
        verdict=now.verdict,
        mean=strangers.mean,
        deviation=strangers.deviation,
        seen_faces=now.seen.faces,
        seen_places=now.seen.places,
    )


def _tell(report: Report, table: FaceTable, done: int) -> None:
    report(Progress(Stage.GROUP, done, len(table.faces)))


def _report(store: Store, model: int, began: float, *, whole: bool) -> GroupReport:
    there = store.persons.totals()
    return GroupReport(
        faces=store.faces.count(model),
        assigned=there.faces,
        people=there.people,
        groups=there.groups,
        seconds=time.monotonic() - began,
        whole=whole,
    )
