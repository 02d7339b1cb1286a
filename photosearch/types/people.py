"""Faces and the people they belong to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photosearch.types.basic import FaceId, PersonId, PhotoId, Vector
from photosearch.types.media import Box


@dataclass(frozen=True, slots=True)
class DetectedFace:
    """A face as a face pack saw it; what could not be measured is None."""

    box: Box  # clipped to the picture
    landmarks: npt.NDArray[np.float32]  # [5, 2] fractions: eyes, nose, corners of the mouth
    score: float  # the detector's, 0 to 1
    sharpness: float | None
    size_px: float  # shorter side of the box in pixels of the original
    yaw: float | None  # degrees, estimated from the landmarks
    pitch: float | None
    roll: float | None
    vector: Vector


@dataclass(frozen=True, slots=True)
class Person:
    """A person the user spoke of, or a group of faces that are found to be alike.

    A group becomes a person, with the same number, as soon as the user says anything of it.
    """

    id: PersonId
    name: str  # "" while nobody has named them
    faces: int
    photos: int
    hidden: bool = False
    stranger: bool = False  # never asked about again
    birthday: str | None = None  # YYYY-MM-DD
    cover: FaceId | None = None
    group: bool = False  # nothing was said of them yet


@dataclass(frozen=True, slots=True)
class PersonFace:
    """One face on one photo, and whose it is."""

    id: FaceId
    photo: PhotoId
    path: str  # a full path of one of the photo's files
    box: Box
    width: int  # of the upright photo, in pixels
    height: int
    taken_at: str | None = None  # None also where only the file's own time is known: a guess
    person: PersonId | None = None
    name: str = ""
    score: float | None = None  # the detector's; None where the user drew the box
    said: bool = False  # the user said whose it is
    doubt: float = 0.0  # 0 sure, 1 hardly


@dataclass(frozen=True, slots=True)
class Question:
    """Is this Anna? `likeness` is the cosine to the nearest of her faces."""

    face: PersonFace
    person: Person
    likeness: float


@dataclass(frozen=True, slots=True)
class History:
    """What undo and redo would do now, as titles; empty when there is nothing."""

    undo: str = ""
    redo: str = ""


@dataclass(frozen=True, slots=True)
class GroupReport:
    """What a grouping of faces gave."""

    faces: int
    assigned: int
    people: int
    groups: int
    seconds: float
    whole: bool  # all were grouped anew, not only new ones added


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well groups agree with labels, each 0 to 1 but for the two counts."""

    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float
    pairwise_f1: float
    assigned: int
    faces: int
