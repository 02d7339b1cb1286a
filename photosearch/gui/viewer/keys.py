"""Which keys of the viewer take back and say again, on whatever platform."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

_CONTROL = Qt.KeyboardModifier.ControlModifier
_REDO = (  # beside what the platform calls redo
    QKeyCombination(_CONTROL | Qt.KeyboardModifier.ShiftModifier, Qt.Key.Key_Z),
    QKeyCombination(_CONTROL, Qt.Key.Key_Y),
)


def undo_or_redo(event: QKeyEvent) -> Literal["undo", "redo", ""]:
    """Return what a key asks for, if it is one of these."""
    if event.matches(QKeySequence.StandardKey.Redo) or event.keyCombination() in _REDO:
        return "redo"
    return "undo" if event.matches(QKeySequence.StandardKey.Undo) else ""
