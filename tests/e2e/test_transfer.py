"""Two computers: what was said on one is exported, and imported on the other."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from .killing import assert_sound
from .people_library import PeopleLibrary
from .program import Program

GROUPS = "groups/images"


@pytest.fixture(scope="session")
def exported(family: PeopleLibrary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was said of the family, as a file."""
    file = tmp_path_factory.mktemp("exported") / "library.json"
    done = family.program.good("export", file)
    assert (done["people"], done["favourites"]) == (2, 0)
    return file


def elsewhere(family: PeopleLibrary, models: Path, place: Path) -> PeopleLibrary:
    """Return another computer with the same photos, under other names in other folders."""
    there = PeopleLibrary(Program(place / "home"), place / "Bilder")
    for number, photo in enumerate(sorted((family.folder / GROUPS).rglob("*.jpg"))):
        target = there.folder / f"Ordner {number % 4}" / f"IMG_{number:04}.JPG"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(photo, target)
    there.program.good("models", "add", models / "standin-faces")
    return there


@pytest.fixture(scope="session")
def unspoken(
    family: PeopleLibrary, models: Path, tmp_path_factory: pytest.TempPathFactory
) -> PeopleLibrary:
    """The other computer, where all is indexed and nothing was said; tests copy it."""
    there = elsewhere(family, models, tmp_path_factory.mktemp("unspoken"))
    assert there.program.good("index", there.folder)["failed"] == []
    return there


def contents(library: PeopleLibrary) -> dict[str, list[bytes]]:
    """Return the photos of everybody who has a name, by their content."""
    return {
        name: sorted((library.folder / photo).read_bytes() for photo in photos)
        for name, photos in library.named().items()
    }


def test_before_and_after_indexing(
    family: PeopleLibrary, exported: Path, models: Path, tmp_path: Path
) -> None:
    there = elsewhere(family, models, tmp_path)
    program = there.program
    rehearsed = program.good("import", exported, "--dry-run")
    assert rehearsed["rehearsed"]
    assert program.run("people", "undo").code == 2, "there is nothing to undo"
    done = program.good("import", exported)
    assert done | {"rehearsed": True} == rehearsed
    assert done["photos_here"] == 0
    waiting = done["photos_waiting"]
    assert done["brought"]["waiting_faces"] >= waiting > 5
    assert program.good("index", there.folder)["failed"] == []
    assert contents(there) == contents(family)
    again = program.run("import", exported)
    assert "new: nothing" in again.lines[0]
    assert f"{waiting} here, 0 waiting" in again.lines[1]
    assert contents(there) == contents(family)
    assert program.good("index")["failed"] == []
    assert contents(there) == contents(family)


def test_into_what_is_indexed(
    family: PeopleLibrary, exported: Path, unspoken: PeopleLibrary, tmp_path: Path
) -> None:
    there = unspoken.copy(tmp_path)
    done = there.program.good("import", exported)
    assert done["brought"]["faces"] >= done["photos_here"] > 5
    assert done["conflicts"] == []
    assert contents(there) == contents(family)
    back = tmp_path / "back.json"
    there.program.good("export", back)
    same = family.program.good("import", back, "--dry-run")["brought"]
    assert same == dict.fromkeys(same, 0) | {"conflicts": []}
    assert there.program.good("people", "undo") == {"undone": "Import library.json"}
    assert contents(there) == {}


def test_conflicts_stay_as_here(
    family: PeopleLibrary, exported: Path, unspoken: PeopleLibrary, tmp_path: Path
) -> None:
    there = unspoken.copy(tmp_path)
    dad = (family.folder / f"{GROUPS}/Family1-Dad1.jpg").read_bytes()
    mine = next(path for path in there.folder.rglob("*.JPG") if path.read_bytes() == dad)
    (face,) = (
        face.id for faces in there.everybody().values() for face in faces if face.path == str(mine)
    )
    there.program.good("people", "move", str(face), "Papa", "--new")
    done = there.program.good("import", exported)
    assert done["conflicts"] == [{"about": str(mine), "here": "Papa", "there": "Dad"}]
    assert contents(there)["Papa"] == [dad]
    assert dad not in contents(there)["Dad"]
    answer = there.program.run("import", exported)
    assert answer.lines[2:4] == ["left as here: 1 conflict", f"  {mine}: here Papa, there Dad"]


def test_refused_in_one_sentence(program: Program, exported: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.json"
    damaged.write_bytes(exported.read_bytes().replace(b"Dad", b"Bad", 1))
    newer = tmp_path / "newer.json"
    newer.write_text(json.dumps({"format": "photosearch-said", "version": 9}))
    for file, words in (
        (damaged, "its checksum does not fit. Nothing was changed."),
        (newer, "it was written by a newer PhotoSearch. Nothing was changed."),
        (tmp_path / "none.json", "There is no file"),
    ):
        answer = program.run("import", file)
        assert answer.code == 2
        (line,) = answer.words.splitlines()
        assert words in line
    program.good("export", tmp_path / "mine.json")
    answer = program.run("export", tmp_path / "mine.json")
    assert answer.code == 2
    assert "--force" in answer.words
    assert program.run("export", tmp_path / "mine.json", "--force").code == 0
    assert program.run("export", damaged, "--force").code == 0, "it looks like an export"
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\xff\xd8\xff")
    assert program.run("export", photo, "--force").code == 2
    assert photo.read_bytes() == b"\xff\xd8\xff"


def write_large(file: Path) -> None:
    """Write an export that takes a while to import."""
    people = [{"id": number, "name": f"Person {number}"} for number in range(50)]
    box = [0.1, 0.1, 0.2, 0.2]
    photos = [
        {
            "hash": f"{number:040x}",
            "favourite": "2026-01-01 00:00:00",
            "faces": [{"box": box, "verdicts": [{"says": "is", "person": number % 50}]}],
        }
        for number in range(6000)
    ]
    content = {"format": "photosearch-said", "version": 1, "people": people, "photos": photos}
    file.write_text(json.dumps(content))


def is_writing(home: Path) -> bool:
    """Whether somebody is in the middle of a transaction that writes."""
    with closing(sqlite3.connect(home / "library.db", timeout=0, isolation_level=None)) as db:
        try:
            db.execute("BEGIN IMMEDIATE")
            db.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return True
    return False


@pytest.mark.parametrize("later_s", [0.0, 0.5])
def test_killed_while_it_imports(program: Program, tmp_path: Path, later_s: float) -> None:
    """All of it came, or nothing did; the next time all of it has come."""
    file, pause = tmp_path / "large.json", threading.Event()
    write_large(file)
    program.good("status")
    working = program.start("import", file)
    try:
        deadline = time.monotonic() + 120
        while not (caught := is_writing(program.home)) and time.monotonic() < deadline:
            assert working.poll() is None, "it was over too soon"
            pause.wait(0.002)
        assert caught
        pause.wait(later_s)
        working.kill()
    finally:
        working.communicate()
    assert_sound(program.home)
    left = program.good("export", tmp_path / "after.json")
    assert (left["people"], left["faces"], left["favourites"]) in ((0, 0, 0), (50, 6000, 6000))
    program.good("import", file)
    done = program.good("export", tmp_path / "end.json")
    assert (done["people"], done["faces"], done["favourites"]) == (50, 6000, 6000)
    assert_sound(program.home)
