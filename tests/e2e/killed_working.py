"""What is killed while models work: indexing, faces and grouping, a change of model, the window.

Each has a reference that nobody was killed in, made by the same program from the same files.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import time
import tomllib
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tiny_models

from photosearch.media.thumbs import ThumbStore
from photosearch.paths import Paths
from photosearch.store import Store

from .killing import ALL, DECODER, ENGINE, MAIN, Scenario, ask, left_behind
from .program import Program, copy_photos
from .tasks import open_library
from .test_killed import Marked

TASKS = Path(__file__).with_name("tasks.py")
# Counts what models are given, lets a graph be made of fewer rows and saved for each change; the
# program knows nothing of it.
SEAM = """
import os, sys
if "--engine" in sys.orig_argv:
    from photosearch.engine import inline
    from photosearch.index import hybrid

    hybrid.HybridIndex.__init__.__defaults__ = (int(os.environ["KILLING_GRAPH"]), None)
    hybrid.SAVE_LEAST = hybrid.SAVE_ABOVE = 0
    log = os.open(os.environ["KILLING_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def counted(verb):
        whole = getattr(inline.InlineEngine, verb)

        def call(engine, key, inputs):
            os.write(log, b"%d\\n" % len(inputs))
            return whole(engine, key, inputs)

        setattr(inline.InlineEngine, verb, call)

    counted("encode")
    counted("detect")
"""


def log_of(home: Path) -> Path:
    return home.with_name(f"{home.name}.log")


@dataclass
class Task(Scenario):
    """A scenario whose work is one of `tasks.py`."""

    graph_from: int = 50_000

    def command(self, home: Path) -> list[str | bytes]:
        return [sys.executable, str(TASKS), *self.arguments(home)]

    def arguments(self, home: Path) -> list[str]:
        raise NotImplementedError

    def start(self, marked: Marked, home: Path) -> subprocess.Popen[bytes]:
        seam = self.place / "seam"
        seam.mkdir(exist_ok=True)
        (seam / "sitecustomize.py").write_text(SEAM)
        return marked.begin(
            self.command(home),
            seam,
            KILLING_LOG=str(log_of(home)),
            KILLING_GRAPH=str(self.graph_from),
            QT_QPA_PLATFORM="offscreen",
        )

    def run(self, home: Path) -> bytes:
        """Do the work with nobody killed; returns what it said."""
        began = time.monotonic()
        process = self.start(Marked(Program(home)), home)
        with process:
            out, err = process.communicate(timeout=300)
        self.seconds = time.monotonic() - began
        assert process.returncode == 0, err
        return out


# --- indexing, with vectors or with faces ---------------------------------------------


def facts(home: Path) -> dict[str, Any]:
    """Return what a library holds but for vectors, in words that do not depend on row numbers."""
    people: dict[int, list[Any]] = defaultdict(list)
    for owner, *place in ask(
        home,
        "SELECT m.owner, hex(h.hash), round(p.x, 5), round(p.y, 5) FROM membership m"
        " JOIN place p ON p.id = m.place JOIN photo h ON h.id = p.photo ORDER BY 1, 2, 3, 4",
    ):
        people[owner].append(tuple(place))
    return {
        "files": sorted(ask(home, "SELECT dir, name, size, mtime_ns, state FROM file")),
        "photos": sorted(ask(home, "SELECT hex(hash), bytes, width, height, files FROM photo")),
        "faces": sorted(
            ask(
                home,
                "SELECT hex(h.hash), f.x, f.y, f.width, f.height, f.score, hex(f.vector)"
                " FROM face f JOIN place p ON p.id = f.place JOIN photo h ON h.id = p.photo",
            )
        ),
        "people": sorted(people.values()),
        "failures": ask(home, "SELECT * FROM failure"),
    }


def vectors(home: Path, model: str) -> dict[str, bytes]:
    query = (
        "SELECT hex(p.hash), e.vector FROM embedding e JOIN photo p ON p.id = e.photo"
        f" JOIN model m ON m.id = e.model WHERE m.name = '{model}'"
    )
    found: dict[str, bytes] = dict(ask(home, query))
    return found


@dataclass
class Indexing(Task):
    """Photos become searchable, or faces are found and grouped."""

    roles: tuple[str, ...] = (MAIN, ENGINE, DECODER, ALL)
    model: Path = Path()
    sources: list[Path] = field(default_factory=list)
    batch: int = 2
    lost: int = 4  # inputs of a model that a kill may cost: the two batches under way

    def arguments(self, home: Path) -> list[str]:
        return ["index", str(home)]

    def make(self) -> None:
        folder = self.place / "photos"
        for source in self.sources:
            copy_photos([source], folder / source.parent.name)
        library = open_library(self.place / "base", own_engine=False)
        try:
            library.add_model(str(self.model))
            library.settings.set("indexing.batch", self.batch)
            library.settings.set("appearance.theme", "light")
            library.add_folders([str(folder)])
        finally:
            library.close()
        reference = self.place / "reference"
        self.fresh(reference)
        self.run(reference)
        self.facts = facts(reference)
        self.made = [vectors(reference, self.model.name), self._from_thumbnails(reference)]
        assert len(self.facts["photos"]) == len(self.sources)
        assert self.made[0] or self.facts["people"]

    def _from_thumbnails(self, reference: Path) -> dict[str, bytes]:
        """Return the other vectors there can be: of photos that were looked at before a kill."""
        again = self.place / "again"
        shutil.copytree(reference, again)
        with Store.open(again / "library.db").database.transaction() as db:
            db.execute("DELETE FROM embedding")
            db.execute("DELETE FROM done WHERE stage = 'embed'")
        seconds = self.seconds
        self.run(again)
        self.seconds = seconds
        return vectors(again, self.model.name)

    def after_end(self, home: Path, said: bytes, kills: int) -> None:
        assert facts(home) == self.facts
        found = vectors(home, self.model.name)
        assert found.keys() == self.made[0].keys()
        odd = [key for key, each in found.items() if each not in [m[key] for m in self.made]]
        assert not odd, "vectors that no undisturbed run makes"
        self._once(home, kills)
        assert not left_behind(home), left_behind(home)

    def _once(self, home: Path, kills: int) -> None:
        """Nothing was written twice, and models were given again only what a kill had lost."""
        made = dict(ask(home, "SELECT name, seq FROM sqlite_sequence"))
        for table in ("photo", "file", "embedding", "face"):
            assert made.get(table, 0) == ask(home, f"SELECT count(*) FROM {table}")[0][0], table
        given = sum(map(int, log_of(home).read_text().split()))
        assert given <= len(self.sources) + kills * self.lost, "work was done again"
        paths = Paths.below(home)
        thumbs = ThumbStore(paths.thumbnails)
        keys = {key.hex().upper() for key in thumbs.keys(b"", 10_000)}
        thumbs.close()
        assert keys == {row[0] for row in self.facts["photos"]}


@dataclass
class Window(Indexing):
    """The same in the window itself, on no display, which begins to index when it is shown."""

    like: Indexing | None = None  # has the base and the reference

    def make(self) -> None:
        assert self.like is not None
        self.facts, self.made, self.seconds = self.like.facts, self.like.made, self.like.seconds

    def fresh(self, home: Path) -> None:
        assert self.like is not None
        shutil.copytree(self.like.place / "base", home)

    def command(self, home: Path) -> list[str | bytes]:
        return Program(home).command()

    def done(self, home: Path, process: subprocess.Popen[bytes]) -> bool:
        query = (
            "SELECT (SELECT count(*) FROM file WHERE state = 'known'),"
            " (SELECT count(*) FROM done WHERE stage = 'embed')"
        )
        with suppress(sqlite3.Error):  # it is yet to make its tables
            return ask(home, query) == [(len(self.sources), len(self.sources))]
        return False


# --- changing the search model --------------------------------------------------------


@dataclass
class Switching(Indexing):
    """All photos get vectors of another model, which then takes over."""

    like: Indexing | None = None  # has the photos, and the vectors of the model that comes

    def make(self) -> None:
        assert self.like is not None
        self.facts, self.seconds = self.like.facts, self.like.seconds
        library = open_library(self.place / "base", own_engine=False)
        try:
            library.add_model(str(tiny_models.write(self.place / "tiny")))
            library.add_folders([str(self.like.place / "photos")])
            library.index(lambda progress: None, lambda: None)
            library.add_model(str(self.model))
            library.settings.set("indexing.batch", self.batch)
            assert library.switching.choose(self.model.name)
        finally:
            library.close()
        self.before = vectors(self.place / "base", "tiny")

    def after_end(self, home: Path, said: bytes, kills: int) -> None:
        assert self.like is not None
        assert facts(home) == self.facts
        assert vectors(home, "tiny") == self.before
        made = vectors(home, self.model.name)
        assert made == self.like.made[1], "all are made from thumbnails"
        settings = tomllib.loads((home / "settings.toml").read_text())
        assert settings["search"]["model"] == self.model.name
        assert not settings["search"].get("coming")
        self._once(home, kills)
        assert not left_behind(home), left_behind(home)
