"""A library in memory for the tests of the window: every verb, painted photos, knobs for latency.

Import it as `from gui.fake_library import FakeLibrary`. Everything follows from the photo's id,
so a million photos cost three numpy arrays. `real` gives real JPEG files to show instead of
painted ones. Photos are spread over folders and months; subjects are words one can search for.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from gui.fake_devices import FakeDevices
from gui.fake_models import (
    FakeConverting,
    FakeGetting,
    FakeMeasuring,
    FakeOffers,
    FakeShelf,
    FakeSwitching,
    FakeTrials,
)
from gui.fake_parts import FakeFolder, FakeSettingsStore, FakeStorage, Latency
from gui.fake_people import FakePeople
from gui.painted import jpeg, paint
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from photosearch.engine.health import Health
from photosearch.errors import MediaError, ModelError, UsageError
from photosearch.paths import Paths
from photosearch.search.completing import complete
from photosearch.search.names import Name, Names
from photosearch.search.parsing import parse
from photosearch.types import (
    AnyModel,
    Check,
    Completion,
    DateSource,
    FaceId,
    FacePackInfo,
    Facts,
    Failure,
    FileId,
    Folder,
    FolderId,
    Ids,
    IndexReport,
    LibraryStatus,
    ModelInfo,
    ModelKey,
    MonthMark,
    PersonId,
    PhotoDetails,
    PhotoFilter,
    PhotoId,
    PhotoList,
    PhotoSummary,
    Pixels,
    Preprocess,
    Progress,
    Query,
    Report,
    Results,
    SearchRequest,
    Stage,
    Subfolder,
    Within,
)

SUBJECTS = ("beach", "dog", "car", "snow", "mountain", "cat", "boat", "flower", "city", "bread")
SIZES = ((4000, 3000), (3000, 4000), (4000, 2667), (1920, 1080), (3000, 3000), (6000, 2000))
NO_MODEL = "No search model is chosen: photos are found by their names, folders and dates."
FIRST_ID = 1 << 40  # larger than 32 bits on purpose: ids must never travel as C ints


class FakeLibrary:
    """All verbs of the library, in memory and deterministic.

    `calls` records (verb, arguments). `gates[verb]`: an Event that the verb waits for.
    `problems[verb]`: an error that the verb raises. `forbidden_thread`: the ident of a thread
    (the GUI's) on which no verb may run; a call there is added to `trespasses` and raises.
    """

    def __init__(
        self,
        n: int = 0,
        *,
        folders: Sequence[str] = ("/photos/Holidays",),
        months: int = 48,
        per_new_folder: int = 12,
        real: Sequence[str] = (),
        with_model: bool = True,
        with_faces: bool = False,
        state_path: Path | None = None,
    ) -> None:
        self.latency = Latency()
        self.gates: dict[str, threading.Event] = {}
        self.problems: dict[str, Exception] = {}
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.forbidden_thread: int | None = None
        self.trespasses: list[str] = []
        self.settings = FakeSettingsStore()
        self.notices: tuple[str, ...] = ()
        self.state_path = state_path or Path(os.devnull)
        self.paths = Paths.below(self.state_path.parent)
        self.favourites: set[int] = set()
        self.broken_thumbnails: set[int] = set()
        self.failing: list[Failure] = []
        self.stubborn: list[Failure] = []  # fail again at the next run
        self.index_notices: tuple[str, ...] = ()
        self.closed = False
        self._real = tuple(real)
        self._months = max(1, months)
        self._per_new_folder = per_new_folder
        self._lock = threading.Lock()
        self._pause = threading.Event()  # never set: only waited on
        self._folders: list[FakeFolder] = []
        self._numbers = 0
        self._next_folder = 1
        for path in folders if n else ():
            self._new_folder(path, n // len(folders), indexed=True)
        self._models: list[ModelInfo] = [self._model("standin-clip", True)] if with_model else []
        self._packs = [self._pack("standin-faces")] if with_faces else []
        self.people = FakePeople(self._enter, self._summary, self.photo_id)
        self.storage = FakeStorage(self._enter)
        self.shelf = FakeShelf(
            self._enter, lambda: (*self._models, *self._packs), self._use_registered
        )
        self.getting = FakeGetting(self.shelf)
        self.offers = FakeOffers(self.shelf)
        self.measuring = FakeMeasuring(self.shelf)
        self.engine_health = Health()
        self.switching = FakeSwitching(self.shelf)
        self.trials = FakeTrials(self.shelf, self._all_ids)
        self.converting = FakeConverting(self.shelf)
        self.devices = FakeDevices(self.shelf)

    # --- knobs ---------------------------------------------------------------

    def set_offline(self, folder: FolderId, value: bool) -> None:
        """Unplug or plug in a folder."""
        self._folder(folder).offline = value

    def photo_id(self, number: int) -> PhotoId:
        """Return the id of the photo with a running number."""
        return PhotoId(FIRST_ID + number)

    def add_photos(self, count: int, folder: FolderId | None = None) -> None:
        """Let photos appear at once, as indexing would."""
        target = self._folder(folder) if folder else self._folders[0]
        with self._lock:
            target.numbers.extend(range(self._numbers, self._numbers + count))
            self._numbers += count
            target.count += count
            target.indexed += count

    def remove_photos(self, ids: Sequence[PhotoId]) -> None:
        """Let photos vanish at once."""
        gone = {int(i) - FIRST_ID for i in ids}
        for folder in self._folders:
            folder.numbers = [n for n in folder.numbers if n not in gone]
            folder.count -= folder.indexed - len(folder.numbers)
            folder.indexed = len(folder.numbers)

    # --- folders -------------------------------------------------------------

    def add_folders(self, paths: Sequence[str]) -> tuple[Folder, ...]:
        self._enter("add_folders", tuple(paths))
        for path in paths:
            if "missing" in path:
                raise UsageError(f"There is no folder {path}.")
        known = {f.path: f for f in self._folders}
        added = [known.get(p) or self._new_folder(p, self._per_new_folder) for p in paths]
        return tuple(self._as_folder(f) for f in added)

    def remove_folder(self, folder: FolderId) -> None:
        self._enter("remove_folder", folder)
        self._folders = [f for f in self._folders if f.id != folder]

    def folders(self) -> tuple[Folder, ...]:
        self._enter("folders")
        return tuple(self._as_folder(f) for f in self._folders)

    def set_folder_search(self, folder: FolderId, on: bool) -> None:
        self._enter("set_folder_search", folder, on)
        self._folder(folder).search = on

    def set_folder_exclude(self, folder: FolderId, patterns: Sequence[str]) -> None:
        self._enter("set_folder_exclude", folder, tuple(patterns))
        for pattern in patterns:
            if not pattern.strip("*/"):
                raise UsageError(f"The pattern “{pattern}” cannot be used: it leaves out all.")
        self._folder(folder).exclude = tuple(patterns)

    def set_folder_faces(self, folder: FolderId, on: bool) -> None:
        self._enter("set_folder_faces", folder, on)
        self._folder(folder).faces = on

    def subfolders(self, folder: FolderId) -> tuple[Subfolder, ...]:
        self._enter("subfolders", folder)
        count = self._folder(folder).indexed
        parts = (b"", b"2023", b"2023/Sea", b"2024", "Übergröße".encode())
        share = count // len(parts)
        rest = count - share * (len(parts) - 1)
        return tuple(Subfolder(folder, d, rest if d == b"" else share) for d in parts)

    # --- indexing ------------------------------------------------------------

    def index(
        self,
        report: Report,
        check: Check,
        folders: Sequence[FolderId] | None = None,
        executor: Executor | None = None,
        within: Within | None = None,
    ) -> IndexReport:
        self._enter("index", tuple(folders or ()))
        wanted = [f for f in self._folders if folders is None or f.id in folders]
        total = sum(f.count - f.indexed for f in wanted)
        done = 0
        note = "" if any(model.in_use for model in self._models) else NO_MODEL
        notices = (*self.index_notices, note) if note else self.index_notices
        report(Progress(Stage.SCAN, 0, 0, note=note))
        for folder in wanted:
            while folder.indexed < folder.count:
                check()
                self._pause.wait(self.latency.index_step_s)
                with self._lock:
                    folder.indexed += 1
                    folder.numbers.append(self._numbers)
                    self._numbers += 1
                done += 1
                left = (total - done) * max(0.01, self.latency.index_step_s)
                failed = len(self.failing)
                report(Progress(Stage.LOOK, done, total, 31.0, left, False, failed, True, note))
        if not note:
            report(Progress(Stage.EMBED, total, total, 20.0, 0.0, changed=bool(total)))
        report(Progress(Stage.SAVE, 1, 1, note=note))
        self.failing += [each for each in self.stubborn if each not in self.failing]
        failed_now = tuple(self.failing)
        return IndexReport(found=total, added=done, failed=failed_now, seconds=0.1, notices=notices)

    def pending(self) -> dict[str, int]:
        self._enter("pending")
        return {"look": sum(f.count - f.indexed for f in self._folders), "embed": 0}

    def failures(self) -> tuple[Failure, ...]:
        self._enter("failures")
        return tuple(self.failing)

    def retry(self, files: Sequence[FileId]) -> None:
        self._enter("retry", tuple(files))
        self.failing = [f for f in self.failing if f.file not in set(files)]

    def add_failure(self, name: str, reason: str) -> None:
        """Let a file fail."""
        number = FileId(len(self.failing) + 1)
        self.failing.append(Failure(number, f"/photos/Holidays/{name}", "look", reason))

    # --- browsing ------------------------------------------------------------

    def photos(
        self,
        which: PhotoFilter = PhotoFilter(),  # noqa: B008
        most: int | None = None,
    ) -> PhotoList:
        self._enter("photos", which, wait_s=self.latency.photos_s if most is None else 0)
        numbers = self._visible(which)
        months = self._month_index(numbers)
        order = np.lexsort((-numbers, months))  # month 0 is the newest
        numbers, months = numbers[order][:most], months[order][:most]
        starts = np.flatnonzero(np.diff(months, prepend=-1)) if len(months) else np.empty(0, int)
        marks = tuple(MonthMark(int(s), *self._year_month(int(months[s]))) for s in starts)
        ids = (numbers + FIRST_ID).astype(np.int64)
        ids.flags.writeable = False
        return PhotoList(ids, marks)

    def summaries(
        self,
        ids: Sequence[PhotoId],
        place: PhotoFilter = PhotoFilter(),  # noqa: B008
    ) -> tuple[PhotoSummary, ...]:
        self._enter("summaries", tuple(ids), place, wait_s=self.latency.summaries_s)
        found = (self._summary(int(i) - FIRST_ID) for i in ids)
        return tuple(s for s in found if s is not None)

    def details(
        self,
        photo: PhotoId,
        place: PhotoFilter = PhotoFilter(),  # noqa: B008
    ) -> PhotoDetails | None:
        self._enter("details", photo, place)
        number = int(photo) - FIRST_ID
        s = self._summary(number)
        if s is None:
            return None
        guess = number % 5 == 0
        facts = Facts(
            s.width, s.height, "JPEG", s.taken_at, 120,
            DateSource.FILE if guess else DateSource.EXIF,
            None if guess else "FUJIFILM", None if guess else "X-T5",
            None if guess else "XF23mmF1.4 R LM WR", 1 / 250, 2.8, 400, 23.0,
            *((47.3769, 8.5417, 408.0) if number % 2 else (None, None, None)),
        )  # fmt: skip
        return PhotoDetails(s, facts, (s.path,), 3_400_000 + number, "2024-06-01T12:00:00")

    def thumbnail(self, photo: PhotoId) -> bytes | None:
        self._enter("thumbnail", photo, wait_s=self.latency.thumbnail_s)
        number = int(photo) - FIRST_ID
        if number in self.broken_thumbnails or not 0 <= number < self._numbers:
            return None
        return jpeg(self._image(number, 360))

    def picture(self, photo: PhotoId, within_px: int | None = None) -> Pixels:
        self._enter("picture", photo, within_px, wait_s=self.latency.picture_s)
        summary = self._summary(int(photo) - FIRST_ID)
        if summary is None or summary.offline:
            raise MediaError("The photo's drive is not plugged in. Plug it in and try again.")
        short = 1200 if within_px is None else min(1200, within_px * 3 // 4)
        image = self._image(int(photo) - FIRST_ID, short).convertToFormat(
            QImage.Format.Format_RGB888
        )
        flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
        pixels = flat[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()
        pixels.flags.writeable = False
        return pixels

    def face_thumbnail(self, face: FaceId) -> bytes | None:
        self._enter("face_thumbnail", face, wait_s=self.latency.thumbnail_s)
        return self.people.paint(face)

    # --- search --------------------------------------------------------------

    def search(self, request: SearchRequest) -> Results:
        self._enter("search", request, wait_s=self.latency.search_s)
        numbers = self._visible(request.filter)
        query = parse(request.text, self._names())
        words = {w for w in query.words.lower().split() if w in SUBJECTS}
        wanted = {SUBJECTS.index(w) for w in words}
        wanted |= {(int(i) - FIRST_ID) % len(SUBJECTS) for i in request.like}
        if request.like_paths:
            wanted.add(len(request.like_paths[0]) % len(SUBJECTS))
        hit = np.isin(numbers % len(SUBJECTS), list(wanted))
        if query.mentions and not query.words:
            hit[:] = True
        for person in query.people:
            hit &= np.isin(numbers, self.people.photos_of(person))
        for person in query.without:
            hit &= ~np.isin(numbers, self.people.photos_of(person))
        if not self._models:
            hit &= bool(words)
        found = numbers[hit][: request.limit]
        scores = np.linspace(0.9, 0.2, len(found), dtype=np.float32)
        notices = () if self._models else (NO_MODEL,)
        return Results(
            (found + FIRST_ID).astype(np.int64), scores, 7.5, bool(self._models), notices
        )

    def understand(self, text: str) -> Query:
        self._enter("understand", text)
        return parse(text, self._names())

    def complete(self, text: str, cursor: int) -> tuple[Completion, ...]:
        self._enter("complete", text, cursor)
        counts = {PersonId(0): 0}
        return complete(text, cursor, self._names(), lambda: counts)

    def _names(self) -> Names:
        persons = self.people.named()
        return Names(Name(p.id, p.name, not (p.hidden or p.stranger)) for p in persons)

    def newest_first(self, ids: Ids) -> Ids:
        self._enter("newest_first", tuple(int(i) for i in ids))
        numbers = np.asarray(ids) - FIRST_ID
        result: Ids = (numbers[np.lexsort((-numbers, self._month_index(numbers)))]) + FIRST_ID
        return result

    # --- what the user said --------------------------------------------------

    def set_favourite(self, photos: Sequence[PhotoId], value: bool) -> None:
        self._enter("set_favourite", tuple(photos), value)
        numbers = {int(i) - FIRST_ID for i in photos}
        self.favourites = self.favourites | numbers if value else self.favourites - numbers

    # --- models --------------------------------------------------------------

    def models(self) -> tuple[AnyModel, ...]:
        self._enter("models")
        return (*self._models, *self._packs)

    def add_model(self, folder: str) -> AnyModel:
        self._enter("add_model", folder)
        if "faces" in folder:
            pack = self._pack(os.path.basename(folder))
            self._packs.append(pack)
            return pack
        if "clip" not in folder:
            raise ModelError(f"{folder} is not a search model: visual/model.onnx is missing.")
        model = self._model(os.path.basename(folder), not self._models)
        self._models.append(model)
        return model

    def use_model(self, name: str) -> AnyModel:
        self._enter("use_model", name)
        if name in self.shelf.offers:
            self.shelf.use(name)
            return next(o.info for o in self.shelf.offers.values() if o.name == name and o.info)
        for pack in self._packs:
            if pack.name == name:
                return pack
        self._models = [replace(m, in_use=m.name == name) for m in self._models]
        return next(m for m in self._models if m.in_use)

    def _use_registered(self, name: str) -> None:
        self._models = [replace(m, in_use=m.name == name) for m in self._models]

    def remove_model(self, name: str) -> None:
        self._enter("remove_model", name)
        self._models = [m for m in self._models if m.name != name]
        self.shelf.offers.pop(name, None)

    # --- the program ---------------------------------------------------------

    def status(self, *, pending: bool = True) -> LibraryStatus:
        self._enter("status")
        count = sum(f.indexed for f in self._folders)
        model = next((m.name for m in self._models if m.in_use), None)
        folders = tuple(self._as_folder(f) for f in self._folders)
        look = sum(f.count - f.indexed for f in self._folders)
        return LibraryStatus(
            count, count, {"look": look, "embed": 0}, len(self.failing), folders, model,
            "CPU" if model else None, len(self.favourites),
        )  # fmt: skip

    def device(self) -> str:
        self._enter("device")
        return "CPU"

    def forbid_this_thread(self) -> None:
        """No verb may run on this thread from now on."""
        self.forbidden_thread = threading.get_ident()

    def close(self) -> None:
        self._enter("close")
        self.closed = True

    # --- inside --------------------------------------------------------------

    def _enter(self, verb: str, *args: Any, wait_s: float | None = None) -> None:
        if threading.get_ident() == self.forbidden_thread:
            self.trespasses.append(verb)
            raise AssertionError(f"library.{verb} was called on the GUI thread")
        self.calls.append((verb, args))
        self._pause.wait(self.latency.other_s if wait_s is None else wait_s)
        if verb in self.gates:
            self.gates[verb].wait(30)
        if verb in self.problems:
            raise self.problems[verb]

    def _all_ids(self) -> list[int]:
        numbers = [n for folder in self._folders for n in folder.numbers]
        return [int(self.photo_id(number)) for number in numbers]

    def _new_folder(self, path: str, count: int, indexed: bool = False) -> FakeFolder:
        single = os.path.splitext(path)[1].lower() in (".jpg", ".jpeg", ".png", ".heic")
        count = 1 if single else count
        folder = FakeFolder(FolderId(self._next_folder), path, count, 0, single_file=single)
        self._next_folder += 1
        if indexed:
            folder.numbers = list(range(self._numbers, self._numbers + count))
            folder.indexed = count
            self._numbers += count
        self._folders.append(folder)
        return folder

    def _folder(self, folder: FolderId) -> FakeFolder:
        return next(f for f in self._folders if f.id == folder)

    def _as_folder(self, f: FakeFolder) -> Folder:
        return Folder(
            f.id, f.path, f.indexed, f.offline, f.single_file, f.faces, f.search, f.exclude
        )

    def _model(self, name: str, in_use: bool) -> ModelInfo:
        shape = Preprocess(224, 224, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
        key = ModelKey(f"key-{name}")
        return ModelInfo(name, f"/models/{name}", key, 512, shape, 77, 90_000_000, in_use=in_use)

    def _pack(self, name: str) -> FacePackInfo:
        key = ModelKey(f"key-{name}")
        return FacePackInfo(name, f"/models/{name}", key, "insightface", 512, 0, in_use=True)

    def _visible(self, which: PhotoFilter) -> Ids:
        folders = [f for f in self._folders if which.folder in (None, f.id)]
        with self._lock:
            parts = [np.asarray(f.numbers, np.int64) for f in folders]
        numbers = np.concatenate(parts) if parts else np.empty(0, np.int64)
        if which.favourites:
            numbers = numbers[np.isin(numbers, list(self.favourites))]
        if which.dir:
            numbers = numbers[numbers % 5 == len(which.dir) % 5]
        return numbers

    def _month_index(self, numbers: Ids) -> Ids:
        mixed = (numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)
        month: Ids = (mixed % np.uint64(self._months)).astype(np.int64)
        return month

    def _year_month(self, index: int) -> tuple[int, int]:
        if index == self._months - 1 and self._months > 2:
            return 0, 0  # the last section: no date known
        total = 2024 * 12 + 5 - index
        return total // 12, total % 12 + 1

    def _folder_of(self, number: int) -> FakeFolder | None:
        for f in self._folders:
            low = f.numbers[0] if f.numbers else 0
            at = number - low
            if (0 <= at < len(f.numbers) and f.numbers[at] == number) or number in f.numbers:
                return f
        return None

    def _summary(self, number: int) -> PhotoSummary | None:
        folder = self._folder_of(number)
        if folder is None:
            return None
        w, h = SIZES[number % len(SIZES)]
        year, month = self._year_month(int(self._month_index(np.asarray([number]))[0]))
        taken = f"{year:04}-{month:02}-{28 - number % 28:02}T12:00:00" if year else None
        name = f"IMG_{number:05}_{SUBJECTS[number % len(SUBJECTS)]}.jpg"
        path = self._real[number % len(self._real)] if self._real else f"{folder.path}/{name}"
        favourite = number in self.favourites
        return PhotoSummary(
            self.photo_id(number), name, w, h, taken, favourite, folder.offline, path
        )

    def _image(self, number: int, short_px: int) -> QImage:
        if self._real:
            reader = QImageReader(self._real[number % len(self._real)])
            reader.setAutoTransform(True)
            size = reader.size().scaled(
                short_px, short_px, Qt.AspectRatioMode.KeepAspectRatioByExpanding
            )
            reader.setScaledSize(size)
            return reader.read()
        w, h = SIZES[number % len(SIZES)]
        scale = short_px / min(w, h)
        return paint(number, QSize(round(w * scale), round(h * scale)))
