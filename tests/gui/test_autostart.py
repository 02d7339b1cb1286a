"""Starting with the computer, as each system wants it written, in pretended homes."""

from __future__ import annotations

import os
import plistlib
import re
import sys
from pathlib import Path

import pytest

from photosearch.gui.background import autostart
from photosearch.gui.background.autostart import (
    Autostart,
    DesktopEntry,
    LaunchAgent,
    RunValue,
    command,
    of_system,
)
from photosearch.gui.background.starting import home_of, keep_starting, renew
from photosearch.paths import Paths

ODD = (
    "/opt/My programs/python",
    "-m",
    "photosearch",
    '--home=/a "b" $c `d` 100% \\e',
    "--background",
)


class PretendedRegistry:
    """One key of a registry, in memory."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {"OneDrive": "onedrive.exe"}

    def get(self, name: str) -> str | None:
        return self.values.get(name)

    def put(self, name: str, value: str) -> None:
        self.values[name] = value

    def delete(self, name: str) -> None:
        self.values.pop(name, None)


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program is where it will be found, as bundle or package."""
    monkeypatch.setattr(autostart, "startable", lambda: True)


def everyone(folder: Path) -> tuple[Autostart, ...]:
    return (
        DesktopEntry(folder / "config" / "autostart" / "photosearch.desktop"),
        LaunchAgent(folder / "Library" / "LaunchAgents" / "org.photosearch.plist"),
        RunValue("PhotoSearch", PretendedRegistry()),
    )


def test_each_can_be_turned_on_and_off(tmp_path: Path) -> None:
    for each in everyone(tmp_path):
        assert not each.is_on(ODD)
        each.turn_off()  # what is off stays so
        each.turn_on(ODD)
        assert each.is_on(ODD)
        assert not each.is_on(("/elsewhere", *ODD[1:])), "the program may have moved"
        each.turn_on(ODD)
        each.turn_off()
        assert not each.is_on(ODD)
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert left == [], "nothing is left behind, half-written or not"


def test_a_desktop_entry_starts_just_these_words(tmp_path: Path) -> None:
    file = tmp_path / "photosearch.desktop"
    DesktopEntry(file).turn_on(ODD)
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "[Desktop Entry]"
    values = dict(line.split("=", 1) for line in lines[1:])
    assert values["Type"] == "Application"
    assert values["Terminal"] == "false"
    # As the specification has it: the value is unescaped, then the words, then the field codes.
    line = values["Exec"].replace("\\\\", "\\")
    quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', line)
    assert " ".join(f'"{word}"' for word in quoted) == line
    words = [re.sub(r"\\(.)", r"\1", word).replace("%%", "%") for word in quoted]
    assert words == list(ODD)
    assert "\n" not in autostart.command("/a\nb")[-1].replace("/a\nb", "")
    DesktopEntry(file).turn_on(("/a\nX-Evil=1",))
    assert "\nX-Evil" not in file.read_text(encoding="utf-8")


def test_a_launch_agent_is_a_property_list(tmp_path: Path) -> None:
    file = tmp_path / "org.photosearch.plist"
    LaunchAgent(file).turn_on(ODD)
    agent = plistlib.loads(file.read_bytes())
    assert agent["Label"] == "org.photosearch"
    assert agent["ProgramArguments"] == list(ODD)
    assert agent["RunAtLoad"] is True


def test_a_run_value_is_one_quoted_line() -> None:
    registry = PretendedRegistry()
    RunValue("PhotoSearch", registry).turn_on((r"C:\My programs\pythonw.exe", "--background"))
    assert registry.values["PhotoSearch"] == r'"C:\My programs\pythonw.exe" --background'
    RunValue("PhotoSearch", registry).turn_off()
    assert registry.values == {"OneDrive": "onedrive.exe"}


@pytest.mark.skipif(sys.platform != "linux", reason="the places of Linux")
def test_each_library_has_an_entry_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    usual, other = of_system(""), of_system("/elsewhere")
    assert isinstance(usual, DesktopEntry)
    assert usual.file == tmp_path / "autostart" / "photosearch.desktop"
    assert isinstance(other, DesktopEntry)
    assert other.file != usual.file
    usual.turn_on(command(""))
    other.turn_off()
    assert usual.is_on(command(""))
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")  # counts as if it were not set
    monkeypatch.setenv("HOME", "/home/anna")
    assert of_system("") == DesktopEntry(Path("/home/anna/.config/autostart/photosearch.desktop"))


def test_the_command_names_a_library_elsewhere() -> None:
    assert command("")[-1] == "--background"
    assert command("/x")[-2:] == ("--home", "/x")
    assert os.path.isabs(command("")[0])
    assert home_of(Paths.below(Path("/x"))) == "/x"
    assert home_of(Paths(Path("/c"), Path("/d"), Path("/e"))) == ""


def test_what_is_wanted_is_kept_and_a_refusal_is_a_sentence(tmp_path: Path) -> None:
    entry = DesktopEntry(tmp_path / "autostart" / "photosearch.desktop")
    assert keep_starting(entry, True, "") == ""
    assert entry.is_on(command(""))
    entry.file.write_text("of an earlier version")
    assert keep_starting(entry, True, "") == ""
    assert entry.is_on(command(""))
    assert keep_starting(entry, False, "") == ""
    assert not entry.file.exists()
    blocked = tmp_path / "file"
    blocked.write_text("")
    said = keep_starting(DesktopEntry(blocked / "photosearch.desktop"), True, "")
    assert said.startswith("Starting with the computer could not be set: ")


def test_what_others_put_in_its_place_stays(tmp_path: Path) -> None:
    entry, agent, value = everyone(tmp_path)
    assert isinstance(entry, DesktopEntry)
    assert isinstance(agent, LaunchAgent)
    assert isinstance(value, RunValue)
    entry.turn_on(("/usr/bin/photosearch-window",))
    agent.turn_on(("/usr/bin/photosearch-window",))
    value.registry.put("PhotoSearch", "photosearch-window.exe")
    before = entry.file.read_bytes(), agent.file.read_bytes()
    for each in (entry, agent, value):
        each.renew(ODD)
        each.turn_off()
    assert (entry.file.read_bytes(), agent.file.read_bytes()) == before
    assert value.registry.get("PhotoSearch") == "photosearch-window.exe"
    for text in (b"", b"no property list", b"<?xml version='1.0'?><plist><di"):
        agent.file.write_bytes(text)
        agent.renew(ODD)
        agent.turn_off()
        assert agent.file.read_bytes() == text


def test_a_start_mends_the_command_and_nothing_else(tmp_path: Path) -> None:
    for each in everyone(tmp_path):
        each.renew(ODD)
        assert not each.is_on(ODD), "who took it away wants it away"
        each.turn_on(("/elsewhere", *ODD[1:]))
        assert renew(each, "/x") == ""
        assert each.is_on(command("/x"))
        each.turn_off()


@pytest.mark.parametrize(
    ("on", "off"),
    [
        ("X-GNOME-Autostart-enabled=true", "X-GNOME-Autostart-enabled=false"),
        ("Terminal=false", "Terminal=false\nHidden=true"),
    ],
)
def test_what_the_desktop_disabled_stays_so(tmp_path: Path, on: str, off: str) -> None:
    entry = DesktopEntry(tmp_path / "photosearch.desktop")
    entry.turn_on(command(""))
    disabled = entry.file.read_text().replace(on, off)
    assert off in disabled
    entry.file.write_text(disabled)
    entry.renew(command(""))
    assert entry.file.read_text() == disabled
    entry.renew(ODD)
    assert off in entry.file.read_text()
    assert len(entry.file.read_text().splitlines()) == len(disabled.splitlines())


def test_a_disabled_agent_stays_so(tmp_path: Path) -> None:
    agent = LaunchAgent(tmp_path / "org.photosearch.plist")
    agent.turn_on(command(""))
    kept = plistlib.loads(agent.file.read_bytes()) | {"Disabled": True}
    agent.file.write_bytes(plistlib.dumps(kept))
    agent.renew(ODD)
    assert plistlib.loads(agent.file.read_bytes()) == kept | {"ProgramArguments": list(ODD)}


def test_an_appimage_is_started_and_not_what_it_is_mounted_as(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mount = tmp_path / ".mount_Photo"
    program = str(mount / "usr" / "lib" / "photosearch" / "photosearch-window")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", program)
    monkeypatch.delenv("APPIMAGE", raising=False)
    assert command("") == (program, "--background")
    monkeypatch.setenv("APPIMAGE", "/home/anna/PhotoSearch.AppImage")
    monkeypatch.setenv("APPDIR", str(mount))
    assert command("/x") == ("/home/anna/PhotoSearch.AppImage", "--background", "--home", "/x")
    monkeypatch.setenv("APPDIR", str(tmp_path / ".mount_Terminal"))
    assert command("") == (program, "--background"), "another AppImage began this program"


def test_source_that_is_not_installed_cannot_be_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = DesktopEntry(tmp_path / "photosearch.desktop")
    entry.turn_on(ODD)
    monkeypatch.setattr(autostart, "startable", lambda: False)
    assert renew(entry, "") == ""
    assert entry.is_on(ODD)
    assert keep_starting(entry, True, "").endswith("it runs from its source. Install it first.")
    assert keep_starting(entry, False, "") == ""
    assert not entry.file.exists(), "off can be had everywhere"


def test_what_can_be_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert not autostart.startable()
    (tmp_path / "photosearch-1.dist-info").mkdir()
    (tmp_path / "photosearch-1.dist-info" / "METADATA").write_text("Name: photosearch\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), ""])
    assert autostart.startable()
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert autostart.startable()
