"""The whole program as verbs: folders in, photos found. Both front ends call only this.

Every method may block on disk, database or children and is safe to call from any thread but
the window's.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from photosearch.engine.decoders import Decoder, DecoderPool
from photosearch.engine.inline import InlineEngine
from photosearch.engine.models import Models
from photosearch.engine.protocol import Engine
from photosearch.engine.remote import RemoteEngine
from photosearch.engine.viewing import Viewing
from photosearch.errors import ModelError, PhotoSearchError, UsageError
from photosearch.indexing.reporting import Reporter
from photosearch.indexing.run import run
from photosearch.indexing.tools import Tools
from photosearch.indexing.waiting import waiting
from photosearch.media import scan
from photosearch.media.thumbs import ThumbStore
from photosearch.paths import Paths
from photosearch.people.people import People
from photosearch.search.query import Sources, answer, narrowed
from photosearch.search.understanding import Understanding
from photosearch.settings.store import SettingsStore
from photosearch.store import Store
from photosearch.store.folders import place_in
from photosearch.types import (
    AnyModel,
    Check,
    Completion,
    FaceId,
    FacePackInfo,
    Failure,
    FileId,
    Folder,
    FolderId,
    Ids,
    IndexReport,
    LibraryStatus,
    ModelInfo,
    PhotoDetails,
    PhotoFilter,
    PhotoId,
    PhotoList,
    PhotoSummary,
    Pixels,
    Query,
    Report,
    Results,
    SearchRequest,
    Subfolder,
)

_log = logging.getLogger(__name__)
_Model = TypeVar("_Model")
VIEWING_DECODERS = 2  # the picture on screen and its neighbour
_NO_FILTER = PhotoFilter()


class Library:
    """A user's photos as the program knows them. Photo files are only ever read."""

    def __init__(self, paths: Paths, settings: SettingsStore, *, own_engine: bool) -> None:
        """Open or create the library; `own_engine` puts the model in a process of its own."""
        self.paths = paths
        self.settings = settings
        try:
            paths.create()
        except OSError as error:
            raise UsageError(
                f"PhotoSearch cannot write to {error.filename}: {error.strerror}. "
                "Choose another place with --home."
            ) from error
        self._store = Store.open(paths.database)
        self._thumbs = ThumbStore(paths.thumbnails)
        self._face_thumbs = ThumbStore(paths.face_thumbnails)
        log_file = paths.log_file.with_name("engine.log")
        self._engine: Engine = (
            RemoteEngine(log_file=log_file) if own_engine else InlineEngine(build=False)
        )
        self._models = Models(paths, settings, self._engine)
        timeout_s = settings.current.indexing.decode_timeout_s
        self._decoders: Decoder = DecoderPool(self.decoder_count, timeout_s)
        self._viewers: Decoder = DecoderPool(VIEWING_DECODERS, timeout_s, gentle=False)
        self._viewing = Viewing(self._store, self._thumbs, self._face_thumbs, self._viewers)
        self._understanding = Understanding(self._store)
        self._indexing = threading.Lock()
        self.people = People(
            self._store,
            self._models.faces_in_use,
            lambda: self.settings.current.faces.strictness,
        )

    # --- folders ---

    def add_folders(self, paths: Sequence[str]) -> tuple[Folder, ...]:
        """Add folders or single photos; returns the folders that now cover them."""
        absolute = [os.path.abspath(path) for path in paths]
        for path in absolute:
            if not os.path.exists(path):
                raise UsageError(f"There is no folder or photo at {path}.")
            self._refuse_own_folder(path)
        covering: list[FolderId] = []
        for path in absolute:
            raw = os.fsencode(path)
            single = not os.path.isdir(path)
            volume = scan.volume_id(raw)
            covering.append(
                self._store.folders.add(
                    raw, single_file=single, volume=volume, reaches=scan.reaches
                )
            )
        known = {folder.id: folder for folder in self._store.folders.all()}
        return tuple(known[id_] for id_ in dict.fromkeys(covering))

    def remove_folder(self, folder: FolderId) -> None:
        """Forget a folder; its photos on disk stay, and so does what the user said of them."""
        self._store.folders.remove(folder)
        for photos in self._store.photos.purge():
            self._engine.remove(np.array(photos.labels, np.int64))
            self._face_thumbs.delete_beginning(photos.hashes)
            self._thumbs.delete_many(photos.hashes)

    def folders(self) -> tuple[Folder, ...]:
        return self._store.folders.all()

    def set_folder_faces(self, folder: FolderId, on: bool) -> None:
        """Look for faces in a folder, or leave it alone; what was found comes back with it."""
        self._store.folders.set_faces(folder, on)

    def subfolders(self, folder: FolderId) -> tuple[Subfolder, ...]:
        return self._store.folders.subfolders(folder)

    # --- indexing ---

    def index(
        self,
        report: Report,
        check: Check,
        folders: Sequence[FolderId] | None = None,
        executor: Executor | None = None,
    ) -> IndexReport:
        """Scan the folders (all by default) and index until nothing is pending.

        `check` is called between items; what it raises ends the run, which the next continues.
        """
        self._models.forget()  # a run looks at the models' files anew
        model, trouble = _prepared(self._models.prepare)
        pack, pack_trouble = None, ""
        if self.settings.current.faces.enabled:
            pack, pack_trouble = _prepared(self._models.prepare_faces)
        own = None if executor else ThreadPoolExecutor(self.decoder_count, "decode")
        try:
            with self._indexing:
                roots = self._store.folders.roots()
                return run(
                    Tools(
                        store=self._store,
                        thumbs=self._thumbs,
                        face_thumbs=self._face_thumbs,
                        decoder=self._decoders,
                        engine=self._engine,
                        executor=executor or own,  # type: ignore[arg-type]  # one of them is set
                        reporter=Reporter(report),
                        check=check,
                        ahead=2 * self.decoder_count + 2,
                        batch=self.settings.current.indexing.batch,
                        model=model,
                        trouble=trouble,
                        pack=pack,
                        pack_trouble=pack_trouble,
                        group=self.people.group if pack else None,
                    ),
                    [root for root in roots if folders is None or root.id in folders],
                )
        finally:
            if own is not None:
                own.shutdown()

    @property
    def state_path(self) -> Path:
        """Where the window keeps its size and the like."""
        return self.paths.window_state

    @property
    def decoder_count(self) -> int:
        return self.settings.current.indexing.decoders or os.cpu_count() or 1

    def pending(self) -> dict[str, int]:
        """Return how much waits, per stage."""
        pack = self.face_pack() if self.settings.current.faces.enabled else None
        return waiting(self._store, self.model(), pack)

    def failures(self) -> tuple[Failure, ...]:
        return self._store.failures.all()

    def retry(self, files: Sequence[FileId]) -> None:
        """Forget failures: the next run tries these files again."""
        self._store.failures.forget(files)

    # --- browsing ---

    def photos(self, which: PhotoFilter = _NO_FILTER) -> PhotoList:
        """Return the photos of a filter, newest first, with month headings."""
        return self._store.photos.newest_first(which)

    def summaries(self, ids: Sequence[PhotoId]) -> tuple[PhotoSummary, ...]:
        return self._store.photos.summaries(ids)

    def details(self, photo: PhotoId) -> PhotoDetails | None:
        return self._store.photos.details(photo)

    def thumbnail(self, photo: PhotoId) -> bytes | None:
        """Return a JPEG, made anew from the original when the cache has lost it."""
        return self._viewing.thumbnail(photo)

    def face_thumbnail(self, face: FaceId) -> bytes | None:
        """Return a square JPEG of a face, None when there is none of that number."""
        return self._viewing.face(face)

    def picture(self, photo: PhotoId, within_px: int | None = None) -> Pixels:
        """Return the upright sRGB pixels [h, w, 3]; `within_px` bounds the long side.

        `MediaError` says why the picture cannot be shown.
        """
        return self._viewing.picture(photo, within_px)

    # --- search ---

    def search(self, request: SearchRequest) -> Results:
        """Return photos best first; what cannot be understood is a notice in the results."""
        understood = self.understand(request.text)
        model, trouble = _prepared(self._models.prepare)
        sources = Sources(self._store, self._engine, self._viewers, model)
        found = answer(narrowed(request, understood), sources)
        if found.notices:  # perhaps the model is in trouble: its files are looked at again
            self._models.forget()
        told = (*understood.notices, *((trouble,) if trouble else found.notices))
        return replace(found, notices=tuple(dict.fromkeys(told)), understood=understood)

    def understand(self, text: str) -> Query:
        """Return who is meant by a search text, and what is left of it; quick, for each key."""
        return self._understanding.query(text)

    def complete(self, text: str, cursor: int) -> tuple[Completion, ...]:
        """Return the names that the word at the cursor may become, the likeliest first."""
        return self._understanding.complete(text, cursor)

    def find(self, path: str) -> PhotoId | None:
        """Return the photo that a file on disk is known to show."""
        raw = os.fsencode(os.path.abspath(path))
        for root in self._store.folders.roots():
            place = place_in(root, raw)
            photo = self._store.files.photo_at(root.id, *place) if place else None
            if photo is not None:
                return photo
        return None

    def newest_first(self, ids: Ids) -> Ids:
        """Return the same photos by date, newest first."""
        return self._store.photos.sort_newest_first(ids)

    # --- what the user says ---

    def set_favourite(self, photos: Sequence[PhotoId], value: bool) -> None:
        self._store.favourites.set(photos, value)

    # --- models ---

    def models(self) -> tuple[AnyModel, ...]:
        """Return the registered search models and face packs."""
        return self._models.all()

    def model(self) -> ModelInfo | None:
        """Return the search model in use; None when none is chosen or it is not registered."""
        return self._models.in_use()

    def face_pack(self) -> FacePackInfo | None:
        """Return the face pack in use; None when none is chosen or it is not registered."""
        return self._models.faces_in_use()

    def misused_models(self) -> tuple[str, ...]:
        """Return a sentence for each setting that names a model of the other kind."""
        return self._models.misused()

    def add_model(self, folder: str) -> AnyModel:
        """Register a model folder; the first of a kind is used at once.

        `ModelError` says what is missing.
        """
        added = self._models.add(folder)
        if added.in_use:
            self._store.failures.forget_stage(_stage(added))
        return added

    def use_model(self, name: str) -> AnyModel:
        """Search with this model, or find faces with this pack; what others gave is kept."""
        model = self._models.use(name)
        self._store.failures.forget_stage(_stage(model))  # this one may succeed
        return model

    def remove_model(self, name: str) -> None:
        """Forget a model; its files and its vectors stay."""
        self._models.remove(name)

    # --- the program ---

    def status(self, *, pending: bool = True) -> LibraryStatus:
        """Return the numbers behind `photosearch status`; `pending` takes a while to count."""
        model, pack = self.model(), self.face_pack()
        number = self._store.faces.find_model(pack.key) if pack else None
        engine = self._engine.state()
        return LibraryStatus(
            photos=self._store.photos.count(),
            files=self._store.files.count(),
            pending=self.pending() if pending else {},
            failures=self._store.failures.count(),
            folders=self.folders(),
            model=model.name if model else None,
            device=engine.device or None,
            favourites=self._store.favourites.count(),
            extra={
                "vectors": self._store.embeddings.count(model.key) if model else 0,
                "index": engine.index,
                "face_pack": pack.name if pack else None,
                "faces": self._store.faces.count(number) if number is not None else 0,
                "people": len(self._store.persons.names()),
                "notices": [*self.settings.notices, *engine.notices],
            },
        )

    def device(self) -> str:
        """Return what models run on: the engine's device, or the one it would choose now."""
        if device := self._engine.state().device:
            return device
        from photosearch.inference import probe, providers

        return providers.choose(self.settings.current.devices.provider, probe.probe)[0].name

    def forbid_this_thread(self) -> None:
        """Make a call on this thread fail loudly: the window's thread must never wait here."""
        self._store.database.forbid_this_thread()

    def close(self) -> None:
        """Save what is worth saving and end the children. Running calls end with an error."""
        steps: tuple[Callable[[], None], ...] = (
            self._decoders.close,
            self._viewers.close,
            self._engine.close,
            self._thumbs.close,
            self._face_thumbs.close,
            self._store.close,
        )
        for step in steps:
            try:
                step()
            except PhotoSearchError as error:
                _log.warning("closing: %s", error)

    def _refuse_own_folder(self, path: str) -> None:
        for own in (self.paths.data, self.paths.cache):
            if (os.path.realpath(path) + os.sep).startswith(os.path.realpath(own) + os.sep):
                raise UsageError(f"{path} is PhotoSearch's own folder, not a photo folder.")


def _stage(model: AnyModel) -> str:
    """Return the stage whose failures another model of this kind may not have."""
    return "faces" if isinstance(model, FacePackInfo) else "embed"


def _prepared(prepare: Callable[[], _Model]) -> tuple[_Model | None, str]:
    """Return a model that the engine is ready to use, or why it cannot: the rest goes on."""
    try:
        return prepare(), ""
    except ModelError as error:
        return None, str(error)
