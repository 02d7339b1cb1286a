"""What was named stays named, whatever happens to groups, models, files and caches."""

from __future__ import annotations

import random
import shutil
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from .people_library import PeopleLibrary
from .test_killed import Marked

ORIENTATION = 0x112
# What undoes each EXIF orientation, so that a picture stored the other way round looks the same.
AS_STORED = {
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}


@pytest.fixture
def library(everyone: PeopleLibrary, tmp_path: Path) -> PeopleLibrary:
    return everyone.copy(tmp_path)


@pytest.fixture
def relatives(family: PeopleLibrary, tmp_path: Path) -> PeopleLibrary:
    return family.copy(tmp_path)


def ids(library: PeopleLibrary) -> dict[str, int]:
    return {person.name: person.id for person, _ in library.read() if person.name}


def faces(library: PeopleLibrary) -> dict[str, set[int]]:
    return {person.name: {f.id for f in found} for person, found in library.read() if person.name}


@pytest.mark.parametrize("strictness", ["0", "0.3", "0.7", "1"])
def test_grouping_with_any_strictness(library: PeopleLibrary, strictness: str) -> None:
    numbers, before = ids(library), faces(library)
    report = library.program.good("people", "regroup", "--strictness", strictness)
    assert report["whole"]
    assert library.program.good("settings", "get", "faces.strictness") == {
        "faces.strictness": float(strictness)
    }
    after = faces(library)
    assert ids(library) == numbers
    assert all(before[name] <= after[name] for name in before)
    library.program.good("people", "regroup", "--strictness", "0.5")
    assert all(before[name] <= faces(library)[name] for name in before)
    assert library.program.good("index")["unchanged"] > 0
    assert ids(library) == numbers


def test_another_face_pack_and_back(relatives: PeopleLibrary, models: Path) -> None:
    program = relatives.program
    numbers, before = ids(relatives), faces(relatives)
    program.good("models", "add", models / "standin-faces-free")
    assert [m["name"] for m in program.good("models", "list")["models"] if m["in_use"]] == [
        "standin-clip",
        "standin-faces",
    ]
    for pack in ("standin-faces-free", "standin-faces"):
        program.good("models", "use", pack)
        assert ids(relatives) == numbers
        report = program.good("index")
        assert report["failed"] == []
        assert ("faces" in report["stages"]) == (pack == "standin-faces-free"), "kept vectors"
        after = faces(relatives)
        assert ids(relatives) == numbers
        assert all(before[name] <= after[name] for name in before), pack
        for name in ("Dad", "Mom"):
            photos = relatives.photos_of(name)
            assert len(set(photos)) == len(photos)


def test_moved_and_renamed_files(relatives: PeopleLibrary) -> None:
    before, numbers = faces(relatives), ids(relatives)
    new = relatives.folder / "elsewhere" / "déjà vu"
    new.mkdir(parents=True)
    photos = sorted((relatives.folder / "groups" / "images").rglob("*.jpg"))
    for number, path in enumerate(photos):
        path.rename(new / f"{number:03}.jpg")
    assert relatives.program.good("index")["moved"] == len(photos)
    assert faces(relatives) == before
    assert ids(relatives) == numbers
    assert all(photo.startswith("elsewhere") for photo in relatives.named()["Dad"])


def save_again(path: Path) -> None:
    with Image.open(path) as picture:
        smaller = picture.convert("RGB").resize((picture.width * 3 // 4, picture.height * 3 // 4))
    smaller.save(path, quality=85)


def crop(path: Path) -> None:
    with Image.open(path) as picture:
        width, height = picture.size
        smaller = picture.convert("RGB").crop((width // 20, 0, width, height * 19 // 20))
    smaller.save(path, quality=90)


def turn(path: Path) -> None:
    with Image.open(path) as picture:
        turned = picture.convert("RGB").transpose(Image.Transpose.ROTATE_90)
    turned.save(path, quality=90)


def mirror(path: Path) -> None:
    with Image.open(path) as picture:
        mirrored = ImageOps.mirror(picture.convert("RGB"))
    mirrored.save(path, quality=90)


def half_turn(path: Path) -> None:
    with Image.open(path) as picture:
        turned = picture.convert("RGB").transpose(Image.Transpose.ROTATE_180)
    turned.save(path, quality=90)


def tag_only(path: Path, orientation: int = 6) -> None:
    """Tag a picture as lying on its side: its faces do so from now on."""
    with Image.open(path) as picture:
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        picture.convert("RGB").save(path, quality=95, exif=exif)


def tag_half(path: Path) -> None:
    tag_only(path, 3)


@pytest.mark.parametrize("edit", [save_again, crop, turn, mirror, tag_only])
def test_edited_in_another_program(relatives: PeopleLibrary, edit: object) -> None:
    assert callable(edit)
    program = relatives.program
    photos = relatives.named()
    edited = sorted({photo for of_one in photos.values() for photo in of_one})
    assert "groups/images/identification1.jpg" in edited
    for photo in edited:
        edit(relatives.folder / photo)
    assert program.good("index")["updated"] == len(edited)
    assert relatives.named() == photos
    program.good("people", "regroup")
    assert relatives.named() == photos


def halve(path: Path) -> None:
    with Image.open(path) as picture:
        smaller = picture.convert("RGB").resize((picture.width // 2, picture.height // 2))
    smaller.save(path, quality=90)


Moved = Callable[[Sequence[float], int, int], tuple[float, ...]]
# Where a box [x, y, width, height] of a picture of that width and height is after an edit.
WHERE: dict[Callable[[Path], None], Moved] = {
    halve: lambda box, w, h: tuple(side / 2 for side in box),
    save_again: lambda box, w, h: tuple(side * 3 / 4 for side in box),
    crop: lambda box, w, h: (box[0] - w // 20, *box[1:]),
    turn: lambda box, w, h: (box[1], w - box[0] - box[2], box[3], box[2]),
    half_turn: lambda box, w, h: (w - box[0] - box[2], h - box[1] - box[3], *box[2:]),
    tag_half: lambda box, w, h: (w - box[0] - box[2], h - box[1] - box[3], *box[2:]),
    mirror: lambda box, w, h: (w - box[0] - box[2], *box[1:]),
    tag_only: lambda box, w, h: (h - box[1] - box[3], box[0], box[3], box[2]),
}


@pytest.mark.parametrize("edit", WHERE)
def test_boxes_follow_the_faces(relatives: PeopleLibrary, edit: Callable[[Path], None]) -> None:
    """Whoever has a name has it where the face is now, seen on its head or side or not."""
    before = boxes(relatives)
    photos = {path for _, path in before}
    sizes = {}
    for path in photos:
        with Image.open(path) as picture:
            sizes[path] = picture.size
        edit(Path(path))
    assert relatives.program.good("index")["updated"] == len(photos)
    after = boxes(relatives)
    assert after.keys() == before.keys()
    for key, (face, box) in after.items():
        expected = WHERE[edit](before[key][1], *sizes[key[1]])
        assert face == before[key][0]
        assert overlap(expected, box) > 0.5, key


def boxes(
    library: PeopleLibrary,
) -> dict[tuple[str, str], tuple[int, list[float]]]:
    """Return the faces of all that have names and their boxes in pixels, by name and photo."""
    found = {}
    for person, faces_ in library.read():
        for face in faces_ if person.name else ():
            box, w, h = face.box, face.width, face.height
            pixels = [box.x * w, box.y * h, box.width * w, box.height * h]
            found[person.name, face.path] = int(face.id), pixels
    return found


def overlap(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the shared part of two boxes over all they cover."""
    shared = 1.0
    for low, length in ((0, 2), (1, 3)):
        end = min(one[low] + one[length], other[low] + other[length])
        shared *= max(0.0, end - max(one[low], other[low]))
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


@pytest.mark.parametrize("orientation", AS_STORED)
def test_stored_another_way_round(relatives: PeopleLibrary, orientation: int) -> None:
    """The pixels turned and the tag set, as a lossless rotation does: it looks as before."""
    program = relatives.program
    photo = "groups/images/identification1.jpg"
    before = {name: box_on(relatives, name, photo) for name in ("Dad", "Mom")}
    with Image.open(relatives.folder / photo) as picture:
        stored = picture.convert("RGB").transpose(AS_STORED[orientation])
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    stored.save(relatives.folder / photo, quality=95, exif=exif)
    assert program.good("index")["updated"] == 1
    for name, box in before.items():
        assert box_on(relatives, name, photo) == pytest.approx(box, abs=8)


@pytest.mark.parametrize("turned", [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180])
def test_who_is_who_when_turned(relatives: PeopleLibrary, turned: Image.Transpose) -> None:
    """Two people with names on one photo: each name follows its face."""
    photo = "groups/images/identification1.jpg"
    before = {name: middle(box_on(relatives, name, photo)) for name in ("Dad", "Mom")}
    with Image.open(relatives.folder / photo) as picture:
        width, height = picture.size
        picture.convert("RGB").transpose(turned).save(relatives.folder / photo, quality=95)
    relatives.program.good("index")
    for name, (x, y) in before.items():
        is_quarter = turned is Image.Transpose.ROTATE_90
        there = (y, width - x) if is_quarter else (width - x, height - y)
        found = middle(box_on(relatives, name, photo))
        assert found == pytest.approx(there, abs=25), name


def box_on(library: PeopleLibrary, name: str, photo: str) -> list[int]:
    (box,) = (
        face["box"] for face in library.show(name) if face["path"] == str(library.folder / photo)
    )
    return list(box)


def middle(box: list[int]) -> tuple[float, float]:
    x, y, width, height = box
    return x + width / 2, y + height / 2


def test_the_folder_removed_and_added_again(relatives: PeopleLibrary) -> None:
    library, program = relatives, relatives.program
    before, numbers = library.named(), ids(library)
    program.good("folders", "remove", library.folder)
    assert ids(library) == numbers, "a name is never lost"
    assert library.found("dad") == []
    program.good("index", library.folder)
    assert ids(library) == numbers
    assert library.named() == before
    assert library.found("dad")


def test_killed_while_grouping(library: PeopleLibrary) -> None:
    program = library.program
    numbers, before = ids(library), faces(library)
    runs = Marked(program)
    chance = random.Random(5)
    pause = threading.Event()
    for turn_ in range(10):
        with closing(sqlite3.connect(program.home / "library.db", isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")  # no grouping can be written, so none can end
            process = runs.start("people", "regroup", "--strictness", ("0.2", "0.8")[turn_ % 2])
            while process.poll() is None and len(files_open(process.pid, "library.db")) < 1:
                pause.wait(0.005)
            pause.wait(chance.uniform(0, 0.6))
            assert process.poll() is None, "it ended without having written"
            if turn_ % 3 == 0:  # then in the middle of writing, or thereabouts
                db.execute("ROLLBACK")
                pause.wait(chance.uniform(0, 0.05))
            process.kill()
            with process:
                process.communicate()
        with closing(sqlite3.connect(program.home / "library.db")) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert ids(library) == numbers
    program.good("people", "regroup", "--strictness", "0.5")
    after = faces(library)
    assert all(before[name] <= after[name] for name in before)
    program.good("people", "undo")
    program.good("people", "redo")
    assert faces(library) == after


def files_open(pid: int, name: str) -> list[Path]:
    """Return which files of that name a process has open."""
    found: list[Path] = []
    with suppress(OSError):  # it ended meanwhile
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                found += [entry.readlink()] if entry.readlink().name == name else []
    return found


def test_all_caches_deleted(relatives: PeopleLibrary) -> None:
    library = relatives
    before = library.named()
    shutil.rmtree(library.program.home / "cache")
    report = library.program.good("index")
    assert (report["added"], report["updated"], report["failed"]) == (0, 0, [])
    assert library.named() == before
    with closing(sqlite3.connect(library.program.home / "library.db")) as db:
        db.execute("DELETE FROM membership")  # derived: it may be thrown away at any time
        db.commit()
    library.program.good("people", "regroup")
    assert library.named() == before
