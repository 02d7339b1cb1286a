"""Two groupings at once: of one program the second waits, of two no results are mixed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from face_world import FaceWorld, face

from photosearch.errors import Cancelled
from photosearch.people import regroup as regroup_module
from photosearch.people.people import People
from photosearch.store import Store
from photosearch.types import Box, FacePackInfo, ModelKey, PersonId

DIMENSION = 64
PACK = FacePackInfo("faces", "", ModelKey("wide faces"), "insightface", DIMENSION, 0)
BOX = Box(0.3, 0.3, 0.3, 0.3)
PATIENCE_S = 30.0


class Program:
    """One program on a library."""

    def __init__(self, path: Path) -> None:
        self.store = Store.open(path)
        self.people = People(self.store, lambda: PACK, lambda: self.strictness)
        self.strictness = 0.5

    def group(self, check: Callable[[], None] = lambda: None, *, whole: bool = False) -> bool:
        return self.people.group(lambda _: None, check, whole=whole).whole


class Once:
    """Does something the first time it is asked whether to go on."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work: Callable[[], object] | None = work

    def __call__(self) -> None:
        work, self._work = self._work, None
        if work:
            work()


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[tuple[Program, Program]]:
    both = Program(tmp_path / "library.db"), Program(tmp_path / "library.db")
    yield both
    for program in both:
        program.store.close()


def add_photos(world: FaceWorld, who: int, names: str) -> list[int]:
    model = world.store.faces.model_id(PACK.key, PACK.name, DIMENSION)
    real = np.random.default_rng(who).normal(size=DIMENSION)
    found = []
    for name in names:
        noise = np.random.default_rng([who, ord(name)]).normal(size=DIMENSION)
        looks = (real + 0.5 * noise).astype(np.float32)
        photo = world.look(f"{who} {name}.jpg", f"{who} {name}")
        found += world.detect(photo, [face(BOX, vector=looks)], model)
    return [int(one) for one in found]


def test_in_one_program_the_second_waits(programs: tuple[Program, Program]) -> None:
    program, _ = programs
    add_photos(FaceWorld(program.store), 1, "abcdef")
    inside, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        inside.set()
        assert go_on.wait(PATIENCE_S)

    first = threading.Thread(target=lambda: program.group(hold, whole=True))
    first.start()
    assert inside.wait(PATIENCE_S)
    asked = 0

    def impatient() -> None:
        nonlocal asked
        asked += 1
        if asked > 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        program.group(impatient, whole=True)
    go_on.set()
    first.join(PATIENCE_S)
    assert not first.is_alive()
    assert not program.group()
    assert len(set(FaceWorld(program.store).owners().values())) == 1


@pytest.mark.parametrize("large", [False, True])
def test_new_faces_are_not_added_to_groups_that_are_gone(
    programs: tuple[Program, Program], large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = programs
    if large:  # new faces are added to what is there
        monkeypatch.setattr(regroup_module, "ALWAYS_WHOLE", 0)
    world = FaceWorld(one.store)
    anna = add_photos(world, 1, "abcdefghijklmnop")
    one.group()
    anna += add_photos(world, 1, "q")

    def regroup_elsewhere() -> None:
        """Give everybody another number, as if a cache had been deleted before."""
        with other.store.database.transaction() as db:
            db.execute("DELETE FROM membership")
        other.group(whole=True)

    one.group(Once(regroup_elsewhere))
    owners = world.owners()
    assert {owners[face] for face in anna} == {owners[anna[0]]}
    assert not one.group()


def test_what_came_while_all_were_grouped_is_added(
    programs: tuple[Program, Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regroup_module, "ALWAYS_WHOLE", 0)
    one, other = programs
    world = FaceWorld(one.store)
    anna = add_photos(world, 1, "abcdefghijklmnop")
    one.group()

    def meanwhile() -> None:
        anna.extend(add_photos(FaceWorld(other.store), 1, "q"))
        other.group()

    assert one.group(Once(meanwhile), whole=True)
    owners = world.owners()
    assert {owners.get(face) for face in anna} == {owners[anna[0]]}


def test_a_name_given_meanwhile_holds(programs: tuple[Program, Program]) -> None:
    one, other = programs
    world = FaceWorld(one.store)
    anna, ben = add_photos(world, 1, "abcdef"), add_photos(world, 2, "abcdef")
    one.group()

    def meanwhile() -> None:
        other.people.rename(PersonId(world.owners()[anna[0]]), "Anna")
        other.strictness = 0.9
        other.group(whole=True)

    one.group(Once(meanwhile), whole=True)
    owners = world.owners()
    [person] = other.people.names()
    assert {owners[face] for face in anna} == {person.id}
    assert person.id not in {owners[face] for face in ben}
    last = one.store.grouped.last()
    assert last is not None
    assert last.strictness == 0.5


def test_a_grouping_that_is_stopped_while_it_is_written_leaves_the_one_before(
    programs: tuple[Program, Program],
) -> None:
    one, _ = programs
    world = FaceWorld(one.store)
    add_photos(world, 1, "abcdef")
    one.group()
    before, last = world.owners(), one.store.grouped.last()
    add_photos(world, 2, "abcdef")
    stopped = 0
    for patience in range(1000):
        left = patience

        def check() -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise Cancelled

        try:
            one.group(check, whole=True)
            break
        except Cancelled:
            stopped += 1
        assert world.owners() == before
        assert one.store.grouped.last() == last
    assert stopped > 3
    assert len(set(world.owners().values())) == 2
