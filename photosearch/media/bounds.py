"""What is refused by its header: pictures that would take more room or time than one may take."""

from __future__ import annotations

from photosearch.errors import MediaError

# A camera's 200 megapixels are JPEG; a lossless file that large would need gigabytes.
MAX_JPEG_PIXELS = 400_000_000
MAX_PIXELS = 250_000_000
# Pillow unpacks a run-length packed BMP in Python: a pair of bytes costs 0.2 µs and a pixel up to
# 0.1 µs, so that this many take 5 s at worst.
MAX_RUN_LENGTH_PIXELS = 25_000_000
_RUN_LENGTH = "bmp_rle"
_SPARE_BYTES = 1 << 20  # headers, and what a writer adds at the end
_DEFLATES_MOST = 1032  # bytes that come of one, as zlib's authors say


def refuse_size(size: tuple[int, int], name: str) -> None:
    """Refuse a picture without pixels, or with more than may be unpacked."""
    width, height = size
    if width <= 0 or height <= 0:
        raise MediaError("The picture is damaged: it has no pixels.")
    limit = MAX_JPEG_PIXELS if name == "JPEG" else MAX_PIXELS
    if width * height > limit:
        raise MediaError(
            f"The picture is too large: {width} × {height} pixels; "
            f"up to {limit // 1_000_000} megapixels can be read."
        )


def refuse_slow(decoder: str, size: tuple[int, int], file_bytes: int) -> None:
    """Refuse a run-length packed BMP that would take long to unpack; `decoder` is Pillow's name.

    No pixel takes more than two bytes and no row more than two beside them: a file with more
    repeats orders that paint nothing.
    """
    if decoder != _RUN_LENGTH:
        return
    width, height = size
    if width * height > MAX_RUN_LENGTH_PIXELS:
        raise MediaError(
            f"The picture is too large: {width} × {height} pixels; of a run-length packed BMP "
            f"up to {MAX_RUN_LENGTH_PIXELS // 1_000_000} megapixels can be read."
        )
    if file_bytes > 2 * height * (width + 1) + _SPARE_BYTES:
        raise MediaError("The picture is damaged: it holds far more than its pixels take.")


def refuse_hollow(data: bytes, size: tuple[int, int]) -> None:
    """Refuse a PNG that cannot hold the pixels it declares, however well they are packed.

    Pillow would paint what is missing in black: 250 megapixels from a hundred bytes.
    """
    if data[12:16] != b"IHDR":  # Apple's own kind
        return
    depth, channels = data[24], {2: 3, 4: 2, 6: 4}.get(data[25], 1)
    unpacked = size[1] * (1 + size[0] * depth * channels // 8)
    if unpacked > _DEFLATES_MOST * len(data):
        raise EOFError
