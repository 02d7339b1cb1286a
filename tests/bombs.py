"""Small files that declare, or unpack to, far more than they are: in each format that is opened.

Each is a sound file but for one number, so that nothing else is reason enough to refuse it.
"""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

SIDE = 30_000
ZEROS = 60_000_000  # bytes that a metadata bomb unpacks to


def declared() -> dict[str, bytes]:
    """Return pictures of 30,000 x 30,000 pixels, or of as many as their format can declare."""
    side = struct.pack("<H", SIDE)
    jpeg = bytearray(_encoded("JPEG"))
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg[at : at + 4] = struct.pack(">HH", SIDE, SIDE)
    bmp = bytearray(_encoded("BMP"))
    bmp[18:26] = struct.pack("<ii", SIDE, SIDE)
    upside = bytearray(bmp)
    upside[22:26] = struct.pack("<i", -SIDE)
    gif = bytearray(_encoded("GIF"))
    gif[6:10] = side * 2
    frame = bytearray(gif)  # the screen is small, the picture in it is not
    frame[6:10] = struct.pack("<HH", 8, 8)
    at = frame.index(b"\x2c", 13 + 3 * 256 if frame[10] & 7 == 7 else 13)
    frame[at + 5 : at + 9] = side * 2
    return {
        "bomb.jpg": bytes(jpeg),
        "bomb.png": _png((_chunk(b"IDAT", zlib.compress(bytes(SIDE // 8 + 1) * 100)),)),
        "bomb.bmp": bytes(bmp),
        "upside-down.bmp": bytes(upside),
        "hollow.png": _hollow_png(),
        "bomb.gif": bytes(gif),
        "frame.gif": bytes(frame),
        "bomb.tif": _tiff(),
        "bomb-big.tif": _big_tiff(),
        "lossy.webp": _lossy_webp(),
        "lossless.webp": _lossless_webp(),
        "canvas.webp": _canvas_webp(),
        "bomb.heic": _boxed("HEIF"),
        "bomb.avif": _boxed("AVIF"),
    }


def run_lengths() -> dict[str, bytes]:
    """Return BMPs in Pillow's slowest way of packing, as slow as each way of being slow can be."""
    most = 2000  # 4 megapixels: the time grows with their number, which ends at 25
    return {
        "allowed ends.bmp": run_length_bmp(most, most, b"\0\0\1\1" * most),
        "allowed pairs.bmp": run_length_bmp(most, most, b"\1\7" * (most * most)),
        "large.bmp": run_length_bmp(15_000, 15_000, b"\0\0\1\1" * 15_000),
        "large 4 bits.bmp": run_length_bmp(15_000, 15_000, b"\0\0\1\x11" * 15_000, 4),
        "lost.bmp": run_length_bmp(64, 64, b"\1\7" * 30_000_000),
    }


def run_length_bmp(width: int, height: int, packed: bytes, bits: int = 8) -> bytes:
    """Return a BMP with run-length packed rows, of 8 or 4 bits a pixel, in shades of blue."""
    palette = b"".join(bytes((shade, 0, 0, 0)) for shade in range(1 << bits))
    offset = 54 + len(palette)
    head = struct.pack("<2sIHHI", b"BM", offset + len(packed), 0, 0, offset)
    kind = {8: 1, 4: 2}[bits]
    info = (40, width, height, 1, bits, kind, len(packed), 0, 0, 1 << bits, 0)
    return head + struct.pack("<IiiHHIIiiII", *info) + palette + packed


def metadata() -> dict[str, bytes]:
    """Return small pictures whose metadata unpacks, or is counted, to a great size."""
    packed = zlib.compress(bytes(ZEROS), 9)
    picture = _chunk(b"IDAT", zlib.compress(bytes(9 * 8)))
    hundred = (
        _chunk(b"zTXt", b"key%d\0\0" % n + zlib.compress(bytes(1_000_000))) for n in range(100)
    )
    return {
        "text.png": _png((_chunk(b"zTXt", b"key\0\0" + packed), picture), 8),
        "words.png": _png((_chunk(b"iTXt", b"key\0\1\0\0\0" + packed), picture), 8),
        "xmp.png": _png((_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + packed), picture), 8),
        "behind.png": _png((picture, _chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + packed)), 8),
        "exif.png": _png((_chunk(b"zTXt", b"Raw profile type exif\0\0" + packed), picture), 8),
        "profile.png": _png((_chunk(b"iCCP", b"name\0\0" + packed), picture), 8),
        "many.png": _png((*hundred, picture), 8),
        "shared.png": _png((_chunk(b"eXIf", _shared_tags(2_000_000)), picture), 8),
        "fractions.png": _png((_chunk(b"eXIf", _fractions(8_000_000)), picture), 8),
        "shared.tif": _shared_tags(2_000_000),
        "entities.jpg": _with_xmp(_entities()),
        "deep.jpg": _with_xmp(b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + b"<a>" * 19_000),
    }


def _encoded(kind: str, **options: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB" if kind != "GIF" else "P", (64, 64)).save(out, kind, **options)
    return out.getvalue()


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png(chunks: Any, side: int = SIDE) -> bytes:
    """Return a grey picture; large ones of one bit a pixel."""
    depth = 1 if side == SIDE else 8
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, depth, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + _chunk(b"IEND", b"")


def _hollow_png() -> bytes:
    """A hundred bytes that declare 201 megapixels, which may be opened, and hold a few of them."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", 48, 4_194_336, 16, 0, 0, 0, 0))
    rows = _chunk(b"IDAT", zlib.compress(bytes(97 * 5)))
    return b"\x89PNG\r\n\x1a\n" + head + rows + _chunk(b"IEND", b"")


def _tiff() -> bytes:
    tags = [(256, 4, SIDE), (257, 4, SIDE), (258, 3, 8), (259, 3, 8), (262, 3, 1)]
    tags += [(273, 4, 200), (277, 3, 1), (278, 4, SIDE), (279, 4, 1000)]
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    body = b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + bytes(4)
    return body.ljust(200, b"\0") + zlib.compress(bytes(1_000_000))


def _big_tiff() -> bytes:
    tags = [(256, 4, SIDE), (257, 4, SIDE), (258, 3, 8), (259, 3, 8), (262, 3, 1)]
    tags += [(273, 4, 300), (277, 3, 1), (278, 4, SIDE), (279, 4, 1000)]
    entries = b"".join(struct.pack("<HHQQ", tag, kind, 1, value) for tag, kind, value in tags)
    head = b"II+\0" + struct.pack("<HHQ", 8, 0, 16)
    body = head + struct.pack("<Q", len(tags)) + entries + bytes(8)
    return body.ljust(300, b"\0") + zlib.compress(bytes(1_000_000))


def _lossy_webp() -> bytes:
    """VP8 has 14 bits for a side: 16,383, and with that more than may be opened."""
    data = bytearray(_encoded("WEBP", quality=50))
    at = data.index(b"\x9d\x01\x2a") + 3
    data[at : at + 4] = struct.pack("<HH", 16383, 16383)
    return bytes(data)


def _lossless_webp() -> bytes:
    data = bytearray(_encoded("WEBP", lossless=True))
    at = data.index(b"VP8L") + 9
    data[at : at + 4] = struct.pack("<I", 16383 | 16383 << 14)
    return bytes(data)


def _canvas_webp() -> bytes:
    """The extended header has 24 bits for a side."""
    data = bytearray(_encoded("WEBP", quality=50, exif=Image.Exif().tobytes()))
    at = data.index(b"VP8X") + 12
    data[at : at + 6] = (SIDE - 1).to_bytes(3, "little") * 2
    return bytes(data)


def _boxed(kind: str) -> bytes:
    from pillow_heif import register_heif_opener

    register_heif_opener()
    data = bytearray(_encoded(kind, quality=50))
    at = data.index(b"ispe") + 8
    data[at : at + 8] = struct.pack(">II", SIDE, SIDE)
    return bytes(data)


def _shared_tags(size: int) -> bytes:
    """A directory of 5,000 entries, all of them the same many bytes."""
    count = 5_000
    start = 8 + 2 + 12 * count + 4
    entries = b"".join(
        struct.pack("<HHII", tag, 7, size, start) for tag in range(40_000, 40_000 + count)
    )
    return b"II*\0\x08\0\0\0" + struct.pack("<H", count) + entries + bytes(4 + size)


def _fractions(size: int) -> bytes:
    """A camera's name that is a million fractions."""
    entry = struct.pack("<HHII", 0x010F, 5, size // 8, 26)
    return b"II*\0\x08\0\0\0\x01\0" + entry + bytes(4) + b"\1\0\0\0\2\0\0\0" * (size // 8)


def _entities() -> bytes:
    """The packet that grows with each of its names: a "billion laughs"."""
    grow = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return (
        f'<!DOCTYPE x [<!ENTITY a0 "ha">{grow}]>'
        "<x:xmpmeta xmlns:x='adobe:ns:meta/' xmlns:r='http://www.metadataworkinggroup.com/schemas/"
        "regions/'><r:Name>&a9;</r:Name></x:xmpmeta>"
    ).encode()


def _with_xmp(packet: bytes) -> bytes:
    plain = _encoded("JPEG")
    body = b"http://ns.adobe.com/xap/1.0/\0" + packet
    return plain[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + plain[2:]
