"""Opens a library so that it can be lost no more: mends it before, and copies it while it is open.

In a window a thread of low rank does it: what was said is copied seconds after it was said, the
whole library once a day, and after an end that was not orderly all of it is looked at. A command
copies what was said when it closes the library, and the library after a run of indexing.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from photosearch.errors import DamagedError, StoreError
from photosearch.store import Store
from photosearch.store.database import says_damage
from photosearch.store.hearing import last_heard
from photosearch.store.keeping.backups import Backups
from photosearch.store.keeping.copies import Copies
from photosearch.store.keeping.damage import thorough_look
from photosearch.store.keeping.gathering import outline, photos, state
from photosearch.store.keeping.occupancy import Occupancy
from photosearch.store.keeping.recovery import mend_if_damaged
from photosearch.store.keeping.returning import forget_said, put

_log = logging.getLogger(__name__)
LOOK_S: Final = 5.0  # between two looks whether something was said
REST: Final = 20  # times as long as a copy took, nothing is copied again
CHECK_AFTER_S: Final = 20.0  # when the window has shown what it has
BACKUP_AFTER_S: Final = 600.0
BACKUP_EVERY_S: Final = 3600.0  # looks whether one is due


class Keeper:
    """A library that is open, and what keeps it."""

    def __init__(self, path: Path) -> None:
        """Open or create a library; a damaged one is mended, which `notices` tell.

        `StoreError` says why it cannot be used.
        """
        self._path = path
        self.copies = Copies(path)
        self.backups = Backups(path)
        self._occupancy = Occupancy(path)
        self._closing = threading.Event()
        self._busy: sqlite3.Connection | None = None  # of the thread, to interrupt it
        self._thread: threading.Thread | None = None
        self._occupancy.enter()
        try:
            mended = mend_if_damaged(path, self._occupancy)
            try:
                self.store = Store.open(path)
            except DamagedError:  # which the look at its head did not show
                mended = mend_if_damaged(path, self._occupancy)
                if mended is None:
                    raise
                self.store = Store.open(path)
        except BaseException:
            self._occupancy.leave()
            raise
        self.mended = mended is not None
        self.notices = mended.notices if mended else self._brought_up_to_date()

    def _brought_up_to_date(self) -> tuple[str, ...]:
        """After an end that was not orderly, say again what the library has forgotten.

        So it is when SQLite's own log was deleted, which holds what was written last.
        """
        if not self._occupancy.unclean:
            return ()
        with self.store.database.transaction() as db:
            if self.copies.action() <= last_heard(db) and self.copies.state():
                return ()
            found = self.copies.find()
            if found is None or found.document.action <= last_heard(db):
                return ()
            forget_said(db, found.document)
            put(db, found.document)
        self.mended = True
        return (
            f"The library {self._path} had lost what was written last. What you said came back "
            f"from {found.path}. Your photos are untouched.",
        )

    def start(self) -> None:
        """Keep the library beside the work of others, until `close`."""
        self._thread = threading.Thread(target=self._run, name="keeping", daemon=True)
        self._thread.start()

    def after_run(self) -> None:
        """Back up after a run of indexing, where no thread does so."""
        if self._thread is None:
            self._attempt(self._back_up)

    def close(self) -> None:
        """Copy what was said since the last time, and close the library."""
        self._closing.set()
        if self._thread is not None:
            busy = self._busy
            if busy is not None:
                with suppress(sqlite3.Error):
                    busy.interrupt()
            self._thread.join()
        self._attempt(self.copy_said)
        self.store.close()
        self._occupancy.leave()

    def copy_said(self) -> bool:
        """Write what was said to the readable file, if it has changed; whether it had."""
        with closing(self.store.database.apart()) as db:
            if state(db) == self.copies.state():
                return False
            with self.copies.held():  # from before reading: the last to write has read last
                db.execute("BEGIN")  # all of one moment
                document = outline(db)
                if not document and not document.said and not self.copies.newest.exists():
                    return False
                self.copies.write(document, photos(db))
        return True

    def _back_up(self) -> None:
        if not self.backups.due():
            return
        with closing(self.store.database.apart()) as db:
            if db.execute("SELECT 1 FROM photo LIMIT 1").fetchone() is None:
                return
            self._busy = db
            try:
                if self._is_sound(db):
                    self.backups.make(db)
            finally:
                self._busy = None

    def _look_at_all(self) -> None:
        with closing(self.store.database.apart()) as db:
            self._busy = db
            try:
                self._is_sound(db)
            finally:
                self._busy = None

    def _is_sound(self, db: sqlite3.Connection) -> bool:
        if self._closing.is_set() and self._thread is not None:
            return False
        wrong = thorough_look(db)
        if wrong:
            self.store.database.give_up(wrong)
        return not wrong

    def _run(self) -> None:
        began = time.monotonic()  # not the wall's: it may be set back
        checked = not self._occupancy.unclean
        backed_up_at = began + BACKUP_AFTER_S - BACKUP_EVERY_S
        rest_until = 0.0
        while not self._closing.wait(LOOK_S):
            now = time.monotonic()
            if now >= rest_until:
                copied = self._attempt(self.copy_said)
                took = time.monotonic() - now
                rest_until = time.monotonic() + (REST * took if copied else 0.0)
            if not checked and now - began >= CHECK_AFTER_S:
                checked = True
                self._attempt(self._look_at_all)
            if now - backed_up_at >= BACKUP_EVERY_S:
                backed_up_at = now
                self._attempt(self._back_up)

    def _attempt(self, work: Callable[[], bool | None]) -> bool:
        """Do what may fail without harm: it is tried again, and the log says why."""
        try:
            return bool(work())
        except StoreError as error:
            _log.warning("%s", error)
        except sqlite3.Error as error:
            if says_damage(error):
                self.store.database.give_up(str(error))
            if not self._closing.is_set():
                _log.warning("the library was not copied: %s", error)
        except Exception:  # noqa: BLE001 - what nobody foresaw must not end the copying
            _log.exception("the library was not copied")
        return False
