"""Pictures that faces are looked for in, and small pictures of faces."""

from __future__ import annotations

import hashlib
import os
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photosearch.engine import decode
from photosearch.engine.decoders import DecoderPool
from photosearch.engine.requests import FaceReply, FaceRequest, LookRequest
from photosearch.inference.face_ops import letterboxed


def content_hash(path: Path) -> bytes:
    return hashlib.blake2b(path.read_bytes(), digest_size=20).digest()


def working(*paths: Path, meant: Path | None = None) -> FaceReply:
    raw = tuple(os.fsencode(path) for path in paths)
    return decode.faces(FaceRequest(raw, content_hash(meant or paths[0])))


def picture(path: Path, width: int, height: int, orientation: int = 1) -> Path:
    """Write a gray photo whose stored top left corner is red."""
    image = Image.new("RGB", (width, height), "gray")
    image.paste((255, 0, 0), (0, 0, width // 8, height // 8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(path, quality=90, exif=exif)
    return path


@pytest.mark.parametrize(
    ("size", "expected", "scale"),
    [
        ((640, 480), (480, 640, 3), 1.0),  # small ones as they are
        ((4000, 3000), (1500, 2000, 3), 2.0),  # decoded at half the size
        ((3600, 2400), (2048, 3072, 3), 3600 / 3072),
        ((300, 8000), (2000, 75, 3), 4.0),
    ],
)
def test_large_photos_come_smaller(
    tmp_path: Path, size: tuple[int, int], expected: tuple[int, ...], scale: float
) -> None:
    reply = working(picture(tmp_path / "a.jpg", *size))
    assert reply.pixels is not None
    assert reply.pixels.shape == expected
    assert reply.scale == pytest.approx(scale)
    assert not reply.pixels.flags.writeable


@pytest.mark.parametrize("size", [(4001, 3003), (3003, 4001), (6000, 4000), (640, 480), (90, 4000)])
def test_what_a_detector_sees_first_is_what_it_would_make_of_it(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (size[1] // 8, size[0] // 8, 3), np.uint8)
    path = tmp_path / "a.jpg"
    Image.fromarray(noise).resize(size).save(path, quality=95)
    request = FaceRequest((os.fsencode(path),), content_hash(path), 640)
    reply = decode.faces(request)
    assert reply.pixels is not None
    assert reply.fitted is not None
    canvas, scale = letterboxed(reply.pixels, 640, 640)
    height, width = reply.fitted.shape[:2]
    assert np.array_equal(reply.fitted, canvas[:height, :width])
    assert not canvas[height:].any()
    assert not canvas[:, width:].any()
    again, given = letterboxed(reply.pixels, 640, 640, reply.fitted)
    assert given == scale
    assert np.array_equal(again, canvas)
    other, _ = letterboxed(reply.pixels, 320, 320, reply.fitted)
    assert np.array_equal(other, letterboxed(reply.pixels, 320, 320)[0]), "of another size: its own"


def test_they_are_upright(tmp_path: Path) -> None:
    reply = working(picture(tmp_path / "a.jpg", 800, 400, orientation=6))
    assert reply.pixels is not None
    assert reply.pixels.shape == (800, 400, 3)
    red, green, _ = reply.pixels[10, -10].tolist()
    assert red > 200
    assert green < 100


def test_other_content_than_meant_gives_nothing(tmp_path: Path) -> None:
    meant = picture(tmp_path / "a.jpg", 64, 48)
    edited = picture(tmp_path / "b.jpg", 96, 48)
    assert working(edited, meant=meant) == FaceReply()
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(meant.read_bytes()[:100])
    assert working(cut, meant=meant) == FaceReply()
    found = working(tmp_path / "gone.jpg", cut, edited, meant, meant=meant)
    assert found.pixels is not None
    assert found.pixels.shape == (48, 64, 3), "whichever file has it is good"
    meant.unlink()
    assert working(meant, meant=edited) == FaceReply()


def test_a_bomb_is_refused_in_words(photos: Path) -> None:
    bombs = [path for path in (photos / "edge").rglob("*") if "30000" in path.name]
    assert bombs
    for bomb in bombs:
        reply = working(bomb)
        assert reply.pixels is None
        assert "too large" in reply.failure


def test_damaged_files_are_failures_or_pictures(photos: Path) -> None:
    pool = DecoderPool(2, 20)
    try:
        for path in sorted((photos / "broken").rglob("*.jp*g"))[:40]:
            if not path.is_file():
                continue
            reply = pool.faces(FaceRequest((os.fsencode(path),), content_hash(path)))
            assert (reply.pixels is None) == bool(reply.failure), path
    finally:
        pool.close()


def test_a_sidecar_is_read_only_where_one_was_seen(tmp_path: Path, photos: Path) -> None:
    folder = photos / "edge/xmp_sidecar"
    for name, beside in (("photo.jpg", "photo.jpg.xmp"), ("other.jpg", "other.xmp")):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
        (tmp_path / beside).write_bytes((folder / beside).read_bytes())
        for seen in (False, True):
            path = os.fsencode(tmp_path / name)
            facts = decode.look(LookRequest(path, name, sidecar=seen)).facts
            assert facts is not None
            assert [region.name for region in facts.regions] == ["Person A"] * seen


def test_a_reply_fits_through_the_pipe(tmp_path: Path) -> None:
    path = tmp_path / "noise.png"
    noise = np.random.default_rng(1).integers(0, 256, (900, 1200, 3), np.uint8)
    out = BytesIO()
    Image.fromarray(noise).save(out, "PNG", compress_level=0)
    path.write_bytes(out.getvalue())
    pool = DecoderPool(1, 30)
    try:
        reply = pool.faces(FaceRequest((os.fsencode(path),), content_hash(path)))
    finally:
        pool.close()
    assert reply.pixels is not None
    assert np.array_equal(reply.pixels, noise)
