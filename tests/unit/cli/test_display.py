"""Whether a window could be shown, without asking Qt."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from photosearch.cli import display

pytestmark = pytest.mark.skipif(
    sys.platform in ("win32", "darwin"), reason="the others always have a display"
)


def test_none() -> None:
    assert "no display" in display.missing({})
    assert "no display" in display.missing({"DISPLAY": "", "QT_QPA_PLATFORM": "xcb"})


@pytest.mark.parametrize(
    "name", [":9871", "unix:9871", ":9871.0", "nonsense", ":", "a:b", ":99999999"]
)
def test_dead(name: str) -> None:
    said = display.missing({"DISPLAY": name})
    assert name in said
    assert "does not answer" in said


def test_others_are_believed() -> None:
    assert display.missing({"QT_QPA_PLATFORM": "offscreen"}) == ""
    assert display.missing({"QT_QPA_PLATFORM": "vnc:size=1x1"}) == ""
    assert display.missing({"WAYLAND_DISPLAY": "wayland-0"}) == ""
    assert display.missing({"WAYLAND_DISPLAY": "wayland-0", "QT_QPA_PLATFORM": "xcb"}) != ""


def test_one_that_answers() -> None:
    number = 20000 + os.getpid() % 10000
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0/tmp/.X11-unix/X{number}")
        server.listen()
        assert display.missing({"DISPLAY": f":{number}"}) == ""
        assert display.missing({"DISPLAY": f":{number}.0"}) == ""
    assert display.missing({"DISPLAY": f":{number}"}) != ""
    assert not Path(f"/tmp/.X11-unix/X{number}").exists()


def test_one_over_the_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        if port > 6000:
            assert display.missing({"DISPLAY": f"127.0.0.1:{port - 6000}"}) == ""
