"""The models as the pane knows them: what their shelf holds, and the deeds of the user.

Runs the library's verbs on lanes and keeps the answer; knows no widget.  One desk serves both
sections, for search models and for face packs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from photosearch.errors import PhotoSearchError
from photosearch.gui.settings.models.downloads import Downloads
from photosearch.gui.settings.models.rows import Row
from photosearch.gui.settings.models.shelf import Shelf, read_shelf
from photosearch.gui.text import _, file_size
from photosearch.jobs import Job, Lane, Runner
from photosearch.types import (
    AnyModel,
    ConversionProgress,
    ModelKind,
    ModelOffer,
    SwitchCost,
)

if TYPE_CHECKING:
    from photosearch.library import Library


class ModelDesk(QObject):
    """Reads offers, and carries out what is asked for a model."""

    seen = Signal(object)  # Shelf
    rowChanged = Signal(str)  # name: something this window does with it
    costRead = Signal(object)  # SwitchCost
    chosen = Signal(str)  # name: it is used, or prepared
    got = Signal(str)  # name: it is on this machine now
    said = Signal(str)  # a sentence that went well
    failed = Signal(object)

    def __init__(self, library: Library, runner: Runner, parent: QObject | None = None):
        super().__init__(parent)
        self.library, self.runner = library, runner
        self.shelf = Shelf()
        self.read = False  # whether the library answered yet
        self.downloads = Downloads(library, runner, self)
        self.downloads.changed.connect(self.rowChanged)
        self.downloads.got.connect(self._on_got)
        self.downloads.stopped.connect(self.refresh)
        self.downloads.failed.connect(self.failed)
        self._use_when_here: set[str] = set()
        self._work: dict[str, str] = {}
        self._jobs: dict[str, Job] = {}
        self._problems: dict[str, str] = {}
        self._looking = self._again = False

    # --- reading --------------------------------------------------------------

    def refresh(self, *_what: object) -> None:
        """Read the offers again; while that is under way, once more after it."""
        if self._looking:
            self._again = True
            return
        self._looking = True
        self.runner.run(
            Lane.INTERACTIVE,
            read_shelf,
            self.library,
            on_success=self._on_seen,
            on_failure=self.failed.emit,
            on_finish=self._on_looked,
        )

    def rows(self, kind: ModelKind) -> tuple[Row, ...]:
        """Return the rows of the table of one kind."""
        return tuple(self._row(offer) for offer in self.shelf.offers if offer.kind is kind)

    def row(self, name: str) -> Row | None:
        """Return the row of a model."""
        offer = self.shelf.offer(name)
        return self._row(offer) if offer is not None else None

    def _row(self, offer: ModelOffer) -> Row:
        name = offer.name
        pull = self.downloads.pull(name)
        return Row(offer, pull, self._work.get(name, ""), self._problems.get(name, ""))

    def _on_seen(self, shelf: Shelf) -> None:
        self.shelf, self.read = shelf, True
        self.downloads.forget_stopped()
        self.seen.emit(shelf)

    def _on_looked(self) -> None:
        self._looking = False
        if self._again:
            self._again = False
            self.refresh()

    # --- getting --------------------------------------------------------------

    def needs_licence(self, name: str) -> bool:
        """Whether its licence must be accepted before it is downloaded."""
        offer = self.shelf.offer(name)
        here = offer is not None and offer.info is not None
        return offer is not None and not offer.accepted and not here

    def accept(self, name: str, then: Callable[[], object]) -> None:
        """Remember that the licence was accepted."""
        self._run(name, Lane.QUICK, self.library.getting.accept, name, then=then)

    def get(self, name: str, *, use: bool = False) -> None:
        """Download a model; `use` it when it is here."""
        self._problems.pop(name, None)
        if use:
            self._use_when_here.add(name)
        self.downloads.get(name)

    def cancel(self, name: str) -> None:
        """Give a download up."""
        self._use_when_here.discard(name)
        self.downloads.cancel(name)

    def repair(self, name: str) -> None:
        """Check an installed model and fetch what is damaged."""
        self._problems.pop(name, None)
        self.downloads.repair(name)

    def _on_got(self, name: str, model: AnyModel) -> None:
        self.got.emit(name)
        if name in self._use_when_here:
            self._use_when_here.discard(name)
            self.choose(name)
        else:
            self.refresh()
        if model.in_use:  # the first of its kind is used at once
            self.chosen.emit(name)

    def added(self, model: AnyModel) -> None:
        """Learn that a model was brought by the user."""
        self.got.emit(model.name)
        self.refresh()
        if model.in_use:
            self.chosen.emit(model.name)

    # --- using ----------------------------------------------------------------

    def ask_cost(self, name: str) -> None:
        """Find out what choosing a search model would take."""
        self._run(name, Lane.INTERACTIVE, self.library.switching.cost, name, tell=self._on_cost)

    def choose(self, name: str) -> None:
        """Search with a model, as soon as all photos are prepared for it; or find faces with it."""
        offer = self.shelf.offer(name)
        faces = offer is not None and offer.kind is ModelKind.FACES
        verb = self.library.use_model if faces else self.library.switching.choose
        self._run(name, Lane.INTERACTIVE, verb, name, then=partial(self.chosen.emit, name))

    def switch_now(self, name: str) -> None:
        """Search with the coming model although it is not complete."""
        self._run(
            name,
            Lane.INTERACTIVE,
            self.library.switching.now,
            then=partial(self.chosen.emit, name),
        )

    def go_back(self, name: str) -> None:
        """Give the coming model up; what was prepared for it stays."""
        self._run(
            name,
            Lane.INTERACTIVE,
            self.library.switching.go_back,
            then=partial(self.chosen.emit, name),
        )

    def delete(self, name: str, *, files: bool, vectors: bool) -> None:
        """Delete files of a model, or what it learnt, or both."""
        self._run(
            name,
            Lane.QUICK,
            self.library.switching.delete,
            name,
            files=files,
            vectors=vectors,
            tell=self._on_deleted,
            work=_("Deleting…"),
        )

    def forget(self, name: str) -> None:
        """Take one's own model off the list; its files stay."""
        self._run(name, Lane.QUICK, self.library.remove_model, name)

    # --- measuring ------------------------------------------------------------

    def measure(self, name: str) -> None:
        """Find the fastest way to run a model on this machine."""
        self._run(
            name,
            Lane.PREPARE,
            self.library.measuring.measure,
            name,
            work=_("Measuring…"),
            progress=partial(self._on_measuring, name),
        )

    def stop_work(self, name: str) -> None:
        """Stop measuring."""
        job = self._jobs.get(name)
        if job is not None:
            job.cancel()

    def can_stop(self, name: str) -> bool:
        """Whether something long is done with a model that can be stopped."""
        return name in self._jobs

    def _on_measuring(self, name: str, progress: ConversionProgress) -> None:
        said = _("Measuring {step} of {steps}…")
        self._work[name] = said.format(step=progress.step, steps=progress.steps)
        self.rowChanged.emit(name)

    # --- one way for all ------------------------------------------------------

    def _run(
        self,
        name: str,
        lane: Lane,
        verb: Callable[..., Any],
        *args: object,
        then: Callable[[], object] | None = None,
        tell: Callable[[Any], object] | None = None,
        work: str = "",
        progress: Callable[[Any], object] | None = None,
        **named: Any,
    ) -> None:
        """Run a verb for a model; its row says what is done, or why it could not be."""
        self._problems.pop(name, None)
        if work:
            self._work[name] = work
        self.rowChanged.emit(name)
        job = self.runner.run(
            lane,
            verb,
            *args,
            on_success=partial(self._on_done, then, tell),
            on_failure=partial(self._on_failed, name),
            on_progress=progress,
            on_finish=partial(self._on_finished, name, bool(work)),
            **named,
        )
        if progress is not None:
            self._jobs[name] = job

    def _on_done(
        self,
        then: Callable[[], object] | None,
        tell: Callable[[Any], object] | None,
        result: object,
    ) -> None:
        if tell is not None:
            tell(result)
        if then is not None:
            then()

    def _on_failed(self, name: str, error: Exception) -> None:
        if isinstance(error, PhotoSearchError):
            self._problems[name] = str(error)
        self.failed.emit(error)

    def _on_finished(self, name: str, worked: bool) -> None:
        if worked:  # what is asked of a model meanwhile does not end its measuring
            self._work.pop(name, None)
            self._jobs.pop(name, None)
        self.rowChanged.emit(name)
        self.refresh()

    def _on_cost(self, cost: SwitchCost) -> None:
        self.costRead.emit(cost)

    def _on_deleted(self, freed_bytes: int) -> None:
        self.said.emit(_("{size} were freed.").format(size=file_size(freed_bytes)))
