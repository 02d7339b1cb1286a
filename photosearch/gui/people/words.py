"""What the people pages say, in the user's language."""

from __future__ import annotations

from photosearch.gui.text import _, joined, number, plural
from photosearch.gui.text import photos as photos_text
from photosearch.types import Person


def people(count: int) -> str:
    """Return "1 person", "217 people"."""
    return plural("{n} person", "{n} people", count)


def faces(count: int) -> str:
    """Return "1 face", "12 faces"."""
    return plural("{n} face", "{n} faces", count)


def questions(count: int, name: str = "") -> str:
    """Return what a button to the guesses says: of one person, or of several."""
    if name:
        return _("Is this {name}? ({n})").format(name=short(name), n=number(count))
    return plural("{n} question", "{n} questions", count)


def name(person: Person) -> str:
    """Return the name, or words for one that has none."""
    return person.name or _("Unnamed person")


def standing(person: Person) -> str:
    """Return why a person is usually not shown; empty when they are."""
    if person.stranger:
        return _("stranger")
    return _("hidden") if person.hidden else ""


def spoken(person: Person) -> str:
    """Return what a screen reader says of a person."""
    said = person.name or _("Unnamed person, type a name")
    parts = (said, photos_text(person.photos), standing(person))
    return joined(parts).replace("  ·  ", ", ")


def short(name: str, most: int = 20) -> str:
    """Return a name that fits on a button."""
    return name if len(name) <= most else name[: most - 2].rstrip() + "…"
