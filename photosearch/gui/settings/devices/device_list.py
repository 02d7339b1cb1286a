"""The devices as rows: name, verdict, a mark at the one in use, and a choice."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import theme
from photosearch.gui.settings.devices import wording
from photosearch.gui.text import _, number
from photosearch.types import DeviceReport

AUTO = "auto"


class DeviceRow(QFrame):
    """One device, or the automatic choice."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.id = ""
        self.radio = QRadioButton(self)
        self.kind = _label("small", self)
        self.verdict = _label("quiet", self)
        self.mark = QLabel(_("In use"), self)
        self.mark.setObjectName("pill")
        head = QHBoxLayout()
        head.setSpacing(theme.S)
        head.addWidget(self.radio)
        head.addWidget(self.mark)
        head.addStretch(1)
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.L - 4, theme.S + 2, theme.L - 4, theme.S + 2)
        grid.setHorizontalSpacing(0)
        grid.setVerticalSpacing(2)
        grid.setColumnMinimumWidth(0, 26)
        grid.setColumnStretch(1, 1)
        grid.addLayout(head, 0, 0, 1, 2)
        grid.addWidget(self.kind, 1, 1)
        grid.addWidget(self.verdict, 2, 1)

    def show_auto(self, chosen: str) -> None:
        """Show the automatic choice; `chosen` is what it came to."""
        self.id = AUTO
        self.radio.setText(_("Choose automatically"))
        said = _("Takes a graphics card where one works, else the processor.")
        if chosen:
            said += " " + _("Now: {device}.").format(device=chosen)
        self.kind.hide()
        self.mark.hide()
        _say(self.verdict, said, "quiet")
        self.radio.setAccessibleDescription(said)

    def show_device(self, report: DeviceReport, trying: bool) -> None:
        """Show a device."""
        self.id = report.device.id
        title = wording.name(report.device)
        self.radio.setText(title.replace("&", "&&"))
        self.kind.setText(wording.kind(report.device))
        self.kind.show()
        self.mark.setVisible(report.in_use)
        broken = report.verdict is not None and not report.verdict.works and not trying
        said = wording.verdict(report, trying)
        _say(self.verdict, said, "warn" if broken else "quiet")
        self.radio.setEnabled(not broken or self.radio.isChecked())
        self.radio.setAccessibleDescription(f"{self.kind.text()}. {said}")


class DeviceList(QFrame):
    """All devices; choosing one by hand, and trying them all."""

    chosen = Signal(str)  # id, or "auto"
    tryWanted = Signal()
    stopWanted = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("card")
        self.rows: list[DeviceRow] = []
        self._lines: list[QFrame] = []
        self._devices: tuple[DeviceReport, ...] = ()
        self._wanted = AUTO
        self._locked = ""
        self._trying = False
        self._known: set[str] = set()  # found out in the trial that is under way
        self._group = QButtonGroup(self)
        self._group.buttonClicked.connect(self._on_clicked)
        self.button = QPushButton(_("Try all devices"), self)
        self.button.clicked.connect(self._on_button)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(140)
        self.bar.setAccessibleName(_("Devices tried"))
        self.note = _label("small", self)
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        foot = QHBoxLayout()
        foot.setContentsMargins(theme.L - 4, theme.S, theme.L - 4, theme.S + 2)
        foot.setSpacing(theme.M)
        foot.addWidget(self.button)
        foot.addWidget(self.bar)
        foot.addWidget(self.note, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, theme.XS, 1, theme.XS)
        whole.setSpacing(0)
        whole.addLayout(self._column)
        whole.addWidget(_line(self))
        whole.addLayout(foot)
        self._refresh()

    def show_devices(self, devices: Sequence[DeviceReport]) -> None:
        """Show these."""
        self._devices = tuple(devices)
        self._refresh()

    def show_choice(self, wanted: str, locked: str = "") -> None:
        """Show what is chosen; `locked` says why it cannot be changed here."""
        self._wanted, self._locked = wanted, locked
        self._refresh()

    def show_trying(self, trying: bool) -> None:
        """Show that devices are tried, or no longer."""
        self._trying = trying
        self._known.clear()
        self._refresh()

    def show_tried(self, report: DeviceReport) -> None:
        """Show what was found out of one device while the others are tried."""
        self._known.add(report.device.id)
        self._devices = tuple(
            report if each.device.id == report.device.id else each for each in self._devices
        )
        self._refresh()

    def _refresh(self) -> None:
        count = len(self._devices) + 1
        while len(self.rows) < count:
            if self.rows:
                self._lines.append(_line(self))
                self._column.addWidget(self._lines[-1])
            row = DeviceRow(self)
            self.rows.append(row)
            self._group.addButton(row.radio)
            self._column.addWidget(row)
        for at, row in enumerate(self.rows):
            row.setVisible(at < count)
            if at:
                self._lines[at - 1].setVisible(at < count)
        used = next((each.device for each in self._devices if each.in_use), None)
        self.rows[0].show_auto(wording.name(used) if used is not None else "")
        for row, report in zip(self.rows[1:], self._devices, strict=False):
            row.show_device(report, self._trying and report.device.id not in self._known)
        for row in self.rows[:count]:
            row.radio.setChecked(row.id == self._wanted)
            if self._locked:
                row.radio.setEnabled(False)
        self.button.setText(_("Stop") if self._trying else _("Try all devices"))
        self.bar.setVisible(self._trying)
        self.bar.setRange(0, max(1, len(self._devices)))
        self.bar.setValue(len(self._known))
        said = _("Each is tried in a process of its own: a bad driver cannot end PhotoSearch.")
        if self._trying:
            said = _("{done} of {total}").format(
                done=number(len(self._known)), total=number(len(self._devices))
            )
        self.note.setText(self._locked or said)

    def _on_clicked(self, radio: QRadioButton) -> None:
        row = next(row for row in self.rows if row.radio is radio)
        self._wanted = row.id
        self.chosen.emit(row.id)

    def _on_button(self) -> None:
        if self._trying:
            self.stopWanted.emit()
        else:
            self.tryWanted.emit()


def _label(role: str, parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setProperty("role", role)
    label.setWordWrap(True)
    return label


def _say(label: QLabel, words: str, role: str) -> None:
    label.setText(words)
    if label.property("role") != role:
        label.setProperty("role", role)
        label.style().unpolish(label)
        label.style().polish(label)


def _line(parent: QWidget) -> QFrame:
    line = QFrame(parent)
    line.setObjectName("cardLine")
    line.setFixedHeight(1)
    return line
