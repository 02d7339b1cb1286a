"""Patterns of what is left out: what they fit, which are refused, and that scans obey them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from photosearch.errors import UsageError
from photosearch.media import scan as scanning
from photosearch.media.excluding import Exclusion, checked
from photosearch.media.scan import reaches, scan, scan_dir

FITS = [  # pattern, ways that fit (a slash at the end: a folder), ways that do not
    ("*.png", ["a.png", "A.PNG", "x/y/b.Png", "album.png/"], ["a.png.jpg", "png", "x.png/a.jpg"]),
    ("screenshots/", ["screenshots/", "x/Screenshots/"], ["screenshots", "my screenshots/"]),
    ("screenshots", ["screenshots/", "x/screenshots"], ["screenshots 2", "x/screenshots.jpg"]),
    ("**/cache/**", ["cache/", "a/b/CACHE/"], ["cache", "a/cache", "cached/"]),
    ("Trips/2019/", ["trips/2019/"], ["x/Trips/2019/", "Trips/2019"]),
    ("Trips/*/raw", ["Trips/a/raw/", "Trips/b/raw"], ["Trips/raw", "Trips/a/b/raw"]),
    ("Trips/**/raw", ["Trips/raw/", "Trips/a/b/raw"], ["raw", "x/Trips/raw"]),
    ("/top.jpg", ["top.jpg"], ["x/top.jpg"]),
    ("img_?.jpg", ["IMG_1.JPG", "x/img_ü.jpg"], ["img_12.jpg", "img_.jpg"]),
    ("copy (1) [x]*", ["copy (1) [x].jpg"], ["copy 1 x.jpg", "copy (1) x.jpg"]),
    ("a**b", ["ab", "axxb"], ["a/b"]),
    ("Über*", ["ÜBERGRÖSSE/", "über.jpg", "U\u0308ber"], ["uber"]),
]


@pytest.mark.parametrize(("pattern", "fitting", "others"), FITS, ids=[row[0] for row in FITS])
def test_what_a_pattern_fits(pattern: str, fitting: list[str], others: list[str]) -> None:
    exclusion = Exclusion(checked([pattern]))
    for way in (*fitting, *others):
        place, folder = os.fsencode(way.rstrip("/")), way.endswith("/")
        assert exclusion.leaves_out(place, folder=folder) == (way in fitting), way


@pytest.mark.skipif(sys.platform == "win32", reason="names there are Unicode")
def test_names_that_are_no_text() -> None:
    exclusion = Exclusion(checked([os.fsdecode(b"caf\xe9*"), "x?.jpg"]))
    assert exclusion.leaves_out(b"Caf\xe9 2", folder=True)
    assert exclusion.leaves_out(b"x\xff.jpg", folder=False)
    assert not exclusion.leaves_out(b"caf\xea", folder=True)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("*", "everything"),
        ("**/*", "everything"),
        ("/", "everything"),
        ("!keep.jpg", "brings nothing back"),
        ("a//b", "slashes"),
        ("../other", "no names"),
        ("a\nb", "control"),
        ("x" * 501, "longer"),
    ],
)
def test_patterns_that_are_refused(pattern: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        checked(["good.jpg", pattern])


def test_patterns_are_kept_once_and_as_ways_from_the_folder_on() -> None:
    top = f"{os.sep}photos{os.sep}mine"
    inside = os.sep.join((top, "cache", ""))
    given = [" *.png ", "*.png", inside.replace(os.sep, "/")]
    assert checked(given, top) == ("*.png", "/cache/")
    with pytest.raises(UsageError, match="at most 200"):
        checked([f"{number}.jpg" for number in range(201)])


def test_a_scan_leaves_out_what_fits_and_does_not_look_into_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.jpg", "b.png", "cache/c.jpg", "cache/deep/d.jpg", "in/e.jpg", "in/cache/f.jpg"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    (tmp_path / "linked").symlink_to(tmp_path / "cache", target_is_directory=True)
    listed: list[bytes] = []
    real = scanning._list
    monkeypatch.setattr(
        scanning,
        "_list",
        lambda path, where, rest: (listed.append(where), real(path, where, rest))[1],
    )
    root, exclusion = os.fsencode(tmp_path), Exclusion(("*.png", "cache/", "linked"))
    found = {one.dir: [file.name for file in one.files] for one in scan(root, exclusion=exclusion)}
    assert found == {b"": [b"a.jpg"], b"in": [b"e.jpg"]}
    assert listed == [b"", b"in"]
    for place in (b"cache", b"in/cache", b"cache/deep", b"away", b".hidden"):
        assert scan_dir(root, place, exclusion).files == ()
    assert [file.name for file in scan_dir(root, b"in", exclusion).files] == [b"e.jpg"]
    assert listed == [b"", b"in", b"away", b"in"]


def test_a_scan_from_above_does_not_reach_what_is_left_out() -> None:
    assert not reaches(b"in/cache/deep", False, ("cache/",))
    assert not reaches(b"in/a.png", True, ("*.png",))
    assert reaches(b"in/a.png", True, ("cache/",))
    assert reaches(b"in/deep", False, ("cache/",))
