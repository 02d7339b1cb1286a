"""How the window looks: one accent, a light and a dark palette, a type scale, spacing.

Fusion with our own palette and a short style sheet made from it; follows the system live unless
the user chose one side.  Knows colours and the application, no widget of the program.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from photosearch.gui import resources

# Spacing: everything stands on a grid of four logical pixels.
XS, S, M, L, XL = 4, 8, 12, 20, 32
RADIUS = 8
SIDEBAR_PX = 232
TOP_BAR_PX = 60

_PLAIN_FAMILIES = {"dejavu sans", "sans serif", "sans", "bitstream vera sans"}
_NICER_FAMILIES = ("Inter", "Noto Sans", "Cantarell", "Open Sans", "Roboto")


@dataclass(frozen=True, slots=True)
class Colours:
    """One side of the look; names say the use, not the hue."""

    canvas: str  # behind the photos
    chrome: str  # sidebar and bars
    field: str  # search field, cards
    raised: str  # menus, dialogs, tool tips
    line: str
    hover: str
    pressed: str
    text: str
    quiet: str  # secondary text, 4.5:1 on canvas and chrome
    faint: str  # disabled
    accent: str
    accent_hover: str
    on_accent: str
    tint: str  # the accent as a wash behind a selected row
    warn: str
    dark: bool


LIGHT = Colours(
    canvas="#ffffff", chrome="#f6f6f9", field="#efeff4", raised="#ffffff", line="#e3e3ea",
    hover="#ececf2", pressed="#e0e0e9", text="#1b1b22", quiet="#62626f", faint="#b3b3be",
    accent="#4b57db", accent_hover="#3e49c4", on_accent="#ffffff", tint="#e2e4fb",
    warn="#a65a00", dark=False,
)  # fmt: skip
DARK = Colours(
    canvas="#151518", chrome="#1c1c20", field="#29292f", raised="#26262b", line="#303037",
    hover="#2a2a31", pressed="#34343c", text="#ededf2", quiet="#a0a0ad", faint="#5d5d68",
    accent="#8b95ff", accent_hover="#a1a9ff", on_accent="#14141f", tint="#32355a",
    warn="#f0a850", dark=True,
)  # fmt: skip
# The viewer is dark on both sides: a photo is judged best without a bright surround.
VIEWER = Colours(
    canvas="#0c0c0e", chrome="#0c0c0e", field="#26262b", raised="#222226", line="#2a2a30",
    hover="#2a2a2f", pressed="#38383f", text="#f2f2f5", quiet="#a6a6b1", faint="#5d5d68",
    accent="#8b95ff", accent_hover="#a1a9ff", on_accent="#14141f", tint="#32355a",
    warn="#f0a850", dark=True,
)  # fmt: skip


def palette(colours: Colours) -> QPalette:
    """Return the Qt palette of one side."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    made = QPalette()
    table = {
        role.Window: colours.chrome, role.WindowText: colours.text, role.Base: colours.canvas,
        role.AlternateBase: colours.field, role.Text: colours.text, role.Button: colours.field,
        role.ButtonText: colours.text, role.BrightText: colours.warn,
        role.ToolTipBase: colours.raised, role.ToolTipText: colours.text,
        role.PlaceholderText: colours.quiet, role.Highlight: colours.accent,
        role.HighlightedText: colours.on_accent, role.Accent: colours.accent,
        role.Link: colours.accent, role.LinkVisited: colours.accent, role.Mid: colours.line,
        role.Midlight: colours.hover, role.Light: colours.raised, role.Dark: colours.faint,
        role.Shadow: "#000000",
    }  # fmt: skip
    for key, value in table.items():
        made.setColor(key, QColor(value))
    for key in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        made.setColor(group.Disabled, key, QColor(colours.faint))
    made.setColor(group.Disabled, role.Highlight, QColor(colours.pressed))
    return made


def style_sheet(colours: Colours, body_pt: float) -> str:
    """Fill the style sheet of `resources/theme.qss` with one side's colours and the type scale."""
    values = {name: getattr(colours, name) for name in Colours.__slots__ if name != "dark"}
    sizes = {"small": 0.9, "body": 1.0, "heading": 1.25, "title": 1.7, "display": 2.2}
    values |= {f"pt_{name}": f"{body_pt * factor:.1f}pt" for name, factor in sizes.items()}
    values |= {"radius": f"{RADIUS}px"}
    for name in ("up", "down"):  # a style sheet wants files; their grey is fit for both sides
        values[f"arrow_{name}"] = (resources.folder() / f"icons/arrow-{name}.svg").as_posix()
    tick = "dark" if colours.dark else "light"
    values["tick"] = (resources.folder() / f"icons/tick-{tick}.svg").as_posix()
    return Template(resources.text("theme.qss")).substitute(values)


class Theme(QObject):
    """Dresses the application and follows the system's light or dark."""

    changed = Signal(object)  # Colours

    def __init__(self, app: QApplication, wanted: str = "system"):
        super().__init__(app)
        self._app = app
        self._wanted = wanted
        self.colours = LIGHT
        app.setStyle("Fusion")
        self._choose_font()
        self._system = app.styleHints().colorScheme()
        app.styleHints().colorSchemeChanged.connect(self._on_scheme_changed)
        self._dress()

    def want(self, wanted: str) -> None:
        """Follow "system", or hold "light" or "dark"."""
        if wanted != self._wanted:
            self._wanted = wanted
            self._dress()

    def _on_scheme_changed(self, scheme: Qt.ColorScheme) -> None:
        self._system = scheme
        if self._wanted == "system":
            self._dress()

    def _choose_font(self) -> None:
        font = self._app.font()
        if font.family().lower() not in _PLAIN_FAMILIES:
            return  # a desktop chose one: respect it
        there = set(QFontDatabase.families())
        nicer = next((name for name in _NICER_FAMILIES if name in there), None)
        if nicer:
            font.setFamily(nicer)
        font.setPointSizeF(max(font.pointSizeF(), 10.0))
        self._app.setFont(font)

    def _dress(self) -> None:
        dark = self._system == Qt.ColorScheme.Dark
        if self._wanted != "system":
            dark = self._wanted == "dark"
        self.colours = DARK if dark else LIGHT
        self._app.setPalette(palette(self.colours))
        self._app.setStyleSheet(style_sheet(self.colours, self._app.font().pointSizeF()))
        self.changed.emit(self.colours)
