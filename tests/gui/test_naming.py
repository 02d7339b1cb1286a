"""The field for a name, wherever it is asked: offers, keys, and the faces beside names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from gui.driving import press
from gui.fake_people import paint_face
from gui.painted import jpeg
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui.naming.faces import LITTLE_PX, LittleFaces, round_face
from photosearch.gui.naming.field import NameField, merge_note
from photosearch.gui.naming.matching import KnownPeople
from photosearch.gui.naming.suggestions import SuggestionList
from photosearch.jobs import Lane, Runner
from photosearch.types import FaceId, Person, PersonId

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton
# the offscreen platform says this of windows with a smallest size and of menus
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def person(number: int, name: str, photos: int = 1) -> Person:
    return Person(PersonId(number), name, photos, photos, cover=FaceId(number))


PEOPLE = (person(1, "Anna", 12), person(2, "Annabel Lee", 3), person(3, "Ben", 4))


class Pictures:
    """Pictures of faces as the library has them: JPEG bytes, or none; counts what is asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.there = True

    def __call__(self, face: FaceId) -> bytes | None:
        self.asked.append(int(face))
        return jpeg(paint_face(int(face), int(face))) if self.there else None


@pytest.fixture
def pictures() -> Pictures:
    return Pictures()


@pytest.fixture
def faces(qapp: object, pictures: Pictures) -> Iterator[LittleFaces]:
    runner = Runner()
    yield LittleFaces(runner.executor(Lane.THUMBS), pictures)
    assert runner.shutdown(10)


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(500, 420)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


@pytest.fixture(params=["hanging", "panel"])
def field(request: pytest.FixtureRequest, faces: LittleFaces, window: QWidget) -> NameField:
    """Return a field whose offers hang at it, and one whose offers are the owner's own."""
    offers = SuggestionList(faces, window) if request.param == "panel" else None
    made = NameField(faces, window, offers=offers)
    made.setGeometry(40, 30, 160, 34)
    if offers is not None:
        offers.setGeometry(40, 80, 260, 200)
    made.set_people(PEOPLE)
    made.show()
    made.begin("")
    return made


def offered(field: NameField) -> list[str]:
    return [offer.name for offer in field.offers.suggestions]


class Told:
    """What a field said."""

    def __init__(self, field: NameField) -> None:
        self.entered: list[str] = []
        self.cancelled: list[bool] = []
        self.left: list[str] = []
        field.entered.connect(self.entered.append)
        field.cancelled.connect(lambda: self.cancelled.append(True))
        field.left.connect(self.left.append)


# --- who is meant -----------------------------------------------------------------


def fitting(names: tuple[str, ...], typed: str) -> list[str]:
    people = [person(number, name, number) for number, name in enumerate(names, 1)]
    return [found.name for found in KnownPeople(people).fitting(typed)]


def test_names_are_offered_by_beginning_then_word_then_part() -> None:
    names = ("Rosanna", "Joe Anders", "Ánna", "ben", "")
    assert fitting(names, "an") == ["Ánna", "Joe Anders", "Rosanna"]
    assert fitting(names, "  ") == ["ben", "Ánna", "Joe Anders", "Rosanna"]
    assert fitting(names, "x") == []


def test_words_may_be_apart_in_the_name_in_other_ways() -> None:
    names = ("Jean-Luc O’Brien", "Zoë Müller", "山田太郎")
    assert fitting(names, "jean lu") == ["Jean-Luc O’Brien"]
    assert fitting(names, "brien") == ["Jean-Luc O’Brien"]
    assert fitting(names, "zoe mu") == fitting(names, "MULLER") == ["Zoë Müller"]
    assert fitting(names, "太郎") == ["山田太郎"]


def test_of_several_those_with_most_photos_come_first() -> None:
    names = tuple(f"Anna {number}" for number in range(10))
    assert fitting(names, "ann") == [f"Anna {number}" for number in (9, 8, 7, 6, 5, 4)]


# --- keys -------------------------------------------------------------------------


def test_enter_takes_what_is_typed_unless_an_offer_is_marked(
    qtbot: QtBot, field: NameField
) -> None:
    told = Told(field)
    qtbot.keyClicks(field, "  anna   b")
    press(qtbot, field, Key.Key_Return)
    assert told.entered == ["anna b"]
    field.begin("Somebody")
    qtbot.keyClicks(field, "ann")
    assert offered(field) == ["Anna", "Annabel Lee"]
    press(qtbot, field, Key.Key_Down)
    press(qtbot, field, Key.Key_Down)
    assert field.accessibleDescription() == "Annabel Lee"
    press(qtbot, field, Key.Key_Return)
    assert told.entered == ["anna b", "Annabel Lee"]
    assert field.offers.isHidden()
    assert told.left == [] and told.cancelled == []


def test_tab_fills_in_and_a_second_one_takes_it(qtbot: QtBot, field: NameField) -> None:
    told = Told(field)
    qtbot.keyClicks(field, "ann")
    press(qtbot, field, Key.Key_Tab)
    assert field.text() == "Anna" and field.hasFocus()
    assert told.entered == []
    press(qtbot, field, Key.Key_Tab)
    assert told.entered == ["Anna"]


def test_escape_and_enter_on_nothing_cancel(qtbot: QtBot, field: NameField) -> None:
    told = Told(field)
    press(qtbot, field, Key.Key_Return)
    field.begin("Anna")
    press(qtbot, field, Key.Key_Escape)
    assert told.cancelled == [True, True]
    assert told.entered == []


def test_an_offer_is_taken_with_the_mouse_and_the_keyboard_stays(
    qtbot: QtBot, field: NameField, window: QWidget
) -> None:
    window.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # as the viewer's
    told = Told(field)
    qtbot.keyClicks(field, "be")
    row = offered(field).index("Ben")
    place = field.offers.visualRect(field.offers.model().index(row, 0)).center()
    qtbot.mousePress(field.offers.viewport(), LEFT, pos=place)
    assert field.hasFocus()
    qtbot.mouseRelease(field.offers.viewport(), LEFT, pos=place)
    assert told.entered == ["Ben"] and told.left == []


def test_leaving_tells_what_was_typed_once(
    qtbot: QtBot, faces: LittleFaces, window: QWidget
) -> None:
    field, other = NameField(faces, window), QLineEdit(window)
    other.setGeometry(0, 380, 100, 30)
    field.set_people(PEOPLE)
    field.show()
    other.show()
    field.begin("")
    told = Told(field)
    qtbot.keyClicks(field, "anna")
    assert field.offers.isVisible()
    other.setFocus()
    assert told.left == ["anna"] and field.offers.isHidden()
    press(qtbot, field, Key.Key_Return)
    assert told.entered == []


def test_whom_the_name_is_for_is_not_offered(
    qtbot: QtBot, faces: LittleFaces, window: QWidget
) -> None:
    field = NameField(faces, window, note=merge_note)
    field.set_people(PEOPLE)
    field.show()
    field.begin("Anna", but=PersonId(1))
    qtbot.keyClicks(field, "ann")
    notes = [(offer.name, offer.detail) for offer in field.offers.suggestions]
    assert notes == [("Annabel Lee", "Merge  ·  3 photos")]


def test_a_name_that_is_taken_says_what_enter_does_and_offers_another(
    qtbot: QtBot, field: NameField
) -> None:
    told: list[str] = []
    field.entered.connect(told.append)
    field.set_people((*PEOPLE, person(4, "Anna (2)")))
    field.begin("", merges=True)
    qtbot.keyClicks(field, "ann")
    assert field.offers.current() is None
    for text in ("a", "A"):  # typed over: the same offers, the same one marked
        field.backspace() if text == "A" else None
        qtbot.keyClicks(field, text)
        marked = field.offers.current()
        assert marked is not None
        assert (marked.insert, marked.detail) == ("Anna", "Merge with Anna  ·  12 photos")
    field.set_people(PEOPLE)
    names = [(offer.name, offer.insert) for offer in field.offers.suggestions]
    assert names[:2] == [("Anna", "Anna"), ("Another person named Anna", "Anna (2)")]
    field.set_people((*PEOPLE, person(4, "Anna (2)")))
    press(qtbot, field, Key.Key_Down)
    if field.offers.current() == field.offers.suggestions[0]:
        press(qtbot, field, Key.Key_Down)
    press(qtbot, field, Key.Key_Return)
    assert told == ["Anna (3)"]


def test_only_a_name_for_somebody_there_is_merges(qtbot: QtBot, field: NameField) -> None:
    field.set_people(PEOPLE)
    field.begin("")
    qtbot.keyClicks(field, "anna")
    assert [offer.name for offer in field.offers.suggestions] == ["Anna", "Annabel Lee"]
    assert field.offers.current() is None


# --- where the offers are -----------------------------------------------------------


def test_offers_hang_below_the_field_and_above_it_at_the_lower_edge(
    qtbot: QtBot, faces: LittleFaces, window: QWidget
) -> None:
    holder = QWidget(window)  # as small as a tile: the offers reach beyond it
    field = NameField(faces, holder)
    field.set_people(PEOPLE)
    for top, below in ((20, True), (380, False)):
        holder.setGeometry(400, top, 90, 34)
        holder.show()
        field.setGeometry(0, 0, 90, 34)
        field.begin("")
        qtbot.keyClicks(field, "a")
        popup = field.offers.parentWidget()
        assert popup is not None and popup.parentWidget() is window
        assert popup.isVisible() and window.rect().contains(popup.geometry())
        assert (popup.y() > top) == below
        assert not popup.geometry().intersects(holder.geometry())
    field.move(0, -200)
    assert popup.y() == 180 + 34 + 6, "they follow"
    holder.hide()
    assert popup.isHidden()


# --- faces --------------------------------------------------------------------------


def test_a_face_is_loaded_when_it_is_painted_and_kept(
    qtbot: QtBot, faces: LittleFaces, pictures: Pictures
) -> None:
    with qtbot.waitSignal(faces.loaded, timeout=5000):
        assert faces.picture(FaceId(5)) is None
    found = faces.picture(FaceId(5))
    assert found is not None and found.width() >= LITTLE_PX
    assert found.pixelColor(0, 0).alpha() == 0, "it is a disc"
    assert faces.picture(None) is None
    assert pictures.asked == [5]


def test_many_asked_one_by_one_all_come(
    qtbot: QtBot, faces: LittleFaces, pictures: Pictures
) -> None:
    wanted = [FaceId(number) for number in range(1, 31)]
    for face in wanted:
        faces.picture(face)
    qtbot.waitUntil(lambda: all(faces.face(face) is not None for face in wanted), timeout=5000)
    assert sorted(pictures.asked) == list(range(1, 31))


def test_a_face_without_a_picture_is_asked_for_again_later(
    qtbot: QtBot, faces: LittleFaces, pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures.there = False
    with qtbot.waitSignal(faces.loaded, timeout=5000):
        faces.picture(FaceId(5))
    faces.picture(FaceId(5))
    assert pictures.asked == [5], "not at once"
    monkeypatch.setattr("photosearch.gui.grid.thumbs.RETRY_S", 0.0)
    pictures.there = True
    with qtbot.waitSignal(faces.loaded, timeout=5000):
        faces.picture(FaceId(5))
    assert faces.picture(FaceId(5)) is not None


@pytest.mark.parametrize("name", ["Anna", ""])
def test_without_a_picture_there_is_a_letter_or_a_sign(window: QWidget, name: str) -> None:
    drawn = round_face(None, name, window.palette(), 56, 1.0).toImage()
    ground = drawn.pixelColor(28, 4)
    inks = {drawn.pixelColor(QPoint(x, y)).rgba() for x in range(15, 41) for y in range(15, 41)}
    assert ground.alpha() == 255 and drawn.pixelColor(0, 0).alpha() == 0
    assert len(inks) > 2, "something stands on the ground"
