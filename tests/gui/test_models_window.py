"""Models and devices in the whole window: ways in, the settings they change, the status line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from gui.driving import Make, action, settled
from gui.fake_library import FakeLibrary
from gui.models_driving import BETTER, LIGHT, OLD, SOON
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui.main_window import MainWindow
from photosearch.gui.settings.models.cost import CostDialog
from photosearch.gui.settings.models.rows import Deed
from photosearch.types import ModelKind, OfferState, Progress, Stage, Switch

LEFT = Qt.MouseButton.LeftButton
# the offscreen platform says this of windows with a smallest size
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def library() -> FakeLibrary:
    made = FakeLibrary(40, with_model=False)
    made.shelf.stock()
    made.shelf.use(OLD)
    return made


def opened(qtbot: QtBot, make: Make, library: FakeLibrary) -> MainWindow:
    window = make(library)
    settled(qtbot, window, 40)
    qtbot.waitUntil(lambda: window.models.desk.read, timeout=SOON)
    qtbot.waitUntil(lambda: not window._runner.jobs, timeout=SOON)
    return window


def test_the_menu_leads_to_the_models_and_the_keyboard_with_it(
    qtbot: QtBot, make: Make, library: FakeLibrary
) -> None:
    window = opened(qtbot, make, library)
    action(window.top.models, "Choose a model…").trigger()
    assert window.frame.setting
    assert window.models.sections.search.isVisible()
    window.models.open_faces()
    assert window.models.sections.faces.isVisible()
    assert not window.models.sections.search.isVisible()
    qtbot.keyClick(window.frame.settings, Qt.Key.Key_Escape)
    assert not window.frame.setting


def test_settings_that_the_sections_show_have_no_rows(
    qtbot: QtBot, make: Make, library: FakeLibrary
) -> None:
    window = opened(qtbot, make, library)
    page = window.frame.settings
    keys = {row.setting.key for section in page.sections.values() for row in section.rows}
    assert not keys & {"search.model", "search.coming", "faces.model", "devices.provider"}
    assert {"search.enabled", "faces.strictness", "devices.precision"} <= keys


def test_a_device_that_is_chosen_is_kept(qtbot: QtBot, make: Make, library: FakeLibrary) -> None:
    window = opened(qtbot, make, library)
    window.frame.settings.show_section("devices")
    window.frame.show_settings()
    rows = window.models.sections.devices.list.rows
    qtbot.waitUntil(lambda: len(rows) == 2, timeout=SOON)
    rows[1].radio.click()
    qtbot.waitUntil(lambda: library.settings.current.devices.provider == "cpu", timeout=SOON)
    library.settings.override("devices.provider", "auto", "environment")
    qtbot.waitUntil(rows[0].radio.isChecked, timeout=SOON)
    assert "PHOTOSEARCH_DEVICES_PROVIDER" in window.models.sections.devices.list.note.text()


def test_the_machine_is_measured_once_for_whoever_looks_at_the_models(
    qtbot: QtBot, make: Make, library: FakeLibrary
) -> None:
    window = opened(qtbot, make, library)

    def asked() -> int:
        return sum(verb == "measuring.calibrate" for verb, _args in library.calls)

    def read_since() -> int:
        """How often the models were read after the machine was measured."""
        verbs = [verb for verb, _args in library.calls]
        since = verbs.index("measuring.calibrate") if asked() else len(verbs)
        return verbs[since:].count("offers.all")

    assert not asked()
    window.models.open(ModelKind.SEARCH)
    qtbot.waitUntil(lambda: read_since() > 0, timeout=SOON)  # now with estimates
    qtbot.waitUntil(lambda: not window._runner.jobs, timeout=SOON)
    before = read_since()
    window.frame.settings.show_section("devices")
    window.models.open(ModelKind.SEARCH)
    qtbot.waitUntil(lambda: read_since() > before, timeout=SOON)
    assert asked() == 1


def test_a_switch_is_told_in_the_status_line_and_when_it_is_over(
    qtbot: QtBot, make: Make, library: FakeLibrary
) -> None:
    library.shelf.install(BETTER, OfferState.COMING)
    library.shelf.switch = Switch(BETTER, OLD, 1204, 8000, 360.0)
    window = opened(qtbot, make, library)
    words = "Preparing SigLIP 2 B/16: 1,204 of 8,000, 6 min left; search still uses CLIP B/32"
    assert window.status._text == words
    window.status.show_progress(Progress(Stage.LOOK, 1, 9))
    assert "Looking at photos" in window.status._text
    window.status.show_progress(Progress(Stage.EMBED, 1, 9))
    assert window.status._text == words
    window.models.sections.search.switching.pause.click()
    assert window.indexer.paused
    assert "paused; search still uses" in window.status._text
    window.models.sections.search.switching.pause.click()
    assert not window.indexer.paused
    window.status.show_progress(None)
    library.switching.finish()
    said = window.page.news.label
    qtbot.waitUntil(lambda: "SigLIP 2 B/16 is in use" in said.text(), timeout=SOON)
    assert "up to date" in window.status._text
    qtbot.waitUntil(
        lambda: window.models.sections.search.leftover.isHidden() is False, timeout=SOON
    )


def test_choosing_a_model_starts_a_run(qtbot: QtBot, make: Make, library: FakeLibrary) -> None:
    library.shelf.install(LIGHT)
    window = opened(qtbot, make, library)
    runs = sum(verb == "index" for verb, _args in library.calls)
    window.models.open(ModelKind.SEARCH)
    row = window.models.desk.row(LIGHT)
    assert row is not None
    window.models.sections.search.hands.do(Deed.USE, row)
    qtbot.waitUntil(lambda: window.findChild(CostDialog) is not None, timeout=SOON)
    dialog = window.findChild(CostDialog)
    assert isinstance(dialog, CostDialog)
    dialog.choose.click()
    qtbot.waitUntil(
        lambda: sum(verb == "index" for verb, _args in library.calls) > runs, timeout=SOON
    )
    qtbot.waitUntil(lambda: "OpenCLIP B/32" in window.status._text, timeout=SOON)
    qtbot.waitUntil(lambda: not window.indexer.running, timeout=SOON)


def test_a_model_from_a_folder_beside_another_asks_before_it_is_used(
    qtbot: QtBot, make: Make
) -> None:
    library = FakeLibrary(40)
    window = opened(qtbot, make, library)
    window.news.add_model("/models/my-clip")
    qtbot.waitUntil(
        lambda: ("switching.choose", ("my-clip",)) in library.calls, timeout=SOON
    )  # there was nothing to prepare, so nothing to ask
    used = replace(library._model("my-clip", True))
    qtbot.waitUntil(lambda: used in library._models, timeout=SOON)
    qtbot.waitUntil(lambda: not window.indexer.running, timeout=SOON)


def test_every_widget_of_the_sections_says_what_it_is(
    qtbot: QtBot, make: Make, library: FakeLibrary
) -> None:
    window = opened(qtbot, make, library)
    window.models.open_search()
    window.models.sections.devices_desk.refresh()
    qtbot.waitUntil(lambda: not window._runner.jobs, timeout=SOON)
    models = window.models.sections
    nameless = [
        (type(widget).__name__, widget.objectName())
        for section in (models.search, models.faces, models.devices)
        for widget in section.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.accessibleName()
        and not getattr(widget, "text", str)()
        and not widget.objectName().startswith("qt_")
    ]
    assert nameless == []


def test_the_section_fits_the_smallest_window(
    qtbot: QtBot, make: Make, library: FakeLibrary
) -> None:
    window = opened(qtbot, make, library)
    window.resize(720, 480)
    for name, section in (
        ("search", window.models.sections.search),
        ("faces", window.models.sections.faces),
    ):
        window.models.open(ModelKind(name))
        area = window.frame.settings.area
        qtbot.waitUntil(lambda area=area: area.widget().width() <= area.viewport().width())
        assert section.width() <= area.viewport().width()
        table = section.table
        assert table.horizontalHeader().length() <= table.viewport().width() + 1
