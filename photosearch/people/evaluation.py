"""How well the groups agree with labels: B-cubed and pairwise figures, and the comparing itself.

B-cubed (Bagga and Baldwin 1998): for each face the share of its group that is the same person
(precision), and the share of its person that is in its group (recall), both averaged over faces.
Pairwise F1 counts pairs of faces instead, so that large people weigh more.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from photosearch.errors import UsageError
from photosearch.outside import read_json
from photosearch.store import Store
from photosearch.store.folders import place_in
from photosearch.types import Evaluation, Ids, PersonFace, PhotoId

Floats = npt.NDArray[np.float64]


def evaluate(store: Store, model: int, labels: str) -> Evaluation:
    """Compare the library with a JSON file of [{"file", "person"}], paths relative to that file.

    In a photo with several faces the labelled one is the face nearest the picture's centre. A
    photo that is not in the library, or has no face, counts like a face that belongs to nobody:
    as a group of its own.
    """
    file = Path(os.path.abspath(labels))
    people, owners = [], []
    for name, person in _read(file):
        photo = _photo_at(store, os.fsencode(os.path.normpath(file.parent / name)))
        face = None if photo is None else middle_face(store.portraits.on_photo(photo, model))
        people.append(person)
        owners.append(face.person if face and face.person else 0)
    _, numbers = np.unique(np.array(people), return_inverse=True)
    return compare(numbers.astype(np.int64), np.array(owners, np.int64))


def compare(labels: Ids, owners: Ids) -> Evaluation:
    """Return the figures of owners against labels, both [n]; an owner of 0 is a group alone."""
    assigned = int(np.count_nonzero(owners))
    alone = np.flatnonzero(owners == 0)
    owners = owners.copy()
    owners[alone] = owners.max(initial=0) + 1 + np.arange(len(alone))
    label, owner, both = _sizes(labels), _sizes(owners), _sizes(labels, owners)
    precision, recall = float(np.mean(both / owner)), float(np.mean(both / label))
    # the sum over faces of (size - 1) is twice the number of pairs
    same, found, right = (float(np.sum(sizes - 1)) for sizes in (label, owner, both))
    pairwise = _harmonic(right / found if found else 1.0, right / same if same else 1.0)
    return Evaluation(
        precision, recall, _harmonic(precision, recall), pairwise, assigned, len(labels)
    )


def middle_face(faces: Sequence[PersonFace]) -> PersonFace | None:
    """Return the face nearest the centre of its picture, in pixels; None where there is none."""
    return min(faces, key=_from_centre, default=None)


def _from_centre(face: PersonFace) -> tuple[float, int]:
    across = (face.box.x + face.box.width / 2 - 0.5) * face.width
    down = (face.box.y + face.box.height / 2 - 0.5) * face.height
    return math.hypot(across, down), face.id


def _sizes(*columns: Ids) -> Floats:
    """Return for each row how many have the same values."""
    _, which, counts = np.unique(np.stack(columns), axis=1, return_inverse=True, return_counts=True)
    return counts[which.reshape(-1)].astype(np.float64)


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def _read(file: Path) -> list[tuple[str, str]]:
    try:
        entries = read_json(file)
    except (OSError, ValueError) as error:
        raise UsageError(f"The labels {file} cannot be read: {error}.") from error
    wanted = 'a list of {"file": ..., "person": ...}'
    if not isinstance(entries, list) or not entries:
        raise UsageError(f"The labels {file} are not {wanted}.")
    pairs: list[tuple[str, str]] = []
    for entry in entries:
        name = entry.get("file") if isinstance(entry, dict) else None
        person = entry.get("person") if isinstance(entry, dict) else None
        if not isinstance(name, str) or not isinstance(person, str | int):
            raise UsageError(f"The labels {file} are not {wanted}: {entry!r}.")
        pairs.append((name, str(person)))
    return pairs


def _photo_at(store: Store, path: bytes) -> PhotoId | None:
    for root in store.folders.roots():
        place = place_in(root, path)
        if place is not None:
            photo = store.files.photo_at(root.id, *place)
            if photo is not None:
                return photo
    return None
