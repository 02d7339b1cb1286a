"""The table of models: what cells say, sorting and filtering, keys, columns that make way."""

from __future__ import annotations

from dataclasses import replace

import pytest
from gui.fake_models import SEARCH_MODELS, info, offer
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from photosearch.gui.settings.models.filters import Conditions, meets
from photosearch.gui.settings.models.rows import (
    Deed,
    Pull,
    PullState,
    Row,
    deeds,
    main_deed,
    state_note,
    state_words,
)
from photosearch.gui.settings.models.table_model import Column, ModelTable
from photosearch.gui.settings.models.table_view import ModelTableView
from photosearch.types import DownloadProgress, ModelKind, OfferState, Speed

Key = Qt.Key
GB = 1_000_000_000


def rows() -> tuple[Row, ...]:
    """The catalogue; the first is in use, the second here, the third half here."""
    made = [offer(ModelKind.SEARCH, row) for row in SEARCH_MODELS]
    made[0] = replace(made[0], state=OfferState.IN_USE, info=info(made[0], True), owned=True)
    made[1] = replace(made[1], state=OfferState.INSTALLED, info=info(made[1]), owned=True)
    made[2] = replace(made[2], state=OfferState.PAUSED, disk_bytes=made[2].download_bytes // 2)
    return tuple(Row(each) for each in made)


@pytest.fixture
def table(qtbot: QtBot) -> ModelTableView:
    view = ModelTableView(ModelTable(ModelKind.SEARCH))
    qtbot.addWidget(view)
    view._table.setParent(view)
    view._table.set_rows(rows())
    view.resize(1250, 420)
    view.show()
    return view


def names(view: ModelTableView) -> list[str]:
    proxy = view.proxy
    return [str(proxy.index(at, 0).data()) for at in range(proxy.rowCount())]


def test_the_models_keep_to_the_rules_of_qt(
    table: ModelTableView, qtmodeltester: ModelTester
) -> None:
    qtmodeltester.check(table._table, force_py=True)
    qtmodeltester.check(table.proxy, force_py=True)
    table.proxy.want(Conditions("siglip"))
    qtmodeltester.check(table.proxy, force_py=True)


def test_what_is_in_use_stands_first_and_what_is_not_here_last(table: ModelTableView) -> None:
    shown = names(table)
    assert shown[:3] == ["CLIP B/32", "OpenCLIP B/16", "OpenCLIP B/32"]
    assert shown[3:] == sorted(shown[3:], key=str.casefold)


def test_columns_sort_by_worth_and_not_by_words(table: ModelTableView) -> None:
    table.sortByColumn(Column.DOWNLOAD, Qt.SortOrder.DescendingOrder)
    assert names(table)[0] == "NLLB SigLIP large"  # 4.8 GB, not 810 MB
    table.sortByColumn(Column.QUALITY, Qt.SortOrder.DescendingOrder)
    assert names(table)[0] == "SigLIP 2 SO400M"
    table.sortByColumn(Column.SPEED, Qt.SortOrder.AscendingOrder)
    assert names(table)[0] == "NLLB SigLIP large"  # 1.1, not 26


def test_the_language_changes_the_quality_that_is_shown(table: ModelTableView) -> None:
    model = table._table
    at = model.row_of("ViT-B-16-SigLIP__webli")
    cell = model.index(at, Column.QUALITY)
    assert cell.data() == "81.9"
    model.set_language("de")
    assert cell.data() == "–", "nobody measured it"
    assert "German" in str(
        model.headerData(Column.QUALITY, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    )
    table.sortByColumn(Column.QUALITY, Qt.SortOrder.DescendingOrder)
    assert names(table)[0] == "NLLB SigLIP large"


def test_the_choice_stays_with_the_model(table: ModelTableView) -> None:
    table.choose("ViT-B-16-SigLIP2__webli")
    chosen = table.chosen()
    assert chosen is not None
    assert chosen.title == "SigLIP 2 B/16"
    table.sortByColumn(Column.DOWNLOAD, Qt.SortOrder.DescendingOrder)
    table.proxy.want(Conditions("siglip 2"))
    chosen = table.chosen()
    assert chosen is not None
    assert chosen.title == "SigLIP 2 B/16"
    table._table.set_rows(rows()[3:])
    chosen = table.chosen()
    assert chosen is not None
    assert chosen.title == "SigLIP 2 B/16"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Conditions("siglip 384"), 2),
        (Conditions("apache"), 7),
        (Conditions("no such"), 0),
        (Conditions(language="hi"), 2),  # 34 % of SigLIP 2 SO400M is not knowing it
        (Conditions(free=True), 12),
        (Conditions(here=True), 3),
        (Conditions(fits=True), 9),
        (Conditions("siglip", free=True, fits=True), 4),
    ],
)
def test_conditions(wanted: Conditions, found: int) -> None:
    listed = [row.title for row in rows() if meets(row, wanted, 8 * GB)]
    assert len(listed) == found, listed


def test_ones_own_models_are_listed_whatever_is_not_known_of_them() -> None:
    own = Row(replace(offer(ModelKind.SEARCH, SEARCH_MODELS[0]), entry=None, download_bytes=0))
    assert meets(own, Conditions(language="ja", free=True), 8 * GB)


def test_enter_does_what_brings_a_model_on(table: ModelTableView, qtbot: QtBot) -> None:
    table.choose("ViT-B-16-SigLIP2__webli")
    with qtbot.waitSignal(table.deedWanted) as asked:
        qtbot.keyClick(table, Key.Key_Return)
    assert asked.args[0] is Deed.GET
    table.choose("ViT-B-32__laion2b-s34b-b79k")
    with qtbot.waitSignal(table.deedWanted) as asked:
        qtbot.keyClick(table, Key.Key_Delete)
    assert asked.args[0] is Deed.DELETE
    table.choose("ViT-B-32__openai")
    with qtbot.assertNotEmitted(table.deedWanted, wait=20):
        qtbot.keyClick(table, Key.Key_Return)  # in use: there is nothing to bring on
        qtbot.keyClick(table, Key.Key_Delete)


def test_a_click_on_the_button_of_a_row_does_its_deed(table: ModelTableView, qtbot: QtBot) -> None:
    index = table.proxy.index(1, Column.DEED)
    assert index.data() == "Resume"
    with qtbot.waitSignal(table.deedWanted) as asked:
        where = table.visualRect(index).center()
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert asked.args[0] is Deed.RESUME
    assert asked.args[1].title == "OpenCLIP B/16"
    with qtbot.assertNotEmitted(table.deedWanted, wait=20):
        where = table.visualRect(table.proxy.index(1, Column.STATE)).center()
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where)


def test_the_menu_of_a_row_has_all_deeds(table: ModelTableView, qtbot: QtBot) -> None:
    table.choose("ViT-B-32__laion2b-s34b-b79k")
    chosen = table.chosen()
    assert chosen is not None
    menu = table.menu_of(chosen)
    texts = [action.text() for action in menu.actions()]
    assert texts == ["Use…", "Compare…", "Measure", "Check files", "Delete…", "Sort by"]
    with qtbot.waitSignal(table.deedWanted) as asked:
        menu.actions()[1].trigger()
    assert asked.args[0] is Deed.TRY


def test_columns_make_way_where_there_is_no_room(table: ModelTableView) -> None:
    def hidden() -> set[Column]:
        return {column for column in Column if table.isColumnHidden(column)}

    table.resize(1250, 400)
    assert hidden() == set()
    table.resize(640, 400)
    assert {Column.MEMORY, Column.LICENCE, Column.LANGUAGES} <= hidden()
    assert not {Column.MODEL, Column.STATE, Column.DEED} & hidden()
    assert table.horizontalHeader().length() <= table.viewport().width() + 1
    table.resize(1250, 400)
    assert hidden() == set()


def test_cells_are_spoken_with_what_stands_below_them(table: ModelTableView) -> None:
    spoken = Qt.ItemDataRole.AccessibleTextRole
    model = table._table
    at = model.row_of("nllb-clip-large-siglip__mrl")
    assert model.index(at, Column.LICENCE).data(spoken) == "CC-BY-NC-4.0, research only"
    assert model.index(at, Column.SPEED).data(spoken) == "1.1, estimated"
    row = replace(rows()[at], problem="The disk is full. Free 2 GB.")
    model.set_row(row)
    assert "The disk is full" in model.index(at, Column.STATE).data(spoken)
    assert model.index(at, Column.STATE).data(Qt.ItemDataRole.ToolTipRole) == row.problem


def test_every_state_is_painted(table: ModelTableView) -> None:
    pulls = (
        Pull(PullState.RUNNING, DownloadProgress("m", "downloading", 5, 10, 1e6, 60.0)),
        Pull(PullState.WAITING),
        Pull(PullState.FAILED, None, "The link was cut. Try again."),
    )
    changed = [replace(row, pull=pull) for row, pull in zip(rows()[3:6], pulls, strict=True)]
    table._table.set_rows((*rows()[:3], *changed, replace(rows()[6], work="Measuring…")))
    table.resize(1250, 700)
    image = table.grab().toImage()
    colours = {image.pixel(x, y) for x in range(0, 1250, 3) for y in range(0, 700, 3)}
    assert len(colours) > 5


# --- states -----------------------------------------------------------------------


def test_a_download_is_a_share_a_speed_and_a_time() -> None:
    progress = DownloadProgress("m", "downloading", 3 * GB, 4 * GB, 12_400_000.0, 81.0)
    row = Row(rows()[5].offer, Pull(PullState.RUNNING, progress))
    assert row.state is OfferState.DOWNLOADING
    assert state_words(row) == "75 %"
    assert state_note(row) == "12.4 MB/s · 1 min left"
    assert deeds(row) == (Deed.PAUSE, Deed.CANCEL)
    waits = replace(row, pull=Pull(PullState.RUNNING, replace(progress, note="The hub is busy.")))
    assert state_note(waits) == "The hub is busy."


def test_a_failed_download_says_why_and_can_be_tried_again() -> None:
    paused = rows()[2]
    row = replace(paused, pull=Pull(PullState.FAILED, None, "The link was cut. Try again."))
    assert row.state is OfferState.PAUSED
    assert state_words(row) == "Problem"
    assert state_note(row) == "The link was cut. Try again."
    assert main_deed(row) is Deed.RESUME


def test_models_of_ones_own_are_never_deleted() -> None:
    own = Row(replace(rows()[1].offer, entry=None, owned=False))
    assert Deed.DELETE not in deeds(own)
    assert deeds(own)[-1] is Deed.FORGET
    assert Deed.REPAIR not in deeds(own), "there is nowhere to fetch it from"


def test_a_measured_speed_is_said_to_be() -> None:
    model = ModelTable(ModelKind.SEARCH)
    model.set_rows((Row(replace(rows()[0].offer, speed=Speed(98.2, True))),))
    cell = model.index(0, Column.SPEED)
    assert cell.data() == "98"
    assert "measured on this machine" in cell.data(Qt.ItemDataRole.ToolTipRole)


def test_keys_sort_as_a_click_on_a_heading_does(table: ModelTableView) -> None:
    chosen = table.chosen()
    assert chosen is not None
    (sorting,) = (each.menu() for each in table.menu_of(chosen).actions() if each.menu())
    shown = [column for column in Column if not table.isColumnHidden(column)]
    by = {each.text(): each for each in sorting.actions()}
    assert 3 < len(by) <= len(shown)
    by["Download"].trigger()
    assert table.proxy.sortColumn() == Column.DOWNLOAD
    before = table.proxy.sortOrder()
    by["Download"].trigger()
    assert table.proxy.sortOrder() != before
