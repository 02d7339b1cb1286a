"""Undo of any actions gives back the exact state, and redo the later one.

Meanwhile the library is closed and opened, and grouping writes what it likes.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from face_world import FaceWorld
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from photosearch.errors import UsageError
from photosearch.people.people import People
from photosearch.store import Store
from photosearch.types import Box, FacePackInfo, ModelKey

PACK = FacePackInfo("faces", "", ModelKey("faces"), "insightface", 8, 0)
NAMES = ["Anna", "anna ", "Ben", "Cleo", ""]
PHOTOS = [2, 1, 3, 1, 1, 2]  # faces on each

# Picks by number, whatever there is then: of faces and of people.
picks = st.lists(st.integers(0, 99), min_size=1, max_size=3)
pick = st.integers(0, 99)
State = tuple[Any, ...]


class Actions(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp(prefix="undo-"))
        self.store = Store.open(self.place / "library.db")
        self.people = People(self.store, lambda: PACK, lambda: 0.5)
        self.past: list[tuple[State, bool]] = []  # before each action; grouped since
        self.later: list[tuple[State, bool]] = []

    @initialize(owners=st.lists(st.integers(0, 3), min_size=10, max_size=10))
    def begin(self, owners: list[int]) -> None:
        world = FaceWorld(self.store)
        self.faces = [
            face
            for number, count in enumerate(PHOTOS)
            for face in world.photo_with(f"{number}.jpg", *range(count))
        ]
        first = self.store.people.next_owner(3)
        self.write_owners([first + owner - 1 if owner else 0 for owner in owners])

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.place)

    def write_owners(self, owners: list[int]) -> None:
        self.store.people.write_membership(
            np.array(self.faces, np.int64),
            np.array(owners, np.int64),
            np.zeros(len(owners), np.float32),
            whole=True,
        )

    def said(self) -> State:
        with self.store.database.reading() as db:
            return tuple(
                db.execute(f"SELECT * FROM {table} ORDER BY id").fetchall()
                for table in ("person", "verdict")
            )

    def owned(self) -> list[Any]:
        with self.store.database.reading() as db:
            return db.execute("SELECT place, owner, doubt FROM membership ORDER BY 1").fetchall()

    def everybody(self) -> list[Any]:
        return sorted(who.id for who in self.people.list(hidden=True))

    def act(self, action: Callable[[], object]) -> None:
        before = (self.said(), self.owned())
        title = self.people.history().undo
        try:
            action()
        except UsageError:
            assert (self.said(), self.owned()) == before
            return
        if (self.said(), self.owned()) == before:
            assert self.people.history().undo == title, "what changes nothing leaves no trace"
            return
        self.past.append((before, False))
        self.later = []
        assert self.people.history().redo == ""

    def person(self, number: int) -> Any:
        there = self.everybody()
        return there[number % len(there)] if there else 999

    def some(self, numbers: list[int]) -> list[Any]:
        return [self.faces[number % len(self.faces)] for number in numbers]

    # --- what the user says ---

    @rule(who=pick, name=st.sampled_from(NAMES))
    def rename(self, who: int, name: str) -> None:
        self.act(lambda: self.people.rename(self.person(who), name))

    @rule(faces=picks, name=st.sampled_from(NAMES))
    def name_faces(self, faces: list[int], name: str) -> None:
        self.act(lambda: self.people.name_faces(self.some(faces), name))

    @rule(persons=picks, into=pick)
    def merge(self, persons: list[int], into: int) -> None:
        who = [self.person(number) for number in persons]
        self.act(lambda: self.people.merge(who, self.person(into)))

    @rule(faces=picks, to=st.none() | pick)
    def move(self, faces: list[int], to: int | None) -> None:
        target = None if to is None else self.person(to)
        self.act(lambda: self.people.move(self.some(faces), target))

    @rule(faces=picks, who=pick)
    def confirm(self, faces: list[int], who: int) -> None:
        self.act(lambda: self.people.confirm(self.some(faces), self.person(who)))

    @rule(faces=picks, who=st.none() | pick)
    def reject(self, faces: list[int], who: int | None) -> None:
        whom = None if who is None else self.person(who)
        self.act(lambda: self.people.reject(self.some(faces), whom))

    @rule(faces=picks)
    def dismiss(self, faces: list[int]) -> None:
        self.act(lambda: self.people.dismiss(self.some(faces)))

    @rule(photo=st.integers(1, 7), x=st.sampled_from([0.0, 0.3, 0.8]), name=st.sampled_from(NAMES))
    def draw(self, photo: Any, x: float, name: str) -> None:
        self.act(lambda: self.people.draw(photo, Box(x, 0.8, 0.1, 0.1), name))

    @rule(persons=picks, value=st.booleans(), strangers=st.booleans())
    def hide(self, persons: list[int], value: bool, strangers: bool) -> None:
        say = self.people.set_strangers if strangers else self.people.set_hidden
        self.act(lambda: say([self.person(number) for number in persons], value))

    @rule(face=pick, who=pick)
    def set_cover(self, face: int, who: int) -> None:
        self.act(lambda: self.people.set_cover(self.person(who), self.some([face])[0]))

    @rule(who=pick, birthday=st.sampled_from(["1990-01-01", None]))
    def set_birthday(self, who: int, birthday: str | None) -> None:
        self.act(lambda: self.people.set_birthday(self.person(who), birthday))

    # --- what happens meanwhile ---

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = Store.open(self.place / "library.db")
        self.people = People(self.store, lambda: PACK, lambda: 0.5)

    @rule(picks_=st.lists(pick, min_size=10, max_size=10), lost=st.booleans())
    def grouping(self, picks_: list[int], lost: bool) -> None:
        if lost:
            with self.store.database.transaction() as db:
                db.execute("DELETE FROM membership")
        owners = [0, *self.everybody(), self.store.people.next_owner()]
        self.write_owners([owners[number % len(owners)] for number in picks_])
        # What was only found is not as it was; what was said is.
        self.past = [(state, True) for state, _ in self.past]
        self.later = [(state, True) for state, _ in self.later]

    # --- back and forth ---

    @precondition(lambda self: self.past)
    @rule(steps=st.integers(1, 20))
    def undo(self, steps: int) -> None:
        for _ in range(min(steps, len(self.past))):
            after = (self.said(), self.owned())
            state, grouped = self.past.pop()
            title = self.people.undo()
            assert self.people.history().redo == title
            self.same(state, grouped)
            self.later.append((after, grouped))

    @precondition(lambda self: self.later)
    @rule(steps=st.integers(1, 20))
    def redo(self, steps: int) -> None:
        for _ in range(min(steps, len(self.later))):
            before = (self.said(), self.owned())
            state, grouped = self.later.pop()
            title = self.people.redo()
            assert self.people.history().undo == title
            self.same(state, grouped)
            self.past.append((before, grouped))

    def same(self, state: State, grouped: bool) -> None:
        said, owned = state
        assert self.said() == said
        if not grouped:
            assert self.owned() == owned

    @invariant()
    def whose_faces_are_follows_from_what_was_said(self) -> None:
        _, verdicts = self.said()
        owners = {place: owner for place, owner, _ in self.owned()}
        for _, place, person, says, *_ in verdicts:
            if says == "is":
                assert owners.get(place) == person
            else:
                assert place not in owners or owners[place] != person
            if says == "no face":
                assert place not in owners

    @invariant()
    def the_journal_is_as_long_as_it_was(self) -> None:
        assert bool(self.people.history().undo) == bool(self.past)
        assert bool(self.people.history().redo) == bool(self.later)


Actions.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestActions = Actions.TestCase
