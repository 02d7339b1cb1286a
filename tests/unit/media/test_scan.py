"""Walking folders: awkward names, links, unreadable places."""

from __future__ import annotations

import errno
import os
import socket
import sys
from pathlib import Path

import pytest

from photosearch.errors import Cancelled
from photosearch.media.drives import mount_point
from photosearch.media.scan import root_state, scan, scan_file, volume_id
from photosearch.types import Listing

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX names, links and modes")


def touch(*parts: bytes | Path, data: bytes = b"x") -> bytes:
    path = os.path.join(*(os.fsencode(part) for part in parts))
    Path(os.fsdecode(path)).parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    return path


def found(root: Path) -> dict[bytes, list[bytes]]:
    listings = list(scan(os.fsencode(root)))
    assert len({listing.dir for listing in listings}) == len(listings)
    return {listing.dir: [entry.name for entry in listing.files] for listing in listings}


def test_one_listing_per_directory_sorted(tmp_path: Path) -> None:
    for name in (b"b.jpg", b"a.png", b"notes.txt", b"sub/c.jpg", b"sub/deep/d.jpg", b"alone/e.gif"):
        touch(tmp_path, name)
    (tmp_path / "empty").mkdir()
    assert list(found(tmp_path).items()) == [
        (b"", [b"a.png", b"b.jpg"]),
        (b"alone", [b"e.gif"]),
        (b"empty", []),
        (b"sub", [b"c.jpg"]),
        (b"sub/deep", [b"d.jpg"]),
    ]


def test_size_and_time_are_told(tmp_path: Path) -> None:
    path = touch(tmp_path, b"a.jpg", data=b"12345")
    os.utime(path, ns=(0, 1_500_000_000_123_456_700))
    (listing,) = scan(os.fsencode(tmp_path))
    assert listing.files[0].size == 5
    assert listing.files[0].mtime_ns == 1_500_000_000_123_456_700


@posix
def test_every_name_the_system_allows(tmp_path: Path) -> None:
    names = [
        "é.jpg".encode(),
        "e\u0301.jpg".encode(),  # the same to the eye
        "\u202egpj.exe.jpg".encode(),
        "🐕🏖️.jpg".encode(),
        b"line\nbreak.jpg",
        b"\xff\xfe not utf-8.jpg",
        b"-rf.jpg",
        b"quote\"'`$.jpg",
        b" leading and trailing .jpg",
        b"x" * 251 + b".jpg",
    ]
    for name in names:
        touch(tmp_path, b"d\xe9", name)
    assert found(tmp_path)[b"d\xe9"] == sorted(names)


def test_deeply_nested_folders(tmp_path: Path) -> None:
    where = b"/".join([b"folder%02d" % depth for depth in range(40)])
    touch(tmp_path, where, b"deep.jpg")
    assert found(tmp_path)[where] == [b"deep.jpg"]
    assert len(found(tmp_path)) == 41


def test_droppings_and_hidden_places_are_skipped(tmp_path: Path) -> None:
    for name in (
        *(
            b"@eaDir/a.jpg",
            b".git/b.jpg",
            b".hidden/c.jpg",
            b"__MACOSX/d.jpg",
            b"$RECYCLE.BIN/e.jpg",
        ),
        *(b"._f.jpg", b"Thumbs.db", b".DS_Store", b"desktop.ini", b"kept.jpg"),
    ):
        touch(tmp_path, name)
    assert found(tmp_path) == {b"": [b"kept.jpg"]}


@posix
def test_links_are_followed_but_never_in_circles(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    touch(root, b"sub/a.jpg")
    touch(outside, b"b.jpg")
    touch(tmp_path, b"beside.jpg")
    (root / "sub/parent").symlink_to("..")
    (root / "above").symlink_to(tmp_path)
    (root / "here").symlink_to(".")
    (root / "a-link-to-sub").symlink_to("sub")
    (root / "out").symlink_to(outside)
    (outside / "back").symlink_to(root)
    (root / "file.jpg").symlink_to(outside / "b.jpg")
    (root / "dangling.jpg").symlink_to("nowhere")
    (root / "itself.jpg").symlink_to("itself.jpg")
    # The real place of `sub` wins over the link that sorts before it.
    assert found(root) == {b"": [b"file.jpg"], b"sub": [b"a.jpg"], b"out": [b"b.jpg"]}


@posix
def test_a_linked_root_is_walked(tmp_path: Path) -> None:
    touch(tmp_path, b"real/a.jpg")
    (tmp_path / "link").symlink_to("real")
    assert found(tmp_path / "link") == {b"": [b"a.jpg"]}


@posix
def test_what_is_no_regular_file_is_ignored(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.jpg")
    with socket.socket(socket.AF_UNIX) as server:
        # Paths of sockets must be short.
        short = Path(os.path.relpath(tmp_path / "s.jpg"))
        server.bind(str(short) if len(str(short)) < len(str(tmp_path)) else str(tmp_path / "s.jpg"))
        touch(tmp_path, b"kept.jpg")
        (tmp_path / "folder.jpg").mkdir()
        (tmp_path / "device.jpg").symlink_to("/dev/null")
        assert found(tmp_path) == {b"": [b"kept.jpg"], b"folder.jpg": []}


@posix
def test_an_unreadable_directory_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, b"closed/a.jpg")
    touch(tmp_path, b"open/b.jpg")
    scandir = os.scandir

    def refusing(path: bytes) -> object:  # root may read everything, so modes would not do
        if path.endswith(b"closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    listings = {listing.dir: listing for listing in scan(os.fsencode(tmp_path))}
    assert listings[b"closed"] == Listing(b"closed", (), "permission denied")
    assert [entry.name for entry in listings[b"open"].files] == [b"b.jpg"]


def test_a_missing_root_is_told(tmp_path: Path) -> None:
    (listing,) = scan(os.fsencode(tmp_path / "gone"))
    assert listing.dir == b""
    assert listing.unreadable


def test_cancelling_stops_the_walk(tmp_path: Path) -> None:
    for number in range(10):
        (tmp_path / str(number)).mkdir()
    calls: list[int] = []

    def check() -> None:
        calls.append(1)
        if len(calls) == 4:
            raise Cancelled

    with pytest.raises(Cancelled):
        list(scan(os.fsencode(tmp_path), check))
    assert len(calls) == 4


def test_a_single_file(tmp_path: Path) -> None:
    path = touch(tmp_path, b"odd name.xyz", data=b"123")
    listing = scan_file(path)
    assert listing.dir == b""
    assert [(entry.name, entry.size) for entry in listing.files] == [(b"odd name.xyz", 3)]
    assert scan_file(os.fsencode(tmp_path)).unreadable == "not a regular file"
    assert scan_file(path + b"2").unreadable


def test_whether_a_root_is_there(tmp_path: Path) -> None:
    root = os.fsencode(tmp_path)
    assert root_state(root) == "online"
    assert root_state(root + b"/gone") == "missing"
    assert volume_id(root) == volume_id(root)
    assert volume_id(root)
    assert volume_id(root + b"/gone") == ""


def stamps(root: Path) -> dict[bytes, int]:
    (listing,) = scan(os.fsencode(root))
    return {entry.name: entry.sidecar_ns for entry in listing.files}


def test_sidecars_are_noted_with_their_photos(tmp_path: Path) -> None:
    for name in (b"a.jpg", b"b.jpg", b"b.png", b"c.jpg", b"notes.xmp.txt"):
        touch(tmp_path, name)
    assert set(stamps(tmp_path).values()) == {0}
    touch(tmp_path, b"a.jpg.xmp")
    touch(tmp_path, b"b.XMP")
    found = stamps(tmp_path)
    assert [name for name, stamp in found.items() if stamp] == [b"a.jpg", b"b.jpg", b"b.png"]
    os.utime(tmp_path / "a.jpg.xmp", ns=(0, 1))
    assert stamps(tmp_path)[b"a.jpg"] != found[b"a.jpg"]
    touch(tmp_path, b"b.jpg.xmp")
    assert stamps(tmp_path)[b"b.jpg"] != found[b"b.jpg"] == found[b"b.png"]
    for name in ("a.jpg.xmp", "b.XMP", "b.jpg.xmp"):
        (tmp_path / name).unlink()
    assert set(stamps(tmp_path).values()) == {0}


def test_the_sidecar_of_a_single_file(tmp_path: Path) -> None:
    path = touch(tmp_path, b"a.jpg")
    assert scan_file(path).files[0].sidecar_ns == 0
    touch(tmp_path, b"a.xmp")
    assert scan_file(path).files[0].sidecar_ns == stamps(tmp_path)[b"a.jpg"] != 0


@posix
def test_a_link_that_goes_away_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between looking at a link and reading it, anybody may put something else in its place."""

    def gone(_path: bytes) -> bytes:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")

    monkeypatch.setattr(os.path, "realpath", gone)
    monkeypatch.setattr(os.path, "ismount", lambda path: path == b"/drive")
    assert mount_point(b"/drive/link/below") == b"/drive"
