"""Recipes for systems that are not here, as far as they can be checked without them."""

from __future__ import annotations

import os
import plistlib
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from PIL import Image

import photosearch
from photosearch.gui.background import autostart
from photosearch.paths import Paths

from . import pascal
from .conftest import PACKAGING, REPOSITORY

Recipe = Callable[[str], ModuleType]


# --- the icon and the version -------------------------------------------------------


def test_every_size_of_the_icon_is_drawn(recipe: Recipe, tmp_path: Path) -> None:
    icons = recipe("bundle/icons.py")
    icons.write(tmp_path)
    for size in icons.PNG_PX:
        with Image.open(tmp_path / f"{size}.png") as picture:
            assert picture.size == (size, size)
            assert picture.getchannel("A").getextrema() == (0, 255)  # round corners, a full middle
    with Image.open(tmp_path / "photosearch.ico") as windows:
        assert {size for size, _ in windows.info["sizes"]} == set(icons.ICO_PX)
    with Image.open(tmp_path / "photosearch.icns") as mac:
        assert {width * scale for width, _, scale in mac.info["sizes"]} == set(icons.ICNS_PX)


@pytest.mark.parametrize(
    ("version", "numbers"),
    [("1.2.3", (1, 2, 3, 0)), ("0.1", (0, 1, 0, 0)), ("2.0.0rc1", (2, 0, 0, 0))],
)
def test_windows_reads_the_version(recipe: Recipe, version: str, numbers: tuple[int, ...]) -> None:
    class Kept(SimpleNamespace):
        def __init__(self, *given: object, **named: object) -> None:
            super().__init__(given=given, **named)

    names = ("VSVersionInfo", "FixedFileInfo", "StringFileInfo", "StringTable", "StringStruct",
             "VarFileInfo", "VarStruct")  # fmt: skip
    text = recipe("bundle/versions.py").windows_resource(version, "photosearch-window")
    told = eval(text, dict.fromkeys(names, Kept))  # as PyInstaller reads it
    assert told.ffi.filevers == told.ffi.prodvers == numbers
    strings = dict(each.given for each in told.kids[0].given[0][0].given[1])
    assert strings["ProductVersion"] == strings["FileVersion"] == version
    assert strings["ProductName"] == "PhotoSearch"
    assert strings["OriginalFilename"] == "photosearch-window.exe"


def test_what_is_left_out_of_qt(recipe: Recipe) -> None:
    wanted = recipe("bundle/leaving_out.py").is_wanted
    for name in (
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/plugins/platforms/qwindows.dll",
        "PySide6\\plugins\\styles\\qmodernwindowsstyle.dll",
        "PySide6/Qt/plugins/platforms/libqcocoa.dylib",
        "PySide6/Qt/translations/qtbase_de.qm",
        "photosearch/resources/locale/de/LC_MESSAGES/photosearch.mo",
    ):
        assert wanted(name), name
    for name in (
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/Qt/plugins/platforms/libqeglfs.so",
        "PySide6/Qt/plugins/tls/libqopensslbackend.so",
        "PySide6/Qt/translations/qtdeclarative_de.qm",
        "PySide6/opengl32sw.dll",
    ):
        assert not wanted(name), name


@pytest.mark.skipif(os.name == "nt", reason="programs that are scripts")
def test_a_python_is_looked_for_on_the_path_and_tried(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def program(path: str, code: int) -> str:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\nexit {code}\n")
        file.chmod(0o755)
        return str(file)

    old = program("old/python", 1)
    program("shims/python3.13", 127)  # it stands for one that is not there
    program(".pyenv/versions/3.14.1/bin/python", 0)
    good = program("bin/python3.13", 0)
    program("bin/python3.12", 0)
    build = recipe("bundle/build.py")
    monkeypatch.setattr("sys.executable", old)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    monkeypatch.setenv("PATH", os.pathsep.join(str(tmp_path / each) for each in ("shims", "bin")))
    assert build.newest() == good
    (tmp_path / "bin" / "python3.13").write_text("neither a program nor a script")
    assert build.newest() == str(tmp_path / "bin" / "python3.12")


# --- Windows ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def inno() -> dict[str, list[str]]:
    """The lines of each section of Inno Setup's script; macros of ours are put in."""
    text = (PACKAGING / "windows" / "photosearch.iss").read_text(encoding="utf-8")
    macros = dict(re.findall(r'^#define (\w+) "(.+)"$', text, re.MULTILINE))
    for name, value in macros.items():
        text = text.replace(f"{{#{name}}}", value)
    sections: dict[str, list[str]] = {}
    current = ""
    for line in map(str.strip, text.splitlines()):
        if found := re.fullmatch(r"\[(\w+)\]", line):
            current = found[1]
            assert current not in sections
            sections[current] = []
        elif current and line and not line.startswith((";", "#")):
            sections[current].append(line)
    return sections


def parameters(line: str) -> dict[str, str]:
    """Return the parameters of one entry, by name; `ValueError` where it is not one."""
    found = re.findall(r'(\w+): ("(?:[^"]|"")*"|[^;"]+)(?:; |$)', line)
    assert "; ".join(f"{name}: {value}" for name, value in found) == line, line
    return {
        name: value.removeprefix('"').removesuffix('"').replace('""', '"') for name, value in found
    }


def test_the_installer_is_for_one_user(inno: dict[str, list[str]]) -> None:
    setup = dict(line.split("=", 1) for line in inno["Setup"])
    assert setup["PrivilegesRequired"] == "lowest"
    assert setup["AppVersion"] == "{#Version}"
    assert setup["DefaultDirName"] == r"{autopf}\PhotoSearch"
    place = PACKAGING / "windows"
    assert (place / setup["LicenseFile"].replace("\\", "/")).is_file()
    for line in inno["Registry"]:
        assert parameters(line)["Root"] == "HKCU"


def test_every_entry_of_the_installer_is_one(inno: dict[str, list[str]]) -> None:
    known = {"Languages", "Tasks", "InstallDelete", "Files", "Icons", "Registry", "Run"}
    assert set(inno) == {"Setup", "CustomMessages", "Code", *known}
    tasks = {parameters(line)["Name"] for line in inno["Tasks"]}
    for section in known:
        for line in inno[section]:
            assert parameters(line).get("Tasks", "desktop") in tasks
    places = [parameters(line)["Name"] for line in inno["Icons"]]
    assert places == [r"{autoprograms}\PhotoSearch", r"{autodesktop}\PhotoSearch"]


def test_folders_get_a_menu_entry(inno: dict[str, list[str]]) -> None:
    values = {
        (given["Subkey"], given["ValueName"]): given["ValueData"]
        for given in map(parameters, inno["Registry"])
    }
    window = r'"{app}\photosearch-window.exe"'
    places = (("Directory", '"%1"'), ("Drive", '"%1."'), (r"Directory\Background", '"%V."'))
    for place, path in places:
        key = rf"Software\Classes\{place}\shell\PhotoSearch"
        assert values[key, ""] == "{cm:SearchHere}"
        assert values[rf"{key}\command", ""] == f"{window} {path}"


def test_the_installer_speaks_three_languages(inno: dict[str, list[str]]) -> None:
    languages = [parameters(line)["Name"] for line in inno["Languages"]]
    assert languages == ["en", "de", "fr"]
    said = dict(line.split("=", 1) for line in inno["CustomMessages"])
    assert len(said) == len(inno["CustomMessages"])
    lines = "\n".join(line for section in inno.values() for line in section)
    asked = set(re.findall(r"\{cm:(\w+)\}|CustomMessage\('(\w+)'\)", lines))
    names = {one or other for one, other in asked}
    assert set(said) == {f"{language}.{name}" for language in languages for name in names}
    for name in names:
        assert len({said[f"{language}.{name}"] for language in languages}) == 3, name


def test_what_the_installer_takes_is_in_the_bundle(
    inno: dict[str, list[str]], bundle: Path
) -> None:
    only_windows = {"DirectML.dll"}
    place = PACKAGING / "windows"
    setup = dict(line.split("=", 1) for line in inno["Setup"])
    taken = [parameters(line)["Source"] for line in inno["Files"]] + [setup["SetupIconFile"]]
    ours = str(REPOSITORY / "dist" / "PhotoSearch")
    for source in taken:
        path = Path(os.path.normpath(place / source.replace("\\", "/")))
        assert str(path).startswith(ours)
        there = bundle / path.relative_to(ours)
        assert there.parent.is_dir(), source
        if path.name not in {"*", *only_windows}:
            assert there.is_file(), source
    assert (bundle / "photosearch-window").exists()


def test_uninstalling_asks_for_the_library(
    inno: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "\n".join(inno["Code"])
    assert any(line.startswith("en.KeepLibrary=Keep your photo") for line in inno["CustomMessages"])
    assert "MB_DEFBUTTON1, IDYES) = IDNO" in code  # whoever just presses Enter keeps it
    (place,) = re.findall(r"\{localappdata\}\\(\w+)", code)
    monkeypatch.delenv("PHOTOSEARCH_HOME", raising=False)
    assert Paths.of_user().data.name == place
    assert code.count("DelTree(") == 1


def test_the_uninstaller_is_sound(inno: dict[str, list[str]]) -> None:
    """It compiles as far as that can be told here, and leaves nothing that starts or runs."""
    code = "\n".join(inno["Code"])
    routines = pascal.check(code)
    assert {"initializeuninstall", "curuninstallstepchanged"} <= routines
    assert "if CurUninstallStep = usUninstall then\nStartNoLonger;" in code
    (key,) = re.findall(r"RunKey = '(.+)';", code)
    assert key == autostart._RUN
    assert "Pos('PhotoSearch', Names[Index]) = 1" in code  # as `autostart.of_system` names them
    for program in ("photosearch", "photosearch-window"):
        assert f"Runs('{program}.exe')" in code


@pytest.mark.parametrize(
    ("there", "broken"),
    [
        ("end;\n", ""),
        ("Exit;", "Exit"),
        (" then\n", "\n"),
        ("except\n", ""),
        ("Lowercase(Command)", "Lowercase(Commnd)"),
        ("DelTree(Library, True, True, True)", "DelTree(Library, True, True)"),
        ("InitializeUninstall: Boolean", "InitializeUninstall: String"),
        ("StartNoLonger;\nif", "if"),
        ("Stream.Free", "Stream.Fre"),
        ("'{app}\\'", "'{app}\\"),
        ("+ Name", "Name"),
    ],
)
def test_a_broken_uninstaller_is_seen(inno: dict[str, list[str]], there: str, broken: str) -> None:
    code = "\n".join(inno["Code"])
    assert there in code
    with pytest.raises(pascal.Wrong):
        pascal.check(code.replace(there, broken, 1))


# --- macOS --------------------------------------------------------------------------


def test_what_macos_is_told() -> None:
    told = plistlib.loads((PACKAGING / "macos" / "Info.plist").read_bytes())
    assert told["CFBundleExecutable"] == "photosearch-window"
    (kind,) = told["CFBundleDocumentTypes"]
    assert "public.folder" in kind["LSItemContentTypes"]
    assert kind["LSHandlerRank"] == "Alternate"  # never what opens folders by itself
    assert "LSBackgroundOnly" not in told
    rights = plistlib.loads((PACKAGING / "macos" / "entitlements.plist").read_bytes())
    assert rights == {"com.apple.security.cs.allow-unsigned-executable-memory": True}


@pytest.mark.skipif(sys.platform == "win32", reason="a script of macOS, with shell stubs for tools")
def test_the_disk_image_holds_the_program_and_a_link(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    notes = tmp_path / "notes"
    for name in ("hdiutil", "codesign", "xcrun"):
        tool = tools / name
        told = f'echo {name} "$@" >>{notes}\n[ -d "$5" ] && ls "$5" >>{notes}\n:\n'
        tool.write_text(f"#!/bin/sh\n{told}")
        tool.chmod(0o755)
    app = tmp_path / "PhotoSearch.app"
    (app / "Contents" / "MacOS").mkdir(parents=True)
    environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "CODESIGN_IDENTITY": "me"}
    command = ["bash", str(PACKAGING / "macos" / "dmg.sh"), str(app), str(tmp_path / "out")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert f"PhotoSearch-{photosearch.__version__}-" in done.stdout
    made, applications, program, signed = notes.read_text().splitlines()
    assert made.startswith("hdiutil create -volname PhotoSearch -srcfolder ")
    assert (applications, program) == ("Applications", "PhotoSearch.app")
    assert signed.startswith("codesign --sign me")
    refused = subprocess.run([*command[:2], str(tmp_path), "out"], capture_output=True, check=False)
    assert refused.returncode == 1
