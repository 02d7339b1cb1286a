"""Dates in names: those that cameras and messengers write, and digits that are none."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.media.namedate import date_in_name

NOW = datetime(2026, 6, 1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("IMG_20190704_101112.jpg", "2019-07-04T10:11:12"),
        ("IMG_20190704_101112_HDR~2.jpg", "2019-07-04T10:11:12"),
        ("IMG20190704101112.jpg", "2019-07-04T10:11:12"),
        ("20190704_101112.jpg", "2019-07-04T10:11:12"),
        ("20190704_101112(1).jpg", "2019-07-04T10:11:12"),
        ("PXL_20240102_030405678.MP.jpg", "2024-01-02T03:04:05"),
        ("MVIMG_20190102_030405.jpg", "2019-01-02T03:04:05"),
        ("2019-07-04 10.11.12.jpg", "2019-07-04T10:11:12"),
        ("2019-07-04_10-11-12.jpg", "2019-07-04T10:11:12"),
        ("photo_2019-07-04_10-11-12.jpg", "2019-07-04T10:11:12"),
        ("signal-2019-07-04-101112.jpg", "2019-07-04T10:11:12"),
        ("Screenshot_20190704-101112_Maps.png", "2019-07-04T10:11:12"),
        ("Screenshot 2019-07-04 at 10.11.12.png", "2019-07-04T10:11:12"),
        ("WhatsApp Image 2019-07-04 at 10.11.12.jpeg", "2019-07-04T10:11:12"),
        ("IMG-20190704-WA0001.jpg", "2019-07-04T00:00:00"),
        ("2019-07-04 in the garden.jpg", "2019-07-04T00:00:00"),
        ("IMG_20190704.jpg", "2019-07-04T00:00:00"),
        ("scan 1975-06-30.tif", "1975-06-30T00:00:00"),
    ],
)
def test_dates_that_names_tell(name: str, expected: str) -> None:
    found = date_in_name(name, NOW)
    assert found is not None
    assert found.when.isoformat() == expected
    assert found.offset_min == (0 if name.startswith("PXL_") else None)


@pytest.mark.parametrize(
    "name",
    [
        *("DSC_0001.jpg", "IMG_0101.JPG", "12345678.jpg", "mmexport1562212345678.jpg"),
        *("IMG_20191304_101112.jpg", "IMG_20190704101199.jpg", "00000000_000000.jpg"),
        *("10201904_20190704123456789_n.jpg", "120190704_101112.jpg", "2019.jpg"),
        *("555-2019-07-04-1.jpg", "v1.2019-07-04.2.jpg", "IMG_29990704_101112.jpg"),
        *("6f20190704101112ab.jpg", "invoice 20190704.jpg", ""),
    ],
)
def test_digits_that_are_no_date(name: str) -> None:
    assert date_in_name(name, NOW) is None


@given(st.text(alphabet="0123456789-_.: IMGPXLWAimgat", max_size=40))
def test_any_name_gives_a_possible_date_or_none(name: str) -> None:
    found = date_in_name(name, NOW)
    assert found is None or 1800 <= found.when.year <= NOW.year + 1
