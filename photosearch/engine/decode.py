"""One file's way through a decoder: what a decoding child does for each request.

Files are opened for reading only, and where the system allows it without touching their
access time.
"""

from __future__ import annotations

import hashlib
import os
import stat
from typing import TYPE_CHECKING

import numpy as np

from photosearch.engine.requests import (
    DecodeRequest,
    FaceReply,
    FaceRequest,
    InputReply,
    InputRequest,
    LookReply,
    LookRequest,
    PictureReply,
    PictureRequest,
)
from photosearch.errors import MediaError
from photosearch.types import Pixels, Preprocess

if TYPE_CHECKING:
    from photosearch.media.decode import Picture

HASH_BYTES = 20
MAX_FILE_BYTES = 1 << 30  # no still picture that fits the pixel limits is larger
# What faces are looked for in: a 12-megapixel JPEG decodes at half its size.
FACES_LEAST_PX, FACES_MOST_PX = 2000, 3072  # long side


class UnreadError(MediaError):
    """The bytes of a file cannot be had: no permission, a drive pulled out, a bad sector."""


def answer(request: DecodeRequest) -> LookReply | InputReply | PictureReply | FaceReply:
    """Do what is asked; a file that cannot be used is an answer, not an exception."""
    if isinstance(request, LookRequest):
        return look(request)
    if isinstance(request, InputRequest):
        return model_input(request)
    if isinstance(request, FaceRequest):
        return faces(request)
    return picture(request)


def look(request: LookRequest) -> LookReply:
    """Read a file once and return its hash, facts, thumbnail and model input."""
    from photosearch.media.decode import NotAPictureError, open_picture
    from photosearch.media.formats import promises_picture
    from photosearch.media.metadata import read_facts
    from photosearch.media.photo_thumbs import SHORT_SIDE_PX, make_thumbnail
    from photosearch.media.scan import modified_ns

    try:
        data, status = read_file(request.path)
    except UnreadError as error:
        return LookReply(failure=str(error), unread=True)
    except MediaError as error:
        return LookReply(failure=str(error))
    size, mtime_ns = len(data), modified_ns(status)
    try:
        content_hash = _hash(data)
        opened = open_picture(data, short_side_px=max(SHORT_SIDE_PX, _needed(request.spec)))
        return LookReply(
            hash=content_hash,
            size=size,
            mtime_ns=mtime_ns,
            facts=read_facts(opened, request.name, mtime_ns, _sidecars(request)),
            thumbnail=make_thumbnail(opened.image),
            pixels=_input(opened, request.spec) if request.spec else None,
        )
    except NotAPictureError as error:
        # A file that never claimed to be a picture is passed over, not reported.
        reason = str(error) if promises_picture(os.fsencode(request.name)) else ""
        return LookReply(content_hash, size, mtime_ns, failure=reason)
    except MediaError as error:
        return LookReply(content_hash, size, mtime_ns, failure=str(error))


def model_input(request: InputRequest) -> InputReply:
    """Make the 8-bit model input, from the thumbnail where it is large enough."""
    from photosearch.media.decode import open_picture
    from photosearch.media.photo_thumbs import LONG_SIDE_PX, SHORT_SIDE_PX, make_thumbnail

    needed = _needed(request.spec)
    small = _opened(request.thumbnail)
    if small is not None:
        shrunk = small.image.height >= SHORT_SIDE_PX <= small.image.width
        shrunk |= max(small.image.size) >= LONG_SIDE_PX
        if min(small.image.size) >= needed or not shrunk:
            return InputReply(_input(small, request.spec))
    failure = ""
    for path in request.paths:
        try:
            data, _ = read_file(path)
            if request.hash and _hash(data) != request.hash:
                continue  # the next scan finds it changed
            opened = open_picture(data, short_side_px=max(needed, SHORT_SIDE_PX))
            thumbnail = b"" if small else make_thumbnail(opened.image)
            return InputReply(_input(opened, request.spec), thumbnail)
        except UnreadError:  # it is waited for
            continue
        except MediaError as error:
            failure = str(error)
    if small is not None:  # the drive is unplugged: a little blurred beats not found at all
        return InputReply(_input(small, request.spec))
    return InputReply(failure=failure)


def _opened(thumbnail: bytes | None) -> Picture | None:
    """Return the picture of a thumbnail; None for one that is damaged, as if there were none."""
    from photosearch.media.decode import open_picture

    try:
        return open_picture(thumbnail) if thumbnail else None
    except MediaError:
        return None


def _needed(spec: Preprocess | None) -> int:
    return max(spec.height, spec.width) if spec else 0


def _input(opened: Picture, spec: Preprocess) -> Pixels:
    from photosearch.inference.preprocess import to_input

    return _read_only(to_input(opened.image, spec))


def picture(request: PictureRequest) -> PictureReply:
    """Decode a picture for the screen."""
    from photosearch.media.decode import open_picture

    try:
        data, _ = read_file(request.path)
        opened = open_picture(data, within_px=request.within_px)
    except MediaError as error:
        return PictureReply(failure=str(error))
    return PictureReply(_read_only(np.asarray(opened.image, np.uint8)))


def faces(request: FaceRequest) -> FaceReply:
    """Decode a photo to find faces in, unless its content is no longer what it was."""
    from photosearch.media.decode import open_picture

    failure = ""
    for path in request.paths:
        try:
            data, _ = read_file(path)
            if _hash(data) != request.hash:
                continue  # the next scan finds it changed
            opened = open_picture(data, long_side_px=FACES_LEAST_PX, within_px=FACES_MOST_PX)
        except UnreadError:  # it is waited for
            continue
        except MediaError as error:
            failure = str(error)
            continue
        pixels = _read_only(np.asarray(opened.image, np.uint8))
        fitted = _fitted(opened, pixels, request.fitted_px) if request.fitted_px else None
        return FaceReply(pixels, opened.width / opened.image.width, fitted=fitted)
    return FaceReply(failure=failure)


def _fitted(opened: Picture, pixels: Pixels, side_px: int) -> Pixels:
    """Return a picture as a face detector sees it first.

    Here it costs a third: Pillow has it as an image and can halve it, to the same numbers.
    """
    from photosearch.inference.face_ops import averaged, fitted_size, resized
    from photosearch.media.pixels import halved

    size = fitted_size(pixels, side_px, side_px)
    if averaged(pixels, *size) == 2:
        pixels = np.asarray(halved(opened.image), np.uint8)
    return _read_only(resized(pixels, *size))


def _sidecars(request: LookRequest) -> list[bytes]:
    """Return the contents of the XMP files beside a photo; one that cannot be read is none."""
    from photosearch.media.regions import MAX_XMP_BYTES
    from photosearch.media.sidecars import names_of

    found: list[bytes] = []
    directory, name = os.path.split(request.path)
    for sidecar in names_of(name) if request.sidecar else ():
        try:
            data, _ = read_file(os.path.join(directory, sidecar), MAX_XMP_BYTES)
        except MediaError:
            continue
        found.append(data)
    return found


def _hash(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=HASH_BYTES).digest()


def read_file(path: bytes, most_bytes: int = MAX_FILE_BYTES) -> tuple[bytes, os.stat_result]:
    """Return the bytes of a regular file and its status from before the read."""
    try:
        descriptor = _open(path)
    except OSError as error:
        raise UnreadError(f"The file cannot be opened: {_plain(error)}.") from error
    with os.fdopen(descriptor, "rb") as stream:
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise MediaError("This is not an ordinary file.")
            if status.st_size > most_bytes:
                raise MediaError(f"The file is too large ({status.st_size / 1e9:.1f} GB).")
            return stream.read(), status
        except OSError as error:
            raise UnreadError(f"The file cannot be read: {_plain(error)}.") from error


def _open(path: bytes) -> int:
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    quiet = getattr(os, "O_NOATIME", 0)
    if quiet:
        try:
            return os.open(path, flags | quiet)
        except PermissionError:  # only the owner may ask for it
            pass
    return os.open(path, flags)


def _plain(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _read_only(pixels: Pixels) -> Pixels:
    pixels = np.ascontiguousarray(pixels)
    pixels.setflags(write=False)
    return pixels
