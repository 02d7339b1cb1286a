"""Bytes become an upright sRGB picture, or a `MediaError` that says why not.

Knows the decoders and how each of them misbehaves.  Colours and bit depths are `pixels`'
work, the meaning of EXIF `metadata`'s.  Hangs and crashes inside the C libraries are
not caught here: decoding strangers' files belongs into a child process.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from photosearch.errors import MediaError
from photosearch.media import bounds, pixels
from photosearch.media.formats import HEAD_BYTES, UNREADABLE, describe, sniff
from photosearch.media.room import wait_for_room

if TYPE_CHECKING:
    from PIL import Image, ImageFile

# A camera's is a tenth of it. One of 8 MB can hold a million fractions, which take Pillow 6 s.
MAX_EXIF_BYTES = 1 << 20

# What Pillow and the libraries below it have been seen to raise on hostile files.
_HOSTILE: tuple[type[Exception], ...] = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


class NotAPictureError(MediaError):
    """The file's content is something else than a picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded picture; `image` may be smaller than the original, whose size is told beside."""

    image: Image.Image  # RGB, sRGB, upright
    width: int
    height: int
    format: str
    exif: Image.Exif | None  # None: there is none, or it is broken
    turn: int = 1  # the EXIF orientation of the stored picture
    xmp: bytes = b""  # the packet in the file


@dataclass(frozen=True, slots=True)
class _Size:
    """How large a caller wants the picture; `open_picture` says what each means."""

    short_side_px: int | None
    long_side_px: int | None
    within_px: int | None


def open_picture(
    data: bytes,
    *,
    short_side_px: int | None = None,
    long_side_px: int | None = None,
    within_px: int | None = None,
) -> Picture:
    """Decode the first frame, upright, as 8-bit sRGB with transparency on white.

    `short_side_px`: what the caller needs; the image may be decoded smaller than the
    original as long as its short side keeps at least this many pixels.
    `long_side_px`: likewise of its long side.
    `within_px`: the image is made to fit into a square of this side, never enlarged.
    Raises `NotAPictureError` or another `MediaError`.
    """
    name = sniff(data[:HEAD_BYTES])
    if name is None:
        raise NotAPictureError(_not_a_picture(data))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        size = _Size(short_side_px, long_side_px, within_px)
        first: MediaError | None = None
        for opener in _openers(name):
            try:
                return _open(data, name, opener, size)
            except MediaError as error:
                first = first or error
            except (*_HOSTILE, *_pillow_errors()) as error:
                first = first or _damaged(error)
        assert first is not None  # every format has an opener
        raise first


@dataclass(frozen=True, slots=True)
class _Opener:
    open: Callable[[BytesIO], ImageFile.ImageFile]
    turns: bool = False  # whether it turns the picture upright itself
    ending: bytes = b""  # what the file may lack at its end


def _open(data: bytes, name: str, opener: _Opener, asked: _Size) -> Picture:
    with opener.open(BytesIO(data + opener.ending)) as source:
        bounds.refuse_size(source.size, name)
        if name == "PNG":
            bounds.refuse_hollow(data, source.size)
        if name == "BMP" and source.tile:
            bounds.refuse_slow(source.tile[0].codec_name, source.size, len(data))
        turn = _stored_turn(source)
        xmp = _take_xmp(source)
        size = source.size
        wanted = _wanted(size, asked)
        if name == "JPEG" and wanted:
            source.draft(None, wanted)
        wait_for_room(source, size)
        source.load()
        if opener.ending:
            _refuse_gap(source)
        if name != "JPEG":
            size = source.size  # TIFF turns itself, and HEIF may differ from its header
            bounds.refuse_size(size, name)
        xmp = xmp or _take_xmp(source)  # a PNG's may come after its pixels
        exif = _exif(source)
        left = 1 if opener.turns else _orientation(exif)
        image = pixels.to_srgb(source, shrink_to=wanted)
    image = pixels.turned(image, left)
    if asked.within_px is not None and max(image.size) > asked.within_px:
        image = pixels.fitted(image, asked.within_px)
    width, height = size if left < 5 else (size[1], size[0])
    return Picture(image, width, height, name, exif, turn or left, xmp)


def _stored_turn(source: ImageFile.ImageFile) -> int:
    """Return the orientation of a picture whose opener clears it; 0 when EXIF still has it."""
    value = source.info.get("original_orientation")  # pillow-heif's
    tags = getattr(source, "tag_v2", None)
    if value is None and tags is not None:
        value = tags.get(0x0112)
    return value if isinstance(value, int) and 1 <= value <= 8 else 0


def _take_xmp(source: ImageFile.ImageFile) -> bytes:
    """Return the XMP packet and hide it from Pillow.

    Only EXIF turns a picture: in XMP the old orientation survives many an edit.
    """
    found = [source.info.pop(key, None) for key in ("xmp", "XML:com.adobe.xmp")]
    tags = getattr(source, "tag_v2", None)
    if tags is not None:
        found.append(tags.get(700))
    for packet in found:
        if isinstance(packet, str):
            return packet.encode("utf-8", "surrogatepass")
        if isinstance(packet, bytes) and packet:
            return packet
    return b""


def _openers(name: str) -> list[_Opener]:
    """Return the decoders to try in turn.

    The plug-in classes are used as such: `Image.open` would try every format Pillow knows
    and obeys a process-wide pixel limit.
    """
    from PIL import (
        AvifImagePlugin,
        BmpImagePlugin,
        GifImagePlugin,
        JpegImagePlugin,
        PngImagePlugin,
        TiffImagePlugin,
        WebPImagePlugin,
    )

    if name == "HEIF":
        from pillow_heif import HeifImageFile

        return [_Opener(HeifImageFile, turns=True)]
    if name == "AVIF":
        from pillow_heif import HeifImageFile

        # Pillow's refuses some files with alpha that libheif opens, where it was built with AV1.
        return [_Opener(AvifImagePlugin.AvifImageFile), _Opener(HeifImageFile, turns=True)]
    if name == "JPEG":
        # Some writers forget the last marker, or the last bytes got lost.
        jpeg = JpegImagePlugin.JpegImageFile
        return [_Opener(jpeg), _Opener(jpeg, ending=b"\xff\xd9")]
    return [
        _Opener(
            {
                "PNG": PngImagePlugin.PngImageFile,
                "WEBP": WebPImagePlugin.WebPImageFile,
                "GIF": GifImagePlugin.GifImageFile,
                "TIFF": TiffImagePlugin.TiffImageFile,  # turns itself, clearing its orientation
                "BMP": BmpImagePlugin.BmpImageFile,
            }[name]
        )
    ]


def _pillow_errors() -> tuple[type[Exception], ...]:
    from PIL.Image import DecompressionBombError
    from PIL.ImageCms import PyCMSError

    return DecompressionBombError, PyCMSError


def _refuse_gap(source: ImageFile.ImageFile) -> None:
    """Refuse a JPEG of which more is missing than its end marker.

    The decoder paints what is missing in middle gray, down to the last corner.  In a
    progressive file everything turns coarse instead, which cannot be told from here.
    """
    width, height = source.size
    corner = source.crop((max(0, width - 2), max(0, height - 2), width, height))
    gray = all(low == high and low in (127, 128) for low, high in _extrema(corner))
    if gray or source.info.get("progressive"):
        raise EOFError


def _extrema(image: Image.Image) -> list[tuple[float, float]]:
    return [band.getextrema() for band in image.split()]  # type: ignore[misc]


def _wanted(size: tuple[int, int], asked: _Size) -> tuple[int, int] | None:
    """Return the least size the decoded image must have, None when it must be whole."""
    width, height = size
    if asked.short_side_px is not None:
        least = max(1, asked.short_side_px)
        return least, least
    long_px = asked.long_side_px or asked.within_px
    if long_px is not None:
        long_side = max(width, height)
        return max(1, width * long_px // long_side), max(1, height * long_px // long_side)
    return None


def _exif(source: ImageFile.ImageFile) -> Image.Exif | None:
    if len(source.info.get("exif") or b"") > MAX_EXIF_BYTES:
        return None
    try:
        exif = source.getexif()
        exif.get(0x0112)
    except (*_HOSTILE, *_pillow_errors()):
        return None
    return exif


def _orientation(exif: Image.Exif | None) -> int:
    if exif is None:
        return 1
    value = exif.get(0x0112, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _not_a_picture(data: bytes) -> str:
    if not data:
        return "The file is empty."
    what = describe(data[:HEAD_BYTES])
    if what.endswith(UNREADABLE):
        return f"This is {what}."
    if what.endswith("video"):
        return f"This is not a picture but {what}."
    if what:
        return f"This is not a picture (it starts like {what})."
    return "This is not a picture, or of a kind that is not known."


# What decoders say in their own tongue.
_PHRASES = (
    ("truncated", "its end is missing"),
    ("unexpected end of file", "its end is missing"),
    ("not identified by this driver", "its header makes no sense"),
    ("could not create decoder object", "its content makes no sense"),
    ("decoder error", "its content makes no sense, or is packed in a way that is not known"),
    ("exceeds limit of", "its header declares a size that cannot be"),
    ("bmff parsing failed", "its header makes no sense"),
    ("decompressed data too large", "a text or profile in it unpacks to far too much"),
    ("too much memory used in text", "the texts in it unpack to far too much"),
)


def _damaged(error: Exception) -> MediaError:
    if isinstance(error, MemoryError):
        return MediaError("There is not enough memory to open this picture.")
    # Messages come from many hands: keep one line of them, without a full stop of its own.
    detail = " ".join(str(error).split())[:200].rstrip(". ") or type(error).__name__
    if isinstance(error, EOFError):
        detail = "its end is missing"
    for theirs, ours in _PHRASES:
        if theirs in detail.lower():
            detail = ours
            break
    return MediaError(f"The picture is damaged: {detail}.")
