"""The table of models as Qt sees it: one row a model, one column a fact.

Knows what each cell says, how it sorts, and what a screen reader is told; paints nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from photosearch.gui.settings.models import rows, wording
from photosearch.gui.settings.models.rows import Row
from photosearch.gui.text import _, joined
from photosearch.gui.told import told
from photosearch.types import ModelKind, OfferState

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
Role = Qt.ItemDataRole


class Column(IntEnum):
    """What the columns show."""

    MODEL = 0
    QUALITY = 1
    LANGUAGES = 2
    DOWNLOAD = 3
    MEMORY = 4
    SPEED = 5
    HOURS = 6
    LICENCE = 7
    STATE = 8
    DEED = 9


ROW_ROLE = Role.UserRole + 1  # the Row itself
SORT_ROLE = Role.UserRole + 2
NOTE_ROLE = Role.UserRole + 3  # the small second line of a cell
SHARE_ROLE = Role.UserRole + 4  # of a bar, 0 to 1, or None
MARKED_ROLE = Role.UserRole + 5  # whether it is the recommended one
_NUMBERS = {Column.DOWNLOAD, Column.MEMORY, Column.SPEED, Column.HOURS}
_STATE_ORDER = {state: at for at, state in enumerate(
    (OfferState.IN_USE, OfferState.COMING, OfferState.DOWNLOADING, OfferState.PROBLEM,
     OfferState.PAUSED, OfferState.INSTALLED, OfferState.AVAILABLE))}  # fmt: skip
_LAST = float("inf")  # what is not known sorts last


class ModelTable(QAbstractTableModel):
    """Holds the rows; `language` is the one whose recall is shown."""

    def __init__(self, kind: ModelKind, parent: QObject | None = None):
        super().__init__(parent)
        self._kind = kind
        self._rows: tuple[Row, ...] = ()
        self._language = "en"
        self._recommended = ""

    @property
    def kind(self) -> ModelKind:
        return self._kind

    @property
    def language(self) -> str:
        """The language whose recall is shown, as an ISO 639-1 code."""
        return self._language

    def set_language(self, code: str) -> None:
        """Show how well models understand another language."""
        if code != self._language:
            self._language = code
            self._tell_all()
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, Column.QUALITY, Column.QUALITY)

    def set_recommended(self, name: str) -> None:
        """Mark the model that is recommended for this machine."""
        if name != self._recommended:
            self._recommended = name
            self._tell_all()

    def set_rows(self, new: Sequence[Row]) -> None:
        """Show these rows; the same models in the same order keep selection and place."""
        new = tuple(new)
        if [row.name for row in new] != [row.name for row in self._rows]:
            self.beginResetModel()
            self._rows = new
            self.endResetModel()
            return
        changed = [at for at, (a, b) in enumerate(zip(new, self._rows, strict=True)) if a != b]
        self._rows = new
        for at in changed:
            self._tell(at)

    def set_row(self, row: Row) -> None:
        """Show one row anew."""
        for at, known in enumerate(self._rows):
            if known.name == row.name:
                self._rows = (*self._rows[:at], row, *self._rows[at + 1 :])
                self._tell(at)

    def row_of(self, name: str) -> int:
        """Return where a model stands, -1 for nowhere."""
        return next((at for at, row in enumerate(self._rows) if row.name == name), -1)

    def _tell(self, at: int) -> None:
        self.dataChanged.emit(self.index(at, 0), self.index(at, len(Column) - 1))

    def _tell_all(self) -> None:
        if self._rows:
            last = self.index(len(self._rows) - 1, len(Column) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    # --- what Qt asks ---------------------------------------------------------

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row, column = self._rows[index.row()], Column(index.column())
        if role == ROW_ROLE:
            return row
        if role == Role.TextAlignmentRole:
            return _alignment(column)
        answer = {
            Role.DisplayRole: self._words,
            Role.ToolTipRole: self._tip,
            Role.AccessibleTextRole: self._spoken,
            NOTE_ROLE: self._note,
            SHARE_ROLE: self._share,
            SORT_ROLE: self._sort,
            MARKED_ROLE: self._marked,
        }.get(role)
        return answer(row, column) if answer is not None else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        column = Column(section)
        if role == Role.DisplayRole:
            return self._heading(column)
        if role == Role.ToolTipRole:
            return self._heading_tip(column)
        if role == Role.TextAlignmentRole:
            return _alignment(column)
        return None

    # --- what the cells say ---------------------------------------------------

    def _heading(self, column: Column) -> str:
        return {
            Column.MODEL: _("Model"),
            Column.QUALITY: _("Quality"),
            Column.LANGUAGES: _("Languages"),
            Column.DOWNLOAD: _("Download"),
            Column.MEMORY: _("Memory"),
            Column.SPEED: _("Photos/s"),
            Column.HOURS: _("This library"),
            Column.LICENCE: _("Licence"),
            Column.STATE: _("State"),
            Column.DEED: "",
        }[column]

    def _heading_tip(self, column: Column) -> str:
        quality = _(
            "Of 100 descriptions in {language}, for how many the right photo is among the first"
        )
        return {
            Column.QUALITY: quality.format(language=wording.language(self._language)),
            Column.MEMORY: _("Memory the model needs while it works, before it is made smaller"),
            Column.SPEED: _("Photos a second on this machine"),
            Column.HOURS: _("How long it takes to prepare the photos of this library"),
        }.get(column, "")

    def _words(self, row: Row, column: Column) -> str:
        offer = row.offer
        deed = rows.main_deed(row)
        return {
            Column.MODEL: row.title,
            Column.QUALITY: wording.percent(wording.recall(offer.entry, self._language)),
            Column.LANGUAGES: wording.languages(offer.entry),
            Column.DOWNLOAD: wording.size(offer.download_bytes),
            Column.MEMORY: wording.size(offer.memory_bytes),
            Column.SPEED: wording.speed(offer.speed),
            Column.HOURS: wording.hours_short(offer.hours),
            Column.LICENCE: wording.licence(offer),
            Column.STATE: rows.state_words(row),
            Column.DEED: rows.deed_words(deed, row) if deed is not None else "",
        }[column]

    def _note(self, row: Row, column: Column) -> str:
        if column is Column.MODEL:
            if row.name == self._recommended:
                return _("Recommended")
            if row.offer.entry is None:
                return _("Your own")
            return row.name if row.name != row.title else ""
        if column is Column.SPEED:
            return wording.speed_source(row.offer.speed)
        if column is Column.LICENCE and wording.research_only(row.offer):
            return _("research only")
        return rows.state_note(row) if column is Column.STATE else ""

    def _marked(self, row: Row, _column: Column) -> bool:
        return row.name == self._recommended

    def _share(self, row: Row, column: Column) -> float | None:
        if column is Column.QUALITY:
            value = wording.recall(row.offer.entry, self._language)
            return None if value is None else value / 100
        return rows.share(row) if column is Column.STATE else None

    def _sort(self, row: Row, column: Column) -> Any:
        offer = row.offer
        quality = wording.recall(offer.entry, self._language)
        many = offer.entry.languages if offer.entry is not None else ()
        return {
            Column.MODEL: row.title.casefold(),
            Column.QUALITY: -1.0 if quality is None else quality,
            Column.LANGUAGES: 1000 if wording.MANY in many else len(many),
            Column.DOWNLOAD: offer.download_bytes or _LAST,
            Column.MEMORY: offer.memory_bytes or _LAST,
            Column.SPEED: offer.speed.per_second if offer.speed is not None else -1.0,
            Column.HOURS: _LAST if offer.hours is None else offer.hours,
            Column.LICENCE: wording.licence(offer).casefold(),
            Column.STATE: _STATE_ORDER[row.state],
            Column.DEED: _STATE_ORDER[row.state],
        }[column]

    def _tip(self, row: Row, column: Column) -> str:
        if column is Column.MODEL:
            sentence = told(row.offer.entry.sentence) if row.offer.entry is not None else ""
            return "\n".join(part for part in (row.title, row.name, sentence) if part)
        if column is Column.STATE:
            return row.trouble or joined((rows.state_words(row), rows.state_note(row)))
        if column is Column.SPEED:
            return wording.speed_sentence(row.offer.speed)
        return self._words(row, column)

    def _spoken(self, row: Row, column: Column) -> str:
        words, note = self._words(row, column), self._note(row, column)
        if column is Column.STATE and row.trouble:
            note = row.trouble
        return f"{words}, {note}" if note else words


def _alignment(column: Column) -> Qt.AlignmentFlag:
    right = column in _NUMBERS
    across = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    return across | Qt.AlignmentFlag.AlignVCenter
