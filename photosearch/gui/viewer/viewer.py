"""The viewer page: one photo large, its neighbours by key, what is known of it at the side.

Knows the ids of the list it was opened on; asks the library through lanes and the rest by signal.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from photosearch.gui import theme
from photosearch.gui.naming.faces import LittleFaces
from photosearch.gui.text import _, date_and_time, joined, number, shown
from photosearch.gui.viewer.arrows import Arrows
from photosearch.gui.viewer.bar import ViewerBar
from photosearch.gui.viewer.canvas import PhotoCanvas
from photosearch.gui.viewer.faces import ViewerFaces
from photosearch.gui.viewer.info import PANEL_PX, InfoPanel
from photosearch.gui.viewer.keys import pressed, undo_or_redo
from photosearch.gui.viewer.pictures import Picture, Pictures
from photosearch.gui.viewer.toast import Toast
from photosearch.jobs import Job, Lane, Runner
from photosearch.types import Ids, PhotoDetails, PhotoFilter, PhotoId, PhotoSummary

if TYPE_CHECKING:
    from photosearch.library import Library

NARROW_PX = 960  # in a narrower window the info panel lies over the photo
SETTLE_MS = 40  # while a key is held, only previews are loaded
NO_IDS: Ids = np.empty(0, np.int64)
ANYWHERE = PhotoFilter()


class Viewer(QWidget):
    """Shows one photo of a list and lets the user go through them."""

    closed = Signal(object)  # PhotoId that was shown last
    favouriteToggled = Signal(object, bool)  # ids, value
    similarWanted = Signal(object)  # PhotoSummary
    revealWanted = Signal(str)
    openWanted = Signal(str)
    copyFileWanted = Signal(str)
    copyPathWanted = Signal(str)
    personWanted = Signal(object)  # PersonId: go there
    peopleChanged = Signal()  # the user said who somebody is, or is not

    def __init__(
        self,
        library: Library,
        runner: Runner,
        faces: LittleFaces,
        parent: QWidget | None = None,
    ):
        super().__init__(parent)
        self._library = library
        self._runner = runner
        self._ids: Ids = NO_IDS
        self._row = 0
        self._place = ANYWHERE
        self._favourite = False
        self._summary: PhotoSummary | None = None
        self._details_job: Job | None = None
        self.setObjectName("viewer")
        self.setAccessibleName(_("Photo viewer"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._dress()
        self.pictures = Pictures(library, runner, self)
        self.pictures.arrived.connect(self._on_picture_arrived)
        self.pictures.failed.connect(self._on_picture_failed)
        self.canvas = PhotoCanvas(self)
        self.canvas.zoomed.connect(self._on_zoomed)
        self.toast = Toast(self)
        self.info = InfoPanel(self)
        self.info.revealWanted.connect(self.revealWanted)
        self.info.hide()
        self.faces = ViewerFaces(library, runner, faces, self.canvas, self)
        self._settle = QTimer(self, interval=SETTLE_MS, singleShot=True)
        self._settle.timeout.connect(self._on_settled)
        self.bar = ViewerBar(self)
        self._connect_bar()
        self._connect_faces()
        self._lay_out()
        self.canvas.installEventFilter(self)

    def _dress(self) -> None:
        self.setPalette(theme.palette(theme.VIEWER))
        self.setStyleSheet(
            theme.style_sheet(theme.VIEWER, self.font().pointSizeF())
            + f"#viewer {{ background: {theme.VIEWER.canvas}; }}"
        )

    def _lay_out(self) -> None:
        self.arrows = Arrows(self)
        self.previous_button, self.next_button = self.arrows.previous, self.arrows.next
        self.previous_button.clicked.connect(self.go_previous)
        self.next_button.clicked.connect(self.go_next)
        row = self._body = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.canvas, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addLayout(row, 1)
        self.arrows.lift()
        QWidget.setTabOrder(self, self.faces.layer)

    def _connect_bar(self) -> None:
        bar = self.bar
        bar.back.clicked.connect(self.close_viewer)
        bar.zoom.clicked.connect(self.toggle_zoom)
        bar.heart.clicked.connect(self.toggle_favourite)
        bar.similar.clicked.connect(self.find_similar)
        bar.reveal.clicked.connect(lambda: self._emit_path(self.revealWanted))
        bar.open.clicked.connect(lambda: self._emit_path(self.openWanted))
        bar.copy.clicked.connect(lambda: self.copy(path=False))
        bar.path.clicked.connect(lambda: self.copy(path=True))
        bar.info.clicked.connect(self.show_info)

    def _connect_faces(self) -> None:
        faces, bar, strip = self.faces, self.bar, self.info.people
        strip.take_pictures_from(faces.pictures)
        strip.personWanted.connect(self.personWanted)
        strip.unnamedWanted.connect(partial(faces.show_all, True))
        faces.facesCame.connect(strip.show_faces)
        faces.personWanted.connect(self.personWanted)
        faces.said.connect(self.say_briefly)
        faces.desk.said.connect(self._on_said_of_face)
        self.toast.acted.connect(faces.desk.take_back)
        faces.asked.connect(self.toast.hide)
        faces.changed.connect(self.peopleChanged)
        faces.allShown.connect(bar.faces.setChecked)
        faces.drawingChanged.connect(bar.add_face.setChecked)
        bar.faces.clicked.connect(faces.show_all)
        bar.add_face.clicked.connect(faces.toggle_drawing)

    # --- what it shows --------------------------------------------------------

    def show_list(self, ids: Ids, row: int, place: PhotoFilter = ANYWHERE) -> None:
        """Open on a list at a row; of several copies, those in `place` are meant."""
        self._ids, self._place = ids, place
        self._row = max(0, min(row, len(ids) - 1))
        self._show_current()
        self.setFocus()

    def replace_list(self, ids: Ids) -> None:
        """Take over a refreshed list, staying on the same photo."""
        current = self.photo()
        at = np.flatnonzero(ids == current) if current is not None else NO_IDS
        if len(at) > 0:
            self._ids, self._row = ids, int(at[0])
            self._show_position()

    def photo(self) -> PhotoId | None:
        """Return the photo shown."""
        return PhotoId(int(self._ids[self._row])) if len(self._ids) else None

    def show_info(self, shown_: bool) -> None:
        """Show or hide the info panel."""
        self.info.setVisible(shown_)
        self._place_info()
        self.bar.info.setChecked(shown_)

    def say_briefly(self, sentence: str) -> None:
        """Show a sentence over the photo for a moment."""
        self.toast.say(sentence, self.canvas.geometry())

    def _on_said_of_face(self, sentence: str, undoable: bool) -> None:
        self.toast.say(sentence, self.canvas.geometry(), _("Undo") if undoable else "")

    def show_favourite(self, value: bool) -> None:
        """Draw the heart."""
        self._favourite = value
        self.bar.show_favourite(value)

    def close_viewer(self) -> None:
        """Go back to the photos."""
        photo = self.photo()
        self.toast.hide()
        self.faces.show_photo(None)
        self._settle.stop()
        self.pictures.forget()
        self.closed.emit(photo)

    # --- going through --------------------------------------------------------

    def go_next(self) -> None:
        """Show the next photo."""
        self.go_to(self._row + 1)

    def go_previous(self) -> None:
        """Show the photo before."""
        self.go_to(self._row - 1)

    def go_first(self) -> None:
        """Show the first photo."""
        self.go_to(0)

    def go_last(self) -> None:
        """Show the last photo."""
        self.go_to(len(self._ids) - 1)

    def go_to(self, row: int) -> None:
        """Show the photo at a row of the list, or the nearest there is."""
        row = max(0, min(row, len(self._ids) - 1))
        if len(self._ids) and row != self._row:
            self._row = row
            self._show_current()

    def _show_current(self) -> None:
        photo = self.photo()
        if photo is None:
            return
        self._summary = None
        near = self._near()
        self.pictures.only(near)
        best = self.pictures.best(photo)
        size = best.image.size() if best else QSize(3, 2)
        self.canvas.show_photo(size.width(), size.height(), best.image if best else None)
        self.pictures.want_preview(photo)
        self.faces.show_photo(photo)
        self.bar.name.set_full_text("")
        self.bar.date.setText("")
        self._show_position()
        if self._details_job is not None:
            self._details_job.cancel()
        self._details_job = self._runner.run(
            Lane.INTERACTIVE,
            self._library.details,
            photo,
            self._place,
            on_success=self._on_details,
        )
        self._settle.start()

    def _near(self) -> tuple[PhotoId, ...]:
        rows = (self._row, self._row + 1, self._row - 1)
        return tuple(PhotoId(int(self._ids[r])) for r in rows if 0 <= r < len(self._ids))

    def _show_position(self) -> None:
        self.previous_button.setVisible(self._row > 0)
        self.next_button.setVisible(self._row < len(self._ids) - 1)
        self._show_words()

    def _show_words(self) -> None:
        place = _("{n} of {total}").format(n=number(self._row + 1), total=number(len(self._ids)))
        if self._summary is None:
            self.bar.date.setText(place)
            return
        self.bar.name.set_full_text(shown(self._summary.name))
        self.bar.date.setText(joined([date_and_time(self._summary.taken_at), place]))

    def _on_settled(self) -> None:
        for photo in self._near():
            self.pictures.want(photo, self.canvas.within_px)

    def _on_details(self, details: PhotoDetails | None) -> None:
        if details is None or details.summary.id != self.photo():
            return
        self._summary = details.summary
        best = self.pictures.best(details.summary.id)
        if self.canvas.fits:
            self.canvas.show_photo(
                details.summary.width, details.summary.height, best.image if best else None
            )
        self.info.show_details(details)
        self.show_favourite(details.summary.favourite)
        self._show_words()

    def _on_picture_arrived(self, picture: Picture) -> None:
        if picture.photo != self.photo():
            return
        best = self.pictures.best(picture.photo)
        if best is None:
            return
        if self._summary is None:  # its size is not known yet: the picture's own shape will do
            self.canvas.show_photo(best.image.width(), best.image.height(), best.image)
        else:
            self.canvas.show_better(best.image)
        self._on_zoomed()

    def _on_picture_failed(self, photo: PhotoId, sentence: str) -> None:
        if photo == self.photo():
            self.canvas.show_sentence(sentence)

    def _on_zoomed(self) -> None:
        known = self._summary is not None
        self.bar.percent.setText(f"{number(self.canvas.percent)} %" if known else "")
        photo = self.photo()
        if known and photo is not None and self.canvas.wants_full:
            self.pictures.want(photo, None)

    # --- doing ----------------------------------------------------------------

    def toggle_zoom(self) -> None:
        """Change between fit and 100 %."""
        if self.canvas.fits:
            self.canvas.actual_size()
        else:
            self.canvas.fit()

    def toggle_favourite(self) -> None:
        """Make it a favourite, or no longer."""
        if self._summary is None:
            return
        value = not self._favourite
        self.show_favourite(value)
        self.favouriteToggled.emit((self._summary.id,), value)

    def find_similar(self) -> None:
        """Ask for photos like this one."""
        if self._summary is not None:
            self.similarWanted.emit(self._summary)

    def copy(self, *, path: bool) -> None:
        """Ask for the file, or its path, on the clipboard."""
        self._emit_path(self.copyPathWanted if path else self.copyFileWanted)

    def _emit_path(self, signal: Any) -> None:
        if self._summary is not None:
            signal.emit(self._summary.path)

    # --- events ---------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not pressed(self, event):
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and undo_or_redo(event):
            event.accept()  # here it is told over the photo, not by the window
            return True
        return super().event(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.BackButton:
            self.close_viewer()
        super().mouseReleaseEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.canvas and event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._place_arrows()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_info()

    def _place_info(self) -> None:
        beside = self.width() >= NARROW_PX and not self.info.isHidden()
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        room, top = PANEL_PX if beside else 0, self.bar.height()
        self._body.setContentsMargins(room if mirrored else 0, 0, 0 if mirrored else room, 0)
        left = 0 if mirrored else self.width() - PANEL_PX
        self.info.setGeometry(left, top, PANEL_PX, self.height() - top)
        self.info.raise_()
        self._place_arrows()

    def _place_arrows(self) -> None:
        area = self.canvas.geometry()
        if not self.info.isHidden():
            if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
                area.setLeft(max(area.left(), self.info.geometry().right() + 1))
            else:
                area.setRight(min(area.right(), self.info.x() - 1))
        self.arrows.stand_in(area)
