"""What there is in the library, in numbers, and the small changes the user makes to it.

Runs the library's short verbs one after another on the quick lane.  Knows no widget.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from photosearch.errors import UsageError
from photosearch.gui.directories import Directories
from photosearch.gui.text import plural
from photosearch.gui.told import told
from photosearch.jobs import Lane, Runner
from photosearch.types import (
    AnyModel,
    FacePackInfo,
    Failure,
    FileId,
    FolderId,
    Ids,
    LibraryStatus,
    ModelInfo,
    PhotoId,
)

if TYPE_CHECKING:
    from photosearch.library import Library

REFUSED_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the sidebar, the status strip and the empty page need."""

    status: LibraryStatus
    below: Mapping[FolderId, Directories]
    models: tuple[AnyModel, ...]
    wants_faces: bool = True  # faces are looked for, where there is a face pack
    wants_search: bool = True  # photos are searched by what they show, where there is a model
    took_s: float = 0.0  # to find this out

    @property
    def has_model(self) -> bool:
        """Whether a search model is in use and works; nobody misses one who wants none."""
        return not self.wants_search or any(
            isinstance(model, ModelInfo) and model.in_use and not model.problem
            for model in self.models
        )

    @property
    def has_pack(self) -> bool:
        """Whether a face pack is in use and works; nobody misses one who wants no faces."""
        return not self.wants_faces or any(
            isinstance(model, FacePackInfo) and model.in_use and not model.problem
            for model in self.models
        )


class LibraryNews(QObject):
    """Tells what there is and carries small changes out."""

    seen = Signal(object)  # Overview
    addingEnded = Signal()  # of folders, however many of them could be added
    likeWanted = Signal(object)  # paths that were dropped to find photos like them
    folderRemoved = Signal()
    favouritesChanged = Signal(object, bool)  # ids, value
    failuresRead = Signal(object)  # tuple of Failure
    outcomeRead = Signal(object, object)  # of another try: tuple of FileId, tuple of Failure
    retried = Signal(object)  # tuple of FileId
    modelAsked = Signal()
    modelReady = Signal(object)  # AnyModel
    failed = Signal(object)

    def __init__(self, library: Library, runner: Runner, parent: QObject | None = None):
        super().__init__(parent)
        self._library = library
        self._runner = runner
        self._looking = False
        self._again = False

    def refresh(self) -> None:
        """Look again; while a look is on its way, once more after it."""
        if self._looking:
            self._again = True
            return
        self._looking = True
        self._runner.run(
            Lane.INTERACTIVE,
            overview,
            self._library,
            on_success=self.seen.emit,
            on_failure=self.failed.emit,
            on_finish=self._on_looked,
        )

    def add_folders(self, paths: Sequence[str]) -> None:
        """Add folders or files; those that cannot be added are told, the others are added."""
        self._runner.run(
            Lane.DISK,
            add_each,
            self._library,
            tuple(paths),
            on_success=self._on_added,
            on_failure=self.failed.emit,
            on_finish=self.addingEnded.emit,
        )

    def take_dropped(self, paths: Sequence[str]) -> None:
        """Compare with photos that were dropped on the search bar; folders are added instead."""
        self._runner.run(
            Lane.DISK,
            to_be_added,
            self._library,
            tuple(paths),
            on_success=self._on_sorted,
            on_failure=self.failed.emit,
        )

    def remove_folder(self, folder: FolderId) -> None:
        """Take a folder out of the library; its photos stay on disk."""
        self._quick(self._library.remove_folder, folder, then=self._on_folder_removed)

    def set_favourite(self, photos: Sequence[PhotoId] | Ids, value: bool) -> None:
        """Make photos favourites, or no longer."""
        self._quick(favour, self._library, photos, value, then=self._on_favoured)

    def read_failures(self) -> None:
        """Read the list of failures."""
        self._quick(self._library.failures, then=self.failuresRead.emit)

    def read_outcome(self, files: Sequence[FileId]) -> None:
        """Read the list of failures to see which of the files that were tried again are on it."""
        self._quick(outcome, self._library, tuple(files), then=self._on_outcome)

    def retry(self, files: Sequence[FileId]) -> None:
        """Forget failures, so that the next run tries again."""
        self._quick(try_again, self._library, tuple(files), then=self.retried.emit)

    def add_model(self, folder: str) -> None:
        """Use a model from a folder."""
        self._model_job(adopt, self._library, folder)

    def use_model(self, name: str) -> None:
        """Use a model that is registered."""
        self._model_job(self._library.use_model, name)

    def _model_job(self, fn: Callable[..., AnyModel], *args: object) -> None:
        self._runner.run(  # not on the quick lane: a model of a gigabyte is hashed
            Lane.DOWNLOAD,
            fn,
            *args,
            on_success=self.modelReady.emit,
            on_failure=self.failed.emit,
        )
        self.modelAsked.emit()

    def _quick(self, fn: Callable[..., Any], *args: object, then: Callable[[Any], object]) -> None:
        self._runner.run(Lane.QUICK, fn, *args, on_success=then, on_failure=self.failed.emit)

    def _on_looked(self) -> None:
        self._looking = False
        if self._again:
            self._again = False
            self.refresh()

    def _on_added(self, refused: tuple[str, ...]) -> None:
        if refused:
            self.failed.emit(UsageError(summed_up(refused)))

    def _on_sorted(self, dropped: tuple[tuple[str, ...], bool]) -> None:
        paths, add = dropped
        if add:
            self.add_folders(paths)
        else:
            self.likeWanted.emit(paths)

    def _on_folder_removed(self, _result: None) -> None:
        self.folderRemoved.emit()

    def _on_favoured(self, done: tuple[Ids, bool]) -> None:
        self.favouritesChanged.emit(*done)

    def _on_outcome(self, read: tuple[tuple[FileId, ...], tuple[Failure, ...]]) -> None:
        self.outcomeRead.emit(*read)


# --- on a lane ----------------------------------------------------------------


def overview(library: Library) -> Overview:
    """Read everything at once."""
    began = time.monotonic()
    status = library.status(pending=False)
    below = {folder.id: Directories.of(library.subfolders(folder.id)) for folder in status.folders}
    current = library.settings.current
    return Overview(
        status,
        below,
        library.models(),
        current.faces.enabled,
        current.search.enabled,
        time.monotonic() - began,
    )


def add_each(library: Library, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Add what can be added and return why the rest cannot, a sentence each."""
    try:
        library.add_folders(paths)
    except UsageError as error:
        if len(paths) == 1:
            return (told(str(error)),)
        return tuple(reason for path in paths for reason in add_each(library, (path,)))
    return ()


def summed_up(sentences: tuple[str, ...]) -> str:
    """Return the first sentences, and how many more there are."""
    more = len(sentences) - REFUSED_SHOWN
    last = (plural("And so for {n} more.", "And so for {n} more.", more),) if more > 0 else ()
    return " ".join(sentences[:REFUSED_SHOWN] + last)


def to_be_added(library: Library, paths: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """Decide what was meant: folders are added, and so is all while there is nothing to find."""
    return paths, any(os.path.isdir(path) for path in paths) or not library.folders()


def adopt(library: Library, folder: str) -> AnyModel:
    """Register a model; the first of its kind is used at once, others when that was agreed to."""
    return library.add_model(folder)


def try_again(library: Library, files: tuple[FileId, ...]) -> tuple[FileId, ...]:
    """Forget failures and tell whose."""
    library.retry(files)
    return files


def outcome(
    library: Library, files: tuple[FileId, ...]
) -> tuple[tuple[FileId, ...], tuple[Failure, ...]]:
    """Read the failures after another try of files and tell which were tried."""
    return files, library.failures()


def favour(library: Library, photos: Sequence[PhotoId] | Ids, value: bool) -> tuple[Ids, bool]:
    """Set favourites and tell which."""
    ids = np.asarray(photos, np.int64)
    library.set_favourite([PhotoId(photo) for photo in ids.tolist()], value)
    return ids, value
