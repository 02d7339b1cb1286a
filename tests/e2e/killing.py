"""Killing real processes at random moments, starting again, and looking at what is left.

A scenario says what is done and what must be true; here is when and whom to kill. A number decides
all chances: the same number makes the same choices (the machine's own timing is not repeatable).
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from .program import Program
from .test_killed import Marked

MAIN, ENGINE, DECODER, ALL = "program", "engine", "decoder", "all at once"
CONVERTER, PREPARER, PROBE, INSTALLER = "converter", "preparer", "probe", "installer"
_FLAGS = {
    b"--engine": ENGINE,
    b"--decoder": DECODER,
    b"--convert": CONVERTER,
    b"--prepare": PREPARER,
    b"--probe": PROBE,
    b"--pip": INSTALLER,
}
_ENDS_WITHIN_S = 120.0
_TRIES = 6  # starts in one life that may be killed: then it is let go on to its end

# What must have no row: each is something that is there twice, or belongs to nothing.
NOTHING = (
    "SELECT p.id FROM photo p WHERE files <>"
    " (SELECT count(*) FROM file f WHERE f.photo = p.id AND f.state <> 'gone')",
    "SELECT id FROM file WHERE state = 'known' AND photo IS NULL",
    "SELECT photo, model FROM embedding GROUP BY photo, model HAVING count(*) > 1",
    "SELECT photo FROM embedding e WHERE NOT EXISTS (SELECT 1 FROM done d WHERE d.photo = e.photo"
    " AND d.stage = 'embed' AND d.model = e.model)",
    "SELECT photo FROM done d WHERE stage = 'embed' AND NOT EXISTS (SELECT 1 FROM embedding e"
    " WHERE e.photo = d.photo AND d.model = e.model)",
    "SELECT rowid FROM words WHERE rowid NOT IN (SELECT id FROM photo)",
    "SELECT id FROM photo WHERE files > 0 AND id NOT IN (SELECT rowid FROM words)",
)
NOTHING_OF_PEOPLE = (
    "SELECT d.photo FROM done d WHERE stage = 'faces' AND count <> (SELECT count(*) FROM face f"
    " JOIN place p ON p.id = f.place WHERE p.photo = d.photo AND f.model = d.model)",
    "SELECT m.place FROM membership m JOIN place p ON p.id = m.place WHERE m.photo <> p.photo",
    "SELECT action FROM action_change WHERE action NOT IN (SELECT id FROM action)",
    "SELECT id FROM place p WHERE drawn = 0 AND NOT EXISTS (SELECT 1 FROM face WHERE place = p.id)"
    " AND NOT EXISTS (SELECT 1 FROM verdict WHERE place = p.id)"
    " AND NOT EXISTS (SELECT 1 FROM action_change WHERE place = p.id)",
)


def ask(home: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(home / "library.db", timeout=30)) as db:
        return db.execute(query).fetchall()


def assert_sound(home: Path) -> None:
    """What must hold at any moment, whatever was killed."""
    if not (home / "library.db").exists():
        return
    assert ask(home, "PRAGMA integrity_check") == [("ok",)]
    assert ask(home, "PRAGMA foreign_key_check") == []
    version = ask(home, "PRAGMA user_version")[0][0]
    queries = () if version < 1 else NOTHING if version < 2 else NOTHING + NOTHING_OF_PEOPLE
    for query in queries:
        assert ask(home, query) == [], query


def left_behind(home: Path) -> list[str]:
    """Return files that only an interrupted writing leaves."""
    odd = (".part", ".tmp", ".new", "-journal")
    found = [path for path in home.rglob("*") if path.is_file() and path.name.endswith(odd)]
    found += [path for path in home.glob("*.json.*") if path.suffix != ".lock"]
    found += [path for path in home.glob("devices.*") if path.suffix != ".json"]
    return sorted(str(path.relative_to(home)) for path in found)


@dataclass
class Scenario:
    """Something the program does that takes a while; `make` it once, then live it many times."""

    place: Path
    name: str = ""
    roles: tuple[str, ...] = (MAIN,)
    seconds: float = 1.0  # what it takes when nobody is killed: `make` measures it
    # Whoever is killed is killed while the child that comes first among the roles works, one role
    # after the other; the death of the child ends what the program was asked for.
    in_turn: ClassVar[bool] = False

    def make(self) -> None:
        """Make what every life begins with, and the reference that nobody was killed in."""
        raise NotImplementedError

    def fresh(self, home: Path) -> None:
        """Begin a life."""
        shutil.copytree(self.place / "base", home)

    def start(self, marked: Marked, home: Path) -> subprocess.Popen[bytes]:
        raise NotImplementedError

    def done(self, home: Path, process: subprocess.Popen[bytes]) -> bool:
        """Whether a process that does not end by itself has done its work; it is asked to end."""
        return False

    def after_kill(self, home: Path, said: bytes) -> None:
        """Check after a kill; `said` is what the killed process had acknowledged."""

    def after_end(self, home: Path, said: bytes, kills: int) -> None:
        """Compare with the reference when the work is done."""
        raise NotImplementedError


@dataclass(slots=True)
class Tally:
    """What was killed, and how often the work came to its end all the same."""

    killed: Counter[str] = field(default_factory=Counter)
    lives: int = 0
    seconds: float = 0.0


def torment(scenario: Scenario, kills: int, seed: str) -> Tally:
    """Live a scenario again and again until so many processes were killed; all must hold."""
    tally, began = Tally(), time.monotonic()
    while sum(tally.killed.values()) < kills:
        chance = random.Random(f"{scenario.name} {seed} {tally.lives}")
        home = scenario.place / f"life-{tally.lives}"
        try:
            _live(scenario, home, chance, tally, kills)
        except BaseException as error:
            error.add_note(f"{scenario.name}, life {tally.lives} of the seed {seed}: {home}")
            raise
        tally.lives += 1
        shutil.rmtree(home)
    tally.seconds = time.monotonic() - began
    return tally


def _live(scenario: Scenario, home: Path, chance: random.Random, tally: Tally, kills: int) -> None:
    scenario.fresh(home)
    marked = Marked(Program(home))
    before = sum(tally.killed.values())
    try:
        for number in range(_TRIES + 1):
            spare = number == _TRIES or sum(tally.killed.values()) >= kills
            run = _Run(scenario, marked, home, random.Random(chance.random()))
            ended, said = run.to_its_end(tally.killed, spare=spare)
            assert marked.all_end(), "a child outlived the program"
            assert_sound(home)
            if ended:
                scenario.after_end(home, said, sum(tally.killed.values()) - before)
                assert_sound(home)
                return
            scenario.after_kill(home, said)
        raise AssertionError("not reached")
    finally:
        for pid in marked.alive():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


class _Run:
    """One start of the program: what is killed in it, and how it ends."""

    def __init__(
        self, scenario: Scenario, marked: Marked, home: Path, chance: random.Random
    ) -> None:
        self._scenario = scenario
        self._marked = marked
        self._home = home
        self._chance = chance
        self._pause = threading.Event()

    def to_its_end(self, killed: Counter[str], *, spare: bool) -> tuple[bool, bytes]:
        """Return whether the work was done, and what the program said."""
        began = time.monotonic()
        process = self._scenario.start(self._marked, self._home)
        said: list[bytes] = []
        words: list[bytes] = []
        readers = [
            threading.Thread(target=lambda: said.append(process.stdout.read())),  # type: ignore[union-attr]
            threading.Thread(target=lambda: words.append(process.stderr.read())),  # type: ignore[union-attr]
        ]
        for reader in readers:
            reader.start()
        try:
            dead = False if spare else self._blows(process, killed)
            done = not dead and self._let_go_on(process)
        finally:
            process.kill()
            process.wait()
            for reader in readers:
                reader.join()
            process.stdout.close()  # type: ignore[union-attr]
            process.stderr.close()  # type: ignore[union-attr]
        assert b"Traceback" not in words[0], words
        if not dead:
            # One that nobody disturbs takes this long, as the machine is now.
            took = time.monotonic() - began
            self._scenario.seconds = 0.5 * self._scenario.seconds + 0.5 * took
            assert done, f"it did not end by itself: {words}"
            assert process.returncode == 0, (process.returncode, said, words)
        return not dead, said[0]

    def _blows(self, process: subprocess.Popen[bytes], killed: Counter[str]) -> bool:
        """Kill some children and perhaps, in the end, the program; True when it was that.

        No child of a kind more than once: a photo whose decoder dies twice is not innocent.
        """
        if self._scenario.in_turn:
            return self._blow_at_child(process, killed)
        began = time.monotonic()
        plan = self._plan()
        for at, role in zip(sorted(self._chance.random() for _ in plan), plan, strict=True):
            wait_s = began + at * self._scenario.seconds - time.monotonic()
            if self._ends_within(process, wait_s, role):
                return False
            if role in (ENGINE, DECODER):
                pids = [pid for pid, known in self._roles().items() if known == role]
                if pids:
                    with suppress(ProcessLookupError):
                        os.kill(self._chance.choice(pids), signal.SIGKILL)
                        killed[role] += 1
                continue
            for pid in self._marked.alive() if role == ALL else [process.pid]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if process.wait() == -signal.SIGKILL:
                killed[role] += 1
                return True
            return False
        return False

    def _blow_at_child(self, process: subprocess.Popen[bytes], killed: Counter[str]) -> bool:
        """Kill the child, the program or both while the child works; True when it came to that."""
        roles = self._scenario.roles
        role, child = roles[sum(killed.values()) % len(roles)], roles[0]
        if self._ends_within(process, 0, child):
            return False
        if self._ends_within(process, self._chance.random() * self._scenario.seconds / 2, child):
            return False
        pids = {
            MAIN: [process.pid],
            ALL: self._marked.alive(),
            child: [pid for pid, known in self._roles().items() if known == child],
        }[role]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed[role] += pid == pids[0]
        code = process.wait(_ENDS_WITHIN_S)
        assert code in ((0, 1) if role == child else (-signal.SIGKILL, 0)), code
        return True

    def _plan(self) -> list[str]:
        children = [role for role in self._scenario.roles if role in (ENGINE, DECODER)]
        self._chance.shuffle(children)
        plan = children[: self._chance.randrange(len(children) + 1)]
        if self._chance.random() < 0.8 or not plan:
            plan.append(self._chance.choice((MAIN, ALL)))
        return plan

    def _roles(self) -> dict[int, str]:
        found = {}
        for pid in self._marked.alive():
            with suppress(OSError):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                found[pid] = next((_FLAGS[word] for word in words if word in _FLAGS), MAIN)
        return found

    def _ends_within(
        self, process: subprocess.Popen[bytes], seconds: float, until: str = MAIN
    ) -> bool:
        """Wait so long, and until there is somebody to kill; True when the work was done before."""
        end = time.monotonic() + seconds
        while time.monotonic() < end or until not in (MAIN, ALL, *self._roles().values()):
            if process.poll() is not None or self._scenario.done(self._home, process):
                return True
            self._pause.wait(min(0.02, max(0.001, end - time.monotonic())))
        return process.poll() is not None

    def _let_go_on(self, process: subprocess.Popen[bytes]) -> bool:
        """Wait for the end of the work; one that does not end by itself is asked to."""
        if not self._ends_within(process, _ENDS_WITHIN_S):
            return False
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
            return True
        return False
