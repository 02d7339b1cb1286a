"""What is said of a model in the table and beside it: sizes, speeds, languages, licences, times.

Knows the values of an offer and turns them into words; knows no widget.
"""

from __future__ import annotations

from collections.abc import Iterable

from photosearch.gui.language_names import language_name
from photosearch.gui.text import _, duration, file_size, joined, number, plural
from photosearch.gui.told import told
from photosearch.types import CatalogueEntry, DownloadProgress, ModelOffer, Speed

UNKNOWN = "–"
MANY = "*"  # in a catalogue entry's languages: a hundred or more
UNDERSTOOD = 50.0  # percent; below it a model has only overheard a language
NAMED_AT_MOST = 2  # languages that are named in a cell of the table


def language(code: str) -> str:
    """Return the name of a language: "German" for de; the code where nobody knows one."""
    return language_name(code)


def languages(entry: CatalogueEntry | None) -> str:
    """Return "English", "English, Japanese", "29 languages", "100+ languages"."""
    if entry is None or not entry.languages:
        return UNKNOWN
    if MANY in entry.languages:
        return _("100+ languages")
    if len(entry.languages) > NAMED_AT_MOST:
        return plural("{n} language", "{n} languages", len(entry.languages))
    return ", ".join(language(code) for code in entry.languages)


def recall(entry: CatalogueEntry | None, code: str) -> float | None:
    """Return how often the right photo is among the first, in percent, None where unknown."""
    if entry is None:
        return None
    return next((each.percent for each in entry.recall if each.language == code), None)


def knows(entry: CatalogueEntry | None, code: str) -> bool:
    """Whether a model understands a language; of one's own model it is not known, so it may."""
    if entry is None:
        return True
    if MANY in entry.languages or code in entry.languages:
        return True
    return (recall(entry, code) or 0) >= UNDERSTOOD


def percent(value: float | None) -> str:
    """Return "84.9", or a dash."""
    return UNKNOWN if value is None else number(value, 1)


def size(size_bytes: int) -> str:
    """Return "1.5 GB", or a dash for nothing known."""
    return file_size(size_bytes) if size_bytes > 0 else UNKNOWN


def speed(value: Speed | None) -> str:
    """Return "24", "3.1", or a dash: photos a second."""
    if value is None or value.per_second <= 0:
        return UNKNOWN
    if value.per_second < 10:
        return number(value.per_second, 1)
    return number(round(value.per_second))


def speed_source(value: Speed | None) -> str:
    """Return whether a speed was measured here or is an estimate."""
    if value is None or value.per_second <= 0:
        return ""
    return _("measured") if value.measured else _("estimated")


def speed_sentence(value: Speed | None) -> str:
    """Return "24 photos/s, estimated for this machine"."""
    if value is None or value.per_second <= 0:
        return _("Speed on this machine is not known yet")
    words = (
        _("{n} photos/s, measured on this machine")
        if value.measured
        else _("{n} photos/s, estimated for this machine")
    )
    return words.format(n=speed(value))


def hours(value: float | None) -> str:
    """Return "2 h 10 min", "up to date" for nothing left, or a dash where unknown."""
    if value is None:
        return UNKNOWN
    return duration(value * 3600) if value > 0 else _("up to date")


def hours_short(value: float | None) -> str:
    """Return the same for a narrow cell."""
    if value is not None and 0 < value * 3600 < 60:
        return _("< 1 min")
    return hours(value)


def licence(offer: ModelOffer) -> str:
    """Return the name of the licence; of one's own model only its user knows it."""
    return offer.entry.licence.name if offer.entry is not None else UNKNOWN


def research_only(offer: ModelOffer) -> bool:
    """Whether the weights may be used for research only."""
    return offer.entry is not None and offer.entry.licence.research_only


def download_stage(progress: DownloadProgress) -> str:
    """Say what a download is doing, in a word or two."""
    return {
        "listing": _("Asking for the files"),
        "downloading": _("Downloading"),
        "verifying": _("Checking"),
        "unpacking": _("Unpacking"),
        "copying": _("Copying"),
        "reading": _("Looking at the model"),
    }.get(progress.stage, progress.stage.capitalize())


def download_share(progress: DownloadProgress | None) -> float | None:
    """Return how much is here, 0 to 1; None while the size is not known."""
    if progress is None or progress.total_bytes <= 0:
        return None
    return min(1.0, progress.done_bytes / progress.total_bytes)


def download_words(progress: DownloadProgress) -> str:
    """Return "412.0 MB of 1.5 GB · 12.4 MB/s · 2 min left"; a note comes instead of the speed."""
    so_far = ""
    if progress.total_bytes > 0:
        so_far = _("{done} of {total}").format(
            done=file_size(progress.done_bytes), total=file_size(progress.total_bytes)
        )
    if progress.note:
        return joined((so_far, told(progress.note)))
    if progress.stage != "downloading":
        return joined((download_stage(progress), so_far))
    return joined((so_far, rate(progress), time_left(progress)))


def rate(progress: DownloadProgress) -> str:
    """Return "12.4 MB/s", or nothing."""
    if progress.bytes_per_second <= 0:
        return ""
    return _("{size}/s").format(size=file_size(round(progress.bytes_per_second)))


def time_left(progress: DownloadProgress) -> str:
    """Return "2 min left", or nothing."""
    if progress.seconds_left is None:
        return ""
    return _("{time} left").format(time=duration(progress.seconds_left))


def names(offers: Iterable[ModelOffer]) -> dict[str, str]:
    """Return the titles of models by name."""
    return {offer.name: offer.title or offer.name for offer in offers}
