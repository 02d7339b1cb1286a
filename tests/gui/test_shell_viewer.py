"""The viewer, driven by keys and mouse on a library in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from gui.driving import little_faces
from gui.fake_library import FakeLibrary
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui.viewer.info import breakable, dimensions, exposure, rows
from photosearch.gui.viewer.viewer import Viewer
from photosearch.jobs import Runner
from photosearch.types import Facts, PhotoDetails, PhotoSummary

Key = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier
# the offscreen platform says this of every window with a smallest size
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def library() -> FakeLibrary:
    made = FakeLibrary(30)
    made.forbidden_thread = threading.get_ident()
    return made


@pytest.fixture
def viewer(qtbot: QtBot, library: FakeLibrary) -> Iterator[Viewer]:
    runner = Runner()
    made = Viewer(library, runner, little_faces(library, runner))
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    library.forbidden_thread = None
    ids = library.photos().ids
    library.forbidden_thread = threading.get_ident()
    made.show_list(ids, 3)
    yield made
    assert runner.shutdown(10)
    assert library.trespasses == []


def known(qtbot: QtBot, viewer: Viewer) -> PhotoSummary:
    """Wait until the photo shown is known and its picture is there."""
    photo = viewer.photo()
    assert photo is not None
    qtbot.waitUntil(lambda: viewer._summary is not None and viewer._summary.id == photo)
    qtbot.waitUntil(lambda: photo in viewer.pictures._fitted, timeout=5000)
    assert viewer._summary is not None
    return viewer._summary


def test_keys_go_through_the_list(qtbot: QtBot, viewer: Viewer) -> None:
    for key, row in (
        (Key.Key_Right, 4), (Key.Key_Space, 5), (Key.Key_Left, 4), (Key.Key_End, 29),
        (Key.Key_Right, 29), (Key.Key_Home, 0), (Key.Key_Left, 0), (Key.Key_PageDown, 1),
    ):  # fmt: skip
        qtbot.keyClick(viewer, key)
        assert viewer._row == row
    summary = known(qtbot, viewer)
    assert viewer.bar.name.text() == summary.name
    assert "2 of 30" in viewer.bar.date.text()
    assert viewer.previous_button.isVisible()
    qtbot.keyClick(viewer, Key.Key_Home)
    assert not viewer.previous_button.isVisible()


def test_neighbours_are_loaded_ahead(qtbot: QtBot, viewer: Viewer, library: FakeLibrary) -> None:
    known(qtbot, viewer)
    wanted = {int(viewer._ids[row]) for row in (2, 3, 4)}
    qtbot.waitUntil(lambda: set(viewer.pictures._fitted) == wanted, timeout=5000)
    asked = [args for verb, args in library.calls if verb == "picture"]
    assert asked[0][0] == viewer.photo(), "the photo shown comes first"
    assert all(within == viewer.canvas.within_px for _photo, within in asked)


def test_a_held_key_decodes_no_photo_in_passing(
    qtbot: QtBot, viewer: Viewer, library: FakeLibrary
) -> None:
    known(qtbot, viewer)
    qtbot.waitUntil(lambda: len(viewer.pictures._fitted) == 3, timeout=5000)
    library.calls.clear()
    for _step in range(15):
        qtbot.keyClick(viewer, Key.Key_Right)
    known(qtbot, viewer)
    asked = {args[0] for verb, args in library.calls if verb == "picture"}
    assert len(asked) <= 3


def test_escape_tells_which_photo_was_shown(qtbot: QtBot, viewer: Viewer) -> None:
    qtbot.keyClick(viewer, Key.Key_Right)
    with qtbot.waitSignal(viewer.closed) as told:
        qtbot.keyClick(viewer, Key.Key_Escape)
    assert told.args == [int(viewer._ids[4])]


def test_favourite_similar_and_paths(qtbot: QtBot, viewer: Viewer) -> None:
    summary = known(qtbot, viewer)
    with qtbot.waitSignal(viewer.favouriteToggled) as told:
        qtbot.keyClick(viewer, Key.Key_F)
    assert told.args == [(summary.id,), True]
    with qtbot.waitSignal(viewer.favouriteToggled) as told:
        qtbot.mouseClick(viewer.bar.heart, Qt.MouseButton.LeftButton)
    assert told.args == [(summary.id,), False]
    with qtbot.waitSignal(viewer.similarWanted) as told:
        qtbot.keyClick(viewer, Key.Key_S)
    assert told.args == [summary]
    for signal, button in (
        (viewer.revealWanted, viewer.bar.reveal),
        (viewer.openWanted, viewer.bar.open),
        (viewer.copyFileWanted, viewer.bar.copy),
        (viewer.copyPathWanted, viewer.bar.path),
    ):
        with qtbot.waitSignal(signal) as told:
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert told.args == [summary.path]


def test_info_is_toggled_and_filled(qtbot: QtBot, viewer: Viewer) -> None:
    summary = known(qtbot, viewer)
    qtbot.keyClick(viewer, Key.Key_I)
    assert viewer.info.isVisible()
    words = viewer.info.text()
    assert summary.name in words
    assert f"{summary.width} × {summary.height}" in words
    assert "1/250 s · f/2.8 · ISO 400 · 23 mm" in words
    qtbot.keyClick(viewer, Key.Key_I)
    assert not viewer.info.isVisible()


def test_zoom_to_actual_size_loads_every_pixel(
    qtbot: QtBot, viewer: Viewer, library: FakeLibrary
) -> None:
    summary = known(qtbot, viewer)
    assert viewer.canvas.fits
    qtbot.keyClick(viewer, Key.Key_Z)
    assert not viewer.canvas.fits
    assert viewer.canvas.percent == pytest.approx(100)
    qtbot.waitUntil(lambda: ("picture", (summary.id, None)) in library.calls, timeout=5000)
    qtbot.keyClick(viewer, Key.Key_Z)
    assert viewer.canvas.fits


def test_the_wheel_zooms_about_the_pointer(qtbot: QtBot, viewer: Viewer) -> None:
    known(qtbot, viewer)
    canvas = viewer.canvas
    for _notch in range(12):
        turn(canvas, QPointF(200, 150), 120)
    held = canvas._to_picture(QPointF(500, 300))
    turn(canvas, QPointF(500, 300), 120)
    after = canvas._to_picture(QPointF(500, 300))
    assert (after - held).manhattanLength() < 1
    for _notch in range(40):
        turn(canvas, QPointF(500, 300), -120)
    assert canvas.fits


def turn(canvas: QWidget, where: QPointF, delta: int) -> None:
    event = QWheelEvent(
        where, where, QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)


def test_dragging_moves_a_zoomed_photo_and_not_beyond_its_edge(
    qtbot: QtBot, viewer: Viewer
) -> None:
    known(qtbot, viewer)
    canvas = viewer.canvas
    canvas.actual_size()
    before = canvas._centre
    drag(canvas, QPointF(300, 300), QPointF(250, 280))
    assert canvas._centre.x() > before.x()
    drag(canvas, QPointF(300, 300), QPointF(90_000, 90_000))
    assert canvas._target().left() <= 0.01
    assert canvas._target().top() <= 0.01


def test_keys_move_a_zoomed_photo_and_not_beyond_its_edge(qtbot: QtBot, viewer: Viewer) -> None:
    known(qtbot, viewer)
    canvas, shift, control = viewer.canvas, Qt.KeyboardModifier.ShiftModifier, CONTROL
    qtbot.keyClick(viewer, Key.Key_Right, shift)
    assert viewer._row == 4, "nothing to move while all of it is shown"
    known(qtbot, viewer)
    canvas.actual_size()
    middle = canvas._centre
    for key, held, (right, down) in (
        (Key.Key_Right, shift, (1, 0)),
        (Key.Key_Left, control, (0, 0)),
        (Key.Key_Down, Qt.KeyboardModifier.NoModifier, (0, 1)),
        (Key.Key_Up, shift, (0, 0)),
    ):
        qtbot.keyClick(viewer, key, held)
        moved = canvas._centre - middle
        assert (round(moved.x()), round(moved.y())) == pytest.approx(
            (right * 0.2 * canvas.width(), down * 0.2 * canvas.height()), abs=1
        )
    for _press in range(50):
        qtbot.keyClick(viewer, Key.Key_Left, shift)
    assert canvas._target().left() == pytest.approx(0, abs=0.01)
    assert viewer._row == 4
    qtbot.keyClick(viewer, Key.Key_Right)
    assert viewer._row == 5, "plain Left and Right go on through the list"


def test_a_missing_preview_is_asked_for_again(
    qtbot: QtBot, viewer: Viewer, library: FakeLibrary
) -> None:
    photo = viewer.photo()
    assert photo is not None
    library.set_offline(library._folders[0].id, True)  # nor is there a picture
    other = library.photo_id(7)
    library.broken_thumbnails = {7}
    for _time in range(2):
        library.calls.clear()
        viewer.pictures.want_preview(other)
        qtbot.waitUntil(lambda: ("thumbnail", (other,)) in library.calls, timeout=5000)
        qtbot.waitUntil(lambda: ("thumb", other) not in viewer.pictures._jobs, timeout=5000)


def drag(canvas: QWidget, start: QPointF, end: QPointF) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    for kind, where, button, held in (
        (QEvent.Type.MouseButtonPress, start, left, left),
        (QEvent.Type.MouseMove, end, none, left),
        (QEvent.Type.MouseButtonRelease, end, left, none),
    ):
        event = QMouseEvent(kind, where, where, button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(canvas, event)


def test_a_failure_is_a_sentence_over_the_preview(
    qtbot: QtBot, viewer: Viewer, library: FakeLibrary
) -> None:
    library.set_offline(library._folders[0].id, True)
    qtbot.keyClick(viewer, Key.Key_End)
    qtbot.waitUntil(lambda: "not plugged in" in viewer.canvas._sentence, timeout=5000)
    photo = viewer.photo()
    assert photo is not None
    qtbot.waitUntil(lambda: viewer.pictures.best(photo) is not None, timeout=5000)
    assert "not plugged in" in viewer.canvas._sentence, "a late preview must not hide it"
    viewer.grab()


def test_a_refreshed_list_keeps_the_photo(qtbot: QtBot, viewer: Viewer) -> None:
    photo = viewer.photo()
    viewer.replace_list(viewer._ids[2:].copy())
    assert viewer.photo() == photo
    assert viewer._row == 1


def test_a_small_photo_fills_the_window_and_has_its_own_size_at_100(
    qtbot: QtBot, viewer: Viewer
) -> None:
    known(qtbot, viewer)
    canvas = viewer.canvas
    canvas.show_photo(243, 300, None)
    assert canvas.fits
    assert canvas._target().height() == pytest.approx(canvas.height())
    canvas.show_photo(60, 40, None)
    assert canvas.percent == pytest.approx(400), "and no larger than that"
    viewer.toggle_zoom()
    assert not canvas.fits
    assert canvas.percent == pytest.approx(100)
    assert canvas._target().center() == QPointF(canvas.width() / 2, canvas.height() / 2)
    viewer.toggle_zoom()
    assert canvas.fits
    for _step in range(30):
        canvas.zoom_by(1 / 1.25)
    assert canvas.percent == pytest.approx(100)
    canvas.zoom_by(1.25)
    assert not canvas.fits


def test_other_places_of_a_photo_are_named_and_lead_to_the_file_manager(
    qtbot: QtBot, viewer: Viewer, library: FakeLibrary
) -> None:
    summary = known(qtbot, viewer)
    others = tuple(f"/elsewhere/<{n}> & more/x.jpg" for n in range(7))
    facts = Facts(4000, 3000, "JPEG")
    viewer.info.show_details(PhotoDetails(summary, facts, (summary.path, *others), 5, ""))
    words = viewer.info.text()
    assert words.count("/elsewhere/") == 5
    assert "and 2 more" in words
    link = next(
        label for label in viewer.info.findChildren(QLabel) if label.accessibleName() == others[4]
    )
    with qtbot.waitSignal(viewer.revealWanted) as told:
        link.linkActivated.emit("#")
    assert told.args == [others[4]]


def test_words_of_the_info_panel() -> None:
    facts = Facts(4000, 3000, "JPEG", exposure_s=2.0, f_number=8.0)
    assert exposure(facts) == "2 s · f/8"
    assert exposure(Facts(1, 1, "PNG")) == ""
    assert dimensions(facts, 3_400_000) == "4000 × 3000 · 12.0 MP · 3.4 MB"
    name = "x" * 200 + ".jpg"
    summary = PhotoSummary(1, name, 4000, 3000, None, False, False, "/p/" + name)  # type: ignore[arg-type]
    found = rows(PhotoDetails(summary, facts, ("/p/" + name, "/q/b.jpg"), 5, ""))
    assert [row[0] for row in found] == ["file", "camera", "folder"]
    assert dimensions(Facts(243, 300, "JPEG"), 20_000) == "243 × 300 · 20.0 kB"
    longest = max(len(part) for part in breakable(name).split("\u200b"))
    assert longest <= 24
