"""Little room, what the sidebar remembers, and what the window says of itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from gui.driving import Make, settled
from gui.fake_library import FakeLibrary
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel
from pytestqt.qtbot import QtBot

from photosearch.errors import ModelError
from photosearch.gui import window_state
from photosearch.gui.directories import Directories
from photosearch.gui.main_window import MainWindow
from photosearch.gui.sidebar import Sidebar
from photosearch.types import Folder, FolderId, Subfolder

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


# --- little room --------------------------------------------------------------


def test_a_narrow_window_folds_its_sidebar_away(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(50))
    settled(qtbot, window, 50)
    assert window.sidebar.isVisible()
    window.resize(740, 500)
    qtbot.waitUntil(lambda: not window.sidebar.isVisible(), timeout=2000)
    qtbot.waitUntil(lambda: window.grid.width() == window.width(), timeout=2000)
    columns = window.grid.geometry_now().columns
    qtbot.keyClicks(window.search.field, "a very long search for a dog in the snow")
    qtbot.waitUntil(lambda: window.session.on, timeout=5000)
    assert window.grid.geometry_now().columns == columns
    window.toggle_sidebar()
    assert window.sidebar.isVisible()
    window.toggle_sidebar()
    assert not window.sidebar.isVisible()
    assert window.state().sidebar_shown, "a narrow window is no wish"
    window.resize(1100, 700)
    qtbot.waitUntil(window.sidebar.isVisible, timeout=2000)
    window.toggle_sidebar()
    assert not window.state().sidebar_shown


def test_info_lies_over_the_photo_where_there_is_no_room_beside(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(20))
    settled(qtbot, window, 20)
    window.looking.open(3)
    viewer = window.viewer
    viewer.show_info(True)
    qtbot.waitUntil(lambda: viewer.canvas.width() == viewer.width() - viewer.info.width())
    window.resize(740, 500)
    qtbot.waitUntil(lambda: viewer.canvas.width() == viewer.width(), timeout=2000)
    assert viewer.info.geometry().right() == viewer.rect().right()
    assert viewer.next_button.geometry().right() < viewer.info.x()
    viewer.show_info(False)
    assert viewer.next_button.geometry().right() > viewer.width() - 80


# --- the sidebar --------------------------------------------------------------


def filled(qtbot: QtBot) -> Sidebar:
    sidebar = Sidebar()
    qtbot.addWidget(sidebar)
    return sidebar


def show_two(sidebar: Sidebar) -> None:
    first, second = FolderId(3), FolderId(8)
    folders = (
        Folder(second, "/a/Aachen", 4, False, False),
        Folder(first, "/z/Zoo", 4, False, False),
    )
    sidebar.set_folders(folders, {first: Directories.of((Subfolder(first, b"2023/Sea", 4),))})


def test_folders_stand_in_the_order_they_were_added(qtbot: QtBot) -> None:
    sidebar = filled(qtbot)
    show_two(sidebar)
    rows = range(sidebar.tree.topLevelItemCount())
    assert [sidebar.tree.topLevelItem(row).text(0) for row in rows][-2:] == ["Zoo", "Aachen"]  # type: ignore[union-attr]


def test_open_branches_are_open_at_the_next_start(qtbot: QtBot, tmp_path: Path) -> None:
    before, after = filled(qtbot), filled(qtbot)
    show_two(before)
    before._items[("folder", 3, b"")].setExpanded(True)
    before._items[("folder", 3, b"2023")].setExpanded(True)
    state = window_state.WindowState(branches=before.branches())
    window_state.save(tmp_path / "window.json", state)
    state = window_state.load(tmp_path / "window.json")
    after.open_branches(state.branches)
    assert after.branches() == state.branches, "closed before the folders are known"
    show_two(after)
    assert sorted(after.branches()) == sorted(before.branches()) == ["3:", "3:2023"]
    after._items[("folder", 3, b"")].setExpanded(False)
    show_two(after)
    assert not after._items[("folder", 3, b"")].isExpanded()


def test_the_menu_of_a_folder_is_no_reason_to_go_there(qtbot: QtBot) -> None:
    sidebar = filled(qtbot)
    show_two(sidebar)
    sidebar.show()
    where = sidebar.tree.visualItemRect(sidebar._items[("folder", 3, b"")]).center()
    place = sidebar.place()
    QTest.mouseClick(
        sidebar.tree.viewport(),
        Qt.MouseButton.RightButton,
        Qt.KeyboardModifier.NoModifier,
        where,
    )
    assert sidebar.place() == place
    QTest.mouseClick(
        sidebar.tree.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where
    )
    assert sidebar.place().title == "Zoo"


# --- what it says of itself ---------------------------------------------------


def texts(dialog: QDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel)]


def about(window: MainWindow) -> list[str]:
    window.show_about()
    dialog = window.findChildren(QDialog)[-1]
    said = texts(dialog)
    dialog.close()
    return said


def test_the_menu_opens_within_the_window(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(5))
    settled(qtbot, window, 5)
    button, menu = window.top.more_button, window.top.menu
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(menu.isVisible, timeout=2000)
    right = button.mapToGlobal(QPoint(button.width(), 0)).x()
    assert menu.geometry().right() <= right
    button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    menu.close()
    qtbot.waitUntil(lambda: not button.underMouse(), timeout=2000)
    assert not button.isDown()


def test_menu_and_about_tell_the_model_and_its_device(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(5))
    settled(qtbot, window, 5)
    models = window.top.models
    assert models.title() == "Models"
    said = "standin-clip on CPU"
    texts = lambda: [each.text() for each in models.actions()]  # noqa: E731
    qtbot.waitUntil(lambda: said in texts(), timeout=5000)
    assert f"Search model: {said}" in about(window)
    bare = make(FakeLibrary(5, with_model=False))
    settled(qtbot, bare, 5)
    assert "No search model is chosen." in about(bare)


def test_a_problem_looks_like_one_and_news_do_not(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(5))
    settled(qtbot, window, 5)
    window.problems.tell(ModelError("This is not a search model."))
    news = window.page.news
    assert news.isVisible()
    assert news.mark._name == "warning"
    window.page.say_briefly("All is well.")
    assert news.mark._name == "info"


def test_after_a_model_was_chosen_the_keyboard_is_at_the_photos(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(5, with_model=False, with_faces=True))
    settled(qtbot, window, 5)
    qtbot.waitUntil(window.page.model_banner.isVisible, timeout=5000)
    window.page.model_banner.button.setFocus()
    window.news.add_model("/models/some-clip")
    qtbot.waitUntil(lambda: not window.page.model_banner.isVisible(), timeout=5000)
    assert window.focusWidget() is window.grid


def test_the_card_says_where_models_are(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(with_model=False))
    qtbot.waitUntil(window.page.empty.card.isVisible, timeout=5000)
    source = window.page.empty.card.source
    assert "huggingface.co" in source.text()
    assert source.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse


def test_control_shift_f_finds_similar_in_the_viewer_too(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(20))
    settled(qtbot, window, 20)
    window.looking.open(3)
    viewer = window.viewer
    qtbot.waitUntil(lambda: viewer._summary is not None, timeout=5000)
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    with qtbot.waitSignal(viewer.similarWanted):
        qtbot.keyClick(viewer, Qt.Key.Key_F, held)
    assert not viewer._favourite
