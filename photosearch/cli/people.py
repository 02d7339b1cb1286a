"""`photosearch people`: who is on the photos, and what the user says of it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict

from photosearch.cli import output
from photosearch.cli.indexing import progress, stoppable
from photosearch.library import Library
from photosearch.types import FaceId, Person, PersonFace, PersonId

Verb = Callable[[Library, argparse.Namespace], int]
_UNNAMED = "(no name)"


def people(library: Library, given: argparse.Namespace) -> int:
    """Do what the verb says."""
    return VERBS[given.verb](library, given)


# --- who there is ---


def _list(library: Library, given: argparse.Namespace) -> int:
    found = library.people.list(hidden=True)
    if given.json:
        output.as_json([_person(person) for person in found])
        return 0
    for person in found:
        output.line(_line(person))
    if not found:
        output.hint(_nobody(library))
    return 0


def _nobody(library: Library) -> str:
    if library.face_pack() is None:
        return "No people: add a face pack with “photosearch models add DIR”, then index."
    return "No people yet. Faces are looked for by “photosearch index”."


def _show(library: Library, given: argparse.Namespace) -> int:
    person = library.people.find(given.person)
    faces = library.people.faces(person.id, order=given.order)
    if not given.json:
        output.line(_line(person))
    return _faces(faces, given)


def _unsorted(library: Library, given: argparse.Namespace) -> int:
    return _faces(library.people.unsorted(given.limit), given)


def _faces(faces: Iterable[PersonFace], given: argparse.Namespace) -> int:
    if given.json:
        output.as_json([_face(face) for face in faces])
        return 0
    for face in faces:
        x, y, width, height = _pixels(face)
        said = "  said" if face.said else ""
        output.line(
            f"{face.id:>8}  {output.shown(face.path)}  {width}x{height} at {x},{y}"
            f"  {_score(face)}{said}"
        )
    return 0


def _questions(library: Library, given: argparse.Namespace) -> int:
    asked = library.people.find(given.person).id if given.person else None
    found = library.people.questions(asked, given.limit)
    if given.json:
        output.as_json(
            [
                _face(question.face)
                | {"person": question.person.id, "name": question.person.name}
                | {"likeness": round(question.likeness, 4)}
                for question in found
            ]
        )
        return 0
    for question in found:
        output.line(
            f"{question.face.id:>8}  Is this {output.shown(question.person.name)}?"
            f"  {output.shown(question.face.path)}  {question.likeness:.2f}"
        )
    return 0


def _person(person: Person) -> dict[str, object]:
    return {
        "id": person.id,
        "name": person.name,
        "faces": person.faces,
        "photos": person.photos,
        "hidden": person.hidden or person.stranger,
    }


def _line(person: Person) -> str:
    notes = [
        word for word, holds in (("hidden", person.hidden), ("stranger", person.stranger)) if holds
    ]
    name = output.shown(person.name) or _UNNAMED
    counts = f"{output.count(person.faces, 'face')}, {output.count(person.photos, 'photo')}"
    return f"{person.id:>6}  {name}  {', '.join([counts, *notes])}"


def _face(face: PersonFace) -> dict[str, object]:
    return {"face": face.id, "path": face.path, "box": _pixels(face), "score": face.score}


def _pixels(face: PersonFace) -> list[int]:
    """Return x, y, width and height in pixels of the upright photo."""
    left, right = (round(at * face.width) for at in (face.box.x, face.box.x + face.box.width))
    top, bottom = (round(at * face.height) for at in (face.box.y, face.box.y + face.box.height))
    return [left, top, right - left, bottom - top]


def _score(face: PersonFace) -> str:
    return "drawn by hand" if face.score is None else f"{face.score:.2f}"


# --- what the user says ---


def _name(library: Library, given: argparse.Namespace) -> int:
    person = library.people.find(given.person)
    return _changed(library, given, library.people.rename(person.id, given.name))


def _merge(library: Library, given: argparse.Namespace) -> int:
    into, *others = (library.people.find(each).id for each in given.people)
    return _changed(library, given, library.people.merge([into, *others], into))


def _move(library: Library, given: argparse.Namespace) -> int:
    person = library.people.find(given.person)
    return _changed(library, given, library.people.move(_ids(given), person.id))


def _confirm(library: Library, given: argparse.Namespace) -> int:
    person = library.people.find(given.person)
    library.people.confirm(_ids(given), person.id)
    return _changed(library, given, person.id)


def _reject(library: Library, given: argparse.Namespace) -> int:
    person = library.people.find(given.person).id if given.person else None
    library.people.reject(_ids(given), person)
    return _done(library, given)


def _hide(library: Library, given: argparse.Namespace) -> int:
    library.people.set_hidden(_persons(library, given), True)
    return _done(library, given)


def _unhide(library: Library, given: argparse.Namespace) -> int:
    persons = [library.people.find(each) for each in given.people]
    hidden = [person.id for person in persons if person.hidden]
    strangers = [person.id for person in persons if person.stranger]
    if hidden:
        library.people.set_hidden(hidden, False)
    if strangers:
        library.people.set_strangers(strangers, False)
    return _done(library, given)


def _strangers(library: Library, given: argparse.Namespace) -> int:
    library.people.set_strangers(_persons(library, given), True)
    return _done(library, given)


def _cover(library: Library, given: argparse.Namespace) -> int:
    person = library.people.find(given.person)
    library.people.set_cover(person.id, FaceId(given.face))
    return _changed(library, given, person.id)


def _birthday(library: Library, given: argparse.Namespace) -> int:
    person = library.people.find(given.person)
    library.people.set_birthday(person.id, None if given.date == "none" else given.date)
    return _changed(library, given, person.id)


def _undo(library: Library, given: argparse.Namespace) -> int:
    return _told(given, "undone", "Undone", library.people.undo())


def _redo(library: Library, given: argparse.Namespace) -> int:
    return _told(given, "redone", "Done again", library.people.redo())


def _ids(given: argparse.Namespace) -> list[FaceId]:
    return [FaceId(face) for face in given.faces]


def _persons(library: Library, given: argparse.Namespace) -> list[PersonId]:
    return [library.people.find(each).id for each in given.people]


def _changed(library: Library, given: argparse.Namespace, person: PersonId) -> int:
    """Show who somebody is now."""
    now = library.people.get(person)
    if given.json:
        output.as_json(_person(now))
    else:
        output.line(_line(now))
    return 0


def _done(library: Library, given: argparse.Namespace) -> int:
    """Show what the journal calls that which was just done."""
    return _told(given, "done", "Done", library.people.history().undo)


def _told(given: argparse.Namespace, key: str, word: str, title: str) -> int:
    if given.json:
        output.as_json({key: title})
    else:
        output.line(f"{word}: {output.shown(title)}")
    return 0


# --- grouping ---


def _regroup(library: Library, given: argparse.Namespace) -> int:
    if given.strictness is not None:
        library.settings.set("faces.strictness", given.strictness)
    with stoppable() as check, progress() as report:
        done = library.people.group(report, check, whole=True)
    if given.json:
        output.as_json(asdict(done))
        return 0
    output.line(
        f"{done.assigned} of {output.count(done.faces, 'face')} belong to "
        f"{output.count(done.people, 'person').replace('persons', 'people')} and "
        f"{output.count(done.groups, 'group')} without a name ({done.seconds:.1f} s)"
    )
    return 0


def _evaluate(library: Library, given: argparse.Namespace) -> int:
    found = asdict(library.people.evaluate(given.labels))
    if given.json:
        output.as_json(found)
        return 0
    for name, value in found.items():
        shown = value if isinstance(value, int) else f"{value:.4f}"
        output.line(f"{name.replace('_', ' ')}: {shown}")
    return 0


VERBS: Mapping[str, Verb] = {
    "list": _list,
    "show": _show,
    "name": _name,
    "merge": _merge,
    "move": _move,
    "confirm": _confirm,
    "reject": _reject,
    "hide": _hide,
    "unhide": _unhide,
    "strangers": _strangers,
    "cover": _cover,
    "birthday": _birthday,
    "unsorted": _unsorted,
    "questions": _questions,
    "undo": _undo,
    "redo": _redo,
    "regroup": _regroup,
    "evaluate": _evaluate,
}
