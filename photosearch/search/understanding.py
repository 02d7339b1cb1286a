"""Understanding search texts with the names the library knows now."""

from __future__ import annotations

from dataclasses import dataclass

from photosearch.errors import StoreError
from photosearch.search.completing import complete
from photosearch.search.names import Name, Names
from photosearch.search.parsing import parse
from photosearch.store import Store
from photosearch.types import Completion, PersonId, Query


@dataclass(frozen=True, slots=True)
class _Known:
    rows: tuple[Name, ...]
    names: Names


class Understanding:
    """Who is meant by a text; asked at every key press, so names are sorted only once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known = _Known((), Names(()))

    def query(self, text: str) -> Query:
        """Take a search text apart. Without names it is all words, and a notice says why."""
        try:
            return parse(text, self._names())
        except StoreError as error:
            return Query(text, " ".join(text.split()), notices=(str(error),))

    def complete(self, text: str, cursor: int) -> tuple[Completion, ...]:
        """Return the names that the word at the cursor may become, the likeliest first."""
        return complete(text, cursor, self._names(), self._counts)

    def _counts(self) -> dict[PersonId, int]:
        return {person.id: person.photos for person in self._store.persons.named()}

    def _names(self) -> Names:
        rows = tuple(
            Name(person, name, open=not hidden)
            for person, name, hidden in self._store.persons.names()
        )
        if rows != self._known.rows:  # one assignment: other threads see the old or the new
            self._known = _Known(rows, Names(rows))
        return self._known.names
