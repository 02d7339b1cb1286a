"""One setting as a row: what it is called and does, its value, and where that comes from.

Knows one declared setting; values come from and go to the desk.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import theme
from photosearch.gui.settings import matching, words
from photosearch.gui.settings.controls import (
    MOST_SEGMENTS,
    Control,
    ListControl,
    NumberControl,
    SegmentsControl,
    SliderControl,
    SwitchControl,
    TextControl,
)
from photosearch.gui.settings.desk import SettingsDesk, Value
from photosearch.gui.text import _
from photosearch.settings.schema import Declared

WIDE_PX = 520  # a narrower row has its control below the words
SHORT_RANGE = 400  # whole numbers of a longer range are typed


class SettingRow(QWidget):
    """Words at one side, the control at the other; below it what is to be said."""

    folderWanted = Signal(str, str)  # key, where to begin

    def __init__(self, setting: Declared, desk: SettingsDesk, parent: QWidget | None = None):
        super().__init__(parent)
        self.setting, self._desk = setting, desk
        self._stacked = False
        self.title = _label("strong", words.title(setting), self)
        self.badge = _label("badge", "", self)
        self.description = _label("quiet", words.description(setting), self, wrapped=True)
        self.note = _label("small", "", self, wrapped=True)
        self.note.hide()
        self.control = control_of(setting, self)
        self.control.chosen.connect(self._on_chosen)
        if isinstance(self.control, TextControl):
            self.control.folderWanted.connect(self._on_folder_wanted)
        self.reset = QPushButton(_("Reset"), self)
        self.reset.setProperty("role", "link")
        self.reset.clicked.connect(self._on_reset)
        default = words.said_value(setting, setting.default)
        self.reset.setToolTip(_("Back to the default: {value}").format(value=default))
        self.reset.setAccessibleName(_("Reset {title}").format(title=self.title.text()))
        self._texts, self._side = QVBoxLayout(), QHBoxLayout()
        self._grid = QGridLayout(self)
        self._build()
        desk.changed.connect(self._on_changed)
        desk.refused.connect(self._on_refused)
        self.refresh()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.S)
        head.addWidget(self.title)
        head.addWidget(self.badge)
        head.addStretch(1)
        self._texts.setSpacing(3)
        self._texts.addLayout(head)
        self._texts.addWidget(self.description)
        self._texts.addWidget(self.note)
        self._side.setSpacing(theme.XS)
        self._side.addWidget(self.reset)
        self._side.addWidget(self.control)
        self._grid.setContentsMargins(theme.L - 4, theme.M, theme.L - 4, theme.M)
        self._grid.setHorizontalSpacing(theme.L)
        self._grid.setVerticalSpacing(theme.S)
        self._lay_out()

    def _lay_out(self) -> None:
        self._grid.removeItem(self._texts)
        self._grid.removeItem(self._side)
        self._grid.addLayout(self._texts, 0, 0)
        if self._stacked:
            self._grid.addLayout(self._side, 1, 0, Qt.AlignmentFlag.AlignLeft)
        else:
            self._grid.addLayout(
                self._side, 0, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            )
        self._side.setDirection(
            QHBoxLayout.Direction.RightToLeft
            if self._stacked
            else QHBoxLayout.Direction.LeftToRight
        )
        self._grid.setColumnStretch(0, 1)

    # --- what it shows --------------------------------------------------------

    def found(self, terms: tuple[str, ...], more: str = "") -> bool:
        """Say whether the row is meant by some terms; `more`: words of its section."""
        values = " ".join(words.choices(self.setting).values())
        if len(words.choices(self.setting)) > MOST_SEGMENTS + 4:
            values = ""  # a long list would be found by everything
        texts = (self.title.text(), self.description.text(), self.setting.key, values, more)
        return matching.matches(terms, *texts)

    def refresh(self) -> None:
        """Show the value as it is now."""
        now = self._desk.value(self.setting.key)
        self.control.show_value(now.value)
        self._show_source(now)
        self._show_note(now)

    def _show_source(self, now: Value) -> None:
        self.badge.setText(words.source(now.source))
        self.badge.setToolTip(words.source_tip(self.setting, now.source))
        self.badge.setAccessibleName(self.badge.toolTip())
        quiet = now.source == "default"
        if self.badge.property("quiet") != quiet:
            self.badge.setProperty("quiet", quiet)
            self.badge.style().polish(self.badge)
        locked = bool(words.locked(self.setting, now.source))
        self.control.setEnabled(not locked)
        differs = now.source == "file" and now.value != self.setting.default
        if self.reset.hasFocus() and not differs:
            self.control.setFocus(Qt.FocusReason.OtherFocusReason)
        self.reset.setVisible(differs)

    def _show_note(self, now: Value) -> None:
        off = words.missing(self.setting.key) if now.value is False else ""
        locked = words.locked(self.setting, now.source)
        self._say(" ".join(part for part in (locked, off) if part))

    def _say(self, sentence: str, wrong: bool = False) -> None:
        self.note.setText(sentence)
        role = "wrong" if wrong else "small"
        if self.note.property("role") != role:
            self.note.setProperty("role", role)
            self.note.style().polish(self.note)
        self.note.setVisible(bool(sentence))
        self.control.setAccessibleDescription(f"{self.description.text()} {sentence}".strip())

    # --- what happens ---------------------------------------------------------

    def choose(self, value: str) -> None:
        """Take a value from elsewhere, such as a dialog."""
        if isinstance(self.control, TextControl):
            self.control.choose(value)

    def _on_chosen(self, value: Any) -> None:
        self._desk.set(self.setting.key, value)

    def _on_reset(self) -> None:
        self._desk.reset(self.setting.key)

    def _on_changed(self, key: str) -> None:
        if key == self.setting.key:
            self.refresh()

    def _on_refused(self, key: str, sentence: str) -> None:
        if key == self.setting.key:
            if not isinstance(self.control, TextControl):  # a text stays, to be mended
                self.refresh()
            self._say(sentence, wrong=True)

    def _on_folder_wanted(self, now: str) -> None:
        self.folderWanted.emit(self.setting.key, now)

    def minimumSizeHint(self) -> QSize:
        """No wider than with the control below the words, so that a narrower page gets there."""
        least = super().minimumSizeHint()
        if not isinstance(self.control, SwitchControl):
            margins = self._grid.contentsMargins()
            wide = max(self._texts.minimumSize().width(), self._side.minimumSize().width())
            least.setWidth(wide + margins.left() + margins.right())
        return least

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        need = self.control.sizeHint().width() + self.reset.sizeHint().width()
        stacked = self.width() < max(WIDE_PX, need + 240)
        if isinstance(self.control, SwitchControl):
            stacked = False
        if stacked != self._stacked:
            self._stacked = stacked
            self._lay_out()


def control_of(setting: Declared, parent: QWidget) -> Control:
    """Return what a setting of this kind is set with."""
    said, choices = words.title(setting), words.choices(setting)
    if setting.kind is bool:
        return SwitchControl(said, parent)
    if choices:
        few = len(choices) <= MOST_SEGMENTS and bool(setting.choices)
        return (SegmentsControl if few else ListControl)(said, choices, parent)
    if setting.kind is str:
        folder = setting.key in words.FOLDERS
        return TextControl(said, words.empty(setting), folder=folder, parent=parent)
    whole = setting.kind is int
    least, most = words.limits(setting)
    zero, unit = words.zero(setting), setting.unit
    if not zero and not setting.expert and most - least <= SHORT_RANGE:
        ends = words.ends(setting)
        return SliderControl(said, (least, most), whole=whole, unit=unit, ends=ends, parent=parent)
    return NumberControl(said, (least, most), whole=whole, unit=unit, zero=zero, parent=parent)


def _label(role: str, text: str, parent: QWidget, *, wrapped: bool = False) -> QLabel:
    label = QLabel(text, parent)
    label.setProperty("role", role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if wrapped:
        label.setWordWrap(True)
        label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return label
