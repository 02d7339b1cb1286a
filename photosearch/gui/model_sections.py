"""The sections of models and devices on the settings page, and the settings they show.

Made with the page, when somebody looks at it. What the models do to the rest of the window,
`model_links` knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from photosearch.gui.settings import words
from photosearch.gui.settings.devices.desk import DeviceDesk
from photosearch.gui.settings.devices.section import DevicesSection
from photosearch.gui.settings.models.desk import ModelDesk
from photosearch.gui.settings.models.rows import Deed, Row
from photosearch.gui.settings.models.section import ModelsSection
from photosearch.gui.settings.models.switch_watch import SwitchWatch
from photosearch.gui.settings.page import SettingsPage
from photosearch.gui.text import _
from photosearch.jobs import Runner
from photosearch.types import ModelKind

if TYPE_CHECKING:
    from photosearch.library import Library

PROVIDER, LANGUAGE = "devices.provider", "search.language"
OWN_KEYS = ("search.model", "search.coming", "faces.model", PROVIDER)  # shown in our own way


class ModelSections(QObject):
    """Puts the sections into the settings page and keeps them in step with the settings."""

    pauseWanted = Signal(bool)
    speedWanted = Signal()  # somebody looks at the models: how fast is this machine?
    failed = Signal(object)

    def __init__(
        self,
        library: Library,
        runner: Runner,
        page: SettingsPage,
        *,
        desk: ModelDesk,
        watch: SwitchWatch,
        parent: QObject | None = None,
    ):
        super().__init__(parent)
        self._page, self._desk = page, desk
        self.devices_desk = DeviceDesk(library, runner, self)
        self.search = ModelsSection(desk, watch, ModelKind.SEARCH, page)
        self.faces = ModelsSection(desk, watch, ModelKind.FACES, page)
        self.devices = DevicesSection(self.devices_desk, page)
        self._of_kind = {ModelKind.SEARCH: self.search, ModelKind.FACES: self.faces}
        self._put_in()
        self._connect()

    def _put_in(self) -> None:
        page = self._page
        page.take(*OWN_KEYS)
        said = _("models table presets download get quality licence compare convert add folder zip")
        page.section("search").add(self.search, wide=True, words=said)
        page.section("faces").add(self.faces, wide=True, words=said)
        page.section("devices").add(
            self.devices, words=_("device provider automatic try verdict driver gpu pack runtime")
        )
        self._on_setting(LANGUAGE)
        self._on_setting(PROVIDER)

    def _connect(self) -> None:
        page = self._page
        for name in ("search", "faces"):
            page.section(name).shown.connect(self._desk.refresh)
        page.section("search").shown.connect(self.speedWanted)
        page.section("devices").shown.connect(self.devices_desk.refresh)
        page.desk.changed.connect(self._on_setting)
        self._desk.said.connect(page.say)
        self.devices_desk.failed.connect(self.failed)
        self.devices_desk.calibrating.connect(self._on_calibrating)
        self.devices.chosen.connect(self._on_device_chosen)
        self.search.pauseWanted.connect(self.pauseWanted)

    def use(self, row: Row) -> None:
        """Use a model, after saying what that takes."""
        self._of_kind[row.offer.kind].hands.do(Deed.USE, row)

    def show_paused(self, paused: bool) -> None:
        """Say whether the run that prepares a model is paused."""
        self.search.show_paused(paused)

    def know_speed(self) -> None:
        """Measure the machine for whoever looks at the models."""
        if self._page.current == "search":
            self.devices_desk.know_speed()

    def _on_calibrating(self, begun: bool) -> None:
        if not begun:  # speeds can be estimated now
            self._desk.refresh()

    def _on_setting(self, key: str) -> None:
        desk = self._page.desk
        if key == LANGUAGE:
            for section in self._of_kind.values():
                section.prefer_language(str(desk.value(key).value))
        elif key == PROVIDER:
            held = desk.value(key)
            locked = words.locked(desk.declared(key), held.source)
            self.devices.show_choice(str(held.value), locked)
            if self._page.isVisible() and self._page.current == "devices":
                self.devices_desk.refresh()

    def _on_device_chosen(self, wanted: str) -> None:
        self._page.desk.set(PROVIDER, wanted)
