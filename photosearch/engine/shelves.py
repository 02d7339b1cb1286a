"""The vectors of the models in use: a shelf for each, put up when first needed."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from photosearch.engine.protocol import ModelChoice
from photosearch.engine.shelf import Shelf
from photosearch.errors import ModelError
from photosearch.types import ModelKey

_CHANGED = "The search model was changed meanwhile."


class Shelves:
    """Shelves by model key. A change of device or plan leaves them alone."""

    def __init__(self, *, build: bool) -> None:
        """`build` says whether graphs are built where there are none on disk."""
        self._build = build
        self._lock = threading.Lock()
        self._choices: dict[ModelKey, ModelChoice] = {}
        self._shelves: dict[ModelKey, Shelf] = {}

    def use(self, choices: Sequence[ModelChoice]) -> tuple[Shelf, ...]:
        """Keep the shelves of these models; return the others, for the caller to close."""
        with self._lock:
            before, self._choices = self._choices, {choice.key: choice for choice in choices}
            kept = {
                key
                for key, choice in self._choices.items()
                if key in before and _place(before[key]) == _place(choice)
            }
            dropped = [shelf for key, shelf in self._shelves.items() if key not in kept]
            self._shelves = {key: shelf for key, shelf in self._shelves.items() if key in kept}
            return tuple(dropped)

    def get(self, key: ModelKey) -> Shelf:
        """Return the shelf of a model in use, putting it up if it is not there."""
        with self._lock:
            if key not in self._choices:
                raise ModelError(_CHANGED)
            if key not in self._shelves:
                choice = self._choices[key]
                self._shelves[key] = Shelf(
                    choice.database, choice.dimension, key, choice.indexes, build=self._build
                )
            return self._shelves[key]

    def there(self, key: ModelKey) -> Shelf | None:
        """Return the shelf of a model if it has been put up."""
        with self._lock:
            return self._shelves.get(key)

    def all(self) -> tuple[Shelf, ...]:
        """Return the shelves that have been put up."""
        with self._lock:
            return tuple(self._shelves.values())


def _place(choice: ModelChoice) -> tuple[object, ...]:
    """Return what a shelf is made of."""
    return choice.database, choice.dimension, choice.indexes
