"""Hands for the tests of the window: drop, press, wait until it has settled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gui.fake_library import FakeLibrary
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui.main_window import MainWindow
from photosearch.gui.naming.faces import LittleFaces
from photosearch.jobs import Lane, Runner

Make = Callable[..., MainWindow]


def shown(window: MainWindow) -> int:
    return window.page.model.rowCount()


def settled(qtbot: QtBot, window: MainWindow, rows: int) -> None:
    qtbot.waitUntil(lambda: shown(window) == rows and not window.indexer.running, timeout=10_000)


def drop(target: QWidget, mime: QMimeData) -> bool:
    """Drop something on a widget as the window system would; returns whether it was taken."""
    where = target.rect().center()
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(where), Qt.DropAction.CopyAction, mime, buttons, keys)
    enter.ignore()
    QApplication.sendEvent(target, enter)
    if not enter.isAccepted():
        return False
    event = QDropEvent(QPointF(where), Qt.DropAction.CopyAction, mime, buttons, keys)
    QApplication.sendEvent(target, event)
    return event.isAccepted()


def files(*paths: str) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(path) for path in paths])
    return mime


def searches(library: FakeLibrary) -> list[Any]:
    return [args[0] for verb, args in library.calls if verb == "search"]


def press(qtbot: QtBot, widget: QWidget, key: Qt.Key, *held: Qt.KeyboardModifier) -> None:
    qtbot.keyClick(widget, key, held[0] if held else Qt.KeyboardModifier.NoModifier)


def action(menu: QMenu, text: str) -> QAction:
    return next(found for found in menu.actions() if found.text() == text)


def calls(library: FakeLibrary, verb: str) -> list[tuple[Any, ...]]:
    return [args for called, args in library.calls if called == verb]


def choose_in_dialog(window: MainWindow, path: str) -> str:
    """Choose a path in the open dialog and return its title."""
    (dialog,) = (each for each in window.findChildren(QFileDialog) if each.isVisible())
    title = dialog.windowTitle()
    dialog.filesSelected.emit([path])
    dialog.fileSelected.emit(path)
    dialog.close()
    return title


def little_faces(library: FakeLibrary, runner: Runner) -> LittleFaces:
    return LittleFaces(runner.executor(Lane.THUMBS), library.face_thumbnail)
