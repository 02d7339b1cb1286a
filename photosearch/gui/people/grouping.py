"""The small panel that sets how alike faces must be to be one person, and groups them anew."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import theme
from photosearch.gui.text import _, number, plural
from photosearch.types import GroupReport, Progress

PANEL_PX = 320
STEPS = 20
QUIET_MS = 400  # after the last move of the slider


class GroupingPanel(QFrame):
    """A slider from loose to strict, how the grouping goes, and what came of it."""

    strictnessWanted = Signal(float)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popover")
        self.setFixedWidth(PANEL_PX)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(0, STEPS)
        self.slider.setPageStep(2)
        self.slider.setAccessibleName(_("Strictness"))
        self._quiet = QTimer(self, interval=QUIET_MS, singleShot=True)
        self._quiet.timeout.connect(self._on_quiet)
        self._shown = -1
        self._report: GroupReport | None = None
        self._away = 0
        self.slider.valueChanged.connect(self._on_moved)
        self.slider.sliderReleased.connect(self._on_moved)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        self.said = QLabel(self)
        self.said.setProperty("role", "small")
        self.said.setWordWrap(True)
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.bar.hide()
        self._lay_out()

    def _lay_out(self) -> None:
        title = QLabel(_("Grouping of faces"), self)
        title.setProperty("role", "strong")
        text = QLabel(
            _("How alike must faces be to count as one person? Your names stay as they are."), self
        )
        text.setProperty("role", "quiet")
        text.setWordWrap(True)
        ends = QHBoxLayout()
        for words_, side in (
            (_("Loose: fewer groups"), Qt.AlignmentFlag.AlignLeft),
            (_("Strict: purer groups"), Qt.AlignmentFlag.AlignRight),
        ):
            label = QLabel(words_, self)
            label.setProperty("role", "small")
            label.setWordWrap(True)
            label.setAlignment(side | Qt.AlignmentFlag.AlignTop)
            ends.addWidget(label, 1)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.L - 4, theme.L, theme.L - 4)
        column.setSpacing(theme.S)
        column.addWidget(title)
        column.addWidget(text)
        column.addSpacing(theme.XS)
        column.addWidget(self.slider)
        column.addLayout(ends)
        column.addWidget(self.bar)
        column.addWidget(self.said)

    def open_below(self, button: QWidget, strictness: float) -> None:
        """Open below a button, flush with its right edge."""
        if not self._quiet.isActive():
            self._shown = round(strictness * STEPS)
            self.slider.setValue(self._shown)
        self.ensurePolished()
        self.resize(self.width(), self._column.totalHeightForWidth(self.width()))
        where = button.mapToGlobal(QPoint(button.width() - self.width(), button.height() + 4))
        room = button.screen().availableGeometry()
        where.setX(max(room.left() + 4, min(where.x(), room.right() - self.width() - 4)))
        self.move(where)
        self.show()
        self.slider.setFocus(Qt.FocusReason.PopupFocusReason)

    def show_working(self, working: bool) -> None:
        """Show whether faces are being grouped."""
        self.bar.setRange(0, 0)
        self.bar.setVisible(working)
        if working:
            self.said.setText(_("Grouping…"))

    def show_progress(self, progress: Progress) -> None:
        """Show how far it is."""
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)

    def show_report(self, report: GroupReport) -> None:
        """Say what came of it."""
        self._report = report
        self._tell()

    def show_away(self, count: int) -> None:
        """Learn how many of the people are hidden or strangers, whom the page does not count."""
        self._away = count
        if self.bar.isHidden():
            self._tell()

    def _tell(self) -> None:
        report = self._report
        if report is None:
            return
        count = report.people + report.groups
        said = plural(
            "{assigned} of {faces} faces belong to {n} person.",
            "{assigned} of {faces} faces belong to {n} people.",
            count,
        )
        if self._away:
            said = plural(
                "{assigned} of {faces} faces belong to {n} person; {away} of them hidden.",
                "{assigned} of {faces} faces belong to {n} people; {away} of them hidden.",
                count,
            )
        self.said.setText(
            said.format(
                assigned=number(report.assigned),
                faces=number(report.faces),
                away=number(self._away),
            )
        )

    def _on_moved(self) -> None:
        if self.slider.value() != self._shown and not self.slider.isSliderDown():
            self._quiet.start()

    def _on_quiet(self) -> None:
        self._shown = self.slider.value()
        self.strictnessWanted.emit(self._shown / STEPS)
