"""What the bundle becomes on Linux: a `.deb` in a fresh Debian, an AppDir, an AppImage."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from .bundle import ANSWER, QUERY, Bundled, screen, ten_photos, title_shown, wait_for
from .conftest import PACKAGING

SOURCES = ("/etc/apt/sources.list", "/etc/apt/sources.list.d/debian.sources")
LIBRARY = "root/.local/share/photosearch/library.db"


def says(*command: str | Path) -> str:
    """Run a command that must succeed; returns what it prints."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def package(
    bundle: Path, recipe: Callable[[str], ModuleType], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    made: Path = recipe("linux/package.py").deb(bundle, tmp_path_factory.mktemp("deb"))
    return made


@dataclass(frozen=True, slots=True)
class Root:
    """A system of its own below a folder."""

    top: Path

    def run(self, *command: str) -> str:
        return says(*self.inside("DEBIAN_FRONTEND=noninteractive", *command))

    def inside(self, *command: str) -> list[str]:
        """Return what runs a command in this system; variables may come before it."""
        known = ("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root")
        return ["chroot", str(self.top), "env", "-i", *known, *command]

    def files(self) -> set[str]:
        """Return everything that lies below /usr and /etc, but what apt and dpkg keep."""
        found = (path for part in ("usr", "etc") for path in (self.top / part).rglob("*"))
        return {str(path.relative_to(self.top)) for path in found if "ld.so.cache" not in path.name}


@pytest.fixture(scope="module")
def fresh(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Root]:
    """A minimal Debian with what the package asks for, and nothing else: no Python, no Qt."""
    if os.geteuid() != 0 or not shutil.which("mmdebstrap"):
        absent = pytest.fail if os.environ.get("CI") else pytest.skip
        absent("a fresh Debian is made by root with mmdebstrap")
    top = tmp_path_factory.mktemp("fresh") / "root"
    release = says("sh", "-c", '. /etc/os-release && echo "$VERSION_CODENAME"').strip()
    lists = [each for each in SOURCES if Path(each).is_file() and Path(each).read_text().strip()]
    depends = says("dpkg-deb", "-f", package, "Depends").split(",")
    wanted = ",".join(each.split("(")[0].strip() for each in depends)
    options = ["--mode=root", "--variant=apt", f"--include={wanted}", "--quiet"]
    says("mmdebstrap", *options, release, top, *lists)
    shutil.copyfile(package, top / "photosearch.deb")
    says("mount", "-t", "proc", "proc", top / "proc")
    try:
        yield Root(top)
    finally:
        says("umount", top / "proc")


def test_what_the_package_says(package: Path) -> None:
    listed = says("dpkg-deb", "--contents", package)
    for place in (
        "./usr/bin/photosearch -> ../lib/photosearch/photosearch",
        "./usr/share/applications/photosearch.desktop",
        "./usr/share/icons/hicolor/256x256/apps/photosearch.png",
        "./usr/share/icons/hicolor/scalable/apps/photosearch.svg",
        "./usr/share/doc/photosearch/copyright",
    ):
        assert place in listed, place
    assert {line.split()[1] for line in listed.splitlines()} == {"root/root"}
    assert "libc6 (>= 2." in says("dpkg-deb", "-f", package, "Depends")
    control = says("dpkg-deb", "--info", package)
    assert not any(script in control for script in ("postinst", "prerm", "postrm", "preinst"))


@pytest.mark.slow
def test_a_fresh_system_has_no_python(fresh: Root) -> None:
    assert not list(fresh.top.glob("usr/bin/python*"))
    assert not list(fresh.top.glob("usr/lib/*/libQt*"))


def test_the_package_installs_runs_and_goes_without_a_trace(
    fresh: Root, photos: Path, models: Path
) -> None:
    before = fresh.files()
    fresh.run("dpkg", "-i", "/photosearch.deb")
    assert fresh.files() > before
    ten_photos(photos, fresh.top / "photos")
    shutil.copytree(models / "standin-clip", fresh.top / "model")
    fresh.run("photosearch", "models", "add", "/model")
    assert "10 added" in fresh.run("photosearch", "index", "/photos")
    assert ANSWER in fresh.run("photosearch", "search", QUERY).splitlines()[0]
    opens_a_window(fresh)
    fresh.run("dpkg", "--purge", "photosearch")
    assert fresh.files() == before
    assert (fresh.top / LIBRARY).is_file()


def opens_a_window(fresh: Root) -> None:
    """Start the program on a screen of this system; it reaches the new one by its abstract name."""
    with screen() as display:
        command = fresh.inside(f"DISPLAY={display}", "photosearch-window")
        window = subprocess.Popen(command, stderr=subprocess.PIPE)
        try:
            wait_for("the window", lambda: title_shown(display) or window.poll() is not None)
            assert window.poll() is None
            window.send_signal(signal.SIGTERM)
            _, said = window.communicate(timeout=30)
        finally:
            window.kill()
    assert window.returncode == 0, said
    assert b"Traceback" not in said


def test_the_appdir_runs(
    bundle: Path,
    recipe: Callable[[str], ModuleType],
    photos: Path,
    models: Path,
    tmp_path: Path,
) -> None:
    top = recipe("linux/package.py").appdir(bundle, tmp_path)
    for name in ("photosearch.desktop", "photosearch.svg", ".DirIcon", "AppRun"):
        assert (top / name).resolve(strict=True).is_relative_to(top)
    user = tmp_path / "user"
    user.mkdir()
    mounted = Bundled(top / "AppRun", user)
    mounted.good("models", "add", models / "standin-clip")
    mounted.good("index", ten_photos(photos, tmp_path / "photos"))
    assert mounted.found(QUERY)[0] == ANSWER
    share = top / "usr" / "share"
    says("desktop-file-validate", share / "applications" / "photosearch.desktop")
    (told,) = (share / "metainfo").iterdir()
    says("appstreamcli", "validate", "--no-net", "--pedantic", told)
    shutil.rmtree(top)


@pytest.mark.skipif(sys.platform != "linux", reason="made with squashfs-tools, run by Linux")
def test_an_appimage_is_its_runtime_and_the_folder(
    recipe: Callable[[str], ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = recipe("linux/package.py")
    runtime, folder = tmp_path / "runtime", tmp_path / "small.AppDir"
    runtime.write_bytes(b"#!/bin/sh\nexit 7\n" + b"#" * 4079)
    folder.mkdir()
    (folder / "AppRun").write_text("here")
    with pytest.raises(SystemExit, match="is not the runtime"):
        package.appimage(folder, runtime, tmp_path)
    known = says("sha256sum", runtime).split()[0]
    monkeypatch.setattr(package, "RUNTIME_SHA256", known)
    made = package.appimage(folder, runtime, tmp_path)
    assert subprocess.run([made], check=False).returncode == 7
    size = runtime.stat().st_size
    assert "AppRun" in says("unsquashfs", "-o", str(size), "-l", made)


def test_the_menu_entry_takes_folders() -> None:
    entry = (PACKAGING / "linux" / "photosearch.desktop").read_text()
    assert "MimeType=inode/directory;" in entry.splitlines()
    assert "Exec=photosearch-window %F" in entry.splitlines()
