"""What the user says of people and faces, verb by verb, as changes of one action.

Saying anything of a group makes it a person with the same number, and says of all its faces that
they are that person: whatever grouping finds later, it holds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from photosearch.errors import UsageError
from photosearch.names import fold, tidy
from photosearch.store.saying import PersonRow, Saying
from photosearch.types import Box

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_FIRST_YEAR = 1800  # nobody on a photo was born before


def rename(saying: Saying, person: int, name: str) -> int:
    """Name a person; a name that somebody has merges the two, an empty one takes the name away."""
    shown, folded = _name(name)
    other = saying.person_named(folded)
    if other is not None and other.id != person:
        return merge(saying, [person], other.id)
    if not folded and saying.person(person) is None and saying.owned(person):
        return person  # a group has no name to take away
    row = _person(saying, person)
    if not row.name:
        _vouch(saying, row.id)
    saying.put_person(replace(row, name=shown, folded=folded))
    saying.title = f"Name {shown}" if shown else f"Take away the name {row.name}"
    _tidy(saying, [row.id])
    return row.id


def merge(saying: Saying, persons: Sequence[int], into: int) -> int:
    """Make people one; all that was said of them holds of `into`.

    The face that stood for whoever gives the name stands for all of them.
    """
    others = [person for person in dict.fromkeys(persons) if person != into]
    if not others:
        raise UsageError("Choose two people at least to merge them.")
    target = _person(saying, into)
    if not target.name:
        _vouch(saying, into)
    target = replace(target, cover=_cover(saying, into, others))
    places: list[int] = []
    for person in others:
        row = _person(saying, person)
        _vouch(saying, person, unless_not=into)
        for verdict in saying.said_of(person):
            saying.redirect(verdict, into)
            places.append(verdict.place)
        saying.disown(place for place in saying.owned(person) if not saying.is_said(place))
        saying.drop_person(person)
        target = replace(
            target,
            name=target.name or row.name,
            folded=target.folded or row.folded,
            birthday=target.birthday or row.birthday,
        )
    saying.put_person(target)
    saying.own(places)
    _tidy(saying, [into])
    saying.title = (
        f"Merge {_count(len(others))} into {target.name}"
        if target.name
        else f"Merge {_count(len(others) + 1)}"
    )
    return into


def _cover(saying: Saying, into: int, others: Sequence[int]) -> int | None:
    """Return the face that is to stand for people who become one: of the first with a name."""
    everybody = [saying.person(person) or PersonRow(person) for person in (into, *others)]
    everybody.sort(key=lambda row: not row.name)
    faces = (row.cover or saying.best_face(row.id) for row in everybody)
    return next((face for face in faces if face is not None), None)


def name_faces(saying: Saying, faces: Sequence[int], name: str) -> int:
    """Say that faces are the person of a name, who is made if there is none."""
    shown, folded = _name(name)
    if not folded:
        raise UsageError("Give a name.")
    _known(saying, faces)
    row = saying.person_named(folded)
    if row is None:
        row = PersonRow(saying.new_number(), shown, folded)
        saying.put_person(row)
    saying.title = f"Move {_faces(len(faces))} to {row.name}"
    _hand_over(saying, faces, row.id)
    return row.id


def name_face(saying: Saying, face: int, name: str) -> int:
    """Say who a face is; a group that nobody named yet gets the name as a whole."""
    group = saying.owner(face)
    known = saying.person(group) if group is not None else None
    if group is None or not fold(name) or (known is not None and known.name):
        return name_faces(saying, [face], name)
    return rename(saying, group, name)


def move(saying: Saying, faces: Sequence[int], person: int | None) -> int:
    """Say that faces are another person, or a new one, and not those they were taken for."""
    _known(saying, faces)
    if person is None:
        row = PersonRow(saying.new_number())
        saying.put_person(row)
    else:
        row = _person(saying, person)
    saying.title = f"Move {_faces(len(faces))} to {row.name or 'another person'}"
    _hand_over(saying, faces, row.id)
    return row.id


def confirm(saying: Saying, faces: Sequence[int], person: int) -> None:
    """Say that faces are a person."""
    _known(saying, faces)
    row = _person(saying, person)
    former = {owner for face in faces if (owner := saying.owner(face)) not in (None, person)}
    for face in faces:
        saying.say(face, person, "is", "face")
    saying.own(faces)
    _tidy(saying, [owner for owner in former if owner is not None])
    saying.title = f"Confirm {row.name or 'a person'} ({_faces(len(faces))})"


def reject(saying: Saying, faces: Sequence[int], person: int | None) -> None:
    """Say that faces are not a person, by default the one each belongs to."""
    _known(saying, faces)
    of: dict[int, list[int]] = {}
    for face in faces:
        whom = saying.owner(face) if person is None else person
        if whom is not None:
            of.setdefault(whom, []).append(face)
    if not of:
        raise UsageError("These faces belong to nobody: there is nothing to take back.")
    called = []
    for whom, rejected in of.items():
        row = _person(saying, whom)
        called.append(row.name or "this person")
        for face in rejected:
            saying.say(face, whom, "is not", "face")
    saying.own(faces)
    _tidy(saying, list(of))
    saying.title = f"Not {called[0] if len(of) == 1 else _count(len(of))} ({_faces(len(faces))})"


def dismiss(saying: Saying, faces: Sequence[int]) -> None:
    """Say that there are no faces."""
    _known(saying, faces)
    former = {owner for face in faces if (owner := saying.owner(face)) is not None}
    for face in faces:
        saying.say(face, None, "no face", "face")
    saying.own(faces)
    _tidy(saying, sorted(former))
    saying.title = "Not a face" if len(faces) == 1 else f"Not faces ({len(faces)})"


def draw(saying: Saying, photo: int, box: Box, name: str) -> int:
    """Say that there is a face, and whose."""
    left, top = max(0.0, box.x), max(0.0, box.y)
    right, bottom = min(1.0, box.x + box.width), min(1.0, box.y + box.height)
    if not (left < right and top < bottom):
        raise UsageError("Draw the box on the photo.")
    place = saying.place_for(photo, Box(left, top, right - left, bottom - top))
    if place is None:
        raise UsageError(f"There is no photo {photo}.")
    name_faces(saying, [place], name)
    saying.title = f"Add a face of {tidy(name)}"
    return place


def set_hidden(saying: Saying, persons: Sequence[int], value: bool) -> None:
    """Hide people that are of no interest, or show them again."""
    rows = _spoken_of(saying, persons)
    for row in rows:
        saying.put_person(replace(row, hidden=value))
    saying.title = f"{'Hide' if value else 'Show'} {_called(rows)}"


def set_strangers(saying: Saying, persons: Sequence[int], value: bool) -> None:
    """Say that people are strangers, or that they are not."""
    rows = _spoken_of(saying, persons)
    for row in rows:
        saying.put_person(replace(row, stranger=value))
    who = _called(rows)
    one = len(rows) == 1
    if value:
        saying.title = f"Mark {who} as {'a stranger' if one else 'strangers'}"
    else:
        saying.title = f"Mark {who} as no {'stranger' if one else 'strangers'}"


def set_cover(saying: Saying, person: int, face: int) -> None:
    """Choose the face that stands for a person."""
    _known(saying, [face])
    row = _person(saying, person)
    if saying.owner(face) != person:
        raise UsageError(f"Face {face} is not one of {row.name or 'this person'}.")
    saying.put_person(replace(row, cover=face))
    saying.title = f"Choose the cover of {row.name or 'a person'}"


def set_birthday(saying: Saying, person: int, birthday: str | None) -> None:
    """Note a birthday, YYYY-MM-DD, or take it away."""
    row = _person(saying, person)
    saying.put_person(replace(row, birthday=_day(birthday) if birthday else None))
    saying.title = f"Birthday of {row.name or 'a person'}"


def _hand_over(saying: Saying, faces: Sequence[int], to: int) -> None:
    """Say that faces are one person and not those they belonged to."""
    former = dict.fromkeys(saying.owner(face) for face in faces)
    others = [owner for owner in former if owner is not None and owner != to]
    for owner in others:
        _person(saying, owner)
    for face in faces:
        before = saying.owner(face)
        saying.say(face, to, "is", "face")
        if before is not None and before != to:
            saying.say(face, before, "is not", "face")
    saying.own(faces)
    _tidy(saying, others)


def _person(saying: Saying, person: int) -> PersonRow:
    """Return somebody to speak of: a group becomes a person."""
    row = saying.person(person)
    if row is not None:
        return row
    if not saying.owned(person):
        raise UsageError(f"There is no person {person}.")
    row = PersonRow(person)
    saying.put_person(row)
    _vouch(saying, person)
    return row


def _vouch(saying: Saying, person: int, unless_not: int | None = None) -> None:
    """Say of all faces found for a person that they are; not where it is said they are not
    `unless_not`, as who they are to become part of."""
    for place in saying.owned(person):
        said = saying.said_at(place)
        if any(v.says != "is not" or v.person == unless_not for v in said):
            continue
        saying.say(place, person, "is", "group")


def _tidy(saying: Saying, persons: Sequence[int]) -> None:
    """Let people go who have no face and no name, and covers that are somebody else's now."""
    for person in persons:
        row = saying.person(person)
        if row is None:
            continue
        said = any(verdict.says == "is" for verdict in saying.said_of(person))
        if not row.name and not said and not saying.owned(person):
            saying.drop_person(person)
        elif row.cover is not None and saying.owner(row.cover) != person:
            saying.put_person(replace(row, cover=None))


def _spoken_of(saying: Saying, persons: Sequence[int]) -> list[PersonRow]:
    if not persons:
        raise UsageError("Choose somebody first.")
    rows = [_person(saying, person) for person in dict.fromkeys(persons)]
    for row in rows:
        if not row.name:
            _vouch(saying, row.id)
    return rows


def _known(saying: Saying, faces: Sequence[int]) -> None:
    if not faces:
        raise UsageError("Choose a face first.")
    for face in faces:
        if saying.photo_of(face) is None:
            raise UsageError(f"There is no face {face}.")


def _name(name: str) -> tuple[str, str]:
    """Return a name as it is shown and as it is compared."""
    shown = tidy(name)
    if shown.isdecimal():
        raise UsageError(f"“{shown}” would be taken for a number: a name needs a letter.")
    return (shown, folded) if (folded := fold(shown)) else ("", "")


def _day(text: str) -> str:
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"“{text}” is no day: write a birthday as year-month-day, such as 1984-07-31."
        ) from None
    if day.year < _FIRST_YEAR or day > date.today():
        raise UsageError(f"Nobody on a photo was born on {text}: check the year.")
    return text


def _called(rows: Sequence[PersonRow]) -> str:
    return (rows[0].name or "a person") if len(rows) == 1 else _count(len(rows))


def _count(people: int) -> str:
    return "1 person" if people == 1 else f"{people} people"


def _faces(faces: int) -> str:
    return "1 face" if faces == 1 else f"{faces} faces"
