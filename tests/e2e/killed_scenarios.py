"""All scenarios of killing, and how many of 100 kills each is given."""

from __future__ import annotations

import random
from pathlib import Path

import tiny_models

from .killed_children import Converting, Fetching, Preparing, Trying
from .killed_working import Indexing, Switching, Window
from .killed_writing import Downloading, Migrating, Saving, Saying
from .killing import Scenario

# Of 100 kills; who is made of another comes after it.
SHARES = {
    "indexing": 14,
    "faces and grouping": 10,
    "naming people": 12,
    "switching models": 8,
    "downloading": 8,
    "saving the index": 8,
    "migrating": 6,
    "the window": 10,
    "converting a model": 6,
    "preparing a model": 6,
    "trying a card": 6,
    "fetching the GPU pack": 6,
}


class World:
    """All scenarios in one folder, each made when it is first asked for."""

    def __init__(self, place: Path, photos: Path, models: Path, *, large: bool = False) -> None:
        """`large` ones take minutes to live."""
        self._place = place
        self._photos = photos
        self._models = models
        self._large = large
        self._made: dict[str, Scenario] = {}

    def get(self, name: str) -> Scenario:
        if name not in self._made:
            scenario = self._new(name)
            scenario.name = name
            scenario.place = self._place / name.replace(" ", "-")
            scenario.place.mkdir(parents=True)
            scenario.make()
            self._made[name] = scenario
        return self._made[name]

    def _new(self, name: str) -> Scenario:
        clip, here, large = self._models / "standin-clip", self._place, self._large
        rows, graph_from, rounds = (52_000, 50_000, 40) if large else (1500, 1000, 15)
        pictures = sorted((self._photos / "classes" / "images").rglob("*.jpg"))
        some = random.Random(2).sample(pictures, 150 if large else 18)
        groups = sorted((self._photos / "groups" / "images").glob("*.jpg"))[: 16 if large else 4]
        pack = self._models / "standin-faces"
        return {
            "indexing": lambda: Indexing(here, model=clip, sources=some),
            "faces and grouping": lambda: Indexing(here, model=pack, sources=groups, lost=8),
            "naming people": lambda: Saying(
                here, base=self.get("faces and grouping").place / "reference"
            ),
            "switching models": lambda: Switching(
                here, model=clip, sources=some, like=self._indexing()
            ),
            "downloading": lambda: Downloading(here, model=clip),
            "saving the index": lambda: Saving(
                here, rows=rows, graph_from=graph_from, rounds=rounds
            ),
            "migrating": lambda: Migrating(here, base=self.get("saving the index").place / "base"),
            "the window": lambda: Window(here, model=clip, sources=some, like=self._indexing()),
            "converting a model": lambda: Converting(here, pause_s=0.1 if large else 0.03),
            "preparing a model": lambda: Preparing(
                here, model=clip if large else tiny_models.write(here / "tiny")
            ),
            "trying a card": lambda: Trying(here),
            "fetching the GPU pack": lambda: Fetching(here),
        }[name]()

    def _indexing(self) -> Indexing:
        like = self.get("indexing")
        assert isinstance(like, Indexing)
        return like

    def close(self) -> None:
        for scenario in self._made.values():
            if isinstance(scenario, Downloading):
                scenario.hub.stop()
