"""Carries out what is asked for a model: the questions first, then the desk.

Opens the dialogs of licence, cost, deleting, trying; knows no table.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMessageBox, QWidget

from photosearch.gui.settings.models.conversion import ConversionDialog
from photosearch.gui.settings.models.cost import CostDialog
from photosearch.gui.settings.models.deleting import DeleteDialog
from photosearch.gui.settings.models.desk import ModelDesk
from photosearch.gui.settings.models.licence import LicenceDialog
from photosearch.gui.settings.models.rows import Deed, Row
from photosearch.gui.settings.models.trial import TrialDialog
from photosearch.gui.settings.models.wording import hours
from photosearch.gui.text import _
from photosearch.types import ModelKind, SwitchCost


class ModelHands(QObject):
    """Does deeds; a dialog stands over the window of `page`."""

    def __init__(self, desk: ModelDesk, page: QWidget):
        super().__init__(page)
        self._desk, self._page = desk, page
        self._asked = ""  # whose cost was asked for here
        desk.costRead.connect(self._on_cost)

    def do(self, deed: Deed, row: Row) -> None:
        """Do something with a model, after asking what must be asked."""
        name = row.name
        desk = self._desk
        {
            Deed.GET: partial(self.get, row),
            Deed.GET_AND_USE: partial(self._use, row),
            Deed.PAUSE: partial(desk.downloads.pause, name),
            Deed.RESUME: partial(self.get, row),
            Deed.CANCEL: partial(desk.cancel, name),
            Deed.USE: partial(self._use, row),
            Deed.NOW: partial(desk.switch_now, name),
            Deed.GO_BACK: partial(desk.go_back, name),
            Deed.TRY: partial(self.try_out, name),
            Deed.MEASURE: partial(desk.measure, name),
            Deed.REPAIR: partial(desk.repair, name),
            Deed.DELETE: partial(self.delete, name),
            Deed.FORGET: partial(self._forget, row),
        }[deed]()

    def try_out(self, first: str = "") -> None:
        """Let models answer the same question side by side."""
        dialog = TrialDialog(self._desk, first, self._page.window())
        dialog.useWanted.connect(self._on_use_wanted)
        dialog.open()

    def convert(self) -> None:
        """Convert a model of open_clip."""
        ConversionDialog(self._desk, self._page.window()).open()

    def delete(self, name: str) -> None:
        """Ask what of a model is to be deleted."""
        row = self._desk.row(name)
        if row is None:
            return
        leftover = next((each for each in self._desk.shelf.leftovers if each.name == name), None)
        dialog = DeleteDialog(row, leftover, self._page.window())
        dialog.chosen.connect(partial(self._on_delete, name))
        dialog.open()

    def _on_delete(self, name: str, files: bool, vectors: bool) -> None:
        self._desk.delete(name, files=files, vectors=vectors)

    # --- getting and using ----------------------------------------------------

    def get(self, row: Row, *, use: bool = False) -> None:
        """Download a model, after its licence was accepted where it must be."""
        if not self._desk.needs_licence(row.name):
            self._desk.get(row.name, use=use)
            return
        dialog = LicenceDialog(row.offer, self._page.window())
        dialog.accepted.connect(partial(self._on_licence, row.name, use))
        dialog.open()

    def _on_licence(self, name: str, use: bool) -> None:
        self._desk.accept(name, then=partial(self._desk.get, name, use=use))

    def _use(self, row: Row) -> None:
        if row.offer.kind is ModelKind.SEARCH:
            self._asked = row.name
            self._desk.ask_cost(row.name)
        elif not row.here:
            self.get(row, use=True)
        elif self._desk.shelf.in_use(ModelKind.FACES) is None:
            self._desk.choose(row.name)
        else:
            self._ask_faces(row)

    def _on_use_wanted(self, name: str) -> None:
        row = self._desk.row(name)
        if row is not None:
            self._use(row)

    def _on_cost(self, cost: SwitchCost) -> None:
        row = self._desk.row(cost.name)
        if cost.name != self._asked or row is None:
            return
        self._asked = ""
        if row.here and not cost.photos:  # nothing to wait for
            self._desk.choose(row.name)
            return
        dialog = CostDialog(
            cost,
            row,
            self._desk.shelf.in_use(ModelKind.SEARCH),
            self._desk.downloads.busy,
            self._page.window(),
        )
        dialog.accepted.connect(partial(self._on_cost_accepted, row))
        dialog.open()

    def _on_cost_accepted(self, row: Row) -> None:
        if row.here:
            self._desk.choose(row.name)
        else:
            self.get(row, use=True)

    # --- small questions ------------------------------------------------------

    def _ask_faces(self, row: Row) -> None:
        left = row.offer.hours
        time = ""
        if left:
            time = " " + _("That takes about {time}.").format(time=hours(left))
        self._question(
            _("Find faces with {pack}?").format(pack=row.title),
            _(
                "Faces are then looked for anew on all photos. The names you gave stay with their"
                " people."
            )
            + time,
            _("Use"),
            partial(self._desk.choose, row.name),
        )

    def _forget(self, row: Row) -> None:
        self._question(
            _("Remove {model} from the list?").format(model=row.title),
            _("Its files stay where they are. You can add it again from its folder."),
            _("Remove"),
            partial(self._desk.forget, row.name),
        )

    def _question(self, title: str, text: str, deed: str, then: Callable[[], object]) -> None:
        box = QMessageBox(self._page.window())
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle(_("Models"))
        box.setText(title)
        box.setInformativeText(text)
        cancel = box.addButton(_("Cancel"), QMessageBox.ButtonRole.RejectRole)
        do = box.addButton(deed, QMessageBox.ButtonRole.AcceptRole)
        for button in (cancel, do):
            button.setIcon(QIcon())
        box.accepted.connect(then)
        box.setDefaultButton(do)
        box.open()
