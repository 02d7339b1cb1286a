"""Decoders that crash, hang, eat memory or never start."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from photosearch.engine import decode, decoders, footprint
from photosearch.engine.decoders import DecoderPool
from photosearch.engine.requests import InputRequest, LookRequest, PictureRequest
from photosearch.errors import Cancelled, EngineError
from photosearch.types import Preprocess

from .conftest import child

# A real decoder's loop whose files misbehave by their names.
MISBEHAVING = """
import os, signal, sys, time
from photosearch.engine import children, decode
from photosearch.engine.requests import LookReply

def answer(request):
    if b"crash" in request.path: os.kill(os.getpid(), signal.SIGSEGV)
    if b"grow" in request.path:
        held = []
        while True: held.append(bytearray(b"x") * (8 << 20)); time.sleep(0.002)
    if b"leave" in request.path: os._exit(7)
    if b"first" in request.path:
        marker = request.path.partition(b" ")[2]
        if not os.path.exists(marker):
            open(marker, "wb").close()
            os.kill(os.getpid(), signal.SIGKILL)
    if b"hang" in request.path: time.sleep(600)
    if b"memory" in request.path: bytearray(1 << 40)
    if b"error" in request.path: raise ZeroDivisionError("by zero")
    if b"print" in request.path:
        print("noise"); os.write(1, b"more noise"); sys.stdout.flush()
    return LookReply(failure="pid %d" % os.getpid())

decode.answer = answer
sys.exit(children.run_decoder([]))
"""


def look(pool: DecoderPool, name: str) -> str:
    return pool.look(LookRequest(name.encode(), name)).failure


@pytest.fixture
def started() -> list[int]:
    return []


@pytest.fixture
def pool(started: list[int]) -> Iterator[DecoderPool]:
    made = DecoderPool(2, 1.5, start=child(MISBEHAVING, started))
    yield made
    made.close()
    for pid in started:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_what_goes_wrong_is_the_files_fault_alone(
    pool: DecoderPool, started: list[int], tmp_path: Path
) -> None:
    first = look(pool, "good")
    assert look(pool, "good") == first, "the child is kept"
    assert look(pool, "print") == first, "what a library prints breaks nothing"
    assert look(pool, "error") == "It could not be read (ZeroDivisionError: by zero)."
    assert look(pool, "memory") == "It needs more memory than one photo may take."
    assert look(pool, "good") == first
    assert "crashed the decoder" in look(pool, "crash")
    assert len(started) == 2, "it had a second chance"
    once = tmp_path / "once"
    assert look(pool, f"first {once}").startswith("pid ")
    second = look(pool, "good")
    assert second != first
    assert "exit code 7" in look(pool, "leave")
    assert look(pool, "hang") == "Opening it took longer than 1.5 seconds."
    assert look(pool, "good") not in (first, second)
    spec = Preprocess(2, 2, (0, 0, 0), (1, 1, 1))
    assert "AttributeError" in pool.model_input(InputRequest(None, (), spec)).failure
    assert "exit code 7" in pool.picture(PictureRequest(b"leave", None)).failure


@pytest.mark.skipif(sys.platform == "win32", reason="limits are POSIX")
def test_memory_is_watched_where_the_system_keeps_no_limit(started: list[int]) -> None:
    """As on macOS and Windows: nothing refuses the memory, so the child that takes it is ended."""
    unlimited = "from photosearch.engine import children\nchildren._limit_memory = lambda: None\n"
    start = child(unlimited + MISBEHAVING, started)
    pool = DecoderPool(1, 60, start=start, memory_bytes=400_000_000)
    try:
        assert look(pool, "good").startswith("pid ")
        assert look(pool, "grow") == "It needs more memory than one photo may take."
        assert look(pool, "good").startswith("pid ")
        assert len(started) == 2, "there is no second try: it would need as much again"
    finally:
        pool.close()
    assert footprint.bytes_of(started[0]) == 0
    assert footprint.LEAST_BYTES <= footprint.allowed_bytes() <= footprint.MOST_BYTES


def test_no_more_children_than_asked_for(pool: DecoderPool, started: list[int]) -> None:
    with ThreadPoolExecutor(8) as threads:
        said = set(threads.map(lambda n: look(pool, f"good {n}"), range(100)))
    assert len(said) == len(started) <= 2


def test_a_child_is_replaced_after_many_files(
    pool: DecoderPool, started: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoders, "REPLACED_AFTER", 5)
    for _ in range(11):
        look(pool, "good")
    assert len(started) == 3


def test_closing_ends_what_is_in_flight(started: list[int]) -> None:
    pool = DecoderPool(1, 600, start=child(MISBEHAVING, started))
    begun = threading.Event()

    def work() -> str:
        look(pool, "good")
        begun.set()
        return look(pool, "hang")

    with ThreadPoolExecutor(1) as threads:
        future = threads.submit(work)
        assert begun.wait(30)
        pool.close()
        with pytest.raises(Cancelled):
            future.result(10)
    with pytest.raises(Cancelled):
        look(pool, "good")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_decoder_that_is_killed_while_it_starts_is_started_again(
    started: list[int], tmp_path: Path
) -> None:
    marker = tmp_path / "killed once"
    killed = f"""
import os, signal
if not os.path.exists({str(marker)!r}):
    open({str(marker)!r}, "wb").close()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    pool = DecoderPool(1, 60, start=child(killed + MISBEHAVING, started))
    try:
        assert look(pool, "good").startswith("pid ")
    finally:
        pool.close()
    assert len(started) == 2


def test_a_decoder_that_cannot_start_is_no_files_fault() -> None:
    pool = DecoderPool(1, 5, start=child("raise SystemExit(3)"))
    with pytest.raises(EngineError, match="exit code 3"):
        look(pool, "good")

    def refuse() -> None:
        raise OSError("out of processes")

    other = DecoderPool(1, 5, start=refuse)  # type: ignore[arg-type]
    with pytest.raises(EngineError, match="out of processes"):
        look(other, "good")
    pool.close()
    other.close()


def test_a_real_child_does_what_is_done_inline(tmp_path: Path, photos: Path) -> None:
    spec = Preprocess(64, 64, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    paths = sorted((photos / "captioned" / "images").iterdir())[:2]
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(paths[0].read_bytes()[:300])
    Image.new("RGB", (30, 20), "red").save(tmp_path / "tiny.png")
    pool, inline = DecoderPool(1, 60), decode
    try:
        for path in (*paths, broken, tmp_path / "tiny.png", tmp_path / "none.jpg"):
            request = LookRequest(os.fsencode(path), path.name, spec)
            there, here = pool.look(request), inline.look(request)
            assert (there.hash, there.facts, there.thumbnail, there.failure, there.unread) == (
                here.hash,
                here.facts,
                here.thumbnail,
                here.failure,
                here.unread,
            )
            if here.pixels is None:
                assert there.failure
                continue
            assert there.pixels is not None
            assert (there.pixels == here.pixels).all()
            made = pool.model_input(InputRequest(here.thumbnail, (), spec))
            assert made.pixels is not None
            assert made.pixels.shape == (64, 64, 3)
            assert pool.picture(PictureRequest(os.fsencode(path), 50)).pixels is not None
    finally:
        pool.close()


def test_a_damaged_thumbnail_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "sound.png"
    Image.new("RGB", (50, 40), "red").save(path)
    spec = Preprocess(8, 8, (0, 0, 0), (1, 1, 1))
    thumbnail = decode.look(LookRequest(os.fsencode(path), "sound.png")).thumbnail
    for damaged in (thumbnail[: len(thumbnail) // 2], b"rubbish"):
        reply = decode.model_input(InputRequest(damaged, (os.fsencode(path),), spec))
        assert reply.pixels is not None
        assert reply.pixels[4, 4].tolist() == [255, 0, 0]
        assert reply.thumbnail == thumbnail
        nothing = decode.model_input(InputRequest(damaged, (), spec))
        assert (nothing.pixels, nothing.failure) == (None, ""), "it waits for its file"


def test_limits_change_while_it_works(pool: DecoderPool, started: list[int]) -> None:
    """Fewer places, then more again; a child that was told another time limit is replaced."""

    def four_at_once() -> set[str]:
        with ThreadPoolExecutor(4) as threads:
            return set(threads.map(lambda n: look(pool, f"good {n}"), range(40)))

    first = four_at_once()
    pool.adjust(1, 1.5)
    assert len(four_at_once()) == 1
    assert len(pool._idle) == 1
    pool.adjust(4, 1.5)
    look(pool, "good")
    assert len(started) == len(first), "who is left goes on"
    four_at_once()
    assert len(started) <= 5
    before = len(started)
    pool.adjust(4, 0.5)
    assert look(pool, "hang") == "Opening it took longer than 0.5 seconds."
    assert len(started) == before + 1
    assert len(pool._idle) == 0


def test_who_waits_for_a_place_goes_on_when_there_are_more(started: list[int]) -> None:
    pool = DecoderPool(1, 600, start=child(MISBEHAVING, started))
    with ThreadPoolExecutor(2) as threads:
        hanging = threads.submit(look, pool, "hang")
        second = threads.submit(look, pool, "good")
        pool.adjust(2, 600)
        assert second.result(30).startswith("pid ")
        pool.close()
        with pytest.raises(Cancelled):
            hanging.result(10)
