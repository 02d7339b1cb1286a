"""The stage of faces: they are found and recognised in each photo that waits for the pack."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

import numpy as np

from photosearch.engine.protocol import Detections, FacePicture
from photosearch.engine.requests import FaceRequest
from photosearch.errors import StoreError
from photosearch.indexing.stages import Prepared
from photosearch.indexing.tools import Tools
from photosearch.inference.hub.verifying import explained
from photosearch.media.face_thumbs import face_key, make_face_thumbnail
from photosearch.store.embeddings import PendingPhoto
from photosearch.types import DetectedFace, FacePackInfo, PhotoId, Stage

_BROKEN = "The face pack crashes with every photo. Choose another face pack or device."
_log = logging.getLogger(__name__)
_MOST_BYTES = 28 << 20  # of one picture: 3072 px square
_IN_FLIGHT_BYTES = 192 << 20
_BATCH = 4  # pictures looked at side by side, and in one transaction
_BATCH_BYTES = 32 << 20
_FITTED_PX = 640  # what all known detectors see at once; those that do not, fit it themselves


class FaceDetection:
    """A `ModelStage` that decodes originals and stores the faces in them."""

    stage = shown_as = Stage.FACES
    shows = False  # faces are seen once they are grouped
    crashed = "The face pack crashed on it."

    def __init__(self, tools: Tools, pack: FacePackInfo) -> None:
        self._tools = tools
        self._pack = pack
        self._rows = tools.store.faces
        self._model = self._rows.model_id(pack.key, pack.name, pack.dimension)
        self._cutting: list[Future[None]] = []
        self.ahead = max(2, min(tools.ahead, _IN_FLIGHT_BYTES // _MOST_BYTES))

    @property
    def broken(self) -> str:
        return explained(Path(self._pack.folder), _BROKEN)

    def pending(self, after: PhotoId, limit: int) -> tuple[PendingPhoto, ...]:
        return self._rows.pending(self._model, after, limit)

    def pending_among(self, photos: Sequence[int]) -> tuple[PendingPhoto, ...]:
        return self._rows.pending_among(self._model, photos)

    def pending_count(self) -> int:
        return self._rows.pending_count(self._model)

    def prepare(self, photo: PendingPhoto) -> Prepared[FacePicture]:
        paths = self._tools.store.files.reachable(photo.id)
        if not paths:  # on a drive that is unplugged
            return Prepared()
        reply = self._tools.decoder.faces(FaceRequest(paths, photo.hash, _FITTED_PX))
        if reply.pixels is None:  # without a failure: it changed, and waits to be looked at
            return Prepared(failure=reply.failure)
        return Prepared(FacePicture(reply.pixels, reply.scale, reply.fitted))

    def is_full(self, batch: Sequence[FacePicture]) -> bool:
        held = sum(picture.pixels.nbytes for picture in batch)
        return len(batch) >= _BATCH or held >= _BATCH_BYTES

    def calculate(self, inputs: Sequence[FacePicture]) -> Detections:
        """Detect few pictures at once: a crowd takes long, and a stopped run waits for it."""
        self._tools.check()
        return self._tools.engine.detect(self._pack.key, inputs)

    def harmless(self, like: FacePicture) -> FacePicture:
        return FacePicture(np.zeros((640, 640, 3), np.uint8))

    def write(
        self, photos: Sequence[PendingPhoto], inputs: Sequence[FacePicture], made: Detections
    ) -> None:
        results = list(zip(photos, made.faces, strict=True))
        written = self._rows.write_many(self._model, made.variant, results)
        self.finish()  # so that no more than two batches of pictures are held
        for photo, picture, faces, places in zip(photos, inputs, made.faces, written, strict=True):
            if places is None:
                continue
            self._tools.reporter.found(len(faces))
            if faces:
                cut = self._tools.executor.submit(self._cut, photo, picture, faces)
                self._cutting.append(cut)

    def finish(self) -> None:
        cutting, self._cutting = self._cutting, []
        for cut in cutting:
            cut.result()

    def _cut(
        self, photo: PendingPhoto, picture: FacePicture, faces: Sequence[DetectedFace]
    ) -> None:
        """Keep a small picture of each face; without them they are cut when first shown."""
        cuts = [
            (face_key(photo.hash, face.box), make_face_thumbnail(picture.pixels, face.box))
            for face in faces
        ]
        try:
            self._tools.face_thumbs.put_many(cuts)
        except StoreError as error:
            _log.warning("small pictures of faces are not kept: %s", error)
