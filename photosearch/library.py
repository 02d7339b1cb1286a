"""The whole program as verbs: folders in, photos found. Both front ends call only this.

Every method may block on disk, database or children and is safe to call from any thread but
the window's.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path

from photosearch.engine.decoding import Decoding
from photosearch.engine.health import Health
from photosearch.engine.models import Models
from photosearch.engine.protocol import Engine
from photosearch.engine.remote import RemoteEngine
from photosearch.engine.viewing import Viewing
from photosearch.errors import PhotoSearchError
from photosearch.indexing.adding import add_folders, remove_folder
from photosearch.indexing.reach import refuse_share
from photosearch.indexing.standing import Standing
from photosearch.indexing.starting import Indexing
from photosearch.inference.gpu_pack import usable
from photosearch.inference.providers import shown
from photosearch.media.answering import Answering
from photosearch.media.excluding import checked
from photosearch.media.thumbs import ThumbStore
from photosearch.models.converting import Converting
from photosearch.models.devices import Devices
from photosearch.models.getting import Getting
from photosearch.models.measuring import Measuring
from photosearch.models.offers import Offers
from photosearch.models.sweeping import sweep
from photosearch.models.switching import Switching
from photosearch.models.trials import Trials
from photosearch.paths import Paths
from photosearch.people.people import People
from photosearch.privacy import Storage
from photosearch.search.searching import Searching
from photosearch.settings.store import SettingsStore
from photosearch.store.keeping.keeper import Keeper
from photosearch.transfer import Transfer
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
    Within,
)

_log = logging.getLogger(__name__)
_NO_FILTER = PhotoFilter()


class Library:
    """A user's photos as the program knows them. Photo files are only ever read."""

    def __init__(self, paths: Paths, settings: SettingsStore, *, own_engine: bool) -> None:
        """Open or create the library; `own_engine` puts the model in a process of its own."""
        self.paths = paths
        self.settings = settings
        refuse_share(paths)
        paths.create()
        self._keeper = Keeper(paths.database)
        self._store = self._keeper.store
        self.notices = self._keeper.notices  # what happened to the library when it was opened
        if self._keeper.mended:  # numbers of vectors may mean others now
            shutil.rmtree(paths.indexes, ignore_errors=True)
        self._thumbs = ThumbStore(paths.thumbnails)
        self._face_thumbs = ThumbStore(paths.face_thumbnails)
        self._answering = Answering()
        self._reaches = self._answering.reaches
        self._decoding = Decoding(self._store, settings, self._answering)
        self._own_engine = own_engine
        self.engine_health = Health()
        self._engine = self._new_engine("engine.log", self.engine_health)
        self.measuring = Measuring(
            paths, settings, self._named, self._thumbs.some, device=self._expected_device
        )
        self._models = Models(paths, settings, self._engine, self.measuring.plan, self._reaches)
        self._viewing = Viewing(
            self._store, self._thumbs, self._face_thumbs, self._decoding.viewing
        )
        self._searching = Searching(self._store, self._engine, self._decoding.viewing, self._models)
        self._standing = Standing(self._store, self._engine, self._models, settings)
        self.people = People(
            self._store,
            self._models.faces_in_use,
            lambda: self.settings.current.faces.strictness,
        )
        self._offer_models()
        self.transfer = Transfer(paths, settings, self._store)
        self.storage = Storage(paths, settings, self._thumbs, self._face_thumbs, self._reaches)
        self._indexing = self._new_indexing()
        settings.subscribe(lambda _key: self._decoding.adjust())
        if own_engine:  # a window, or a command that is a while at work
            self._keeper.start()

    def _offer_models(self) -> None:
        """Make what one chooses models and devices with."""
        paths, settings, store, models = self.paths, self.settings, self._store, self._models
        sweep(paths, settings.current.models.folder, models.folders, self._reaches)
        speed = self.measuring.speed
        self.getting = Getting(paths, settings, models, self.add_model, reaches=self._reaches)
        self.converting = Converting(paths, settings, self.models, self.add_model)
        self.offers = Offers(self.getting, settings, models, store, speed)
        self.switching = Switching(
            paths,
            settings,
            store,
            models,
            lookup=lambda name: self.getting.catalogue().find(name),
            speed=speed,
            fetched=self.getting.owns,
        )
        self.trials = Trials(
            store,
            self._thumbs,
            self._decoding.pool,
            models,
            new_engine=lambda: self._new_engine("trial.log"),
        )
        self.devices = Devices.of(paths, settings, self._engine, models.in_use)

    def _new_indexing(self) -> Indexing:
        """Return what carries out runs."""
        return Indexing(
            store=self._store,
            thumbs=self._thumbs,
            face_thumbs=self._face_thumbs,
            decoder=self._decoding.indexing,
            engine=self._engine,
            models=self._models,
            settings=self.settings,
            group=self.people.group,
            batch=self.measuring.batch,
            tune=self.measuring.tune,
            repairs=self.getting.repairs,
            beside=self.switching,
            answering=self._answering,
        )

    def _new_engine(self, log: str, health: Health | None = None) -> Engine:
        """Return an engine, with a process of its own where the library is to have one."""
        if not self._own_engine:
            from photosearch.engine.inline import InlineEngine
            from photosearch.engine.trying import Trying

            return InlineEngine(build=False, trying=Trying(self.paths.devices_file))
        return RemoteEngine(
            log_file=self.paths.log_file.with_name(log),
            devices_file=self.paths.devices_file,
            runtime=lambda: usable(self.paths.gpu_pack),
            health=health,
        )

    # --- folders ---

    def add_folders(self, paths: Sequence[str]) -> tuple[Folder, ...]:
        """Add folders or single photos; returns the folders that now cover them."""
        return add_folders(self._store, paths, (self.paths.data, self.paths.cache), self._answering)

    def remove_folder(self, folder: FolderId) -> None:
        """Forget a folder; its photos on disk stay, and so does what the user said of them."""
        remove_folder(folder, self._store, self._engine, self._thumbs, self._face_thumbs)

    def folders(self) -> tuple[Folder, ...]:
        return self._store.folders.all()

    def set_folder_search(self, folder: FolderId, on: bool) -> None:
        """Find photos of a folder by what they show, or not; their vectors come back with it."""
        self._store.folders.set_search(folder, on)

    def set_folder_exclude(self, folder: FolderId, patterns: Sequence[str]) -> None:
        """Leave out of a folder what fits a pattern, from the next run on (`media.excluding`)."""
        path = next((known.path for known in self.folders() if known.id == folder), "")
        self._store.folders.set_exclude(folder, checked(patterns, path))

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
        within: Within | None = None,
    ) -> IndexReport:
        """Scan the folders (all by default) and index until nothing is pending.

        Of folders in `within` only the directories named there are looked into.
        `check` is called between items; what it raises ends the run, which the next continues.
        """
        done = self._indexing.run(report, check, folders, executor, within)
        self._keeper.after_run()
        return done

    @property
    def state_path(self) -> Path:
        """Where the window keeps its size and the like."""
        return self.paths.window_state

    def pending(self) -> dict[str, int]:
        """Return how much waits, per stage."""
        return self._standing.pending()

    def failures(self) -> tuple[Failure, ...]:
        return self._store.failures.all()

    def retry(self, files: Sequence[FileId]) -> None:
        """Forget failures: the next run tries these files again."""
        self._store.failures.forget(files)

    # --- browsing ---

    def photos(self, which: PhotoFilter = _NO_FILTER, most: int | None = None) -> PhotoList:
        """Return the photos of a filter, newest first, with month headings; the first `most`."""
        return self._store.photos.newest_first(which, most)

    def summaries(
        self, ids: Sequence[PhotoId], place: PhotoFilter = _NO_FILTER
    ) -> tuple[PhotoSummary, ...]:
        return self._store.photos.summaries(ids, place)

    def details(self, photo: PhotoId, place: PhotoFilter = _NO_FILTER) -> PhotoDetails | None:
        return self._store.photos.details(photo, place)

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
        return self._searching.search(request)

    def understand(self, text: str) -> Query:
        """Return who is meant by a search text, and what is left of it; quick, for each key."""
        return self._searching.understand(text)

    def complete(self, text: str, cursor: int) -> tuple[Completion, ...]:
        """Return the names that the word at the cursor may become, the likeliest first."""
        return self._searching.complete(text, cursor)

    def find(self, path: str) -> PhotoId | None:
        """Return the photo that a file on disk is known to show."""
        return self._store.find(os.fsencode(os.path.abspath(path)))

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

    def _named(self, name: str) -> AnyModel:
        return self._models.named(name)

    def _expected_device(self) -> str:
        return self.devices.expected()[0].id

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
        return self._standing.status(pending=pending)

    def device(self) -> str:
        """Return what models run on: the engine's device, or the one it would choose now."""
        return self._engine.state().device or shown(self.devices.expected()[0])

    def forbid_this_thread(self) -> None:
        """Make a call on this thread fail loudly: the window's thread must never wait here."""
        self._store.database.forbid_this_thread()

    def close(self) -> None:
        """Save what is worth saving and end the children. Running calls end with an error."""
        steps: tuple[Callable[[], None], ...] = (
            self._decoding.pool.close,
            self._decoding.viewers.close,
            self._engine.close,
            self._thumbs.close,
            self._face_thumbs.close,
            self._keeper.close,
        )
        for step in steps:
            try:
                step()
            except PhotoSearchError as error:
                _log.warning("closing: %s", error)


def _stage(model: AnyModel) -> str:
    """Return the stage whose failures another model of this kind may not have."""
    return "faces" if isinstance(model, FacePackInfo) else "embed"
