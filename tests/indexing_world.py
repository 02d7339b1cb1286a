"""A library with a real store on a real disk, and decoders and an engine that only pretend.

A "picture" is any file; its content is its picture. Contents that begin with `broken` cannot be
decoded, those that begin with `text` are no pictures and never said so.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from photosearch.engine.protocol import (
    Detections,
    Encoded,
    EngineState,
    FaceChoice,
    FacePicture,
    ModelChoice,
    PixelBatch,
)
from photosearch.engine.requests import (
    FaceReply,
    FaceRequest,
    InputReply,
    InputRequest,
    LookReply,
    LookRequest,
    PictureReply,
    PictureRequest,
)
from photosearch.errors import Cancelled, EngineError, PhotoSearchError
from photosearch.indexing.reporting import Reporter
from photosearch.indexing.run import run
from photosearch.indexing.tools import Group, Tools
from photosearch.media import scan
from photosearch.media.answering import Answering
from photosearch.media.thumbs import ThumbStore
from photosearch.store import Store
from photosearch.store.embeddings import StoredVectors
from photosearch.types import (
    Box,
    DetectedFace,
    FacePackInfo,
    Facts,
    FolderId,
    Ids,
    IndexReport,
    ModelInfo,
    ModelKey,
    PhotoId,
    Preprocess,
    Progress,
    Vector,
    Vectors,
    Within,
)

DIMENSION = 4
MODEL = ModelInfo(
    name="pretend",
    folder="",
    key=ModelKey("pretend"),
    dimension=DIMENSION,
    preprocess=Preprocess(2, 2, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    context_length=8,
    bytes_on_disk=0,
)

PACK = FacePackInfo(
    name="pretend faces",
    folder="",
    key=ModelKey("pretend faces"),
    family="insightface",
    dimension=DIMENSION,
    bytes_on_disk=0,
)


def hash_of(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=20).digest()


def pixels_of_hash(content_hash: bytes) -> npt.NDArray[np.uint8]:
    return np.frombuffer(content_hash[:12], np.uint8).reshape(2, 2, 3)


def pixels_of(content: bytes) -> npt.NDArray[np.uint8]:
    return pixels_of_hash(hash_of(content))


def vectors_of(batch: PixelBatch) -> Vectors:
    raw = batch.reshape(len(batch), -1)[:, :DIMENSION].astype(np.float32) + 1
    vectors: Vectors = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    return vectors


def face_picture(content: bytes) -> npt.NDArray[np.uint8]:
    """Return the working picture of a content: its bytes are the first row of pixels."""
    row = np.zeros((1, 64, 3), np.uint8)
    row.reshape(-1)[: len(content)] = np.frombuffer(content[:192], np.uint8)
    return np.repeat(row, 48, axis=0)


def faces_in(picture: npt.NDArray[np.uint8]) -> tuple[DetectedFace, ...]:
    """Return as many faces as the content says: `... faces 3`."""
    content = bytes(picture[0].reshape(-1)).rstrip(b"\0")
    _, said, count = content.rpartition(b"faces ")
    number = int(count) if said else 0
    return tuple(
        DetectedFace(
            box=Box(at / number, 0.25, 0.9 / number, 0.5),
            landmarks=np.zeros((5, 2), np.float32),
            score=0.9,
            sharpness=None,
            size_px=24.0,
            yaw=None,
            pitch=None,
            roll=None,
            vector=vectors_of(pixels_of(content + b"%d" % at)[np.newaxis])[0],
        )
        for at in range(number)
    )


class Inline(Executor):
    """Runs everything at once in the calling thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except (PhotoSearchError, OSError) as error:
            future.set_exception(error)
        return future


@dataclass
class PretendDecoder:
    """Counts what it opens."""

    gives_pixels: bool = True
    looked: list[bytes] = field(default_factory=list)
    inputs: int = 0
    decoded: list[bytes] = field(default_factory=list)  # to find faces in

    def look(self, request: LookRequest) -> LookReply:
        self.looked.append(request.path)
        try:
            with open(request.path, "rb") as stream:
                content = stream.read()
                status = os.fstat(stream.fileno())
        except OSError as error:
            return LookReply(failure=str(error), unread=True)
        known = (hash_of(content), status.st_size, scan.modified_ns(status))
        if content.startswith(b"broken"):
            return LookReply(*known, failure="It is broken.")
        if content.startswith(b"text"):
            return LookReply(*known)
        pixels = pixels_of(content) if request.spec and self.gives_pixels else None
        facts = Facts(width=4, height=3, format="PRETEND", taken_at="2020-01-02T03:04:05")
        return LookReply(*known, facts=facts, thumbnail=b"small " + content, pixels=pixels)

    def model_input(self, request: InputRequest) -> InputReply:
        self.inputs += 1
        if request.thumbnail:
            return InputReply(pixels_of(request.thumbnail.removeprefix(b"small ")))
        for path in request.paths:
            content = Path(os.fsdecode(path)).read_bytes()
            if hash_of(content) == request.hash:
                return InputReply(pixels_of(content), thumbnail=b"small " + content)
        return InputReply()

    def faces(self, request: FaceRequest) -> FaceReply:
        for path in request.paths:
            self.decoded.append(path)
            content = Path(os.fsdecode(path)).read_bytes()
            if content.startswith(b"faceless"):
                return FaceReply(failure="It cannot be decoded large enough.")
            if hash_of(content) == request.hash:
                return FaceReply(face_picture(content), 2.0)
        return FaceReply()

    def picture(self, request: PictureRequest) -> PictureReply:
        return PictureReply(failure="Nobody looks.")

    def close(self) -> None:
        """Nothing to close."""


@dataclass
class PretendEngine:
    """Remembers what it was given; dies of the pictures in `deadly`, or of all."""

    library: Store | None = None  # what `refresh` reads
    rows: dict[int, int] = field(default_factory=dict)  # label -> photo
    encoded: int = 0
    deadly: list[bytes] = field(default_factory=list)
    dies_always: bool = False
    deaths: int = 0
    saved: int = 0
    detected: int = 0
    blind: list[bytes] = field(default_factory=list)  # contents at whose faces it dies
    dies_of_faces: bool = False

    def use_faces(self, choice: FaceChoice | None) -> None:
        """Whatever the pack."""

    def detect(self, key: ModelKey, pictures: Sequence[FacePicture]) -> Detections:
        assert key == PACK.key
        deadly = [face_picture(content) for content in self.blind]
        if self.dies_of_faces or any(
            np.array_equal(picture.pixels, each) for picture in pictures for each in deadly
        ):
            self.deaths += 1
            raise EngineError("dead")
        self.detected += len(pictures)
        return Detections(tuple(faces_in(picture.pixels) for picture in pictures), "pretend")

    def use(self, *choices: ModelChoice) -> None:
        """Whatever the models."""

    def warm(self, key: ModelKey) -> None:
        """Nothing is loaded."""

    def encode(self, key: ModelKey, batch: PixelBatch) -> Encoded:
        if self.dies_always or any(
            np.array_equal(row, pixels_of(content)) for row in batch for content in self.deadly
        ):
            self.deaths += 1
            raise EngineError("dead")
        self.encoded += len(batch)
        return Encoded(vectors_of(batch), "pretend")

    def encode_text(self, key: ModelKey, text: str) -> Vector:
        return np.ones(DIMENSION, np.float32) / 2

    def search(
        self, key: ModelKey, vector: Vector, k: int, allowed: Ids | None = None
    ) -> tuple[Ids, npt.NDArray[np.float32]]:
        ids = sorted(set(self.rows.values()) & set(allowed if allowed is not None else self.photos))
        return np.array(ids[:k], np.int64), np.ones(len(ids[:k]), np.float32)

    def search_text(
        self, key: ModelKey, text: str, k: int, allowed: Ids | None = None
    ) -> tuple[Ids, npt.NDArray[np.float32]] | None:
        vector = self.encode_text(key, text)
        return self.search(key, vector, k, allowed) if vector.any() else None

    def add(self, key: ModelKey, rows: StoredVectors) -> None:
        for label, photo in zip(rows.labels.tolist(), rows.photos.tolist(), strict=True):
            assert label not in self.rows
            self.rows[label] = photo

    def refresh(self, key: ModelKey) -> None:
        assert self.library is not None
        for rows in self.library.embeddings.load(key):
            self.rows |= dict(zip(rows.labels.tolist(), rows.photos.tolist(), strict=True))

    def remove(self, labels: Ids) -> None:
        for label in labels.tolist():
            self.rows.pop(label, None)

    def save(self) -> None:
        self.saved += 1

    def state(self) -> EngineState:
        return EngineState(device="none")

    def close(self) -> None:
        """Nothing to close."""

    @property
    def photos(self) -> set[int]:
        return set(self.rows.values())


def never() -> None:
    """A check that lets everything pass."""


class World:
    """A library below `place`, and folders of pretended photos beside it."""

    def __init__(self, place: Path, store: Store | None = None) -> None:
        self.place = place
        self.store = store or Store.open(place / "library.db")
        self.thumbs = ThumbStore(place / "thumbnails.db")
        self.face_thumbs = ThumbStore(place / "faces.db")
        self.decoder = PretendDecoder()
        self.engine = PretendEngine(self.store)
        self.model: ModelInfo | None = MODEL
        self.pack: FacePackInfo | None = None
        self.pack_trouble = ""
        self.group: Group | None = None
        self.warm: Callable[[], None] | None = None
        self.executor: Executor = Inline()
        self.reports: list[Progress] = []
        self.answering = Answering()
        self._clock = 10**18

    def close(self) -> None:
        self.thumbs.close()
        self.face_thumbs.close()
        self.store.close()

    def folder(self, name: str) -> Path:
        path = self.place / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def write(self, path: Path, content: str) -> Path:
        """Write a picture, at a time that no other was written at."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        self.touch(path)
        return path

    def touch(self, path: Path) -> None:
        self._clock += 10**9
        os.utime(path, ns=(self._clock, self._clock))

    def add(self, *paths: Path) -> list[FolderId]:
        return [
            self.store.folders.add(
                os.fsencode(path),
                single_file=path.is_file(),
                volume=scan.volume_id(os.fsencode(path)),
            )
            for path in paths
        ]

    def index(
        self,
        check: Callable[[], None] = never,
        folders: Sequence[FolderId] | None = None,
        within: Within | None = None,
    ) -> IndexReport:
        roots = self.store.folders.roots()
        return run(
            Tools(
                store=self.store,
                thumbs=self.thumbs,
                face_thumbs=self.face_thumbs,
                decoder=self.decoder,
                engine=self.engine,
                executor=self.executor,
                reporter=Reporter(self.reports.append),
                check=check,
                ahead=4,
                batch=3,
                model=self.model,
                pack=self.pack,
                pack_trouble=self.pack_trouble,
                group=self.group,
                warm=self.warm,
                answering=self.answering,
            ),
            [root for root in roots if folders is None or root.id in folders],
            within,
        )

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self.store.database.reading() as db:
            return db.execute(query, values).fetchall()

    def photos(self) -> dict[bytes, int]:
        """Return the visible photos by the hash of their content."""
        return dict(self.ask("SELECT hash, id FROM photo WHERE files > 0"))

    def photo(self, content: str) -> int:
        return self.photos()[hash_of(content.encode())]

    def favourites(self) -> set[bytes]:
        """Return the hashes of all favourites, visible or not."""
        rows = self.ask("SELECT hash FROM photo JOIN favourite ON photo = id")
        return {row[0] for row in rows}

    def assert_sound(self) -> None:
        """What holds after every run, whatever happened before."""
        assert self.ask("PRAGMA foreign_key_check") == []
        wrong = self.ask(
            "SELECT id FROM photo p WHERE files <>"
            " (SELECT count(*) FROM file WHERE photo = p.id AND state <> 'gone')"
        )
        assert wrong == []
        vectors = dict(self.ask("SELECT id, photo FROM embedding"))
        assert len(set(vectors.values())) == len(vectors)
        assert self.engine.rows == vectors
        for content, blob in self.ask(
            "SELECT hash, vector FROM photo p JOIN embedding ON photo = p.id"
        ):
            expected = vectors_of(pixels_of_hash(content)[np.newaxis])[0]
            assert np.allclose(np.frombuffer(blob, "<f2"), expected, atol=1e-3)
        done = {row[0] for row in self.ask("SELECT photo FROM done WHERE stage = 'embed'")}
        assert done == set(vectors.values())


def cancelling(after: int) -> Callable[[], None]:
    """Return a check that lets some steps pass and then cancels."""
    left = iter(range(after))

    def check() -> None:
        if next(left, None) is None:
            raise Cancelled("enough")

    return check


def names(world: World) -> dict[str, str]:
    """Return the state of each file by its name."""
    return {os.fsdecode(name): state for name, state in world.ask("SELECT name, state FROM file")}


def like(world: World, content: str) -> None:
    world.store.favourites.set([PhotoId(world.photo(content))], True)
