"""The menu of models: those that are registered, all there are to choose from, one from a folder.

It knows what it was told.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from photosearch.gui.text import _
from photosearch.gui.told import told
from photosearch.types import AnyModel, FacePackInfo, LibraryStatus, ModelInfo


def model_words(status: LibraryStatus | None) -> str:
    """Say which search model is in use: "Search model: ViT-B-32 on CPU"."""
    if status is None or status.model is None:
        return _("Search model")
    if not status.device:  # nothing was searched or learnt yet
        return _("Search model: {name}").format(name=status.model)
    words = _("Search model: {name} on {device}")
    return words.format(name=status.model, device=status.device)


class ModelMenu(QMenu):
    """Lists the models with a mark at those in use."""

    useWanted = Signal(str)  # name of a model
    choiceWanted = Signal()  # of all there are, in the settings
    folderWanted = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(_("Models"), parent)
        self._models: tuple[AnyModel, ...] = ()
        self._device = ""  # of the search model in use
        self._marks: dict[str, QAction] = {}
        self._fill()

    def show_models(self, models: Sequence[AnyModel]) -> None:
        """Show these models."""
        if tuple(models) != self._models:  # while it is open, it stays as it is
            self._models = tuple(models)
            self._fill()

    def show_status(self, status: LibraryStatus) -> None:
        """Say on which device the search model runs, once that is known."""
        device = status.device or ""
        if device != self._device:
            self._device = device
            self._fill()

    def _fill(self) -> None:
        self.clear()
        self._marks.clear()
        for title, kind in ((_("Search"), ModelInfo), (_("Faces"), FacePackInfo)):
            models = [model for model in self._models if isinstance(model, kind)]
            if models:
                self.addSection(title)
            for model in models:
                self._add(model)
        if self._models:
            self.addSeparator()
        self.setToolTipsVisible(True)
        self.addAction(_("Choose a model…")).triggered.connect(self._on_choice_wanted)
        self.addAction(_("Use a model from a folder…")).triggered.connect(self._on_folder_chosen)

    def _add(self, model: AnyModel) -> None:
        name = model.name.replace("&", "&&")
        words = name if model.in_use else _("Use {name}").format(name=name)
        if model.in_use and self._device and isinstance(model, ModelInfo):
            words = _("{name} on {device}").format(name=name, device=self._device)
        action = self.addAction(words)
        action.setCheckable(True)
        action.setChecked(model.in_use)
        action.setEnabled(not model.problem)
        action.setToolTip(told(model.problem))
        action.triggered.connect(partial(self._on_model_chosen, model.name))
        self._marks[model.name] = action

    def _on_model_chosen(self, name: str) -> None:
        for model in self._models:  # the mark moves when the model is in use, not before
            self._marks[model.name].setChecked(model.in_use)
        self.useWanted.emit(name)

    def _on_choice_wanted(self) -> None:
        self.choiceWanted.emit()

    def _on_folder_chosen(self) -> None:
        self.folderWanted.emit()
