"""The window in other languages: German, French, and one that is longer and runs to the left.

Nothing is cut off, whole dialogs turn round, and on a screen of double density all is sharp.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui.driving import Make
from gui.fitting import left_cut, plain
from gui.walking import Walk, peopled
from PySide6.QtCore import QLocale, QPoint, Qt, QTranslator
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui import language

pytest.importorskip("babel")
pseudo = pytest.importorskip("gui.pseudo")

pytestmark = [
    pytest.mark.qt_log_ignore("This plugin does not support"),
    pytest.mark.timeout(600),
    pytest.mark.slow,
]
PSEUDO = "he"  # under the code of a language that Qt lays out from the right


@pytest.fixture
def speak(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], None]]:
    """Speak a language until the test is over."""

    def change(code: str) -> None:
        if code == PSEUDO:
            pseudo.write(tmp_path, code)
            monkeypatch.setattr(language, "folder", lambda: tmp_path)
            language.catalogue.cache_clear()
        language.speak(qapp, code)

    yield change
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
    QLocale.setDefault(QLocale.system())
    language.catalogue.cache_clear()
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def hebrew(sign: str) -> bool:
    return "\u0590" <= sign <= "\u05ff"


@pytest.mark.parametrize("code", ["de", "fr", PSEUDO])
def test_no_words_are_cut_off(
    qtbot: QtBot, make: Make, speak: Callable[[str], None], code: str
) -> None:
    speak(code)
    heights = code != PSEUDO  # its marks of direction make Qt measure wrapped lines differently
    walk = Walk(qtbot, make, peopled())
    found: set[str] = set()
    for name, root in walk.stations():
        if isinstance(root, QFileDialog):
            continue  # Qt's own
        found |= {f"{name}: {words}" for words in left_cut(qtbot, root, heights)}
    assert not found, "\n".join(sorted(found))


def test_a_language_that_runs_to_the_left_turns_the_window_round(
    qtbot: QtBot, make: Make, speak: Callable[[str], None]
) -> None:
    speak(PSEUDO)
    walk = Walk(qtbot, make, peopled())
    window = walk.window

    def left(widget: QWidget) -> int:
        return widget.mapTo(window, QPoint()).x()

    assert left(window.sidebar) > left(window.page)
    assert left(window.page.header.title) > left(window.page.header.count)
    first, second = window.grid.rect_of(0), window.grid.rect_of(1)
    assert first.left() > second.left()
    assert window.grid.row_at(first.center()) == 0
    assert window.grid.row_at(second.center()) == 1
    window.grid.setCurrentIndex(window.page.model.index(0))
    window.grid.setFocus()
    qtbot.keyClick(window.grid, Qt.Key.Key_Left)
    assert window.grid.currentIndex().row() == 1, "the next photo stands to the left"
    window.looking.open(0)
    window.viewer.show_info(True)
    assert left(window.viewer.info) == 0
    assert left(window.viewer.arrows.previous) >= window.viewer.info.width()


def test_the_window_speaks_one_language(
    qtbot: QtBot, make: Make, speak: Callable[[str], None]
) -> None:
    """With every message marked, what has no mark was said past the catalogue."""
    speak(PSEUDO)
    walk = Walk(qtbot, make, peopled())
    past: set[str] = set()
    for name, root in walk.stations():
        if isinstance(root, QFileDialog):
            continue
        for each in root.findChildren(QAbstractButton):
            text = plain(each.text())
            own = pseudo.RIGHT_TO_LEFT in text or any(hebrew(sign) for sign in text)  # or Qt's
            if each.isVisibleTo(root) and len(text) > 1 and not own:
                past.add(f"{name}: {text}")
    names = ("English", "Deutsch", "Français", "Anna", "Ben", "CLIP", "LIP 2", "standin-clip")
    devices = ("GeForce", "Iris", "Ryzen")
    past = {said for said in past if not any(word in said for word in (*names, *devices))}
    assert not past, "\n".join(sorted(past))
