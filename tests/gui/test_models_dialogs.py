"""Trying models side by side, and converting one of open_clip."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from gui.fake_library import FakeLibrary
from gui.models_driving import BALANCED, LIGHT, OLD, Hands, button, hands_on, library
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from photosearch.errors import ModelError
from photosearch.gui.settings.models.conversion import ConversionDialog, legal
from photosearch.gui.settings.models.cost import CostDialog
from photosearch.gui.settings.models.trial import TrialDialog
from photosearch.gui.settings.models.trial_results import ResultTiles
from photosearch.types import Conversion, TrialResult

__all__ = ["library"]
LEFT = Qt.MouseButton.LeftButton
# the offscreen platform says this of windows with a smallest size
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def hands(qtbot: QtBot, library: FakeLibrary) -> Iterator[Hands]:
    library.shelf.use(OLD)
    library.shelf.install(LIGHT)
    library.shelf.install(BALANCED)
    yield from hands_on(qtbot, library)


def trial(hands: Hands, first: str = LIGHT) -> TrialDialog:
    hands.section.hands.try_out(first)
    return hands.dialog(TrialDialog)


# --- trying -----------------------------------------------------------------------


def test_the_model_in_use_and_the_chosen_one_answer_side_by_side(
    qtbot: QtBot, hands: Hands
) -> None:
    hands.section.choose(LIGHT)
    button(hands.section.details, "Compare…").click()
    dialog = hands.dialog(TrialDialog)
    assert f"{dialog.windowTitle()}…" == hands.section.try_button.text(), "one thing, one name"
    assert set(dialog.names()) == {OLD, LIGHT}
    assert not dialog.go.isEnabled()
    assert dialog.focusWidget() is dialog.field
    qtbot.keyClicks(dialog.field, "a dog")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    hands.until(lambda: len(dialog.columns) == 2)
    assert hands.calls("trials.run") == [((OLD, LIGHT), "a dog")]
    first, second = dialog.columns
    assert first.facts.text() == "96 photos/s  ·  12 ms for the question"
    assert second.facts.text() == "48 photos/s  ·  21 ms for the question"
    assert "“a dog” among 200 photos" in dialog.said.text()
    tiles = first.tiles
    hands.until(lambda: tiles.index(0).data(Qt.ItemDataRole.DecorationRole) is not None)
    hands.until(lambda: "IMG_" in tiles.index(0).data(Qt.ItemDataRole.AccessibleTextRole))
    assert not first.button.isEnabled(), "it is in use"
    qtbot.mouseClick(second.button, LEFT)
    assert not dialog.isVisible()
    hands.dialog(CostDialog).reject()


def test_results_keep_to_the_rules_of_qt(hands: Hands, qtmodeltester: ModelTester) -> None:
    dialog = trial(hands)
    result = TrialResult(OLD, tuple(range(30)), (0.3,) * 30, 9.0, 12.0)
    qtmodeltester.check(ResultTiles(result, dialog.thumbs), force_py=True)
    dialog.reject()


def test_two_or_three_models_are_tried(qtbot: QtBot, hands: Hands) -> None:
    dialog = trial(hands)
    qtbot.keyClicks(dialog.field, "a dog")
    dialog.ticks[LIGHT].setChecked(False)
    assert not dialog.go.isEnabled()
    assert dialog.said.text() == "Choose two or three models."
    dialog.ticks[LIGHT].setChecked(True)
    dialog.ticks[BALANCED].setChecked(True)
    dialog.go.click()
    hands.until(lambda: len(dialog.columns) == 3)
    dialog.reject()


def test_a_trial_can_be_stopped(qtbot: QtBot, hands: Hands) -> None:
    hands.library.shelf.steps["trial"] = threading.Event()
    dialog = trial(hands)
    qtbot.keyClicks(dialog.field, "a dog")
    dialog.go.click()
    hands.until(lambda: "photo 100 of 200" in dialog.said.text())
    assert dialog.bar.isVisible()
    assert dialog.go.text() == "Stop"
    dialog.go.click()
    hands.until(lambda: dialog.said.text() == "Stopped.")
    assert dialog.columns == []
    dialog.go.click()
    hands.until(dialog.bar.isVisible)
    dialog.reject()  # what is under way ends with the dialog
    hands.settle()


def test_why_a_trial_failed_is_said(qtbot: QtBot, hands: Hands) -> None:
    hands.library.shelf.problems[f"trial:{OLD}"] = ModelError("The files of CLIP B/32 are gone.")
    dialog = trial(hands)
    qtbot.keyClicks(dialog.field, "a dog")
    dialog.go.click()
    hands.until(lambda: dialog.said.text() == "The files of CLIP B/32 are gone.")
    dialog.reject()


# --- converting -------------------------------------------------------------------


def conversion(hands: Hands) -> ConversionDialog:
    hands.section.hands.convert()
    return hands.dialog(ConversionDialog)


def test_without_the_extra_there_is_one_sentence(hands: Hands) -> None:
    hands.library.converting.missing = "Install open_clip with: pip install .[openclip]"
    dialog = conversion(hands)
    hands.until(lambda: "pip install" in dialog.said.text())
    assert not dialog.form.isVisible()
    assert not dialog.convert.isVisible()
    assert dialog.said.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
    button(dialog, "Close").click()
    assert not dialog.isVisible()


def test_a_published_model_is_converted(qtbot: QtBot, hands: Hands) -> None:
    dialog = conversion(hands)
    hands.until(dialog.form.isEnabled)
    assert dialog.tag.count() == 0, "no architecture is chosen"
    qtbot.keyClicks(dialog.architecture.lineEdit(), "ViT-B-32")
    hands.until(lambda: dialog.tag.count() == 3)
    dialog.tag.setCurrentText("laion2b_s34b_b79k")
    assert dialog.name.text() == "ViT-B-32__laion2b_s34b_b79k"
    gate = hands.library.shelf.steps["convert"] = threading.Event()
    dialog.convert.click()
    hands.until(lambda: "Exporting  ·  image tower" in dialog.note.text())
    assert dialog.bar.value() == 2
    assert not dialog.form.isEnabled()
    gate.set()
    hands.gone(dialog)
    asked = Conversion("ViT-B-32__laion2b_s34b_b79k", "ViT-B-32", "laion2b_s34b_b79k")
    assert hands.calls("converting.convert") == [(asked,)]
    hands.until(lambda: hands.desk.row(asked.name) is not None)


def test_ones_own_training_is_converted_from_its_file(hands: Hands) -> None:
    dialog = conversion(hands)
    hands.until(dialog.form.isEnabled)
    dialog.architecture.setCurrentText("ViT-B-16")
    dialog.own.setChecked(True)
    assert not dialog.convert.isEnabled(), "no file yet"
    dialog.browse.click()
    (files,) = dialog.findChildren(QFileDialog)
    files.fileSelected.emit("/home/anna/my training.pt")
    files.close()
    assert dialog.name.text() == "ViT-B-16__my-training"
    dialog.name.selectAll()
    dialog.name.insert("anna")
    dialog.name.textEdited.emit("anna")
    dialog.checkpoint.setText("/home/anna/other.pt")
    assert dialog.name.text() == "anna", "what was typed stays"
    dialog.convert.click()
    hands.gone(dialog)
    asked = Conversion("anna", "ViT-B-16", checkpoint="/home/anna/other.pt")
    assert hands.calls("converting.convert") == [(asked,)]


def test_what_went_wrong_stays_in_the_dialog(hands: Hands) -> None:
    said = "The exported model is not like open_clip's: cosine 0.97. Nothing was added."
    hands.library.shelf.problems["convert:ViT-B-16__x"] = ModelError(said)
    dialog = conversion(hands)
    hands.until(dialog.form.isEnabled)
    dialog.architecture.setCurrentText("ViT-B-16")
    dialog.own.setChecked(True)
    dialog.checkpoint.setText("/home/anna/x.pt")
    dialog.convert.click()
    hands.until(lambda: dialog.note.text() == said)
    assert dialog.note.property("role") == "warn"
    assert dialog.convert.isEnabled()
    dialog.reject()


@pytest.mark.parametrize(
    ("typed", "made"),
    [("a b", "a-b"), ("..x/..\\y", "x-..-y"), ("ViT-B-16__x", "ViT-B-16__x"), ("ü 1", "ü-1")],
)
def test_names_can_be_those_of_folders(typed: str, made: str) -> None:
    assert legal(typed) == made
