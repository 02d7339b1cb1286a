"""The photos of the grid as a Qt model over an array of ids.

Knows ids, months and scores, and keeps summaries and thumbnails of what is in sight. `data` only
looks into memory. Replacing the contents keeps persistent indexes, and with them selection and
current photo, wherever the steps are few; otherwise it is a reset, over which the view carries
them by id.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage

from photosearch.gui.grid import dates, drag
from photosearch.gui.grid.rows import RowLookup, Rows, Step, row_runs, steps_between
from photosearch.gui.grid.summaries import FetchSummaries, Summaries
from photosearch.gui.grid.thumbs import ThumbLoader
from photosearch.gui.text import _, shown
from photosearch.types import Ids, MonthMark, PhotoId, PhotoList, PhotoSummary

Index = QModelIndex | QPersistentModelIndex
Scores = npt.NDArray[np.float32]
AROUND = 128  # summaries are loaded this many rows beyond those in sight, in whole pages of it
SCANS = 8  # single photos looked for before a lookup of all rows is worth its making


class Role(IntEnum):
    """What `data` answers beyond Qt's own roles."""

    ID = Qt.ItemDataRole.UserRole + 1
    SUMMARY = Qt.ItemDataRole.UserRole + 2
    THUMBNAIL = Qt.ItemDataRole.UserRole + 3  # QImage or None
    FAVOURITE = Qt.ItemDataRole.UserRole + 4
    OFFLINE = Qt.ItemDataRole.UserRole + 5
    NAME = Qt.ItemDataRole.UserRole + 6
    SCORE = Qt.ItemDataRole.UserRole + 7


class PhotoModel(QAbstractListModel):
    """Photos in order, newest first with months or best first with scores."""

    aboutToBeReplaced = Signal(bool)  # whether selection and place are to be kept
    replaced = Signal(bool)  # the same; months are new too

    def __init__(
        self,
        fetch_summaries: FetchSummaries,
        thumbs: ThumbLoader | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._ids = _frozen(np.empty(0, np.int64))
        self._months: tuple[MonthMark, ...] = ()
        self._scores: Scores | None = None
        self._lookup: RowLookup | None = None
        self._scans = 0
        self._in_sight = (0, 0)
        self._thumbs = thumbs
        self._summaries = Summaries(fetch_summaries, self)
        self._summaries.arrived.connect(self._on_summaries_arrived)

    # --- contents ------------------------------------------------------------

    @property
    def ids(self) -> Ids:
        """The ids in order, read-only."""
        return self._ids

    @property
    def months(self) -> tuple[MonthMark, ...]:
        """Where months begin; empty for search results."""
        return self._months

    @property
    def thumbs(self) -> ThumbLoader | None:
        """Where thumbnails come from."""
        return self._thumbs

    def set_list(self, photos: PhotoList, keep_place: bool = True) -> None:
        """Show photos newest first; `keep_place` False for another list than before."""
        self._replace(photos.ids, photos.months, None, keep_place)

    def set_results(self, ids: Ids, scores: Scores | None = None, keep_place: bool = True) -> None:
        """Show search results in the order given; `keep_place` False for a new search."""
        self._replace(ids, (), scores, keep_place)

    def clear(self) -> None:
        """Show nothing."""
        self._replace(np.empty(0, np.int64), (), None, False)

    def photo_at(self, row: int) -> PhotoId:
        """Return the id at a row."""
        return PhotoId(int(self._ids[row]))

    def row_of(self, photo: PhotoId) -> int:
        """Return the row of a photo, or -1."""
        return int(self.rows_of(np.asarray([photo], np.int64))[0])

    def rows_of(self, photos: Ids) -> Rows:
        """Return the row of each photo, -1 where it is not here."""
        if self._lookup is None and len(photos) <= 1 and self._scans < SCANS:
            self._scans += 1  # 0.5 ms in a million ids, and a lookup takes 30 ms to make
            return np.asarray([self._scan(photo) for photo in photos], np.int64)
        if self._lookup is None:
            self._lookup = RowLookup(self._ids)
        return self._lookup.rows(photos)

    def rows_near(self, photos: Ids, first: int, end: int) -> Rows:
        """Return the rows within [first, end) that show one of the photos."""
        rows: Rows = np.flatnonzero(np.isin(self._ids[first:end], photos)) + first
        return rows

    def summary(self, photo: PhotoId) -> PhotoSummary | None:
        """Return what is known of a photo now."""
        return self._summaries.get(photo)

    def set_visible_range(self, first: int, end: int) -> None:
        """Say which rows [first, end) are in sight: summaries load around them."""
        self._in_sight = (first, end)
        low, high = self._near()
        near = [*range(first, min(end, high)), *range(end, high), *range(low, first)]
        self._summaries.want(self._ids[near].tolist() if near else ())

    def refresh_summaries(self) -> None:
        """Ask again for what is known of photos: something in the library changed."""
        self._summaries.mark_stale()
        self.set_visible_range(*self._in_sight)

    def load_summaries(self, photos: Iterable[PhotoId]) -> None:
        """Load summaries of photos that may be out of sight (selected ones, for dragging)."""
        self._summaries.want_too(photos)

    def are_favourites(self, photos: Sequence[PhotoId] | Ids) -> bool:
        """Whether photos are favourites, as far as they are known."""
        known = self._summaries.among(photos)
        return bool(known) and all(summary.favourite for summary in known)

    def set_favourite(self, photos: Sequence[PhotoId] | Ids, value: bool) -> None:
        """Show a favourite mark at once, before the library has written it."""
        self._on_summaries_arrived(self._summaries.set_favourite(photos, value))

    # --- Qt ------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._ids)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flag = Qt.ItemFlag
        enabled = flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsDragEnabled
        return enabled | flag.ItemNeverHasChildren

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._ids):
            return None
        photo = self.photo_at(index.row())
        if role == Role.ID:
            return photo
        if role == Role.THUMBNAIL:
            return self._thumbs.image(photo) if self._thumbs is not None else None
        if role == Role.SCORE:
            return float(self._scores[index.row()]) if self._scores is not None else None
        return self._summary_data(self._summaries.get(photo), role)

    def _summary_data(self, summary: PhotoSummary | None, role: int) -> Any:
        spoken = role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.DisplayRole)
        if summary is None:
            blank: dict[int, Any] = {Role.FAVOURITE: False, Role.OFFLINE: False, Role.NAME: ""}
            return _("Photo") if spoken else blank.get(role)
        if spoken:
            return dates.spoken(summary)
        answers: dict[int, Any] = {
            Role.SUMMARY: summary,
            Role.FAVOURITE: summary.favourite,
            Role.OFFLINE: summary.offline,
            Role.NAME: shown(summary.name),
            Qt.ItemDataRole.ToolTipRole: dates.tool_tip(summary),
        }
        return answers.get(role)

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    def mimeTypes(self) -> list[str]:
        return [drag.IDS_MIME, "text/uri-list"]

    def mimeData(self, indexes: Any) -> QMimeData:
        return self.mime_of([self.photo_at(index.row()) for index in indexes])

    def image_of(self, photo: PhotoId) -> QImage | None:
        """Return a photo's thumbnail if it is loaded."""
        return self.thumbs.image(photo) if self.thumbs is not None else None

    def mime_of(self, photos: Iterable[PhotoId]) -> QMimeData:
        """Return what is dragged or copied: ids for this program, file URLs for others."""
        photos = list(photos)
        known = [s for photo in photos if (s := self._summaries.get(photo)) is not None]
        return drag.mime_data(photos, [summary.path for summary in known])

    # --- inside --------------------------------------------------------------

    def _replace(
        self, ids: Ids, months: tuple[MonthMark, ...], scores: Scores | None, keep_place: bool
    ) -> None:
        new = _frozen(np.asarray(ids, np.int64))
        self.aboutToBeReplaced.emit(keep_place)
        steps = steps_between(self._ids, new) if keep_place else None
        if steps is None:
            self.beginResetModel()
            self._set_ids(new)
            self.endResetModel()
        else:
            for step in steps:
                self._take(step)
            self._set_ids(new)
        self._months, self._scores = tuple(months), scores
        self._summaries.mark_stale()
        self.replaced.emit(keep_place)

    def _take(self, step: Step) -> None:
        if step.ids is None:
            self.beginRemoveRows(QModelIndex(), step.first, step.end - 1)
            self._set_ids(np.delete(self._ids, slice(step.first, step.end)))
            self.endRemoveRows()
        else:
            self.beginInsertRows(QModelIndex(), step.first, step.end - 1)
            self._set_ids(np.insert(self._ids, step.first, step.ids))
            self.endInsertRows()

    def _set_ids(self, ids: Ids) -> None:
        self._ids = ids
        self._scores = None
        self._lookup = None
        self._scans = 0

    def _near(self) -> tuple[int, int]:
        """Return the rows around those in sight for which summaries are loaded."""
        first, end = self._in_sight
        low = max(0, first // AROUND * AROUND - AROUND)
        return low, min(len(self._ids), -(-end // AROUND) * AROUND + AROUND)

    def _scan(self, photo: int) -> int:
        rows = np.flatnonzero(self._ids == photo)
        return int(rows[0]) if len(rows) else -1

    def _on_summaries_arrived(self, photos: tuple[PhotoId, ...]) -> None:
        first, end = self._near()
        changed = np.asarray(photos, np.int64)
        rows = self.rows_near(changed, first, end)
        if len(rows) < len(photos):  # some are out of sight
            rows = self.rows_of(changed)
        for first, end in row_runs(rows[rows >= 0]):
            self.dataChanged.emit(self.index(first), self.index(end - 1))


def _frozen(ids: Ids) -> Ids:
    """Return ids that nobody can change under the model."""
    if ids.flags.writeable:
        ids = ids.copy()
        ids.flags.writeable = False
    return ids
