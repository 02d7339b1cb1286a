"""The grid of people: naming in place from the keyboard, dragging one onto another, selecting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QMimeData, QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPaintEvent,
)
from PySide6.QtWidgets import QWidget

from photosearch.gui.grid.thumbs import TileSize
from photosearch.gui.naming.faces import FaceThumbs, LittleFaces
from photosearch.gui.naming.field import NameField, merge_note
from photosearch.gui.people.people_drag import (
    DRAGGED_PX,
    PEOPLE_MIME,
    drag_picture,
    dragged_people,
    packed,
)
from photosearch.gui.people.people_model import PeopleModel
from photosearch.gui.people.person_tiles import (
    COVER_PX,
    PersonDelegate,
    cell_size,
    cover_box,
    name_box,
)
from photosearch.gui.people.tile_view import TileView
from photosearch.gui.text import _
from photosearch.names import same
from photosearch.types import FaceId, Person, PersonId


class PeopleView(TileView):
    """People as round covers with names."""

    named = Signal(object, str)  # PersonId, name
    mergeWanted = Signal(object, object)  # tuple of PersonId, the PersonId that was dropped upon
    editingEnded = Signal()
    editorPlaced = Signal()

    def __init__(
        self,
        model: PeopleModel,
        thumbs: FaceThumbs,
        faces: LittleFaces,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(model, cell_size(QFont() if parent is None else parent.font()), parent)
        self._people = model
        self._thumbs = thumbs
        self._names: tuple[Person, ...] = ()
        self._edited: PersonId | None = None
        self._merging = False  # whether the name is that of somebody to merge with
        self._dragged: tuple[int, ...] = ()
        self._pressed_name = -1
        self.delegate = PersonDelegate(thumbs, self)
        self.editor = NameField(faces, self.viewport(), note=merge_note)
        self.editor.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.editor.setAccessibleName(_("Name of the person"))
        self.editor.setPlaceholderText(_("Who is this?"))
        self.editor.hide()
        self.editor.entered.connect(self._on_entered)
        self.editor.left.connect(self._on_left)
        self.editor.cancelled.connect(self.stop_editing)
        self.begin()
        self.setItemDelegate(self.delegate)
        self.setAccessibleName(_("People"))
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(False)
        self.typed.connect(self._on_typed)
        thumbs.loaded.connect(self.viewport().update)
        self.verticalScrollBar().valueChanged.connect(self._place_editor)

    # --- for the page ---------------------------------------------------------

    def set_names(self, people: Sequence[Person]) -> None:
        """Learn whose names can be offered."""
        self._names = tuple(people)
        self.editor.set_people(self._names)

    @property
    def editing(self) -> bool:
        """Whether a name is being typed."""
        return self._edited is not None

    def selected_people(self) -> list[PersonId]:
        """Return who is selected, in the order shown."""
        return [PersonId(number) for number in self.selected_numbers()]

    def edit_name(self, row: int, typed: str = "") -> None:
        """Let the name of a person be typed."""
        person = self._people.person(row)
        if person is not None:
            self._edit(row, person, person.name, typed)

    def ask_merge(self, row: int) -> None:
        """Let the name of somebody be typed whom a person is merged with."""
        person = self._people.person(row)
        if person is not None:
            self._edit(row, person, "", merging=True)

    def _edit(
        self, row: int, person: Person, text: str, typed: str = "", merging: bool = False
    ) -> None:
        index = self._people.index(row, 0)
        self._merging = merging
        self.editor.setPlaceholderText(_("Merge with whom?") if merging else _("Who is this?"))
        self._edited, self.delegate.edited = person.id, row
        self.setCurrentIndex(index)
        self.scrollTo(index)
        self.editor.show()
        self._place_editor()
        self.editor.begin(text, typed, but=person.id, merges=not merging)
        self.viewport().update()

    def stop_editing(self) -> None:
        """Put the field away without saying anything."""
        held = self.editor.hasFocus()
        self._edited, self.delegate.edited = None, -1
        self.editor.hide()
        if held:
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.viewport().update()
        self.editingEnded.emit()

    # --- naming ---------------------------------------------------------------

    def _on_typed(self, text: str) -> None:
        if self.currentIndex().isValid():
            self.edit_name(self.currentIndex().row(), text)

    def _on_entered(self, name: str) -> None:
        """Name the person and go on to the next that has no name."""
        if self._merging:
            self._on_other_entered(name)
            return
        row = self._people.row_of(int(self._edited or 0))
        self._say_name(name)
        following = self._people.next_unnamed(row)
        if following >= 0:
            self.edit_name(following)
        else:
            self.stop_editing()

    def _on_other_entered(self, name: str) -> None:
        edited = self._edited
        known = [each for each in self._names if same(each.name, name) and each.id != edited]
        if edited is None or not known:
            self.editor.begin(name, but=edited)  # nobody has this name: it is asked again
            return
        self.stop_editing()
        self.mergeWanted.emit((edited,), known[0].id)

    def _on_left(self, name: str) -> None:
        if self._edited is None:
            return
        if name and not self._merging:
            self._say_name(name)
        self.stop_editing()

    def _say_name(self, name: str) -> None:
        if self._edited is None:
            return
        known = self._people.known(self._edited)
        if known is not None and known.name != name:
            self._people.show_name(self._edited, name)
            if not any(same(each.name, name) for each in self._names):  # for the next one
                self.set_names((*self._names, replace(known, name=name)))
            self.named.emit(self._edited, name)

    def _place_editor(self) -> None:
        if self._edited is None:
            return
        row = self._people.row_of(int(self._edited))
        if row < 0:
            self.stop_editing()
            return
        self.delegate.edited = row
        cell = self.visualRect(self._people.index(row, 0))
        self.editor.setGeometry(name_box(cell, self.font()).adjusted(-2, -1, 2, 1))
        self.editorPlaced.emit()

    # --- tiles ----------------------------------------------------------------

    def indexAt(self, point: QPoint) -> QModelIndex:
        index = super().indexAt(point)
        if index.isValid():
            cell = self.visualRect(index)
            name = name_box(cell, self.font())
            if not (cover_box(cell).contains(point) or name.adjusted(0, -8, 0, 22).contains(point)):
                return QModelIndex()
        return index

    def cell_changed(self, size: QSize) -> None:
        self.delegate.cell = size

    def want_pictures(self, rows: list[int]) -> None:
        people = [self._people.person(row) for row in rows]
        covers = [each.cover for each in people if each is not None and each.cover is not None]
        ratio = self.devicePixelRatioF()
        self._thumbs.want_faces(covers, TileSize(round(COVER_PX * ratio), ratio))

    def paintEvent(self, event: QPaintEvent) -> None:
        self.delegate.by_keys = self.by_keys and self.hasFocus()
        super().paintEvent(event)

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self._place_editor()

    def _on_reset(self) -> None:
        super()._on_reset()
        self._place_editor()

    # --- keys and mouse -------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2 and self.currentIndex().isValid():
            self.edit_name(self.currentIndex().row())
            event.accept()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        plain = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
        self._pressed_name = self._name_at(event.position().toPoint()) if plain else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.delegate.pointed = event.position().toPoint()
        on_name = not event.buttons() and self._name_at(self.delegate.pointed) >= 0
        shape = Qt.CursorShape.IBeamCursor if on_name else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        super().mouseMoveEvent(event)
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        pressed, self._pressed_name = self._pressed_name, -1
        if pressed >= 0 and pressed == self._name_at(event.position().toPoint()):
            self.edit_name(pressed)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        where = event.globalPos()
        index = self.currentIndex()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            index = self.indexAt(self.viewport().mapFromGlobal(where))
            if index.isValid() and not self.selectionModel().isSelected(index):
                self.setCurrentIndex(index)
        elif index.isValid():
            where = self.viewport().mapToGlobal(self.visualRect(index).center())
        if index.isValid():
            self.menuWanted.emit(where)
        event.accept()

    def _name_at(self, point: QPoint) -> int:
        index = super().indexAt(point)
        if index.isValid() and name_box(self.visualRect(index), self.font()).contains(point):
            return index.row()
        return -1

    # --- one dragged onto another ---------------------------------------------

    def startDrag(self, supportedActions: Qt.DropAction) -> None:  # noqa: N803
        self._dragged = tuple(self.selected_numbers())
        if not self._dragged:
            return
        first = self._people.person(self._people.row_of(self._dragged[0]))
        cover = self._thumbs.face(FaceId(first.cover)) if first and first.cover else None
        count, ratio = len(self._dragged), self.devicePixelRatioF()
        drag = QDrag(self)
        drag.setMimeData(packed(self._dragged))
        drag.setPixmap(drag_picture(cover, count, self.palette(), ratio))
        side = DRAGGED_PX // 2
        drag.setHotSpot(QPoint(side, side))
        drag.exec(Qt.DropAction.MoveAction)
        self._mark_target(-1)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        event.setAccepted(event.mimeData().hasFormat(PEOPLE_MIME))

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        row = self._drop_row(event.position().toPoint(), event.mimeData())
        self._mark_target(row)
        event.setAccepted(row >= 0)
        self._scroll_near_edge(event.position().toPoint())

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._mark_target(-1)

    def dropEvent(self, event: QDropEvent) -> None:
        row = self._drop_row(event.position().toPoint(), event.mimeData())
        self._mark_target(-1)
        person = self._people.person(row)
        if person is not None:
            event.acceptProposedAction()
            dragged = tuple(PersonId(number) for number in dragged_people(event.mimeData()))
            self.mergeWanted.emit(dragged, person.id)

    def _drop_row(self, point: QPoint, mime: QMimeData) -> int:
        index = super().indexAt(point)
        person = self._people.person(index.row()) if index.isValid() else None
        dragged = dragged_people(mime)
        return index.row() if person is not None and dragged and person.id not in dragged else -1

    def _mark_target(self, row: int) -> None:
        if row != self.delegate.target:
            self.delegate.target = row
            self.viewport().update()

    def _scroll_near_edge(self, point: QPoint) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        if point.y() < 40:
            bar.setValue(bar.value() - 24)
        elif point.y() > height - 40:
            bar.setValue(bar.value() + 24)
