"""Another model from the first click to the last, with nothing pretended but the hub's place."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import hub_server
import pytest
import tiny_models
from gui.models_driving import LIGHT
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from photosearch.gui import app as gui_app
from photosearch.gui.main_window import MainWindow
from photosearch.gui.settings.models.cost import CostDialog
from photosearch.gui.settings.models.deleting import DeleteDialog
from photosearch.library import Library
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import ModelKind, OfferState, SearchRequest

# the offscreen platform says this of windows with a smallest size
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
LEFT = Qt.MouseButton.LeftButton
SOON = 60_000
COUNT = 6
Dialog = TypeVar("Dialog", bound=QDialog)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[hub_server.Hub]:
    """The hub on loopback; in the place of a model of the catalogue it has a tiny one."""
    import huggingface_hub
    from huggingface_hub.utils import close_session

    with hub_server.running() as served:
        served.add(f"immich-app/{LIGHT}", tiny_models.write(tmp_path / "published"))
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
        yield served
        close_session()


@pytest.fixture
def folder(photos: Path, tmp_path: Path) -> Path:
    """A folder with six photos."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for source in sorted((photos / "captioned" / "images").iterdir())[:COUNT]:
        shutil.copyfile(source, folder / source.name)
    return folder


@pytest.fixture
def window(
    qapp: QApplication, qtbot: QtBot, folder: Path, models: Path, tmp_path: Path
) -> Iterator[MainWindow]:
    """The window on six photos that a first model knows."""

    def factory() -> Library:
        places = Paths.below(tmp_path / "home")
        library = Library(places, SettingsStore(places.settings_file), own_engine=True)
        library.add_model(str(models / "standin-clip"))
        return library

    start = gui_app.Start(qapp, factory, [str(folder)])
    qtbot.waitUntil(lambda: start.window is not None, timeout=SOON)
    window = start.window
    assert window is not None
    qtbot.waitUntil(lambda: window.page.model.rowCount() == COUNT, timeout=SOON)
    qtbot.waitUntil(lambda: not window.indexer.running, timeout=SOON)
    yield window
    window.close()
    assert gui_app.end(start) == 0
    start.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def dialog(qtbot: QtBot, window: MainWindow, kind: type[Dialog]) -> Dialog:
    """Wait for a dialog and return it."""

    def shown() -> list[Dialog]:
        return [each for each in window.findChildren(kind) if each.isVisible()]

    qtbot.waitUntil(lambda: bool(shown()), timeout=SOON)
    return shown()[0]


def test_chosen_fetched_prepared_changed_over_and_the_old_one_cleared(
    hub: hub_server.Hub, qtbot: QtBot, window: MainWindow, models: Path, tmp_path: Path
) -> None:
    desk, section = window.models.desk, window.models.sections.search

    def state(name: str) -> OfferState | None:
        row = desk.row(name)
        return None if row is None else row.state

    window.models.open(ModelKind.SEARCH)
    qtbot.waitUntil(lambda: state("standin-clip") is OfferState.IN_USE, timeout=SOON)
    assert not hub.asked, "nothing is asked of the hub before the user wants a model"
    light = next(each for each in section.presets.cards if each.title.text() == "Light")
    qtbot.mouseClick(light.button, LEFT)
    cost = dialog(qtbot, window, CostDialog)
    assert dict(cost.lines)["Photos to prepare"] == "6 photos"
    qtbot.mouseClick(cost.choose, LEFT)

    qtbot.waitUntil(lambda: state(LIGHT) is OfferState.IN_USE, timeout=SOON)
    qtbot.waitUntil(lambda: not window.indexer.running, timeout=SOON)
    assert state("standin-clip") is OfferState.INSTALLED
    fetched = Paths.below(tmp_path / "home").models / LIGHT
    assert (fetched / "visual" / "model.onnx").is_file()
    qtbot.waitUntil(lambda: not window.frame.status._preparing, timeout=SOON)

    qtbot.waitUntil(section.leftover.isVisible, timeout=SOON)
    assert "standin-clip" in section.leftover.label.text()
    qtbot.mouseClick(section.leftover.delete_button, LEFT)
    deleting = dialog(qtbot, window, DeleteDialog)
    qtbot.mouseClick(deleting.delete_button, LEFT)
    qtbot.waitUntil(lambda: not section.leftover.isVisible(), timeout=SOON)

    # The window's thread may not ask the library: another one looks at the same home.
    places = Paths.below(tmp_path / "home")
    library = Library(places, SettingsStore(places.settings_file), own_engine=False)
    try:
        answer = library.search(SearchRequest("a photo", content_only=True))
        assert len(answer.ids) == COUNT
        model = library.model()
        assert model is not None
        assert model.name == LIGHT
        assert not any(each.vectors for each in library.switching.leftovers())
        assert (models / "standin-clip" / "config.json").is_file(), "one's own files stay"
    finally:
        library.close()
