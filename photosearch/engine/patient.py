"""A decoder that does not go on asking a drive that hangs: its photos are put off, not failed.

Each file there would take all the time that a decoder has for one photo.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from photosearch.engine.requests import (
    Decoder,
    FaceReply,
    FaceRequest,
    InputReply,
    InputRequest,
    LookReply,
    LookRequest,
    PictureReply,
    PictureRequest,
)
from photosearch.media.answering import Answering

SILENT = "Its drive does not answer."

Roots = Callable[[], Sequence[bytes]]


class PatientDecoder:
    """Passes on to another decoder what lies where there is an answer."""

    def __init__(
        self,
        inner: Decoder,
        answering: Answering,
        roots: Roots,
        *,
        silenced: Callable[[bytes], object] = lambda _root: None,
        ask_first: float | None = None,
    ) -> None:
        """`roots` tells the folders of the library; `silenced` hears of one that hangs.

        With `ask_first` a folder is given so many seconds before a file in it is opened, for
        pictures somebody waits for; otherwise it is asked only after a file could not be opened.
        """
        self._inner = inner
        self._answering = answering
        self._roots = roots
        self._silenced = silenced
        self._ask_first = ask_first

    def look(self, request: LookRequest) -> LookReply:
        if self._hangs((request.path,)):
            return LookReply(failure=SILENT, unread=True)
        reply = self._inner.look(request)
        if reply.failure and self._hung((request.path,)):
            return LookReply(failure=SILENT, unread=True)
        return reply

    def model_input(self, request: InputRequest) -> InputReply:
        if request.paths and self._hangs(request.paths):
            return InputReply(failure=SILENT)
        reply = self._inner.model_input(request)
        return InputReply(failure=SILENT) if reply.failure and self._hung(request.paths) else reply

    def picture(self, request: PictureRequest) -> PictureReply:
        if self._hangs((request.path,)):
            return PictureReply(failure=SILENT)
        reply = self._inner.picture(request)
        hung = reply.failure and self._hung((request.path,))
        return PictureReply(failure=SILENT) if hung else reply

    def faces(self, request: FaceRequest) -> FaceReply:
        if self._hangs(request.paths):
            return FaceReply(failure=SILENT)
        reply = self._inner.faces(request)
        return FaceReply(failure=SILENT) if reply.failure and self._hung(request.paths) else reply

    def close(self) -> None:
        self._inner.close()

    def _hangs(self, paths: Sequence[bytes]) -> bool:
        """Whether a file is not to be opened because it lies where there is no answer."""
        if self._ask_first is None and not self._answering.any_open:
            return False  # as good as always: no question for every photo
        folders = {self._folder(path) for path in paths}
        if self._ask_first is None:
            return any(self._answering.silent(folder) for folder in folders)
        return not all(self._answering.answers(folder, self._ask_first) for folder in folders)

    def _hung(self, paths: Sequence[bytes]) -> bool:
        """Whether there is no answer after a file could not be opened."""
        silent = [f for f in {self._folder(p) for p in paths} if not self._answering.answers(f)]
        for folder in silent:
            self._silenced(folder)
        return bool(silent)

    def _folder(self, path: bytes) -> bytes:
        """Return the folder of the library that a file lies in, else that around it."""
        around = [root for root in self._roots() if path.startswith(root.rstrip(b"/") + b"/")]
        return max(around, key=len, default=os.path.dirname(path))
