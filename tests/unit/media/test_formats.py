"""Names that may be pictures, droppings, and what first bytes say."""

from __future__ import annotations

from pathlib import Path

import pytest

from photosearch.media.formats import (
    describe,
    is_candidate,
    is_skipped_dir,
    promises_picture,
    sniff,
)


@pytest.mark.parametrize(
    "name",
    [
        *(b"a.jpg", b"a.JPG", b"a.Jpeg", b"a.jpe", b"a.jfif", b"a.png", b"a.apng", b"a.webp"),
        *(b"a.gif", b"a.tif", b"a.TIFF", b"a.bmp", b"a.dib", b"a.heic", b"a.HEIF", b"a.avif"),
        *(b"no extension", b"IMG_0001", b"a.b.c.jpg", b"\xff\xfe.jpg", b"line\nbreak.png", b"jpg"),
        "بحر.jpg".encode(),
        b"x" * 251 + b".jpg",
    ],
)
def test_may_be_a_picture(name: bytes) -> None:
    assert is_candidate(name)


@pytest.mark.parametrize(
    "name",
    [
        *(b"._IMG_0001.jpg", b".hidden.jpg", b".DS_Store", b"Thumbs.db", b"desktop.ini", b"a.txt"),
        *(b"a.mp4", b"a.jpg.xmp", b"a.jpg.json", b"a.nef", b"a.jpg~", b".jpg", b"Icon\r"),
    ],
)
def test_is_no_picture_by_its_name(name: bytes) -> None:
    assert not is_candidate(name)


def test_droppings_of_systems_are_skipped() -> None:
    for name in (b"@eaDir", b".git", b"$RECYCLE.BIN", b"System Volume Information", b"__MACOSX"):
        assert is_skipped_dir(name), name
    for name in (b"2019", b"eaDir", b"git", b"photos.old", "été".encode()):
        assert not is_skipped_dir(name), name


def test_a_name_without_extension_promises_nothing() -> None:
    assert promises_picture(b"a.JPG")
    assert not promises_picture(b"LICENSE")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\xff\xd8\xff\xe1", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"GIF89a", "GIF"),
        (b"II*\0", "TIFF"),
        (b"MM\0+", "TIFF"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "WEBP"),
        (b"RIFF\0\0\0\0AVI LIST", None),
        (b"BM" + bytes(12) + b"\x28\0\0\0", "BMP"),
        (b"BMW is a maker of cars", None),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIF"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "AVIF"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1heicmiaf", "HEIF"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1miaf", "HEIF"),
        (b"\0\0\0\x18ftypavis\0\0\0\0avis", "AVIF"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isom", None),
        (b"", None),
        (b"\xff", None),
    ],
)
def test_first_bytes_tell_the_format(head: bytes, expected: str | None) -> None:
    assert sniff(head) == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\n<!DOCTYPE HTML><title>404", "an HTML page"),
        (b"<?xml version='1.0'?><svg>", "an SVG drawing"),
        (b'{"error": 1}', "a JSON file"),
        ("naïve".encode(), "a text"),
        (b"\0\0\0\x18ftypisom", "an MP4 video"),
        (b"\0\0\0\x18ftypqt  ", "a QuickTime video"),
        (bytes(64), "nothing but zero bytes"),
        (b"\x01\x02\x03", ""),
        (b"", ""),
    ],
)
def test_other_bytes_are_described(head: bytes, expected: str) -> None:
    assert describe(head) == expected


def test_every_picture_in_the_collection_is_recognised_whatever_its_name(photos: Path) -> None:
    endings = {".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".gif": "GIF", ".tif": "TIFF"}
    endings |= {".bmp": "BMP", ".heic": "HEIF", ".heif": "HEIF", ".avif": "AVIF"}
    seen = 0
    for path in (photos / "formats").rglob("*"):
        expected = endings.get(path.suffix.lower())
        if expected is not None:
            with path.open("rb") as file:
                assert sniff(file.read(512)) == expected, path
            seen += 1
    assert seen > 200
