"""What a value is set with: a switch, buttons in a row, a list, a number, a slider, a text.

Each shows a value without telling, and tells what was chosen; none knows where values go.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QWidget,
)

from photosearch.gui import theme
from photosearch.gui.people.bars import Segments
from photosearch.gui.settings.switch import Switch
from photosearch.gui.text import _, number

QUIET_MS = 400  # who turns a number is done when it rests so long
FIELD_PX = 240
MOST_SEGMENTS = 4
SLIDER_STEPS = 100


class SwitchControl(QWidget):
    """On or off."""

    chosen = Signal(object)

    def __init__(self, said: str, parent: QWidget | None = None):
        super().__init__(parent)
        self.switch = Switch(said, self)
        self.switch.toggled.connect(self.chosen.emit)
        _row(self).addWidget(self.switch)
        self.setFocusProxy(self.switch)

    def show_value(self, value: Any) -> None:
        """Show a value."""
        self.switch.show_on(bool(value))


class SegmentsControl(QWidget):
    """One of a few."""

    chosen = Signal(object)

    def __init__(self, said: str, choices: dict[str, str], parent: QWidget | None = None):
        super().__init__(parent)
        self._values = tuple(choices)
        self.segments = Segments(said, tuple(choices.values()), self)
        for at, words in enumerate(choices.values()):
            self.segments.button(at).setAccessibleName(f"{said}: {words}")
        self.segments.chosen.connect(self._on_chosen)
        _row(self).addWidget(self.segments)
        self.setFocusProxy(self.segments.button(0))

    def show_value(self, value: Any) -> None:
        """Show a value."""
        if value in self._values:
            self.segments.show_chosen(self._values.index(value))

    def _on_chosen(self, at: int) -> None:
        self.chosen.emit(self._values[at])


class ListControl(QWidget):
    """One of many."""

    chosen = Signal(object)

    def __init__(self, said: str, choices: dict[str, str], parent: QWidget | None = None):
        super().__init__(parent)
        self.box = QComboBox(self)
        self.box.setAccessibleName(said)
        self.box.view().setAccessibleName(said)
        self.box.setMinimumWidth(FIELD_PX)
        self.box.setMaxVisibleItems(14)
        for value, words in choices.items():
            self.box.addItem(words, value)
        self.box.activated.connect(self._on_activated)
        _calm(self.box)
        _row(self).addWidget(self.box)
        self.setFocusProxy(self.box)

    def show_value(self, value: Any) -> None:
        """Show a value, be it one that is not in the list."""
        at = self.box.findData(value)
        if at < 0:
            self.box.addItem(str(value), value)
            at = self.box.count() - 1
        self.box.setCurrentIndex(at)

    def _on_activated(self, at: int) -> None:
        self.chosen.emit(self.box.itemData(at))


class NumberControl(QWidget):
    """A number with its unit and limits."""

    chosen = Signal(object)

    def __init__(
        self,
        said: str,
        limits: tuple[float, float],
        *,
        whole: bool = True,
        unit: str = "",
        zero: str = "",
        parent: QWidget | None = None,
    ):
        super().__init__(parent)
        self._zero = bool(zero)
        self.box: QSpinBox | QDoubleSpinBox
        least, most = limits
        if whole:
            self.box = QSpinBox(self)
            self.box.setRange(int(least), int(most))
        else:
            self.box = QDoubleSpinBox(self)
            self.box.setRange(least, most)
            self.box.setSingleStep((most - least) / 20)
        self.box.setAccessibleName(said)
        self.box.setGroupSeparatorShown(True)
        self.box.setKeyboardTracking(True)
        self.box.lineEdit().setTextMargins(7, 0, 0, 0)  # a style sheet gives it no padding
        self.box.setMinimumWidth(120)
        if unit:
            self.box.setSuffix(f" {unit}")
        if zero:
            self.box.setSpecialValueText(zero)
        self._timer = QTimer(self, interval=QUIET_MS, singleShot=True)
        self._timer.timeout.connect(self._tell)
        self.box.valueChanged.connect(self._on_value_changed)
        self.box.editingFinished.connect(self._on_finished)
        _calm(self.box)
        _row(self).addWidget(self.box)
        self.setFocusProxy(self.box)

    def show_value(self, value: Any) -> None:
        """Show a value, unless a newer one is being typed."""
        if not self._timer.isActive() and value != self.box.value():
            with QSignalBlocker(self.box):
                self.box.setValue(value)

    def _on_value_changed(self, _value: float) -> None:
        self._timer.start()

    def _on_finished(self) -> None:
        if self._timer.isActive():
            self._timer.stop()
            self._tell()

    def _tell(self) -> None:
        self.chosen.emit(self.box.value())


class SliderControl(QWidget):
    """A number of a short range, where being about right is right."""

    chosen = Signal(object)

    def __init__(
        self,
        said: str,
        limits: tuple[float, float],
        *,
        whole: bool = True,
        unit: str = "",
        ends: tuple[str, str] = ("", ""),
        parent: QWidget | None = None,
    ):
        super().__init__(parent)
        self._least, self._most = limits
        self._whole, self._unit = whole, unit
        self._said = said
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(*((int(self._least), int(self._most)) if whole else (0, SLIDER_STEPS)))
        self.slider.setPageStep(max(1, (self.slider.maximum() - self.slider.minimum()) // 10))
        self.slider.setSingleStep(max(1, self.slider.pageStep() // 4))
        self.slider.setFixedWidth(150)
        _calm(self.slider)
        self.value = QLabel(self)
        self.value.setProperty("role", "quiet")
        room = self.fontMetrics().horizontalAdvance(self._words(self._most))
        self.value.setMinimumWidth(room + theme.XS)
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._timer = QTimer(self, interval=QUIET_MS, singleShot=True)
        self._timer.timeout.connect(self._tell)
        self.slider.valueChanged.connect(self._on_value_changed)
        row = _row(self)
        for part in (self._end(ends[0]), self.slider, self._end(ends[1]), self.value):
            if part is not None:
                row.addWidget(part)
        self.setFocusProxy(self.slider)
        self._show_words()

    def show_value(self, value: Any) -> None:
        """Show a value, unless the slider is on its way to a newer one."""
        if self._timer.isActive() or self.slider.isSliderDown():
            return
        with QSignalBlocker(self.slider):
            self.slider.setValue(self._step(float(value)))
        self._show_words()

    def _end(self, words: str) -> QLabel | None:
        if not words:
            return None
        label = QLabel(words, self)
        label.setProperty("role", "small")
        return label

    def _step(self, value: float) -> int:
        if self._whole:
            return round(value)
        return round((value - self._least) / (self._most - self._least) * SLIDER_STEPS)

    def _now(self) -> float:
        step = self.slider.value()
        if self._whole:
            return step
        return round(self._least + step / SLIDER_STEPS * (self._most - self._least), 4)

    def _words(self, value: float) -> str:
        said = number(value) if self._whole else number(value, 2)
        return f"{said} {self._unit}".strip()

    def _show_words(self) -> None:
        words = self._words(self._now())
        self.value.setText(words)
        self.slider.setAccessibleName(f"{self._said}: {words}")

    def _on_value_changed(self, _value: int) -> None:
        self._show_words()
        self._timer.start()

    def _tell(self) -> None:
        self.chosen.emit(self._now())


class TextControl(QWidget):
    """A text; one that names a folder has a button to choose it."""

    chosen = Signal(object)
    folderWanted = Signal(str)  # the one that is written now

    def __init__(
        self, said: str, empty: str = "", *, folder: bool = False, parent: QWidget | None = None
    ):
        super().__init__(parent)
        self._shown = ""
        self.field = QLineEdit(self)
        self.field.setAccessibleName(said)
        self.field.setPlaceholderText(empty)
        self.field.setMinimumWidth(FIELD_PX)
        self.field.editingFinished.connect(self._on_finished)
        row = _row(self)
        row.addWidget(self.field, 1)
        self.button: QPushButton | None = None
        if folder:
            self.button = QPushButton(_("Choose…"), self)
            self.button.setAccessibleName(f"{said}: {_('Choose…')}")
            self.button.clicked.connect(self._on_button)
            row.addWidget(self.button)
        self.setFocusProxy(self.field)

    def show_value(self, value: Any) -> None:
        """Show a value, unless another is being written."""
        before, self._shown = self._shown, str(value)
        if not self.field.isModified() or self.field.text().strip() in (before, self._shown):
            self.field.setText(self._shown)
            self.field.setCursorPosition(0)

    def choose(self, value: str) -> None:
        """Take a value from elsewhere, as if it had been written."""
        self.field.setText(value)
        self.field.setModified(False)
        self.chosen.emit(value)

    def _on_button(self) -> None:
        self.folderWanted.emit(self.field.text().strip())

    def _on_finished(self) -> None:
        written = self.field.text().strip()
        if self.field.isModified() and written != self._shown:
            self.chosen.emit(written)


Control = (
    SwitchControl | SegmentsControl | ListControl | NumberControl | SliderControl | TextControl
)


class _Calm(QObject):
    """Lets the wheel scroll the page, not turn a value that merely passes by."""

    def __init__(self, widget: QWidget):
        super().__init__(widget)
        self._widget = widget

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QWheelEvent) and not self._widget.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def _calm(widget: QWidget) -> None:
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # not WheelFocus
    widget.installEventFilter(_Calm(widget))


def _row(widget: QWidget) -> QHBoxLayout:
    row = QHBoxLayout(widget)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.S)
    return row
