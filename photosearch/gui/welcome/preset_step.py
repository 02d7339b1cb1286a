"""The second step: a search model, by presets in plain words with size, speed and licence."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import theme
from photosearch.gui.settings.models.desk import ModelDesk
from photosearch.gui.settings.models.presets import facts
from photosearch.gui.settings.models.rows import Row
from photosearch.gui.settings.models.shelf import Shelf
from photosearch.gui.text import _
from photosearch.gui.told import told
from photosearch.types import ModelKind, Preset


class Choice(QFrame):
    """One preset to choose; a click anywhere on it chooses it."""

    def __init__(self, preset: Preset, row: Row, parent: QWidget):
        super().__init__(parent)
        self.setObjectName("choice")
        self.row = row
        title = told(preset.title)
        self.radio = QRadioButton(title, self)
        self.radio.setProperty("role", "strong")
        said = facts(row)
        name = _("{preset}, recommended").format(preset=title) if preset.recommended else title
        self.radio.setAccessibleName(name)
        self.radio.setAccessibleDescription(f"{told(preset.sentence)} {said}")
        self.radio.toggled.connect(self._on_toggled)
        head = QHBoxLayout()
        head.setSpacing(theme.S)
        head.addWidget(self.radio)
        if preset.recommended:
            mark = QLabel(_("Recommended"), self)
            mark.setObjectName("pill")
            head.addWidget(mark)
        head.addStretch(1)
        self.facts = _label(said, "small", self)
        head.addWidget(self.facts)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.M + 2, theme.S, theme.M + 2, theme.S)
        column.setSpacing(2)
        column.addLayout(head)
        self.words = _label(told(preset.sentence), "quiet", self, wrapped=True)
        self.words.setContentsMargins(24, 0, 0, 0)  # below the title, not below the circle
        column.addWidget(self.words)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.radio.setChecked(True)
        self.radio.setFocus(Qt.FocusReason.MouseFocusReason)
        event.accept()

    def _on_toggled(self, on: bool) -> None:
        self.setProperty("chosen", on)
        self.style().unpolish(self)
        self.style().polish(self)


class PresetStep(QWidget):
    """The presets, the recommended one chosen; nothing while the models are still read."""

    changed = Signal()

    def __init__(self, desk: ModelDesk, parent: QWidget | None = None):
        super().__init__(parent)
        self._desk = desk
        self.choices: list[Choice] = []
        self._group = QButtonGroup(self)
        self.said = _label(_("Looking for what suits this computer…"), "quiet", self, wrapped=True)
        self._inner = QWidget(self)
        self._inner.setObjectName("settingsColumn")
        self._column = QVBoxLayout(self._inner)
        self._column.setContentsMargins(1, 1, theme.S, 1)
        self._column.setSpacing(theme.S)
        self.area = QScrollArea(self)
        self.area.setObjectName("welcomeArea")
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(self._inner)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self.said)
        column.addWidget(self.area, 1)
        desk.seen.connect(self._on_seen)
        if desk.read:
            self._on_seen(desk.shelf)
        else:
            desk.refresh()

    @property
    def chosen(self) -> Row | None:
        """The row of the model that is chosen."""
        return next((each.row for each in self.choices if each.radio.isChecked()), None)

    @property
    def complete(self) -> bool:
        """Whether a model was chosen, or is there already."""
        return self.chosen is not None or self._desk.shelf.in_use(ModelKind.SEARCH) is not None

    def take_focus(self) -> None:
        """Bring the keyboard to the chosen preset."""
        for each in self.choices:
            if each.radio.isChecked():
                each.radio.setFocus()

    def _on_seen(self, shelf: Shelf) -> None:
        """Make the choices once: what is read again later does not take a choice back."""
        if self.choices:
            return
        if shelf.in_use(ModelKind.SEARCH) is not None:
            self.said.setText(_("A search model is in use already."))
            self.changed.emit()
            return
        for preset in shelf.presets:
            row = self._desk.row(preset.model)
            if row is not None:
                self._add(preset, row)
        self._column.addStretch(1)
        self.said.setVisible(not self.choices)
        self.said.setText(_("The list of models is empty."))
        if self.isVisible():
            self.take_focus()
        self.changed.emit()

    def _add(self, preset: Preset, row: Row) -> None:
        choice = Choice(preset, row, self._inner)
        self._group.addButton(choice.radio)
        choice.radio.toggled.connect(self.changed)
        choice.radio.installEventFilter(self)
        choice.radio.setChecked(preset.recommended)
        self.choices.append(choice)
        self._column.addWidget(choice)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn:
            for each in self.choices:
                if each.radio is watched:
                    self.area.ensureWidgetVisible(each, 0, theme.S)
        return super().eventFilter(watched, event)


def _label(text: str, role: str, parent: QWidget, *, wrapped: bool = False) -> QLabel:
    label = QLabel(text, parent)
    label.setProperty("role", role)
    label.setWordWrap(wrapped)
    return label
