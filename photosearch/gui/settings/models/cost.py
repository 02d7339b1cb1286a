"""What choosing another search model takes, shown before it is chosen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QWidget

from photosearch.gui import theme
from photosearch.gui.settings.models import dialogs
from photosearch.gui.settings.models.rows import Row
from photosearch.gui.text import _, duration, file_size, photos, plural
from photosearch.types import ModelOffer, SwitchCost


class CostDialog(QDialog):
    """Download, photos to do, time and disk; the old model goes on answering meanwhile."""

    def __init__(
        self,
        cost: SwitchCost,
        row: Row,
        current: ModelOffer | None,
        others_downloaded: bool,
        parent: QWidget,
    ):
        super().__init__(parent)
        column = dialogs.begin(self, _("Choose a search model"))
        title = _("Search with {model}?").format(model=row.title)
        column.addWidget(dialogs.label(title, "heading", self))
        column.addWidget(dialogs.label(how(cost, row, current), "", self))
        self.lines = lines(cost, row)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.L)
        grid.setVerticalSpacing(theme.S)
        grid.setColumnStretch(1, 1)
        for at, (name, value) in enumerate(self.lines):
            top = Qt.AlignmentFlag.AlignTop
            grid.addWidget(dialogs.label(name, "quiet", self), at, 0, top)
            grid.addWidget(dialogs.label(value, "strong", self), at, 1)
        column.addLayout(grid)
        self.warnings = warnings(cost)
        if others_downloaded and cost.download_bytes:
            self.warnings.append(_("It is downloaded after those that are asked for already."))
        for words in self.warnings:
            column.addWidget(dialogs.label(words, "warn", self))
        box, self.choose = dialogs.buttons(self, deed(cost))
        column.addSpacing(theme.S)
        column.addWidget(box)


def how(cost: SwitchCost, row: Row, current: ModelOffer | None) -> str:
    """Say how the change goes."""
    if not cost.photos:
        if cost.download_bytes:
            return _("It is used as soon as it is here.")
        return _("All photos are prepared for it: it is used at once.")
    if current is None or current.name == row.name:
        return _("Photos can be found by what they show as soon as they are prepared.")
    return _(
        "Search goes on with {old} until all photos are prepared for {new}, and then changes at"
        " once. You can pause, change earlier, or go back without losing anything."
    ).format(old=current.title, new=row.title)


def lines(cost: SwitchCost, row: Row) -> list[tuple[str, str]]:
    """Return what it takes, name and value."""
    said = []
    if cost.download_bytes:
        said.append((_("Download"), file_size(cost.download_bytes)))
    if cost.photos:
        said.append((_("Photos to prepare"), photos(cost.photos)))
        time = _("not known yet")
        if cost.seconds is not None:
            time = duration(cost.seconds)
            if cost.seconds >= 10:  # fewer are “a few” as it is
                time = _("about {time}").format(time=time)
            if row.offer.speed is not None and not row.offer.speed.measured:
                time = _("{time}, estimated for this machine").format(time=time)
        said.append((_("Time"), time))
    if cost.disk_bytes:
        disk = _("{size}, of {free} free").format(
            size=file_size(cost.disk_bytes), free=file_size(cost.free_bytes)
        )
        said.append((_("Disk"), disk))
    return said


def warnings(cost: SwitchCost) -> list[str]:
    """Return what one should know before: drives, disk."""
    said = []
    if cost.from_originals:
        said.append(
            plural(
                "{n} photo must be read anew from its file, which takes longer.",
                "{n} photos must be read anew from their files, which takes longer.",
                cost.from_originals,
            )
        )
    if cost.unreachable:
        said.append(
            plural(
                "{n} of them is on a drive that is not plugged in: it is prepared when it is back.",
                "{n} of them are on drives that are not plugged in: they are prepared when those"
                " are back.",
                cost.unreachable,
            )
        )
    if cost.disk_bytes > cost.free_bytes:
        said.append(_("There is not enough room on the disk. Free some first."))
    return said


def deed(cost: SwitchCost) -> str:
    """Return what stands on the button."""
    if cost.download_bytes:
        return _("Download and prepare") if cost.photos else _("Download and use")
    return _("Prepare") if cost.photos else _("Use")
