"""The first start: three steps by keyboard, each may be skipped, and nobody sees it twice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import gui.fake_models as made
import pytest
from gui.driving import calls, drop, files, press, settled
from gui.fake_library import FakeLibrary
from PySide6.QtCore import QCoreApplication, QEvent, QStandardPaths, Qt
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionButton, QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui.app import Start, end
from photosearch.gui.background.starting import AUTOSTART
from photosearch.gui.background.staying import STAY
from photosearch.gui.settings.models.licence import LicenceDialog
from photosearch.gui.welcome.dialog import WelcomeDialog
from photosearch.gui.window_state import WindowState, save
from photosearch.types import ModelKind

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
BALANCED, RESEARCH = made.PRESETS[1].model, made.PRESETS[5].model
Begin = Callable[..., "First"]


class First:
    """Somebody who is new here."""

    def __init__(self, qtbot: QtBot, start: Start, library: FakeLibrary) -> None:
        self.qtbot, self.start, self.library = qtbot, start, library
        qtbot.waitUntil(lambda: start.window is not None, timeout=5000)
        assert start.window is not None
        self.window = start.window

    @property
    def dialog(self) -> WelcomeDialog:
        beginning = self.start.beginning
        assert beginning is not None
        self.qtbot.waitUntil(lambda: beginning.welcome is not None, timeout=5000)
        assert beginning.welcome is not None
        return beginning.welcome

    def is_asked_nothing(self) -> bool:
        """Whether no welcome is there when all has settled."""
        self.qtbot.waitUntil(lambda: self.window.page.answered, timeout=5000)
        self.qtbot.wait(50)
        return self.start.beginning is not None and self.start.beginning.welcome is None

    def key(self, key: Qt.Key) -> None:
        """Press a key where the keyboard is."""
        focus = self.dialog.focusWidget()
        assert focus is not None
        press(self.qtbot, focus, key)

    def until_presets(self) -> None:
        self.qtbot.waitUntil(lambda: bool(self.dialog.presets.choices), timeout=5000)


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's folder of pictures."""
    folder = tmp_path / "Pictures"
    folder.mkdir()
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _place: str(folder))
    return folder


@pytest.fixture
def begin(qapp: QApplication, qtbot: QtBot, tmp_path: Path, pictures: Path) -> Iterator[Begin]:
    starts: list[Start] = []

    def build(paths: tuple[str, ...] = (), **knobs: object) -> First:
        library = FakeLibrary(
            **{"with_model": False, "state_path": tmp_path / "home" / "window.json", **knobs}  # type: ignore[arg-type]
        )
        for row in made.SEARCH_MODELS:
            library.shelf.offers[row[0]] = made.offer(ModelKind.SEARCH, row)
        library.shelf.presets = made.PRESETS
        start = Start(qapp, lambda: library, paths)  # type: ignore[arg-type, return-value]
        starts.append(start)
        return First(qtbot, start, library)

    yield build
    for start in reversed(starts):
        if start.window is not None and not start.window.leaving:
            start.close()
        assert end(start) == 0
        start.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # no dialog outlives it
    qapp.setStyleSheet("")


def test_walked_through_by_keyboard(begin: Begin, pictures: Path, qtbot: QtBot) -> None:
    first = begin()
    dialog = first.dialog
    assert dialog.folders.chosen == (str(pictures),), "the system's pictures are proposed"
    first.key(Qt.Key.Key_Return)
    first.until_presets()
    chosen = dialog.presets.chosen
    assert chosen is not None
    assert chosen.name == BALANCED, "the recommended one"
    balanced = dialog.presets.choices[1]
    assert balanced.facts.text() == "1.5 GB  ·  about 74 photos/s  ·  Apache-2.0"
    first.key(Qt.Key.Key_Down)
    first.key(Qt.Key.Key_Up)
    assert balanced.radio.isChecked()
    first.key(Qt.Key.Key_Return)
    assert dialog.last.folders.text() == "Photos are looked at in Pictures."
    assert "1.5 GB, under Apache-2.0" in dialog.last.model.text()
    assert not dialog.last.background.isChecked()
    assert not dialog.last.autostart.isChecked()
    assert not calls(first.library, "add_folders"), "nothing is done before the end"
    first.key(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: calls(first.library, "getting.get") == [(BALANCED,)], timeout=5000)
    settled(qtbot, first.window, 12)
    assert calls(first.library, "add_folders") == [((str(pictures),),)]
    qtbot.waitUntil(lambda: first.library.shelf.offers[BALANCED].info is not None, timeout=5000)
    assert first.library.settings.writes == []


def test_presets_are_told_in_the_users_language(
    begin: Begin, speaking: Callable[[str], None], qtbot: QtBot
) -> None:
    first = begin()
    speaking("de")  # whoever starts speaks what the settings say by then
    first.dialog.skip.click()
    first.until_presets()
    titles = [choice.radio.text() for choice in first.dialog.presets.choices]
    assert [title.partition(",")[0] for title in titles][:2] == ["Leicht", "Ausgewogen"]


def test_it_is_never_shown_again(begin: Begin, qtbot: QtBot) -> None:
    first = begin()
    first.dialog.reject()
    qtbot.waitUntil(first.library.state_path.exists, timeout=5000)
    assert not calls(first.library, "add_folders")
    assert not calls(first.library, "getting.get")
    first.start.close()
    assert begin().is_asked_nothing()


def test_it_was_shown_even_if_the_program_is_killed_meanwhile(begin: Begin, qtbot: QtBot) -> None:
    first = begin()
    assert first.dialog.isVisible()
    qtbot.waitUntil(first.library.state_path.exists, timeout=5000)
    assert begin().is_asked_nothing(), "nothing of the first start was closed"


def test_a_mark_that_cannot_be_written_is_logged(
    begin: Begin, tmp_path: Path, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "full").write_text("")
    first = begin(state_path=tmp_path / "full" / "window.json")
    assert first.dialog.isVisible()
    qtbot.waitUntil(lambda: "cannot be written" in caplog.text, timeout=5000)


def test_each_step_may_be_skipped(begin: Begin, qtbot: QtBot) -> None:
    first = begin()
    dialog = first.dialog
    dialog.skip.click()
    first.until_presets()
    dialog.skip.click()
    assert dialog.last.folders.text().startswith("No folder yet.")
    assert dialog.last.model.text().startswith("No search model yet.")
    dialog.back.click()
    dialog.next.click()
    assert "SigLIP 2 B/32" in dialog.last.model.text(), "who goes back has not skipped it"
    dialog.back.click()
    dialog.skip.click()
    dialog.last.autostart.click()
    dialog.next.click()
    qtbot.waitUntil(lambda: bool(first.library.settings.writes), timeout=5000)
    assert [write[:2] for write in first.library.settings.writes] == [(AUTOSTART, True)]
    assert first.is_asked_nothing()
    assert not calls(first.library, "add_folders")
    assert not calls(first.library, "getting.get")


def test_not_now_and_escape_do_nothing(begin: Begin) -> None:
    first = begin()
    dialog = first.dialog
    dialog.next.click()
    first.until_presets()
    dialog.next.click()
    dialog.last.autostart.click()
    dialog.skip.click()
    assert first.is_asked_nothing()
    assert not calls(first.library, "add_folders")
    assert first.library.settings.writes == []


def test_a_licence_for_research_is_accepted_first(begin: Begin, qtbot: QtBot) -> None:
    first = begin()
    dialog = first.dialog
    dialog.skip.click()
    first.until_presets()
    choice = dialog.presets.choices[5]
    assert "CC-BY-NC-4.0 (research only)" in choice.facts.text()
    choice.radio.click()
    dialog.next.click()
    dialog.next.click()
    qtbot.waitUntil(lambda: first.window.findChild(LicenceDialog) is not None, timeout=5000)
    asked = first.window.findChild(LicenceDialog)
    assert isinstance(asked, LicenceDialog)
    assert not calls(first.library, "getting.get")
    asked.tick.click()
    asked.accept_button.click()
    qtbot.waitUntil(lambda: calls(first.library, "getting.get") == [(RESEARCH,)], timeout=5000)
    assert calls(first.library, "getting.accept") == [(RESEARCH,)]


def test_folders_are_dropped_chosen_and_left_out(begin: Begin, pictures: Path) -> None:
    step = begin().dialog.folders
    assert drop(step, files("/media/Archive", str(pictures)))
    assert step.chosen == (str(pictures), "/media/Archive")
    tick, _path = step.ticks[0]
    tick.click()
    assert step.chosen == ("/media/Archive",)
    step.ticks[1][0].click()
    assert not step.complete
    assert not begin_next(step)


def begin_next(step: QWidget) -> bool:
    dialog = step.window()
    assert isinstance(dialog, WelcomeDialog)
    return dialog.next.isEnabled()


def test_without_a_folder_of_pictures_one_is_asked_for(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _place: "/nowhere")
    dialog = begin().dialog
    assert dialog.folders.ticks == []
    assert dialog.folders.button.text() == "Choose a folder…"
    assert not dialog.next.isEnabled()
    assert dialog.skip.isEnabled()


def test_who_is_not_new_is_not_welcomed(begin: Begin, tmp_path: Path) -> None:
    assert begin(paths=("/photos/Named",)).is_asked_nothing()
    assert begin(n=10, state_path=tmp_path / "other" / "window.json").is_asked_nothing()
    seen = tmp_path / "seen" / "window.json"
    save(seen, WindowState())
    assert begin(state_path=seen).is_asked_nothing()


def test_all_that_takes_the_keyboard_has_a_name(begin: Begin) -> None:
    first = begin()
    dialog = first.dialog
    first.until_presets()
    takers = [
        widget
        for widget in dialog.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    assert len(takers) > 8
    for widget in takers:
        words = getattr(widget, "text", str)() if callable(getattr(widget, "text", None)) else ""
        assert widget.accessibleName() or words, widget
    assert dialog.presets.choices[1].radio.accessibleName() == "Balanced, recommended"
    assert "1.5 GB" in dialog.presets.choices[1].radio.accessibleDescription()
    assert dialog.accessibleName() == "Welcome to PhotoSearch"
    assert os.sep in dialog.folders.ticks[0][0].accessibleDescription()


def test_the_settings_of_the_background_are_offered_off(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = begin().dialog
    assert not dialog.last.background.isEnabled(), "there is no tray here"
    assert "no tray icons" in dialog.last.background.accessibleDescription()
    assert STAY == "indexing.background"


def test_what_a_preset_is_stands_below_its_title(begin: Begin, qtbot: QtBot) -> None:
    first = begin()
    first.until_presets()
    choice = first.dialog.presets.choices[0]
    option = QStyleOptionButton()
    choice.radio.initStyleOption(option)
    contents = QStyle.SubElement.SE_RadioButtonContents
    title = choice.radio.style().subElementRect(contents, option, choice.radio).topLeft()
    words = choice.words.contentsRect().topLeft()
    assert choice.radio.mapTo(choice, title).x() == choice.words.mapTo(choice, words).x()
