"""Hands for the tests of the sections of models: a section of its own, waiting, dialogs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import pytest
from gui.fake_library import FakeLibrary
from PySide6.QtWidgets import QDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from photosearch.gui.settings.models.desk import ModelDesk
from photosearch.gui.settings.models.rows import Row
from photosearch.gui.settings.models.section import ModelsSection
from photosearch.gui.settings.models.switch_watch import SwitchWatch
from photosearch.jobs import Runner
from photosearch.types import ModelKind, OfferState

SOON = 5000
OLD, LIGHT = "ViT-B-32__openai", "ViT-B-32__laion2b-s34b-b79k"
BALANCED, BETTER = "ViT-B-32-SigLIP2-256__webli", "ViT-B-16-SigLIP2__webli"
RESEARCH, LARGE = "nllb-clip-large-siglip__mrl", "ViT-B-16-SigLIP-384__webli"
Dialog = TypeVar("Dialog", bound=QDialog)


@dataclass
class Hands:
    """A section on a library in memory."""

    qtbot: QtBot
    library: FakeLibrary
    desk: ModelDesk
    watch: SwitchWatch
    section: ModelsSection
    failures: list[Exception] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=SOON)

    def row(self, name: str) -> Row:
        row = self.desk.row(name)
        assert row is not None
        return row

    def state(self, name: str) -> OfferState:
        return self.row(name).state

    def calls(self, verb: str) -> list[tuple[object, ...]]:
        return [args for called, args in self.library.calls if called == verb]

    def settle(self) -> None:
        """Wait until the desk has read everything and nothing is under way."""
        self.until(lambda: not self.desk.runner.jobs)

    def dialog(self, kind: type[Dialog]) -> Dialog:
        """Wait for a dialog and return it."""
        window = self.section.window()
        self.until(lambda: any(each.isVisible() for each in window.findChildren(kind)))
        return next(each for each in window.findChildren(kind) if each.isVisible())

    def gone(self, dialog: QDialog) -> None:
        """Wait until a dialog has closed; it may be deleted by then."""
        self.until(lambda: not isValid(dialog) or not dialog.isVisible())


def button(parent: QWidget, words: str) -> QPushButton:
    """Return the visible button that says this."""
    found = [
        each for each in parent.findChildren(QPushButton) if each.text() == words
        and each.isVisible()
    ]  # fmt: skip
    assert found, f"no button says {words}"
    return found[0]


@pytest.fixture
def library() -> FakeLibrary:
    made = FakeLibrary(300, with_model=False)
    made.shelf.stock()
    made.forbidden_thread = threading.get_ident()
    return made


def hands_on(
    qtbot: QtBot, library: FakeLibrary, kind: ModelKind = ModelKind.SEARCH
) -> Iterator[Hands]:
    """Build a section, show it, read the library; afterwards no call was on this thread."""
    runner = Runner()
    page = QWidget()
    qtbot.addWidget(page)
    page.resize(1300, 1000)
    desk = ModelDesk(library, runner, page)  # type: ignore[arg-type]  # a fake
    watch = SwitchWatch(desk)
    section = ModelsSection(desk, watch, kind, page)
    section.resize(1300, 1000)
    hands = Hands(qtbot, library, desk, watch, section)
    desk.failed.connect(hands.failures.append)
    desk.chosen.connect(hands.chosen.append)
    page.show()
    desk.refresh()
    hands.until(lambda: desk.read)
    yield hands
    for gate in library.shelf.steps.values():
        gate.set()
    assert runner.shutdown(10)
    assert library.trespasses == []
