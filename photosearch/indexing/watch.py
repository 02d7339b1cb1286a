"""Watching folders: soon after something changed in them, somebody is told where to look.

It is a hint only, the scan stays the truth: what cannot be watched (a drive of another computer,
more folders than the system watches, a folder that is away) is looked at now and then.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from photosearch.indexing.noticed import Look, Noticed
from photosearch.indexing.reach import on_network
from photosearch.media.answering import Answering
from photosearch.types import Folder

_log = logging.getLogger(__name__)
_HERE = os.path.dirname(os.path.abspath(__file__))  # a folder that is no photo folder
_GOODBYE_S = 5.0

Told = Callable[[Look], None]


@dataclass(frozen=True, slots=True)
class Pace:
    """How long what takes, in seconds."""

    quiet_s: float = 1.0  # without any change before somebody is told
    longest_s: float = 10.0  # and no longer than this after the first change
    check_s: float = 20.0  # between two looks whether watched folders are still the same
    look_s: float = 600.0  # between two looks at folders that cannot be watched


@dataclass(frozen=True, slots=True)
class _Place:
    """What is asked of the system: a folder with all below, or the folder of single photos."""

    path: str
    deep: bool


@dataclass(frozen=True, slots=True)
class _Held:
    """A place that is watched, and which folder that was: another drive may come to lie there."""

    watch: Any
    identity: object


class Watch:
    """Watches folders on threads of its own until it is closed."""

    def __init__(
        self,
        told: Told,
        *,
        pace: Pace | None = None,
        observe: Callable[[], Any] | None = None,
        answering: Answering | None = None,
    ) -> None:
        """`told` is called on a thread of this; `observe` makes the watcher of the system."""
        self._answering = answering or Answering()
        self._told = told
        self._pace = pace or Pace()
        self._observe = observe or _observer
        self._changed = threading.Condition()
        self._noticed = Noticed()
        self._first = self._last = 0.0  # change that was noticed and not told
        self._folders: tuple[Folder, ...] = ()
        self._asked = False  # whether other folders are to be watched
        self._closed = False
        self._observer: Any = None
        self._held: dict[_Place, _Held] = {}
        self._away: set[_Place] = set()  # not there
        self._unwatched: set[_Place] = set()  # there, and the system does not watch it
        self._looked = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def follow(self, folders: Sequence[Folder]) -> None:
        """Watch these folders and no others; returns at once."""
        with self._changed:
            if _told_apart(folders) == _told_apart(self._folders):
                return
            self._folders = tuple(folders)
            self._noticed.follow(self._folders)
            self._asked = True
            self._changed.notify()

    def close(self) -> None:
        """Watch no more; nobody is told of anything after this."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(_GOODBYE_S)  # a drive that does not answer holds nobody up

    def dispatch(self, event: Any) -> None:
        """Take an event of the system's watcher, on its thread."""
        with self._changed:
            for path in (event.src_path, event.dest_path):
                if path and self._noticed.changed(os.fsencode(path), directory=event.is_directory):
                    self._note()

    def _note(self) -> None:
        """Begin to wait for quiet, or wait on (holding the lock)."""
        self._last = time.monotonic()
        if not self._first:
            self._first = self._last
            self._changed.notify()

    def _run(self) -> None:
        checked = time.monotonic()
        while True:
            with self._changed:
                self._changed.wait(self._wait_s(checked))
                if self._closed:
                    break
                asked, self._asked = self._asked, False
                folders = self._folders
                look = self._due()
            if asked:
                self._arrange(folders)
            if look is not None:
                self._told(look)
            if time.monotonic() - checked >= self._pace.check_s:
                self._check(folders)
                checked = time.monotonic()
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()

    def _wait_s(self, checked: float) -> float:
        """Return how long nothing is to be done (holding the lock)."""
        if self._asked or self._closed:
            return 0.0
        until = checked + self._pace.check_s
        if self._first:
            until = min(until, self._quiet_at())
        return max(0.0, until - time.monotonic())

    def _quiet_at(self) -> float:
        return min(self._last + self._pace.quiet_s, self._first + self._pace.longest_s)

    def _due(self) -> Look | None:
        """Return where to look, once it is quiet (holding the lock)."""
        if not self._first or time.monotonic() < self._quiet_at():
            return None
        self._first = 0.0
        return self._noticed.take()

    # --- on the thread of this, without the lock ---

    def _arrange(self, folders: Sequence[Folder]) -> None:
        """Watch what is to be watched, as far as the system does."""
        wanted = {_place(folder) for folder in folders}
        for place in [place for place in self._held if place not in wanted]:
            self._let_go(place)
        self._away &= wanted
        self._unwatched &= wanted
        known = self._held.keys() | self._away | self._unwatched
        for place in sorted(wanted - known, key=lambda place: place.path):
            self._begin(place)
        if self._held and not self._room_left():
            _log.warning(
                "The system cannot watch as many folders as there are: they are looked at now "
                "and then. On Linux the limit is fs.inotify.max_user_watches."
            )
            for place in tuple(self._held):
                self._let_go(place)
                self._unwatched.add(place)

    def _begin(self, place: _Place) -> None:
        identity = self._identity(place)
        if identity is None:
            self._away.add(place)
            return
        if on_network(place.path):
            _log.info("%s is on another computer: it is looked at now and then", _shown(place))
            self._unwatched.add(place)
            return
        try:
            if self._observer is None:
                self._observer = self._observe()
                self._observer.start()
            watch = self._schedule(place)
        except (OSError, ImportError) as error:
            _log.warning(
                "%s cannot be watched, it is looked at now and then: %s", _shown(place), error
            )
            self._unwatched.add(place)
        else:
            self._held[place] = _Held(watch, identity)

    def _identity(self, place: _Place) -> object:
        """Return which folder lies there now, None when none does or its drive hangs."""
        return self._answering.identity(os.fsencode(place.path))

    def _let_go(self, place: _Place) -> None:
        held = self._held.pop(place)
        try:
            self._observer.unschedule(held.watch)
        except (OSError, KeyError, RuntimeError) as error:  # it ended by itself
            _log.debug("letting go of %s: %s", _shown(place), error)

    def _room_left(self) -> bool:
        """Whether the system would watch one more: of folders inside a folder it says nothing."""
        try:
            self._observer.unschedule(self._schedule(_Place(_HERE, deep=False)))
        except OSError:
            return False
        return True

    def _schedule(self, place: _Place) -> Any:
        return self._observer.schedule(
            self, place.path, recursive=place.deep, event_filter=_event_kinds()
        )

    def _check(self, folders: Sequence[Folder]) -> None:
        """See what vanished and what came back; look at what is not watched if it is time."""
        gone = [
            place for place, held in self._held.items() if held.identity != self._identity(place)
        ]
        for place in gone:
            _log.info("%s is gone, or another folder is there now", _shown(place))
            self._let_go(place)
        back = [place for place in self._away if self._identity(place) is not None]
        self._away.difference_update(back)
        for place in (*gone, *back):
            self._begin(place)
        stale = {*gone, *back}
        if time.monotonic() - self._looked >= self._pace.look_s:
            self._looked = time.monotonic()
            stale |= self._unwatched
        with self._changed:
            for folder in folders:
                if _place(folder) in stale:
                    self._noticed.whole(folder.id)
                    self._note()


def _told_apart(folders: Sequence[Folder]) -> list[tuple[object, ...]]:
    """Return what makes a difference to watching."""
    return [(each.id, each.path, each.single_file, each.exclude) for each in folders]


def _place(folder: Folder) -> _Place:
    if folder.single_file:
        return _Place(os.path.dirname(folder.path), deep=False)
    return _Place(folder.path, deep=True)


def _shown(place: _Place) -> str:
    return place.path.encode(errors="backslashreplace").decode()


def _event_kinds() -> list[Any]:
    """Return the events that mean a change; reading a photo is none."""
    from watchdog import events

    return [
        events.FileCreatedEvent,
        events.FileModifiedEvent,
        events.FileClosedEvent,
        events.FileMovedEvent,
        events.FileDeletedEvent,
        events.DirCreatedEvent,
        events.DirMovedEvent,
        events.DirDeletedEvent,
    ]


def _observer() -> Any:
    """Return the system's own watcher, not yet started."""
    from watchdog.observers import Observer

    return Observer()
