"""Which models the table lists: by text, language, licence, memory, and what is here.

The proxy knows the conditions; the bar above the table, where they are chosen, is in `filter_bar`.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from photosearch.gui.settings.models import machine, wording
from photosearch.gui.settings.models.rows import Row
from photosearch.gui.settings.models.table_model import ROW_ROLE, SORT_ROLE, Column
from photosearch.gui.told import told
from photosearch.types import OfferState


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a model must be to be listed."""

    text: str = ""
    language: str = ""  # it must understand this one
    free: bool = False  # for any use
    fits: bool = False  # in this machine's memory
    here: bool = False  # on this machine


def meets(row: Row, wanted: Conditions, memory: int) -> bool:
    """Whether a model is listed; `memory` is the machine's, in bytes."""
    entry = row.offer.entry
    if wanted.language and not wording.knows(entry, wanted.language):
        return False
    if wanted.free and wording.research_only(row.offer):
        return False
    if wanted.fits and not machine.fits(row.offer.memory_bytes, memory):
        return False
    if wanted.here and row.state is OfferState.AVAILABLE:
        return False
    sentence = told(entry.sentence) if entry is not None else ""
    text = " ".join((row.title, row.name, sentence, wording.licence(row.offer))).casefold()
    return all(word in text for word in wanted.text.casefold().split())


class OfferFilter(QSortFilterProxyModel):
    """Sorts by what the cells are worth, not by what they say, and filters by conditions."""

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self._wanted = Conditions()
        self._memory = 0
        self.setSortRole(SORT_ROLE)
        self.setDynamicSortFilter(True)

    def want(self, wanted: Conditions) -> None:
        """List what meets these conditions."""
        self._wanted = wanted
        self.invalidate()

    def set_memory(self, memory_bytes: int) -> None:
        """Learn how much memory this machine has."""
        if memory_bytes != self._memory:
            self._memory = memory_bytes
            self.invalidate()

    def filterAcceptsRow(
        self, source_row: int, source_parent: QModelIndex | QPersistentModelIndex
    ) -> bool:
        row = self.sourceModel().index(source_row, 0, source_parent).data(ROW_ROLE)
        return isinstance(row, Row) and meets(row, self._wanted, self._memory)

    def lessThan(
        self,
        source_left: QModelIndex | QPersistentModelIndex,
        source_right: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        left, right = source_left.data(SORT_ROLE), source_right.data(SORT_ROLE)
        if left != right:
            return bool(left < right)
        up = self.sortOrder() is Qt.SortOrder.AscendingOrder
        model = self.sourceModel()
        names = [
            model.index(index.row(), Column.MODEL).data(SORT_ROLE)
            for index in (source_left, source_right)
        ]
        return bool(names[0] < names[1]) if up else bool(names[0] > names[1])
