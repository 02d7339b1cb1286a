"""Numbered things in rows: what a grid of tiles shows."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex
NUMBER = Qt.ItemDataRole.UserRole  # the id of what a row shows


class TileModel(QAbstractListModel):
    """A list of numbered things; replaced as a whole, the view keeps what is selected."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._numbers: list[int] = []
        self._rows: dict[int, int] = {}

    def numbers(self) -> list[int]:
        """Return the numbers in the order shown."""
        return self._numbers

    def row_of(self, number: int) -> int:
        """Return the row of a number, -1 when it is not shown."""
        return self._rows.get(number, -1)

    def _number(self, numbers: list[int]) -> None:
        self._numbers = numbers
        self._rows = {number: row for row, number in enumerate(numbers)}

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._numbers)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return self._numbers[index.row()] if role == NUMBER else None
