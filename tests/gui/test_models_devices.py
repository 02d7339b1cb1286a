"""The section of devices: list, choice, trying, what runs, the machine's speed, the GPU pack."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from gui.fake_devices import CPU, CRASHES, CUDA, OPENVINO, WORKS
from gui.fake_library import FakeLibrary
from gui.models_driving import SOON, button
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from photosearch.errors import ModelError
from photosearch.gui.settings.devices import wording
from photosearch.gui.settings.devices.desk import DeviceDesk
from photosearch.gui.settings.devices.section import DevicesSection
from photosearch.jobs import Runner
from photosearch.types import Calibration, DeviceReport, RuntimeReport

LEFT = Qt.MouseButton.LeftButton
# the offscreen platform says this of windows with a smallest size
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@dataclass
class Hands:
    qtbot: QtBot
    library: FakeLibrary
    desk: DeviceDesk
    section: DevicesSection
    failures: list[Exception]

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=SOON)

    def read(self) -> None:
        self.desk.refresh()
        self.until(lambda: not self.desk._runner.jobs)

    def verdicts(self) -> list[str]:
        return [row.verdict.text() for row in self.section.list.rows if row.isVisible()]


@pytest.fixture
def hands(qtbot: QtBot) -> Iterator[Hands]:
    library = FakeLibrary()
    library.forbidden_thread = threading.get_ident()
    devices = library.devices
    devices.reports = [
        DeviceReport(CUDA), DeviceReport(OPENVINO), DeviceReport(CPU, in_use=True)
    ]  # fmt: skip
    devices.verdicts |= {"cuda": CRASHES, "openvino": WORKS}
    runner = Runner()
    desk = DeviceDesk(library, runner)  # type: ignore[arg-type]  # a fake
    section = DevicesSection(desk)
    qtbot.addWidget(section)
    section.resize(700, 700)
    section.show()
    made = Hands(qtbot, library, desk, section, [])
    desk.failed.connect(made.failures.append)
    made.read()
    yield made
    for gate in library.shelf.steps.values():
        gate.set()
    assert runner.shutdown(10)
    assert library.trespasses == []


def test_devices_are_listed_with_their_own_names(hands: Hands) -> None:
    rows = hands.section.list.rows
    assert [row.radio.text() for row in rows] == [
        "Choose automatically", "NVIDIA GeForce RTX 3060", "Intel Iris Xe Graphics",
        "AMD Ryzen 7 7800X3D",
    ]  # fmt: skip
    assert rows[1].kind.text() == "CUDA  ·  driver 550.54.14"
    assert "Now: AMD Ryzen" in rows[0].verdict.text()
    assert [row.mark.isVisible() for row in rows] == [False, False, False, True]
    assert hands.verdicts()[1:] == ["Not tried yet"] * 3


def test_all_are_tried_one_after_another_and_a_broken_driver_is_said(
    qtbot: QtBot, hands: Hands
) -> None:
    gate = hands.library.shelf.steps["try_all"] = threading.Event()
    qtbot.mouseClick(hands.section.list.button, LEFT)
    hands.until(lambda: "crash" in hands.verdicts()[1])
    assert hands.verdicts()[2:] == ["Being tried…"] * 2
    assert hands.section.list.bar.value() == 1
    assert hands.section.list.button.text() == "Stop"
    gate.set()
    hands.until(lambda: hands.section.list.button.text() == "Try all devices")
    hands.until(lambda: not hands.desk._runner.jobs)
    assert "14 of 812 steps ran on the processor instead" in hands.verdicts()[2]
    assert "runs the whole model" in hands.verdicts()[3]
    broken = hands.section.list.rows[1]
    assert broken.verdict.property("role") == "warn"
    assert not broken.radio.isEnabled()


def test_trying_can_be_stopped(hands: Hands) -> None:
    hands.library.shelf.steps["try_all"] = threading.Event()
    hands.section.list.button.click()
    hands.until(lambda: hands.section.list.bar.value() == 1)
    hands.section.list.button.click()
    hands.until(lambda: not hands.section.list.bar.isVisible())
    assert hands.verdicts()[2] == "Not tried yet"


def test_a_device_is_chosen_by_hand(qtbot: QtBot, hands: Hands) -> None:
    devices = hands.section.list
    hands.section.show_choice("auto")
    assert devices.rows[0].radio.isChecked()
    devices.rows[0].radio.setFocus()
    with qtbot.waitSignal(hands.section.chosen) as asked:
        qtbot.mouseClick(devices.rows[2].radio, LEFT, pos=devices.rows[2].radio.rect().center())
    assert asked.args == ["openvino"]
    hands.read()
    assert devices.rows[2].radio.isChecked()
    with qtbot.waitSignal(hands.section.chosen) as asked:
        devices.rows[2].radio.setFocus()
        qtbot.keyClick(devices.rows[2].radio, Qt.Key.Key_Up)
        qtbot.keyClick(devices.rows[1].radio, Qt.Key.Key_Space)
    assert asked.args == ["cuda"]


def test_a_choice_of_the_environment_cannot_be_changed_here(hands: Hands) -> None:
    hands.section.show_choice("cpu", "The environment variable X decides this.")
    devices = hands.section.list
    assert devices.note.text() == "The environment variable X decides this."
    assert not any(row.radio.isEnabled() for row in devices.rows)
    assert devices.rows[3].radio.isChecked()


def test_what_really_runs_is_said_with_its_notices(hands: Hands) -> None:
    card = hands.section.running
    assert card.running.text() == "Models run on: Processor  ·  runs the whole model"
    assert "ONNX Runtime 1.23.2 (onnxruntime), installed with PhotoSearch" in card.runtime.text()
    assert not card.notices.isVisible()
    report = RuntimeReport("1.23", "onnxruntime-gpu", "GPU pack in /g", notices=("Falls back.",))
    hands.library.devices.running = report
    hands.read()
    assert card.running.text() == "No model has run since PhotoSearch started."
    assert "GPU pack in /g" in card.runtime.text()
    assert card.notices.text() == "Falls back."


def test_the_machine_is_measured(qtbot: QtBot, hands: Hands) -> None:
    card = hands.section.running
    assert "not been measured" in card.calibration.text()
    gate = hands.library.shelf.steps["calibrate"] = threading.Event()
    qtbot.mouseClick(card.button, LEFT)
    assert card.calibration.text().startswith("Measuring")
    assert not card.button.isEnabled()
    gate.set()
    hands.until(lambda: "210 GFLOP/s fp32, 640 int8" in card.calibration.text())
    assert card.button.text() == "Measure again"
    assert wording.calibration(Calibration("GPU", 9000, 0, 18000)).endswith("18,000 fp16")


# --- the GPU pack -----------------------------------------------------------------


def test_the_pack_is_installed_with_progress_and_removed(qtbot: QtBot, hands: Hands) -> None:
    card = hands.section.pack
    gate = hands.library.shelf.steps["install"] = threading.Event()
    qtbot.mouseClick(button(card, "Install (2.3 GB)"), LEFT)
    hands.until(lambda: "770.0 MB of 2.3 GB" in card.progress.text())
    assert card.bar.value() == 333
    assert not card.install.isVisible()
    gate.set()
    hands.until(card.remove.isVisible)
    assert "3.9 GB in /home/anna" in card.said.text()
    qtbot.mouseClick(card.remove, LEFT)
    hands.until(card.install.isVisible)
    assert ("devices.remove_gpu_pack", ()) in hands.library.calls


def test_installing_can_be_cancelled(hands: Hands) -> None:
    hands.library.shelf.steps["install"] = threading.Event()
    card = hands.section.pack
    card.install.click()
    hands.until(lambda: "770.0 MB" in card.progress.text())
    card.stop.click()
    hands.until(card.install.isVisible)
    assert not card.bar.isVisible()
    assert hands.failures == []


def test_the_pack_comes_from_a_folder_and_a_refusal_is_a_sentence(hands: Hands) -> None:
    said = "The folder /w has no wheel of onnxruntime-gpu."
    hands.library.shelf.problems["install:/w"] = ModelError(said)
    card = hands.section.pack
    dialog = card.ask_folder()
    dialog.fileSelected.emit("/w")
    dialog.close()
    hands.until(lambda: card.problem.isVisible() and card.problem.text() == said)
    assert ("devices.install_gpu_pack", ("/w",)) in hands.library.calls


def test_no_pack_where_this_system_cannot_have_one(hands: Hands) -> None:
    hands.library.devices.pack = replace(hands.library.devices.pack, supported=False)
    hands.read()
    assert not hands.section.pack.isVisible()
