"""The welcome over the window: folders, a search model, start.

Skipping a step leaves out what it chooses; closing leaves out everything. What was chosen is a
plan, which others carry out.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import icons, theme
from photosearch.gui.settings.models.desk import ModelDesk
from photosearch.gui.text import _, number
from photosearch.gui.welcome.folders_step import FoldersStep
from photosearch.gui.welcome.plan import Plan
from photosearch.gui.welcome.preset_step import PresetStep
from photosearch.gui.welcome.start_step import StartStep

SIZE = QSize(680, 540)
LOGO_PX = 56
Step = FoldersStep | PresetStep | StartStep


class WelcomeDialog(QDialog):
    """Three steps; `plan` is what was chosen, nothing unless the last one was confirmed."""

    def __init__(self, desk: ModelDesk, parent: QWidget):
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("welcome")
        self.setWindowTitle(_("Welcome"))
        self._skipped: set[Step] = set()
        self.folders = FoldersStep(self)
        self.presets = PresetStep(desk, self)
        self.last = StartStep(self)
        self._heads: dict[Step, tuple[str, str]] = {
            self.folders: (
                _("Welcome to PhotoSearch"),
                _("Which folders hold your photos? They are looked at on this computer only, and"
                  " never changed."),
            ),
            self.presets: (
                _("Find photos by what they show"),
                _("For that PhotoSearch needs a search model. It is downloaded once; your photos"
                  " stay on this computer."),
            ),
            self.last: (
                _("Ready to start"),
                _("You can change all of this in the settings."),
            ),
        }  # fmt: skip
        self._make_head()
        self.steps = QStackedWidget(self)
        for step in self._heads:
            self.steps.addWidget(step)
        self.skip = self._button("", self._on_skip)
        self.skip.setProperty("role", "link")
        self.back = self._button(_("Back"), self._on_back)
        self.next = self._button("", self._on_next)
        self.next.setProperty("role", "primary")
        self.next.setDefault(True)
        self._lay_out()
        for part in (self.folders, self.presets):
            part.changed.connect(self._refresh)
        self.resize(SIZE.boundedTo(self.screen().availableSize() * 0.9))
        self._go_to(0)

    @property
    def plan(self) -> Plan:
        """What is to be done."""
        if self.result() != QDialog.DialogCode.Accepted:
            return Plan()
        row = None if self.presets in self._skipped else self.presets.chosen
        return Plan(
            () if self.folders in self._skipped else self.folders.chosen,
            row.name if row is not None else "",
            self.last.background.isChecked(),
            self.last.autostart.isChecked(),
        )

    @property
    def step(self) -> Step:
        """The step that is shown."""
        return tuple(self._heads)[self.steps.currentIndex()]

    # --- putting together -----------------------------------------------------

    def _make_head(self) -> None:
        self._logo = QLabel(self)
        self._logo.setPixmap(icons.app_pixmap(LOGO_PX, self.devicePixelRatioF()))
        self.title, self.sentence, self.where = QLabel(self), QLabel(self), QLabel(self)
        self.title.setProperty("role", "title")
        self.sentence.setProperty("role", "quiet")
        self.sentence.setWordWrap(True)
        self.where.setProperty("role", "small")

    def _button(self, words: str, deed: Callable[[], object]) -> QPushButton:
        button = QPushButton(words, self)
        button.setAutoDefault(False)
        button.clicked.connect(deed)
        return button

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(theme.XS)
        words.addWidget(self.title)
        words.addWidget(self.sentence)
        head = QHBoxLayout()
        head.setSpacing(theme.L - 4)
        head.addWidget(self._logo, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        foot = QHBoxLayout()
        foot.setSpacing(theme.S)
        foot.addWidget(self.where)
        foot.addStretch(1)
        for button in (self.skip, self.back, self.next):
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.XL - 4, theme.XL - 4, theme.XL - 4, theme.L)
        column.setSpacing(theme.L)
        column.addLayout(head)
        column.addWidget(self.steps, 1)
        column.addLayout(foot)

    # --- going through --------------------------------------------------------

    def _go_to(self, at: int) -> None:
        self.steps.setCurrentIndex(at)
        step = self.step
        self._skipped.discard(step)
        if step is self.last:
            row = None if self.presets in self._skipped else self.presets.chosen
            folders = () if self.folders in self._skipped else self.folders.chosen
            self.last.show_chosen(folders, row)
        self.title.setText(self._heads[step][0])
        self.sentence.setText(self._heads[step][1])
        self.setAccessibleName(self._heads[step][0])
        self.setAccessibleDescription(self._heads[step][1])
        self._refresh()
        if isinstance(step, StartStep):
            self.next.setFocus()
        else:
            step.take_focus()

    def _refresh(self) -> None:
        """Show which ways there are from here."""
        at, count = self.steps.currentIndex(), self.steps.count()
        last = at == count - 1
        self.where.setText(_("Step {n} of {count}").format(n=number(at + 1), count=number(count)))
        self.back.setVisible(at > 0)
        self.skip.setText(_("Not now") if last else _("Skip"))
        self.next.setText(_("Start") if last else _("Next"))
        self.next.setEnabled(self.step.complete)

    def _on_back(self) -> None:
        self._go_to(self.steps.currentIndex() - 1)

    def _on_skip(self) -> None:
        if self.step is self.last:
            self.reject()
            return
        self._skipped.add(self.step)
        self._go_to(self.steps.currentIndex() + 1)

    def _on_next(self) -> None:
        if self.step is self.last:
            self.accept()
        else:
            self._go_to(self.steps.currentIndex() + 1)
