"""Packages for Linux, from a bundle that is there: a `.deb`, an AppDir, an AppImage.

    python3 packaging/linux/package.py deb dist/PhotoSearch OUT
    python3 packaging/linux/package.py appdir dist/PhotoSearch OUT
    python3 packaging/linux/package.py appimage OUT/PhotoSearch.AppDir RUNTIME OUT

The first needs dpkg-deb, the last mksquashfs.
RUNTIME is the file `runtime-x86_64` of the AppImage project's type2-runtime, release 20251108: what
starts an AppImage and mounts the rest of it. It is checked against the checksum below.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
DRAWING = ROOT / "resources" / "icons" / "photosearch.svg"
RUNTIME_SHA256 = "2fca8b443c92510f1483a883f60061ad09b46b978b2631c807cd873a47ec260d"
METAINFO = "io.github.photosearch.PhotoSearch.metainfo.xml"
# What the bundle takes from the system: the door to the screen and to the graphics driver, which
# must be the system's own, and one font. Which libc is read from the files.
DEPENDS = ("libxcb1", "libx11-6", "libgl1", "libegl1", "fontconfig-config", "zlib1g")
_GLIBC = re.compile(rb"GLIBC_2\.(\d+)")


def version() -> str:
    """Return the program's version, read from its source."""
    source = (ROOT / "photosearch" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "(.+)"$', source, re.MULTILINE)
    assert found is not None
    return found[1]


def staged(bundle: Path, top: Path) -> Path:
    """Lay the bundle out below `top/usr`, with menu entry, icons and description."""
    shutil.rmtree(top, ignore_errors=True)
    share = top / "usr" / "share"
    shutil.copytree(bundle, top / "usr" / "lib" / "photosearch", symlinks=True)
    programs = top / "usr" / "bin"
    programs.mkdir(parents=True)
    for name in ("photosearch", "photosearch-window"):
        (programs / name).symlink_to(f"../lib/photosearch/{name}")
    put(HERE / "photosearch.desktop", share / "applications" / "photosearch.desktop")
    icons = share / "icons" / "hicolor"
    put(DRAWING, icons / "scalable" / "apps" / "photosearch.svg")
    for picture in drawn_beside(bundle):
        size = picture.stem
        put(picture, icons / f"{size}x{size}" / "apps" / "photosearch.png")
    told = (HERE / "photosearch.metainfo.xml").read_text(encoding="utf-8")
    told = told.replace("@VERSION@", version()).replace("@DATE@", day())
    write(share / "metainfo" / METAINFO, told)
    put(ROOT / "LICENSE", share / "doc" / "photosearch" / "copyright")
    return top


def drawn_beside(bundle: Path) -> list[Path]:
    """Return the icon's pictures, which the bundle carries in all sizes."""
    return sorted((bundle / "_internal" / "icons").glob("*.png"))


def day() -> str:
    """Return the day of this release: SOURCE_DATE_EPOCH's, else today."""
    moment = int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
    return time.strftime("%Y-%m-%d", time.gmtime(moment))


def put(source: Path, target: Path) -> None:
    """Copy a file, and make the folders above it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def write(target: Path, text: str) -> None:
    """Write a text, and make the folders above it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def oldest_libc(bundle: Path) -> str:
    """Return the version of glibc that the bundle's files ask for."""
    minors = [0]
    for file in bundle.rglob("*"):
        if file.is_file() and not file.is_symlink() and (".so" in file.name or not file.suffix):
            data = file.read_bytes()
            if data.startswith(b"\x7fELF"):
                minors += map(int, _GLIBC.findall(data))
    return f"2.{max(minors)}"


def deb(bundle: Path, out: Path) -> Path:
    """Make the package: files only, nothing runs when it is installed or removed."""
    machine = subprocess.check_output(["dpkg", "--print-architecture"], text=True).strip()
    top = staged(bundle, out / "deb")
    size = sum(file.lstat().st_size for file in top.rglob("*")) // 1024
    depends = ", ".join((f"libc6 (>= {oldest_libc(bundle)})", *DEPENDS))
    fields = {"@VERSION@": version(), "@MACHINE@": machine, "@SIZE@": size, "@DEPENDS@": depends}
    control = (HERE / "control").read_text(encoding="utf-8")
    for name, value in fields.items():
        control = control.replace(name, str(value))
    write(top / "DEBIAN" / "control", control)
    for path in top.rglob("*"):  # a umask of the builder's must not lock users out
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    target = out / f"photosearch_{version()}_{machine}.deb"
    made = ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z3", "--build", str(top), str(target)]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(top)
    return target


def appdir(bundle: Path, out: Path) -> Path:
    """Make the folder that an AppImage mounts: the same tree, with its way in on top."""
    top = staged(bundle, out / "PhotoSearch.AppDir")
    (top / "AppRun").symlink_to("usr/bin/photosearch")
    (top / "photosearch.desktop").symlink_to("usr/share/applications/photosearch.desktop")
    (top / "photosearch.svg").symlink_to("usr/share/icons/hicolor/scalable/apps/photosearch.svg")
    (top / ".DirIcon").symlink_to("photosearch.svg")
    return top


def appimage(folder: Path, runtime: Path, out: Path) -> Path:
    """Join the runtime and the folder, packed, into one file that runs."""
    start = runtime.read_bytes()
    if hashlib.sha256(start).hexdigest() != RUNTIME_SHA256:
        raise SystemExit(f"{runtime} is not the runtime that this was made for.")
    target = out / f"PhotoSearch-{version()}-{platform.machine()}.AppImage"
    packed = out / "PhotoSearch.squashfs"
    packed.unlink(missing_ok=True)
    options = ["-root-owned", "-noappend", "-comp", "zstd", "-quiet", "-no-progress"]
    subprocess.run(["mksquashfs", str(folder), str(packed), *options], check=True)
    with target.open("wb") as stream:
        stream.write(start)
        with packed.open("rb") as rest:
            shutil.copyfileobj(rest, stream)
    packed.unlink()
    target.chmod(0o755)
    return target


def main() -> None:
    what, *places = sys.argv[1:] or [""]
    makers = {"deb": deb, "appdir": appdir, "appimage": appimage}
    if what not in makers or len(places) != (3 if what == "appimage" else 2):
        raise SystemExit(__doc__)
    paths = [Path(place).resolve() for place in places]
    paths[-1].mkdir(parents=True, exist_ok=True)
    print(makers[what](*paths))


if __name__ == "__main__":
    main()
