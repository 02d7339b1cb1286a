"""Facts of known files, and of EXIF that lies."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from photosearch.media.decode import open_picture
from photosearch.media.metadata import read_facts
from photosearch.types import DateSource, Facts

MTIME_NS = 1_600_000_000_123_456_789


def facts_of(path: Path, name: str | None = None) -> Facts:
    return read_facts(open_picture(path.read_bytes()), name or path.name, MTIME_NS)


def made(fill: Callable[[Image.Exif], None], name: str = "a.jpg") -> Facts:
    exif = Image.Exif()
    fill(exif)
    out = BytesIO()
    Image.new("RGB", (8, 6)).save(out, "JPEG", exif=exif)
    return read_facts(open_picture(out.getvalue()), name, MTIME_NS)


def with_exif(**tags: Any) -> Facts:
    """Tags by number: `main_271="Canon"`, `exif_36867="..."`, `gps_1="N"`."""

    def fill(exif: Image.Exif) -> None:
        for key, value in tags.items():
            part, _, number = key.partition("_")
            where: Any = {
                "main": lambda: exif,
                "exif": lambda: exif.get_ifd(0x8769),
                "gps": lambda: exif.get_ifd(0x8825),
            }[part]()
            where[int(number)] = value

    return made(fill)


def test_a_camera_with_gps(photos: Path) -> None:
    facts = facts_of(photos / "formats/gps/DSCN0010.jpg")
    assert facts == Facts(
        width=640,
        height=480,
        format="JPEG",
        taken_at="2008-10-22T16:28:39",
        date_source=DateSource.EXIF,
        camera_make="Nikon",
        camera_model="COOLPIX P6000",
        exposure_s=pytest.approx(1 / 75),
        f_number=5.9,
        iso=64,
        focal_mm=24.0,
        latitude=pytest.approx(43.4674483),
        longitude=pytest.approx(11.8851267),
    )


def test_all_of_arezzo(photos: Path) -> None:
    for path in (photos / "formats/gps").glob("*.jpg"):
        facts = facts_of(path)
        assert facts.latitude == pytest.approx(43.467, abs=0.01)
        assert facts.longitude == pytest.approx(11.882, abs=0.01)


def test_a_phone_s_heic(photos: Path) -> None:
    facts = facts_of(photos / "formats/immich/formats/heic/IMG_2682.heic")
    assert (facts.width, facts.height, facts.format) == (4032, 3024, "HEIF")
    assert facts.taken_at == "2019-03-21T11:04:22"
    assert (facts.camera_make, facts.camera_model) == ("Apple", "iPhone 7")
    assert facts.lens == "iPhone 7 back camera 3.99mm f/1.8"
    assert facts.longitude == pytest.approx(-96.071625)
    assert facts.altitude_m == pytest.approx(351.27, abs=0.01)


def test_offset_and_make_that_repeats_itself(photos: Path) -> None:
    google = facts_of(photos / "formats/exiftool/Google.jpg")
    assert (google.taken_at, google.taken_offset_min) == ("2023-10-06T22:53:51", 120)
    canon = facts_of(photos / "formats/exif_cameras/Canon_40D.jpg")
    assert (canon.camera_make, canon.camera_model) == ("Canon", "EOS 40D")


def test_facts_of_tiff_png_webp_and_avif(photos: Path) -> None:
    expected = {
        "exiftool/ExifTool.tif": "2004-02-20T08:07:49",
        "libjxl_testdata/Nikon-D300-12bit_2020_g1_dt.png": "2017-01-17T21:27:20",
        "immich/formats/webp/denali.webp": "2010-08-13T21:00:01",
        "metadata_extractor/avif/Issue 649.avif": "2015-10-11T14:41:44",
    }
    for name, taken_at in expected.items():
        assert facts_of(photos / "formats" / name).taken_at == taken_at


def test_empty_gps_is_no_place(photos: Path) -> None:
    facts = facts_of(photos / "formats/immich/metadata/gps-position/empty_gps.jpg")
    assert (facts.latitude, facts.longitude) == (None, None)
    assert facts.camera_model is not None


def test_dates_in_order_of_trust() -> None:
    original, digitized, changed = (
        "2001:01:01 01:01:01",
        "2002:02:02 02:02:02",
        "2003:03:03 03:03:03",
    )
    full = {"exif_36867": original, "exif_36868": digitized, "main_306": changed}
    assert with_exif(**full).taken_at == "2001-01-01T01:01:01"
    assert with_exif(**{**full, "exif_36867": "0000:00:00 00:00:00"}).taken_at == (
        "2002-02-02T02:02:02"
    )
    assert with_exif(main_306=changed).taken_at == "2003-03-03T03:03:03"
    assert with_exif(exif_36867=original, exif_36881="-05:30").taken_offset_min == -330
    assert with_exif(exif_36867=original, exif_36881="Z").taken_offset_min == 0
    assert with_exif(exif_36867=original, exif_36881="   :  ").taken_offset_min is None


@pytest.mark.parametrize(
    "text",
    [
        *(
            "0000:00:00 00:00:00",
            "2019:13:01 00:00:00",
            "1800:01:01 00:00:00",
            "    :  :     :  :  ",
        ),
        *(
            "2999:01:01 00:00:00",
            "2019:02:30 10:10:10",
            "rubbish",
            "",
            "2019",
            "2019:07:04 25:00:00",
        ),
    ],
)
def test_dates_that_cannot_be_are_passed_over(text: str) -> None:
    facts = with_exif(exif_36867=text)
    assert facts.date_source is DateSource.FILE
    assert facts.taken_at is not None
    when = datetime.fromisoformat(facts.taken_at)
    assert when == datetime.fromtimestamp(MTIME_NS // 1_000_000_000)
    assert facts.taken_offset_min is not None


def test_the_name_s_date_when_exif_has_none(photos: Path) -> None:
    path = photos / "edge/motion_photo/MVIMG_20190102_030405.jpg"
    facts = facts_of(path)
    assert (facts.taken_at, facts.date_source) == ("2019-01-02T03:04:05", DateSource.NAME)
    assert facts_of(path, "DSC_0001.jpg").date_source is DateSource.FILE


def test_nuls_and_blanks_are_tidied() -> None:
    facts = with_exif(main_271="  NIKON CORPORATION \0\0", main_272="NIKON D70\0garbage")
    assert (facts.camera_make, facts.camera_model) == ("Nikon", "D70")
    facts = with_exif(main_271="OLYMPUS IMAGING CORP.  ", main_272="u760,S760")
    assert (facts.camera_make, facts.camera_model) == ("Olympus", "u760,S760")
    assert with_exif(main_271="\0\0\0 ").camera_make is None
    assert with_exif(main_271="LG", main_272="LG").camera_model == "LG"


def test_lens_from_its_range() -> None:
    ends = tuple(IFDRational(value) for value in (24, 70))
    lens = with_exif(exif_42034=(*ends, IFDRational(28, 10), IFDRational(28, 10))).lens
    assert lens == "24-70 mm f/2.8"
    assert with_exif(exif_42036="EF50mm f/1.8 STM\0").lens == "EF50mm f/1.8 STM"


def test_numbers_that_cannot_be_are_unknown() -> None:
    facts = with_exif(
        exif_33434=IFDRational(1, 0),
        exif_33437=IFDRational(0, 1),
        exif_34855=0,
        exif_37386=IFDRational(0, 0),
    )
    assert (facts.exposure_s, facts.f_number, facts.iso, facts.focal_mm) == (None,) * 4
    apex = with_exif(exif_37377=IFDRational(6, 1), exif_37378=IFDRational(4, 1))
    assert (apex.exposure_s, apex.f_number) == (1 / 64, 4.0)
    assert with_exif(exif_34855=65535, exif_34866=102400).iso == 102400


def dms(*parts: float) -> tuple[IFDRational, ...]:
    return tuple(IFDRational(round(part * 1000), 1000) for part in parts)


def test_signs_and_limits_of_places() -> None:
    south_west = with_exif(gps_1="S", gps_2=dms(33, 52, 10), gps_3="W", gps_4=dms(151, 12, 30))
    assert south_west.latitude == pytest.approx(-33.869444, abs=1e-6)
    assert south_west.longitude == pytest.approx(-151.208333, abs=1e-6)
    zero = with_exif(gps_1="N", gps_2=dms(0, 0, 0), gps_3="E", gps_4=dms(0, 0, 0))
    assert (zero.latitude, zero.longitude) == (None, None)
    greenwich = with_exif(gps_1="N", gps_2=dms(51, 28, 40), gps_3="W", gps_4=dms(0, 0, 0))
    assert greenwich.longitude == 0
    far = with_exif(gps_1="N", gps_2=dms(91, 0, 0), gps_3="E", gps_4=dms(10, 0, 0))
    assert (far.latitude, far.longitude) == (None, None)
    assert with_exif(gps_5=b"\x01", gps_6=IFDRational(395, 10)).altitude_m == -39.5
    assert with_exif(gps_5=b"\x00", gps_6=IFDRational(395, 10)).altitude_m == 39.5


def test_no_exif_at_all() -> None:
    facts = made(lambda exif: None, name="photo.jpg")
    known = {key for key, value in dataclasses.asdict(facts).items() if value not in (None, ())}
    known.remove("miniature")
    assert known == {"width", "height", "format", "taken_at", "taken_offset_min", "date_source"}


def test_a_file_time_beyond_the_calendar_is_unknown() -> None:
    out = BytesIO()
    Image.new("RGB", (8, 6)).save(out, "PNG")
    picture = open_picture(out.getvalue())
    assert read_facts(picture, "a.png", 2**62 * 1000).taken_at is None
    assert read_facts(picture, os.fsdecode(b"\xff.png"), 0).taken_at is not None
