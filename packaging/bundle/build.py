"""Build the bundle for the system this runs on: a folder that needs no Python and no terminal.

    python packaging/bundle/build.py [--python PYTHON] [--out dist] [--work build/bundle]

Makes an environment of its own with what `pyproject.toml` asks for, and no more; then PyInstaller
makes `OUT/PhotoSearch` of it (on macOS `OUT/PhotoSearch.app` besides). Needs pip, a C++ compiler,
and on Linux `binutils`. Knows nothing of installers: these take the folder as it is.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NEWEST_FIRST = ("3.14", "3.13", "3.12")
# What PyInstaller and the program need of an interpreter; on Linux it must be a shared library.
USABLE = """
import bz2, ctypes, ensurepip, lzma, os, sqlite3, ssl, sys, sysconfig, venv
say = sysconfig.get_config_var
file = os.path.join(say("LIBDIR") or "", say("INSTSONAME") or "")
shared = os.path.isfile(file) and ".so" in file if sys.platform == "linux" else True
sys.exit(not shared or sys.version_info < (3, 11))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--python", help="the interpreter to build with (default: the newest on PATH)"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "bundle")
    given = parser.parse_args()
    python = given.python or newest()
    print(f"building with {python}", flush=True)
    bundle = build(python, given.out.resolve(), given.work.resolve())
    size = sum(file.lstat().st_size for file in bundle.rglob("*") if file.is_file())
    print(f"{bundle}: {size / 1e6:.0f} MB", flush=True)


def newest() -> str:
    """Return the newest interpreter on PATH that can be bundled, from 3.12 on; else this one."""
    for candidate in (sys.executable, *_others()):
        told = "import sys; sys.exit(sys.version_info < (3, 12))"
        if _runs(candidate, told) and _runs(candidate, USABLE):
            return candidate
    if _runs(sys.executable, USABLE):
        return sys.executable
    raise SystemExit("No Python here can be bundled: one from 3.11 on, with a shared library.")


def _others() -> Iterator[str]:
    for version in NEWEST_FIRST:
        for folder in os.get_exec_path():  # the first may only stand for one that is not there
            if found := shutil.which(f"python{version}", path=folder):
                yield found


def _runs(python: str, code: str) -> bool:
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def build(python: str, out: Path, work: Path) -> Path:
    """Make environment and bundle anew; returns the bundle's folder."""
    environment = made_environment(python, work / "env")
    bundle = out / "PhotoSearch"
    shutil.rmtree(bundle, ignore_errors=True)
    spec = ROOT / "packaging" / "bundle" / "photosearch.spec"
    places = ("--distpath", str(out), "--workpath", str(work / "pyinstaller"))
    told = ("--noconfirm", "--log-level", "WARN", *places, str(spec))
    # What was installed is packed, not the source that lies here: only it has the resources.
    run(environment, "-m", "PyInstaller", *told, PYTHONSAFEPATH="1")
    if sys.platform == "linux":
        strip(bundle)
    return bundle


def made_environment(python: str, folder: Path) -> str:
    """Make a virtual environment with the program and PyInstaller; returns its interpreter.

    hnswlib has no wheels: made here, for any processor of this kind. By itself it would be made
    for the very one that builds, and not run on an older one.
    """
    run(python, "-m", "venv", "--clear", str(folder))
    inside = str(folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))
    pip = ("-m", "pip", "--quiet", "--disable-pip-version-check")
    wheels = str(folder.parent / "wheels")
    anew = ("--no-cache-dir", "--no-deps", "--no-binary", "hnswlib", "--wheel-dir", wheels)
    shutil.rmtree(wheels, ignore_errors=True)
    run(inside, *pip, "wheel", *anew, "hnswlib>=0.8", HNSWLIB_NO_NATIVE="1")
    run(inside, *pip, "install", *map(str, Path(wheels).glob("*.whl")), f"{ROOT}[bundle]")
    return inside


def strip(bundle: Path) -> None:
    """Take debugging symbols out of what was compiled on this machine.

    Libraries out of wheels are left alone: some have been rewritten in ways that `strip` breaks.
    """
    inside = bundle / "_internal"
    ours = [
        *inside.glob("libpython3*"),
        *inside.glob("python3*/lib-dynload/*.so"),
        *inside.glob("hnswlib*.so"),
    ]
    subprocess.run(["strip", "--strip-unneeded", *map(str, ours)], check=True)


def run(*command: str, **variables: str) -> None:
    """Run a command for Python, away from anything that could get between; its failure ends all."""
    taken = ("PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH", "VIRTUAL_ENV")
    environment = {name: value for name, value in os.environ.items() if name not in taken}
    done = subprocess.run(command, env=environment | variables, cwd=ROOT, check=False)
    if done.returncode != 0:
        raise SystemExit(f"This failed: {' '.join(command)}")


if __name__ == "__main__":
    main()
