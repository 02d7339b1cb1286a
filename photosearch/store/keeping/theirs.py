"""Who of another library is who here: by their names, and by the faces that both speak of.

Part of an import, inside its action: adds what was not said of people here, overrides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Final

from photosearch.names import fold, tidy
from photosearch.store.keeping.document import SaidPerson
from photosearch.store.saying import PersonRow, Saying
from photosearch.types import Conflict

NEW: Final = 0  # the number of nobody
_NOBODY: Final = "somebody without a name"
_NO_FACE: Final = "no face"


class Theirs:
    """The people of one document, and who they are here as soon as that is known."""

    def __init__(self, saying: Saying, people: Iterable[SaidPerson]) -> None:
        self._saying = saying
        self._people = {person.id: person for person in people}
        self._numbers: dict[int, int] = {}  # theirs -> here
        # Who stands here where they say that one of theirs does.
        self._seen_as: dict[int, list[int]] = {}
        self.conflicts: list[Conflict] = []
        self.named = 0  # how many people have a name here now that had none

    def __contains__(self, theirs: int) -> bool:
        return theirs in self._people

    def see(self, theirs: int, here: int) -> None:
        """Note that one of theirs is where somebody stands here."""
        self._seen_as.setdefault(theirs, []).append(here)

    def make_named(self) -> None:
        """Make everybody who has a name, and is nobody here."""
        for theirs, person in self._people.items():
            if fold(person.name) and self.who(theirs) == NEW:
                self.make(theirs)

    def known(self, theirs: int) -> PersonRow | None:
        """Return somebody as here, as far as it was found out who that is."""
        return self._saying.person(self._numbers.get(theirs, NEW))

    def who(self, theirs: int) -> int:
        """Return who is meant by somebody of the document; `NEW` where that is nobody here."""
        if theirs not in self._numbers and (found := self._found(theirs)) is not None:
            self._numbers[theirs] = found
        return self._numbers.get(theirs, NEW)

    def make(self, theirs: int) -> int:
        """Add somebody of the document and return their number."""
        person = self._people[theirs]
        name, folded = tidy(person.name), fold(person.name)
        self.named += bool(folded)
        made = PersonRow(
            self._saying.new_number(),
            name if folded else "",
            folded,
            person.hidden,
            person.stranger,
            _day(person.birthday),
        )
        self._saying.put_person(made)
        self._numbers[theirs] = made.id
        return made.id

    def word(self, says: str, person: int | None) -> str:
        """Return in words what is said of a face, by the number of the person here."""
        if person is None:
            return _NO_FACE
        row = self._saying.person(person)
        name = row.name if row is not None and row.name else _NOBODY
        return f"not {name}" if says == "is not" else name

    def _found(self, theirs: int) -> int | None:
        """Return who has the name here; or who is on the same faces, if one of both has none."""
        person = self._people[theirs]
        known = self._saying.person_named(fold(person.name))
        for number in dict.fromkeys(self._seen_as.get(theirs, ())):
            seen = self._saying.person(number)
            if known is None and seen is not None and not (seen.name and fold(person.name)):
                known = seen
        if known is None:
            return None
        self._saying.put_person(self._merged(known, person))
        return known.id

    def _merged(self, known: PersonRow, person: SaidPerson) -> PersonRow:
        """Return somebody as here, with what was not said of them here."""
        birthday = _day(person.birthday)
        if known.birthday and birthday and known.birthday != birthday:
            self.conflicts.append(Conflict(known.name or _NOBODY, known.birthday, birthday))
        self.named += not known.name and bool(fold(person.name))
        shown, theirs = (known.hidden, known.stranger), (person.hidden, person.stranger)
        if shown != theirs and self._is_said_here(known.id):
            about = known.name or _NOBODY
            self.conflicts.append(Conflict(about, _standing(*shown), _standing(*theirs)))
            theirs = shown
        return replace(
            known,
            name=known.name or tidy(person.name),
            folded=known.folded or fold(person.name),
            birthday=known.birthday or birthday,
            hidden=theirs[0],
            stranger=theirs[1],
        )

    def _is_said_here(self, person: int) -> bool:
        """Whether the user spoke of somebody here, not only files."""
        return any(each.source != "file" for each in self._saying.said_of(person))


def _standing(hidden: bool, stranger: bool) -> str:
    return "a stranger" if stranger else "hidden" if hidden else "shown"


def _day(text: str | None) -> str | None:
    """Return a birthday, None where it is no day."""
    try:
        return date.fromisoformat(text).isoformat() if text else None
    except ValueError:
        return None
