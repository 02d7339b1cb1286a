"""Photos are only ever read: not a byte, not a time, not a file beside them changes."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny_models

from photosearch.library import Library
from photosearch.types import SearchRequest

from .program import Program, copy_photos
from .tasks import do_deed, open_library

# One of each: formats, directions, broken ones, ones that are no pictures.
PARTS = ("formats/exif_orientation", "formats/heif", "formats/avif_linku", "edge")


def seen(root: Path) -> dict[str, tuple[object, ...]]:
    """Return all there is below `root`, without leaving a trace."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted([root, *root.rglob("*")]):
        status = path.stat()
        times: tuple[object, ...] = (status.st_mtime_ns, status.st_ctime_ns, status.st_mode)
        if path.is_dir():
            found[str(path)] = (*times, tuple(sorted(os.listdir(path))))
            continue
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOATIME", 0)
        with os.fdopen(os.open(path, flags), "rb") as stream:
            digest = hashlib.sha256(stream.read()).hexdigest()
        atime = status.st_atime_ns if hasattr(os, "O_NOATIME") else 0
        found[str(path)] = (*times, status.st_size, atime, digest)
    return found


@pytest.fixture
def tree(photos: Path, tmp_path: Path) -> Path:
    root = tmp_path / "photos"
    for part in PARTS:
        for source in sorted((photos / part).rglob("*")):
            if source.is_file() and source.stat().st_size < 4_000_000:
                target = root / part / source.relative_to(photos / part)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
    for path in root.rglob("*"):
        if path.is_file():
            # Read long before the last write: a file system that notes accesses notes the next.
            os.utime(path, ns=(10**18, 15 * 10**17 + 123))
    return root


def test_nothing_is_touched(program: Program, tree: Path, models: Path) -> None:
    before = seen(tree)
    assert len(before) > 60
    program.good("models", "add", models / "standin-clip")
    report = program.good("index", tree)
    assert report["added"] > 30
    assert seen(tree) == before
    photo = next(path for path in sorted((tree / PARTS[0]).iterdir()))
    program.good("search", "a dog", "--like", photo)
    assert program.good("index")["added"] == 0
    program.good("folders", "list")
    program.good("folders", "remove", tree)
    assert seen(tree) == before


def test_a_folder_that_allows_no_writing(program: Program, tree: Path) -> None:
    folder = tree / PARTS[0]
    folder.chmod(0o555)
    try:
        assert program.good("index", folder)["failed"] == []
    finally:
        folder.chmod(0o755)


# --- everything, on a folder that cannot be written -----------------------------------


@pytest.fixture
def sealed(tree: Path, photos: Path, tmp_path: Path) -> Iterator[Path]:
    """The photos, with people among them, where nobody can write: mounted so, where that can be."""
    for folder in sorted((photos / "people" / "images").iterdir())[:4]:
        copy_photos(sorted(folder.glob("*.jpg"))[:4], tree / "people" / folder.name)
    for path in tree.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    place = tmp_path / "sealed"
    place.mkdir()
    steps = (["--bind", str(tree), str(place)], ["-o", "remount,bind,ro", str(place)])
    mounted = bool(shutil.which("mount")) and all(
        subprocess.run(["mount", *step], capture_output=True, check=False).returncode == 0
        for step in steps
    )
    yield place if mounted else tree
    if mounted:
        subprocess.run(["umount", "-l", str(place)], check=True)
    for path in tree.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def run(library: Library) -> None:
    library.index(lambda progress: None, lambda: None)


def test_everything_leaves_photos_as_they_were(
    program: Program, sealed: Path, models: Path, tmp_path: Path
) -> None:
    before = seen(sealed)
    assert len(before) > 80
    library = open_library(program.home, own_engine=False)
    try:
        library.add_model(str(models / "standin-clip"))
        library.add_model(str(models / "standin-faces"))
        library.add_folders([str(sealed)])
        run(library)
        failed = library.failures()
        assert failed
        library.retry([each.file for each in failed])
        run(library)
        assert len(library.failures()) == len(failed)
        _look_at_all(library)
        _say_much(library)
        _change_models(library, tmp_path)
        _change_folders(library)
    finally:
        library.close()
    assert seen(sealed) == before
    _restore(program, sealed)
    assert seen(sealed) == before
    _in_the_window(program, sealed, tmp_path)
    assert seen(sealed) == before


def _look_at_all(library: Library) -> None:
    """Search in every way, and open every photo."""
    photos = library.photos().ids.tolist()
    assert library.search(SearchRequest("a dog in the snow")).ids.size
    assert library.search(SearchRequest(like=tuple(photos[:2]))).ids.size
    for photo in photos:
        assert library.details(photo) is not None
        assert library.thumbnail(photo)
        library.picture(photo, 600)
    for summary in library.summaries(photos):
        assert library.find(summary.path) == summary.id


def _say_much(library: Library) -> None:
    """Name, correct, hide and undo; group anew; make favourites."""
    people = library.people.list()
    assert people
    for face in library.people.faces(people[0].id):
        assert library.face_thumbnail(face.id)
    for number in range(40):
        do_deed(library, "untouched", number)
    library.people.rename(library.people.list(hidden=True)[0].id, "Anna")
    library.settings.set("faces.strictness", 0.7)
    library.people.group(lambda progress: None, lambda: None, whole=True)
    library.set_favourite(library.photos().ids.tolist()[:3], True)


def _change_models(library: Library, place: Path) -> None:
    """Prepare another model beside the one in use, try both, and measure one."""
    library.add_model(str(tiny_models.write(place / "other")))
    library.use_model("standin-clip")
    library.switching.choose("other")
    run(library)
    assert library.model() is not None
    library.trials.run(["other", "standin-clip"], "a dog", lambda p: None, lambda: None, photos=8)
    library.measuring.measure("other", lambda progress: None, lambda: None)
    library.use_model("standin-clip")


def _change_folders(library: Library) -> None:
    """Exclude, switch off and on, clear what can be made again, and look anew."""
    (folder,) = library.folders()
    library.set_folder_exclude(folder.id, ["*.heic"])
    library.set_folder_faces(folder.id, False)
    run(library)
    library.set_folder_exclude(folder.id, [])
    library.set_folder_faces(folder.id, True)
    for thing in library.storage.all():
        if thing.clearable:
            library.storage.clear(thing.name)
    run(library)


def _restore(program: Program, sealed: Path) -> None:
    """Let the library be damaged and come back, and the folder be removed and added again."""
    (program.home / "library.db").write_bytes(b"rubbish" * 1000)
    library = open_library(program.home, own_engine=False)
    try:
        assert library.notices
        library.add_folders([str(sealed)])
        run(library)
        assert any(person.name == "Anna" for person in library.people.list(hidden=True))
        library.remove_folder(library.folders()[0].id)
        library.add_folders([str(sealed)])
        run(library)
    finally:
        library.close()


def _in_the_window(program: Program, sealed: Path, place: Path) -> None:
    """Search, open the viewer, name somebody, make a favourite and look again, as a user does."""
    library = open_library(program.home, own_engine=False)
    count = len(library.photos().ids)
    library.close()
    driven = str(Path(__file__).with_name("driven_window.py"))
    with subprocess.Popen(
        [sys.executable, driven, str(sealed), "--home", str(program.home)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=program.environment(
            QT_QPA_PLATFORM="offscreen", COUNT=str(count), QUERY="a dog", NAME="Ben"
        ),
    ) as window:
        assert window.stdout is not None
        assert window.stdout.readline() == b"done\n"
        window.send_signal(signal.SIGTERM)
        _out, err = window.communicate(timeout=60)
        assert window.returncode == 0, err
