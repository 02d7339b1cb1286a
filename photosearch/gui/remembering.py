"""Carrying what the window remembers between its parts and a `WindowState`."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QWidget

from photosearch.gui.frame import Frame
from photosearch.gui.settings_links import SettingsLinks
from photosearch.gui.upkeep import Upkeep
from photosearch.gui.window_state import WindowState

FIRST_SIZE = (1280, 820)


class Remembering:
    """Gives the parts what was remembered, and asks them when it is to be remembered again."""

    def __init__(
        self,
        window: QWidget,
        frame: Frame,
        settings: SettingsLinks,
        upkeep: Upkeep,
        state: WindowState,
    ):
        self._window, self._frame = window, frame
        self._settings, self._upkeep = settings, upkeep
        self.last = state  # as it was when the window began, or was kept

    def restore(self) -> None:
        """Make the window as it was."""
        state, frame = self.last, self._frame
        self._window.resize(*FIRST_SIZE)
        if state.geometry:
            self._window.restoreGeometry(QByteArray.fromBase64(state.geometry.encode()))
        frame.sidebar.open_branches(state.branches)
        frame.want_sidebar(state.sidebar_shown)
        frame.set_sidebar_px(state.sidebar_px, self._window.width())
        tile_px = self._settings.tile_px(state.tile_px)
        frame.page.grid.setTilePx(tile_px)
        frame.status.show_tile_size(tile_px)
        frame.viewer.show_info(state.info_shown)

    def now(self) -> WindowState:
        """Return what is to be remembered, as it is now."""
        frame = self._frame
        shown = not frame.sidebar.isHidden()
        return replace(
            self.last,
            geometry=bytes(self._window.saveGeometry().toBase64().data()).decode(),
            sidebar_px=frame.sidebar_px if shown else self.last.sidebar_px,
            branches=frame.sidebar.branches(),
            sidebar_shown=frame.sidebar_wanted,
            tile_px=frame.status.tiles.value(),
            settings_section=self._settings.section,
            info_shown=not frame.viewer.info.isHidden(),
            model_banner_dismissed=self._upkeep.model_banner_dismissed,
        )

    def keep(self) -> None:
        """Remember how it is now."""
        self.last = self.now()
