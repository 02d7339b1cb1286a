"""What the window remembers between starts: a small JSON file, read and written off the window."""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from PySide6.QtWidgets import QWidget

from photosearch.outside import read_json

log = logging.getLogger(__name__)

FRAME_PX = 40  # title bar and borders
_MOST_PX = 100_000


@dataclass(frozen=True, slots=True)
class WindowState:
    """Sizes in logical pixels; geometry as Qt packs it, in base64."""

    geometry: str = ""
    sidebar_px: int = 232
    sidebar_shown: bool = True
    tile_px: int = 0  # 0: as the settings say
    info_shown: bool = False
    model_banner_dismissed: bool = False
    settings_section: str = ""  # that was shown last
    branches: tuple[str, ...] = ()  # of the sidebar, those that are open


def load(path: Path) -> WindowState:
    """Read the state; anything odd in it means the default."""
    try:
        raw = read_json(path)
    except (OSError, ValueError):
        return WindowState()
    if not isinstance(raw, dict):
        return WindowState()
    default = asdict(WindowState())
    branches = raw.get("branches")
    if isinstance(branches, list):  # as JSON has it
        raw["branches"] = tuple(name for name in branches if isinstance(name, str))
    known = {
        field.name: raw[field.name]
        for field in fields(WindowState)
        if type(raw.get(field.name)) is type(default[field.name])
        and not (isinstance(raw[field.name], int) and abs(raw[field.name]) > _MOST_PX)
    }
    return WindowState(**known)


def fit_to_screen(window: QWidget) -> None:
    """Make a window that is yet to show no larger than its screen has room for, and bring it in.

    Room is kept for the frame, whose size nobody knows before the window shows.
    """
    room = window.screen().availableGeometry()
    width = min(window.width(), room.width())
    height = min(window.height(), room.height() - FRAME_PX)
    if (width, height) != (window.width(), window.height()):
        window.setMinimumSize(
            min(window.minimumWidth(), width), min(window.minimumHeight(), height)
        )
        window.resize(width, height)
    place = window.frameGeometry()
    if not room.contains(place):
        place.moveCenter(room.center())
        window.move(max(room.left(), place.left()), max(room.top(), place.top()))


def save(path: Path, state: WindowState) -> None:
    """Write the state, all or nothing; a disk that refuses costs only the memory of sizes."""
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(asdict(state)), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        log.warning("what the window remembers cannot be written to %s: %s", path, error)
        with suppress(OSError):
            part.unlink()
