"""The menu of models lists both kinds, and only search models are offered for searching."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from photosearch.gui.model_menu import ModelMenu
from photosearch.types import FacePackInfo, ModelInfo, ModelKey, Preprocess

SHAPE = Preprocess(224, 224, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
MODEL = ModelInfo("words", "/m/words", ModelKey("a"), 512, SHAPE, 77, 1000, in_use=True)
PACK = FacePackInfo("buffalo & co", "/m/buffalo", ModelKey("b"), "insightface", 512, 1000)


@pytest.fixture
def menu(qtbot: QtBot) -> ModelMenu:
    made = ModelMenu()
    qtbot.addWidget(made)
    return made


def test_face_packs_stand_below_search_models(menu: ModelMenu, qtbot: QtBot) -> None:
    menu.show_models((PACK, MODEL))
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts[:4] == ["Search", "words", "Faces", "Use buffalo && co"]
    actions = {action.text(): action for action in menu.actions()}
    assert actions["words"].isChecked()
    with qtbot.waitSignal(menu.useWanted) as wanted:
        actions["Use buffalo && co"].trigger()
    assert wanted.args == ["buffalo & co"]
    assert not actions["Use buffalo && co"].isChecked(), "the mark moves when it is in use"
    menu.show_models((replace(PACK, in_use=True), MODEL))
    marked = [action.text() for action in menu.actions() if action.isChecked()]
    assert marked == ["words", "buffalo && co"]


def test_what_is_offered_is_a_model_of_a_kind_of_which_none_is_used(
    menu: ModelMenu, qtbot: QtBot
) -> None:
    button = QPushButton()
    qtbot.addWidget(button)
    used = replace(PACK, in_use=True)
    menu.show_models((used, MODEL, replace(MODEL, name="other", in_use=False)))
    assert not menu.offers
    menu.give_to(button)
    assert button.menu() is None
    menu.show_models((used, replace(MODEL, in_use=False)))
    assert menu.offers
    menu.show_models((PACK, MODEL))
    assert menu.offers
    menu.give_to(button)
    assert button.text() == "Use a model"
