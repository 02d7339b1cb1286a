"""The facts of one model as rich text for the panel beside the table.

Knows offers and measurements; what comes from outside is escaped before it becomes a text.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from photosearch.gui.settings.models import wording
from photosearch.gui.settings.models.rows import Row
from photosearch.gui.text import _, file_size, number, photos
from photosearch.gui.told import told
from photosearch.types import FacePackInfo, Measurement, ModelInfo, PrecisionResult

BEST_LANGUAGES = 8  # that are listed besides the chosen one; the picker shows any


def facts(row: Row, quiet: str) -> str:
    """Return size, speed, input, licence and vectors; `quiet` is the colour of their names."""
    offer, entry = row.offer, row.offer.entry
    lines: list[tuple[str, str]] = []
    if offer.download_bytes:
        lines.append((_("Download"), escape(file_size(offer.download_bytes))))
    if offer.disk_bytes:
        lines.append((_("On disk"), escape(file_size(offer.disk_bytes))))
    if offer.memory_bytes:
        lines.append((_("Memory"), escape(file_size(offer.memory_bytes))))
    lines.append((_("Speed"), escape(wording.speed_sentence(offer.speed))))
    if offer.hours is not None:
        lines.append((_("This library"), escape(wording.hours(offer.hours))))
    if offer.vectors:
        lines.append((_("Prepared"), escape(photos(offer.vectors))))
    lines += [(_("Input"), escape(words)) for words in _input(row) if words]
    if entry is not None:
        licence = f'<a href="{escape(entry.licence.url)}">{escape(entry.licence.name)}</a>'
        if entry.licence.research_only:
            licence += "<br>" + escape(_("For research only, not for commercial use"))
        lines.append((_("Licence"), licence))
        if entry.languages:
            lines.append((_("Languages"), escape(_languages(row))))
        where = ", ".join(entry.repositories)
        lines.append((_("From"), escape(where)))
    if offer.info is not None:
        lines.append((_("Folder"), escape(offer.info.folder)))
    return _table(lines, quiet)


def _input(row: Row) -> Iterable[str]:
    info, entry = row.offer.info, row.offer.entry
    if isinstance(info, ModelInfo):
        size, dimension = info.preprocess.width, info.dimension
    elif isinstance(info, FacePackInfo):
        size, dimension = 0, info.dimension
    elif entry is not None:
        size, dimension = entry.input_px, entry.dimension
    else:
        return
    parts = [_("{n} px").format(n=number(size))] if size else []
    parts.append(_("{n} numbers a photo").format(n=number(dimension)))
    yield ", ".join(parts)


def _languages(row: Row) -> str:
    entry = row.offer.entry
    if entry is None or wording.MANY in entry.languages or not entry.languages:
        return wording.languages(entry)
    return ", ".join(wording.language(code) for code in entry.languages)


def recall(row: Row, chosen: str, quiet: str) -> str:
    """Return how well a model understands languages, and who measured it."""
    entry = row.offer.entry
    if entry is None or not entry.recall:
        return ""
    known = {each.language: each.percent for each in entry.recall}
    first = [code for code in dict.fromkeys((chosen, "en")) if code in known]
    rest = sorted((code for code in known if code not in first), key=lambda code: -known[code])
    lines = [
        (escape(wording.language(code)), f"{escape(number(known[code], 1))} %")
        for code in [*first, *rest[:BEST_LANGUAGES]]
    ]
    title = f"<b>{escape(_('Quality by language'))}</b>"
    source = f"<small>{escape(entry.recall_source)}</small>" if entry.recall_source else ""
    return title + _table(lines, quiet) + source


def measured(row: Row, measurement: Measurement | None) -> str:
    """Return what measuring on this machine gave, for each precision."""
    if row.offer.info is None:
        return ""
    title = f"<b>{escape(_('Measured on this machine'))}</b>"
    if measurement is None:
        return f"{title}<br>{escape(_('Not yet. It is measured before photos are prepared.'))}"
    heads = (_("Precision"), _("Photos/s"), _("Alike"), _("Same results"))
    cells = [_cells(result, measurement) for result in measurement.results]
    body = _grid(heads, cells)
    notes = [
        f"{escape(result.precision)}: {escape(told(result.reason))}"
        for result in measurement.results
        if result.reason
    ]
    used = _("Used: {precision} on {device}. A search takes {ms} ms.").format(
        precision=measurement.plan.image.precision,
        device=measurement.device,
        ms=number(measurement.text_ms),
    )
    return "<br>".join((title + body + escape(used), *notes))


def _cells(result: PrecisionResult, measurement: Measurement) -> tuple[str, ...]:
    decimals = 1 if result.images_per_second < 10 else 0
    words = (
        result.precision,
        number(result.images_per_second, decimals),
        number(result.cosine, 3),
        _("{n} %").format(n=number(result.overlap * 100)),
    )
    if result.precision == measurement.plan.image.precision:
        return tuple(f"<b>{escape(word)}</b>" for word in words)
    return tuple(escape(word) for word in words)


def _table(lines: Iterable[tuple[str, str]], quiet: str) -> str:
    rows = (
        f'<tr><td style="padding-right:14px; color:{quiet}">{name}</td><td>{value}</td></tr>'
        for name, value in lines
    )
    return f'<table cellspacing="0" cellpadding="2">{"".join(rows)}</table>'


def _grid(heads: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    pad = 'style="padding-right:12px"'
    head = "".join(f"<td {pad}><small>{escape(word)}</small></td>" for word in heads)
    body = "".join(
        "<tr>" + "".join(f"<td {pad}>{cell}</td>" for cell in line) + "</tr>" for line in lines
    )
    return f'<table cellspacing="0" cellpadding="2"><tr>{head}</tr>{body}</table>'
