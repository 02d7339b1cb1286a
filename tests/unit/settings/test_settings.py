"""Where a setting's value comes from, and that the user's file stays the user's."""

from __future__ import annotations

import argparse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import tomlkit

from photosearch.cli import parser
from photosearch.errors import SettingsError
from photosearch.settings.schema import Settings, declared
from photosearch.settings.store import SettingsStore

FILE = """\
# My settings.
[indexing]
batch = 8  # small machine
decoders = 3

[future]
unknown = ["kept", 1]

[search]
unknown_too = true
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config" / "settings.toml"
    path.parent.mkdir()
    path.write_text(FILE, encoding="utf-8")
    return path


def test_defaults_need_no_file(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "none" / "settings.toml", environment={})
    assert store.current == Settings()
    assert store.notices == []
    assert not (tmp_path / "none").exists()


def test_the_nearest_wins(file: Path) -> None:
    variable = {"PHOTOSEARCH_INDEXING_BATCH": "4"}
    flag = {"indexing.batch": "2"}
    for environment, flags, value, source in (
        ({}, {}, 8, "file"),
        (variable, {}, 4, "environment"),
        ({}, flag, 2, "flag"),
        (variable, flag, 2, "flag"),
    ):
        store = SettingsStore(file, environment, flags)
        assert (store.get("indexing.batch"), store.sources["indexing.batch"]) == (value, source)
        assert store.get("indexing.decoders") == 3
        assert store.sources["search.results"] == "default"
        assert store.notices == []


def test_setting_keeps_comments_and_what_is_unknown(file: Path) -> None:
    store = SettingsStore(file, environment={})
    store.set("indexing.batch", "32")
    store.set("appearance.theme", "dark")
    text = file.read_text("utf-8")
    assert text.startswith("# My settings.\n")
    assert "batch = 32  # small machine" in text or "# small machine" in text
    assert 'unknown = ["kept", 1]' in text
    assert "unknown_too = true" in text
    again = SettingsStore(file, environment={})
    assert again.current == store.current
    assert (again.get("indexing.batch"), again.get("appearance.theme")) == (32, "dark")
    names = {file.name, f"{file.name}.lock", "settings-before.toml"}
    assert {path.name for path in file.parent.iterdir()} == names


def test_what_was_set_holds_against_the_flag(file: Path) -> None:
    store = SettingsStore(file, {}, {"indexing.batch": "2"})
    assert store.set("indexing.batch", 5).indexing.batch == 5


@pytest.mark.parametrize(
    ("key", "bad"),
    [
        ("indexing.batch", "many"),
        ("indexing.batch", -1),
        ("indexing.batch", 10**9),
        ("indexing.batch", 1.5),
        ("indexing.batch", [1]),
        ("appearance.theme", "pink"),
        ("devices.provider", ""),
        ("search.model", 7),
    ],
)
def test_a_bad_value_is_told_and_ignored(tmp_path: Path, key: str, bad: object) -> None:
    file = tmp_path / "settings.toml"
    section, name = key.split(".")
    file.write_text(tomlkit.dumps({section: {name: bad}}), encoding="utf-8")
    store = SettingsStore(file, environment={})
    assert store.current == Settings()
    (notice,) = store.notices
    assert key in notice
    assert "file" in notice
    with pytest.raises(SettingsError, match=key):
        store.set(key, bad)


def test_a_bad_variable_leaves_the_files_value(file: Path) -> None:
    store = SettingsStore(file, {"PHOTOSEARCH_INDEXING_BATCH": "x"})
    assert store.get("indexing.batch") == 8
    assert "environment" in store.notices[0]


def test_unknown_settings(file: Path) -> None:
    store = SettingsStore(file, environment={})
    for key in ("nothing", "indexing.nothing", "", "indexing.batch.more"):
        with pytest.raises(SettingsError, match="Known settings"):
            store.get(key)
        with pytest.raises(SettingsError, match="Known settings"):
            store.set(key, 1)


@pytest.mark.parametrize("text", ["[broken", "a = ", "\x00", "[indexing]\nbatch = 1\nbatch = 2\n"])
def test_a_broken_file_is_not_overwritten(tmp_path: Path, text: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text, encoding="utf-8")
    store = SettingsStore(file, environment={})
    assert store.current == Settings()
    assert "cannot be read" in store.notices[0]
    assert file.read_text("utf-8") == text
    for number, aside in enumerate(("settings-damaged.toml", "settings-damaged-2.toml")):
        file.write_text(text, encoding="utf-8")
        assert store.set("indexing.batch", 4 + number).indexing.batch == 4 + number
        assert store.notices == []
        assert (tmp_path / aside).read_text("utf-8") == text
        assert SettingsStore(file, environment={}).get("indexing.batch") == 4 + number


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in SettingsStore(file, environment={}).notices[0]


def test_a_file_with_a_mark_of_its_encoding(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(b"\xef\xbb\xbf[indexing]\r\nbatch = 7\r\n")
    store = SettingsStore(file, environment={})
    assert (store.get("indexing.batch"), store.notices) == (7, [])


def test_a_value_where_a_section_should_be(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("indexing = 3\n", encoding="utf-8")
    store = SettingsStore(file, environment={})
    assert store.current == Settings()
    assert store.set("indexing.batch", 4).indexing.batch == 4
    assert SettingsStore(file, environment={}).get("indexing.batch") == 4


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = SettingsStore(tmp_path / "file" / "settings.toml", environment={})
    with pytest.raises(SettingsError, match="could not be saved"):
        store.set("indexing.batch", 4)
    assert store.get("indexing.batch") == 0


def test_every_setting_is_declared_whole() -> None:
    settings = list(declared())
    assert len({s.key for s in settings}) == len({s.flag for s in settings}) == len(settings) >= 9
    for setting in settings:
        assert setting.description
        assert not setting.description.endswith(".")
        assert setting.kind in (str, int, float, bool)
        section, name = setting.key.split(".")
        assert getattr(getattr(Settings(), section), name) == setting.default


def test_every_setting_has_a_flag_in_every_command() -> None:
    built, window = parser.build(), parser.build_window()
    for setting in declared():
        value = setting.choices[-1] if setting.choices else str(setting.default or 1)
        for given in (
            window.parse_args([setting.flag, value]),
            built.parse_args([setting.flag, value, "status"]),
            built.parse_args(["status", setting.flag, value]),
            built.parse_args(["folders", "list", f"{setting.flag}={value}"]),
        ):
            assert isinstance(given, argparse.Namespace)
            assert parser.flags_of(given) == {setting.key: value}


def test_a_command_says_which_settings_it_does_without(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    with pytest.raises(SystemExit):
        parser.build().parse_args(["index", "--help"])
    told = " ".join(capsys.readouterr().out.split()).split("settings for this run")[-1].split(" --")
    marked = {words.split()[0] for words in told if words.endswith("; in the window only")}
    assert marked == {
        f"indexing-{name}" for name in ("pause-on-battery", "background", "autostart", "watch")
    }


def test_two_that_save_at_once_do_not_meet(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    stores = [SettingsStore(file) for _ in range(4)]

    def save(store: SettingsStore) -> None:
        for number in range(10):
            store.set("faces.strictness", str(number / 10))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(save, stores))
    assert SettingsStore(file).current.faces.strictness == 0.9
    names = {"settings.toml", "settings.toml.lock", "settings-before.toml"}
    assert {path.name for path in tmp_path.iterdir()} == names


def test_a_path_that_is_no_text_is_refused(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "settings.toml", environment={})
    with pytest.raises(SettingsError, match="not written in UTF-8"):
        store.set("models.folder", "/caf\udce9")
    assert store.current.models.folder == ""
    odd = SettingsStore(
        tmp_path / "settings.toml", environment={"PHOTOSEARCH_MODELS_FOLDER": "/caf\udce9"}
    )
    assert "not written in UTF-8" in odd.notices[0]
    assert odd.current.models.folder == ""


def test_a_file_that_is_nested_without_an_end(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("[search]\nmodel = " + "[" * 100_000)
    store = SettingsStore(path, environment={})
    assert "cannot be read" in store.notices[0]
    store.set("search.model", "some")
    assert store.current.search.model == "some"
