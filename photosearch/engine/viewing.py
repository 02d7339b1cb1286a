"""What is shown of photos: thumbnails, whole pictures, faces; from the caches or from the files.

Knows which file shows a photo and what the caches hold; nothing of the screen.
"""

from __future__ import annotations

import os

from photosearch.engine.requests import Decoder, FaceRequest, LookRequest, PictureRequest
from photosearch.errors import MediaError
from photosearch.media.face_thumbs import cut_from_thumbnail, face_key, make_face_thumbnail
from photosearch.media.thumbs import ThumbStore
from photosearch.store import Store
from photosearch.types import FaceId, PhotoId, Pixels


class Viewing:
    """Pictures for the screen; safe to use from several threads."""

    def __init__(
        self, store: Store, thumbs: ThumbStore, face_thumbs: ThumbStore, decoder: Decoder
    ) -> None:
        self._store = store
        self._thumbs = thumbs
        self._face_thumbs = face_thumbs
        self._decoder = decoder

    def thumbnail(self, photo: PhotoId) -> bytes | None:
        """Return a JPEG, made anew from the original when the cache has lost it."""
        key = self._store.photos.hashes([photo]).get(photo)
        if key is None:
            return None
        cached = self._thumbs.get(key)
        if cached is not None:
            return cached
        for path in self._reachable(photo):
            reply = self._decoder.look(LookRequest(path, os.fsdecode(os.path.basename(path))))
            if reply.thumbnail:
                if reply.hash == key:
                    self._thumbs.put_many([(key, reply.thumbnail)])
                return reply.thumbnail
        return None

    def face(self, face: FaceId) -> bytes | None:
        """Return a square JPEG of a face, made anew when the cache has lost it.

        From the original, or from the photo's thumbnail while that is not there.
        """
        source = self._store.faces.crop_source(face)
        if source is None:
            return None
        photo, content, box = source
        key = face_key(content, box)
        cached = self._face_thumbs.get(key)
        if cached is not None:
            return cached
        paths = self._reachable(photo)
        if paths:
            reply = self._decoder.faces(FaceRequest(paths, content))
            if reply.pixels is not None:
                made = make_face_thumbnail(reply.pixels, box)
                self._face_thumbs.put_many([(key, made)])
                return made
        thumbnail = self._thumbs.get(content)
        return cut_from_thumbnail(thumbnail, box) if thumbnail else None

    def picture(self, photo: PhotoId, within_px: int | None) -> Pixels:
        """Return the upright sRGB pixels [h, w, 3]; `MediaError` says why it cannot be shown."""
        reason = "Its file is not there: the drive is unplugged or the file was moved."
        for path in self._reachable(photo):
            reply = self._decoder.picture(PictureRequest(path, within_px))
            if reply.pixels is not None:
                return reply.pixels
            reason = reply.failure
        raise MediaError(reason)

    def _reachable(self, photo: PhotoId) -> tuple[bytes, ...]:
        return self._store.files.reachable(photo)
