"""Settings outlive a file that was damaged while no program had read it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from photosearch.settings.schema import Settings
from photosearch.settings.store import SettingsStore

SOUND = "# mine\n[search]\nmodel = 'words' # the good one\n\n[faces]\nmodel = 'pack'\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that a program has read."""
    file = tmp_path / "settings.toml"
    file.write_text(SOUND, encoding="utf-8")
    assert SettingsStore(file, environment={}).notices == []
    return file


@pytest.mark.parametrize("rubbish", [b"[broken", b"\xff\xfe rubbish", b"\0" * 64, b""])
def test_a_file_damaged_between_two_starts(file: Path, rubbish: bytes) -> None:
    file.write_bytes(rubbish)
    store = SettingsStore(file, environment={})
    assert (store.get("search.model"), store.get("faces.model")) == ("words", "pack")
    assert file.read_text(encoding="utf-8") == SOUND
    aside = file.with_name("settings-damaged.toml")
    assert aside.read_bytes() == rubbish
    (notice,) = store.notices
    assert "was damaged. Your settings are as they were" in notice
    assert str(aside) in notice
    assert SettingsStore(file, environment={}).notices == [], "it is told once"


def test_what_was_set_last_comes_back(file: Path) -> None:
    store = SettingsStore(file, environment={})
    store.set("search.model", "better")
    store.reset("faces.model")
    file.write_bytes(b"rubbish")
    again = SettingsStore(file, environment={})
    assert (again.get("search.model"), again.get("faces.model")) == ("better", "")
    assert file.read_text(encoding="utf-8").startswith("# mine\n[search]\n")


def test_what_another_program_wrote_comes_back(file: Path) -> None:
    store = SettingsStore(file, environment={})
    file.write_text("[search]\nmodel = 'other'\n", encoding="utf-8")
    os.utime(file, (1000, 1000))
    store.reload()
    file.write_bytes(b"rubbish")
    assert SettingsStore(file, environment={}).get("search.model") == "other"


def test_a_change_right_after_the_damage_keeps_the_rest(file: Path) -> None:
    file.write_bytes(b"rubbish")
    SettingsStore(file, environment={}).set("search.results", 77)
    again = SettingsStore(file, environment={})
    assert (again.get("search.model"), again.get("search.results")) == ("words", 77)


@pytest.mark.parametrize("copy", [b"[broken", b"\xff\xff", None])
def test_without_a_sound_copy_defaults_hold(file: Path, copy: bytes | None) -> None:
    before = file.with_name("settings-before.toml")
    before.unlink()
    if copy is not None:
        before.write_bytes(copy)
    file.write_bytes(b"rubbish")
    store = SettingsStore(file, environment={})
    assert store.current == Settings()
    assert "defaults are used" in store.notices[0]
    assert file.read_bytes() == b"rubbish"


def test_a_file_that_was_deleted_is_no_damaged_one(file: Path) -> None:
    file.unlink()
    store = SettingsStore(file, environment={})
    assert (store.current, store.notices, file.exists()) == (Settings(), [], False)


def test_an_unchanged_copy_is_not_written_again(file: Path) -> None:
    before = file.with_name("settings-before.toml")
    os.utime(before, (1000, 1000))
    SettingsStore(file, environment={}).reload()
    assert before.stat().st_mtime == 1000
    assert before.read_text(encoding="utf-8") == SOUND


def test_a_place_that_takes_no_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "replace", refuse)
    file.write_text("[search]\nmodel = 'other'\n", encoding="utf-8")
    store = SettingsStore(file, environment={})
    assert (store.get("search.model"), store.notices) == ("other", []), "no copy is no trouble"
    file.write_bytes(b"rubbish")
    store = SettingsStore(file, environment={})
    assert store.get("search.model") == "words"
    assert "Your settings hold until you close" in store.notices[0]
    assert file.read_bytes() == b"rubbish"
