"""Progress of a download: at most ten times a second, with the speed of the last seconds."""

from __future__ import annotations

from photosearch.models.telling import Teller
from photosearch.types import DownloadProgress


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_speed_and_time_left() -> None:
    clock, told = Clock(), list[DownloadProgress]()
    teller = Teller("m", told.append, clock)
    teller.stage("downloading", 1000, 11_000)
    for _ in range(400):  # 4 seconds at 1000 bytes a second
        clock.now += 0.01
        teller.gained(10)
    assert 38 <= len(told) <= 42
    last = told[-1]
    assert abs(last.bytes_per_second - 1000) < 50
    assert last.seconds_left is not None
    assert abs(last.seconds_left - 6) < 0.5
    assert told[5].seconds_left is None  # too soon to say


def test_a_pause_and_what_is_said() -> None:
    clock, told = Clock(), list[DownloadProgress]()
    teller = Teller("m", told.append, clock)
    teller.stage("downloading", 0, 100)
    teller.note("The hub asks to wait.")
    teller.note("The hub asks to wait.")
    assert [each.note for each in told] == ["", "The hub asks to wait."]
    teller.note("")
    assert told[-1].note == ""
    teller.gained(50)
    teller.gained(-50)  # it starts over
    clock.now += 3
    teller.gained(1)
    assert told[-1].done_bytes == 1
    assert told[-1].bytes_per_second >= 0
