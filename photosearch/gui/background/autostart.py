"""Starting with the computer: what each system wants written so that it starts a program.

One entry for each library, so that another one's stays. Knows no Qt and no setting.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

BACKGROUND_FLAG = "--background"
_RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"


class Autostart(Protocol):
    """What the system starts when the user signs in; `OSError` where it cannot be written."""

    def is_on(self, command: Sequence[str]) -> bool:
        """Whether this very command is started."""

    def turn_on(self, command: Sequence[str]) -> None: ...

    def turn_off(self) -> None: ...


class Registry(Protocol):
    """The values of one key of the Windows registry."""

    def get(self, name: str) -> str | None: ...

    def put(self, name: str, value: str) -> None: ...

    def delete(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class DesktopEntry:
    """A file in the user's autostart folder, as the desktops of Linux agreed on."""

    file: Path

    def is_on(self, command: Sequence[str]) -> bool:
        return _read(self.file) == _entry(command)

    def turn_on(self, command: Sequence[str]) -> None:
        _write(self.file, _entry(command))

    def turn_off(self) -> None:
        self.file.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class LaunchAgent:
    """A property list of macOS; it counts from the next time the user signs in."""

    file: Path

    def is_on(self, command: Sequence[str]) -> bool:
        return _read(self.file) == self._agent(command)

    def turn_on(self, command: Sequence[str]) -> None:
        _write(self.file, self._agent(command))

    def turn_off(self) -> None:
        self.file.unlink(missing_ok=True)

    def _agent(self, command: Sequence[str]) -> bytes:
        import plistlib  # it brings a parser of XML that no start needs

        agent = {
            "Label": self.file.stem,
            "ProgramArguments": list(command),
            "RunAtLoad": True,
            "LimitLoadToSessionType": "Aqua",
        }
        return plistlib.dumps(agent)


@dataclass(frozen=True, slots=True)
class RunValue:
    """A value below the Run key of Windows."""

    name: str
    registry: Registry

    def is_on(self, command: Sequence[str]) -> bool:
        return self.registry.get(self.name) == subprocess.list2cmdline(command)

    def turn_on(self, command: Sequence[str]) -> None:
        self.registry.put(self.name, subprocess.list2cmdline(command))

    def turn_off(self) -> None:
        self.registry.delete(self.name)


def of_system(home: str) -> Autostart:
    """Return how this system starts programs; `home` is of a library that is not the usual one."""
    mark = f"-{hashlib.sha256(os.fsencode(home)).hexdigest()[:8]}" if home else ""
    if sys.platform == "win32":
        return RunValue(f"PhotoSearch{mark}", _UserRun())
    if sys.platform == "darwin":
        return LaunchAgent(Path.home() / f"Library/LaunchAgents/org.photosearch{mark}.plist")
    config = os.environ.get("XDG_CONFIG_HOME", "")
    folder = Path(config) if os.path.isabs(config) else Path.home() / ".config"
    return DesktopEntry(folder / "autostart" / f"photosearch{mark}.desktop")


def command(home: str) -> tuple[str, ...]:
    """Return what starts this program in the background, with the library in `home`."""
    python = Path(sys.executable)
    quiet = python.with_name("pythonw.exe")  # without a terminal
    program = [str(quiet if quiet.exists() else python)]
    if not getattr(sys, "frozen", False):
        program += ["-P", "-m", "photosearch"]
    return (*program, BACKGROUND_FLAG, *(("--home", home) if home else ()))


def _entry(command: Sequence[str]) -> bytes:
    """Return a desktop entry; what is special in a quoted word, or in a value, is escaped."""
    words = []
    for word in command:
        quoted = "".join(f"\\{sign}" if sign in '"`$\\' else sign for sign in word)
        words.append(f'"{quoted}"'.replace("%", "%%"))
    line = " ".join(words).replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return os.fsencode(
        "[Desktop Entry]\n"
        "Type=Application\n"
        "Name=PhotoSearch\n"
        "Comment=Find your photos by what they show\n"
        f"Exec={line}\n"
        "Icon=photosearch\n"
        "Terminal=false\n"
        "X-GNOME-Autostart-enabled=true\n"
    )


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _write(file: Path, data: bytes) -> None:
    """Write a file, all or nothing."""
    part = file.with_name(f".{file.name}.part")  # a name that no desktop starts
    file.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(data)
    part.replace(file)


if sys.platform == "win32":
    import winreg

    class _UserRun:
        """The key of what starts when this user signs in."""

        def get(self, name: str) -> str | None:
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, _RUN) as key:
                    return str(winreg.QueryValueEx(key, name)[0])
            except FileNotFoundError:
                return None

        def put(self, name: str, value: str) -> None:
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, _RUN) as key:
                winreg.SetValueEx(key, name, 0, winreg.REG_SZ, value)

        def delete(self, name: str) -> None:
            rights = winreg.KEY_SET_VALUE
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, _RUN, 0, rights) as key:
                    winreg.DeleteValue(key, name)
            except FileNotFoundError:
                return
