"""What is killed while files are written: what the user says, a model that comes, index, library.

Each has a reference that nobody was killed in, made by the same program from the same files.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import sqlite3
import subprocess
import time
import tomllib
from collections import defaultdict
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hub_server
import numpy as np
import tiny_models
from bench import filling

from photosearch.index.cache import IndexCache
from photosearch.index.reduced import ReducedGraph
from photosearch.paths import Paths
from photosearch.store import migrating
from photosearch.types import ModelKey

from .killed_working import Task
from .killing import ALL, ENGINE, MAIN, Scenario, ask, left_behind
from .program import Program
from .tasks import do_deed, open_library, vector_of
from .test_killed import Marked
from .test_upgraded import make_former

# --- what the user says ---------------------------------------------------------------

SAID = {
    "person": "SELECT id, name, folded, hidden, stranger, birthday, cover FROM person ORDER BY id",
    "verdict": "SELECT id, place, person, says, source FROM verdict ORDER BY id",
    "place": "SELECT id, photo, x, y, width, height, drawn FROM place ORDER BY id",
    "membership": "SELECT place, owner, doubt FROM membership ORDER BY place",
    "favourite": "SELECT photo FROM favourite ORDER BY photo",
    "action": "SELECT id, title, undone FROM action ORDER BY id",
    "change": "SELECT action, step, kind, row, before, after FROM action_change ORDER BY 1, 2",
    "folder": "SELECT path, search, exclude, faces FROM folder ORDER BY path",
}


def said(home: Path) -> dict[str, Any]:
    """Return everything that the user said, and the journal of it."""
    found: dict[str, Any] = {
        name: [tuple(map(_timeless, row)) for row in ask(home, query)]
        for name, query in SAID.items()
    }
    found["settings"] = tomllib.loads((home / "settings.toml").read_text())
    return found


def _timeless(value: Any) -> Any:
    return re.sub(r'"at": "[^"]*"', "", value) if isinstance(value, str) else value


@dataclass
class Saying(Task):
    """Names, corrections, favourites, undo, settings, the choice of models: one by one."""

    roles: tuple[str, ...] = (MAIN, ALL)
    base: Path = Path()  # a library with people in it
    deeds: int = 60
    seed: str = "deeds"

    def make(self) -> None:
        shutil.copytree(self.base, self.place / "base")
        library = open_library(self.place / "base", own_engine=False)
        try:
            for name, size in (("tiny a", 8), ("tiny b", 10)):
                tiny = tiny_models.Tiny(size_px=size)
                library.add_model(str(tiny_models.write(self.place / name, tiny)))
        finally:
            library.close()
        reference = self.place / "reference"
        self.fresh(reference)
        library = open_library(reference, own_engine=False)
        self.states = [said(reference)]
        try:
            for number in range(self.deeds):
                do_deed(library, self.seed, number)
                self.states.append(said(reference))
        finally:
            library.close()
        assert len({json.dumps(state, default=repr) for state in self.states}) > self.deeds / 2
        self.begun: dict[Path, int] = defaultdict(int)
        self.seconds = 1.0
        timed = self.place / "timed"
        self.fresh(timed)
        self.run(timed)

    def arguments(self, home: Path) -> list[str]:
        return ["say", str(home), self.seed, str(self.begun[home]), str(self.deeds)]

    def after_kill(self, home: Path, said_: bytes) -> None:
        """What was acknowledged is there; what was being said is there whole, or not at all."""
        known = self.begun[home] + len(said_.splitlines())
        now = said(home)
        there = [n for n in (known, known + 1) if n <= self.deeds and self.states[n] == now]
        assert there, f"after {known} of {self.deeds} deeds: {self._difference(known, now)}"
        self.begun[home] = there[-1]

    def _difference(self, known: int, now: dict[str, Any]) -> dict[str, Any]:
        before = self.states[known]
        return {name: (before[name], now[name]) for name in now if before[name] != now[name]}

    def after_end(self, home: Path, said_: bytes, kills: int) -> None:
        assert said(home) == self.states[-1], self._difference(-1, said(home))


# --- downloading ----------------------------------------------------------------------

MODEL = "ViT-B-32__openai"
VISUAL = "visual/model.onnx"


@dataclass
class Downloading(Scenario):
    """A model comes from a hub on loopback, slowly."""

    roles: tuple[str, ...] = (MAIN,)
    model: Path = Path()
    hub: hub_server.Hub = field(default_factory=hub_server.Hub)

    def make(self) -> None:
        self.hub.add(f"immich-app/{MODEL}", self.model)
        self.hub.faults.chunk_s = 0.0005
        self.hub.start()
        (self.place / "base").mkdir(parents=True)
        reference = self.place / "reference"
        self.fresh(reference)
        began = time.monotonic()
        with self.start(Marked(Program(reference)), reference) as process:
            _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        self.seconds = time.monotonic() - began
        self.files = self._files(reference)
        self.kept: dict[Path, int] = defaultdict(int)
        self.hub.asked.clear()

    def _files(self, home: Path) -> dict[str, bytes]:
        folder = home / "models" / MODEL
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def start(self, marked: Marked, home: Path) -> subprocess.Popen[bytes]:
        command = marked.program.command("models", "get", MODEL, "--json")
        return marked.begin(
            command,
            HF_ENDPOINT=self.hub.url,
            HF_HUB_OFFLINE=None,
            HF_TOKEN=None,
            HF_HOME=str(home / "hub"),
        )

    def after_kill(self, home: Path, said_: bytes) -> None:
        self._gone_on(home)
        part = home / "models" / f"{MODEL}.part" / VISUAL
        partial = part.with_name(part.name + ".part")
        self.kept[home] = partial.stat().st_size if partial.exists() else 0
        if part.exists() or (home / "models" / MODEL).exists():
            self.kept[home] = -1

    def _gone_on(self, home: Path) -> None:
        """The file was asked for from where it had come to, and not at all when it was whole."""
        asked = [each for each in self.hub.asked if each.store and each.path.endswith(VISUAL)]
        self.hub.asked.clear()
        kept = self.kept[home]
        whole = len((self.model / VISUAL).read_bytes())
        assert len(asked) <= 1
        assert not asked or kept not in (-1, whole), "it was here, and came a second time"
        assert [each.range for each in asked] in ([], [f"bytes={kept}-" if kept else ""])

    def after_end(self, home: Path, said_: bytes, kills: int) -> None:
        self._gone_on(home)
        assert self._files(home) == self.files
        listed = json.loads((home / "models.json").read_text())["models"]
        assert [each["info"]["name"] for each in listed] == [MODEL]
        settings = tomllib.loads((home / "settings.toml").read_text())
        assert settings["search"]["model"] == MODEL
        assert not list((home / "models").glob("*.part"))


# --- saving the index, and migrating --------------------------------------------------


@dataclass
class Saving(Task):
    """Vectors are added and the index is saved, again and again."""

    roles: tuple[str, ...] = (MAIN, ENGINE, ALL)
    rows: int = 2500
    rounds: int = 40

    def make(self) -> None:
        base = self.place / "base"
        library = open_library(base, own_engine=False)
        try:
            model = library.add_model(str(tiny_models.write(self.place / "tiny")))
            self.key, self.dimension = ModelKey(model.key), model.dimension
            store = library._store
            filling.add_files(store, self.place / "nowhere", filling.listings(self.rows), "")
            number = store.embeddings.model_id(self.key, model.name, self.dimension)
            spare = 20 * self.rounds
            while len(photos := store.embeddings.pending(number, 0, 4000)) > spare:  # type: ignore[arg-type]
                photos = photos[: len(photos) - spare]
                made = np.concatenate([vector_of(each.id, self.dimension) for each in photos])
                store.embeddings.write(number, "made", photos, made)
        finally:
            library.close()
        rounds, self.rounds = self.rounds, 0
        self.run(base)  # the first graph
        self.rounds = rounds
        reference = self.place / "reference"
        self.fresh(reference)
        self.answer = self.run(reference).splitlines()[-1]
        self.vectors = ask(reference, "SELECT photo, vector FROM embedding ORDER BY photo")
        assert len(self.vectors) == self.rows
        assert IndexCache(Paths.below(reference).indexes).index_path(self.key).exists()

    def arguments(self, home: Path) -> list[str]:
        return ["grow", str(home), str(self.rounds)]

    def after_kill(self, home: Path, said_: bytes) -> None:
        self._trusted(home)

    def _trusted(self, home: Path) -> bool:
        """Whether a graph would be loaded; one that is has nothing but vectors of the library."""
        copied = home.with_name("index-copy")
        with suppress(FileNotFoundError):
            shutil.copytree(Paths.below(home).indexes, copied)
        try:
            opened = IndexCache(copied).open(self.key, self.dimension)
        finally:
            shutil.rmtree(copied, ignore_errors=True)
        if opened.index is None:
            return False
        rows = ask(home, "SELECT id, vector FROM embedding")
        there = {label: np.frombuffer(vector, "<f2").astype(np.float32) for label, vector in rows}
        graph = ReducedGraph(opened.index, opened.reduction, opened.fit)
        labels = graph.labels().tolist()
        assert set(labels) <= set(there), "a vector that the library does not have"
        for label in random.Random(3).sample(labels, 50):
            near = graph.nearest(there[label], 10)
            best = max(float(there[each] @ there[label]) for each in near.tolist())  # type: ignore[union-attr]
            assert best > 0.99 * float(there[label] @ there[label]), "another vector"
        return True

    def after_end(self, home: Path, said_: bytes, kills: int) -> None:
        assert ask(home, "SELECT photo, vector FROM embedding ORDER BY photo") == self.vectors
        assert dict(ask(home, "SELECT name, seq FROM sqlite_sequence"))["embedding"] == self.rows
        assert said_.splitlines()[-1] == self.answer
        assert self._trusted(home)
        assert not left_behind(home), left_behind(home)


@dataclass
class Migrating(Scenario):
    """A library of the first format is opened by this program."""

    base: Path = Path()  # a library of this program

    def make(self) -> None:
        shutil.copytree(self.base, self.place / "base")
        make_former(self.place / "base" / "library.db")
        reference = self.place / "reference"
        self.fresh(reference)
        began = time.monotonic()
        with self.start(Marked(Program(reference)), reference) as process:
            _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        self.seconds = time.monotonic() - began
        self.tables = self._tables(reference / "library.db")
        self.first = self._tables(self.place / "base" / "library.db")

    def start(self, marked: Marked, home: Path) -> subprocess.Popen[bytes]:
        return marked.start("status", "--json")

    def _tables(self, path: Path) -> dict[str, Any]:
        """Return how many rows each table has, with the highest number, and the format."""
        names = ask_file(path, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        counts = {
            name: ask_file(path, f"SELECT count(*), max(rowid) FROM {name}")
            for (name,) in names
            if not name.startswith(("words", "sqlite"))
            and name not in ("done", "failure", "action_change", "verdict")
        }
        return {"format": ask_file(path, "PRAGMA user_version"), **counts}

    def after_kill(self, home: Path, said_: bytes) -> None:
        (version,) = ask(home, "PRAGMA user_version")[0]
        assert 1 <= version <= migrating._migrations()[-1][0]

    def after_end(self, home: Path, said_: bytes, kills: int) -> None:
        assert self._tables(home / "library.db") == self.tables
        backup = home / "library-before-format-2.db"
        assert ask_file(backup, "PRAGMA integrity_check") == [("ok",)]
        assert self._tables(backup) == self.first
        assert not left_behind(home), left_behind(home)


def ask_file(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path, timeout=30)) as db:
        return db.execute(query).fetchall()
