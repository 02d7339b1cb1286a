"""Faces in the viewer: frames, the field for a name, the menu, drawing, undo.

Puts the parts together for one photo at a time; what is said goes through the desk.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from photosearch.gui.naming.faces import LittleFaces
from photosearch.gui.text import _
from photosearch.gui.viewer.canvas import PhotoCanvas
from photosearch.gui.viewer.face_desk import FaceDesk
from photosearch.gui.viewer.face_drawing import FaceDrawing
from photosearch.gui.viewer.face_editor import FaceEditor
from photosearch.gui.viewer.face_layer import FaceLayer
from photosearch.jobs import Runner
from photosearch.types import Box, Person, PersonFace, PhotoId

if TYPE_CHECKING:
    from photosearch.library import Library


class ViewerFaces(QObject):
    """Who is on the photo shown."""

    facesCame = Signal(object)  # tuple[PersonFace, ...]
    personWanted = Signal(object)  # PersonId: go there
    said = Signal(str)
    asked = Signal()  # a field opened at a face
    changed = Signal()
    allShown = Signal(bool)
    drawingChanged = Signal(bool)

    def __init__(
        self,
        library: Library,
        runner: Runner,
        pictures: LittleFaces,
        canvas: PhotoCanvas,
        viewer: QWidget,
    ):
        super().__init__(viewer)
        self._viewer = viewer
        self._canvas = canvas
        self._editing: PersonFace | None = None
        self._by_key = False
        self.pictures = pictures
        self.desk = FaceDesk(library, runner, self)
        self.layer = FaceLayer(canvas)
        self.drawing = FaceDrawing(canvas)
        self.editor = FaceEditor(self.pictures, viewer)
        self._connect()

    def _connect(self) -> None:
        self.desk.facesCame.connect(self._on_faces_came)
        self.desk.namesCame.connect(self._on_names_came)
        self.desk.changed.connect(self.changed)
        self.layer.faceChosen.connect(self.edit)
        self.layer.menuWanted.connect(self._on_menu_wanted)
        self.layer.left.connect(self._viewer.setFocus)
        self.drawing.drawn.connect(self._on_drawn)
        self.drawing.left.connect(self.stop_drawing)
        self.editor.named.connect(self._on_named)
        self.editor.left.connect(self._on_editor_left)
        self._canvas.moved.connect(self._place_editor)
        self._canvas.installEventFilter(self)

    # --- what the viewer asks -------------------------------------------------

    def show_photo(self, photo: PhotoId | None) -> None:
        """Show who is on another photo; None: no photo is looked at."""
        self._give_up()
        self.layer.show_faces(())
        self.facesCame.emit(())
        self.desk.show_photo(photo)

    def refresh(self) -> None:
        """Ask again who is on the photo."""
        self.desk.refresh()

    def toggle_all(self) -> None:
        """Show all frames, or only the one under the pointer."""
        self.show_all(not self.layer.shows_all)

    def show_all(self, value: bool) -> None:
        """Show all frames, or only the one under the pointer."""
        self.layer.show_all(value)
        self.allShown.emit(value)
        if value and not self.layer.faces:
            self.said.emit(_("No faces were found on this photo. Press A to add one"))

    def start_drawing(self) -> None:
        """Wait for a frame round a face that was missed."""
        self._close_editor()
        self.drawing.begin()
        self.drawingChanged.emit(True)
        self.said.emit(_("Drag a frame round the face. Esc leaves"))

    def stop_drawing(self) -> None:
        """Draw no more."""
        if not self.drawing.isHidden():
            self.drawing.end()
            self.drawingChanged.emit(False)
            self._viewer.setFocus()

    def toggle_drawing(self) -> None:
        """Wait for a frame, or no longer."""
        if self.drawing.isHidden():
            self.start_drawing()
        else:
            self._give_up()

    def edit(self, face: PersonFace) -> None:
        """Ask who a face is."""
        self._by_key = self.layer.hasFocus()
        self._editing = face
        self.layer.hold(face.id, label=False)
        self._ask(face.name)

    # --- the field ------------------------------------------------------------

    def _ask(self, name: str) -> None:
        self.desk.ask_names()
        self.editor.open(name)
        self._place_editor()
        self.asked.emit()

    def _place_editor(self) -> None:
        box = self._editing.box if self._editing is not None else self.drawing.box
        if not self.editor.isHidden() and box is not None:
            frame = self.layer.frame_of(box).translated(QPointF(self._canvas.pos()))
            self.editor.stand_at(frame, self._canvas.geometry())

    def _on_names_came(self, people: tuple[Person, ...]) -> None:
        self.editor.know(people)
        self._place_editor()

    def _on_named(self, name: str) -> None:
        face, box = self._editing, self.drawing.box
        self._close_editor()
        if face is None and box is not None:
            self.stop_drawing()
            self.desk.draw(box, name)
        elif face is not None and name != face.name:
            self.desk.name(face, name)
        elif face is not None and not face.said:
            self.desk.confirm(face)

    def _on_editor_left(self) -> None:
        self._close_editor()
        self.drawing.drop_box()

    def _close_editor(self) -> None:
        face, self._editing = self._editing, None
        had_focus = self.editor.isAncestorOf(self._viewer.focusWidget())
        self.editor.close_editor()
        self.layer.hold(None)
        if not had_focus:
            return
        if not self.drawing.isHidden():
            self.drawing.setFocus()
        elif face is not None and self._by_key:
            self.layer.go_to(face.id)
        else:
            self._viewer.setFocus()

    def _give_up(self) -> None:
        self._close_editor()
        self.stop_drawing()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        pressed = event.type() == QEvent.Type.MouseButtonPress
        if pressed and not self.editor.isHidden():  # a press beside the field leaves it
            self._on_editor_left()
        return super().eventFilter(watched, event)

    # --- the menu of a face ---------------------------------------------------

    def _on_menu_wanted(self, face: PersonFace, where: QPoint) -> None:
        menu = self.menu(face)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.aboutToHide.connect(partial(self.layer.hold, None))
        self.layer.hold(face.id)
        menu.popup(where)

    def menu(self, face: PersonFace) -> QMenu:
        """Return what can be said of a face."""
        menu = QMenu(self._viewer)
        desk = self.desk

        def add(text: str, deed: Callable[[], object]) -> None:
            menu.addAction(text).triggered.connect(lambda _on=False: deed())

        if face.name:
            shown = face.name.replace("&", "&&")
            if not face.said:
                add(_("Yes, this is {name}").format(name=shown), partial(desk.confirm, face))
            add(_("Not {name}").format(name=shown), partial(desk.reject, face))
            add(_("Somebody else…"), partial(self.edit, face))
            menu.addSeparator()
            go = partial(self.personWanted.emit, face.person)
            add(_("Go to {name}").format(name=shown), go)
            add(_("Use as cover"), partial(desk.use_as_cover, face))
        else:
            add(_("Name…"), partial(self.edit, face))
            if face.person is not None:
                go = partial(self.personWanted.emit, face.person)
                add(_("Photos of this person"), go)
        menu.addSeparator()
        add(_("This is not a face"), partial(desk.dismiss, face))
        return menu

    # --- news -----------------------------------------------------------------

    def _on_faces_came(self, faces: tuple[PersonFace, ...]) -> None:
        if faces == self.layer.faces:
            return  # asked again, and nothing is new
        self.layer.show_faces(faces)
        self.facesCame.emit(faces)

    def _on_drawn(self, _box: Box) -> None:
        self._editing = None
        self._ask("")
