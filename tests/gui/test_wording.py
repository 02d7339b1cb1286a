"""Words at their places: what nothing found says, the keys, captions, and who is hidden."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from gui.driving import Make, settled
from gui.fake_library import FakeLibrary
from gui.people_driving import Hands, on_people
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui import about, shortcuts
from photosearch.gui.empty import nothing_found
from photosearch.gui.people import words
from photosearch.gui.people.grouping import GroupingPanel
from photosearch.types import GroupReport, Mention, PersonId, Query, Role

# the offscreen platform says this of windows with a smallest size
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def mention(name: str, role: Role = Role.WITH) -> Mention:
    return Mention(0, 0, PersonId(len(name)), name, role)


ANNA, HUGO = mention("Anna"), mention("Hugo")


@pytest.mark.parametrize(
    ("understood", "title", "hint"),
    [
        (Query(), "No photos found for “typed”", "Try other words, or fewer"),
        (Query(mentions=(ANNA, HUGO)), "No photo here shows Anna and Hugo together", "Leave one"),
        (Query(mentions=(ANNA, ANNA)), "No photo here shows Anna", "Try another name"),
        (Query(words="beach", mentions=(ANNA,)), "No photos found for “typed”", "only the names"),
        (Query(mentions=(ANNA,), unknown=("Q",)), "There is nobody named “Q”", "Try another name"),
        (Query(unknown=("Zorro",)), "There is nobody named “Zorro”", "listed under People"),
        (
            Query(mentions=(ANNA, mention("Hugo", Role.WITHOUT))),
            "No photos found for “typed”",
            "fewer conditions",
        ),
    ],
)
def test_nothing_found_says_what_was_asked_for(understood: Query, title: str, hint: str) -> None:
    said = nothing_found("typed", understood)
    assert said[0] == title
    assert hint in said[1]


def test_questions_are_counted_unless_all_are_of_one() -> None:
    assert words.questions(9) == "9 questions"
    assert words.questions(1) == "1 question"
    assert words.questions(4, "Anna") == "Is this Anna? (4)"


def test_the_panel_counts_hidden_people_apart(qtbot: QtBot) -> None:
    panel = GroupingPanel()
    qtbot.addWidget(panel)
    panel.show_report(GroupReport(213, 162, 3, 17, 0.1, True))
    assert panel.said.text() == "162 of 213 faces belong to 20 people."
    panel.show_away(1)
    assert panel.said.text() == "162 of 213 faces belong to 20 people; 1 of them hidden."


def on_page(page: QWidget, label: QLabel) -> QRect:
    return QRect(label.mapTo(page, QPoint()), label.size())


# --- the keys ---------------------------------------------------------------------


@pytest.mark.parametrize(("width", "columns"), [(1040, 2), (620, 1)])
def test_the_keys_fit_and_can_all_be_scrolled_to(qtbot: QtBot, width: int, columns: int) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    dialog = about.show_keys(window)
    assert isinstance(dialog, about.KeysDialog)
    room = window.screen().availableGeometry()
    assert dialog.width() <= room.width()
    assert dialog.height() <= room.height()
    dialog.resize(width, 400)
    page = dialog.area.widget()
    labels = page.findChildren(QLabel)
    assert len(labels) == sum(1 + 2 * len(keys) for _title, keys in shortcuts.sections())
    headings = [label for label in labels if label.property("role") == "heading"]

    def laid_out() -> bool:
        fits = page.width() <= dialog.area.viewport().width()
        return fits and len({on_page(page, label).left() for label in headings}) == columns

    qtbot.waitUntil(laid_out, timeout=5000)
    for label in labels:
        assert page.rect().contains(on_page(page, label)), label.text()
        assert label.height() >= label.heightForWidth(label.width()), f"cut: {label.text()}"
    dialog.close()


@pytest.mark.parametrize(
    ("code", "keys", "written"),
    [
        ("en", "Ctrl++", "Ctrl+Plus"),
        ("en", "Ctrl+-", "Ctrl+Minus"),
        ("en", "-", "Minus"),
        ("en", "Ctrl+,", "Ctrl+,"),
        ("de", "Return", "Eingabetaste"),
        ("de", "Ctrl+Return", "Strg+Eingabetaste"),
        ("de", "Shift+Right", "Umschalt+Rechts"),
        ("fr", "Ctrl++", "Ctrl+Plus"),
    ],
)
def test_keys_are_written_as_they_are_read(
    speaking: Callable[[str], None], code: str, keys: str, written: str
) -> None:
    speaking(code)
    assert shortcuts.written(keys) == written


@pytest.mark.parametrize("code", ["en", "de", "fr"])
def test_the_keys_need_no_scrolling_on_a_usual_screen(
    qtbot: QtBot, make: Make, speaking: Callable[[str], None], code: str
) -> None:
    speaking(code)
    dialog = about.KeysDialog(make(FakeLibrary(3)))
    dialog.resize(1040, 774)  # nine tenths of 860
    dialog.show()
    bar = dialog.area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() == 0, timeout=5000)
    dialog.close()


# --- the sidebar ------------------------------------------------------------------


def test_nobody_is_marked_in_the_sidebar_while_a_search_shows(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(40, with_faces=True)
    library.people.add_person("Anna", 5)
    hands: Hands = on_people(qtbot, make, library, 40)
    sidebar = hands.window.sidebar
    assert sidebar.tree.selectedItems()
    hands.window.search.search_for("dog")
    qtbot.waitUntil(lambda: not hands.window.frame.among_people, timeout=5000)
    assert sidebar.tree.selectedItems() == []
    assert sidebar.place().people, "where the search leads back to"
    hands.window.session.leave()
    qtbot.waitUntil(lambda: hands.window.frame.among_people, timeout=5000)
    assert sidebar.tree.selectedItems() == [sidebar.tree.currentItem()]
    sidebar.choose()
    settled(qtbot, hands.window, 40)
    hands.window.search.search_for("dog")
    qtbot.waitUntil(lambda: hands.window.session.on, timeout=5000)
    assert sidebar.tree.selectedItems() == [sidebar.tree.currentItem()]
