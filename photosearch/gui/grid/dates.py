"""Words of the grid: month headings, tool tips, what a screen reader says."""

from __future__ import annotations

from PySide6.QtCore import QLocale

from photosearch.gui.text import _, date_and_time, joined, shown
from photosearch.types import MonthMark, PhotoSummary


def month(mark: MonthMark) -> str:
    """Return "June 2019", or words for photos without a date."""
    if not mark.year or not 1 <= mark.month <= 12:
        return _("Date unknown")
    name = QLocale().standaloneMonthName(mark.month)
    return f"{name[:1].upper()}{name[1:]} {mark.year}"


def tool_tip(summary: PhotoSummary) -> str:
    """Return the name and, where known, the date."""
    taken = date_and_time(summary.taken_at)
    return f"{shown(summary.name)}\n{taken}" if taken else shown(summary.name)


def spoken(summary: PhotoSummary) -> str:
    """Return what a screen reader says of a photo."""
    marks = (_("favourite") if summary.favourite else "", _("offline") if summary.offline else "")
    parts = (shown(summary.name), date_and_time(summary.taken_at), *marks)
    return joined(parts).replace("  ·  ", ", ")
