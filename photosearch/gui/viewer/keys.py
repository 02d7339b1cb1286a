"""What the keys of the viewer do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from photosearch.gui.viewer.canvas import STEP

if TYPE_CHECKING:
    from photosearch.gui.viewer.viewer import Viewer

PANS = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
}  # fmt: skip

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


def pressed(viewer: Viewer, event: QKeyEvent) -> bool:
    """Do what a key says in the viewer; return whether it says anything there."""
    key, held = event.key(), event.modifiers()
    control = bool(held & Qt.KeyboardModifier.ControlModifier)
    shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
    pans = key in PANS and (control or shift or key in (Qt.Key.Key_Up, Qt.Key.Key_Down))
    actions = _actions(viewer)
    if pans and not viewer.canvas.fits:
        viewer.canvas.pan(*PANS[Qt.Key(key)])
    elif asked := undo_or_redo(event):
        desk = viewer.faces.desk
        (desk.redo if asked == "redo" else desk.undo)()
    elif control and key == Qt.Key.Key_C:
        viewer.copy(path=shift)
    elif control and shift and key == Qt.Key.Key_F:
        viewer.find_similar()
    elif shift and key == Qt.Key.Key_Space:
        viewer.go_previous()
    elif key in actions:
        actions[Qt.Key(key)]()
    else:
        return False
    return True


def _actions(viewer: Viewer) -> dict[Qt.Key, Callable[[], object]]:
    canvas = viewer.canvas
    return {
        Qt.Key.Key_Left: viewer.go_previous,
        Qt.Key.Key_Right: viewer.go_next,
        Qt.Key.Key_PageUp: viewer.go_previous,
        Qt.Key.Key_PageDown: viewer.go_next,
        Qt.Key.Key_Space: viewer.go_next,
        Qt.Key.Key_Backspace: viewer.close_viewer,
        Qt.Key.Key_Home: viewer.go_first,
        Qt.Key.Key_End: viewer.go_last,
        Qt.Key.Key_Escape: viewer.close_viewer,
        Qt.Key.Key_I: lambda: viewer.show_info(viewer.info.isHidden()),
        Qt.Key.Key_F: viewer.toggle_favourite,
        Qt.Key.Key_S: viewer.find_similar,
        Qt.Key.Key_Z: viewer.toggle_zoom,
        Qt.Key.Key_B: viewer.faces.toggle_all,
        Qt.Key.Key_A: viewer.faces.start_drawing,
        Qt.Key.Key_0: canvas.fit,
        Qt.Key.Key_1: canvas.actual_size,
        Qt.Key.Key_Plus: lambda: canvas.zoom_by(STEP),
        Qt.Key.Key_Equal: lambda: canvas.zoom_by(STEP),
        Qt.Key.Key_Minus: lambda: canvas.zoom_by(1 / STEP),
    }
