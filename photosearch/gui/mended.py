"""What happened to the library and to the settings before the window opened, told once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from photosearch.gui.text import _
from photosearch.gui.told import told

if TYPE_CHECKING:
    from photosearch.gui.main_window import MainWindow
    from photosearch.library import Library


def tell(library: Library, window: MainWindow) -> QMessageBox | None:
    """Say what was mended in a dialog, and above the photos which settings cannot be used."""
    settings = [told(notice) for notice in library.settings.notices]
    if not library.notices:
        if settings:
            window.page.warn(" ".join(settings))
        return None
    box = QMessageBox(window)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setObjectName("mended")
    box.setIcon(QMessageBox.Icon.Information)
    box.setWindowTitle("PhotoSearch")
    box.setText(_("Your photo library was damaged and has been mended."))
    box.setInformativeText("\n\n".join((*map(told, library.notices), *settings)))
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    box.addButton(QMessageBox.StandardButton.Ok)
    box.open()
    return box
