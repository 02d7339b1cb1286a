"""Names are shown as they are: nothing in a file's, folder's, person's or model's is markup."""

from __future__ import annotations

import html
from collections.abc import Iterator

import pytest
from gui.driving import Make, settled
from gui.fake_library import FakeLibrary
from gui.people_driving import go_to_people
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from photosearch.errors import ModelError
from photosearch.gui.settings.sections import SECTIONS
from photosearch.gui.theme import Theme
from photosearch.types import PersonId

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
EVIL = '<b>bold<img src="file:marker.png"><h1>\x07'


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    made = Theme(qapp, "light")
    yield made
    made.deleteLater()
    qapp.setStyleSheet("")


def labels() -> list[QLabel]:
    return [each for each in QApplication.allWidgets() if isinstance(each, QLabel)]


def assert_plain(label: QLabel) -> None:
    """Nothing in it is markup but what we have put there ourselves."""
    label.ensurePolished()
    if label.property("rich"):
        assert "<img" not in label.text()
        assert "<h1" not in label.text()
        return
    assert label.textFormat() == Qt.TextFormat.PlainText, label.text()


def test_a_label_a_tip_and_a_box_are_plain(theme: Theme, qtbot: QtBot) -> None:
    label = QLabel(EVIL)
    qtbot.addWidget(label)
    label.show()
    assert_plain(label)
    assert label.text() == EVIL
    QToolTip.showText(QPoint(0, 0), EVIL, label)
    (tip,) = [each for each in labels() if each.metaObject().className() == "QTipLabel"]
    assert (tip.text(), tip.textFormat()) == (EVIL, Qt.TextFormat.PlainText)
    QToolTip.hideText()
    box = QMessageBox()
    qtbot.addWidget(box)
    box.setText(EVIL)
    box.setInformativeText(EVIL)
    box.show()
    said = [each for each in box.findChildren(QLabel) if each.text() == EVIL]
    assert len(said) == 2
    for each in said:
        assert_plain(each)


def test_no_part_of_the_window_takes_a_name_for_markup(make: Make, qtbot: QtBot) -> None:
    library = FakeLibrary(24, folders=(f"/photos/{EVIL}",), with_faces=True)
    person = library.people.add_person(f"Ann {EVIL}", 4)
    library.people.suggest(library.people.add_unsorted(1)[0], PersonId(int(person)))
    library.add_failure(f"{EVIL}.jpg", f"It cannot be read: {EVIL}")
    library.add_model(f"/models/clip {EVIL}")
    window = make(library)
    settled(qtbot, window, 24)
    seen: set[str] = set()

    def look() -> None:
        QApplication.processEvents()
        for label in labels():
            assert_plain(label)
            if "bold<img" in html.unescape(label.text()):
                parent: QWidget | None = label.parentWidget()
                seen.add(type(parent).__name__)

    folder = window.sidebar._branches.folder(int(library._folders[0].id))
    window.asker.removal(folder)
    window.problems.tell(ModelError(f"It is broken: {EVIL}"))
    window.problems.tell(RuntimeError(EVIL))
    look()
    window.looking.open(0)
    window.viewer.show_info(True)
    qtbot.waitUntil(lambda: any("jpg" in each.text() for each in labels() if each.isVisible()))
    look()
    window.failures.show_failures(tuple(library.failing))
    window.failures.show()
    look()
    go_to_people(window)
    qtbot.waitUntil(lambda: window.frame.people.people.model.rowCount() > 0)
    look()
    window.settings.show()
    for section in SECTIONS:
        window.frame.settings.show_section(section.name)
        look()
    assert len(seen) > 3, seen
