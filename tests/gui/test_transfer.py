"""The card of export and import: what it says when it is called off, or goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from photosearch.errors import UsageError
from photosearch.gui.settings.transfer import TransferPanel
from photosearch.gui.settings.transfer_words import conflict
from photosearch.jobs import Runner
from photosearch.types import Brought, Check, Conflict, Imported, TheirFolder

# the offscreen platform says this of windows with a smallest size
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
BROUGHT = Brought(people=2, faces=0, favourites=0)
FOLDER = TheirFolder(path="/photos", known=False, present=True, faces=True, search=True, exclude=())


class Bringing:
    """A library that holds an import between its last check and its end, or before that check."""

    def __init__(self) -> None:
        self.transfer = self
        self.begun, self.go = threading.Event(), threading.Event()
        self.checks = False
        self.error: Exception | None = None
        self.notices: tuple[str, ...] = ()
        self.conflicts: tuple[Conflict, ...] = ()
        self.folders: tuple[TheirFolder, ...] = ()

    def bring(self, path: str, _report: object, check: Check) -> Imported:
        self.begun.set()
        assert self.go.wait(10)
        if self.checks:
            check()
        if self.error is not None:
            raise self.error
        return Imported(
            path=path,
            written="",
            brought=BROUGHT,
            photos_here=0,
            photos_waiting=0,
            settings=(),
            conflicts=self.conflicts,
            notices=self.notices,
            folders=self.folders,
            rehearsed=False,
        )

    def add_folders(self, _paths: list[str]) -> list[object]:
        self.begun.set()
        assert self.go.wait(10)
        return []


@pytest.fixture
def library() -> Bringing:
    return Bringing()


@pytest.fixture
def make_panel(qtbot: QtBot, library: Bringing) -> Iterator[Callable[[], TransferPanel]]:
    runner = Runner()

    def build() -> TransferPanel:
        panel = TransferPanel(library, runner)  # type: ignore[arg-type]
        qtbot.addWidget(panel)
        panel.show()
        return panel

    yield build
    library.go.set()
    assert runner.shutdown(10)


@pytest.fixture
def panel(make_panel: Callable[[], TransferPanel]) -> TransferPanel:
    return make_panel()


def called_off(panel: TransferPanel, library: Bringing, qtbot: QtBot) -> None:
    """Begin an import, call it off, and let it end."""
    panel.bring("a.json")
    assert library.begun.wait(10)
    panel.cancel_button.click()
    assert panel.result.text() == "Cancelling…"
    assert not panel.cancel_button.isEnabled()
    assert not panel.import_button.isEnabled()
    library.go.set()
    qtbot.waitUntil(panel.import_button.isEnabled, timeout=5000)
    assert not panel.cancel_button.isVisible()


def test_an_import_that_was_done_before_it_was_called_off_is_told(
    panel: TransferPanel, library: Bringing, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(panel.imported, timeout=5000):
        called_off(panel, library, qtbot)
    assert "New here: 2 names" in panel.result.text()


def test_an_import_that_heard_of_it_is_cancelled(
    panel: TransferPanel, library: Bringing, qtbot: QtBot
) -> None:
    library.checks = True
    with qtbot.assertNotEmitted(panel.imported):
        called_off(panel, library, qtbot)
    assert panel.result.text() == "Cancelled."
    library.checks = False
    panel.bring("a.json")
    qtbot.waitUntil(lambda: "New here" in panel.result.text(), timeout=5000)


def test_what_went_wrong_meanwhile_is_told(
    panel: TransferPanel, library: Bringing, qtbot: QtBot
) -> None:
    library.error = UsageError("There is no file at a.json.")
    called_off(panel, library, qtbot)
    assert panel.result.text() == "There is no file at a.json."
    assert panel.result.property("role") == "wrong"


def test_a_bug_is_handed_on_and_named_as_one(
    panel: TransferPanel, library: Bringing, qtbot: QtBot
) -> None:
    library.error = KeyError("secret")
    library.go.set()
    with qtbot.waitSignal(panel.failed, timeout=5000) as heard:
        panel.bring("a.json")
    assert heard.args == [library.error]
    assert panel.result.text() == "Something went wrong that should not have."
    library.error = UsageError("There is no file at a.json.")
    qtbot.waitUntil(panel.import_button.isEnabled, timeout=5000)
    with qtbot.assertNotEmitted(panel.failed):
        panel.bring("a.json")
        qtbot.waitUntil(lambda: "no file" in panel.result.text(), timeout=5000)


def test_while_folders_are_added_nothing_else_is_begun(
    panel: TransferPanel, library: Bringing, qtbot: QtBot
) -> None:
    library.folders = (FOLDER,)
    library.go.set()
    panel.bring("a.json")
    qtbot.waitUntil(panel.folders_button.isVisible, timeout=5000)
    qtbot.waitUntil(panel.import_button.isEnabled, timeout=5000)
    said = panel.result.text()
    library.go.clear()
    with qtbot.waitSignal(panel.imported, timeout=5000):
        panel.folders_button.click()
        assert not panel.import_button.isEnabled()
        assert not panel.cancel_button.isVisible()
        library.go.set()
    qtbot.waitUntil(panel.import_button.isEnabled, timeout=5000)
    assert panel.result.text() == said


# --- in the user's language -------------------------------------------------------


def test_what_the_core_says_of_it_is_translated(
    speaking: Callable[[str], None],
    make_panel: Callable[[], TransferPanel],
    library: Bringing,
    qtbot: QtBot,
) -> None:
    speaking("de")
    panel = make_panel()
    library.go.set()
    library.notices = ("Entries that make no sense were left out: 3.",)
    library.conflicts = (Conflict("/a/b.jpg", "no face", "somebody without a name"),)
    panel.bring("a.json")
    qtbot.waitUntil(lambda: "kein Gesicht" in panel.result.text(), timeout=5000)
    assert "Entries" not in panel.result.text()
    assert "jemand ohne Namen" in panel.result.text()
    library.error = UsageError("There is no file at a.json.")
    qtbot.waitUntil(panel.import_button.isEnabled, timeout=5000)
    panel.bring("a.json")
    qtbot.waitUntil(lambda: panel.result.property("role") == "wrong", timeout=5000)
    assert "There is" not in panel.result.text()
    assert "a.json" in panel.result.text()


@pytest.mark.parametrize(
    ("code", "said", "expected"),
    [
        ("de", ("/a/b.jpg", "no face", "not Anna"), "/a/b.jpg: hier kein Gesicht, dort nicht Anna"),
        ("de", ("Anna", "shown", "a stranger"), "Anna: hier eingeblendet, dort fremd"),
        ("de", ("Photos", "1980-02-03", "hidden"), "Photos: hier 1980-02-03, dort ausgeblendet"),
        ("de", ("a photo that is not here yet", "Ben", "not somebody without a name"),
         "ein Foto, das noch nicht hier ist: hier Ben, dort nicht jemand ohne Namen"),
        ("fr", ("somebody without a name", "shown", "hidden"),
         "une personne sans nom : ici affiché, là-bas masqué"),
        ("en", ("Anna", "no face", "not Ben"), "Anna: here no face, there not Ben"),
    ],
)  # fmt: skip
def test_words_of_conflicts_are_translated_and_names_are_not(
    speaking: Callable[[str], None], code: str, said: tuple[str, str, str], expected: str
) -> None:
    speaking(code)
    assert conflict(Conflict(*said)).replace("\u00a0", " ") == expected
