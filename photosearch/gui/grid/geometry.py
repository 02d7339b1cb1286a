"""Where every photo of the grid lies, computed from its row number.

Knows counts, months, widths and pixels; knows no widget and no photo. All sizes are logical
pixels in the coordinates of the whole content, whose top is 0. Costs grow with the number of
months, never with the number of photos.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from photosearch.types import MonthMark

MARGIN = 16  # left and right of the photos, and below the last
TOP = 12  # above the first photo when there are no headings
SPACING = 6
HEADING = 60  # height of a month heading
MIN_TILE_PX, MAX_TILE_PX = 96, 320

Offsets = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of whole logical pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Geometry:
    """The layout of `count` photos in sections, for one width and one wished tile size."""

    count: int
    width: int
    columns: int
    tile: int  # side of a tile
    slack: int  # pixels left over, shared out between the columns so that both sides are flush
    starts: Offsets  # first row of each section, and `count` at the end
    tops: Offsets  # y of each section, and the whole height at the end
    marks: tuple[MonthMark, ...] = field(default=())
    mirrored: bool = False  # the first column is at the right, where one reads from there

    @property
    def height(self) -> int:
        """Height of the whole content."""
        return int(self.tops[-1])

    @property
    def pitch(self) -> int:
        """Distance from one line of photos to the next."""
        return self.tile + SPACING

    @property
    def heading(self) -> int:
        """Height of a section's heading: none without months."""
        return HEADING if self.marks else TOP

    def section_of(self, row: int) -> int:
        """Return the section that holds a row."""
        return max(0, bisect_right(self.starts, row) - 1)

    def section_at(self, y: int) -> int:
        """Return the section that covers a height, the nearest one beyond the ends."""
        found = bisect_right(self.tops, y) - 1
        return min(max(0, found), len(self.starts) - 2)

    def box(self, row: int) -> Box:
        """Return where a row lies."""
        section = self.section_of(row)
        line, column = divmod(row - int(self.starts[section]), self.columns)
        top = int(self.tops[section]) + self.heading
        return Box(self.column_x(column), top + line * self.pitch, self.tile, self.tile)

    def column_x(self, column: int) -> int:
        """Return the left edge of a column; the slack is spread so that no gap jumps."""
        extra = column * self.slack // (self.columns - 1) if self.columns > 1 else 0
        x = MARGIN + column * self.pitch + extra
        return self.width - x - self.tile if self.mirrored else x

    def lines(self, top: int, bottom: int) -> Iterator[tuple[int, int, int]]:
        """Yield (first row, end row, y) for each line of photos that touches [top, bottom)."""
        for section in range(self.section_at(top), len(self.starts) - 1):
            y0 = int(self.tops[section]) + self.heading
            if y0 >= bottom:
                return
            start, end = int(self.starts[section]), int(self.starts[section + 1])
            line = max(0, (top - y0 - self.tile) // self.pitch + 1)
            first = start + line * self.columns
            while first < end and y0 + line * self.pitch < bottom:
                yield first, min(first + self.columns, end), y0 + line * self.pitch
                first += self.columns
                line += 1

    def rows_between(self, top: int, bottom: int) -> tuple[int, int]:
        """Return [first, end) of the rows that touch [top, bottom); (0, 0) when none does."""
        first = end = -1
        for begin, stop, _y in self.lines(top, bottom):
            first = begin if first < 0 else first
            end = stop
        return (first, end) if first >= 0 else (0, 0)

    def row_at(self, x: int, y: int) -> int:
        """Return the row at a point, -1 between photos."""
        column = self.column_near(x)
        left = self.column_x(column)
        if not left <= x < left + self.tile:
            return -1
        for first, end, _top in self.lines(y, y + 1):
            return first + column if first + column < end else -1
        return -1

    def column_near(self, x: int) -> int:
        """Return the column whose middle is nearest."""
        x = self.width - x if self.mirrored else x
        step = self.pitch + (self.slack / (self.columns - 1) if self.columns > 1 else 0)
        return min(self.columns - 1, max(0, int((x - MARGIN + SPACING / 2) // step)))

    def rows_in(self, x0: int, y0: int, x1: int, y1: int) -> Iterator[tuple[int, int]]:
        """Yield [first, end) runs of the rows whose tiles touch a rectangle, merged where whole."""
        lefts = map(self.column_x, range(self.columns))
        touched = [c for c, left in enumerate(lefts) if x0 < left + self.tile and left < x1]
        if not touched:
            return
        low, high = touched[0], touched[-1]
        run: tuple[int, int] | None = None
        for first, end, _y in self.lines(y0, y1):
            begin, stop = first + low, min(end, first + high + 1)
            if begin >= stop:
                continue
            if run is not None and run[1] == begin:
                run = (run[0], stop)
                continue
            if run is not None:
                yield run
            run = (begin, stop)
        if run is not None:
            yield run

    def column_of(self, row: int) -> int:
        """Return the column of a row."""
        return (row - int(self.starts[self.section_of(row)])) % self.columns

    def row_near(self, column: int, y: int) -> int:
        """Return the row of a column on the line nearest to a height, within its section."""
        section = self.section_at(y)
        start, end = int(self.starts[section]), int(self.starts[section + 1])
        line = (y - int(self.tops[section]) - self.heading) // self.pitch
        line = min(max(0, line), (end - 1 - start) // self.columns)
        return max(0, min(start + line * self.columns + column, end - 1))

    def row_below(self, row: int, column: int) -> int:
        """Return the row one line down, in `column` or the last one there; itself at the end."""
        section = self.section_of(row)
        start, end = int(self.starts[section]), int(self.starts[section + 1])
        line = start + (row - start) // self.columns * self.columns + self.columns
        if line >= end:
            if end >= self.count:
                return row
            line = end
            end = int(self.starts[section + 2])
        return min(line + column, end - 1)

    def row_above(self, row: int, column: int) -> int:
        """Return the row one line up, in `column` or the last one there; itself at the start."""
        section = self.section_of(row)
        start = int(self.starts[section])
        line = start + (row - start) // self.columns * self.columns - self.columns
        if line >= start:
            return line + column
        if section == 0:
            return row
        before = int(self.starts[section - 1])
        line = before + (start - 1 - before) // self.columns * self.columns
        return min(line + column, start - 1)


def lay_out(
    count: int,
    marks: tuple[MonthMark, ...],
    width: int,
    tile_px: int,
    *,
    mirrored: bool = False,
) -> Geometry:
    """Compute the layout: as many columns as the wished tile size allows, stretched flush."""
    inner = max(MIN_TILE_PX, width - 2 * MARGIN)
    columns = max(1, round((inner + SPACING) / (tile_px + SPACING)))
    tile = (inner + SPACING) // columns - SPACING
    slack = inner - columns * (tile + SPACING) + SPACING
    offsets = sorted({m.offset for m in marks if m.offset < count} | ({0} if count else set()))
    kept = {m.offset: m for m in marks}
    starts = np.asarray([*offsets, count] if count else [0, 0], np.int64)
    lines = -(-np.diff(starts) // columns)
    heading = HEADING if marks else TOP
    heights = heading + lines * (tile + SPACING)
    tops = np.concatenate(([0], np.cumsum(heights))).astype(np.int64)
    tops[-1] += MARGIN
    if marks:
        nameless = MonthMark(0, 0, 0)
        marks = tuple(kept.get(offset, nameless) for offset in offsets)
    return Geometry(count, width, columns, tile, slack, starts, tops, marks, mirrored)
