"""Export and import through the library: files that are refused, settings, folders, progress."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from photosearch.errors import Cancelled, StoreError, UsageError
from photosearch.library import Library
from photosearch.paths import Paths
from photosearch.settings.schema import declared
from photosearch.settings.store import SettingsStore
from photosearch.store.keeping import copies, exporting
from photosearch.types import Conflict, Exported, Imported, TransferProgress

Open = Callable[..., Library]
ANNA = {"id": 1, "name": "Anna"}
PHOTO = {
    "hash": "01" * 20,
    "bytes": 3,
    "width": 4,
    "height": 3,
    "favourite": "2026-01-01 00:00:00",
    "faces": [{"box": [0.1, 0.1, 0.2, 0.2], "verdicts": [{"says": "is", "person": 1}]}],
}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    made: list[Library] = []

    def open_(name: str, flags: dict[str, str] | None = None) -> Library:
        paths = Paths.below(tmp_path / name)
        settings = SettingsStore(paths.settings_file, {}, flags)
        made.append(Library(paths, settings, own_engine=False))
        return made[-1]

    yield open_
    for each in made:
        each.close()


@pytest.fixture
def library(opened: Open) -> Library:
    return opened("home")


def export(library: Library, file: Path, **how: bool) -> Exported:
    return library.transfer.export(str(file), lambda _progress: None, lambda: None, **how)


def bring(library: Library, file: Path, **how: bool) -> Imported:
    return library.transfer.bring(str(file), lambda _progress: None, lambda: None, **how)


def write(file: Path, **changes: Any) -> Path:
    content = {"format": "photosearch-said", "version": 1, "people": [ANNA], "photos": [PHOTO]}
    file.write_text(json.dumps(content | changes))
    return file


def said(library: Library) -> list[Any]:
    tables = ("person", "verdict", "favourite", "place", "photo", "action", "folder")
    with library._store.database.reading() as db:
        return [db.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in tables]


# --- where a file may be written ---


def test_an_export_is_written_over_only_when_asked(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    assert export(library, file) == Exported(str(file), 0, 0, 0, 0)
    before = file.read_bytes()
    with pytest.raises(UsageError, match="is an earlier export already"):
        export(library, file)
    bring(library, write(tmp_path / "other.json"))
    assert file.read_bytes() == before
    assert export(library, file, replace=True) == Exported(str(file), 1, 1, 1, 0)
    assert [each.name for each in tmp_path.iterdir() if "part" in each.name] == []
    if sys.platform != "win32":
        assert file.stat().st_mode & 0o077 == 0, "it tells who is on the photos"


@pytest.mark.parametrize("replace", [False, True])
def test_nothing_else_is_ever_written_over(library: Library, tmp_path: Path, replace: bool) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\xff\xd8\xff a picture")
    copy = library.paths.data / "names-and-favourites.json"
    write(copy)
    for file, words in (
        (photo, "something else than an export"),
        (copy, "PhotoSearch's own folder"),
        (library.paths.database, "PhotoSearch's own folder"),
        (tmp_path, "no file in a folder"),
        (tmp_path / "nowhere" / "a.json", "no file in a folder"),
    ):
        with pytest.raises(UsageError, match=words):
            export(library, file, replace=replace)
    assert photo.read_bytes() == b"\xff\xd8\xff a picture"


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_is_looked_through(library: Library, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\xff\xd8\xff a picture")
    link = tmp_path / "library.json"
    link.symlink_to(photo)
    with pytest.raises(UsageError, match="something else"):
        export(library, link, replace=True)


def test_a_full_disk_leaves_the_export_before(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mine.json"
    export(library, file)
    before = file.read_bytes()

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(copies.os, "fsync", full)
        with pytest.raises(StoreError, match="No space left on device"):
            export(library, file, replace=True)
    assert file.read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["home", "mine.json"]


# --- what cannot be imported ---


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "no whole JSON document"),
        (b"\xff\xd8\xff a picture", "no whole JSON document"),
        (b"[" * 200_000, "no whole JSON document"),
        (b'{"format": ' + b"9" * 10_000 + b"}", "no whole JSON document"),
        (b"[1, 2]", "does not hold what was said"),
        (b'{"format": "photosearch-said"}', "newer PhotoSearch"),
        (b'{"format": "photosearch-said", "version": 2}', "newer PhotoSearch"),
        (b'{"a": 1,\n"checksum": "' + b"0" * 32 + b'"}', "checksum"),
    ],
)
def test_a_file_that_is_none_changes_nothing(
    library: Library, tmp_path: Path, text: bytes, words: str
) -> None:
    file, before = tmp_path / "bad.json", said(library)
    file.write_bytes(text)
    with pytest.raises(UsageError, match=words) as refused:
        bring(library, file)
    assert len(str(refused.value).splitlines()) == 1
    assert len(str(refused.value)) < 400
    assert said(library) == before


def test_a_file_that_is_not_there_or_too_large(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="There is no file"):
        bring(library, tmp_path / "nowhere.json")
    with pytest.raises(UsageError, match="There is no file"):
        bring(library, tmp_path)
    monkeypatch.setattr(exporting, "LARGEST_BYTES", 100)
    with pytest.raises(UsageError, match="larger than any library"):
        bring(library, write(tmp_path / "large.json"))


NONSENSE: list[dict[str, Any]] = [
    {"people": [{"id": 2**70, "name": "Big"}, ANNA]},
    {"people": [{"id": 2, "name": "\ud800"}, ANNA]},
    {"people": [{"id": 2, "name": "Ben", "birthday": 7}, ANNA]},
    {"people": ["Ben", None, ANNA]},
    {"photos": [PHOTO | {"hash": "no hex"}, PHOTO]},
    {"photos": [PHOTO | {"bytes": 1e308}, PHOTO]},
    {"photos": [PHOTO | {"faces": [{"box": [0, 0, float("inf"), 1]}]}, PHOTO]},
    {"photos": [PHOTO | {"faces": [{"box": [float("nan")] * 4}]}, PHOTO]},
    {"photos": [PHOTO | {"faces": 3}, PHOTO]},
    {"photos": [PHOTO | {"favourite": "\udcff"}, PHOTO]},
    {"photos": [{"hash": "02" * 20, "faces": [{"box": [0, 0, 1, 1], "verdicts": [{}]}]}, PHOTO]},
]


@pytest.mark.parametrize("changes", NONSENSE, ids=lambda each: json.dumps(each)[:40])
def test_entries_that_make_no_sense_are_left_out(
    library: Library, tmp_path: Path, changes: dict[str, Any]
) -> None:
    done = bring(library, write(tmp_path / "odd.json", **changes))
    assert done.brought.people == 1
    assert done.brought.waiting_faces == 1
    assert done.brought.waiting_favourites == 1
    assert done.notices[0].startswith("Entries that make no sense were left out: ")
    assert [person.name for person in library.people.names()] in ([], ["Anna"])


def test_other_parts_may_hold_anything(library: Library, tmp_path: Path) -> None:
    odd = {"settings": [1], "folders": {"a": 1}, "owner": "x", "said": 10**30, "state": None}
    done = bring(library, write(tmp_path / "odd.json", **odd))
    assert done.brought.waiting_faces == 1
    assert done.folders == ()


# --- settings and folders ---


def test_settings_that_make_sense_elsewhere_come_along(opened: Open, tmp_path: Path) -> None:
    there, here = opened("there", {"search.results": "9"}), opened("here")
    there.settings.set_all(
        {
            "appearance.theme": "dark",
            "faces.strictness": 0.7,
            "devices.provider": "cpu",
            "models.folder": str(tmp_path),
            "search.model": "mine",
            "indexing.watch": False,
        }
    )
    file = tmp_path / "a.json"
    assert export(there, file).settings == 3
    assert json.loads(file.read_bytes())["settings"] == {
        "faces.strictness": 0.7,
        "indexing.watch": False,
        "appearance.theme": "dark",
    }
    here.settings.set("appearance.theme", "light")
    rehearsed = bring(here, file, rehearse=True)
    assert here.settings.get("faces.strictness") == 0.5
    done = bring(here, file)
    assert rehearsed.settings == done.settings == ("faces.strictness", "indexing.watch")
    assert done.conflicts == (Conflict("appearance.theme", "light", "dark"),)
    assert here.settings.get("faces.strictness") == 0.7
    assert here.settings.get("appearance.theme") == "light"
    assert bring(here, file).settings == ()


def test_settings_of_a_hostile_file(library: Library, tmp_path: Path) -> None:
    wanted = {
        "search.results": -5,
        "models.folder": "/etc",
        "devices.provider": "cuda",
        "no.such": 1,
        "__class__": "x",
        "appearance.theme": ["dark"],
        "faces.strictness": 0.25,
    }
    done = bring(library, write(tmp_path / "odd.json", settings=wanted))
    assert done.settings == ("faces.strictness",)
    assert len(done.notices) == 2
    assert library.settings.get("models.folder") == ""
    assert library.settings.get("devices.provider") == "auto"
    assert library.settings.get("search.results") == 500


TRAVEL = {
    "search.enabled",
    "search.language",
    "search.results",
    "faces.enabled",
    "faces.strictness",
    "indexing.pause_on_battery",
    "indexing.watch",
    "appearance.language",
    "appearance.theme",
    "appearance.tile_px",
}


def test_what_is_of_one_computer_only_stays_there(opened: Open, tmp_path: Path) -> None:
    """Whoever adds a setting decides here whether it makes sense on any computer."""
    there, here = opened("there"), opened("here")
    there.settings.set_all({each.key: each.default for each in declared()})
    file = tmp_path / "a.json"
    export(there, file)
    assert set(json.loads(file.read_bytes())["settings"]) == TRAVEL
    starting = {"indexing.autostart": True, "indexing.background": True, "indexing.watch": False}
    done = bring(here, write(tmp_path / "theirs.json", settings=starting))
    assert done.settings == ("indexing.watch",)
    assert not here.settings.get("indexing.autostart")
    assert not here.settings.get("indexing.background")


def test_folders_are_offered_and_never_added(library: Library, tmp_path: Path) -> None:
    (tmp_path / "Pictures").mkdir()
    paths = [str(tmp_path / "Pictures"), "/nowhere/else", "//server/share", "\\\\server\\share"]
    asked: list[object] = []

    def exists(path: object) -> bool:
        asked.append(path)
        return os.path.lexists(path)  # type: ignore[arg-type]

    file = write(tmp_path / "a.json", folders=[{"path": p, "faces": False} for p in paths])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("photosearch.transfer.os.path.exists", exists)
        done = bring(library, file)
    assert [(f.path, f.known, f.present, f.faces) for f in done.folders] == [
        (paths[0], False, True, False),
        (paths[1], False, False, False),
        (paths[2], False, False, False),
        (paths[3], False, False, False),
    ]
    assert not any(b"server" in os.fsencode(path) for path in asked if isinstance(path, bytes))
    assert library.folders() == ()
    library.add_folders([paths[0]])
    assert bring(library, file).folders[0].known
    assert library.folders()[0].faces, "its switch is as it is here"


# --- on a lane ---


def test_progress_is_told_and_it_can_be_stopped(opened: Open, tmp_path: Path) -> None:
    library = opened("home")
    photos = [PHOTO | {"hash": f"{number:040x}"} for number in range(30)]
    file = write(tmp_path / "a.json", photos=photos)
    told: list[TransferProgress] = []
    left = iter(range(20))

    def stop() -> None:
        if next(left, None) is None:
            raise Cancelled("enough")

    before = said(library)
    with pytest.raises(Cancelled):
        library.transfer.bring(str(file), told.append, stop)
    assert said(library) == before
    library.transfer.bring(str(file), told.append, lambda: None)
    library.transfer.export(str(tmp_path / "b.json"), told.append, lambda: None)
    assert {progress.total for progress in told} == {30}
    left = iter(range(20))
    with pytest.raises(Cancelled):
        library.transfer.export(str(tmp_path / "c.json"), told.append, stop)
    assert not list(tmp_path.glob("c.json*"))


def test_an_import_is_undone_like_anything_else(library: Library, tmp_path: Path) -> None:
    bring(library, write(tmp_path / "from there.json"))
    assert library.people.history().undo == "Import from there.json"
    library.people.undo()
    assert [rows for rows in said(library)[:3] if rows] == []
