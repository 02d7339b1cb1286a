"""What was done, as a sentence for the toast."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from photosearch.gui.people import words
from photosearch.gui.people.saying import Done, Verb
from photosearch.gui.text import _, plural
from photosearch.gui.told import told as said
from photosearch.types import Person, PersonId

Known = Mapping[PersonId, Person]


def told(done: Done, known: Known) -> str:
    """Say what was done; `known` is who there was before it."""
    if done.verb == "undo":
        return _("Undone: {title}").format(title=said(done.result))
    if done.verb == "redo":
        return _("Done again: {title}").format(title=said(done.result))
    tell = _TELLERS.get(done.verb)
    return tell(done.args, done.result, known) if tell is not None else said(done.history.undo)


def _name(person: PersonId | None, known: Known) -> str:
    found = known.get(person) if person is not None else None
    return found.name if found is not None else ""


def _renamed(args: tuple[Any, ...], result: Any, known: Known) -> str:
    person, name = args
    if result != person:
        return _("Merged into {name}").format(name=_name(result, known) or name)
    return _("Named {name}").format(name=name) if name else _("The name is taken away")


def _named(args: tuple[Any, ...], _result: Any, _known: Known) -> str:
    faces, name = args
    return _("Moved {faces} to {name}").format(faces=words.faces(len(faces)), name=name)


def _merged(args: tuple[Any, ...], _result: Any, known: Known) -> str:
    persons, into = args
    everyone = dict.fromkeys((into, *persons))
    name = next((name for each in everyone if (name := _name(each, known))), "")
    if not name:
        return _("Merged {people}").format(people=words.people(len(everyone)))
    others = words.people(len(everyone) - 1)
    return _("Merged {people} into {name}").format(people=others, name=name)


def _moved(args: tuple[Any, ...], _result: Any, known: Known) -> str:
    faces, person = args
    count = words.faces(len(faces))
    if person is None:
        return _("Moved {faces} to a new person").format(faces=count)
    name = _name(person, known) or _("another person")
    return _("Moved {faces} to {name}").format(faces=count, name=name)


def _confirmed(args: tuple[Any, ...], _result: Any, known: Known) -> str:
    faces, person = args
    name = _name(person, known) or _("this person")
    return _("Confirmed {faces} of {name}").format(faces=words.faces(len(faces)), name=name)


def _rejected(args: tuple[Any, ...], _result: Any, known: Known) -> str:
    faces, person = args
    name = _name(person, known) or _("this person")
    said = plural("Noted: {n} face is not {name}", "Noted: {n} faces are not {name}", len(faces))
    return said.replace("{name}", name)


def _dismissed(args: tuple[Any, ...], _result: Any, _known: Known) -> str:
    return _("Taken away, not a face: {n}").format(n=len(args[0]))


def _hidden(args: tuple[Any, ...], _result: Any, known: Known) -> str:
    persons, value = args
    who = _who(persons, known)
    return (_("Hid {who}") if value else _("Showing {who} again")).format(who=who)


def _estranged(args: tuple[Any, ...], _result: Any, known: Known) -> str:
    persons, value = args
    text = _("Never asked about again: {who}") if value else _("No stranger any more: {who}")
    return text.format(who=_who(persons, known))


def _who(persons: tuple[PersonId, ...], known: Known) -> str:
    name = _name(persons[0], known) if len(persons) == 1 else ""
    return name or words.people(len(persons))


def _covered(args: tuple[Any, ...], _result: Any, known: Known) -> str:
    name = _name(args[0], known) or _("this person")
    return _("This face stands for {name} now").format(name=name)


def _born(args: tuple[Any, ...], _result: Any, _known: Known) -> str:
    return _("The birthday is noted") if args[1] else _("The birthday is forgotten")


_TELLERS: dict[Verb, Callable[[tuple[Any, ...], Any, Known], str]] = {
    "rename": _renamed,
    "name_faces": _named,
    "merge": _merged,
    "move": _moved,
    "confirm": _confirmed,
    "reject": _rejected,
    "dismiss": _dismissed,
    "set_hidden": _hidden,
    "set_strangers": _estranged,
    "set_cover": _covered,
    "set_birthday": _born,
}
