"""The frames round the faces of the photo shown: over it, following its zoom and place.

One frame shows under the pointer, all of them by a key, and the one that the keyboard is at. The
layer takes no mouse: what the canvas does with it is watched, and dragging and zooming go on.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QApplication, QWidget

from photosearch.gui.text import _, number
from photosearch.gui.theme import VIEWER
from photosearch.gui.viewer.canvas import PhotoCanvas
from photosearch.types import Box, FaceId, PersonFace

ROUND_PX = 7.0
LEAST_HIT_PX = 20.0  # a face in a crowd may be smaller than a finger
LABEL_PX = 24
MOST_LABEL_PX = 220
ASKING_PX = 72.0  # so large, a frame without a name asks for one
UNSURE = 0.5  # from this doubt on, a name that nobody said is shown with a question mark


def label(face: PersonFace) -> str:
    """Return the words at a face: "Anna", "Anna?" where it is a guess, or a question."""
    if not face.name:
        return _("Who is this?")
    guess = not face.said and face.doubt > UNSURE
    return _("{name}?").format(name=face.name) if guess else face.name


class FaceLayer(QWidget):
    """Paints frames and names; tells which face is meant by click or key."""

    faceChosen = Signal(object)  # PersonFace: to be named
    menuWanted = Signal(object, QPoint)  # PersonFace, where on the screen
    left = Signal()  # Esc: the keyboard goes back to the photo

    def __init__(self, canvas: PhotoCanvas):
        super().__init__(canvas)
        self._canvas = canvas
        self._faces: tuple[PersonFace, ...] = ()
        self._all = False
        self._hovered: FaceId | None = None
        self._current: FaceId | None = None  # where the keyboard is
        self._held: FaceId | None = None  # shown while something is asked of it
        self._hides_held = False
        self._press: QPoint | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(_("Faces"))
        self.setGeometry(canvas.rect())
        canvas.installEventFilter(self)

    # --- what it shows --------------------------------------------------------

    def show_faces(self, faces: tuple[PersonFace, ...]) -> None:
        """Show other faces, or the same after something was said of them."""
        self._faces = faces
        there = {face.id for face in faces}
        self._hovered = self._hovered if self._hovered in there else None
        self._current = self._current if self._current in there else None
        policy = Qt.FocusPolicy.TabFocus if faces else Qt.FocusPolicy.NoFocus
        if not faces and self.hasFocus():
            self.left.emit()
        self.setFocusPolicy(policy)
        self._tell()
        self.update()

    @property
    def faces(self) -> tuple[PersonFace, ...]:
        """The faces of the photo shown."""
        return self._faces

    @property
    def shows_all(self) -> bool:
        """Whether all frames are shown."""
        return self._all

    def show_all(self, value: bool) -> None:
        """Show all frames, or only the one under the pointer."""
        self._all = value
        self.update()

    def hold(self, face: FaceId | None, *, label: bool = True) -> None:
        """Keep showing a face's frame, perhaps without its name, which stands elsewhere."""
        self._held = face
        self._hides_held = not label
        self.update()

    def go_to(self, face: FaceId) -> None:
        """Bring the keyboard to a face."""
        self._current = face
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._tell()
        self.update()

    def current(self) -> PersonFace | None:
        """Return the face that the keyboard is at."""
        return next((face for face in self._faces if face.id == self._current), None)

    def visible_faces(self) -> tuple[PersonFace, ...]:
        """Return the faces whose frames are shown."""
        if self._all or self.hasFocus():
            return self._faces
        marked = (self._hovered, self._held)
        return tuple(face for face in self._faces if face.id in marked)

    def frame_of(self, box: Box) -> QRectF:
        """Return where a box of the picture is on the canvas."""
        whole = self._canvas.picture_rect()
        corner = QPointF(box.x * whole.width(), box.y * whole.height())
        size = QSizeF(box.width * whole.width(), box.height * whole.height())
        return QRectF(whole.topLeft() + corner, size)

    def face_at(self, point: QPointF) -> PersonFace | None:
        """Return the face at a point: of several, the smallest."""
        shown = {face.id for face in self.visible_faces()}
        hits = [face for face in self._faces if self._is_hit(face, point, face.id in shown)]
        return min(hits, key=lambda f: f.box.width * f.box.height) if hits else None

    def _is_hit(self, face: PersonFace, point: QPointF, shown: bool) -> bool:
        area = self.frame_of(face.box)
        grow = max(0.0, (LEAST_HIT_PX - min(area.width(), area.height())) / 2)
        if area.adjusted(-grow, -grow, grow, grow).contains(point):
            return True
        if not (shown and self._has_label(face)):
            return False
        wide, high = MOST_LABEL_PX / 2, 2.0 * LABEL_PX
        near = area.adjusted(-wide, -high, wide, high).contains(point)
        between = area.united(QRectF(self._label_rect(face))) if near else area
        return between.contains(point)

    # --- the keyboard ---------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        back = event.reason() == Qt.FocusReason.BacktabFocusReason
        if self._faces and self.current() is None:
            self._current = self._faces[-1 if back else 0].id
        self._tell()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002 (as Qt names it)
        """Let Tab go from face to face, and on from the last."""
        if self._step(1 if next else -1):
            return True
        self._current = None
        return super().focusNextPrevChild(next)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        face, key = self.current(), event.key()
        if face is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._step(1 if key == Qt.Key.Key_Right else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.faceChosen.emit(face)
        elif key == Qt.Key.Key_Escape:
            self._current = None
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        face = self.current()
        if face is None:
            event.ignore()
            return
        below = self.frame_of(face.box).bottomLeft().toPoint()
        self.menuWanted.emit(face, self.mapToGlobal(below))

    def _step(self, by: int) -> bool:
        ids = [face.id for face in self._faces]
        row = ids.index(self._current) + by if self._current in ids else -1
        if not 0 <= row < len(ids):
            return False
        self._current = ids[row]
        self._tell()
        self.update()
        return True

    def _tell(self) -> None:
        """Say where the keyboard is, for those who do not see it."""
        face = self.current()
        if face is None:
            self.setAccessibleName(_("Faces"))
            return
        at, count = self._faces.index(face) + 1, len(self._faces)
        words = _("Face {n} of {total}: {name}")
        self.setAccessibleName(words.format(n=number(at), total=number(count), name=label(face)))

    # --- the mouse, as the canvas gets it -------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.Resize:
            self.setGeometry(self._canvas.rect())
        elif kind == QEvent.Type.Leave:
            self._hover(None)
        elif isinstance(event, QContextMenuEvent):
            return self._on_menu_asked(event)
        elif isinstance(event, QMouseEvent):
            return self._on_mouse(event)
        return super().eventFilter(watched, event)

    def _on_mouse(self, event: QMouseEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.MouseMove and event.buttons() != Qt.MouseButton.NoButton:
            return False  # the photo is dragged: which face lies there does not matter
        face = self.face_at(event.position())
        left = event.button() == Qt.MouseButton.LeftButton
        if kind == QEvent.Type.MouseMove and event.buttons() == Qt.MouseButton.NoButton:
            self._hover(face)
        elif kind == QEvent.Type.MouseButtonPress and left:
            self._press = event.position().toPoint() if face is not None else None
        elif kind == QEvent.Type.MouseButtonRelease and left and self._press is not None:
            way = (event.position().toPoint() - self._press).manhattanLength()
            self._press = None
            if face is not None and way < QApplication.startDragDistance():
                self.faceChosen.emit(face)
        elif kind == QEvent.Type.MouseButtonDblClick and face is not None:
            return True  # the first click opened its name
        return False

    def _on_menu_asked(self, event: QContextMenuEvent) -> bool:
        face = self.face_at(QPointF(event.pos()))
        if face is None or event.reason() != QContextMenuEvent.Reason.Mouse:
            return False
        self.menuWanted.emit(face, event.globalPos())
        return True

    def _hover(self, face: PersonFace | None) -> None:
        found = face.id if face is not None else None
        if found == self._hovered:
            return
        self._hovered = found
        if found is not None:
            self._canvas.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self._canvas.show_cursor()
        self.update()

    # --- painting -------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        view = QRectF(self.rect())
        faces = [f for f in self.visible_faces() if self.frame_of(f.box).intersects(view)]
        if not faces:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for face in faces:
            self._paint_frame(painter, face)
        for face in sorted(faces, key=self._is_marked):  # what is meant lies above the rest
            if self._has_label(face):
                self._paint_label(painter, face)
        painter.end()

    def _is_marked(self, face: PersonFace) -> bool:
        at_key = self.hasFocus() and face.id == self._current
        return at_key or face.id in (self._hovered, self._held)

    def _has_label(self, face: PersonFace) -> bool:
        if face.id == self._held and self._hides_held:
            return False
        wide = self.frame_of(face.box).width() > ASKING_PX  # in a crowd, questions are clutter
        return bool(face.name) or wide or self._is_marked(face)

    def _paint_frame(self, painter: QPainter, face: PersonFace) -> None:
        frame = self.frame_of(face.box)
        marked = self._is_marked(face)
        round_px = min(ROUND_PX, frame.width() / 4)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(0, 0, 0, 110), 4.5 if marked else 3.5))
        painter.drawRoundedRect(frame, round_px, round_px)
        colour = QColor(VIEWER.accent if marked else "#ffffff")
        colour.setAlphaF(1.0 if marked or face.name else 0.72)
        painter.setPen(QPen(colour, 2.5 if marked else 1.5))
        painter.drawRoundedRect(frame, round_px, round_px)

    def _label_rect(self, face: PersonFace) -> QRect:
        """Return where the name stands: below the frame, above it where there is no room."""
        frame = self.frame_of(face.box)
        width = self.fontMetrics().horizontalAdvance(label(face)) + 22
        area = QRect(0, 0, min(MOST_LABEL_PX, width), LABEL_PX)
        area.moveCenter(frame.center().toPoint())
        area.moveTop(round(frame.bottom()) + 6)
        if area.bottom() > self.height() - 4:
            area.moveBottom(round(frame.top()) - 6)
        area.moveTop(max(4, min(area.top(), self.height() - 4 - LABEL_PX)))
        area.moveLeft(max(4, min(area.left(), self.width() - 4 - area.width())))
        return area

    def _paint_label(self, painter: QPainter, face: PersonFace) -> None:
        area = self._label_rect(face)
        marked = self._is_marked(face)
        ground = QColor(VIEWER.accent if marked else VIEWER.raised)
        ground.setAlphaF(1.0 if marked else 0.9)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(area), LABEL_PX / 2, LABEL_PX / 2)
        painter.setPen(QColor(VIEWER.on_accent if marked else VIEWER.text))
        room = area.width() - 18
        words = self.fontMetrics().elidedText(label(face), Qt.TextElideMode.ElideRight, room)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, words)
