"""Wheel steps become short glides of a scroll bar; touchpads move it directly."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QObject, QPropertyAnimation
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QScrollBar

STEP_PX = 110  # for one notch of a wheel
GLIDE_MS = 160


class Glide(QObject):
    """Moves one scroll bar."""

    def __init__(self, bar: QScrollBar, parent: QObject) -> None:
        super().__init__(parent)
        self._bar = bar
        self._goal = 0
        self._motion = QPropertyAnimation(bar, b"value", self)
        self._motion.setDuration(GLIDE_MS)
        self._motion.setEasingCurve(QEasingCurve.Type.OutCubic)

    def wheel(self, event: QWheelEvent) -> None:
        """Follow a wheel event without Ctrl."""
        pixels = event.pixelDelta().y()
        if pixels:
            self.stop()
            self._bar.setValue(self._bar.value() - pixels)
        else:
            self.by(round(-event.angleDelta().y() / 120 * STEP_PX))
        event.accept()

    def by(self, pixels: int) -> None:
        """Glide by a distance, adding to a glide that is under way."""
        gliding = self._motion.state() == QPropertyAnimation.State.Running
        start = self._goal if gliding else self._bar.value()
        self._goal = min(self._bar.maximum(), max(self._bar.minimum(), start + pixels))
        self._motion.stop()
        self._motion.setStartValue(self._bar.value())
        self._motion.setEndValue(self._goal)
        self._motion.start()

    def stop(self) -> None:
        """Stay where it is."""
        self._motion.stop()
