"""How the models reach the rest of the window, and it them.

Knows which part says what to whom; what it means, the parts know. What knows the models is made
when they are first asked for, their sections with the settings page: few starts need either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from photosearch.gui.frame import Frame
from photosearch.gui.indexer import Indexer
from photosearch.gui.news import LibraryNews
from photosearch.gui.people_links import PeopleLinks
from photosearch.gui.text import _
from photosearch.jobs import Runner
from photosearch.types import AnyModel, ModelKind, OfferState, Switch

if TYPE_CHECKING:
    from photosearch.gui.model_sections import ModelSections
    from photosearch.gui.settings.models.desk import ModelDesk
    from photosearch.gui.settings.models.shelf import Shelf
    from photosearch.gui.settings.models.switch_watch import SwitchWatch
    from photosearch.gui.settings.page import SettingsPage
    from photosearch.library import Library

SECTION_OF = {ModelKind.SEARCH: "search", ModelKind.FACES: "faces"}


class ModelLinks(QObject):
    """Keeps window and models in step, and brings the sections into the settings page."""

    rescanWanted = Signal()
    modelChanged = Signal()  # what answers is another, or will be
    failed = Signal(object)

    def __init__(
        self, library: Library, runner: Runner, frame: Frame, parent: QObject | None = None
    ):
        super().__init__(parent)
        self._library, self._runner, self._frame = library, runner, frame
        self._desk: ModelDesk | None = None
        self._watch: SwitchWatch | None = None
        self._sections: ModelSections | None = None
        self._tell = ""  # the model of which is to be said what became of it
        self._use = ""  # the model that is to be used when it has been read
        self._paused = self._begun = False
        self._indexer: Indexer | None = None
        frame.settingsMade.connect(self._on_settings_made)

    @property
    def desk(self) -> ModelDesk:
        """What knows the models; made when it is first asked."""
        if self._desk is None:
            self._make_desk()
        assert self._desk is not None
        return self._desk

    @property
    def sections(self) -> ModelSections:
        """The sections; made with the settings page."""
        page = self._frame.settings  # the first look makes it, and then we hear of it
        assert self._sections is not None, f"{page} was made before anybody listened"
        return self._sections

    def _make_desk(self) -> None:
        from photosearch.gui.settings.models.desk import ModelDesk
        from photosearch.gui.settings.models.switch_watch import SwitchWatch

        self._desk = desk = ModelDesk(self._library, self._runner, self)
        self._watch = SwitchWatch(desk)
        desk.seen.connect(self._on_seen)
        desk.chosen.connect(self._on_chosen)
        desk.got.connect(self._on_got)
        desk.failed.connect(self._on_failed)
        self._watch.changed.connect(self._on_switch)
        self._watch.ended.connect(self._on_switched)

    def _on_settings_made(self, page: SettingsPage) -> None:
        from photosearch.gui.model_sections import ModelSections

        desk = self.desk
        assert self._watch is not None
        self._sections = made = ModelSections(
            self._library, self._runner, page, desk=desk, watch=self._watch, parent=self
        )
        made.failed.connect(self._on_failed)
        made.speedWanted.connect(self._know_speed)
        if self._indexer is not None:
            made.pauseWanted.connect(self._indexer.hold)
        made.show_paused(self._paused)

    def follow(self, news: LibraryNews, indexer: Indexer, people: PeopleLinks) -> None:
        """Keep in step with the library, and let the banner hold a run."""
        news.seen.connect(self._on_library_seen)
        self.modelChanged.connect(news.refresh)
        self.modelChanged.connect(people.refresh)
        news.modelReady.connect(self._on_model_ready)
        news.folderRemoved.connect(self.refresh)
        indexer.stopped.connect(self.refresh)
        indexer.stopped.connect(self._know_speed)
        indexer.pausedChanged.connect(self._on_paused)
        self.rescanWanted.connect(indexer.request)
        self._indexer = indexer

    def refresh(self) -> None:
        """Read the models again."""
        self.desk.refresh()

    # --- ways in --------------------------------------------------------------

    def open(self, kind: ModelKind) -> None:
        """Show the models of a kind in the settings."""
        page = self._frame.settings
        page.show_section(SECTION_OF[kind])
        self._frame.show_settings()
        page.take_focus()

    def open_missing(self) -> None:
        """Show the models of the kind that is offered: search models come first."""
        self.open(ModelKind.SEARCH if self._frame.page.lacks_model else ModelKind.FACES)

    def open_search(self) -> None:
        """Show the search models."""
        self.open(ModelKind.SEARCH)

    def open_faces(self) -> None:
        """Show the face packs."""
        self.open(ModelKind.FACES)

    def use(self, name: str) -> None:
        """Use a registered model, after saying what that takes."""
        self._use = name
        self.refresh()

    def _on_library_seen(self, _overview: object) -> None:
        if not self._begun:  # a switch may be under way since the last time
            self._begun = True
            if self._library.settings.current.search.coming:
                self.refresh()  # else not before the first run is over: who begins needs it less

    # --- what happens ---------------------------------------------------------

    def _know_speed(self) -> None:
        """Measure the machine for whoever looks at the models, while nothing else is worked at."""
        idle = self._indexer is not None and not self._indexer.running
        if self._frame.setting and idle:
            self.sections.know_speed()

    def _on_seen(self, shelf: Shelf) -> None:
        self._say_what_became()
        row = self.desk.row(self._use) if self._use else None
        if row is None:  # what was read may be from before the model came
            return
        self._use = ""
        if row.state is OfferState.INSTALLED:
            self.sections.use(row)

    def _say_what_became(self) -> None:
        row = self.desk.row(self._tell) if self._tell else None
        if row is None or row.state not in (OfferState.IN_USE, OfferState.COMING):
            return  # what was read may be from before the model was chosen
        self._tell = ""
        if row.state is OfferState.IN_USE:
            words = (
                _("The search model {name} is in use.")
                if row.offer.kind is ModelKind.SEARCH
                else _("The face pack {name} is in use.")
            )
            self._say(words.format(name=row.title))
        else:
            self._say(
                _("{name} is being prepared; search goes on meanwhile.").format(name=row.title)
            )

    def _say(self, words: str) -> None:
        if self._frame.setting:
            self._frame.settings.say(words)
        else:
            self._frame.page.say_briefly(words)

    def _on_chosen(self, name: str) -> None:
        self._tell = name
        self.modelChanged.emit()
        self.rescanWanted.emit()
        self.refresh()

    def _on_got(self, name: str) -> None:
        from photosearch.gui.settings.models import wording

        self.modelChanged.emit()
        title = wording.names(self.desk.shelf.offers).get(name, name)
        self._say(_("{name} is on this machine now.").format(name=title))

    def _on_model_ready(self, model: AnyModel) -> None:
        self.refresh()
        if not model.in_use:  # another one is: what changing takes is said first
            self.use(model.name)

    def _on_failed(self, error: Exception) -> None:
        self.failed.emit(error)

    # --- switching ------------------------------------------------------------

    def _on_switch(self, switch: Switch | None) -> None:
        words = ""
        if switch is not None:
            from photosearch.gui.settings.models import wording
            from photosearch.gui.settings.models.switch_banner import sentence

            words = sentence(switch, wording.names(self.desk.shelf.offers), self._paused)
        self._frame.status.show_preparing(words)

    def _on_paused(self, paused: bool) -> None:
        self._paused = paused
        if self._sections is not None:
            self._sections.show_paused(paused)
        if self._watch is not None:
            self._on_switch(self._watch.switch)

    def _on_switched(self, _old: str) -> None:
        used = self.desk.shelf.in_use(ModelKind.SEARCH)
        self._tell = used.name if used is not None else ""
        self._say_what_became()
        self.modelChanged.emit()
