"""All pictures that the people pages show, each kind with a loader of its own.

Knows which photo and box a face has, told by whoever read the faces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from photosearch.errors import MediaError
from photosearch.gui.naming.faces import FaceThumbs, LittleFaces
from photosearch.gui.people.covers import FramedPhotos, box_within, crop_of
from photosearch.jobs import Lane, Runner
from photosearch.types import Box, FaceId, PersonFace

if TYPE_CHECKING:
    from photosearch.library import Library

LARGE_PX = 1600  # long side of a photo that a question is asked with
CROP_PX = 420
KEPT = 6


@dataclass(frozen=True, slots=True)
class Large:
    """A face for the queue: large, and the photo it is on."""

    face: FaceId
    crop: QImage
    photo: QImage
    box: Box | None = None  # where the face is on the crop, which others may be on, too


class PeoplePictures(QObject):
    """Loads covers, little faces, tiles, and the large pictures of the queue."""

    arrived = Signal(object)  # Large

    def __init__(self, library: Library, runner: Runner, parent: QObject | None = None):
        super().__init__(parent)
        self._library = library
        self._runner = runner
        self._known: dict[FaceId, PersonFace] = {}
        self._large: dict[FaceId, Large] = {}
        self._loading: set[FaceId] = set()
        executor, fetch = runner.executor(Lane.THUMBS), library.face_thumbnail
        self.covers = FaceThumbs(executor, fetch, self, round_=True)
        self.little = LittleFaces(executor, fetch, self)
        self.crops = FaceThumbs(executor, fetch, self)
        self.photos = FramedPhotos(executor, self._thumbnail, self._box, self)

    def know(self, faces: Iterable[PersonFace]) -> None:
        """Learn on which photos faces are."""
        self._known = {face.id: face for face in faces}  # replaced whole: loaders read it

    def want_little(self, faces: list[FaceId], ratio: float) -> None:
        """Load small round faces."""
        for face in faces:
            self.little.picture(face)

    def large(self, face: FaceId) -> Large | None:
        """Return the large picture of a face if it is here; loads nothing."""
        return self._large.get(face)

    def want_large(self, faces: Iterable[PersonFace]) -> None:
        """Load the large pictures of some faces, most urgent first, and keep only these."""
        wanted = list(faces)[:KEPT]
        ids = {face.id for face in wanted}
        self._large = {face: kept for face, kept in self._large.items() if face in ids}
        for face in wanted:
            if face.id not in self._large and face.id not in self._loading:
                self._loading.add(face.id)
                self._runner.run(
                    Lane.INTERACTIVE,
                    load_large,
                    self._library,
                    face,
                    on_success=self._on_arrived,
                    on_failure=partial(self._on_failed, face.id),
                )

    def close(self) -> None:
        """Load nothing from now on."""
        for loader in (self.covers, self.little, self.crops, self.photos):
            loader.close()

    def _thumbnail(self, face: FaceId) -> bytes | None:
        known = self._known.get(face)
        return self._library.thumbnail(known.photo) if known is not None else None

    def _box(self, face: FaceId) -> Box | None:
        known = self._known.get(face)
        return known.box if known is not None else None

    def _on_arrived(self, large: Large) -> None:
        self._loading.discard(large.face)
        self._large[large.face] = large
        self.arrived.emit(large)

    def _on_failed(self, face: FaceId, _error: Exception) -> None:
        self._loading.discard(face)
        self._on_arrived(Large(face, QImage(), QImage()))


def load_large(library: Library, face: PersonFace) -> Large:
    """Cut a face from its photo, or show what thumbnails there are (on a lane)."""
    try:
        pixels = library.picture(face.photo, LARGE_PX)
    except MediaError:  # the drive is unplugged
        return Large(
            face.id,
            _from_bytes(library.face_thumbnail, face.id),
            _from_bytes(library.thumbnail, face.photo),
        )
    height, width = pixels.shape[:2]
    wrapped = QImage(pixels.tobytes(), width, height, width * 3, QImage.Format.Format_RGB888)
    photo = wrapped.convertToFormat(QImage.Format.Format_RGB32)
    cut = crop_of(photo.size(), face.box)
    crop, box = photo.copy(cut), box_within(cut, photo.size(), face.box)
    if crop.width() > CROP_PX * 2:
        smooth = Qt.TransformationMode.SmoothTransformation
        keep = Qt.AspectRatioMode.KeepAspectRatio
        crop = crop.scaled(CROP_PX * 2, CROP_PX * 2, keep, smooth)
    return Large(face.id, crop, photo, box)


def _from_bytes(fetch: Callable[..., bytes | None], number: int) -> QImage:
    data = fetch(number)
    return QImage.fromData(data) if data else QImage()
