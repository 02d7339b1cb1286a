"""The small questions: when somebody was born, and whose name stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from gui.driving import Make
from gui.fake_library import FakeLibrary
from gui.people_driving import Hands, on_people
from PySide6.QtCore import QDate, QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui.people.days import read_day, written
from photosearch.gui.people.dialogs import BirthdayDialog, MergeDialog
from photosearch.types import Person, PersonId

Key = Qt.Key
BORN = QDate(1980, 3, 15)
# the offscreen platform says this of windows with a smallest size
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture(params=["en_GB", "en_US", "de_DE", "fr_FR", "ja_JP"])
def locale(request: pytest.FixtureRequest) -> Iterator[str]:
    before = QLocale()
    QLocale.setDefault(QLocale(request.param))
    yield request.param
    QLocale.setDefault(before)


@pytest.mark.parametrize(
    "text",
    ["1980-03-15", "1980/3/15", "15.3.1980", " 15. 3. 1980", "15/3/1980", "3/15/1980",
     "15031980", "19800315", "15 March 1980", "march 15, 1980", "15 Mar 1980"],
)  # fmt: skip
def test_a_day_is_read_in_many_forms(text: str, locale: str) -> None:
    assert read_day(text) == BORN, locale


def test_a_day_reads_as_it_is_written(locale: str) -> None:
    for day in (BORN, QDate(2001, 5, 1), QDate(1912, 12, 31), QDate(1999, 8, 9)):
        assert read_day(written(day)) == day, locale


@pytest.mark.parametrize(
    "text", ["", "15", "March 1980", "7 -> 3 1980 5", "15.3.80", "31.2.1980", "1.1.1799", "Anna",
             "15 Anna 1980", "0.0.0000", "99999999"]
)  # fmt: skip
def test_what_is_no_day_is_none(text: str) -> None:
    assert read_day(text) is None


def test_day_and_month_stand_as_the_country_writes_them() -> None:
    before = QLocale()
    try:
        QLocale.setDefault(QLocale("en_US"))
        assert read_day("4/3/1980") == QDate(1980, 4, 3)
        QLocale.setDefault(QLocale("de_DE"))
        assert read_day("4.3.1980") == QDate(1980, 3, 4)
        assert read_day("15. März 1980") == BORN
    finally:
        QLocale.setDefault(before)


# --- the birthday -----------------------------------------------------------------


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[QWidget]:
    made = QWidget()
    qtbot.addWidget(made)
    yield made


def birthday_of(page: QWidget, birthday: str | None = None) -> tuple[BirthdayDialog, list[object]]:
    dialog = BirthdayDialog(Person(PersonId(1), "Anna", 9, 9, birthday=birthday), page)
    said: list[object] = []
    dialog.chosen.connect(said.append)
    dialog.open()
    return dialog, said


def test_the_birthday_shows_what_was_understood_before_it_is_saved(
    qtbot: QtBot, page: QWidget
) -> None:
    dialog, said = birthday_of(page)
    assert dialog.field.text() == ""
    assert not dialog.save.isEnabled()
    QTest.keyClicks(dialog.field, "7 -> 3 198")
    qtbot.keyClick(dialog.field, Key.Key_Return)
    assert dialog.isVisible(), "Enter saves nothing that was not understood"
    assert "four digits" in dialog.said.text()
    dialog.field.setText("15031980")
    assert dialog.said.text() == "Born 15 March 1980."
    qtbot.keyClick(dialog.field, Key.Key_Return)
    assert said == ["1980-03-15"]


def test_nobody_is_born_tomorrow(page: QWidget) -> None:
    dialog, _said = birthday_of(page)
    dialog.field.setText(QDate.currentDate().addDays(1).toString(Qt.DateFormat.ISODate))
    assert "still to come" in dialog.said.text()
    assert not dialog.save.isEnabled()
    dialog.field.setText(QDate.currentDate().toString(Qt.DateFormat.ISODate))
    assert dialog.save.isEnabled()


def test_a_known_birthday_can_be_changed_and_forgotten(page: QWidget) -> None:
    dialog, said = birthday_of(page, "1980-03-15")
    assert dialog.field.text() == "15 March 1980"
    QTest.keyClicks(dialog.field, "1981-03-15")  # typed over what was there
    assert dialog.said.text() == "Born 15 March 1981."
    (forget,) = (each for each in dialog.findChildren(QPushButton) if each.text() == "Forget")
    forget.click()
    assert said == [None]


# --- merging ----------------------------------------------------------------------


def test_names_to_choose_from_have_faces_and_the_title_has_room(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(40)
    for name in ("Anna", "Ben"):
        library.people.add_person(name, 5)
    hands: Hands = on_people(qtbot, make, library, 40)
    hands.view.selectAll()
    hands.room.people.merge_selected()
    (dialog,) = hands.room.findChildren(MergeDialog)
    little = hands.room.pictures.little
    covers = [person.cover for person in dialog._named]
    assert len(covers) == 2
    hands.until(lambda: all(little.face(cover) is not None for cover in covers))
    for button in dialog.group.buttons():
        assert not button.icon().isNull()
    title = dialog.fontMetrics().horizontalAdvance(dialog.windowTitle() + " — PhotoSearch")
    assert dialog.width() > title + 150, "what the bar of a window has besides its title"
    (box,) = dialog.findChildren(QDialogButtonBox)
    assert all(button.icon().isNull() for button in box.buttons())
    dialog.reject()
