"""The verbs of `photosearch people` with which the user says something, and takes it back."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from photosearch import names
from photosearch.cli import output
from photosearch.cli.faces import face_line, face_value, person_line, person_value
from photosearch.errors import UsageError
from photosearch.library import Library
from photosearch.types import Box, FaceId, PersonId


def name(library: Library, given: argparse.Namespace) -> int:
    """Name a person, and say so where that makes two people one."""
    person = library.people.find(given.person)
    now = library.people.rename(person.id, given.name)
    done = _changed(library, given, now)
    if now != person.id:
        called = f"“{person.name}” ({person.id})" if person.name else f"Number {person.id}"
        output.hint(
            f"{called} is one with “{library.people.get(now).name}” ({now}) now: somebody had"
            " that name. “photosearch people undo” takes it back."
        )
    return done


def merge(library: Library, given: argparse.Namespace) -> int:
    into, *others = (library.people.find(each).id for each in given.people)
    return _changed(library, given, library.people.merge([into, *others], into))


def move(library: Library, given: argparse.Namespace) -> int:
    """Say that faces are another person, or with --new somebody who is not known yet."""
    if given.new:
        if any(names.same(person.name, given.person) for person in library.people.names()):
            raise UsageError(f"There is somebody named “{given.person}” already: leave out --new.")
        return _changed(library, given, library.people.name_faces(_ids(given), given.person))
    person = library.people.find(given.person)
    return _changed(library, given, library.people.move(_ids(given), person.id))


def confirm(library: Library, given: argparse.Namespace) -> int:
    person = library.people.find(given.person)
    library.people.confirm(_ids(given), person.id)
    return _changed(library, given, person.id)


def reject(library: Library, given: argparse.Namespace) -> int:
    """Say that faces are not a person, by default not who each is taken for."""
    if given.person:
        library.people.reject(_ids(given), library.people.find(given.person).id)
        return _done(library, given)
    taken = library.people.some_faces(_ids(given))
    if taken and all(face.person is None for face in taken):
        raise UsageError("These faces belong to nobody: say who they are not, with --person WHO.")
    library.people.reject(_ids(given))
    done = _done(library, given)
    groups = {face.person for face in taken if face.person is not None and not face.name}
    for group in sorted(groups):
        output.hint(
            f"That took faces out of group {group}, which has no name. A question is answered"
            " with --person WHO; “photosearch people undo” takes this back."
        )
    return done


def dismiss(library: Library, given: argparse.Namespace) -> int:
    library.people.dismiss(_ids(given))
    return _done(library, given)


def draw(library: Library, given: argparse.Namespace) -> int:
    """Add a face by its box in pixels of the upright photo."""
    photo = library.find(given.photo)
    details = library.details(photo) if photo is not None else None
    if photo is None or details is None:
        raise UsageError(f"There is no indexed photo at {given.photo}.")
    width, height = details.summary.width, details.summary.height
    if given.x + given.width > width or given.y + given.height > height:
        raise UsageError(f"The box is not inside the photo, which is {width} x {height} pixels.")
    box = Box(given.x / width, given.y / height, given.width / width, given.height / height)
    (face,) = library.people.some_faces([library.people.draw(photo, box, given.name)])
    if given.json:
        output.as_json(face_value(face) | {"person": face.person, "name": face.name})
    else:
        output.line(f"{face_line(face)}  {output.shown(face.name)}")
    return 0


def hide(library: Library, given: argparse.Namespace) -> int:
    library.people.set_hidden(_persons(library, given), True)
    return _done(library, given)


def unhide(library: Library, given: argparse.Namespace) -> int:
    persons = [library.people.find(each) for each in given.people]
    hidden = [person.id for person in persons if person.hidden]
    strangers = [person.id for person in persons if person.stranger]
    if hidden:
        library.people.set_hidden(hidden, False)
    if strangers:
        library.people.set_strangers(strangers, False)
    return _done(library, given)


def strangers(library: Library, given: argparse.Namespace) -> int:
    library.people.set_strangers(_persons(library, given), True)
    return _done(library, given)


def cover(library: Library, given: argparse.Namespace) -> int:
    person = library.people.find(given.person)
    library.people.set_cover(person.id, FaceId(given.face))
    return _changed(library, given, person.id, f", cover: face {given.face}")


def birthday(library: Library, given: argparse.Namespace) -> int:
    person = library.people.find(given.person)
    library.people.set_birthday(person.id, None if given.date == "none" else given.date)
    return _changed(library, given, person.id)


def undo(library: Library, given: argparse.Namespace) -> int:
    return _again(library.people.undo, given, "undone", "Undone")


def redo(library: Library, given: argparse.Namespace) -> int:
    return _again(library.people.redo, given, "redone", "Done again")


def _again(step: Callable[[], str], given: argparse.Namespace, key: str, word: str) -> int:
    """Undo or redo, as many times as is asked and there is something for."""
    titles = [step()]
    try:
        while len(titles) < (given.count or 1):
            titles.append(step())
    except UsageError as error:
        output.hint(str(error))
    if given.json:
        output.as_json({key: titles if given.count else titles[0]})
    else:
        for title in titles:
            output.line(f"{word}: {output.shown(title)}")
    return 0


def _ids(given: argparse.Namespace) -> list[FaceId]:
    return [FaceId(face) for face in given.faces]


def _persons(library: Library, given: argparse.Namespace) -> list[PersonId]:
    return [library.people.find(each).id for each in given.people]


def _changed(library: Library, given: argparse.Namespace, person: PersonId, more: str = "") -> int:
    """Show who somebody is now."""
    now = library.people.get(person)
    if given.json:
        output.as_json(person_value(now) | {"birthday": now.birthday, "cover": now.cover})
    else:
        output.line(person_line(now) + more)
    return 0


def _done(library: Library, given: argparse.Namespace) -> int:
    """Show what the journal calls that which was just done."""
    title = library.people.history().undo
    if given.json:
        output.as_json({"done": title})
    else:
        output.line(f"Done: {output.shown(title)}")
    return 0
