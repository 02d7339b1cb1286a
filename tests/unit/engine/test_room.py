"""Decoders share a budget: large pictures wait for room; the largest are opened all the same."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from photosearch.engine.decoders import DecoderPool
from photosearch.engine.requests import LookRequest
from photosearch.engine.room import Room
from photosearch.errors import Cancelled
from photosearch.media import room as asking
from photosearch.media.decode import open_picture

from .conftest import child

HOLD_S, TIMEOUT_S, AT_ONCE = 0.8, 1.6, 4
# A real decoder's loop: each file is a picture of 9 megapixels that takes a while.
SLOW = f"""
import os, sys, time
from photosearch.engine import children, decode
from photosearch.engine.requests import LookReply
from photosearch.media.room import room

def answer(request):
    room.get()(9_000_000)
    place = os.fsdecode(request.path)
    mine = os.path.join(place, str(os.getpid()))
    open(mine, "wb").close()
    time.sleep({HOLD_S})
    together = len(os.listdir(place))
    os.unlink(mine)
    return LookReply(failure=str(together))

decode.answer = answer
sys.exit(children.run_decoder(["--limit=2"]))
"""


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(AT_ONCE) as made:
        yield made


def started(threads: ThreadPoolExecutor, room: Room, pixels: int) -> Future[int]:
    """Let a thread ask for room; return when it stands in the queue or has it."""
    before = len(room._queue), room._free
    future = threads.submit(room.take, pixels)
    while (len(room._queue), room._free) == before and not future.done():
        pass
    return future


def test_room_is_given_in_turn_and_never_twice(threads: ThreadPoolExecutor) -> None:
    room = Room(100)
    assert room.take(60) == 60
    large = started(threads, room, 50)
    small = started(threads, room, 10)
    assert not large.done()
    assert not small.done(), "there is room for it, but another came first"
    room.give_back(60)
    assert (large.result(10), small.result(10)) == (50, 10)


def test_what_is_larger_than_the_budget_has_it_for_itself(threads: ThreadPoolExecutor) -> None:
    room = Room(100)
    room.take(1)
    huge = started(threads, room, 1000)
    assert not huge.done()
    room.give_back(1)
    assert huge.result(10) == 100


def test_nobody_waits_for_a_pool_that_closes(threads: ThreadPoolExecutor) -> None:
    room = Room(100)
    room.take(100)
    waiting = started(threads, room, 1)
    room.close()
    with pytest.raises(Cancelled):
        waiting.result(10)


def test_decoders_wait_for_each_other_and_not_at_the_cost_of_their_time(
    threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    pool = DecoderPool(AT_ONCE, TIMEOUT_S, start=child(SLOW, []), room_pixels=12_000_000)
    request = LookRequest(os.fsencode(tmp_path), "any")
    try:
        replies = list(threads.map(pool.look, [request] * AT_ONCE))
    finally:
        pool.close()
    assert [reply.failure for reply in replies] == ["1"] * AT_ONCE


def jpeg(size: tuple[int, int], *, progressive: bool = False) -> bytes:
    out = BytesIO()
    Image.new("L", size, 90).save(out, "JPEG", quality=30, progressive=progressive)
    return out.getvalue()


def test_large_pictures_ask_before_they_are_unpacked() -> None:
    asked: list[int] = []
    token = asking.room.set(asked.append)
    try:
        open_picture(jpeg((4000, 3000)), short_side_px=360)
        assert asked == [], "unpacked at an eighth of its size"
        open_picture(jpeg((4000, 3000), progressive=True), short_side_px=360)
        assert asked == [12_000_000], "held as a whole on the way"
        open_picture(jpeg((4000, 3000)))
        assert asked == [12_000_000] * 2
    finally:
        asking.room.reset(token)


def test_two_hundred_megapixels_are_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    path.write_bytes(jpeg((16320, 12240)))
    pool = DecoderPool(1, 60)
    try:
        reply = pool.look(LookRequest(os.fsencode(path), path.name))
    finally:
        pool.close()
    assert reply.failure == ""
    assert reply.facts is not None
    assert (reply.facts.width, reply.facts.height) == (16320, 12240)
    assert reply.thumbnail
