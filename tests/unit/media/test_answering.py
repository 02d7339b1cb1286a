"""Drives that never answer cost nobody more than a moment."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from photosearch.engine.patient import SILENT, PatientDecoder
from photosearch.engine.requests import (
    FaceReply,
    FaceRequest,
    InputReply,
    InputRequest,
    LookReply,
    LookRequest,
    PictureReply,
    PictureRequest,
)
from photosearch.media.answering import Answering

SOON_S = 0.1


class Share:
    """A folder on which every call waits until `back` is called."""

    def __init__(self, path: bytes) -> None:
        self.path = path
        self._back = threading.Event()
        self.asked = 0

    def stat(self, path: bytes) -> os.stat_result:
        if path.startswith(self.path):
            self.asked += 1
            assert self._back.wait(60)
        return os.stat(path)

    def back(self) -> None:
        self._back.set()


@pytest.fixture
def share(tmp_path: Path) -> Iterator[Share]:
    (tmp_path / "share").mkdir()
    made = Share(os.fsencode(tmp_path / "share"))
    yield made
    made.back()


def test_a_folder_that_hangs_is_asked_once_and_left_alone(share: Share, tmp_path: Path) -> None:
    answering = Answering(share.stat, SOON_S)
    assert not answering.silent(share.path)
    for _ in range(20):
        assert not answering.answers(share.path)
    assert share.asked == 1, "a thread for each question would pile up"
    assert answering.silent(share.path)
    assert answering.identity(share.path) is None
    assert answering.answers(os.fsencode(tmp_path)), "others are no worse off"
    share.back()
    assert answering.answers(share.path, 30)
    assert not answering.silent(share.path)
    here = os.stat(share.path)
    assert answering.identity(share.path) == (here.st_dev, here.st_ino)


def test_what_is_not_there_has_answered(tmp_path: Path) -> None:
    answering = Answering()
    gone = os.fsencode(tmp_path / "gone")
    assert answering.answers(gone)
    assert answering.identity(gone) is None
    assert answering.answers(b"nul\0byte")


class Opener:
    """A decoder that cannot open anything, and counts how often it was asked to."""

    def __init__(self) -> None:
        self.opened = 0

    def look(self, request: LookRequest) -> LookReply:
        self.opened += 1
        return LookReply(failure="Opening it took longer than 60 seconds.")

    def model_input(self, request: InputRequest) -> InputReply:
        self.opened += 1
        return InputReply(failure="It took too long.")

    def picture(self, request: PictureRequest) -> PictureReply:
        self.opened += 1
        return PictureReply(failure="It took too long.")

    def faces(self, request: FaceRequest) -> FaceReply:
        self.opened += 1
        return FaceReply(failure="It took too long.")

    def close(self) -> None:
        """Nothing to close."""


def test_photos_where_there_is_no_answer_are_put_off_and_not_failed(
    share: Share, tmp_path: Path
) -> None:
    opener, told = Opener(), list[bytes]()
    here = os.fsencode(tmp_path)
    decoder = PatientDecoder(
        opener,
        Answering(share.stat, SOON_S),
        lambda: [here, share.path],
        silenced=told.append,
    )
    look = decoder.look(LookRequest(share.path + b"/a/1.jpg", "1.jpg"))
    assert (look.failure, look.unread) == (SILENT, True)
    assert told == [share.path]
    began = time.monotonic()
    for number in range(100):
        look = decoder.look(LookRequest(share.path + b"/%d.jpg" % number, "1.jpg"))
        assert look.unread
    assert decoder.faces(FaceRequest((share.path + b"/1.jpg",), b"")).failure == SILENT
    assert time.monotonic() - began < 5
    assert opener.opened == 1, "only the first one had to find out"
    bad = decoder.look(LookRequest(here + b"/broken.jpg", "broken.jpg"))
    assert not bad.unread
    assert "longer" in bad.failure, "a broken file elsewhere stays a broken file"
    share.back()


def test_who_waits_for_a_picture_does_not_wait_for_the_drive(share: Share) -> None:
    opener = Opener()
    decoder = PatientDecoder(opener, Answering(share.stat), lambda: [share.path], ask_first=SOON_S)
    for _ in range(3):
        picture = decoder.picture(PictureRequest(share.path + b"/1.jpg", 100))
        assert picture.failure == SILENT
    assert not opener.opened
