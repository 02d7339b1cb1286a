"""Windows as small as they get, and scaled ones: nothing is cut off, nothing out of reach."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from gui.driving import Make, settled
from gui.fake_library import FakeLibrary
from gui.fitting import left_cut
from gui.people_driving import go_to_people, on_people
from gui.walking import Walk, peopled
from PySide6.QtCore import QEvent, QPoint, QRect
from PySide6.QtGui import QFontMetrics, QHelpEvent, QImage, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QStyleOptionViewItem,
    QToolTip,
    QTreeWidgetItem,
)
from pytestqt.qtbot import QtBot

from photosearch.gui.people.faces_view import tile_box
from photosearch.gui.people.people_page import PeoplePage
from photosearch.gui.place_tree import COUNT, DRAWING, PlaceDelegate, PlaceTree
from photosearch.gui.settings.models.filter_bar import FilterBar
from photosearch.gui.settings.models.table_view import ModelTableView
from photosearch.gui.status.area import StatusArea
from photosearch.types import PersonId, PhotoId, Progress, Stage

pytestmark = [
    pytest.mark.qt_log_ignore("This plugin does not support"),
    pytest.mark.timeout(300),
]
LEAST = (720, 480)
SCALED = (1016, 688)  # 1270 x 860 pixels at 125 %
LANGUAGES = ("en", "de", "fr")


@pytest.mark.parametrize("sidebar", [True, False])
@pytest.mark.parametrize("code", LANGUAGES)
def test_the_people_pages_are_whole_in_the_least_window(
    qtbot: QtBot, make: Make, speaking: Callable[[str], None], code: str, sidebar: bool
) -> None:
    speaking(code)
    library = peopled()
    library.people.add_person("Hilda", 5, hidden=True)
    walk = Walk(qtbot, make, library)
    window = walk.window
    window.resize(*LEAST)
    if window.sidebar.isHidden() == sidebar:
        window.toggle_sidebar()
    people = window.frame.people.people
    for name, root in walk._people():
        assert left_cut(qtbot, root, heights=True) == [], name
        if name == "people":
            walk.until(people.queue.isVisible)
            assert left_cut(qtbot, root, heights=True) == []
            assert out_of_reach(people) == []
            assert "…" not in people.count.text()


def out_of_reach(people: PeoplePage) -> list[str]:
    """Return what of the header is neither seen nor in the menu."""
    offered = {action.text() for action in people.filters.menu().actions()}
    links = (people.unsorted, people.hidden)
    return [link.text() for link in links if link.isHidden() and link.text() not in offered]


def test_the_filter_of_people_is_a_list_where_it_has_no_room(
    qtbot: QtBot, make: Make, speaking: Callable[[str], None]
) -> None:
    speaking("de")
    library = peopled()
    library.people.add_person("Hilda", 5, hidden=True)
    walk = Walk(qtbot, make, library)
    window = walk.window
    go_to_people(window)
    people = window.frame.people.people
    walk.until(lambda: people.model.rowCount() == 3 and people.unsorted.isVisible())
    assert people.sections.isVisible()
    assert not people.filters.box.isVisible()
    window.resize(*LEAST)
    window.toggle_sidebar()
    walk.until(people.filters.box.isVisible)
    assert not people.sections.isVisible()
    people.filters.box.setCurrentIndex(1)
    people.filters.box.activated.emit(1)
    assert people.model.rowCount() == 2
    assert people.sections.now() == 1
    (shown,) = (each for each in people.filters.menu().actions())
    shown.trigger()
    assert people.model.rowCount() == 3, "with those that are hidden"
    window.resize(1200, 700)
    walk.until(people.sections.isVisible)
    assert people.hidden.isVisible()


@pytest.mark.parametrize("place", ["photos", "people"])
@pytest.mark.parametrize("code", LANGUAGES)
def test_what_says_why_nothing_is_here_is_whole(
    qtbot: QtBot, make: Make, speaking: Callable[[str], None], code: str, place: str
) -> None:
    speaking(code)
    window = make(FakeLibrary(0) if place == "photos" else FakeLibrary(20))
    window.resize(*LEAST)
    empty = window.page.empty
    if place == "people":
        empty = window.frame.people.people.empty
        go_to_people(window)
    qtbot.waitUntil(lambda: empty.isVisible() and empty.card.isVisible(), timeout=5000)
    assert left_cut(qtbot, empty, heights=True) == []
    card, button = empty.card, empty.card.button
    where = QRect(button.mapTo(card, QPoint(0, 0)), button.size())
    assert card.rect().adjusted(0, 0, 0, -8).contains(where), "not on the edge of the card"


@pytest.mark.parametrize("size", [SCALED, (862, 600), LEAST])
@pytest.mark.parametrize("code", LANGUAGES)
def test_no_page_of_the_settings_is_wider_than_its_window(
    qtbot: QtBot, make: Make, speaking: Callable[[str], None], code: str, size: tuple[int, int]
) -> None:
    speaking(code)
    walk = Walk(qtbot, make, peopled())
    area = walk.window.frame.settings.area
    walk.window.resize(*size)
    for name, root in walk._settings():
        assert left_cut(qtbot, root, heights=True) == [], name
        inside = area.widget()
        assert inside is not None
        assert inside.width() <= area.viewport().width(), name


# --- the strip at the bottom ------------------------------------------------------


def test_how_long_it_takes_is_said_before_anything_else_has_room(qtbot: QtBot) -> None:
    area = StatusArea()
    qtbot.addWidget(area)
    area.resize(1048, 40)  # beside the sidebar of a window of 1280
    area.show()
    area.show_library(549, 1)
    area.show_failures(236)
    area.show_progress(Progress(Stage.FACES, 292, 549, 27.0, 8.0))
    whole = "Looking for faces 292 of 549  ·  27 photos/s  ·  a few seconds left"
    assert area.label.text() == whole
    assert area.bar.width() < 180, "the other parts have made way"
    area.show_progress(Progress(Stage.FACES, 5, 549))
    assert area.bar.width() < 180, "and do not jump back and forth"
    area.show_progress(None)
    assert area.failures.text() == "236 files could not be used", "there is room for it again"
    area.resize(690, 40)
    area.show_progress(Progress(Stage.FACES, 292, 549, 27.0, 8.0))
    assert area.label.text() == "Looking for faces 292 of 549  ·  a few seconds left"
    assert area.label.toolTip() == whole


# --- the sidebar and the people ---------------------------------------------------


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_adds_a_folder_is_whole_in_the_narrowest_sidebar(
    qtbot: QtBot, make: Make, speaking: Callable[[str], None], code: str
) -> None:
    speaking(code)
    window = make(FakeLibrary(3))
    window.resize(*LEAST)
    window.toggle_sidebar()
    window.frame.set_sidebar_px(10, 720)
    qtbot.waitUntil(window.sidebar.isVisible)
    assert left_cut(qtbot, window.sidebar, heights=True) == []


def test_the_name_of_a_folder_has_the_room_beside_its_count(qtbot: QtBot) -> None:
    tree = PlaceTree()
    qtbot.addWidget(tree)
    item = QTreeWidgetItem(tree, ["captioned"])
    item.setData(0, COUNT, 100)
    item.setData(0, DRAWING, "folder")
    option = QStyleOptionViewItem()
    option.initFrom(tree)
    metrics = QFontMetrics(option.font)
    count = metrics.horizontalAdvance("100")
    beside = 32 + 6 + count + 14  # icon, gap, count, and the end of the row
    option.rect = QRect(18, 0, beside + metrics.horizontalAdvance("captioned"), 34)  # type: ignore[attr-defined]
    painter = Recorder(QImage(200, 40, QImage.Format.Format_RGB32))
    PlaceDelegate(tree).paint(painter, option, tree.model().index(0, 0))
    painter.end()
    assert painter.said == ["100", "captioned"]


class Recorder(QPainter):
    """Remembers the words that are painted."""

    def __init__(self, image: QImage):
        self._image = image
        self.said: list[str] = []
        super().__init__(image)

    def drawText(self, *args: Any) -> None:  # type: ignore[override]
        self.said.append(args[-1])


def test_a_long_name_of_a_person_is_told_whole(qtbot: QtBot, make: Make) -> None:
    long = "Benedikta Maria Theresia von und zu Hohenstein"
    library = FakeLibrary(30, with_faces=True)
    ben, other = library.people.add_person("Ben", 9), library.people.add_person(long, 4)
    hands = on_people(qtbot, make, library, 30)
    for person, tip in ((ben, ""), (other, long)):
        where = hands.cover(PersonId(int(person)))
        event = QHelpEvent(QEvent.Type.ToolTip, where, hands.view.viewport().mapToGlobal(where))
        QApplication.sendEvent(hands.view.viewport(), event)
        assert QToolTip.text() == tip
    QToolTip.hideText()


def test_the_ring_around_the_first_face_is_whole(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(30, with_faces=True)
    person = library.people.add_person("Anna", 9)
    hands = on_people(qtbot, make, library, 30)
    faces = hands.open_faces(PersonId(int(person)))
    tile = tile_box(faces.visualRect(faces.model().index(0, 0)))
    assert faces.viewport().rect().contains(tile.adjusted(-3, -3, 3, 3))


# --- settings ---------------------------------------------------------------------


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_filters_models_says_so_in_full(
    qtbot: QtBot, make: Make, speaking: Callable[[str], None], code: str
) -> None:
    speaking(code)
    walk = Walk(qtbot, make, peopled())
    window = walk.window
    window.settings.show()
    window.frame.settings.show_section("search")
    field = window.frame.settings.findChild(FilterBar).field
    walk.until(field.isVisible)
    hint = field.fontMetrics().horizontalAdvance(field.placeholderText())
    assert hint + 24 <= field.width()


def test_the_switch_of_a_section_is_as_wide_as_the_table_below(qtbot: QtBot, make: Make) -> None:
    walk = Walk(qtbot, make, peopled())
    window = walk.window
    window.resize(1400, 800)
    window.settings.show()
    window.frame.settings.show_section("search")
    section = window.frame.settings.section("search")
    table = section.findChild(ModelTableView)
    walk.until(lambda: table.isVisible() and table.width() > 1000)
    assert section.lead.width() == table.width()
    corners = table.viewport().rect()
    mask = table.viewport().mask()
    assert not mask.contains(corners.bottomLeft()), "nothing is painted over the round frame"
    assert mask.contains(corners.topLeft())
    assert mask.contains(corners.center())


def test_the_list_of_sections_is_seen_whole(qtbot: QtBot, make: Make) -> None:
    window = Walk(qtbot, make, peopled()).window
    window.resize(*LEAST)
    window.settings.show()
    box = window.frame.settings.list.box
    box.showPopup()
    view = box.view()
    qtbot.waitUntil(view.isVisible)
    first, last = (view.visualRect(box.model().index(row, 0)) for row in (0, box.count() - 1))
    assert view.viewport().rect().contains(first)
    assert view.viewport().rect().contains(last)
    assert view.window().y() >= box.mapToGlobal(QPoint(0, box.height())).y() - 1, "below the box"
    box.hidePopup()


def test_without_folders_nothing_is_said_to_be_up_to_date(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(10))
    settled(qtbot, window, 10)
    window.settings.show()
    window.frame.settings.show_section("folders")
    panel = window.frame.settings.folders
    panel.show_progress("Up to date.")
    assert panel.said.isVisible()
    panel.show_folders(())
    assert not panel.said.isVisible()
    panel.show_progress("Up to date. Last checked at 16:16.")
    assert not panel.said.isVisible()


# --- searches and selections ------------------------------------------------------


def test_a_search_before_there_are_photos_asks_for_a_folder(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(0, folders=()))
    empty = window.page.empty
    qtbot.waitUntil(empty.isVisible, timeout=5000)
    window.search.search_for("dog")
    qtbot.waitUntil(lambda: empty.title.text() == "There are no photos yet", timeout=5000)
    assert "Add a folder" in empty.sentence.text()
    assert empty.button.isVisible()
    assert not empty.card.isVisible()


def test_photos_that_are_selected_are_not_counted_among_people(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(30, with_faces=True)
    library.people.add_person("Anna", 9)
    hands = on_people(qtbot, make, library, 30)
    status = hands.window.status
    hands.window.grid.select_ids([PhotoId(int(hands.window.page.model.ids[0]))])
    assert "selected" not in status.label.text()
    hands.window.frame.show_people(False)
    assert status.label.text().startswith("1 selected")
