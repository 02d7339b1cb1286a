"""A day as people write it: 1980-03-15, 15.3.1980, 15 March 1980, 15031980.

Years have four digits, so that nobody born in 24 becomes a child of this century.
"""

from __future__ import annotations

import re

from PySide6.QtCore import QDate, QLocale, Qt

from photosearch.gui.text import long_date, users_locale

FIRST_YEAR = 1800  # as the library has it: nobody on a photo was born before
_SHORTEST_MONTH = 3  # letters


def read_day(text: str) -> QDate | None:
    """Return the day that a text says; None when it says none."""
    numbers = re.findall(r"\d+", text)
    words = re.findall(r"[^\W\d_]+", text)
    month = next((found for word in words if (found := _month(word))), 0)
    day: QDate | None = None
    if month:
        day = _with_month(numbers, month)
    elif not words and len(numbers) == 3:
        day = _of_three(numbers)
    elif not words and len(numbers) == 1 and len(numbers[0]) == 8:
        day = _of_digits(numbers[0])
    return day if day is not None and day.isValid() and day.year() >= FIRST_YEAR else None


def written(day: QDate) -> str:
    """Return a day in words that `read_day` understands."""
    words = long_date(day)
    return words if read_day(words) == day else day.toString(Qt.DateFormat.ISODate)


def _month(word: str) -> int:
    """Return the number of the month that a word is, or begins; 0 when it is none."""
    word = word.casefold()
    if len(word) < _SHORTEST_MONTH:
        return 0
    kinds = (QLocale.FormatType.LongFormat, QLocale.FormatType.ShortFormat)
    for locale in (users_locale(), QLocale("en_GB")):
        for month in range(1, 13):
            forms = [locale.monthName(month, kind) for kind in kinds]
            forms += [locale.standaloneMonthName(month, kind) for kind in kinds]
            if any(form.casefold().startswith(word) for form in forms):
                return month
    return 0


def _with_month(numbers: list[str], month: int) -> QDate | None:
    if sorted(len(each) == 4 for each in numbers) != [False, True]:
        return None
    day, year = sorted(numbers, key=len)
    return QDate(int(year), month, int(day))


def _of_three(numbers: list[str]) -> QDate | None:
    if len(numbers[0]) == 4:
        year, month, day = map(int, numbers)
        return QDate(year, month, day)
    if len(numbers[2]) != 4:
        return None
    first, second, year = map(int, numbers)
    day, month = (second, first) if _month_first() else (first, second)
    usual = QDate(year, month, day)
    return usual if usual.isValid() else QDate(year, day, month)


def _of_digits(digits: str) -> QDate | None:
    day = _of_three([digits[:4], digits[4:6], digits[6:]])
    if day is not None and day.isValid() and day.year() >= FIRST_YEAR:
        return day
    return _of_three([digits[:2], digits[2:4], digits[4:]])


def _month_first() -> bool:
    form = users_locale().dateFormat(QLocale.FormatType.ShortFormat)
    return form.find("M") < form.find("d") if "d" in form else False
