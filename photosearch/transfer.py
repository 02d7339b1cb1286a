"""What the user said, taken along to another computer: one readable file out, and in again.

With the names, verdicts and favourites go the settings that make sense anywhere. Folders are in
the file for the reader, and to be offered: none is added here.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from photosearch import __version__
from photosearch.errors import SettingsError, UsageError
from photosearch.paths import Paths
from photosearch.settings.schema import declared
from photosearch.settings.store import SettingsStore
from photosearch.store import Store
from photosearch.store.keeping.bringing import bring
from photosearch.store.keeping.document import Document
from photosearch.store.keeping.exporting import export, is_export, read_export
from photosearch.types import (
    Check,
    Conflict,
    Exported,
    Imported,
    TheirFolder,
    TransferProgress,
)

Report = Callable[[TransferProgress], None]
_EVERY_S = 0.1  # between two reports
_ELSEWHERE = (b"\\\\", b"//")  # how paths on another computer begin


class Transfer:
    """Export and import of one library."""

    def __init__(self, paths: Paths, settings: SettingsStore, store: Store) -> None:
        self._paths, self._settings, self._store = paths, settings, store

    def export(self, path: str, report: Report, check: Check, *, replace: bool = False) -> Exported:
        """Write all that was said to a file, whole or not at all.

        `UsageError` where something lies there already; to `replace` it must be an earlier
        export: nothing else is ever written over.
        """
        file = self._target(path, replace=replace)
        settings = tuple(self._chosen())
        written = export(
            self._store.database,
            file,
            program=__version__,
            settings=settings,
            tell=_telling(report, check),
        )
        return Exported(str(file), written.people, written.faces, written.favourites, len(settings))

    def bring(self, path: str, report: Report, check: Check, *, rehearse: bool = False) -> Imported:
        """Say here what a file says; what was said here stays. To `rehearse` changes nothing.

        Of the names and favourites all is there afterwards, or nothing, and undo takes them back.
        The settings follow once they are there, and stay when they are taken back. `UsageError`
        says why a file cannot be used.
        """
        file = Path(os.path.abspath(path))
        document = read_export(file)
        brought, here, waiting = bring(
            self._store.database,
            self._store.journal,
            document,
            f"Import {file.name}",
            _telling(report, check),
            rehearse=rehearse,
        )
        changed, differing, notices = self._set(document, rehearse=rehearse)
        if document.damaged:
            notices.insert(0, f"Entries that make no sense were left out: {document.damaged}.")
        return Imported(
            path=str(file),
            written=document.written,
            brought=brought,
            photos_here=here,
            photos_waiting=waiting,
            settings=tuple(changed),
            conflicts=(*brought.conflicts, *differing),
            notices=tuple(notices),
            folders=tuple(self._folders(document)),
            rehearsed=rehearse,
        )

    def _target(self, path: str, *, replace: bool) -> Path:
        """Return the file to write, through links; `UsageError` where none may be written."""
        file = Path(os.path.realpath(path))
        for own in (self._paths.data, self._paths.config, self._paths.cache):
            if file.is_relative_to(os.path.realpath(own)):
                raise UsageError(
                    f"{file} lies in PhotoSearch's own folder: choose another place, best on "
                    "another drive."
                )
        if file.is_dir() or not file.parent.is_dir():
            raise UsageError(f"{file} is no file in a folder that exists.")
        try:
            if file.exists() and not is_export(file):
                raise UsageError(
                    f"{file} is something else than an export of PhotoSearch, and stays. Choose "
                    "another name."
                )
        except OSError as error:
            raise UsageError(f"{file} cannot be read: {error.strerror or error}.") from error
        if file.exists() and not replace:
            raise UsageError(f"{file} is an earlier export already.")
        return file

    # --- settings and folders ---

    def _chosen(self) -> Iterator[tuple[str, Any]]:
        """Yield the settings in the file that make sense elsewhere."""
        for setting in declared():
            if not setting.here and self._settings.sources[setting.key] == "file":
                yield setting.key, self._settings.get(setting.key)

    def _set(
        self, document: Document, *, rehearse: bool
    ) -> tuple[list[str], list[Conflict], list[str]]:
        """Take in settings that were never chosen here: which, those that differ, and sentences."""
        elsewhere = {setting.key for setting in declared() if not setting.here}
        wanted: dict[str, Any] = {}
        differing: list[Conflict] = []
        notices: list[str] = []
        for key, said in document.settings:
            if key not in elsewhere:
                continue  # of another version, or of that computer only
            try:
                value = self._settings.checked(key, said)
            except SettingsError as error:
                notices.append(f"{error}; it was left out.")
                continue
            now = self._settings.get(key)
            if value != now and self._settings.sources[key] == "default":
                wanted[key] = value
            elif value != now:
                differing.append(Conflict(key, str(now), str(value)))
        if wanted and not rehearse:
            try:
                self._settings.set_all(wanted)
            except SettingsError as error:
                return [], differing, [*notices, str(error)]
        return list(wanted), differing, notices

    def _folders(self, document: Document) -> Iterator[TheirFolder]:
        known = {root.path for root in self._store.folders.roots()}
        for folder in document.folders:
            yield TheirFolder(
                path=os.fsdecode(folder.path),
                known=folder.path in known,
                # Another computer's name is not asked for: looking would go to the network.
                present=not folder.path.startswith(_ELSEWHERE) and os.path.exists(folder.path),
                faces=folder.faces,
                search=folder.search,
                exclude=folder.exclude,
            )


def _telling(report: Report, check: Check) -> Callable[[int, int], None]:
    """Return what looks whether to go on, and reports some times a second."""
    told = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal told
        check()
        if time.monotonic() - told >= _EVERY_S:
            told = time.monotonic()
            report(TransferProgress(done, total))

    return tell
