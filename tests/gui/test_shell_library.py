"""The window in step with its library: models, what is dropped where, and what is read again."""

from __future__ import annotations

from typing import Any

import pytest
from gui.driving import (
    Make,
    action,
    calls,
    choose_in_dialog,
    drop,
    files,
    press,
    settled,
    shown,
)
from gui.fake_library import FakeLibrary
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from photosearch.errors import DamagedError, ModelError, StoreError
from photosearch.gui import indexer, upkeep
from photosearch.gui.model_menu import ModelMenu
from photosearch.types import Progress, Stage

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


# --- models -------------------------------------------------------------------


def test_the_card_and_the_banner_lead_to_the_models(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(with_model=False, with_faces=True))
    card = window.page.empty.card
    qtbot.waitUntil(card.isVisible, timeout=5000)
    assert card.button.text() == "Choose a model…"
    qtbot.mouseClick(card.button, Qt.MouseButton.LeftButton)
    assert window.frame.setting
    assert window.frame.settings.current == "search"

    window = make(FakeLibrary(10))
    banner = window.page.model_banner
    qtbot.waitUntil(banner.isVisible, timeout=5000)
    qtbot.mouseClick(banner.button, Qt.MouseButton.LeftButton)
    assert window.frame.setting
    assert window.frame.settings.current == "faces", "only a face pack is missing"
    qtbot.waitUntil(lambda: not window.indexer.running, timeout=5000)


def test_a_model_can_still_come_from_a_folder(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(10, with_model=False, with_faces=True)
    window = make(library)
    banner = window.page.model_banner
    qtbot.waitUntil(banner.isVisible, timeout=5000)
    action(window.top.models, "Use a model from a folder…").trigger()
    qtbot.waitUntil(lambda: window.findChild(QFileDialog) is not None, timeout=5000)
    title = "Use a model from a folder: it is used where it is, so leave it there"
    assert choose_in_dialog(window, "/models/my-clip") == title
    qtbot.waitUntil(lambda: not banner.isVisible(), timeout=5000)
    assert calls(library, "add_model") == [("/models/my-clip",)]
    qtbot.waitUntil(lambda: not window.indexer.running, timeout=5000)


def marked(menu: ModelMenu) -> list[str]:
    used = (each.text() for each in menu.actions() if each.isChecked())
    return [text.removesuffix(" on CPU") for text in used]  # said once it is known


def test_a_model_that_is_registered_is_used_from_the_menu(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(10, with_model=False, with_faces=True)
    library._models = [library._model("one", False), library._model("two", False)]
    window = make(library)
    banner = window.page.model_banner
    qtbot.waitUntil(banner.isVisible, timeout=5000)
    models = window.top.models
    words = [each.text() for each in models.actions() if not each.isSeparator()]
    assert words == [
        "Use one", "Use two", "standin-faces", "Choose a model…", "Use a model from a folder…",
    ]  # fmt: skip
    action(models, "Use two").trigger()
    qtbot.waitUntil(lambda: not banner.isVisible(), timeout=5000)
    said = window.page.news.label
    qtbot.waitUntil(lambda: said.text() == "The search model two is in use.", timeout=5000)
    qtbot.waitUntil(lambda: marked(models) == ["two", "standin-faces"], timeout=5000)
    library.shelf.problems["choose:one"] = ModelError("The folder of one is gone.")
    action(models, "Use one").trigger()
    qtbot.waitUntil(lambda: "is gone" in window.page.news.label.text(), timeout=5000)
    assert marked(models) == ["two", "standin-faces"]
    library.shelf.problems.clear()
    action(models, "Use one").trigger()
    qtbot.waitUntil(lambda: marked(models) == ["one", "standin-faces"], timeout=5000)
    qtbot.waitUntil(lambda: not window.indexer.running, timeout=5000)


def test_the_photos_page_offers_the_model_that_is_missing(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(with_model=False))
    card = window.page.empty.card
    qtbot.waitUntil(card.isVisible, timeout=5000)
    assert "what they show, and the people" in card.heading.text()
    library = FakeLibrary(10)
    window = make(library)
    banner = window.page.model_banner
    qtbot.waitUntil(banner.isVisible, timeout=5000)
    assert "find the people" in banner.label.text()
    assert "face pack" in banner.label.text()
    window.news.add_model("/models/some-faces")
    qtbot.waitUntil(lambda: not banner.isVisible(), timeout=5000)
    qtbot.waitUntil(lambda: not window.indexer.running, timeout=5000)


def test_who_wants_no_faces_is_offered_no_face_pack(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(10)
    library.settings.set("faces.enabled", False)
    window = make(library)
    with qtbot.waitSignal(window.news.seen):
        window.news.refresh()
    assert not window.page.model_banner.isVisible()


# --- drops --------------------------------------------------------------------


def test_a_folder_dropped_on_the_bar_is_added(qtbot: QtBot, make: Make, tmp_path: Any) -> None:
    library = FakeLibrary(10)
    window = make(library)
    settled(qtbot, window, 10)
    assert drop(window.search, files(str(tmp_path), "/elsewhere/a.jpg"))
    settled(qtbot, window, 23)
    assert calls(library, "add_folders") == [((str(tmp_path), "/elsewhere/a.jpg"),)]
    assert not calls(library, "search")


def test_while_there_is_nothing_a_photo_dropped_on_the_bar_is_added(
    qtbot: QtBot, make: Make
) -> None:
    library = FakeLibrary()
    window = make(library)
    qtbot.waitUntil(window.page.empty.isVisible, timeout=5000)
    assert drop(window.search, files("/elsewhere/a.jpg"))
    settled(qtbot, window, 1)
    assert not calls(library, "search")


def test_a_notice_is_seen_while_there_are_no_folders(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(with_model=False))
    qtbot.waitUntil(window.page.empty.isVisible, timeout=5000)
    qtbot.keyClicks(window.search.field, "zebra")
    qtbot.waitUntil(window.page.header.notice.isVisible, timeout=5000)
    press(qtbot, window.search.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.page.header.isVisible(), timeout=5000)


def test_of_several_paths_those_that_exist_are_added(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary()
    window = make(library)
    qtbot.waitUntil(window.page.empty.isVisible, timeout=5000)
    gone = [f"/missing/{n}" for n in range(5)]
    assert drop(window, files("/photos/A", *gone, "/photos/B"))
    qtbot.waitUntil(window.page.news.isVisible, timeout=5000)
    said = window.page.news.label.text()
    assert all(path in said for path in gone[:3])
    assert "2 more" in said
    settled(qtbot, window, 24)


def test_known_folders_are_looked_at_even_if_a_given_path_is_missing(
    qtbot: QtBot, make: Make
) -> None:
    library = FakeLibrary(10)
    library._folders[0].count += 5
    window = make(library, ["/missing/A"])
    settled(qtbot, window, 15)
    assert "/missing/A" in window.page.news.label.text()


# --- keeping in step ----------------------------------------------------------


def test_a_place_is_read_again_only_when_photos_came(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(10)
    window = make(library)
    settled(qtbot, window, 10)
    qtbot.waitUntil(lambda: not window.browser._job, timeout=5000)
    library.calls.clear()
    window.indexer.changed.emit(False)
    qtbot.wait(50)
    assert not calls(library, "photos")
    window.indexer.changed.emit(True)
    qtbot.waitUntil(lambda: len(calls(library, "photos")) == 1, timeout=5000)
    qtbot.keyClicks(window.search.field, "dog")
    qtbot.waitUntil(lambda: len(calls(library, "search")) == 1 and shown(window) == 1)
    window.indexer.changed.emit(False)
    qtbot.waitUntil(lambda: len(calls(library, "search")) == 2, timeout=5000)


def test_photos_of_one_stage_may_be_told_with_the_next(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(10))
    settled(qtbot, window, 10)
    told: list[bool] = []
    window.indexer.changed.connect(told.append)
    for stage, listed in (
        (Stage.LOOK, True), (Stage.EMBED, True), (Stage.EMBED, False), (Stage.EMBED, False),
        (Stage.LOOK, True),
    ):  # fmt: skip
        window.indexer._on_progressed(Progress(stage, 1, 2, changed=True))
        window.indexer._on_refresh_due()
        assert told.pop() == listed, stage
    window.indexer._later.stop()


def test_folders_are_looked_through_again_when_the_user_comes_back(
    qtbot: QtBot, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = FakeLibrary(20)
    library.index_notices = ("A drive is not plugged in.",)
    window = make(library)
    settled(qtbot, window, 20)
    qtbot.waitUntil(window.page.news.isVisible, timeout=5000)
    window.page.news.hide()
    assert "Folders last checked at" in window.status.label.toolTip()
    app = QGuiApplication.instance()
    assert isinstance(app, QGuiApplication)
    come_back = app.applicationStateChanged
    come_back.emit(Qt.ApplicationState.ApplicationActive)
    assert not window.indexer.running, "that was a moment ago"
    monkeypatch.setattr(upkeep, "AGAIN_AFTER_MS", 0)
    library._folders[0].count += 5  # somebody put files there
    come_back.emit(Qt.ApplicationState.ApplicationActive)
    settled(qtbot, window, 25)
    assert calls(library, "index") == [((),), ((),)]
    assert not window.page.news.isVisible(), "what was said and dismissed is not said again"
    window.indexer.pause()
    come_back.emit(Qt.ApplicationState.ApplicationActive)
    assert not window.indexer.running


# --- a disk that is full --------------------------------------------------------


def test_work_goes_on_by_itself_when_a_full_disk_has_room(
    qtbot: QtBot, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told once, tried again less and less often, and told when it is over."""
    monkeypatch.setattr(indexer, "AGAIN_MS", 30)
    library = FakeLibrary(10)
    full = "The disk that holds the library is full. Free some space, then go on."
    library.problems["index"] = StoreError(full)
    window = make(library)
    said: list[str] = []
    window.problems.said.connect(said.append)
    qtbot.waitUntil(lambda: len(calls(library, "index")) > 3, timeout=5000)
    assert window.page.news.label.text() == full
    assert said in ([], [full]), "it may be told before this test listens"
    del library.problems["index"]
    again = "The library can be used again. Work went on by itself."
    qtbot.waitUntil(lambda: window.page.news.label.text() == again, timeout=5000)
    settled(qtbot, window, 10)
    runs = len(calls(library, "index"))
    qtbot.wait(200)
    assert len(calls(library, "index")) == runs, "there is nothing to try any more"


def test_who_asks_for_a_run_is_told_again_why_there_is_none(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(10)
    window = make(library)
    settled(qtbot, window, 10)
    library.problems["index"] = StoreError("The disk that holds the library is full.")
    said: list[str] = []
    window.problems.said.connect(said.append)
    for count in (1, 2):
        window.upkeep.rescan()
        qtbot.waitUntil(lambda count=count: len(said) == count, timeout=5000)
        qtbot.waitUntil(lambda: not window.indexer.running, timeout=5000)


def test_a_damaged_library_is_left_alone(
    qtbot: QtBot, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer, "AGAIN_MS", 20)
    library = FakeLibrary(10)
    window = make(library)
    settled(qtbot, window, 10)
    library.problems["index"] = DamagedError("The library file is damaged.")
    window.upkeep.rescan()
    qtbot.waitUntil(window.page.news.isVisible, timeout=5000)
    runs = len(calls(library, "index"))
    qtbot.wait(200)
    assert len(calls(library, "index")) == runs
