"""Every sentence of the window passes through here, and numbers, sizes and dates become words.

Knows the catalogue and QLocale; knows no widget.  Sentences are looked up when they are shown,
never when a module is imported: by then nobody has chosen a language.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QDate, QDateTime, QLocale, Qt, QTime

from photosearch.gui.language import words


def _(message: str) -> str:
    """Return the message in the user's language."""
    return words().gettext(message) if message else ""


def later(message: str) -> str:
    """Mark a message for the catalogues that is looked up with `_` when it is shown."""
    return message


def users_locale() -> QLocale:
    """Return the user's locale; the bare C locale has no separators and writes dates as code."""
    locale = QLocale()
    return QLocale("en_GB") if locale.language() == QLocale.Language.C else locale


def plural(one: str, many: str, count: int) -> str:
    """Return the form that fits `count`, with `{n}` replaced by the grouped number."""
    return words().ngettext(one, many, count).replace("{n}", number(count))


def number(value: float, decimals: int = 0) -> str:
    """Return a number with the separators of the user's country."""
    if decimals:
        return users_locale().toString(float(value), "f", decimals)
    return users_locale().toString(int(value))


def photos(count: int) -> str:
    """Return "1 photo", "8,430 photos"."""
    return plural("{n} photo", "{n} photos", count)


def file_size(size: int) -> str:
    """Return a size as file managers show it: "3.4 MB"."""
    return users_locale().formattedDataSize(size, 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def shown(path: str) -> str:
    """Return a path fit for a label: bytes that are no UTF-8 become replacement marks."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def typed(path: str) -> str:
    """Return a path as text that leads to the file when pasted.

    Bytes that are no UTF-8 cannot be text: such a path is quoted as shells understand it.
    """
    raw = path.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        plain = raw.replace(b"\\", b"\\\\").replace(b"'", b"\\'")
        return "$'" + plain.decode("utf-8", "backslashreplace") + "'"


def duration(seconds: float) -> str:
    """Return a rough remaining time: "4 min", "1 h 20 min", "a few seconds"."""
    if seconds < 10:
        return _("a few seconds")
    if seconds < 60:
        return _("{n} s").format(n=number(round(seconds / 5) * 5))
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return _("{n} min").format(n=number(minutes))
    hours, rest = divmod(minutes, 60)
    if hours >= 10 or rest == 0:
        return _("{n} h").format(n=number(hours))
    return _("{h} h {m} min").format(h=number(hours), m=number(rest))


def date_and_time(taken_at: str | None) -> str:
    """Return "14 June 2019, 15:04" in the user's own form; empty when unknown."""
    if not taken_at:
        return ""
    moment = QDateTime.fromString(taken_at[:19], Qt.DateFormat.ISODate)
    if not moment.isValid():
        return taken_at
    locale = users_locale()
    day = long_date(moment.date())
    return f"{day}, {locale.toString(moment.time(), QLocale.FormatType.ShortFormat)}"


def time_now() -> str:
    """Return the time of day as the user's country writes it: "20:31"."""
    return users_locale().toString(QTime.currentTime(), QLocale.FormatType.ShortFormat)


def long_date(day: QDate) -> str:
    """Return a day without its weekday, as the user's country writes it."""
    locale = users_locale()
    form = locale.dateFormat(QLocale.FormatType.LongFormat)
    for weekday in ("dddd, ", "dddd ", ", dddd", "dddd"):
        form = form.replace(weekday, "")
    return locale.toString(day, form.strip(" ,"))


def joined(parts: Iterable[str]) -> str:
    """Join the parts that are there with a middle dot."""
    return "  ·  ".join(part for part in parts if part)


def listed(names: Sequence[str]) -> str:
    """Return "Anna", "Anna and Ben", "Anna, Ben and Carla" as the user's country writes it."""
    return users_locale().createSeparatedList(names)


def initial(name: str) -> str:
    """Return the first letter of a name as a capital, for a face without a picture."""
    letters = [sign for sign in name if sign.isalnum()]
    return letters[0].upper() if letters else "?"
