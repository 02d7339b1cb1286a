"""What is asked of a decoder, and what comes back; what decodes is any `Decoder`.

A decoding child imports this and little else: there are as many of them as cores, and a run
waits for their start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from photosearch.types import Facts, Pixels, Preprocess


@dataclass(frozen=True, slots=True)
class LookRequest:
    """Read a file once: hash, facts, thumbnail, and the input of a model if one is chosen."""

    path: bytes
    name: str
    spec: Preprocess | None = None
    sidecar: bool = False  # there is an XMP file beside it


@dataclass(frozen=True, slots=True)
class LookReply:
    """What a look gave; `facts` is None when the file is no picture, `failure` says why not."""

    hash: bytes = b""
    size: int = 0
    mtime_ns: int = 0
    facts: Facts | None = None
    thumbnail: bytes = b""
    pixels: Pixels | None = None  # the model input [h, w, 3]
    failure: str = ""
    unread: bool = False  # the failure is one of reading: another try may succeed


@dataclass(frozen=True, slots=True)
class InputRequest:
    """Make a model input from a thumbnail, or from the original where that is too small.

    With a `hash` only from an original that has this content: it may have changed since it was
    looked at.
    """

    thumbnail: bytes | None
    paths: tuple[bytes, ...]
    spec: Preprocess
    hash: bytes = b""


@dataclass(frozen=True, slots=True)
class InputReply:
    """A model input [h, w, 3], and the thumbnail if it had to be made anew."""

    pixels: Pixels | None = None
    thumbnail: bytes = b""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """Decode a picture for the screen; `within_px` bounds its long side."""

    path: bytes
    within_px: int | None


@dataclass(frozen=True, slots=True)
class PictureReply:
    pixels: Pixels | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class FaceRequest:
    """Decode a photo, large enough to find faces in, from one of its files."""

    paths: tuple[bytes, ...]
    hash: bytes  # of the content that is meant
    fitted_px: int = 0  # the side of a square that it is to come fitted into as well


@dataclass(frozen=True, slots=True)
class FaceReply:
    """Upright pixels [h, w, 3]; `scale` is pixels of the original per pixel.

    `fitted` is the same, fitted into the square that was asked for.

    Neither pixels nor failure: no file has the content that is meant.
    """

    pixels: Pixels | None = None
    scale: float = 1.0
    failure: str = ""
    fitted: Pixels | None = None


DecodeRequest = LookRequest | InputRequest | PictureRequest | FaceRequest


@dataclass(frozen=True, slots=True)
class RoomRequest:
    """What a decoder asks in the middle of its work: may it unpack so many pixels?

    Any answer means yes; it comes when others have given up their room.
    """

    pixels: int


class Decoder(Protocol):
    """Something that decodes; safe to call from several threads."""

    def look(self, request: LookRequest) -> LookReply: ...
    def model_input(self, request: InputRequest) -> InputReply: ...
    def picture(self, request: PictureRequest) -> PictureReply: ...
    def faces(self, request: FaceRequest) -> FaceReply: ...
    def close(self) -> None: ...
