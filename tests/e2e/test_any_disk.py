"""Real disks that are full, read-only, closed or damaged: a sentence, and nothing lost."""

from __future__ import annotations

import ctypes
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from kept_library import KeptLibrary
from PIL import Image

from photosearch.gui.window_state import WindowState, load, save
from photosearch.library import Library
from photosearch.types import SearchRequest

from .program import TIMEOUT_S, Answer, Program, copy_photos
from .tasks import open_library

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="uses Linux's limits and mounts")
COUNT = 12
_DROP = 24  # PR_CAPBSET_DROP
_CAPABILITIES = (1, 2)  # DAC_OVERRIDE, DAC_READ_SEARCH: root's way past permissions


def run(program: Program, before: Callable[[], None] | None, *words: str | Path) -> Answer:
    """Run the program after `before` in its process."""
    try:
        done = subprocess.run(
            program.command(*words),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=TIMEOUT_S,
            env=program.environment(),
            preexec_fn=before,
            check=False,
        )
    except subprocess.SubprocessError as error:  # a container that lets root give up nothing
        pytest.skip(f"permissions cannot be made to hold here: {error}")
    return Answer(done.returncode, done.stdout, done.stderr)


def told(answer: Answer, code: int = 1) -> str:
    """Return the one sentence that a run ended with."""
    assert answer.code == code, answer.words
    assert "Traceback" not in answer.words
    assert "Logging error" not in answer.words
    return answer.words


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    chance = random.Random(7)
    for number in range(COUNT):
        noise = Image.frombytes("RGB", (96, 64), chance.randbytes(96 * 64 * 3))
        noise.resize((480, 320)).save(folder / f"{number:02}.jpg", quality=92)
    return folder


def small_files() -> None:
    """Let no file grow beyond what the first photos need: SQLite cannot write on."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with 1 MB; where none can be mounted, the limit on files stands for it."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    mounted = shutil.which("mount") and subprocess.run(command, capture_output=True, check=False)
    if not mounted or mounted.returncode:
        yield tmp_path / "no disk"
        return
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk(small_disk: Path, pictures: Path) -> None:
    program = Program(small_disk / "home")
    before = None if small_disk.exists() else small_files
    said = told(run(program, before, "index", pictures))
    assert "disk" in said
    if before is None:
        assert "full" in said
        options = f"remount,size=64m,{small_disk}".split(",")
        subprocess.run(["mount", "-o", ",".join(options[:2]), options[2]], check=True)
    report = program.good("index")
    assert report["failed"] == []
    with closing(sqlite3.connect(program.home / "library.db")) as db:
        assert db.execute("SELECT count(*) FROM photo WHERE files > 0").fetchone() == (COUNT,)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def without_privileges() -> None:
    """Let permissions hold for root, too: for this process and all that it starts."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in _CAPABILITIES:
            if libc.prctl(_DROP, capability, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "prctl")


def test_without_permission(program: Program, pictures: Path) -> None:
    """Photos and folders that are closed are said to be, a home that is read-only likewise."""
    closed = pictures / "closed"
    closed.mkdir()
    (pictures / "11.jpg").rename(closed / "11.jpg")
    (pictures / "00.jpg").chmod(0)
    closed.chmod(0)
    try:
        answer = run(program, without_privileges, "index", pictures, "--json")
        assert answer.code == 0, answer.words
        (failed,) = answer.json["failed"]
        assert failed["path"] == str(pictures / "00.jpg")
        assert failed["reason"] == "The file cannot be opened: permission denied."
        assert "permission denied" in " ".join(answer.json["notices"])
        assert answer.json["added"] == COUNT - 2
    finally:
        (pictures / "00.jpg").chmod(0o644)
        closed.chmod(0o755)
    files = [program.home, *program.home.rglob("*")]
    for path in files:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        said = told(run(program, without_privileges, "index"))
        assert "written" in said
        assert "writable" in said
    finally:
        for path in files:
            path.chmod(0o755 if path.is_dir() else 0o644)
    report = program.good("index")
    assert (report["added"], report["failed"], report["removed"]) == (2, [], 0)


RUBBISH = {"emptied": b"", "noise": random.Random(5).randbytes(9000), "deep": b"[" * 200_000}


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, photos: Path, models: Path) -> Path:
    """A home in which everything was done once that leaves a file."""
    home = tmp_path_factory.mktemp("full") / "home"
    folder = photos / "people" / "images"
    with opened(home) as library:
        library.add_model(str(models / "standin-clip"))
        library.add_model(str(models / "standin-faces"))
        library.add_folders([str(path) for path in sorted(folder.iterdir())[:3]])
        run_all(library)
        person = library.people.list()[0]
        library.people.rename(person.id, "Anna")
        library.set_favourite(library.photos().ids[:2].tolist(), True)
        entry = next(e for e in library.getting.catalogue().entries if e.licence.research_only)
        library.getting.accept(entry.name)
        library.devices.try_new(lambda: None)
        library._keeper._back_up()
        save(library.paths.window_state, WindowState(sidebar_px=300))
        library.search(SearchRequest("dog"))
        run_all(library)
    return home


@contextmanager
def opened(home: Path) -> Iterator[Library]:
    library = open_library(home, own_engine=False)
    try:
        yield library
    finally:
        library.close()


def run_all(library: Library) -> None:
    library.index(lambda progress: None, lambda: None)


@pytest.mark.parametrize("kind", RUBBISH)
def test_any_file_of_the_home_is_rubbish(full: Path, tmp_path: Path, kind: str) -> None:
    """One after the other, every file that is really there: nothing that was said is lost."""
    names = sorted(str(path.relative_to(full)) for path in full.rglob("*") if path.is_file())
    for known in ("library.db", "models.json", "accepted.json", "settings.toml", "window.json"):
        assert known in names
    assert len(names) > 10
    if kind == "deep":  # what is read as text
        names = [name for name in names if name.endswith((".json", ".toml"))]
    home = tmp_path / "home"
    for name in names:
        shutil.copytree(full, home)
        (home / name).write_bytes(RUBBISH[kind])
        with opened(home) as library:
            run_all(library)
            library.search(SearchRequest("dog"))
            library.storage.all()
            library.devices.all()
            load(library.paths.window_state)
            library.people.list()
            if name != "models.json":  # it says to add them again
                assert [each.problem for each in library.models()] == ["", ""], name
            assert "Anna" in [person.name for person in library.people.names()], name
            assert library.status().favourites == 2, name
            assert library.status().failures == 0, name
            assert len(library.photos().ids) > 4, name
        shutil.rmtree(home)


def test_every_file_of_the_home_is_rubbish(tmp_path: Path, pictures: Path) -> None:
    """All at once, as a dying disk does it: each is told or made again, and names come back."""
    kept = KeptLibrary(tmp_path / "home")
    kept.fill()
    said = kept.said()
    kept.close()
    program = Program(kept.place)
    assert program.good("index", pictures)["added"] == COUNT
    for name in ("models.json", "devices.json", "accepted.json", "window.json", "settings.toml"):
        (program.home / name).write_bytes(b"\x00 [ { rubbish")
    for path in program.home.rglob("*"):
        if path.is_file() and path.suffix in (".db", ".hnsw"):
            path.write_bytes(b"rubbish " * 5000)
    answer = program.run("index", "--json")
    assert answer.code == 0, answer.words
    assert "Traceback" not in answer.words
    words = answer.words
    assert "3 names, 6 faces and 9 favourites came back" in words
    assert "The settings file" in words
    assert answer.json["added"] == COUNT
    kept.open()
    assert kept.said().people == said.people
    assert kept.said().favourites == said.favourites
    kept.close()
    assert (program.home / "models.json.damaged").exists()


BACK = """
import datetime, os, time
_back = 60 * 60 * 24 * 365 * 30.0
_time = time.time
time.time = lambda: _time() - _back
class _Past(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(_time() - _back, tz)
datetime.datetime = _Past
"""


def test_a_clock_that_was_set_back(tmp_path: Path, photos: Path) -> None:
    """As by a flat battery: thirty years, for the program and all that it starts."""
    (tmp_path / "clock").mkdir()
    (tmp_path / "clock" / "sitecustomize.py").write_text(BACK)
    program = Program(tmp_path / "home")
    clock = program.environment()
    clock["PYTHONPATH"] += os.pathsep + str(tmp_path / "clock")
    source = photos / "formats" / "immich" / "metadata"
    dated = copy_photos(sorted(source.rglob("*.jpg"))[:6], tmp_path / "dated")

    def dates() -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(program.home / "library.db")) as db:
            return db.execute(
                "SELECT hash, taken_at, date_source FROM photo ORDER BY hash"
            ).fetchall()

    def index(environment: dict[str, str]) -> dict[str, object]:
        answer = program.run("index", str(dated), "--json", env=environment)
        assert answer.code == 0, answer.words
        return answer.json  # type: ignore[no-any-return]

    added = index(clock)["added"]
    seen_back = dates()
    assert any(source == "exif" for _, _, source in seen_back)
    assert index(program.environment())["unchanged"] == added
    (program.home / "library.db").rename(tmp_path / "old.db")
    shutil.rmtree(program.home / "backups")
    index(program.environment())
    assert dates() == seen_back, "what a photo says of its time is believed either way"
    first = sorted((program.home / "backups").iterdir())
    assert index(clock)["unchanged"] == added
    assert sorted((program.home / "backups").iterdir())[: len(first)] == first
