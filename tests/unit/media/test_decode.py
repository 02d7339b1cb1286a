"""Pictures of every kind come out upright, in sRGB, with 8 bits."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path

import bombs
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageCms

from photosearch.errors import MediaError
from photosearch.media.decode import NotAPictureError, Picture, open_picture


def opened(path: Path, **wishes: int) -> Picture:
    return open_picture(path.read_bytes(), **wishes)


def small(picture: Picture, side: int = 24) -> npt.NDArray[np.float64]:
    assert picture.image.mode == "RGB"
    return np.asarray(picture.image.resize((side, side), Image.Resampling.BOX), np.float64)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def center(data: bytes) -> tuple[int, int, int]:
    image = open_picture(data).image
    pixel = image.getpixel((image.width // 2, image.height // 2))
    assert isinstance(pixel, tuple)
    return pixel  # type: ignore[return-value]


# --- upright ------------------------------------------------------------------


@pytest.mark.parametrize("wishes", [{}, {"short_side_px": 100}, {"within_px": 200}])
@pytest.mark.parametrize("scene", ["landscape", "portrait"])
def test_exif_orientation_of_jpeg(photos: Path, scene: str, wishes: dict[str, int]) -> None:
    folder = photos / "formats/exif_orientation"
    # Number 1 has another colour profile; each bears its number in print.
    first = opened(folder / f"{scene}_2.jpg", **wishes)
    assert (first.width > first.height) == (scene == "landscape")
    for number in range(1, 9):
        picture = opened(folder / f"{scene}_{number}.jpg", **wishes)
        assert (picture.width, picture.height) == (first.width, first.height)
        assert picture.image.size == first.image.size
        difference = np.abs(small(picture) - small(first)).mean()
        assert difference < (12 if number == 1 else 4), number


def test_orientation_of_webp(photos: Path) -> None:
    folder = photos / "formats/pillow"
    upright = small(opened(folder / "hopper.webp"))
    for number in range(2, 9):
        picture = opened(folder / f"hopper_orientation_{number}.webp")
        assert np.abs(small(picture) - upright).mean() < 4, number


def test_orientation_of_tiff(photos: Path) -> None:
    folder = photos / "formats/pillow"
    first = opened(folder / "g4_orientation_1.tif")
    for number in range(2, 9):
        picture = opened(folder / f"g4_orientation_{number}.tif")
        assert (picture.width, picture.height) == (590, 88)
        assert np.abs(small(picture) - small(first)).mean() < 1, number


def test_orientation_of_avif(photos: Path) -> None:
    folder = photos / "formats/pillow/avif"
    first = opened(folder / "rot0mir0.avif")
    for turn in range(4):
        for mirrored in range(2):
            picture = opened(folder / f"rot{turn}mir{mirrored}.avif")
            assert (picture.width, picture.height) == (640, 427)
            assert np.abs(small(picture) - small(first)).mean() < 4, (turn, mirrored)
    kimono = photos / "formats/avif_linku"
    upright = opened(kimono / "kimono.jpg")
    for name in ("kimono.rotate90", "kimono.crop", "kimono.mirror-vertical.rotate270.crop"):
        picture = opened(kimono / f"{name}.avif")
        assert (picture.width, picture.height) == (722, 1024)
    assert np.abs(small(opened(kimono / "kimono.rotate90.avif")) - small(upright)).mean() < 6


def test_orientation_of_png() -> None:
    image = Image.new("RGB", (40, 20), "red")
    image.paste("blue", (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise: the left half comes to the top
    picture = open_picture(encoded(image, "PNG", exif=exif))
    assert (picture.width, picture.height) == (20, 40)
    assert picture.image.getpixel((10, 5)) == (0, 0, 255)
    assert picture.image.getpixel((10, 35)) == (255, 0, 0)


def test_heif_is_not_turned_twice() -> None:
    heif = pytest.importorskip("pillow_heif")
    image = Image.new("RGB", (128, 64), "red")
    image.paste("blue", (0, 0, 64, 64))
    exif = Image.Exif()
    exif[0x0112] = 6
    out = BytesIO()
    heif.from_pillow(image).save(out, exif=exif.tobytes(), quality=90)
    picture = open_picture(out.getvalue())
    assert picture.format == "HEIF"
    assert (picture.width, picture.height) == picture.image.size == (64, 128)
    top = picture.image.getpixel((32, 20))
    assert isinstance(top, tuple)
    assert top[2] > 200
    assert top[0] < 60


def test_orientation_in_xmp_alone_does_not_turn() -> None:
    xmp = b'<x xmlns:tiff="t" tiff:Orientation="6"/>'
    data = encoded(Image.new("RGB", (40, 20)), "WEBP", xmp=xmp)
    assert open_picture(data).width == 40


def test_broken_exif_hides_no_picture() -> None:
    data = encoded(Image.new("RGB", (40, 20)), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    picture = open_picture(data)
    assert (picture.width, picture.height) == (40, 20)


# --- depth, colour, transparency ----------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled(kind: str) -> None:
    ramp = np.linspace(0, 65535, 64, dtype=np.uint16)[None, :].repeat(8, 0)
    gray = np.asarray(open_picture(encoded(Image.fromarray(ramp), kind)).image)
    assert np.abs(gray[0, :, 0] - np.linspace(0, 255, 64)).max() <= 1


def test_fewer_bits_in_a_16_bit_tiff_are_not_black(photos: Path) -> None:
    ramp = np.linspace(0, 4095, 64, dtype=np.uint16)[None, :].repeat(8, 0)
    gray = np.asarray(open_picture(encoded(Image.fromarray(ramp), "TIFF")).image)
    assert np.abs(gray[0, :, 0] - np.linspace(0, 255, 64)).max() <= 1
    folder = photos / "formats/pillow"
    packed, padded = (
        small(opened(folder / name)) for name in ("12bit.cropped.tif", "12in16bit.tif")
    )
    assert np.array_equal(packed, padded)
    little, big = (small(opened(folder / f"16bit{kind}.cropped.tif")) for kind in ("", ".MM"))
    assert np.array_equal(little, big)
    assert little.max() > 100


def test_float_and_32_bit_are_scaled() -> None:
    ramp = np.linspace(0, 1, 64, dtype=np.float32)[None, :].repeat(8, 0)
    ramp[0, 0] = np.nan
    for values in (ramp, ramp * 255, ramp * 65535, ramp * 1e6 - 5e5):
        image = np.asarray(open_picture(encoded(Image.fromarray(values), "TIFF")).image)
        assert image[4, 0, 0] <= 1, values.max()
        assert image[4, 63, 0] >= 254
    whole = (ramp[1:] * 200_000).astype(np.int32)
    image = np.asarray(open_picture(encoded(Image.fromarray(whole), "TIFF")).image)
    assert (image[4, 0, 0], image[4, 63, 0]) == (0, 255)


def test_transparency_is_white() -> None:
    half = Image.new("RGBA", (9, 9), (255, 0, 0, 128))
    assert center(encoded(half, "PNG")) == (255, 127, 127)
    nothing = Image.new("RGBA", (9, 9), (0, 0, 0, 0))
    for kind in ("PNG", "WEBP", "TIFF", "AVIF"):
        assert min(center(encoded(nothing, kind))) >= 250, kind
    assert center(encoded(Image.new("LA", (9, 9), (0, 0)), "PNG")) == (255, 255, 255)
    keyed = encoded(Image.new("RGB", (9, 9), (1, 2, 3)), "PNG", transparency=(1, 2, 3))
    assert center(keyed) == (255, 255, 255)
    palette = Image.new("P", (9, 9), 1)
    palette.putpalette([9, 9, 9, 0, 0, 255])
    assert center(encoded(palette, "PNG", transparency=1)) == (255, 255, 255)
    assert center(encoded(palette, "GIF")) == (0, 0, 255)
    assert center(encoded(Image.new("1", (9, 9), 1), "PNG")) == (255, 255, 255)


def test_full_transparency_in_the_collection(photos: Path) -> None:
    assert small(opened(photos / "formats/sharp/full-transparent.png")).min() == 255


def test_cmyk(photos: Path) -> None:
    red = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    for kind in ("JPEG", "TIFF"):
        pixel = center(encoded(red, kind))
        assert pixel[0] > 240
        assert max(pixel[1:]) < 20
    sharp = photos / "formats/sharp/Channel_digital_image_CMYK_color_no_profile.jpg"
    assert 30 < small(opened(sharp)).mean() < 240
    # The same flower: as CMYK with a profile, and as RGB in another folder's size.
    cmyk = small(opened(photos / "formats/libjxl_testdata/flower_small.cmyk.jpg"))
    rgb = small(opened(photos / "formats/libjxl_testdata/flower_small.q85_444_non_interleaved.jpg"))
    assert np.abs(cmyk - rgb).mean() < 25


def test_wide_gamut_becomes_srgb(photos: Path) -> None:
    plain, p3 = (Image.new("RGB", (8, 8), (200, 100, 50)) for _ in range(2))
    with Image.open(photos / "formats/libjxl_testdata/P3-sRGB-blue.png") as source:
        profile = source.info["icc_profile"]
    converted = center(encoded(p3, "PNG", icc_profile=profile))
    assert converted[0] > center(encoded(plain, "PNG"))[0] + 8
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert center(encoded(plain, "PNG", icc_profile=srgb)) == (200, 100, 50)
    # A profile for another kind of pixels, or none at all, is passed over.
    assert center(encoded(Image.new("L", (8, 8), 77), "PNG", icc_profile=profile)) == (77, 77, 77)
    assert center(encoded(plain, "PNG", icc_profile=b"rubbish")) == (200, 100, 50)


def test_first_frame_of_animations() -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "lime", "blue")]
    for kind in ("GIF", "PNG", "WEBP", "TIFF"):
        options = {"lossless": True} if kind == "WEBP" else {}
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
        assert center(data) == (255, 0, 0), kind


# --- size ---------------------------------------------------------------------


def test_draft_keeps_the_short_side() -> None:
    for size in ((4000, 3000), (3000, 4000), (2879, 4000), (720, 5000), (719, 719), (300, 200)):
        data = encoded(Image.new("RGB", size), "JPEG")
        picture = open_picture(data, short_side_px=360)
        assert (picture.width, picture.height) == size
        assert min(picture.image.size) >= min(360, *size)
    picture = open_picture(encoded(Image.new("RGB", (4000, 3000)), "JPEG"), short_side_px=360)
    assert picture.image.size == (500, 375)


def test_other_formats_are_shrunk_while_it_pays() -> None:
    picture = open_picture(encoded(Image.new("RGB", (4000, 3000)), "PNG"), short_side_px=360)
    assert picture.image.size == (1000, 750)
    assert (picture.width, picture.height) == (4000, 3000)


def test_within_a_square_never_enlarged() -> None:
    for kind in ("JPEG", "PNG"):
        data = encoded(Image.new("RGB", (1600, 900)), kind)
        assert open_picture(data, within_px=400).image.size == (400, 225)
        assert open_picture(data, within_px=1601).image.size == (1600, 900)
    thin = encoded(Image.new("RGB", (1, 900)), "PNG")
    assert open_picture(thin, within_px=100).image.size == (1, 100)


def test_a_200_megapixel_jpeg_opens_small() -> None:
    data = encoded(Image.new("L", (16320, 12240), 200), "JPEG", quality=20)
    picture = open_picture(data, short_side_px=360)
    assert (picture.width, picture.height) == (16320, 12240)
    assert min(picture.image.size) == 765  # 1/8 by the decoder, 1/2 by a box


def test_large_pictures_shrink_band_by_band() -> None:
    ramp = np.linspace(0, 255, 6003).astype(np.uint8)[:, None].repeat(2501, 1)
    alpha = np.full_like(ramp, 255)
    alpha[:, :1200] = 0
    image = Image.merge("LA", (Image.fromarray(ramp), Image.fromarray(alpha)))
    small_image = open_picture(encoded(image, "PNG"), short_side_px=360).image
    assert small_image.size == (834, 2001)
    pixels = np.asarray(small_image)[:, :, 0].astype(float)
    assert (pixels[:, :390] == 255).all()
    assert np.abs(pixels[:, 500] - np.linspace(0, 255, 2001)).max() <= 1.5


def declared_png(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    head = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + head + struct.pack(">I", 4) + b"IDAT" + bytes(8)


@pytest.mark.parametrize("size", [(30000, 30000), (65535, 65535)])
def test_bombs_are_refused_by_their_header(size: tuple[int, int]) -> None:
    with pytest.raises(MediaError, match=f"{size[0]} × {size[1]} pixels"):
        open_picture(declared_png(*size))
    blank = bytearray(encoded(Image.new("L", (8, 8)), "JPEG"))
    at = blank.index(b"\xff\xc0") + 5
    blank[at : at + 4] = struct.pack(">HH", size[1], size[0])
    with pytest.raises(MediaError, match=f"{size[0]} × {size[1]} pixels"):
        open_picture(bytes(blank))


def test_the_bomb_of_the_collection(photos: Path) -> None:
    with pytest.raises(MediaError, match="30000 × 30000 pixels"):
        opened(photos / "edge/sizes/bomb_30000x30000_1bit.png")


# --- sentences ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("zero.jpg", "The file is empty."),
        ("html_error_page.jpg", "This is not a picture (it starts like an HTML page)."),
        ("text.jpg", "This is not a picture (it starts like a text)."),
        ("mp4_named.jpg", "This is not a picture but an MP4 video."),
        ("truncated_half.jpg", "The picture is damaged: its end is missing."),
        ("truncated_header.jpg", "The picture is damaged: its header makes no sense."),
    ],
)
def test_the_reason_is_a_plain_sentence(photos: Path, name: str, sentence: str) -> None:
    with pytest.raises(MediaError) as caught:
        opened(photos / "edge/bad" / name, short_side_px=360)
    assert str(caught.value) == sentence
    whole = name in ("truncated_half.jpg", "truncated_header.jpg")
    assert isinstance(caught.value, NotAPictureError) != whole


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("jpeg_named.png", "JPEG"),
        ("jpeg_named.heic", "JPEG"),
        ("png_named.jpg", "PNG"),
        ("noextension", "JPEG"),
        ("UPPER.JPEG", "JPEG"),
        ("jpeg_with_trailing_garbage.jpg", "JPEG"),
    ],
)
def test_content_decides_never_the_name(photos: Path, name: str, kind: str) -> None:
    assert opened(photos / "edge/bad" / name).format == kind


@pytest.mark.parametrize("wishes", [{}, {"short_side_px": 60}])
def test_a_jpeg_that_lacks_only_its_end_marker_opens(photos: Path, wishes: dict[str, int]) -> None:
    data = (photos / "edge/bad/UPPER.JPEG").read_bytes()
    whole = np.asarray(open_picture(data, **wishes).image)
    for cut in (1, 2):
        image = open_picture(data[:-cut], **wishes).image
        assert np.array_equal(np.asarray(image), whole)
    for share in (0.9, 0.5, 0.1):
        with pytest.raises(MediaError, match="its end is missing"):
            open_picture(data[: int(len(data) * share)], **wishes)


def test_a_truncated_progressive_jpeg_is_refused() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (99, 99, 3), np.uint8)
    data = encoded(Image.fromarray(noise), "JPEG", progressive=True)
    with pytest.raises(MediaError, match="its end is missing"):
        open_picture(data[: len(data) // 2])


def test_a_png_as_well_packed_as_can_be_is_whole() -> None:
    """Refused is only what no packing could hold."""
    blank = encoded(Image.new("1", (16_000, 12_000)), "PNG")
    picture = open_picture(blank, short_side_px=360)
    assert (picture.width, picture.height) == (16_000, 12_000)
    for mode in ("L", "LA", "RGB", "RGBA", "I;16", "P"):
        assert open_picture(encoded(Image.new(mode, (3000, 2000)), "PNG")).width == 3000


@pytest.mark.parametrize("bits", [8, 4])
def test_a_run_length_packed_bmp(bits: int) -> None:
    rows = b"\x03\x11\x01\x22\0\0" + b"\0\x04\x11\x22\x11\x22\0\0" + b"\0\1"
    if bits == 4:
        rows = b"\x04\x12\0\0" + b"\0\x04\x12\x12\0\0" + b"\0\1"
    picture = open_picture(bombs.run_length_bmp(4, 2, rows, bits))
    shades = [[0x11, 0x22, 0x11, 0x22], [0x11, 0x11, 0x11, 0x22]]
    if bits == 4:
        shades = [[1, 2, 1, 2], [1, 2, 1, 2]]
    assert np.asarray(picture.image)[..., 2].tolist() == shades
