"""The section of devices: the list, what really runs, the machine's speed, the GPU pack."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from photosearch.gui import theme
from photosearch.gui.settings.devices import wording
from photosearch.gui.settings.devices.desk import Bench, DeviceDesk
from photosearch.gui.settings.devices.device_list import DeviceList
from photosearch.gui.settings.devices.gpu_card import GpuCard
from photosearch.gui.text import _
from photosearch.gui.told import told
from photosearch.types import DeviceReport


class RunningCard(QFrame):
    """What models really run on, with which runtime, and how fast this machine is."""

    measureWanted = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("card")
        self.running = _wrapped("strong", self)
        self.runtime = _wrapped("quiet", self)
        self.notices = _wrapped("warn", self)
        self.calibration = _wrapped("quiet", self)
        self.button = QPushButton(_("Measure again"), self)
        self.button.setProperty("role", "link")
        self.button.clicked.connect(self.measureWanted)
        row = QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(self.calibration, 1)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L - 4, theme.M, theme.L - 4, theme.M)
        column.setSpacing(theme.XS + 2)
        for widget in (self.running, self.runtime, self.notices):
            column.addWidget(widget)
        column.addLayout(row)

    def show_bench(self, bench: Bench) -> None:
        """Show what is known."""
        runtime = bench.runtime
        self.running.setText(wording.running(runtime) if runtime is not None else "")
        self.runtime.setText(wording.runtime(runtime) if runtime is not None else "")
        notices = "\n".join(map(told, runtime.notices)) if runtime is not None else ""
        self.notices.setText(notices)
        self.notices.setVisible(bool(notices))
        self.calibration.setText(wording.calibration(bench.calibration))
        self.button.setText(_("Measure again") if bench.calibration else _("Measure"))

    def show_measuring(self, measuring: bool) -> None:
        """Show that the machine's speed is being measured."""
        self.button.setEnabled(not measuring)
        if measuring:
            self.calibration.setText(_("Measuring how fast this machine is…"))


class DevicesSection(QWidget):
    """Stands alone: it takes a desk and needs nothing of the page it is put into."""

    chosen = Signal(str)  # id of a device, or "auto"

    def __init__(self, desk: DeviceDesk, parent: QWidget | None = None):
        super().__init__(parent)
        self._desk = desk
        self.list = DeviceList(self)
        self.running = RunningCard(self)
        self.pack = GpuCard(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        for widget in (self.list, self.running, self.pack):
            column.addWidget(widget)
        desk.seen.connect(self._on_seen)
        desk.trying.connect(self._on_trying)
        desk.tried.connect(self._on_tried)
        desk.calibrating.connect(self.running.show_measuring)
        desk.packProgressed.connect(self.pack.show_progress)
        desk.packRefused.connect(self.pack.show_refused)
        desk.packEnded.connect(self.pack.end)
        self.list.chosen.connect(self.chosen)
        self.list.tryWanted.connect(desk.try_all)
        self.list.stopWanted.connect(self._on_stop)
        self.running.measureWanted.connect(desk.calibrate)
        self.pack.installWanted.connect(desk.install_pack)
        self.pack.removeWanted.connect(desk.remove_pack)
        self.pack.stopWanted.connect(self._on_pack_stop)

    def show_choice(self, wanted: str, locked: str = "") -> None:
        """Show which device is chosen; `locked` says why it cannot be changed here."""
        self.list.show_choice(wanted, locked)

    def _on_seen(self, bench: Bench) -> None:
        self.list.show_devices(bench.devices)
        self.running.show_bench(bench)
        if self._desk.busy("calibrate"):
            self.running.show_measuring(True)
        self.pack.show_pack(bench.pack)

    def _on_trying(self, report: DeviceReport | None) -> None:
        if report is None:
            self.list.show_trying(True)
        else:
            self.list.show_tried(report)

    def _on_tried(self) -> None:
        self.list.show_trying(False)

    def _on_stop(self) -> None:
        self._desk.stop("try")

    def _on_pack_stop(self) -> None:
        self._desk.stop("pack")


def _wrapped(role: str, parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setProperty("role", role)
    label.setWordWrap(True)
    return label
