"""What the user says of people, as it is carried out on a lane, and how it is taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from photosearch.types import ActionId, History

if TYPE_CHECKING:
    from photosearch.library import Library

Verb = Literal[
    "rename",
    "name_faces",
    "merge",
    "move",
    "confirm",
    "reject",
    "dismiss",
    "set_hidden",
    "set_strangers",
    "set_cover",
    "set_birthday",
    "undo",
    "redo",
]


class Word:
    """Something the user said: what takes it back, before it is known which action it became.

    The lane that carries out one word after another fills it in; others read it after that.
    """

    __slots__ = ("action",)

    def __init__(self) -> None:
        self.action: ActionId | None = None  # None also where nothing changed


@dataclass(frozen=True, slots=True)
class Done:
    """Something the user said, carried out."""

    verb: Verb
    args: tuple[Any, ...]
    result: Any
    history: History  # what undo and redo would do now
    word: Word = field(default_factory=Word)


def carry_out(
    library: Library, call: Callable[..., Any], verb: Verb, args: tuple[Any, ...], word: Word
) -> Done:
    """Say something and look what undo would do now."""
    result = call(*args)
    word.action = library.people.last_action()
    return Done(verb, args, result, library.people.history(), word)


def take_back(library: Library, word: Word) -> Done | None:
    """Take back what a word did, nothing else; None where it did nothing."""
    if word.action is None:
        return None
    title = library.people.undo(word.action)
    return Done("undo", (), title, library.people.history())
