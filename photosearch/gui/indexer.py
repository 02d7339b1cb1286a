"""One run of indexing at a time, and when to start the next.

Knows the library's `index` verb, pausing, and how often a view may be refreshed; no widget.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from photosearch.errors import DamagedError, StoreError
from photosearch.indexing.noticed import Look
from photosearch.jobs import Gate, Job, Lane, Runner
from photosearch.types import FolderId, IndexReport, Progress, Stage

if TYPE_CHECKING:
    from photosearch.library import Library

LEARNING = (Stage.EMBED, Stage.COMING, Stage.FACES, Stage.GROUP)  # no photo comes or goes
REFRESH_MS = 1000  # views follow a run at most this often
AGAIN_MS = 30_000  # after which a disk that was full may have room
AGAIN_AT_MOST_MS = 600_000  # it is asked less and less often
AT_REST = 5  # and rest this many times as long as looking takes: a million photos take a while


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders that the next run is to look at, None for all; of some only directories."""

    ids: tuple[FolderId, ...] | None = ()
    within: Mapping[FolderId, Collection[bytes]] = field(default_factory=dict)

    @property
    def wanted(self) -> bool:
        """Whether there is to be a run at all."""
        return self.ids != ()

    def also(self, more: Folders) -> Folders:
        """Return these and more; a whole folder is more than its directories."""
        if self.ids is None or more.ids is None:
            return Folders(None)
        within: dict[FolderId, Collection[bytes]] = {}
        for each in dict.fromkeys((*self.ids, *more.ids)):
            asking = [part for part in (self, more) if each in (part.ids or ())]
            if all(each in part.within for part in asking):
                within[each] = frozenset().union(*(part.within[each] for part in asking))
        return Folders(tuple(dict.fromkeys((*self.ids, *more.ids))), within)


class Indexer(QObject):
    """Starts runs, pauses and resumes them, tells how they go."""

    progressed = Signal(object)  # Progress
    pausedChanged = Signal(bool)
    changed = Signal(bool)  # True: photos came or went; False: some can be found now
    ended = Signal(object)  # IndexReport
    failed = Signal(object)
    recovered = Signal()  # a run came to its end after others could not use the library
    stopped = Signal()  # no run is on any more, however the last one ended

    def __init__(self, library: Library, runner: Runner, parent: QObject | None = None):
        super().__init__(parent)
        self._library = library
        self._runner = runner
        self._gate = Gate()
        self._held = False  # by the user
        self._on_battery = False
        self._overruled = False  # the user said to go on none the less
        self._job: Job | None = None
        self._next = Folders()
        self.looks_everywhere = False  # whether the run, or the last one, looks at all folders
        self._stage: Stage | None = None
        self._listed = False
        self._since_refresh = QElapsedTimer()
        self._refresh_ms = REFRESH_MS
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self._on_refresh_due)
        self._begun = Folders()  # by the run, or the last one
        self._failing = False  # whether the library could not be used in the last run
        self._quiet = False  # whether that was told, and nobody asked for a run since
        self._again_ms = AGAIN_MS
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self._on_again)

    @property
    def running(self) -> bool:
        """Whether a run is on, paused or not."""
        return self._job is not None

    @property
    def paused(self) -> bool:
        """Whether the run is held, by the user or for the sake of the battery."""
        return self._held or self.spares_battery

    @property
    def spares_battery(self) -> bool:
        """Whether it is the battery for whose sake the run is held."""
        return self._on_battery and not self._held and not self._overruled

    def request(self, folders: Sequence[FolderId] | None = None) -> None:
        """Look for changes in folders (all by default) and index everything pending.

        Begins now, or right after the run that is on.
        """
        self._quiet, self._again_ms = False, AGAIN_MS
        self._want(Folders(None if folders is None else tuple(folders)))

    def look(self, look: Look) -> None:
        """Look where something changed, and index everything pending."""
        self._want(Folders(look.folders, look.within))

    def _want(self, folders: Folders) -> None:
        self._next = self._next.also(folders)
        if self._job is None and self._next.wanted:
            self._begin()

    def _begin(self) -> None:
        self._again.stop()
        self._begun = wanted = self._next
        self._next = Folders()
        self.looks_everywhere = wanted.ids is None
        self._stage = None
        self._gate = Gate()
        if self.paused:
            self._gate.pause()
        self._job = self._runner.run(
            Lane.INDEX,
            self._library.index,
            folders=wanted.ids,
            within=wanted.within,
            executor=self._runner.executor(Lane.DECODE),
            gate=self._gate,
            on_success=self._on_ended,
            on_failure=self._on_failed,
            on_progress=self._on_progressed,
            on_finish=self._on_finished,
        )
        if self.paused:  # it waits before its first word
            self.progressed.emit(Progress(Stage.SCAN, 0, 0))

    def pause(self) -> None:
        """Hold the run at its next step."""
        self._held = True
        self._follow()

    def resume(self) -> None:
        """Let the run go on, on battery as well, until the computer is plugged in or out."""
        self._held = False
        self._overruled = self._on_battery
        self._follow()

    def set_on_battery(self, on: bool) -> None:
        """Hold the run while the computer runs on a battery that is to be spared."""
        if on != self._on_battery:
            self._on_battery, self._overruled = on, False
            self._follow()

    def _follow(self) -> None:
        if self.paused:
            self._gate.pause()
        else:
            self._gate.resume()
        self.pausedChanged.emit(self.paused)

    def hold(self, held: bool) -> None:
        """Pause or resume."""
        if held:
            self.pause()
        else:
            self.resume()

    def note_look(self, took_s: float) -> None:
        """Learn how long a look at the library takes that follows a refresh."""
        self._refresh_ms = max(REFRESH_MS, round(1000 * AT_REST * took_s))

    def cancel(self) -> None:
        """End the run; what is done is kept."""
        self._next = Folders()
        self._later.stop()
        self._again.stop()
        if self._job is not None:
            self._job.cancel()

    def _on_progressed(self, progress: Progress) -> None:
        self.progressed.emit(progress)
        # what the last stage did may be told with the first report of the next
        learning = progress.stage in LEARNING and self._stage is progress.stage
        self._stage = progress.stage
        self._listed |= progress.changed and not learning
        if progress.changed and not self._later.isActive():
            valid, wait_ms = self._since_refresh.isValid(), self._refresh_ms
            self._later.start(max(0, wait_ms - self._since_refresh.elapsed()) if valid else 0)

    def _on_refresh_due(self) -> None:
        self._since_refresh.start()
        listed, self._listed = self._listed, False
        self.changed.emit(listed)

    def _on_ended(self, report: IndexReport) -> None:
        if self._failing:
            self._failing, self._again_ms = False, AGAIN_MS
            self.recovered.emit()
        self.ended.emit(report)

    def _on_failed(self, error: Exception) -> None:
        """Try again where the disk may be mended meanwhile: by itself, and without a word."""
        if isinstance(error, StoreError) and not isinstance(error, DamagedError):
            self._again.start(self._again_ms)
            self._again_ms = min(2 * self._again_ms, AGAIN_AT_MOST_MS)
            told = self._failing and self._quiet
            self._failing = self._quiet = True
            if told:
                return
        self.failed.emit(error)

    def _on_again(self) -> None:
        self._want(self._begun)

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
