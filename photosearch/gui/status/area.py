"""The strip at the bottom: what is going on in plain words, or that all is up to date."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QSlider,
    QToolButton,
    QWidget,
)

from photosearch.gui import icons, theme
from photosearch.gui.text import _, duration, joined, number, photos, plural
from photosearch.types import Progress, Stage

STATUS_PX = 40
WIDE_PX = 960


def sentence(progress: Progress, brief: bool = False) -> str:
    """Say what a run is doing: "Looking at photos 1,204 of 8,430 · 31 photos/s · 4 min left".

    `brief` leaves the speed out.
    """
    doing = {
        Stage.SCAN: _("Looking for photos"),
        Stage.LOOK: _("Looking at photos"),
        Stage.MEASURE: _("Trying how the search model runs best"),
        Stage.EMBED: _("Learning what photos show"),
        Stage.COMING: _("Preparing the other search model"),
        Stage.FACES: _("Looking for faces"),
        Stage.GROUP: _("Sorting faces by person"),
        Stage.SAVE: _("Saving"),
    }[progress.stage]
    if progress.stage in (Stage.SAVE, Stage.GROUP):
        return doing + "…"
    if progress.total <= 0:
        found = photos(progress.done) if progress.done else ""
        return joined([doing + "…", found])
    so_far = _("{doing} {done} of {total}").format(
        doing=doing, done=number(progress.done), total=number(progress.total)
    )
    if progress.paused:
        return joined([so_far, _("paused")])
    speed, left = "", ""
    if progress.per_second > 0 and not brief:
        decimals = 1 if progress.per_second < 10 else 0
        speed = _("{n} photos/s").format(n=number(progress.per_second, decimals))
    if progress.seconds_left is not None and progress.done < progress.total:
        left = _("{time} left").format(time=duration(progress.seconds_left))
    return joined([so_far, speed, left])


class StatusArea(QWidget):
    """Sentence, bar, pause; failures and tile size at the right."""

    pauseWanted = Signal(bool)  # True: pause, False: resume
    failuresWanted = Signal()
    tileSizeWanted = Signal(int)

    def __init__(self, tiles: tuple[int, int] = (96, 320), parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("statusArea")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(STATUS_PX)
        self._progress: Progress | None = None
        self._count = 0
        self._folders = 0
        self._paused = False
        self._why = ""
        self._checked = ""
        self._preparing = ""  # how far another search model is
        self._engine = ""  # that the engine died
        self._selected = 0
        self._text, self._brief = "", ""
        self._failed = 0
        self._tight = False  # the other parts made way; until the run ends, so that nothing jumps
        self.label = QLabel(self)
        self.label.setProperty("role", "small")
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(180)
        self.bar.setAccessibleName(_("Progress"))
        self.pause = icons.IconButton("pause", _("Pause"), self, 16)
        self.pause.clicked.connect(self._on_pause_clicked)
        self.failures = QToolButton(self)
        self.failures.setProperty("role", "small")
        self.failures.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.failures.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.failures.clicked.connect(self.failuresWanted)
        self._sized = True
        self.small, self.tiles, self.large = self._tile_slider(tiles)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(theme.L - 4, 0, theme.L - 4, 0)
        row.setSpacing(theme.M)
        left: tuple[QWidget, ...] = (self.bar, self.pause, self.label)
        for widget in left:
            row.addWidget(widget, 1 if widget is self.label else 0)
        right: tuple[QWidget, ...] = (self.failures, self.small, self.tiles, self.large)
        for widget in right:
            row.addWidget(widget)
        row.setSpacing(theme.S)
        self.show_failures(0)
        self._refresh()

    def _tile_slider(self, tiles: tuple[int, int]) -> tuple[QWidget, QSlider, QWidget]:
        size = QSlider(Qt.Orientation.Horizontal, self)
        size.setRange(*tiles)
        size.setSingleStep(16)
        size.setPageStep(32)
        size.setFixedWidth(110)
        size.setFixedHeight(24)
        size.setAccessibleName(_("Size of the photos"))
        size.setToolTip(_("Size of the photos (Ctrl + wheel)"))
        size.valueChanged.connect(self.tileSizeWanted)
        small = icons.IconButton("minus", _("Smaller photos"), self, 14)
        large = icons.IconButton("plus", _("Larger photos"), self, 14)
        small.clicked.connect(lambda: self.step(-32))
        large.clicked.connect(lambda: self.step(32))
        return small, size, large

    # --- what it shows --------------------------------------------------------

    def show_progress(self, progress: Progress | None) -> None:
        """Show a run, or None when none is on."""
        self._tight &= progress is not None
        self._progress = progress
        self._refresh()

    def show_paused(self, paused: bool, why: str = "") -> None:
        """Show whether the run is held; `why`: a sentence, where nobody asked for it."""
        self._paused, self._why = paused, why
        self._refresh()

    def show_preparing(self, words: str) -> None:
        """Show how far another search model is prepared; empty: none is."""
        if words != self._preparing:
            self._preparing = words
            self._refresh()

    def show_engine(self, words: str) -> None:
        """Show that the engine died, before all else; empty: it does well."""
        if words != self._engine:
            self._engine = words
            self._refresh()

    def show_checked(self, at: str) -> None:
        """Remember when the folders were last looked through, for the tool tip."""
        self._checked = at
        self._fit()

    def show_selected(self, count: int) -> None:
        """Show how many photos are selected."""
        self._selected = count
        self._refresh()

    def show_library(self, photos_: int, folders: int) -> None:
        """Remember what there is, for when nothing is going on."""
        self._count, self._folders = photos_, folders
        self.show_sizes(self._sized)
        self._refresh()

    def show_sizes(self, shown: bool) -> None:
        """Offer another size of the photos, where photos are shown."""
        self._sized = shown
        for widget in (self.small, self.tiles, self.large):
            widget.setVisible(shown and self._count > 0)

    def show_failures(self, count: int) -> None:
        """Show how many files could not be used; nothing when there are none."""
        self.failures.setVisible(count > 0)
        text = plural("{n} file could not be used", "{n} files could not be used", count)
        self._failed = count
        self._fit()
        self.failures.setAccessibleName(text)
        self.failures.setToolTip(_("Show which files, and why"))
        self._draw_warning()

    def show_tile_size(self, size_px: int) -> None:
        """Move the slider without telling anyone."""
        was = self.tiles.blockSignals(True)
        self.tiles.setValue(size_px)
        self.tiles.blockSignals(was)

    def step(self, by_px: int) -> None:
        """Make the photos larger or smaller."""
        self.tiles.setValue(self.tiles.value() + by_px)

    def _refresh(self) -> None:
        progress = self._progress
        self.bar.setVisible(progress is not None)
        self.pause.setVisible(progress is not None)
        if progress is None:
            quiet = [photos(self._count), _("up to date")] if self._folders else []
            if self._preparing:
                quiet = [self._preparing]
            self._say(joined([self._selection(), self._engine, *quiet]))
            return
        text = sentence(progress)
        if self._paused and not progress.paused:
            doing = text.split("  ·  ")[0]
            text = joined([self._why, doing] if self._why else [doing, _("paused")])
        if self._preparing and progress.stage is Stage.EMBED:
            text = self._preparing
        brief = sentence(progress, brief=True) if text == sentence(progress) else text
        before = (self._selection(), self._engine)
        self._say(joined([*before, text]), joined([*before, brief]))
        self.bar.setRange(0, max(0, progress.total))
        self.bar.setValue(progress.done)
        self.pause.set_drawing("play" if self._paused else "pause")
        self.pause.say(_("Resume") if self._paused else _("Pause"))

    def _selection(self) -> str:
        return plural("{n} selected", "{n} selected", self._selected) if self._selected else ""

    def _say(self, text: str, brief: str = "") -> None:
        self._text, self._brief = text, brief or text
        self.label.setAccessibleName(text)
        self._fit()

    def _fit(self) -> None:
        """Give the sentence what room there is: bar, slider, count of failures, speed make way."""
        self._tight |= self.width() < WIDE_PX or not self._fits(self._text, wide=True)
        if self._tight:
            self._fits(self._text, wide=False)
        metrics, room = self.label.fontMetrics(), self._room()
        whole = metrics.horizontalAdvance(self._text) <= room
        text = self._text if whole else self._brief
        short = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        self.label.setText(short)
        tips = [self._text] if short != self._text else []
        if self._checked and self._folders and self._progress is None:
            tips.append(_("Folders last checked at {time}").format(time=self._checked))
        self.label.setToolTip("\n".join(tips))

    def _fits(self, text: str, wide: bool) -> bool:
        """Give the other parts much or little room; whether the text has enough then."""
        self.bar.setFixedWidth(180 if wide else 64)
        self.tiles.setFixedWidth(110 if wide else 72)
        long = plural("{n} file could not be used", "{n} files could not be used", self._failed)
        self.failures.setText(long if wide else number(self._failed))
        self._row.activate()
        return self.label.fontMetrics().horizontalAdvance(text) <= self._room()

    def _room(self) -> int:
        return max(60, self.label.width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tight = False
        self._fit()

    def _on_pause_clicked(self) -> None:
        self.pauseWanted.emit(not self._paused)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_warning()

    def _draw_warning(self) -> None:
        colour = self.palette().brightText().color()
        self.failures.setIcon(
            icons.icon("warning", colour, size_px=16, ratio=self.devicePixelRatioF())
        )
