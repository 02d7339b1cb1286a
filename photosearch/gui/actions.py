"""What one can do with a photo outside the program: open it, show it, copy it.

Knows the systems' ways; never touches the photo itself.
"""

from __future__ import annotations

import ntpath
import os
import sys
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QMimeData, QObject, QProcess, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication

from photosearch.gui.grid import file_url
from photosearch.gui.text import _, shown, typed
from photosearch.jobs import Lane, Runner

DBUS_TIMEOUT_MS = 3000


class Desktop(QObject):
    """Hands files to the file manager, to other programs and to the clipboard."""

    failed = Signal(str)

    def __init__(self, runner: Runner, parent: QObject | None = None):
        super().__init__(parent)
        self._runner = runner

    def open(self, paths: Sequence[str]) -> None:
        """Open files with their default programs."""
        for path in paths:
            if not QDesktopServices.openUrl(file_url(path)):
                self.failed.emit(
                    _("No program could be found to open {name}.").format(
                        name=shown(os.path.basename(path))
                    )
                )

    def open_one(self, path: str) -> None:
        """Open one file with its default program."""
        self.open([path])

    def reveal(self, path: str) -> None:
        """Show a file in the file manager, selected where the system can do that."""
        if sys.platform == "win32":
            process: Any = QProcess()  # what comes next only Windows has, and only its Qt tells
            process.setProgram("explorer.exe")
            process.setNativeArguments(for_explorer(path))
            process.startDetached()
        elif sys.platform == "darwin":
            QProcess.startDetached("open", ["-R", path])
        else:
            self._runner.run(
                Lane.INTERACTIVE, show_by_dbus, path, on_success=self._on_dbus_answered
            )

    def copy_files(self, paths: Sequence[str]) -> None:
        """Put files on the clipboard, for file managers and, as text, for all others."""
        mime = QMimeData()
        urls = [file_url(path) for path in paths]
        mime.setUrls(urls)
        mime.setText("\n".join(typed(path) for path in paths))
        listed = b"\n".join(bytes(url.toEncoded().data()) for url in urls)
        mime.setData("x-special/gnome-copied-files", b"copy\n" + listed)
        QGuiApplication.clipboard().setMimeData(mime)

    def copy_paths(self, paths: Sequence[str]) -> None:
        """Put paths on the clipboard: as text, and as URLs, which are exact for any name."""
        mime = QMimeData()
        mime.setUrls([file_url(path) for path in paths])
        mime.setText("\n".join(typed(path) for path in paths))
        QGuiApplication.clipboard().setMimeData(mime)

    def _on_dbus_answered(self, unshown: str) -> None:
        if unshown and not QDesktopServices.openUrl(file_url(os.path.dirname(unshown) or "/")):
            self.failed.emit(_("No file manager could be found."))


def for_explorer(path: str) -> str:
    """Return what asks Explorer to select a file; it takes its words in quotes of its own kind.

    No name on Windows has a quote in it: one that comes from elsewhere must not end the word.
    """
    clean = ntpath.normpath(path).replace('"', "")
    return f'/select,"{clean}"'


def as_uri(path: str) -> str:
    """Return a file's URL with everything quoted that any reader could take for something else."""
    return bytes(file_url(path).toEncoded().data()).decode("ascii")


def show_by_dbus(path: str) -> str:
    """Ask the desktop's file manager to select a file; returns the path if it could not."""
    from PySide6.QtDBus import QDBusConnection, QDBusMessage

    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        return path
    message = QDBusMessage.createMethodCall(
        "org.freedesktop.FileManager1",
        "/org/freedesktop/FileManager1",
        "org.freedesktop.FileManager1",
        "ShowItems",
    )
    message.setArguments([[as_uri(path)], ""])
    reply = bus.call(message, timeout=DBUS_TIMEOUT_MS)
    return path if reply.type() == QDBusMessage.MessageType.ErrorMessage else ""
