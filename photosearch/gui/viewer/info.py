"""The info panel: what is known of a photo, in words."""

from __future__ import annotations

import html
import os
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import theme
from photosearch.gui.drawing import Drawing
from photosearch.gui.text import _, date_and_time, file_size, number, plural, shown
from photosearch.gui.viewer.people_strip import PeopleStrip
from photosearch.types import DateSource, Facts, PhotoDetails

PANEL_PX = 312
LEAST_MP = 0.1  # of less, the pixels say more
PLACES_SHOWN = 5
Row = tuple[str, str, str]  # drawing, first line, second line


def exposure(facts: Facts) -> str:
    """Say how a photo was exposed: "1/250 s · f/2.8 · ISO 400 · 35 mm"."""
    parts: list[str] = []
    if facts.exposure_s:
        seconds = facts.exposure_s
        short = f"1/{number(round(1 / seconds))} s" if seconds < 0.3 else f"{seconds:.3g} s"
        parts.append(short)
    if facts.f_number:
        parts.append(f"f/{facts.f_number:.3g}")
    if facts.iso:
        parts.append(f"ISO {facts.iso}")
    if facts.focal_mm:
        parts.append(f"{facts.focal_mm:.3g} mm")
    return " · ".join(parts)


def dimensions(facts: Facts, file_bytes: int) -> str:
    """Say how large a photo is: "4000 × 3000 · 12.0 MP · 3.4 MB"."""
    megapixels = facts.width * facts.height / 1e6
    parts = [f"{facts.width} × {facts.height}", file_size(file_bytes)]
    if megapixels >= LEAST_MP:
        parts.insert(1, f"{number(megapixels, 1)} MP")
    return " · ".join(parts)


def coordinates(facts: Facts) -> str:
    """Say where a photo was taken, in degrees."""
    if facts.latitude is None or facts.longitude is None:
        return ""
    north = "N" if facts.latitude >= 0 else "S"
    east = "E" if facts.longitude >= 0 else "W"
    return f"{number(abs(facts.latitude), 5)}° {north}, {number(abs(facts.longitude), 5)}° {east}"


def camera(facts: Facts) -> str:
    """Name the camera without saying its maker twice."""
    make, model = facts.camera_make or "", facts.camera_model or ""
    return model if model.lower().startswith(make.lower()) else f"{make} {model}".strip()


def rows(details: PhotoDetails) -> list[Row]:
    """Return what is known as rows; what is not known has none."""
    facts, path = details.facts, details.summary.path
    guess = {
        DateSource.FILE: _("A guess from the file’s date"),
        DateSource.NAME: _("From the file’s name"),
    }.get(facts.date_source or DateSource.EXIF, "")
    altitude = (
        _("{n} m above sea level").format(n=number(facts.altitude_m)) if facts.altitude_m else ""
    )
    all_rows = [
        ("file", shown(details.summary.name), dimensions(facts, details.file_bytes)),
        ("calendar", date_and_time(facts.taken_at or details.summary.taken_at), guess),
        ("camera", camera(facts), "\n".join(x for x in (facts.lens or "", exposure(facts)) if x)),
        ("place", coordinates(facts), altitude),
        ("folder", shown(os.path.dirname(path)), ""),
    ]
    return [row for row in all_rows if row[1] or row[2]]


def other_places(details: PhotoDetails) -> list[str]:
    """Return the other files that are the same picture."""
    return [path for path in details.paths if path != details.summary.path]


class InfoPanel(QFrame):
    """Rows with a drawing, at the right of the photo."""

    revealWanted = Signal(str)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("infoPanel")
        self.setFixedWidth(PANEL_PX)
        self.setAccessibleName(_("About this photo"))
        title = QLabel(_("Info"), self)
        title.setProperty("role", "heading")
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setAccessibleName(_("About this photo"))
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole = QWidget(self)
        whole.setObjectName("infoBody")
        self.people = PeopleStrip(whole)
        self._body = QWidget(whole)
        self._parts = QVBoxLayout(whole)
        self._parts.setContentsMargins(0, 0, 0, 0)
        self._parts.addWidget(self.people)
        self._parts.addWidget(self._body, 1)
        self._scroll.setWidget(whole)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.L, theme.S, theme.S)
        column.setSpacing(theme.L - 4)
        column.addWidget(title)
        column.addWidget(self._scroll, 1)
        self.show_details(None)

    def show_details(self, details: PhotoDetails | None) -> None:
        """Show what is known, or nothing."""
        body = QWidget(self)
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, theme.M, 0)
        grid.setHorizontalSpacing(theme.M)
        grid.setVerticalSpacing(theme.L)
        grid.setColumnStretch(1, 1)
        for at, (drawing, first, second) in enumerate(rows(details) if details else ()):
            mark = Drawing(drawing, 20, body, theme.VIEWER.quiet)
            grid.addWidget(mark, at, 0, Qt.AlignmentFlag.AlignTop)
            words = QVBoxLayout()
            words.setSpacing(3)
            for text, role in ((first, ""), (second, "small")):
                if text:
                    words.addWidget(_words(text, role, body))
            grid.addLayout(words, at, 1)
            if drawing == "folder" and details is not None:
                self._add_places(other_places(details), words, body)
        grid.setRowStretch(grid.rowCount(), 1)
        self._parts.replaceWidget(self._body, body)
        self._body.hide()
        self._body.deleteLater()
        self._body = body
        body.show()

    def _add_places(self, paths: list[str], words: QVBoxLayout, body: QWidget) -> None:
        """Name the other places below the first, each a link to the file manager."""
        if not paths:
            return
        words.addSpacing(theme.S)
        words.addWidget(_words(_("The same picture is also at"), "small", body))
        for path in paths[:PLACES_SHOWN]:
            named = html.escape(breakable(shown(path)))  # in the viewer's colours, not the window's
            link = QLabel(f'<a href="#" style="color: {theme.VIEWER.accent}">{named}</a>', body)
            link.setTextFormat(Qt.TextFormat.RichText)
            link.setProperty("rich", True)
            link.setWordWrap(True)
            link.setToolTip(_("Show in file manager"))
            link.setAccessibleName(shown(path))
            link.setTextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse)
            link.linkActivated.connect(partial(self._on_place_clicked, path))
            words.addWidget(link)
        more = len(paths) - PLACES_SHOWN
        if more > 0:
            words.addWidget(_words(plural("and {n} more", "and {n} more", more), "small", body))

    def _on_place_clicked(self, path: str, _link: str) -> None:
        self.revealWanted.emit(path)

    def text(self) -> str:
        """Return all words shown."""
        labels = self._body.findChildren(QLabel)
        return "\n".join(label.text().replace("\u200b", "") for label in labels)

    def sizeHint(self) -> QSize:
        return QSize(PANEL_PX, 400)


def _words(text: str, role: str, parent: QWidget) -> QLabel:
    # zero-width spaces let a name without blanks break anywhere
    label = QLabel(breakable(text), parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    if role:
        label.setProperty("role", role)
    return label


def breakable(text: str) -> str:
    """Let long words break: after separators, and within words of more than 24 characters."""
    made: list[str] = []
    run = 0
    for sign in text:
        made.append(sign)
        run = 0 if sign.isspace() else run + 1
        if (sign in "/\\_-." and run > 8) or run >= 24:
            made.append("\u200b")
            run = 0
    return "".join(made)
