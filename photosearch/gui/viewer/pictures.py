"""Pictures for the viewer: what is on a lane, what has come, what to keep.

Shows the thumbnail's pixels at once and the picture when it comes; keeps the neighbours ready.
Knows ids and QImages, no widget.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from photosearch.gui.told import told
from photosearch.jobs import Job, Lane, Runner
from photosearch.types import PhotoId, Pixels

if TYPE_CHECKING:
    from photosearch.library import Library

KEPT = 5  # fitted pictures: the one shown, two neighbours, two just seen
FULL_KEPT = 1  # full size: 12 megapixels are 48 MB


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture; `full` when it has every pixel of the original."""

    photo: PhotoId
    image: QImage
    full: bool


class Pictures(QObject):
    """Loads pictures in the order they are needed."""

    arrived = Signal(object)  # Picture
    failed = Signal(object, str)  # PhotoId, sentence

    def __init__(self, library: Library, runner: Runner, parent: QObject | None = None):
        super().__init__(parent)
        self._library = library
        self._runner = runner
        self._fitted: OrderedDict[PhotoId, Picture] = OrderedDict()
        self._full: OrderedDict[PhotoId, Picture] = OrderedDict()
        self._thumb: OrderedDict[PhotoId, Picture] = OrderedDict()
        self._jobs: dict[tuple[str, PhotoId], Job] = {}

    def best(self, photo: PhotoId) -> Picture | None:
        """Return the best that is here already."""
        return self._full.get(photo) or self._fitted.get(photo) or self._thumb.get(photo)

    def want_preview(self, photo: PhotoId) -> None:
        """Load the thumbnail."""
        if self.best(photo) is None:
            self._run(Lane.THUMBS, "thumb", photo, load_preview, self._library, photo)

    def want(self, photo: PhotoId, within_px: int | None) -> None:
        """Load the picture to fit `within_px`, or all of it."""
        full = within_px is None
        if photo in self._full or (not full and photo in self._fitted):
            return
        kind = "full" if full else "fit"
        self._run(Lane.INTERACTIVE, kind, photo, load_picture, self._library, photo, within_px)

    def only(self, photos: tuple[PhotoId, ...]) -> None:
        """Call off everything for other photos."""
        for (kind, photo), job in list(self._jobs.items()):
            if photo not in photos:
                job.cancel()
                self._jobs.pop((kind, photo), None)

    def forget(self) -> None:
        """Drop all pictures and call off all loading."""
        self.only(())
        for kept in (self._fitted, self._full, self._thumb):
            kept.clear()

    def _run(self, lane: Lane, kind: str, photo: PhotoId, fn: Any, *args: Any) -> None:
        if (kind, photo) in self._jobs:
            return
        self._jobs[(kind, photo)] = self._runner.run(
            lane,
            fn,
            *args,
            on_success=partial(self._on_arrived, kind, photo),
            on_failure=partial(self._on_failed, kind, photo),
        )

    def _on_arrived(self, kind: str, photo: PhotoId, picture: Picture | None) -> None:
        self._jobs.pop((kind, photo), None)
        if picture is None:  # no thumbnail to be had now; the next look asks again
            return
        kept, most = {
            "thumb": (self._thumb, KEPT * 2),
            "fit": (self._fitted, KEPT),
            "full": (self._full, FULL_KEPT),
        }[kind]
        kept[photo] = picture
        kept.move_to_end(photo)
        while len(kept) > most:
            kept.popitem(last=False)
        self.arrived.emit(picture)

    def _on_failed(self, kind: str, photo: PhotoId, error: Exception) -> None:
        self._jobs.pop((kind, photo), None)
        if kind != "thumb":
            self.failed.emit(photo, told(str(error)))


def load_preview(library: Library, photo: PhotoId) -> Picture | None:
    """Return the thumbnail as a picture (on a lane)."""
    data = library.thumbnail(photo)
    image = QImage.fromData(data) if data else QImage()
    return None if image.isNull() else Picture(photo, image, False)


def load_picture(library: Library, photo: PhotoId, within_px: int | None) -> Picture:
    """Return a picture ready for painting (on a lane): 32 bits a pixel is what painting takes."""
    pixels: Pixels = library.picture(photo, within_px)
    height, width = pixels.shape[:2]
    wrapped = QImage(pixels.tobytes(), width, height, width * 3, QImage.Format.Format_RGB888)
    return Picture(photo, wrapped.convertToFormat(QImage.Format.Format_RGB32), within_px is None)
