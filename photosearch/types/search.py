"""What a search text is understood to mean."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from photosearch.types.basic import PersonId


class Role(StrEnum):
    """What a person in a search text is there for."""

    WITH = "with"  # they are on the photo
    WITHOUT = "without"  # they are not
    ONLY = "only"  # they are, and nobody but those asked for


@dataclass(frozen=True, slots=True)
class Mention:
    """A part of a search text that means a person: a chip.

    `start` and `end` count characters of the Python text (Qt counts UTF-16 units).
    """

    start: int
    end: int
    person: PersonId
    name: str
    role: Role = Role.WITH
    written: bool = False  # as `person:`, not only by the name


@dataclass(frozen=True, slots=True)
class Query:
    """A search text, taken apart."""

    text: str = ""  # as it was typed
    words: str = ""  # what is left to search for when the people are taken out
    mentions: tuple[Mention, ...] = ()  # from left to right
    notices: tuple[str, ...] = ()  # sentences on what could not be understood
    unknown: tuple[str, ...] = ()  # who must be on the photos too, and is nobody: none are found

    @property
    def people(self) -> tuple[PersonId, ...]:
        """Return who must be on the photos, each once."""
        return self._of(Role.WITH, Role.ONLY)

    @property
    def without(self) -> tuple[PersonId, ...]:
        """Return who must not be on them, each once."""
        return self._of(Role.WITHOUT)

    @property
    def only(self) -> bool:
        """Whether nobody but `people` may be on them."""
        return any(mention.role is Role.ONLY for mention in self.mentions)

    def _of(self, *roles: Role) -> tuple[PersonId, ...]:
        return tuple(dict.fromkeys(m.person for m in self.mentions if m.role in roles))


NO_QUERY = Query()


@dataclass(frozen=True, slots=True)
class Completion:
    """A name that what is being typed may become: put `insert` for `start` to `end`."""

    start: int
    end: int
    insert: str
    person: PersonId
    name: str
    photos: int = 0
