"""Settings that change while the program runs, here or by another program's hand."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from photosearch.errors import SettingsError
from photosearch.settings.schema import Settings
from photosearch.settings.speed import Share, share
from photosearch.settings.store import SettingsStore


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def write(file: Path, text: str, at: int) -> None:
    """Write as another program, at a time of its own."""
    file.write_text(text, encoding="utf-8")
    os.utime(file, (at, at))


def test_listeners_hear_what_changed_once_it_holds(file: Path) -> None:
    store = SettingsStore(file, environment={})
    heard: list[tuple[str, object]] = []
    stop = store.subscribe(lambda key: heard.append((key, store.get(key))))
    store.set("indexing.speed", "gentle")
    store.set("indexing.speed", "gentle")
    store.set_all({"indexing.watch": False, "search.results": 7})
    assert sorted(heard, key=str) == [
        ("indexing.speed", "gentle"),
        ("indexing.watch", False),
        ("search.results", 7),
    ]
    heard.clear()
    with pytest.raises(SettingsError):
        store.set("indexing.speed", "sideways")
    assert heard == []
    stop()
    store.set("indexing.speed", "full")
    assert heard == []


def test_a_listener_may_change_settings_itself(file: Path) -> None:
    store = SettingsStore(file, environment={})
    heard: list[str] = []

    def listen(key: str) -> None:
        heard.append(key)
        if key == "search.model":
            store.set("search.coming", "")

    store.set("search.coming", "next")
    store.subscribe(listen)
    store.set("search.model", "next")
    assert heard == ["search.model", "search.coming"]


def test_another_programs_change_is_heard_of(file: Path) -> None:
    store, heard = SettingsStore(file, environment={}), []
    store.subscribe(heard.append)
    store.reload()
    write(file, "[indexing]\nspeed = 'gentle'\n", 1000)
    assert store.get("indexing.speed") == "full"
    store.reload()
    assert store.get("indexing.speed") == "gentle"
    assert heard == ["indexing.speed"]
    store.reload()
    file.unlink()
    store.reload()
    assert heard == ["indexing.speed"] * 2
    assert store.current == Settings()


def test_a_file_that_is_half_written_changes_nothing(file: Path) -> None:
    write(file, "[indexing]\nspeed = 'gentle'\n", 1000)
    store, heard = SettingsStore(file, environment={}), []
    store.subscribe(heard.append)
    write(file, "[indexing]\nspeed = 'gen", 2000)
    store.reload()
    assert (store.get("indexing.speed"), heard, store.notices) == ("gentle", [], [])
    write(file, "[indexing]\nspeed = 'balanced'\n", 3000)
    store.reload()
    assert (store.get("indexing.speed"), heard) == ("balanced", ["indexing.speed"])


def test_an_editor_that_empties_the_file_and_then_writes(file: Path) -> None:
    """Each look falls into the middle of it."""
    write(file, "[indexing]\nspeed = 'gentle'\n", 1000)
    store, heard, told = SettingsStore(file, environment={}), [], []
    store.subscribe(heard.append)
    store.subscribe_mended(told.append)
    for half in ("", "[indexing]\nspeed = 'bal"):
        file.write_text(half, encoding="utf-8")
        store.reload()
        assert file.read_text(encoding="utf-8") == half
        assert (store.get("indexing.speed"), heard, told) == ("gentle", [], [])
    file.write_text("[indexing]\nspeed = 'balanced'\n", encoding="utf-8")
    store.reload()
    assert (store.get("indexing.speed"), heard, told) == ("balanced", ["indexing.speed"], [])
    assert not file.with_name("settings-damaged.toml").exists()


def test_half_a_file_that_stays_so_is_mended_at_a_later_look(file: Path) -> None:
    write(file, "[indexing]\nspeed = 'gentle'\n", 1000)
    store = SettingsStore(file, environment={})
    file.write_text("[indexing]\nspeed = 'bal", encoding="utf-8")
    store.reload()
    rested = file.stat().st_mtime - 3
    os.utime(file, (rested, rested))
    store.reload()
    assert file.read_text(encoding="utf-8") == "[indexing]\nspeed = 'gentle'\n"
    assert file.with_name("settings-damaged.toml").exists()


def test_a_file_that_became_empty_is_written_again(file: Path) -> None:
    sound = "# mine\n[indexing]\nspeed = 'gentle'\n"
    write(file, sound, 1000)
    store, told = SettingsStore(file, environment={}), []
    store.subscribe_mended(told.append)
    for number in range(2):
        write(file, "", 2000 + number)
        store.reload()
        assert (file.read_text(encoding="utf-8"), len(told)) == (sound, number + 1)
    write(file, "", 3000)
    store.set("search.results", 77)
    assert file.read_text(encoding="utf-8").startswith(sound)
    write(file.with_name("other.toml"), "", 1000)
    other = SettingsStore(file.with_name("other.toml"), environment={})
    assert (other.current, other.notices) == (Settings(), [])


def test_a_file_without_a_setting_left_is_none_that_became_empty(file: Path) -> None:
    write(file, "indexing.batch = 3\n", 1000)
    store, told = SettingsStore(file, environment={}), []
    other = SettingsStore(file, environment={})
    other.subscribe_mended(told.append)
    store.reset("indexing.batch")
    os.utime(file, (2000, 2000))
    other.reload()
    assert (store.current, other.current, told) == (Settings(), Settings(), [])


def test_who_hears_of_a_mended_file_may_wait_for_another_thread(file: Path) -> None:
    """As a window does: neither the settings nor the file are held meanwhile."""
    write(file, "[indexing]\nspeed = 'gentle'\n", 1000)
    store, done = SettingsStore(file, environment={}), []

    def listen(sentence: str) -> None:
        elsewhere = threading.Thread(target=store.set, args=("search.results", 7), daemon=True)
        elsewhere.start()
        elsewhere.join(5)
        done.append(not elsewhere.is_alive())

    store.subscribe_mended(listen)
    write(file, "[broken", 2000)
    store.reload()
    assert (done, store.get("search.results")) == ([True], 7)


def test_a_file_damaged_meanwhile_is_kept_aside_and_written_again(file: Path) -> None:
    sound = "# mine\n[indexing]\nspeed = 'gentle'\n"
    write(file, sound, 1000)
    store, heard, told = SettingsStore(file, environment={}), [], []
    store.subscribe(heard.append)
    store.subscribe_mended(told.append)
    for number, aside in enumerate(("settings-damaged.toml", "settings-damaged-2.toml")):
        write(file, "[indexing]\nspeed = 'fu\0\0\0\0", 2000 + number)
        store.reload()
        assert "\0" in file.with_name(aside).read_text(encoding="utf-8")
        assert file.read_text(encoding="utf-8") == sound
        assert (store.get("indexing.speed"), heard, store.notices) == ("gentle", [], [])
        assert "Your settings are as they were" in told[-1]
        assert str(file.with_name(aside)) in told[-1]
    store.reload()
    assert len(told) == 2, "it is told once"


def test_a_file_damaged_before_a_change_keeps_everything_else(file: Path) -> None:
    write(file, "# mine\n[indexing]\nspeed = 'gentle'\nbatch = 3\n", 1000)
    store = SettingsStore(file, environment={})
    for change in (lambda: store.set("search.results", 77), lambda: store.reset("indexing.batch")):
        file.write_bytes(b"\xff\xff rubbish")
        change()
    again = SettingsStore(file, environment={})
    assert (again.get("indexing.speed"), again.get("search.results")) == ("gentle", 77)
    assert again.sources["indexing.batch"] == "default"
    assert again.notices == []
    assert file.read_text(encoding="utf-8").startswith("# mine")


def test_a_damaged_file_where_nothing_can_be_written(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(file, "[indexing]\nspeed = 'gentle'\n", 1000)
    store, told = SettingsStore(file, environment={}), []
    store.subscribe_mended(told.append)

    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "replace", refuse)
    write(file, "[broken", 2000)
    store.reload()
    store.reload()
    assert store.get("indexing.speed") == "gentle"
    assert file.read_text(encoding="utf-8") == "[broken"
    assert len(told) == 1
    assert "Your settings hold until you close" in told[0]


def test_reset_takes_a_setting_out_of_the_file(file: Path) -> None:
    write(file, "[indexing]\n# kept\nspeed = 'gentle'\nbatch = 3\n", 1000)
    store, heard = SettingsStore(file, {"PHOTOSEARCH_INDEXING_BATCH": "5"}), []
    store.subscribe(heard.append)
    assert store.reset("indexing.speed").indexing.speed == "full"
    assert store.sources["indexing.speed"] == "default"
    assert store.reset("indexing.batch").indexing.batch == 5, "the environment still holds"
    assert heard == ["indexing.speed"]
    assert "# kept" in file.read_text(encoding="utf-8")
    assert "speed" not in file.read_text(encoding="utf-8")
    store.reset("search.results")
    with pytest.raises(SettingsError, match="no setting"):
        store.reset("search.nothing")


def test_a_flag_of_this_run_is_reset_as_well(file: Path) -> None:
    store = SettingsStore(file, environment={}, flags={"indexing.speed": "gentle"})
    store.reset("indexing.speed")
    assert store.get("indexing.speed") == "full"
    assert not file.exists()


@pytest.mark.parametrize(
    ("changes", "cores", "expected"),
    [
        ({}, 8, Share(8, 0)),
        ({"indexing.speed": "balanced"}, 8, Share(4, 4)),
        ({"indexing.speed": "balanced"}, 1, Share(1, 1)),
        ({"indexing.speed": "balanced", "devices.threads": 6}, 16, Share(8, 3)),
        ({"indexing.speed": "gentle"}, 8, Share(1, 1)),
        ({"indexing.speed": "gentle", "indexing.decoders": 3}, 8, Share(3, 1)),
        ({"indexing.decoders": 3, "devices.threads": 2}, 8, Share(3, 2)),
    ],
)
def test_how_much_a_run_may_take(
    file: Path, changes: dict[str, object], cores: int, expected: Share
) -> None:
    store = SettingsStore(file, environment={})
    assert share(store.set_all(changes), cores) == expected
