"""Pixels of any mode, depth and profile become upright 8-bit sRGB.

Knows modes, profiles and orientations; nothing of files.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

# Profiles that mean sRGB: converting would cost time and change nothing one could see.
# Compared whole, since "sRGB built-in linear" and the like are something else.
_SRGB_NAMES = frozenset(
    ("srgb", "srgb iec61966-2.1", "srgb built-in", "srgb2014", "c2", "uc2", "srgb iec61966-2-1")
)
# Shrunk with a box filter to no less than this many times what is wanted; the rest of the
# way is the caller's, with a better filter.
_HEADROOM = 2
_BAND_PIXELS = 4_000_000
_MINIATURE_PX = 12


def to_srgb(image: Image.Image, *, shrink_to: tuple[int, int] | None = None) -> Image.Image:
    """Return the loaded image as RGB in sRGB, transparency on white.

    It may come back smaller, but not below twice `shrink_to` in either direction.
    """
    profile = image.info.get("icc_profile")
    deep = image.mode in ("I", "F") or image.mode.startswith("I;16")
    whole = _scaled(image) if deep else image
    factor = 1
    if shrink_to is not None:
        factor = min(image.width // shrink_to[0], image.height // shrink_to[1]) // _HEADROOM
    flat = _shrunk(whole, factor) if factor > 1 else _flat(whole)
    if isinstance(profile, bytes) and profile and (converted := _by_profile(flat, profile)):
        return converted
    return flat if flat.mode == "RGB" else flat.convert("RGB")


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """Return the image upright, given its EXIF orientation (1 to 8)."""
    from PIL.Image import Transpose

    method = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }.get(orientation)
    return image if method is None else image.transpose(method)


def miniature(image: Image.Image) -> bytes:
    """Return an RGB image as 12 x 12 grey pixels, row by row: enough to tell how it is turned."""
    from PIL.Image import Resampling

    return image.resize((_MINIATURE_PX, _MINIATURE_PX), Resampling.BOX).convert("L").tobytes()


def halved(image: Image.Image) -> Image.Image:
    """Return the image at half its size, each pixel the mean of four; an odd row or column goes."""
    return image.reduce(2, (0, 0, image.width // 2 * 2, image.height // 2 * 2))


def fitted(image: Image.Image, side_px: int) -> Image.Image:
    """Return the image scaled so that its longer side is `side_px`."""
    from PIL.Image import Resampling

    scale = side_px / max(image.size)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Resampling.LANCZOS, reducing_gap=3.0)


def _shrunk(image: Image.Image, factor: int) -> Image.Image:
    """Return the image flat and smaller by `factor`.

    Band by band: several copies of 250 megapixels would not fit into a decoder's memory.
    """
    from PIL import Image as PilImage

    rows = max(1, _BAND_PIXELS // (image.width * factor)) * factor
    size = -(-image.width // factor), -(-image.height // factor)
    out: Image.Image | None = None
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(top + rows, image.height)))
        small = _flat(band).reduce(factor)
        if out is None:
            out = PilImage.new(small.mode, size)
        out.paste(small, (0, top // factor))
    assert out is not None  # no picture is without rows
    return out


def _flat(image: Image.Image) -> Image.Image:
    """Return the image as L, RGB or CMYK, transparency on white."""
    mode = image.mode
    if "transparency" in image.info and mode in ("P", "RGB", "L", "1"):
        image = image.convert("RGBA")
    elif mode not in ("L", "LA", "RGB", "RGBA", "CMYK"):
        # The rest: P, YCbCr, LAB, HSV, RGBX.
        usual = {"1": "L", "La": "LA", "PA": "RGBA", "RGBa": "RGBA"}.get(mode, "RGB")
        image = image.convert(usual)
    return _without_alpha(image)


def _scaled(image: Image.Image) -> Image.Image:
    """Return a picture of one deep channel (16-bit, 32-bit, float) as L."""
    import numpy as np
    from PIL import Image as PilImage

    values = np.asarray(image)
    low, high = _range(image)
    # In slices: a deep picture of 250 megapixels as float64 would need two gigabytes.
    scaled = np.empty(values.shape, np.uint8)
    factor = 255.0 / (high - low)
    rows = max(1, _BAND_PIXELS // values.shape[1])
    for top in range(0, values.shape[0], rows):
        part = (values[top : top + rows].astype(np.float64) - low) * factor
        np.nan_to_num(part, copy=False, nan=0.0, posinf=255.0, neginf=0.0)
        scaled[top : top + rows] = np.clip(np.rint(part), 0, 255)
    return PilImage.fromarray(scaled)


def _range(image: Image.Image) -> tuple[float, float]:
    """Return which values stand for black and white."""
    import numpy as np

    values = np.asarray(image)
    if image.mode == "F":
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
        usual: tuple[float, ...] = (1.0, 255.0, 65535.0)
    else:
        low, high = float(values.min()), float(values.max())
        # 8 to 15 bits travel in 16-bit TIFFs without saying so; PNG always uses all 16.
        depths = (
            (1023.0, 4095.0, 16383.0, 32767.0, 65535.0) if image.format == "TIFF" else (65535.0,)
        )
        usual = depths if high > 255 or image.format != "TIFF" else (255.0,)
    if low >= 0:
        for white in usual:
            if high <= white:
                return 0.0, white
    return (low, high) if high > low else (low, low + 1.0)


def _without_alpha(image: Image.Image) -> Image.Image:
    if image.mode not in ("RGBA", "LA"):
        return image
    from PIL import Image as PilImage

    mode = "RGB" if image.mode == "RGBA" else "L"
    alpha = image.getchannel("A")
    if alpha.getextrema() == (255, 255):
        return image.convert(mode)
    flat = PilImage.new(mode, image.size, "white")
    flat.paste(image.convert(mode), mask=alpha)
    return flat


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image | None:
    """Return the image converted to sRGB, None when the profile says nothing usable."""
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if space == "RGB" and _is_srgb(source):
            return image.convert("RGB")
        if {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}.get(space) != image.mode:
            # A gray picture with an RGB profile, and the like: the profile is ignored.
            return None
        return ImageCms.profileToProfile(
            image,
            source,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, AttributeError):
        return None  # a broken profile is no reason to hide the picture


def _is_srgb(profile: object) -> bool:
    from PIL import ImageCms

    name = ImageCms.getProfileDescription(profile)  # type: ignore[arg-type]
    return name.strip(" \0\n").lower() in _SRGB_NAMES
