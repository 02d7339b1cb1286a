"""The section of search models: presets, getting, licence, cost, switching, deleting, adding."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from gui.fake_library import FakeLibrary
from gui.models_driving import (
    BALANCED,
    BETTER,
    LARGE,
    LIGHT,
    OLD,
    RESEARCH,
    Hands,
    button,
    hands_on,
    library,
)
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from photosearch.errors import ModelError
from photosearch.gui.settings.models.cost import CostDialog
from photosearch.gui.settings.models.deleting import DeleteDialog
from photosearch.gui.settings.models.licence import LicenceDialog
from photosearch.gui.settings.models.presets import PresetCard
from photosearch.gui.settings.models.rows import Deed, PullState
from photosearch.types import Leftover, ModelKind, OfferState

__all__ = ["library"]
LEFT = Qt.MouseButton.LeftButton
# the offscreen platform says this of windows with a smallest size
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def hands(qtbot: QtBot, library: FakeLibrary) -> Iterator[Hands]:
    library.shelf.use(OLD)
    yield from hands_on(qtbot, library)


def card(hands: Hands, title: str) -> PresetCard:
    return next(each for each in hands.section.presets.cards if each.title.text() == title)


def test_the_model_in_use_is_shown_first_unless_another_was_asked_for(
    qtbot: QtBot,
    library: FakeLibrary,
) -> None:
    library.shelf.use(LIGHT)
    for hands in hands_on(qtbot, library):
        assert hands.section.details.title.text() == "OpenCLIP B/32"
        hands.section.choose(BETTER)
        hands.desk.refresh()
        hands.settle()
        assert hands.section.details.title.text() == "SigLIP 2 B/16"
        shown = [each.text() for each in hands.section.details.buttons.values() if each.isVisible()]
        assert shown == ["Get", "Get and use…"]


def test_without_a_model_the_recommended_one_is_shown_first(
    qtbot: QtBot,
    library: FakeLibrary,
) -> None:
    for hands in hands_on(qtbot, library):
        hands.settle()
        assert hands.section.details.title.text() == "SigLIP 2 B/32"


def test_the_model_in_use_is_named_at_the_top(hands: Hands, library: FakeLibrary) -> None:
    section = hands.section
    hands.until(section.used.isVisible)
    assert section.used.text() == f"In use: {hands.desk.row(OLD).offer.title}"
    assert section.used.y() < section.presets.y()
    library.shelf.use(LIGHT)
    hands.desk.refresh()
    hands.until(lambda: section.used.text() == "In use: OpenCLIP B/32")


# --- presets ----------------------------------------------------------------------


def test_presets_are_cards_and_the_recommended_one_says_why(hands: Hands) -> None:
    titles = [each.title.text() for each in hands.section.presets.cards]
    assert titles == ["Light", "Balanced", "Better", "Best", "Japanese", "Every language"]
    balanced = card(hands, "Balanced")
    assert balanced.mark.isVisible()
    assert balanced.reason.text().startswith("Fits this computer")
    assert "1.5 GB" in balanced.facts.text()
    assert "Apache-2.0" in balanced.facts.text()
    assert not card(hands, "Light").mark.isVisible()
    assert "research only" in card(hands, "Every language").facts.text()
    assert balanced.button.accessibleName() == "Use: Balanced"


def test_a_preset_is_downloaded_and_used_after_its_cost_was_shown(
    qtbot: QtBot, hands: Hands
) -> None:
    qtbot.mouseClick(card(hands, "Better").button, LEFT)
    dialog = hands.dialog(CostDialog)
    assert hands.calls("getting.get") == [], "nothing before it is agreed to"
    facts = dict(dialog.lines)
    assert facts["Download"] == "1.5 GB"
    assert facts["Photos to prepare"] == "8,000 photos"
    assert facts["Time"] == "about 5 min, estimated for this machine"
    assert "of 84.0 GB free" in facts["Disk"]
    said = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "Search goes on with CLIP B/32" in said
    qtbot.mouseClick(dialog.choose, LEFT)
    hands.until(lambda: hands.state(BETTER) is OfferState.COMING)
    assert hands.calls("getting.get") == [(BETTER,)]
    assert hands.calls("switching.choose") == [(BETTER,)]
    assert hands.state(OLD) is OfferState.IN_USE
    assert hands.chosen == [BETTER]


def test_a_cost_that_is_declined_costs_nothing(qtbot: QtBot, hands: Hands) -> None:
    qtbot.mouseClick(card(hands, "Better").button, LEFT)
    dialog = hands.dialog(CostDialog)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    hands.settle()
    assert hands.calls("getting.get") == []
    assert hands.calls("switching.choose") == []


def test_originals_and_drives_that_are_away_are_said_before(hands: Hands) -> None:
    hands.section.hands.do(Deed.GET_AND_USE, hands.row(LARGE))
    dialog = hands.dialog(CostDialog)
    assert "8,000 photos must be read anew" in dialog.warnings[0]
    assert "240 of them are on drives that are not plugged in" in dialog.warnings[1]
    dialog.reject()


# --- getting ----------------------------------------------------------------------


def test_a_download_shows_in_its_row_and_is_paused_and_resumed(qtbot: QtBot, hands: Hands) -> None:
    gate = hands.library.shelf.steps["get"] = threading.Event()
    hands.section.choose(BALANCED)
    qtbot.mouseClick(button(hands.section.details, "Get"), LEFT)
    hands.until(lambda: hands.row(BALANCED).progress is not None)
    hands.until(lambda: "25 %" in hands.section.details.progress.text())
    assert "12.4 MB/s" in hands.section.details.progress.text()
    assert card(hands, "Balanced").bar.value() == 250
    qtbot.mouseClick(button(hands.section.details, "Pause"), LEFT)
    hands.until(lambda: hands.state(BALANCED) is OfferState.PAUSED)
    assert not hands.desk.downloads.busy
    gate.set()
    qtbot.mouseClick(button(hands.section.details, "Resume"), LEFT)
    hands.until(lambda: hands.state(BALANCED) is OfferState.INSTALLED)
    assert len(hands.calls("getting.get")) == 2
    assert hands.calls("getting.discard") == []


def test_downloads_wait_for_one_another(hands: Hands) -> None:
    gate = hands.library.shelf.steps["get"] = threading.Event()
    for name in (BALANCED, BETTER, LIGHT):
        hands.desk.get(name)
    hands.until(lambda: hands.row(BALANCED).progress is not None)
    waiting = hands.desk.downloads.pull(BETTER)
    assert waiting is not None
    assert waiting.state is PullState.WAITING
    hands.desk.cancel(BETTER)  # before it began
    hands.until(lambda: hands.state(BETTER) is OfferState.AVAILABLE)
    gate.set()
    hands.until(lambda: hands.state(LIGHT) is OfferState.INSTALLED)
    assert hands.calls("getting.get") == [(BALANCED,), (LIGHT,)]


def test_a_download_that_is_cancelled_leaves_nothing(qtbot: QtBot, hands: Hands) -> None:
    hands.library.shelf.steps["get"] = threading.Event()
    hands.desk.get(BALANCED)
    hands.until(lambda: hands.row(BALANCED).progress is not None)
    hands.section.choose(BALANCED)
    qtbot.mouseClick(button(hands.section.details, "Cancel download"), LEFT)
    hands.until(lambda: hands.calls("getting.discard") == [(BALANCED,)])
    hands.until(lambda: hands.state(BALANCED) is OfferState.AVAILABLE)


def test_a_paused_download_of_an_earlier_day_is_given_up(hands: Hands) -> None:
    hands.library.shelf.change(BALANCED, state=OfferState.PAUSED, disk_bytes=5)
    hands.desk.refresh()
    hands.until(lambda: hands.state(BALANCED) is OfferState.PAUSED)
    hands.section.hands.do(Deed.CANCEL, hands.row(BALANCED))
    hands.until(lambda: hands.state(BALANCED) is OfferState.AVAILABLE)


def test_a_failure_is_a_sentence_in_the_row(hands: Hands) -> None:
    said = "The link to huggingface.co was cut. What is here is kept: try again."
    hands.library.shelf.problems[f"get:{BALANCED}"] = ModelError(said)
    hands.section.choose(BALANCED)
    hands.desk.get(BALANCED)
    hands.until(lambda: hands.section.details.problem.text() == said)
    assert hands.failures == [], "the row has said it"
    hands.library.shelf.problems.clear()
    button(hands.section.details, "Try again").click()
    hands.until(lambda: hands.state(BALANCED) is OfferState.INSTALLED)
    assert not hands.section.details.problem.isVisible()


def test_a_research_licence_is_accepted_once_before_the_download(
    qtbot: QtBot, hands: Hands
) -> None:
    hands.section.hands.do(Deed.GET, hands.row(RESEARCH))
    dialog = hands.dialog(LicenceDialog)
    assert not dialog.accept_button.isEnabled()
    links = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "creativecommons.org" in links
    qtbot.keyClick(dialog.tick, Qt.Key.Key_Space)
    qtbot.mouseClick(dialog.accept_button, LEFT)
    hands.until(lambda: hands.state(RESEARCH) is OfferState.INSTALLED)
    order = [verb for verb, _args in hands.library.calls if verb.startswith("getting.")]
    assert order == ["getting.accept", "getting.get"]
    hands.settle()
    hands.library.shelf.change(RESEARCH, state=OfferState.AVAILABLE, info=None)
    hands.desk.refresh()
    hands.until(lambda: hands.state(RESEARCH) is OfferState.AVAILABLE)
    hands.section.hands.do(Deed.GET, hands.row(RESEARCH))
    hands.until(lambda: hands.state(RESEARCH) is OfferState.INSTALLED)
    assert len(hands.calls("getting.accept")) == 1


def test_a_licence_that_is_declined_downloads_nothing(hands: Hands) -> None:
    hands.section.hands.do(Deed.GET, hands.row(RESEARCH))
    hands.dialog(LicenceDialog).reject()
    hands.settle()
    assert hands.calls("getting.get") == []


def test_a_damaged_model_is_repaired(hands: Hands) -> None:
    hands.library.shelf.install(LIGHT, OfferState.PROBLEM)
    hands.library.shelf.change(LIGHT, problem="The file visual/model.onnx is damaged.")
    hands.desk.refresh()
    hands.until(lambda: hands.state(LIGHT) is OfferState.PROBLEM)
    hands.section.choose(LIGHT)
    assert "damaged" in hands.section.details.problem.text()
    button(hands.section.details, "Repair").click()
    hands.until(lambda: hands.state(LIGHT) is OfferState.INSTALLED)
    assert hands.calls("getting.repair") == [(LIGHT,)]


# --- switching --------------------------------------------------------------------


def coming(hands: Hands) -> None:
    hands.library.shelf.install(BETTER)
    hands.desk.refresh()
    hands.until(lambda: hands.state(BETTER) is OfferState.INSTALLED)
    hands.desk.choose(BETTER)
    hands.until(hands.section.switching.isVisible)


def test_a_switch_is_a_banner_that_follows_it(hands: Hands) -> None:
    coming(hands)
    banner = hands.section.switching
    words = "Preparing SigLIP 2 B/16: 0 of 8,000, 6 min left; search still uses CLIP B/32"
    assert banner.label.text() == words
    switch = hands.library.shelf.switch
    assert switch is not None
    hands.library.shelf.switch = replace(switch, done=1204)
    hands.until(lambda: "1,204 of 8,000" in banner.label.text())
    assert banner.bar.value() == 1204
    banner.show_paused(True)
    assert banner.label.text().startswith("Preparing SigLIP 2 B/16: 1,204 of 8,000, paused;")
    assert banner.pause.text() == "Resume"


def test_one_can_switch_early_and_is_offered_to_delete_the_old_model(
    qtbot: QtBot, hands: Hands
) -> None:
    coming(hands)
    with qtbot.waitSignal(hands.watch.ended, timeout=5000) as ended:
        qtbot.mouseClick(hands.section.switching.now, LEFT)
    assert ended.args == [OLD]
    hands.until(lambda: hands.state(BETTER) is OfferState.IN_USE)
    assert not hands.section.switching.isVisible()
    hands.until(hands.section.leftover.isVisible)
    assert "CLIP B/32 is no longer used" in hands.section.leftover.label.text()
    assert "618.2 MB" in hands.section.leftover.label.text()
    qtbot.mouseClick(hands.section.leftover.delete_button, LEFT)
    dialog = hands.dialog(DeleteDialog)
    assert dialog.delete_button.text() == "Delete and free 618.2 MB"
    qtbot.mouseClick(dialog.vectors, LEFT)
    assert dialog.delete_button.text() == "Delete and free 610.0 MB"
    qtbot.mouseClick(dialog.delete_button, LEFT)
    hands.until(lambda: hands.state(OLD) is OfferState.AVAILABLE)
    assert hands.calls("switching.delete") == [(OLD, True, False)]


def test_going_back_keeps_the_old_model(qtbot: QtBot, hands: Hands) -> None:
    coming(hands)
    with qtbot.assertNotEmitted(hands.watch.ended):
        qtbot.mouseClick(hands.section.switching.back, LEFT)
        hands.until(lambda: hands.state(BETTER) is OfferState.INSTALLED)
        hands.settle()
    assert hands.state(OLD) is OfferState.IN_USE
    assert not hands.section.switching.isVisible()


def test_the_offer_to_delete_can_be_dismissed(qtbot: QtBot, hands: Hands) -> None:
    hands.library.shelf.leftovers = [Leftover(LIGHT, ModelKind.SEARCH, 10, 10, 10)]
    hands.desk.refresh()
    hands.until(hands.section.leftover.isVisible)
    qtbot.mouseClick(hands.section.leftover.close_button, LEFT)
    hands.desk.refresh()
    hands.settle()
    assert not hands.section.leftover.isVisible()


def test_a_model_that_knows_all_photos_is_used_at_once(hands: Hands) -> None:
    hands.library.shelf.install(LIGHT)
    hands.library.shelf.change(LIGHT, vectors=8000)
    hands.desk.refresh()
    hands.until(lambda: hands.state(LIGHT) is OfferState.INSTALLED)
    hands.section.hands.do(Deed.USE, hands.row(LIGHT))
    hands.until(lambda: hands.state(LIGHT) is OfferState.IN_USE)
    assert hands.library.shelf.switch is None


# --- measuring, adding, filtering -------------------------------------------------


def test_measuring_shows_what_was_found_and_can_be_stopped(hands: Hands) -> None:
    gate = hands.library.shelf.steps["measure"] = threading.Event()
    hands.section.choose(OLD)
    button(hands.section.details, "Measure").click()
    hands.until(lambda: hands.row(OLD).work == "Measuring 1 of 3…")
    button(hands.section.details, "Stop").click()
    hands.until(lambda: not hands.row(OLD).work)
    gate.set()
    button(hands.section.details, "Measure").click()
    hands.until(lambda: "int8 on CPU" in hands.section.details.measured.text())
    assert "0.991" in hands.section.details.measured.text()
    assert "94 %" in hands.section.details.measured.text()


@pytest.mark.parametrize(("zipped", "path"), [(False, "/m/my-clip"), (True, "/m/my-clip.zip")])
def test_a_model_comes_from_a_folder_or_a_zip(hands: Hands, zipped: bool, path: str) -> None:
    dialog = hands.section.adder.ask(zipped=zipped)
    assert isinstance(dialog, QFileDialog)
    assert ("leave it there" in dialog.windowTitle()) == (not zipped)
    dialog.fileSelected.emit(path)
    dialog.close()
    assert hands.section.adding.isVisible()
    hands.until(lambda: hands.desk.row("my-clip") is not None)
    hands.until(lambda: not hands.section.adding.isVisible())
    hands.section.choose("my-clip")
    hands.until(lambda: hands.section.details.title.text() == "my-clip")
    assert "of your own" in hands.section.details.sentence.text()
    assert "when its folder is moved" in hands.section.details.sentence.text()


def test_what_is_no_model_is_refused_with_a_sentence(hands: Hands) -> None:
    hands.section.adder.add("/m/holiday")
    hands.until(lambda: "visual/model.onnx is missing" in hands.section.adding.label.text())
    button(hands.section.adding, "Dismiss").click()
    assert not hands.section.adding.isVisible()


def test_ones_own_model_is_taken_off_the_list_only_after_a_question(hands: Hands) -> None:
    hands.library.shelf.own("my-clip")
    hands.desk.refresh()
    hands.until(lambda: hands.desk.row("my-clip") is not None)
    hands.section.hands.do(Deed.FORGET, hands.row("my-clip"))
    box = hands.dialog(QMessageBox)
    assert "files stay" in box.informativeText()
    button(box, "Remove").click()
    hands.until(lambda: hands.desk.row("my-clip") is None)


def test_the_filter_counts_and_says_when_nothing_is_left(qtbot: QtBot, hands: Hands) -> None:
    section = hands.section
    assert section.count.text() == "13 models"
    qtbot.keyClicks(section.filters.field, "siglip 384")
    assert section.count.text() == "2 of 13"
    qtbot.keyClicks(section.filters.field, " zzz")
    assert section.nothing.isVisible()
    assert not section.details.isVisible()
    section.filters.clear()
    assert section.count.text() == "13 models"
    qtbot.mouseClick(section.filters.free, LEFT)
    assert section.count.text() == "12 of 13"


def test_the_language_of_quality_is_chosen_above_the_table(hands: Hands) -> None:
    section = hands.section
    languages = section.filters.language
    languages.setCurrentIndex(languages.findData("ja"))
    assert section.model.language == "ja"
    section.choose(BETTER)
    assert section.details.recall.text().index("Japanese") < section.details.recall.text().index(
        "English"
    )
    section.filters.knows.click()
    assert "XLM-R B/32" in [
        section.table.proxy.index(at, 0).data() for at in range(section.table.proxy.rowCount())
    ]
    assert section.table.proxy.rowCount() < 13


def test_without_a_catalogue_a_model_can_still_be_brought(qtbot: QtBot) -> None:
    empty = FakeLibrary(5, with_model=False)
    for hands in hands_on(qtbot, empty):
        assert not hands.section.presets.isVisible()
        assert "from a folder" in hands.section.nothing.text()
        assert not hands.section.filters.isVisible()
        hands.section.adder.add("/m/my-clip")
        hands.until(lambda hands=hands: hands.section.table.proxy.rowCount() == 1)


# --- faces ------------------------------------------------------------------------


def test_face_packs_have_a_table_of_their_own(qtbot: QtBot, library: FakeLibrary) -> None:
    library.shelf.use("buffalo_l")
    for hands in hands_on(qtbot, library, ModelKind.FACES):
        section = hands.section
        assert section.count.text() == "3 models"
        assert not section.presets.isVisible()
        assert not section.try_button.isVisible()
        section.hands.do(Deed.GET, hands.row("yunet-sface"))  # free: no licence to accept
        hands.until(lambda hands=hands: hands.state("yunet-sface") is OfferState.INSTALLED)
        section.hands.do(Deed.USE, hands.row("yunet-sface"))
        box = hands.dialog(QMessageBox)
        assert "names you gave stay" in box.informativeText()
        button(box, "Use").click()
        hands.until(lambda hands=hands: hands.state("yunet-sface") is OfferState.IN_USE)
        assert hands.calls("use_model") == [("yunet-sface",)]
