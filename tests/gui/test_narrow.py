"""Windows as small as they get, and scaled ones: nothing is cut off, nothing out of reach."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from gui.driving import Make
from gui.fake_library import FakeLibrary
from gui.fitting import left_cut
from gui.people_driving import go_to_people
from gui.walking import Walk, peopled
from PySide6.QtCore import QPoint, QRect
from pytestqt.qtbot import QtBot

from photosearch.gui.people.people_page import PeoplePage

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
