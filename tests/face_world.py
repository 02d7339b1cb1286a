"""Photos with faces, written straight into a library's tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from photosearch.store import Store
from photosearch.store.embeddings import PendingPhoto
from photosearch.store.files import DiskChanges
from photosearch.store.looks import Looked, Written
from photosearch.types import (
    Box,
    DateSource,
    DetectedFace,
    FaceId,
    FaceRegion,
    Facts,
    FileEntry,
    FileId,
    FolderId,
    ModelKey,
    PhotoId,
    Vector,
)

DIMENSION = 8
LANDMARKS = np.zeros((5, 2), np.float32)


def vector_of(seed: int) -> Vector:
    """Return the looks of somebody: other seeds are other people."""
    made = np.random.default_rng(seed).normal(size=DIMENSION).astype(np.float32)
    return made / np.float32(np.linalg.norm(made))


def face(box: Box, who: int = 0, **values: object) -> DetectedFace:
    """Return a detection of somebody."""
    fields: dict[str, object] = {
        "box": box,
        "landmarks": LANDMARKS,
        "score": 0.9,
        "sharpness": None,
        "size_px": 100.0,
        "yaw": None,
        "pitch": None,
        "roll": None,
        "vector": vector_of(who),
    }
    return DetectedFace(**(fields | values))  # type: ignore[arg-type]


class FaceWorld:
    """A library with one folder and one face pack, and shorthands for what happens to it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.model = store.faces.model_id(ModelKey("faces"), "faces", DIMENSION)
        self.folder = store.folders.add(b"/photos", single_file=False, volume="")
        self.written = Written(known=0)
        self.time = 0

    def look(
        self,
        name: str,
        content: str,
        *,
        date: str | None = None,
        regions: tuple[FaceRegion, ...] = (),
        folder: FolderId | None = None,
        miniature: bytes = b"",
    ) -> PhotoId:
        """Put a file there, or change it, and look at it; return its photo."""
        root = folder or self.folder
        raw = name.encode()
        self.time += 1
        known = self.store.files.in_dir(root, b"").get(raw)
        entry = FileEntry(raw, len(content), self.time)
        changes = (
            DiskChanges(root, new=[(b"", entry)])
            if known is None
            else DiskChanges(root, changed=[(known.id, entry)])
        )
        self.store.files.apply(changes)
        file = self.store.files.in_dir(root, b"")[raw].id
        source = DateSource.EXIF if date else None
        facts = Facts(
            400, 300, "JPEG", date, date_source=source, regions=regions, miniature=miniature
        )
        looked = Looked(FileId(file), content.encode(), entry.size, self.time, facts)
        self.store.photos.record([looked], self.written)
        photo = self.store.files.photo_at(root, b"", raw)
        assert photo is not None
        return photo

    def detect(
        self, photo: PhotoId, faces: Sequence[DetectedFace], model: int | None = None
    ) -> tuple[FaceId, ...]:
        """Write what a face pack saw in a photo."""
        hash_ = self.store.photos.hashes([photo])[photo]
        number = model or self.model
        return self.store.faces.write(number, "cpu", PendingPhoto(photo, hash_), faces)

    def photo_with(self, name: str, *people: int, date: str | None = None) -> tuple[FaceId, ...]:
        """Add a photo on which these people stand side by side."""
        photo = self.look(name, name, date=date)
        width = 1 / max(len(people), 1)
        boxes = [Box((n + 0.1) * width, 0.3, 0.6 * width, 0.3) for n in range(len(people))]
        return self.detect(photo, [face(b, who) for b, who in zip(boxes, people, strict=True)])

    def own(self, owners: dict[FaceId, int], *, whole: bool = False, doubt: float = 0.0) -> None:
        """Write whose faces are, as grouping does."""
        places = np.array(list(owners), np.int64)
        numbers = np.array(list(owners.values()), np.int64)
        doubts = np.full(len(places), doubt, np.float32)
        self.store.people.write_membership(places, numbers, doubts, whole=whole)

    def group(self, *faces: FaceId) -> int:
        """Make these faces a group and return its number."""
        number = self.store.people.next_owner()
        self.own(dict.fromkeys(faces, number))
        return number

    def owners(self) -> dict[int, int]:
        """Return whose each place is."""
        with self.store.database.reading() as db:
            return dict(db.execute("SELECT place, owner FROM membership").fetchall())
