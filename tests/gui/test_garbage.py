"""Garbage is collected in the window's thread, and nowhere else."""

from __future__ import annotations

import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest
from PySide6.QtCore import QSize
from pytestqt.qtbot import QtBot

from photosearch.gui import garbage
from photosearch.gui.garbage import Garbage
from photosearch.gui.grid.thumbs import LEAST_BYTES, TileSize
from photosearch.gui.naming.faces import LITTLE_PX, LittleFaces
from photosearch.types import FaceId, PhotoId

from .painted import jpeg, paint


class Knot:
    """Something that only a collection can free."""

    def __init__(self) -> None:
        self.myself = self


def test_only_the_window_s_thread_collects(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "LOOK_MS", 10)
    gc.enable()
    collector = Garbage()
    freed: list[int] = []

    def tie() -> list[weakref.finalize]:  # type: ignore[type-arg]
        kept = [Knot() for _ in range(5_000)]
        return [
            weakref.finalize(each, lambda: freed.append(threading.get_ident())) for each in kept
        ]

    with ThreadPoolExecutor(2) as others:
        tied = [each.result() for each in [others.submit(tie) for _ in range(4)]]
    assert freed == [], "a thread collected while it worked"
    qtbot.waitUntil(lambda: len(freed) == sum(map(len, tied)), timeout=5000)
    assert set(freed) == {threading.get_ident()}
    collector.deleteLater()


def test_little_faces_in_sight_are_kept_on_a_dense_screen(qtbot: QtBot) -> None:
    """They are asked for one by one, which says nothing of how many are in sight."""
    asked: list[FaceId] = []
    data = jpeg(paint(1, QSize(320, 240)))

    def fetch(face: FaceId) -> bytes:
        asked.append(face)
        return data

    with ThreadPoolExecutor(2) as threads:
        little = LittleFaces(threads, fetch)
        side = 3 * LITTLE_PX
        count = 2 * LEAST_BYTES // (4 * side**2)
        for number in range(1, count + 1):
            little.want_faces([FaceId(number)], TileSize(side, 3.0))
            qtbot.waitUntil(lambda n=number: little.image(PhotoId(n)) is not None, timeout=5000)
        assert all(little.face(FaceId(number)) is not None for number in range(1, count + 1))
        assert len(asked) == count
        little.close()
