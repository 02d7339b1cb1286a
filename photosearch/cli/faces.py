"""People and faces in lines and as JSON, and the verbs that only show them."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from photosearch.cli import output
from photosearch.library import Library
from photosearch.types import Person, PersonFace, Question

_UNNAMED = "(no name)"


def everybody(library: Library, given: argparse.Namespace) -> int:
    """List people and groups."""
    found = library.people.list(hidden=True)
    if given.json:
        output.as_json([person_value(person) for person in found])
        return 0
    for person in found:
        output.line(person_line(person))
    if not found:
        output.hint(_nobody(library))
    return 0


def _nobody(library: Library) -> str:
    if library.face_pack() is None:
        return "No people: add a face pack with “photosearch models add DIR”, then index."
    return "No people yet. Faces are looked for by “photosearch index”."


def of_person(library: Library, given: argparse.Namespace) -> int:
    """List the faces of a person."""
    person = library.people.find(given.person)
    faces = library.people.faces(person.id, order=given.order)
    if not given.json:
        output.line(person_line(person))
    return _faces(faces, given)


def unsorted(library: Library, given: argparse.Namespace) -> int:
    """List the faces that belong to nobody."""
    return _faces(library.people.unsorted(given.limit), given)


def _faces(faces: Iterable[PersonFace], given: argparse.Namespace) -> int:
    if given.json:
        output.as_json([face_value(face) for face in faces])
        return 0
    for face in faces:
        output.line(face_line(face))
    return 0


def questions(library: Library, given: argparse.Namespace) -> int:
    """List guesses, each with the words that answer it."""
    asked = library.people.find(given.person).id if given.person else None
    found = library.people.questions(asked, given.limit)
    if given.json:
        output.as_json(
            [
                face_value(question.face)
                | {"person": question.person.id, "name": question.person.name}
                | {"likeness": round(question.likeness, 4)}
                for question in found
            ]
        )
        return 0
    for question in found:
        _ask(question)
    return 0


def _ask(question: Question) -> None:
    face, person = question.face.id, question.person
    output.line(
        f"{face:>8}  Is this {output.shown(person.name)}?"
        f"  {output.shown(question.face.path)}  {question.likeness:.2f}"
    )
    verb = "photosearch people"
    output.line(
        f"{'':10}yes: {verb} confirm {face} {person.id}"
        f"   no: {verb} reject {face} --person {person.id}"
    )


def person_value(person: Person) -> dict[str, object]:
    """Return a person as one of a list is printed as JSON."""
    return {
        "id": person.id,
        "name": person.name,
        "faces": person.faces,
        "photos": person.photos,
        "hidden": person.hidden or person.stranger,
    }


def person_line(person: Person) -> str:
    """Return a person as one line: number, name, counts and what was said of them."""
    notes = [
        word for word, holds in (("hidden", person.hidden), ("stranger", person.stranger)) if holds
    ]
    if person.birthday:
        notes.append(f"born {person.birthday}")
    name = output.shown(person.name) or _UNNAMED
    counts = f"{output.count(person.faces, 'face')}, {output.count(person.photos, 'photo')}"
    return f"{person.id:>6}  {name}  {', '.join([counts, *notes])}"


def face_value(face: PersonFace) -> dict[str, object]:
    """Return a face as it is printed as JSON, with its box in pixels of the upright photo."""
    return {"face": face.id, "path": face.path, "box": _pixels(face), "score": face.score}


def face_line(face: PersonFace) -> str:
    """Return a face as one line: number, photo, box and how sure the detector was."""
    x, y, width, height = _pixels(face)
    said = "  said" if face.said else ""
    box = f"{width}x{height} at {x},{y}"
    return f"{face.id:>8}  {output.shown(face.path)}  {box}  {_score(face)}{said}"


def _pixels(face: PersonFace) -> list[int]:
    """Return x, y, width and height in pixels of the upright photo."""
    left, right = (round(at * face.width) for at in (face.box.x, face.box.x + face.box.width))
    top, bottom = (round(at * face.height) for at in (face.box.y, face.box.y + face.box.height))
    return [left, top, right - left, bottom - top]


def _score(face: PersonFace) -> str:
    return "drawn by hand" if face.score is None else f"{face.score:.2f}"
