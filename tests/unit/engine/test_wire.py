"""Values through pipes, and what an end looks like."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest

from photosearch.engine.wire import Wire


def pair() -> tuple[Wire, Wire]:
    there, back = os.pipe(), os.pipe()
    one = Wire(os.fdopen(back[0], "rb"), os.fdopen(there[1], "wb"))
    other = Wire(os.fdopen(there[0], "rb"), os.fdopen(back[1], "wb"))
    return one, other


def test_large_and_many_at_once() -> None:
    one, other = pair()
    values = [np.full((256, 256, 3), n, np.uint8) for n in range(8)]
    senders = [threading.Thread(target=one.send, args=(value,)) for value in values]
    for sender in senders:
        sender.start()
    received = sorted(int(other.receive()[0, 0, 0]) for _ in values)
    for sender in senders:
        sender.join()
    assert received == list(range(8))
    one.close()
    with pytest.raises(EOFError):
        other.receive()
    other.close()


def test_an_end_in_the_middle_of_a_value() -> None:
    there = os.pipe()
    os.write(there[1], b"\x10\0\0\0\0\0\0\0half")
    os.close(there[1])
    with open(os.devnull, "wb") as nowhere:
        wire = Wire(os.fdopen(there[0], "rb"), nowhere)  # type: ignore[arg-type]
        with pytest.raises(EOFError):
            wire.receive()
        wire.close()


def test_sending_to_nobody() -> None:
    one, other = pair()
    other.close()
    with pytest.raises(OSError):
        one.send(b"x" * 1_000_000)
    one.close()
    with pytest.raises(ValueError):
        one.send(1)
