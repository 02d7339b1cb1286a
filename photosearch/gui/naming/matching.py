"""Which of the known people a few typed letters may mean."""

from __future__ import annotations

from collections.abc import Iterable

from photosearch.names import plain
from photosearch.search.names import Name, Names, key_of
from photosearch.types import Person, PersonId

SHOWN = 6


class KnownPeople:
    """Everybody who has a name, made ready for being asked at every key press."""

    def __init__(self, people: Iterable[Person] = ()) -> None:
        self._people = {person.id: person for person in people if person.name}
        self._names = Names(Name(person.id, person.name) for person in self._people.values())
        self._plain = [(plain(person.name), person.id) for person in self._people.values()]

    def fitting(
        self, typed: str, limit: int = SHOWN, *, but: PersonId | None = None
    ) -> list[Person]:
        """Return who may be meant, best first: the name begins so, a word of it does, it has it.

        Of several, those with most photos come first; nothing typed may mean everybody.
        """
        wanted = plain(" ".join(typed.split()))
        ranks = {person: 2 for name, person in self._plain if wanted in name}
        for name, first in self._names.fitting(key_of(typed)):
            ranks[name.person] = 0 if first else 1
        found = [(rank, self._people[who]) for who, rank in ranks.items() if who != but]
        found.sort(key=lambda each: (each[0], -each[1].photos, each[1].name))
        return [person for _rank, person in found[:limit]]
