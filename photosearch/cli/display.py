"""Whether a window could be shown, asked before Qt is: Qt would abort the program."""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Mapping

_NONE = (
    "There is no display to show a window on. "
    "Use the commands instead: “photosearch index FOLDER” and “photosearch search TEXT”."
)
_DEAD = "The display {display} does not answer. " + _NONE.partition(". ")[2]


def missing(environment: Mapping[str, str] | None = None) -> str:
    """Return a sentence if no display can be used, else an empty string."""
    environment = os.environ if environment is None else environment
    if sys.platform in ("win32", "darwin"):
        return ""
    platform = environment.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if platform and platform not in ("xcb", "wayland"):
        return ""
    if environment.get("WAYLAND_DISPLAY") and platform != "xcb":
        return ""
    display = environment.get("DISPLAY", "")
    if not display:
        return _NONE
    return "" if _answers(display) else _DEAD.format(display=display)


def _answers(display: str) -> bool:
    match = re.fullmatch(r"(.*?):(\d+)(\.\d+)?", display)
    if match is None:
        return False
    host, number = match.group(1), int(match.group(2))
    if host and host != "unix":
        return _connects(socket.AF_INET, (host, 6000 + number))
    if sys.platform == "win32":  # there Python has no sockets with paths
        return False
    path = f"/tmp/.X11-unix/X{number}"
    return _connects(socket.AF_UNIX, path) or _connects(socket.AF_UNIX, "\0" + path)


def _connects(family: int, address: str | tuple[str, int]) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(3)
        try:
            probe.connect(address)
        except OSError:
            return False
    return True
