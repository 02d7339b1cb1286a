"""Questions to the user: which folder, which model, and whether to remove one."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QDir, QObject, QStandardPaths, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from photosearch.gui.news import LibraryNews
from photosearch.gui.text import _, shown
from photosearch.gui.text import photos as photos_text
from photosearch.types import Folder


class Asker(QObject):
    """Opens dialogs without holding the window up and passes the answers on."""

    def __init__(self, window: QWidget, news: LibraryNews):
        super().__init__(window)
        self._window = window
        self._news = news
        self._last: dict[str, str] = {}  # where each question was answered last

    def folder(self) -> None:
        """Ask for a photo folder to add."""
        dialog = self._dialog("photos", _("Add a photo folder"), QFileDialog.FileMode.Directory)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, _("Add"))
        dialog.filesSelected.connect(self._news.add_folders)
        dialog.open()

    def files(self) -> None:
        """Ask for single photos to add."""
        dialog = self._dialog("photos", _("Add photos"), QFileDialog.FileMode.ExistingFiles)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, _("Add"))
        dialog.filesSelected.connect(self._news.add_folders)
        dialog.open()

    def model(self) -> None:
        """Ask for the folder of a model."""
        title = _("Use a model from a folder: it is used where it is, so leave it there")
        dialog = self._dialog("model", title, QFileDialog.FileMode.Directory)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, _("Use this model"))
        dialog.fileSelected.connect(self._news.add_model)
        dialog.open()

    def removal(self, folder: Folder) -> QMessageBox:
        """Ask whether to remove a folder from the library."""
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle(_("Remove folder"))
        box.setText(_("Remove this folder from the library?"))
        box.setInformativeText(
            _(
                "{path}\n{photos}\n\nThe photos on disk stay where they are. They are no longer"
                " shown and found here until you add the folder again; your favourites among them"
                " are remembered."
            ).format(path=shown(folder.path), photos=photos_text(folder.photos))
        )
        cancel = box.addButton(QMessageBox.StandardButton.Cancel)
        cancel.setIcon(QIcon())
        remove = box.addButton(_("Remove"), QMessageBox.ButtonRole.DestructiveRole)
        remove.setIcon(QIcon())
        remove.clicked.connect(lambda: self._news.remove_folder(folder.id))
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.open()
        return box

    def _dialog(self, what: str, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
        dialog = QFileDialog(self._window, title, self._last.get(what) or _start(what))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        if mode is QFileDialog.FileMode.Directory:
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.filesSelected.connect(partial(self._remember, what))
        return dialog

    def _remember(self, what: str, chosen: list[str]) -> None:
        self._last[what] = str(Path(chosen[0]).parent)


def _start(what: str) -> str:
    """Return the folder to begin in: the pictures' for photos, where there is one."""
    places = QStandardPaths.StandardLocation
    home = QStandardPaths.writableLocation(places.HomeLocation)
    pictures = QStandardPaths.writableLocation(places.PicturesLocation)
    return pictures if what == "photos" and QDir(pictures).exists() else home
