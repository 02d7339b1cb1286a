"""The menu of models lists both kinds, and only search models are offered for searching."""

from __future__ import annotations

from dataclasses import replace

import pytest
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


def test_all_there_are_to_choose_from_and_a_folder_come_last(menu: ModelMenu, qtbot: QtBot) -> None:
    menu.show_models(())
    texts = [action.text() for action in menu.actions()]
    assert texts == ["Choose a model…", "Use a model from a folder…"]
    with qtbot.waitSignal(menu.choiceWanted):
        menu.actions()[0].trigger()
    with qtbot.waitSignal(menu.folderWanted):
        menu.actions()[1].trigger()
