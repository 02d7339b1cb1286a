"""Try before: two or three models answer one question about the same photos, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import theme
from photosearch.gui.grid import ThumbLoader
from photosearch.gui.settings.flow import FlowLayout
from photosearch.gui.settings.models import dialogs
from photosearch.gui.settings.models.desk import ModelDesk
from photosearch.gui.settings.models.rows import Row
from photosearch.gui.settings.models.trial_results import ResultColumn
from photosearch.gui.text import _, number, photos
from photosearch.gui.told import told
from photosearch.jobs import Job, Lane
from photosearch.types import ModelKind, OfferState, Trial, TrialProgress

LEAST, MOST = 2, 3
USABLE = (OfferState.INSTALLED, OfferState.COMING, OfferState.IN_USE)


class TrialDialog(QDialog):
    """Models at the top, the question below them, results when there are any."""

    useWanted = Signal(str)  # name of a model

    def __init__(self, desk: ModelDesk, first: str, parent: QWidget):
        super().__init__(parent)
        self._desk = desk
        self._job: Job | None = None
        column = dialogs.begin(self, _("Compare models"), 560)
        self.resize(960, 660)
        rows = [row for row in desk.rows(ModelKind.SEARCH) if row.state in USABLE]
        self._titles = {row.name: row.title for row in rows}
        self._in_use = {row.name for row in rows if row.state is OfferState.IN_USE}
        loader = desk.runner.executor(Lane.THUMBS)
        self.thumbs = ThumbLoader(loader, desk.library.thumbnail, self, cache_bytes=32 << 20)
        column.addWidget(dialogs.label(_("Which models are to answer?"), "strong", self))
        column.addWidget(self._ticks(rows, first))
        column.addLayout(self._question())
        self.said = dialogs.label("", "quiet", self)
        column.addWidget(self.said)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(_("Progress"))
        self.bar.hide()
        column.addWidget(self.bar)
        self._results = QHBoxLayout()
        self._results.setSpacing(theme.L)
        self.columns: list[ResultColumn] = []
        column.addLayout(self._results, 1)
        self._stretch = QWidget(self)
        column.addWidget(self._stretch, 1)
        self._check()
        self.field.setFocus()

    def _ticks(self, rows: Sequence[Row], first: str) -> QWidget:
        holder = QWidget(self)
        flow = FlowLayout(holder, theme.M)
        self.ticks: dict[str, QCheckBox] = {}
        chosen = [first, *self._in_use, *(row.name for row in rows)]
        wanted = tuple(dict.fromkeys(name for name in chosen if name in self._titles))[:LEAST]
        for row in rows:
            tick = QCheckBox(row.title.replace("&", "&&"), holder)
            tick.setChecked(row.name in wanted)
            tick.toggled.connect(self._check)
            self.ticks[row.name] = tick
            flow.addWidget(tick)
        return holder

    def _question(self) -> QVBoxLayout:
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(_("What to look for: “a dog on a beach”"))
        self.field.setAccessibleName(_("What to look for"))
        self.field.textChanged.connect(self._check)
        self.go = QPushButton(_("Compare"), self)
        self.go.setProperty("role", "primary")
        self.go.setDefault(True)
        self.go.clicked.connect(self._on_go)
        line = QHBoxLayout()
        line.setSpacing(theme.S)
        line.addWidget(self.field, 1)
        line.addWidget(self.go)
        whole = QVBoxLayout()
        whole.addLayout(line)
        return whole

    def names(self) -> tuple[str, ...]:
        """Return the models that are to answer."""
        return tuple(name for name, tick in self.ticks.items() if tick.isChecked())

    def _check(self, *_what: object) -> None:
        self._show_go()
        self._hint()

    def _show_go(self) -> None:
        count = len(self.names())
        self.go.setText(_("Stop") if self._job is not None else _("Compare"))
        ready = LEAST <= count <= MOST and bool(self.field.text().strip())
        self.go.setEnabled(self._job is not None or ready)

    def _hint(self) -> None:
        """Say what is needed, or what will be done."""
        count = len(self.names())
        if self._job is not None:
            return
        if len(self.ticks) < LEAST:
            self.said.setText(_("Get a second model first, to have something to compare."))
        elif not LEAST <= count <= MOST:
            self.said.setText(_("Choose two or three models."))
        elif not self.columns:
            self.said.setText(
                _("They look at 200 of your photos; nothing of your library is changed.")
            )

    # --- running --------------------------------------------------------------

    def _on_go(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self.said.setText(_("Stopping…"))
            return
        self._clear()
        self.bar.setRange(0, 0)
        self.bar.show()
        self.said.setText(_("Getting ready…"))
        self._job = self._desk.runner.run(
            Lane.PREPARE,
            self._desk.library.trials.run,
            self.names(),
            self.field.text().strip(),
            on_success=self._on_answered,
            on_failure=self._on_failed,
            on_progress=self._on_progressed,
            on_finish=self._on_finished,
        )
        self._show_go()

    def _clear(self) -> None:
        for column in self.columns:
            self._results.removeWidget(column)
            column.hide()
            column.deleteLater()
        self.columns = []
        self._stretch.show()

    def _on_progressed(self, progress: TrialProgress) -> None:
        self.bar.setRange(0, max(0, progress.total))
        self.bar.setValue(progress.done)
        self.said.setText(
            _("{model}: photo {done} of {total}").format(
                model=self._titles.get(progress.model, progress.model),
                done=number(progress.done),
                total=number(progress.total),
            )
        )

    def _on_answered(self, trial: Trial) -> None:
        self._stretch.hide()
        for result in trial.results:
            title = self._titles.get(result.name, result.name)
            in_use = result.name in self._in_use
            column = ResultColumn(
                title, result, in_use=in_use, thumbs=self.thumbs, desk=self._desk, parent=self
            )
            column.useWanted.connect(self._on_use_wanted)
            self._results.addWidget(column, 1)
            self.columns.append(column)
        self._want_pictures()
        words = _("“{query}” among {photos}, best first").format(
            query=trial.query, photos=photos(trial.photos)
        )
        self.said.setText(words)

    def _want_pictures(self) -> None:
        """Ask for the pictures of all columns, those in the first places first."""
        places = zip_longest(*(column.tiles.ids for column in self.columns))
        wanted = dict.fromkeys(photo for place in places for photo in place if photo is not None)
        if self.columns:
            self.thumbs.want(tuple(wanted), self.columns[0].tile())

    def _on_failed(self, error: Exception) -> None:
        self.said.setText(told(str(error)))
        self._desk.failed.emit(error)

    def _on_finished(self) -> None:
        stopped = self._job is not None and self._job.cancelled
        self._job = None
        self.bar.hide()
        if stopped:
            self.said.setText(_("Stopped."))
        self._show_go()

    def _on_use_wanted(self, name: str) -> None:
        self.accept()
        self.useWanted.emit(name)

    def done(self, result: int) -> None:
        if self._job is not None:
            self._job.cancel()
        self.thumbs.close()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._job is not None:
            self._job.cancel()
        self.thumbs.close()
        super().closeEvent(event)
