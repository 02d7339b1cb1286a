"""One run of indexing at a time, and when to start the next.

Knows the library's `index` verb, pausing, and how often a view may be refreshed; no widget.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from photosearch.jobs import Gate, Job, Lane, Runner
from photosearch.types import FolderId, IndexReport, Progress, Stage

if TYPE_CHECKING:
    from photosearch.library import Library

LEARNING = (Stage.EMBED, Stage.FACES, Stage.GROUP)  # no photo comes or goes
REFRESH_MS = 1000  # views follow a run at most this often


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders that the next run is to look at, None for all."""

    ids: tuple[FolderId, ...] | None = ()

    @property
    def wanted(self) -> bool:
        """Whether there is to be a run at all."""
        return self.ids != ()

    def also(self, more: Sequence[FolderId] | None) -> Folders:
        """Return these and more."""
        return Folders(None if self.ids is None or more is None else (*self.ids, *more))


class Indexer(QObject):
    """Starts runs, pauses and resumes them, tells how they go."""

    progressed = Signal(object)  # Progress
    pausedChanged = Signal(bool)
    changed = Signal(bool)  # True: photos came or went; False: some can be found now
    ended = Signal(object)  # IndexReport
    failed = Signal(object)
    stopped = Signal()  # no run is on any more, however the last one ended

    def __init__(self, library: Library, runner: Runner, parent: QObject | None = None):
        super().__init__(parent)
        self._library = library
        self._runner = runner
        self._gate = Gate()
        self._job: Job | None = None
        self._next = Folders()
        self.looks_everywhere = False  # whether the run, or the last one, looks at all folders
        self._stage: Stage | None = None
        self._listed = False
        self._since_refresh = QElapsedTimer()
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self._on_refresh_due)

    @property
    def running(self) -> bool:
        """Whether a run is on, paused or not."""
        return self._job is not None

    @property
    def paused(self) -> bool:
        """Whether the user held the run."""
        return self._gate.paused

    def request(self, folders: Sequence[FolderId] | None = None) -> None:
        """Look for changes in folders (all by default) and index everything pending.

        Begins now, or right after the run that is on.
        """
        self._next = self._next.also(folders)
        if self._job is None:
            self._begin()

    def _begin(self) -> None:
        wanted, self._next = self._next, Folders()
        self.looks_everywhere = wanted.ids is None
        self._stage = None
        paused = self._gate.paused
        self._gate = Gate()
        if paused:
            self._gate.pause()
        self._job = self._runner.run(
            Lane.INDEX,
            self._library.index,
            folders=wanted.ids,
            executor=self._runner.executor(Lane.DECODE),
            gate=self._gate,
            on_success=self._on_ended,
            on_failure=self.failed.emit,
            on_progress=self._on_progressed,
            on_finish=self._on_finished,
        )

    def pause(self) -> None:
        """Hold the run at its next step."""
        self._gate.pause()
        self.pausedChanged.emit(True)

    def resume(self) -> None:
        """Let the run go on."""
        self._gate.resume()
        self.pausedChanged.emit(False)

    def cancel(self) -> None:
        """End the run; what is done is kept."""
        self._next = Folders()
        self._later.stop()
        if self._job is not None:
            self._job.cancel()

    def _on_progressed(self, progress: Progress) -> None:
        self.progressed.emit(progress)
        # what the last stage did may be told with the first report of the next
        learning = progress.stage in LEARNING and self._stage is progress.stage
        self._stage = progress.stage
        self._listed |= progress.changed and not learning
        if progress.changed and not self._later.isActive():
            passed = self._since_refresh.elapsed() if self._since_refresh.isValid() else REFRESH_MS
            self._later.start(max(0, REFRESH_MS - passed))

    def _on_refresh_due(self) -> None:
        self._since_refresh.start()
        listed, self._listed = self._listed, False
        self.changed.emit(listed)

    def _on_ended(self, report: IndexReport) -> None:
        self.ended.emit(report)

    def _on_finished(self) -> None:
        self._job = None
        self._later.stop()
        self._since_refresh.start()
        self._listed = False
        self.changed.emit(True)
        if self._next.wanted:
            self._begin()
        else:
            self.stopped.emit()
