"""Thumbnails for the photos in sight: asked last comes first, what scrolled away is not loaded.

Knows how JPEG bytes become a square picture with round corners, which ones are kept in memory and
which are waited for. Does not know where the bytes come from.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QElapsedTimer,
    QIODevice,
    QObject,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QImageReader, QPainter, QPainterPath

from photosearch.errors import PhotoSearchError
from photosearch.jobs.interpreter import undisturbed
from photosearch.types import PhotoId

log = logging.getLogger(__name__)

RADIUS = 6.0  # of the corners, logical pixels
HAIRLINE = QColor(128, 128, 128, 56)
LEAST_BYTES = 4 << 20
PAGES_KEPT = 2  # times what is asked for at once, which is more than what is in sight
FRAME_MS = 16  # pictures are told of no more often: each time costs a repaint
RETRY_S = 10.0  # a photo without a thumbnail is asked for again after this
Fetch = Callable[[PhotoId], bytes | None]


@dataclass(frozen=True, slots=True)
class TileSize:
    """How large a tile is on the screen: its side in device pixels, and their ratio."""

    side_px: int
    ratio: float = 1.0


def square(data: bytes, size: TileSize) -> QImage | None:
    """Decode to a centre-cropped square with round corners, premultiplied; None if unusable."""
    image = cropped(data, size)
    return rounded(image, RADIUS * size.ratio) if image is not None else None


def cropped(data: bytes, size: TileSize) -> QImage | None:
    """Decode to a centre-cropped square; None if unusable."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    whole, side = reader.size(), size.side_px
    if not whole.isValid() or whole.isEmpty():
        return None
    mode = Qt.AspectRatioMode.KeepAspectRatioByExpanding
    scaled = whole.scaled(QSize(side, side), mode)
    if scaled.width() * scaled.height() <= 16 * side * side:
        reader.setScaledSize(scaled)
    image = reader.read()
    if image.isNull():
        return None
    if image.width() < side or image.height() < side or image.size() != scaled:
        image = image.scaled(side, side, mode, Qt.TransformationMode.SmoothTransformation)
    crop = QRect((image.width() - side) // 2, (image.height() - side) // 2, side, side)
    return image.copy(crop)


def rounded(image: QImage, radius: float) -> QImage:
    """Cut the corners off, so that painting a tile is one plain copy."""
    image = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    whole = QRectF(image.rect())
    outside, inside = QPainterPath(), QPainterPath()
    outside.addRect(whole)
    inside.addRoundedRect(whole, radius, radius)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationOut)
    painter.fillPath(outside.subtracted(inside), Qt.GlobalColor.black)
    # A hairline keeps white skies apart from a white page and night from a black one.
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceAtop)
    painter.setPen(HAIRLINE)
    painter.drawRoundedRect(whole.adjusted(0.5, 0.5, -0.5, -0.5), radius - 0.5, radius - 0.5)
    painter.end()
    return image


class ThumbLoader(QObject):
    """Loads thumbnails on an executor and keeps the most recently used ones.

    `fetch` is called on the executor's threads. `loaded` tells in the window's thread which photos
    have a picture now, or turned out to have none.
    """

    loaded = Signal(object)  # tuple[PhotoId, ...]
    _arrived = Signal()

    def __init__(
        self,
        executor: Executor,
        fetch: Fetch,
        parent: QObject | None = None,
        *,
        cache_bytes: int = 40 << 20,
        least_bytes: int = LEAST_BYTES,
        at_once: int = 4,
    ) -> None:
        """`least_bytes` are kept even where few pictures are asked for at once."""
        super().__init__(parent)
        self._executor = executor
        self._fetch = fetch
        self._most = self._room = cache_bytes
        self._least = least_bytes
        self._at_once = at_once
        self._images: OrderedDict[PhotoId, QImage] = OrderedDict()
        self._bytes = 0
        self._sizes: dict[PhotoId, TileSize] = {}
        self._failed: dict[PhotoId, float] = {}
        self._lock = threading.Lock()
        self._wanted: dict[PhotoId, TileSize] = {}  # in the order asked; guarded by the lock
        self._loading: set[PhotoId] = set()  # guarded by the lock
        self._done: list[tuple[PhotoId, TileSize, QImage | None]] = []  # guarded by the lock
        self._workers = 0  # guarded by the lock
        self._closed = False
        self._told = QElapsedTimer()  # since pictures were told of
        self._soon = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._soon.timeout.connect(self._tell)
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    def image(self, photo: PhotoId) -> QImage | None:
        """Return the picture kept for a photo, of whatever size; loads nothing."""
        found = self._images.get(photo)
        if found is not None:
            self._images.move_to_end(photo)
        return found

    def has_failed(self, photo: PhotoId) -> bool:
        """Whether the photo turned out to have no thumbnail."""
        return photo in self._failed

    @property
    def kept_bytes(self) -> int:
        """Bytes of the pictures in memory."""
        return self._bytes

    @property
    def waiting(self) -> int:
        """How many photos are asked for and not begun."""
        with self._lock:
            return len(self._wanted)

    def want(self, photos: Sequence[PhotoId], size: TileSize) -> None:
        """Say which photos are in sight, most urgent first; what was asked before is dropped."""
        now = time.monotonic()
        each = 4 * size.side_px**2
        photos = photos[: max(1, self._most // each)]  # never more than is kept
        self._room = min(self._most, max(self._least, PAGES_KEPT * len(photos) * each))
        missing = {
            photo: size
            for photo in photos
            if self._sizes.get(photo) != size and now - self._failed.get(photo, -RETRY_S) >= RETRY_S
        }
        with self._lock:
            for photo in self._loading:
                missing.pop(photo, None)
            self._wanted = missing
            self._hire()

    def forget(self, photos: Sequence[PhotoId]) -> None:
        """Drop what is kept of some photos, because they changed."""
        for photo in photos:
            self._failed.pop(photo, None)
            self._sizes.pop(photo, None)  # the old picture stays until the new one is here

    def close(self) -> None:
        """Load nothing from now on."""
        with self._lock:
            self._closed = True
            self._wanted = {}

    def _hire(self) -> None:
        """Start calls on the executor, never more than can be useful; the lock is held."""
        while not self._closed and self._workers < min(self._at_once, len(self._wanted)):
            try:
                self._executor.submit(self._work)
            except RuntimeError:  # the program is closing
                self._closed = True
                return
            self._workers += 1

    def _work(self) -> None:
        """Load one photo, then make room for the next call (on an executor's thread)."""
        with self._lock:
            photo = next(iter(self._wanted), None)
            if photo is None:
                self._workers -= 1
                return
            size = self._wanted.pop(photo)
            self._loading.add(photo)
        image = self._load(photo, size)
        with self._lock:
            self._loading.discard(photo)
            self._done.append((photo, size, image))
            first = len(self._done) == 1
            self._workers -= 1
            self._hire()
        if first:
            try:
                self._arrived.emit()
            except RuntimeError:  # the window is gone
                self._closed = True

    def _load(self, photo: PhotoId, size: TileSize) -> QImage | None:
        try:
            data = self._fetch(photo)
        except PhotoSearchError as error:
            log.debug("No thumbnail of photo %d: %s", photo, error)
            return None
        except Exception:  # border of a pool thread: a bug costs one tile and is logged
            log.exception("The thumbnail of photo %d could not be read", photo)
            return None
        return self._made(photo, data, size) if data else None

    def _made(self, photo: PhotoId, data: bytes, size: TileSize) -> QImage | None:
        """Make the picture of a tile; for other pages to make it otherwise."""
        return square(data, size)

    def _on_arrived(self) -> None:
        """Tell of pictures at once, but no more often than a screen can show them."""
        rest = FRAME_MS - self._told.elapsed() if self._told.isValid() else 0
        if rest <= 0:
            self._tell()
        else:
            self._soon.start(rest)

    def _tell(self) -> None:
        self._told.start()
        with self._lock:
            done, self._done = self._done, []
        for photo, size, image in done:
            if image is None:
                self._failed[photo] = time.monotonic()
                self._sizes.pop(photo, None)
                continue
            self._failed.pop(photo, None)
            self._keep(photo, image)
            self._sizes[photo] = size
        if done:
            with undisturbed():
                self.loaded.emit(tuple(photo for photo, _size, _image in done))

    def _keep(self, photo: PhotoId, image: QImage) -> None:
        old = self._images.pop(photo, None)
        self._bytes += image.sizeInBytes() - (old.sizeInBytes() if old is not None else 0)
        self._images[photo] = image
        while self._bytes > self._room and len(self._images) > 1:
            gone, dropped = self._images.popitem(last=False)
            self._sizes.pop(gone, None)
            self._bytes -= dropped.sizeInBytes()
