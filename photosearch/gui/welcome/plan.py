"""What somebody chose in the welcome, and doing it by the ways the window has for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from photosearch.gui.background.starting import AUTOSTART
from photosearch.gui.background.staying import STAY
from photosearch.gui.settings.models.hands import ModelHands
from photosearch.gui.text import _

if TYPE_CHECKING:
    from photosearch.gui.main_window import MainWindow


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done; nothing of it by default."""

    folders: tuple[str, ...] = ()
    model: str = ""  # name, of a preset
    background: bool = False
    autostart: bool = False


def carry_out(plan: Plan, window: MainWindow) -> None:
    """Add the folders, keep the settings, and get the model."""
    if plan.folders:
        window.news.add_folders(plan.folders)
    for key, on in ((STAY, plan.background), (AUTOSTART, plan.autostart)):
        if on:
            window.frame.settings_desk.set(key, True)
    row = window.models.desk.row(plan.model) if plan.model else None
    if row is not None:
        ModelHands(window.models.desk, window).get(row, use=True)
        window.page.say_briefly(
            _("{model} is downloaded; the settings show how far it is.").format(model=row.title)
        )
