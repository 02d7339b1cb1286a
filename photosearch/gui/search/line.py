"""Where chips stand in a line of text: its characters below them are given their width.

Qt counts UTF-16 units, Python characters; the spans of mentions are in Python's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QTextCharFormat, QTextLayout, QTextOption

from photosearch.gui.search.chips import CHIP_PX, chip_width
from photosearch.types import Mention


def units(text: str) -> int:
    """Return the length of a text as Qt counts: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def carried(mentions: Sequence[Mention], old: str, new: str) -> list[Mention]:
    """Return the mentions that an edit did not touch, where they stand now."""
    most = min(len(old), len(new))
    same = next((at for at in range(most) if old[at] != new[at]), most)
    most -= same
    tail = next((at for at in range(most) if old[-1 - at] != new[-1 - at]), most)
    shift = len(new) - len(old)
    kept: list[Mention] = []
    for mention in mentions:
        moved = mention
        if mention.start >= len(old) - tail:
            moved = replace(mention, start=mention.start + shift, end=mention.end + shift)
        elif mention.end > same:
            continue
        around = new[max(0, moved.start - 1) : moved.start] + new[moved.end : moved.end + 1]
        if not around.strip():
            kept.append(moved)
    return kept


def formats(text: str, chips: Sequence[Mention], font: QFont) -> list[QTextLayout.FormatRange]:
    """Return what gives the characters below chips the chips' width, and hides them."""
    spans: list[QTextLayout.FormatRange] = []
    metrics = QFontMetricsF(font)
    for chip in chips:
        part = text[chip.start : chip.end]
        missing = chip_width(chip, font) - metrics.horizontalAdvance(part)
        form = QTextCharFormat()
        form.setFontLetterSpacingType(QFont.SpacingType.AbsoluteSpacing)
        form.setFontLetterSpacing(missing / max(1, len(part)))
        form.setForeground(QColor(0, 0, 0, 0))
        span = QTextLayout.FormatRange()
        span.start, span.length = units(text[: chip.start]), units(part)
        span.format = form
        spans.append(span)
    return spans


class ChipLine:
    """A line laid out as the field lays out its own, which it keeps to itself."""

    def __init__(self, text: str, chips: Sequence[Mention], font: QFont):
        self._text, self._font = text, font
        self._layout = QTextLayout(text, font)
        option = QTextOption()
        option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        option.setFlags(QTextOption.Flag.IncludeTrailingSpaces)
        self._layout.setTextOption(option)
        self._layout.setFormats(formats(text, chips, font))
        self._layout.beginLayout()
        self._line = self._layout.createLine()
        self._layout.endLayout()

    def x(self, at: int) -> float:
        """Return where a text cursor stands before a UTF-16 unit, in logical pixels."""
        return float(self._line.cursorToX(at)[0])  # type: ignore[index]

    def area(self, chip: Mention) -> QRectF:
        """Return where a chip stands, its top at 0."""
        text, x = self._text, self.x
        start, end = units(text[: chip.start]), units(text[: chip.end])
        one, other = x(start), x(end)
        # where directions meet, an end has two places; one step further in has one
        if end - start > 2 and abs(other - one) < abs(x(end - 1) - x(start + 1)):
            wide, back = chip_width(chip, self._font), x(start + 1) > x(start + 2)
            step = abs(x(start + 2) - x(start + 1))
            one = x(start + 1) + (step if back else -step)
            other = one - wide if back else one + wide
        return QRectF(min(one, other), 0.0, abs(other - one), CHIP_PX)
