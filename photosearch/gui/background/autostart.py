"""Starting with the computer: what each system wants written so that it starts a program.

One entry for each library, so that another one's stays. An entry is the program's own where it
carries the flag below: others may lie in its place. Knows no Qt and no setting.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Protocol

BACKGROUND_FLAG = "--background"
_RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
_EXEC = re.compile(rb"^Exec[ \t]*=.*$", re.MULTILINE)


class Autostart(Protocol):
    """What the system starts when the user signs in; `OSError` where it cannot be written."""

    def is_on(self, command: Sequence[str]) -> bool:
        """Whether this very command is started."""

    def turn_on(self, command: Sequence[str]) -> None: ...

    def turn_off(self) -> None:
        """Take the program's own entry away; another one in its place stays."""

    def renew(self, command: Sequence[str]) -> None:
        """Let the program's own entry start this command; all else in it stays, as disabling it."""


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
        if self._own(_read(self.file)):
            self.file.unlink(missing_ok=True)

    def renew(self, command: Sequence[str]) -> None:
        found = _read(self.file)
        new = _EXEC.sub(lambda _old: _exec(command), found, count=1)
        if self._own(found) and new != found:
            _write(self.file, new)

    def _own(self, entry: bytes) -> bool:
        line = _EXEC.search(entry)
        return line is not None and BACKGROUND_FLAG.encode() in line[0]


@dataclass(frozen=True, slots=True)
class LaunchAgent:
    """A property list of macOS; it counts from the next time the user signs in."""

    file: Path

    def is_on(self, command: Sequence[str]) -> bool:
        return self._read() == self._agent(command)

    def turn_on(self, command: Sequence[str]) -> None:
        self._write(self._agent(command))

    def turn_off(self) -> None:
        if self._own(self._read()):
            self.file.unlink(missing_ok=True)

    def renew(self, command: Sequence[str]) -> None:
        found = self._read()
        new = found | {"ProgramArguments": list(command)}
        if self._own(found) and new != found:
            self._write(new)

    def _own(self, agent: dict[str, Any]) -> bool:
        words = agent.get("ProgramArguments")
        return isinstance(words, list) and BACKGROUND_FLAG in words

    def _agent(self, command: Sequence[str]) -> dict[str, Any]:
        return {
            "Label": self.file.stem,
            "ProgramArguments": list(command),
            "RunAtLoad": True,
            "LimitLoadToSessionType": "Aqua",
        }

    def _read(self) -> dict[str, Any]:
        import plistlib  # it brings a parser of XML that few starts need
        from xml.parsers.expat import ExpatError

        try:
            found = plistlib.loads(_read(self.file))
        except (ExpatError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, agent: dict[str, Any]) -> None:
        import plistlib

        _write(self.file, plistlib.dumps(agent))


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
        if self._own():
            self.registry.delete(self.name)

    def renew(self, command: Sequence[str]) -> None:
        if self._own() and not self.is_on(command):
            self.turn_on(command)

    def _own(self) -> bool:
        return BACKGROUND_FLAG in (self.registry.get(self.name) or "")


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
    return (*_program(), BACKGROUND_FLAG, *(("--home", home) if home else ()))


def startable() -> bool:
    """Whether the command starts this program: not its source, where that is not installed."""
    if _is_bundle():
        return True
    try:
        distribution("photosearch")
    except PackageNotFoundError:
        return False
    return True


def _program() -> tuple[str, ...]:
    python = Path(sys.executable)
    quiet = python.with_name("pythonw.exe")  # without a terminal
    if not _is_bundle():
        return (str(quiet if quiet.exists() else python), "-P", "-m", "photosearch")
    image, mount = os.environ.get("APPIMAGE"), os.environ.get("APPDIR")
    if image and mount and python.resolve().is_relative_to(Path(mount).resolve()):
        return (image,)  # what it is mounted as is gone after the session
    return (str(python),)


def _is_bundle() -> bool:
    return bool(getattr(sys, "frozen", False))


def _exec(command: Sequence[str]) -> bytes:
    """Return the line of a desktop entry that starts a command.

    What is special in a quoted word, or in a value, is escaped.
    """
    words = []
    for word in command:
        quoted = "".join(f"\\{sign}" if sign in '"`$\\' else sign for sign in word)
        words.append(f'"{quoted}"'.replace("%", "%%"))
    line = " ".join(words).replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return os.fsencode(f"Exec={line}")


def _entry(command: Sequence[str]) -> bytes:
    return (
        b"[Desktop Entry]\n"
        b"Type=Application\n"
        b"Name=PhotoSearch\n"
        b"Comment=Find your photos by what they show\n"
        b"%b\n"
        b"Icon=photosearch\n"
        b"Terminal=false\n"
        b"X-GNOME-Autostart-enabled=true\n"
    ) % _exec(command)


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
