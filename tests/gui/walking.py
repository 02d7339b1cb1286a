"""A walk through the whole window: each page and each dialog in turn, with something on it.

For tests of what must hold everywhere: names for screen readers, keys, room for longer words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gui.driving import Make, little_faces, settled
from gui.fake_devices import CPU, CRASHES, CUDA, OPENVINO, WORKS
from gui.fake_library import FakeLibrary
from gui.models_driving import BALANCED, BETTER, LIGHT, OLD, RESEARCH
from gui.people_driving import go_to_people
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from photosearch.errors import ModelError
from photosearch.gui.main_window import MainWindow
from photosearch.gui.people.dialogs import BirthdayDialog, MergeDialog
from photosearch.gui.settings.models.rows import Deed
from photosearch.gui.settings.sections import SECTIONS
from photosearch.types import DeviceReport, FolderId, ModelKind, OfferState, PersonId

PHOTOS = 120
SOON = 60_000  # a walk is long, and the machine may do other things
ANNA, BEN = PersonId(1), PersonId(2)
Station = tuple[str, QWidget]


def peopled() -> FakeLibrary:
    """Return a library in which every page has something to show."""
    library = FakeLibrary(PHOTOS, folders=("/photos/Holidays", "/photos/Home"), with_faces=True)
    people = library.people
    for name, faces in (("Anna", 20), ("Ben", 12), ("", 8)):
        people.add_person(name, faces)
    for face in people.add_unsorted(6)[:4]:
        people.suggest(face, ANNA)
    library.set_offline(FolderId(2), True)
    library.add_failure("holiday.jpg", "The file cannot be opened: Permission denied.")
    shelf = library.shelf
    shelf.stock()
    shelf.use(OLD)
    for name in (LIGHT, BALANCED):
        shelf.install(name)
    shelf.install(BETTER, OfferState.PAUSED)
    devices = library.devices
    devices.reports = [
        DeviceReport(CUDA), DeviceReport(OPENVINO), DeviceReport(CPU, in_use=True)
    ]  # fmt: skip
    devices.verdicts |= {"cuda": CRASHES, "openvino": WORKS}
    return library


class Walk:
    """One window, and the way through it."""

    def __init__(self, qtbot: QtBot, make: Make, library: FakeLibrary):
        self._qtbot, self._library = qtbot, library
        self.window: MainWindow = make(library)
        settled(qtbot, self.window, PHOTOS)

    def stations(self) -> Iterator[Station]:
        """Go to each page and open each dialog; it is shown while it is yielded."""
        yield from self._photos()
        yield from self._people()
        yield from self._settings()
        yield from self._dialogs()

    def until(self, condition: Callable[[], object]) -> None:
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=SOON)

    def _photos(self) -> Iterator[Station]:
        window = self.window
        yield "photos", window
        window.grid.selectAll()
        window.search.search_for("dog")
        self.until(lambda: window.session.on and window.page.model.rowCount() > 0)
        yield "results", window
        window.search.search_for("person:Anna beach")
        self.until(lambda: window.page.model.rowCount() > 0)
        yield "chips", window
        window.session.leave()
        self.until(lambda: not window.session.on)
        window.looking.open(0)
        window.viewer.show_info(True)
        self.until(window.viewer.info.isVisible)
        yield "viewer", window
        window.viewer.close_viewer()

    def _people(self) -> Iterator[Station]:
        window, room = self.window, self.window.frame.people
        go_to_people(window)
        self.until(lambda: room.people.model.rowCount() > 0)
        yield "people", window
        room.people.view.selectAll()
        yield "people selected", window
        room.people.view.clearSelection()
        room.people.tune.click()
        yield "grouping", room.people.grouping
        room.people.grouping.hide()
        room.show_person(ANNA)
        self.until(lambda: room.faces.model.rowCount() > 0)
        yield "person", window
        room.faces.view.selectAll()
        yield "faces selected", window
        room.show_unsorted()
        self.until(lambda: room.faces.person is None and room.faces.model.rowCount() > 0)
        yield "unsorted faces", window
        room.show_queue()
        self.until(lambda: room.queue.isVisible() and not window._runner.jobs)
        yield "questions", window
        room.show_people()

    def _settings(self) -> Iterator[Station]:
        window = self.window
        window.settings.show()
        page = window.frame.settings
        for section in SECTIONS:
            page.show_section(section.name)
            shown = page.section(section.name)
            self.until(lambda shown=shown: shown.isVisible() and not window._runner.jobs)
            yield f"settings {section.name}", window
            if shown.expert_button.isVisible():
                shown.expert_button.click()
                yield f"settings {section.name} expert", window
                shown.expert_button.click()
        window.settings.leave()

    # --- dialogs ------------------------------------------------------------------

    def _dialogs(self) -> Iterator[Station]:
        window = self.window
        faces = little_faces(self._library, window._runner)
        model = window.frame.people.people.model
        persons = [person for row in (0, 1) if (person := model.person(row)) is not None]
        folder = window.sidebar._branches.folder(1)
        for name, opening in (
            ("about", window.show_about),
            ("keys", window.show_keys),
            ("failures", window.failures.show),
            ("removal", lambda: window.asker.removal(folder)),
            ("add folder", window.asker.folder),
            ("bug", lambda: window.problems.tell(RuntimeError("a bug"))),
            ("merge", lambda: MergeDialog(persons, None, faces, window).open()),
            ("birthday", lambda: BirthdayDialog(persons[0], window).open()),
        ):
            opening()
            yield from self._opened(name)
        yield from self._of_models()

    def _of_models(self) -> Iterator[Station]:
        window = self.window
        window.settings.show()
        page = window.frame.settings
        page.show_section("search")
        self.until(lambda: not window._runner.jobs)
        hands = window.models.sections._of_kind[ModelKind.SEARCH].hands
        desk = hands._desk
        row = desk.row
        for name, opening in (
            ("cost", lambda: hands.do(Deed.USE, row(BALANCED))),
            ("delete model", lambda: hands.do(Deed.DELETE, row(LIGHT))),
            ("licence", lambda: hands.do(Deed.GET, row(RESEARCH))),
            ("try models", hands.try_out),
            ("convert", hands.convert),
        ):
            opening()
            yield from self._opened(name)
        window.problems.tell(ModelError("No search model is chosen."))
        yield "banner", window
        window.settings.leave()

    def _opened(self, name: str) -> Iterator[Station]:
        def dialogs() -> list[QDialog]:
            return [
                each for each in QApplication.topLevelWidgets()
                if isinstance(each, QDialog) and each.isVisible()
            ]  # fmt: skip

        self.until(dialogs)
        (dialog,) = dialogs()
        self.until(lambda: not self.window._runner.jobs)
        yield name, dialog
        if isinstance(dialog, QMessageBox):
            dialog.done(0)
        else:
            dialog.reject()
        self.until(lambda: not dialogs())
