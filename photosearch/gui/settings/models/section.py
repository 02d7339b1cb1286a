"""A section of the pane with models of one kind: banners, presets, filter, table, details.

Stands alone: it takes a desk and needs nothing of the page it is put into.
"""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import theme
from photosearch.gui.settings.flow import Pair
from photosearch.gui.settings.models import wording
from photosearch.gui.settings.models.adding import Adder, AddingLine
from photosearch.gui.settings.models.desk import ModelDesk
from photosearch.gui.settings.models.details import Details
from photosearch.gui.settings.models.filter_bar import FilterBar
from photosearch.gui.settings.models.filters import Conditions
from photosearch.gui.settings.models.hands import ModelHands
from photosearch.gui.settings.models.presets import PresetCards
from photosearch.gui.settings.models.rows import Row
from photosearch.gui.settings.models.shelf import Shelf
from photosearch.gui.settings.models.switch_banner import LeftoverBanner, SwitchBanner
from photosearch.gui.settings.models.switch_watch import SwitchWatch
from photosearch.gui.settings.models.table_model import ModelTable
from photosearch.gui.settings.models.table_view import ModelTableView
from photosearch.gui.text import _, plural
from photosearch.types import ModelKind, Preset, Switch


class ModelsSection(QWidget):
    """Everything of one kind of model."""

    pauseWanted = Signal(bool)  # of indexing

    def __init__(
        self,
        desk: ModelDesk,
        watch: SwitchWatch,
        kind: ModelKind,
        parent: QWidget | None = None,
    ):
        super().__init__(parent)
        self._desk, self._kind = desk, kind
        self._preferred = "en"
        self._kept: set[str] = set()  # models whose deletion is not offered again
        self.hands = ModelHands(desk, self)
        self.adder = Adder(desk, self)
        self.switching = SwitchBanner(self)
        self.leftover = LeftoverBanner(self)
        self.adding = AddingLine(self)
        self.presets = PresetCards(self)
        self.filters = FilterBar(kind, self)
        self.model = ModelTable(kind, self)
        self.table = ModelTableView(self.model, self)
        self.details = Details(self)
        self.used = QLabel(self)
        self.used.setTextFormat(Qt.TextFormat.PlainText)
        self.used.setWordWrap(True)
        self.used.setProperty("role", "strong")
        self.used.hide()
        self.count = QLabel(self)
        self.count.setProperty("role", "small")
        self.nothing = QLabel(self)
        self.nothing.setProperty("role", "quiet")
        self.nothing.setWordWrap(True)
        self.add_button = self._add_button()
        self.try_button = QPushButton(_("Compare models…"), self)
        self.try_button.setVisible(kind is ModelKind.SEARCH)
        self._lay_out()
        self._connect(watch)

    def _add_button(self) -> QPushButton:
        button = QPushButton(_("Add a model"), self)
        menu = QMenu(button)
        menu.addAction(_("From a folder…")).triggered.connect(
            lambda _on=False: self.adder.ask(zipped=False)
        )
        menu.addAction(_("From a zip file…")).triggered.connect(
            lambda _on=False: self.adder.ask(zipped=True)
        )
        if self._kind is ModelKind.SEARCH:
            menu.addSeparator()
            menu.addAction(_("Convert an open_clip model…")).triggered.connect(
                lambda _on=False: self.hands.convert()
            )
        button.setMenu(menu)
        return button

    def _lay_out(self) -> None:
        self._presets_title = _heading(_("Choices in plain words"), self)
        title = _("All search models") if self._kind is ModelKind.SEARCH else _("Face packs")
        left = _row(_heading(title, self), self.count)
        head = Pair(left, _row(self.try_button, self.add_button), self)
        self._left = QWidget(self)
        self._stack = QStackedLayout(self._left)
        self._stack.addWidget(self.table)
        empty = QWidget(self._left)
        column = QVBoxLayout(empty)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.nothing)
        column.addStretch(1)
        self._stack.addWidget(empty)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme.M)
        above = (self.used, self.switching, self.leftover, self._presets_title, self.presets)
        for widget in above:
            whole.addWidget(widget)
        whole.addSpacing(theme.S)
        whole.addWidget(head)
        whole.addWidget(self.adding)
        whole.addWidget(self.filters)
        whole.addWidget(self._left)
        whole.addWidget(self.details)
        search = self._kind is ModelKind.SEARCH
        self._presets_title.setVisible(search)
        self.presets.setVisible(search)

    def _connect(self, watch: SwitchWatch) -> None:
        desk = self._desk
        desk.seen.connect(self._on_seen)
        desk.rowChanged.connect(self._on_row_changed)
        self.presets.deedWanted.connect(self.hands.do)
        self.presets.chosen.connect(self.table.choose)
        self.table.deedWanted.connect(self.hands.do)
        self.table.rowChosen.connect(self._on_row_chosen)
        self.details.deedWanted.connect(self.hands.do)
        self.details.stopWanted.connect(desk.stop_work)
        self.filters.changed.connect(self._on_filter_changed)
        self.filters.languageChosen.connect(self._on_language_chosen)
        self.try_button.clicked.connect(self._on_try)
        self.adder.progressed.connect(self.adding.show_progress)
        self.adder.refused.connect(self.adding.show_refused)
        self.adder.ended.connect(self.adding.end)
        self.adding.cancelWanted.connect(self.adder.cancel)
        self.leftover.deleteWanted.connect(self.hands.delete)
        self.leftover.dismissed.connect(self._on_kept)
        if self._kind is ModelKind.SEARCH:
            watch.changed.connect(self._on_switch)
            self.switching.nowWanted.connect(desk.switch_now)
            self.switching.backWanted.connect(desk.go_back)
            self.switching.pauseWanted.connect(self.pauseWanted)

    # --- what it shows --------------------------------------------------------

    def prefer_language(self, code: str) -> None:
        """Learn in which language the user searches."""
        self._preferred = code.partition("_")[0]

    def show_paused(self, paused: bool) -> None:
        """Show whether indexing is held."""
        self.switching.show_paused(paused)

    def choose(self, name: str) -> None:
        """Choose a model's row."""
        self.table.choose(name)

    def _order_tabs(self) -> None:
        """Let Tab go down the page: cards, what can be added, filters, table, details."""
        below = [
            each
            for part in (self.filters, self._left, self.details)
            for each in part.findChildren(QWidget)
            if each.focusPolicy() & Qt.FocusPolicy.TabFocus and each.window() is self.window()
        ]
        cards = (card.button for card in self.presets.cards)
        for before, after in pairwise((*cards, self.try_button, self.add_button, *below)):
            self.setTabOrder(before, after)

    def _on_seen(self, shelf: Shelf) -> None:
        rows = self._desk.rows(self._kind)
        self.model.set_recommended(_recommended(shelf.presets))
        self.table.proxy.set_memory(shelf.memory_bytes)
        self.filters.show_languages((row.offer for row in rows), self._preferred)
        self._begin(shelf)
        self.model.set_rows(rows)
        if self._kind is ModelKind.SEARCH:
            self.presets.show_presets(shelf.presets, {row.name: row for row in rows})
            self._order_tabs()
            self._presets_title.setVisible(bool(shelf.presets))
            self.presets.setVisible(bool(shelf.presets))
        self.try_button.setEnabled(sum(row.here for row in rows) > 1)
        self.try_button.setToolTip(
            ""
            if self.try_button.isEnabled()
            else _("For this, two models must be on this machine.")
        )
        self._show_leftover(shelf)
        self._show_count()
        self._on_row_chosen(self.table.chosen())
        self._fit()

    def _begin(self, shelf: Shelf) -> None:
        """Name the model in use, and show it first, else the one that is recommended."""
        used = shelf.in_use(self._kind)
        self.used.setVisible(used is not None)
        if used is not None:
            self.used.setText(_("In use: {name}").format(name=used.title or used.name))
        if not self.table.wanted:
            self.table.choose(used.name if used is not None else _recommended(shelf.presets))

    def _on_row_changed(self, name: str) -> None:
        row = self._desk.row(name)
        if row is not None and row.offer.kind is self._kind:
            self.model.set_row(row)
            self.presets.show_row(row)

    def _on_row_chosen(self, row: Row | None) -> None:
        measured = self._desk.shelf.measurements.get(row.name) if row is not None else None
        stoppable = row is not None and self._desk.can_stop(row.name)
        self.details.show_row(row, measured, self.model.language, stoppable)
        self._fit()

    def _on_switch(self, switch: Switch | None) -> None:
        self.switching.show_switch(switch, wording.names(self._desk.shelf.offers))

    def _show_leftover(self, shelf: Shelf) -> None:
        offers = (
            each
            for each in shelf.leftovers
            if each.kind is self._kind
            and each.name not in self._kept
            and each.file_bytes + each.vector_bytes > 0
        )
        largest = max(offers, key=lambda each: each.file_bytes + each.vector_bytes, default=None)
        self.leftover.show_leftover(largest, wording.names(shelf.offers))

    def _on_kept(self, name: str) -> None:
        self._kept.add(name)
        self._show_leftover(self._desk.shelf)

    # --- filtering ------------------------------------------------------------

    def _on_filter_changed(self, wanted: Conditions) -> None:
        self.table.proxy.want(wanted)
        self._show_count()

    def _on_language_chosen(self, code: str) -> None:
        self.model.set_language(code)
        self._on_row_chosen(self.table.chosen())

    def _show_count(self) -> None:
        shown, every = self.table.proxy.rowCount(), self.model.rowCount()
        words = plural("{n} model", "{n} models", shown)
        if shown < every:
            words = _("{n} of {all}").format(n=shown, all=every)
        self.count.setText(words if every else "")
        self.nothing.setText(
            _("No model meets these conditions. Take some of them away.")
            if every
            else _("There is no list of models. You can still add one from a folder or a zip file.")
        )
        self.filters.setVisible(bool(every))
        self._stack.setCurrentIndex(0 if shown else 1)
        if not shown:
            self.details.show_row(None)

    def _on_try(self) -> None:
        chosen = self.table.chosen()
        self.hands.try_out(chosen.name if chosen is not None and chosen.here else "")

    # --- room -----------------------------------------------------------------

    def _fit(self) -> None:
        height = self.table.height_px() if self.table.proxy.rowCount() else 80
        if self._left.height() != height:
            self._left.setFixedHeight(height)


def _recommended(presets: tuple[Preset, ...]) -> str:
    return next((preset.model for preset in presets if preset.recommended), "")


def _row(*widgets: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.S)
    for widget in widgets:
        row.addWidget(widget)
    return holder


def _heading(words: str, parent: QWidget) -> QLabel:
    label = QLabel(words, parent)
    label.setProperty("role", "heading")
    return label
