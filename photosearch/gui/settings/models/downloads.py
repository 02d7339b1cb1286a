"""Downloads of models: one after another, paused, resumed, cancelled.

Knows the library's `getting` and the download lane; knows no widget.  A paused download gives its
lane up: what is here is kept by the library, and resuming goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from photosearch.errors import PhotoSearchError
from photosearch.gui.settings.models.rows import Pull, PullState
from photosearch.gui.text import _
from photosearch.gui.told import told
from photosearch.jobs import Job, Lane, Runner
from photosearch.types import AnyModel, DownloadProgress

if TYPE_CHECKING:
    from photosearch.library import Library


@dataclass(slots=True)
class _Going:
    """One download of this window."""

    pull: Pull
    job: Job | None = None
    discard: bool = False  # when it has stopped, what is here goes, too
    giving: bool = False  # what is here is being deleted


class Downloads(QObject):
    """Tells how each download goes; those that wait are done in the order they were asked for."""

    changed = Signal(str)  # name
    got = Signal(str, object)  # name, AnyModel
    stopped = Signal(str)  # name: paused, cancelled or failed; the library knows what is here
    failed = Signal(object)  # an error that nobody expected

    def __init__(self, library: Library, runner: Runner, parent: QObject | None = None):
        super().__init__(parent)
        self._library, self._runner = library, runner
        self._going: dict[str, _Going] = {}

    def pull(self, name: str) -> Pull | None:
        """Return how a download is, None where there is none."""
        going = self._going.get(name)
        return going.pull if going is not None else None

    @property
    def busy(self) -> bool:
        """Whether any download is under way or waits."""
        return any(going.job is not None for going in self._going.values())

    def get(self, name: str) -> None:
        """Begin or go on with a download, after those that were asked for before."""
        self._begin(name, repair=False)

    def repair(self, name: str) -> None:
        """Check an installed model and fetch what is damaged."""
        self._begin(name, repair=True)

    def _begin(self, name: str, *, repair: bool) -> None:
        if self._active(name) is not None:
            return
        going = self._going[name] = _Going(Pull(PullState.WAITING))
        verb = self._library.getting.repair if repair else self._library.getting.get
        going.job = self._runner.run(
            Lane.DOWNLOAD,
            verb,
            name,
            on_success=partial(self._on_got, name),
            on_failure=partial(self._on_failed, name),
            on_progress=partial(self._on_progressed, name),
            on_finish=partial(self._on_finished, name),
        )
        self.changed.emit(name)

    def pause(self, name: str) -> None:
        """Stop a download and keep what is here."""
        self._stop(name, discard=False)

    def cancel(self, name: str) -> None:
        """Stop a download, or give a paused one up, and delete what is here."""
        if self._active(name) is not None:
            self._stop(name, discard=True)
        else:
            self._going[name] = _Going(Pull(PullState.STOPPING))
            self._discard(name)

    def _active(self, name: str) -> _Going | None:
        going = self._going.get(name)
        return going if going is not None and going.job is not None else None

    def _stop(self, name: str, *, discard: bool) -> None:
        going = self._active(name)
        if going is None or going.job is None:
            return
        going.discard = going.discard or discard
        going.pull = replace(going.pull, state=PullState.STOPPING)
        going.job.cancel()
        self.changed.emit(name)

    def _discard(self, name: str) -> None:
        self._going[name].giving = True
        self._runner.run(
            Lane.QUICK,
            self._library.getting.discard,
            name,
            on_failure=self.failed.emit,
            on_finish=partial(self._on_discarded, name),
        )

    def _on_discarded(self, name: str) -> None:
        going = self._going.get(name)
        if going is not None and going.job is None:
            going.giving = False
        self.stopped.emit(name)

    def _on_progressed(self, name: str, progress: DownloadProgress) -> None:
        going = self._active(name)
        if going is not None and going.pull.state is not PullState.STOPPING:
            going.pull = Pull(PullState.RUNNING, progress)
            self.changed.emit(name)

    def _on_got(self, name: str, model: AnyModel) -> None:
        self._going.pop(name, None)
        self.got.emit(name, model)

    def _on_failed(self, name: str, error: Exception) -> None:
        said = told(str(error))
        if not isinstance(error, PhotoSearchError):
            said = _("Something went wrong that should not have. Try again.")
            self.failed.emit(error)
        self._going[name] = _Going(Pull(PullState.FAILED, None, said))

    def _on_finished(self, name: str) -> None:
        going = self._going.get(name)
        if going is None:
            return  # it is here
        going.job = None
        if going.pull.state is PullState.FAILED:
            self.stopped.emit(name)
            return
        if going.discard:
            self._discard(name)
        else:
            self.stopped.emit(name)

    def forget_stopped(self) -> None:
        """The library's news are at hand: until now what had stopped was shown as stopping."""
        for name, going in tuple(self._going.items()):
            if going.job is None and going.pull.state is not PullState.FAILED and not going.giving:
                del self._going[name]
