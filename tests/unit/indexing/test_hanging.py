"""A drive that hangs, before a run or in the middle of it, costs the other folders nothing."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from indexing_world import World

from photosearch.errors import Cancelled
from photosearch.indexing import patience, plan, run
from photosearch.media.answering import Answering
from photosearch.store import Store
from photosearch.store.folders import Root
from photosearch.types import Check, IndexReport

SOON_S = 0.1


class Drive:
    """A drive that hangs from a moment on: what asks it waits until it is back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.hangs = False
        self._back = threading.Event()

    def wait(self, path: bytes) -> None:
        if self.hangs and path.startswith(os.fsencode(self.path)):
            assert self._back.wait(60)

    def stat(self, path: bytes) -> os.stat_result:
        self.wait(path)
        return os.stat(path)

    def back(self) -> None:
        self.hangs = False
        self._back.set()


@pytest.fixture
def drive(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drive]:
    made = Drive(world.folder("share"))
    world.answering = Answering(made.stat, SOON_S)
    monkeypatch.setattr(run, "Patience", partial(patience.Patience, ask_s=SOON_S))
    yield made
    made.back()


def filled(world: World, drive: Drive, folder: Path) -> IndexReport:
    world.add(drive.path)
    world.write(drive.path / "a" / "far.jpg", "far")
    world.write(folder / "z" / "near.jpg", "near")
    return world.index()


def test_a_drive_that_hangs_goes_offline_and_the_run_goes_on(
    world: World, folder: Path, drive: Drive
) -> None:
    filled(world, drive, folder)
    drive.hangs = True
    world.write(folder / "z" / "new.jpg", "new")
    report = world.index()
    assert report.added == 1
    assert report.removed == 0, "what cannot be asked is not gone"
    (notice,) = report.notices
    assert "does not answer" in notice
    assert str(drive.path) in notice
    offline = {each.path: each.offline for each in world.store.folders.all()}
    assert offline[str(drive.path)]
    assert not offline[str(folder)]
    drive.back()
    assert world.index().notices == ()
    assert not any(each.offline for each in world.store.folders.all())
    world.assert_sound()


@pytest.fixture
def hang_within(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Have the drive hang from the second directory of its next scan on."""

    def scan_root(
        store: Store,
        root: Root,
        count: plan.ScanCount,
        check: Check,
        dirs: object = None,
    ) -> None:
        steps = 0

        def step() -> None:
            nonlocal steps
            check()
            steps += 1
            if steps > 1 and root.path == os.fsencode(drive.path):
                drive.hangs = True
            drive.wait(root.path)

        plan.scan_root(store, root, count, step)

    return lambda: monkeypatch.setattr(run, "scan_root", scan_root)


def test_a_drive_that_hangs_in_the_middle_of_a_scan(
    world: World, folder: Path, drive: Drive, hang_within: Callable[[], None]
) -> None:
    filled(world, drive, folder)
    for number in range(3):
        world.write(drive.path / f"b{number}" / "new.jpg", f"new {number}")
    world.write(folder / "z" / "new.jpg", "new")
    hang_within()
    report = world.index()
    assert report.added == 1, "only what lies elsewhere"
    assert len(report.notices) == 1
    assert len(world.photos()) == 3
    before = set(threading.enumerate())
    drive.back()
    for thread in before:
        if thread.name in ("scan", "asking"):
            thread.join(20)
    assert world.index().added == 3
    world.assert_sound()


def test_who_ends_a_run_does_not_wait_for_a_drive(
    world: World, folder: Path, drive: Drive, hang_within: Callable[[], None]
) -> None:
    filled(world, drive, folder)
    world.answering = Answering()  # it would take ten seconds to find out
    hang_within()

    def check() -> None:
        if drive.hangs:
            raise Cancelled("The user has had enough.")

    with pytest.raises(Cancelled):
        world.index(check)
