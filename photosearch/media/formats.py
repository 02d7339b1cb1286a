"""Which names may be pictures, which are droppings, and what bytes really are.

Names only decide what is worth opening; what a file is, its first bytes decide.
Knows no decoder.  RAW and video come in by a row in `_EXTENSIONS`, a line in
`sniff` and an opener in `decode`.
"""

from __future__ import annotations

UNREADABLE = "which cannot be read yet"  # how `describe` ends for pictures of other kinds

HEAD_BYTES = 512  # as many bytes as `sniff` and `describe` look at

_EXTENSIONS: dict[bytes, str] = {
    b"jpg": "JPEG",
    b"jpeg": "JPEG",
    b"jpe": "JPEG",
    b"jfif": "JPEG",
    b"mpo": "JPEG",
    b"png": "PNG",
    b"apng": "PNG",
    b"webp": "WEBP",
    b"gif": "GIF",
    b"tif": "TIFF",
    b"tiff": "TIFF",
    b"bmp": "BMP",
    b"dib": "BMP",
    b"heic": "HEIF",
    b"heif": "HEIF",
    b"heics": "HEIF",
    b"heifs": "HEIF",
    b"hif": "HEIF",
    b"avif": "AVIF",
    b"avifs": "AVIF",
}

# The two spellings that nearly all files have, for a quick answer.
_USUAL = frozenset(_EXTENSIONS) | frozenset(ending.upper() for ending in _EXTENSIONS)

# Compared in lower case.  Names that begin with a dot are skipped without being listed here.
_SKIPPED_DIRS = frozenset(
    (
        b"@eadir",  # Synology's thumbnails
        b"@recycle",
        b"#recycle",
        b"#snapshot",
        b"$recycle.bin",
        b"recycler",
        b"system volume information",
        b"__macosx",
        b"lost+found",
    )
)
_SKIPPED_FILES = frozenset((b"thumbs.db", b"ehthumbs.db", b"desktop.ini", b"icon\r"))

# ISO base media brands (the four bytes after `ftyp`).
_HEIF_BRANDS = frozenset(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
)
_AVIF_BRANDS = frozenset((b"avif", b"avis"))
_BMP_HEADERS = frozenset((12, 16, 40, 52, 56, 64, 108, 124))


def extension(name: bytes) -> bytes:
    """Return the name's extension in lower case without the dot, `b""` when it has none."""
    stem, dot, last = name.rpartition(b".")
    # "photo." and a "sentence. Like this one" have no extension.
    if not dot or not stem or not last or b" " in last or len(last) > 10:
        return b""
    return last.lower()


def is_candidate(name: bytes) -> bool:
    """Tell whether a file of this name may be a picture; without an extension it may be."""
    if name.startswith(b"."):
        return False
    if name.rpartition(b".")[2] in _USUAL and b"." in name:
        return True
    if name.lower() in _SKIPPED_FILES:
        return False
    ending = extension(name)
    return not ending or ending in _EXTENSIONS


def is_skipped_dir(name: bytes) -> bool:
    """Tell whether a directory of this name is hidden or a system's dropping."""
    return name.startswith(b".") or name.lower() in _SKIPPED_DIRS


def promises_picture(name: bytes) -> bool:
    """Tell whether the name says "picture": if it turns out not to be one, that is a failure.

    A file without an extension promises nothing and may be passed over in silence.
    """
    return extension(name) in _EXTENSIONS


def sniff(head: bytes) -> str | None:
    """Return the picture format these first bytes belong to, or None."""
    for magic, name in (
        (b"\xff\xd8\xff", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"GIF87a", "GIF"),
        (b"GIF89a", "GIF"),
        (b"II*\x00", "TIFF"),
        (b"MM\x00*", "TIFF"),
        (b"II+\x00", "TIFF"),  # BigTIFF
        (b"MM\x00+", "TIFF"),
    ):
        if head.startswith(magic):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    # "BM" alone begins many a text: the size of the header after it must be one of the known.
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return "BMP"
    if head[4:8] == b"ftyp":
        return _sniff_boxes(head)
    return None


def _sniff_boxes(head: bytes) -> str | None:
    major = head[8:12]
    end = min(int.from_bytes(head[:4], "big"), len(head))
    compatible = {head[at : at + 4] for at in range(16, end - 3, 4)}
    if major in _AVIF_BRANDS:
        return "AVIF"
    if major in _HEIF_BRANDS:
        # mif1 and msf1 only say "HEIF container"; the other brands name the coding.
        generic = major in (b"mif1", b"msf1")
        coded = compatible & (_HEIF_BRANDS - {b"mif1", b"msf1"})
        return "AVIF" if generic and not coded and compatible & _AVIF_BRANDS else "HEIF"
    return None


def describe(head: bytes) -> str:
    """Say what bytes that are no picture of ours look like ("an HTML page"), or `""`."""
    for magic, what in _OTHERS:
        if head.startswith(magic):
            return what
    if head[4:8] == b"ftyp":
        return _describe_boxes(head[8:12])
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "a QuickTime video"
    if head[:4] == b"RIFF":
        return {b"AVI ": "an AVI video", b"WAVE": "a WAVE sound"}.get(head[8:12], "")
    if len(head) > 196 and ((head[0] == 0x47 == head[188]) or (head[4] == 0x47 == head[196])):
        return "an MPEG video"
    return _describe_text(head)


_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM video"),
    (b"0&\xb2u", "a Windows Media video"),
    (b"FLV\x01", "a Flash video"),
    (b"\x00\x00\x01\xba", "an MPEG video"),
    (b"\x00\x00\x01\xb3", "an MPEG video"),
    (b"\xff\x0a", f"a JPEG XL picture, {UNREADABLE}"),
    (b"\x00\x00\x00\x0cJXL ", f"a JPEG XL picture, {UNREADABLE}"),
    (b"\x00\x00\x00\x0cjP  ", f"a JPEG 2000 picture, {UNREADABLE}"),
    (b"\xff\x4f\xff\x51", f"a JPEG 2000 picture, {UNREADABLE}"),
    (b"8BPS", f"a Photoshop file, {UNREADABLE}"),
    (b"FUJIFILMCCD-RAW", f"a RAW photo, {UNREADABLE}"),
    (b"IIU\x00", f"a RAW photo, {UNREADABLE}"),
    (b"IIRO", f"a RAW photo, {UNREADABLE}"),
    (b"FOVb", f"a RAW photo, {UNREADABLE}"),
    (b"\x00\x05\x16\x07", "a macOS resource file"),
    (b"\x00\x05\x16\x00", "a macOS resource file"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document or a thumbnail database"),
    (b"SQLite format 3\x00", "a database"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)


_BRANDS: tuple[tuple[bytes, str], ...] = (
    (b"qt", "a QuickTime video"),
    (b"crx ", f"a RAW photo, {UNREADABLE}"),
    (b"M4A", "an MPEG-4 sound"),
    (b"M4B", "an MPEG-4 sound"),
    *((brand, "an MP4 video") for brand in (b"iso", b"mp4", b"avc", b"M4V", b"mmp4", b"MSNV")),
    *((brand, "an MP4 video") for brand in (b"3gp", b"3g2", b"dash", b"f4v", b"F4V", b"XAVC")),
)


def _describe_boxes(brand: bytes) -> str:
    return next((what for start, what in _BRANDS if brand.startswith(start)), "")


def _describe_text(head: bytes) -> str:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "an HTML page"
    if text.startswith((b"<svg", b"<?xml")):
        return "an SVG drawing" if b"<svg" in text else "an XML file"
    if head and not any(head):
        return "nothing but zero bytes"
    if head and all(byte >= 0x20 or byte in b"\t\n\r\f\x1b" for byte in head):
        return "a JSON file" if text.startswith((b"{", b"[")) and b'"' in text else "a text"
    return ""
