"""Whether words have the room they take."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

SETTLING = 40  # looks, until layouts within layouts know their heights


def cut(root: QWidget, heights: bool) -> list[str]:
    """Return the words in a window that have less room than they take, lines included."""
    found = []
    for each in root.findChildren(QWidget):
        if not each.isVisibleTo(root) or each.visibleRegion().isEmpty():
            continue
        if isinstance(each, QAbstractButton) and each.text():
            short = each.width() < each.fontMetrics().horizontalAdvance(plain(each.text()))
        elif isinstance(each, QLabel) and each.text():
            short = is_short(each, heights)
        else:
            continue
        if short:
            found.append(f"{type(each).__name__} {each.text()!r} {each.size().toTuple()}")
    return found


def left_cut(qtbot: QtBot, root: QWidget, heights: bool) -> list[str]:
    """Return what is cut when the layouts have settled."""
    for _look in range(SETTLING):
        if not cut(root, heights):
            return []
        qtbot.wait(50)
    return cut(root, heights)


def plain(text: str) -> str:
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")


def is_short(label: QLabel, heights: bool) -> bool:
    if label.wordWrap():
        return heights and label.height() < label.heightForWidth(label.width()) - 1
    if label.textFormat() == Qt.TextFormat.RichText or "<" in label.text():
        return False
    lines = label.text().split("\n")
    return label.width() < max(map(label.fontMetrics().horizontalAdvance, lines))
