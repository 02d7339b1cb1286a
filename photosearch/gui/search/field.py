"""The field one types a search into; a part of its text that means a person looks like a chip.

The text is the truth: what is copied, undone and read aloud is the text as typed.  A chip is
painted over the characters it stands for, which are given its width; while a name is being typed,
or composed with an input method, it stays text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QLineEdit, QToolTip, QWidget

from photosearch.gui.naming.faces import LittleFaces
from photosearch.gui.search.chips import CHIP_PX, Look, cross_rect, paint_chip, spoken
from photosearch.gui.search.line import ChipLine, carried, formats, units
from photosearch.types import FaceId, Mention, PersonId

CURSOR_RECT_PX = 5  # Qt's rectangle of a text cursor begins this far left of it


class SearchField(QLineEdit):
    """A line of text in which people are chips."""

    chipPressed = Signal(object, QPoint)  # Mention, where a menu may open
    chipRemoved = Signal(object)  # Mention

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._mentions: list[Mention] = []
        self._covers: Mapping[PersonId, FaceId] = {}
        self._pictures: LittleFaces | None = None
        self._known = ""  # the text that the mentions stand in
        self._in_key = False
        self._typed = False  # the last change came from the keyboard
        self._open = False  # the name at the cursor is being typed: it is no chip yet
        self._composing = False
        self._dressed: tuple[object, ...] = ()
        self._hovered: tuple[int, bool] = (-1, False)  # which chip, and whether its cross
        self.setFrame(False)
        self.setMinimumHeight(CHIP_PX + 2)
        self.setMouseTracking(True)
        self.textChanged.connect(self._on_text_changed)
        self.cursorPositionChanged.connect(self._on_cursor_moved)

    def take_pictures_from(self, pictures: LittleFaces) -> None:
        """Know where faces come from."""
        self._pictures = pictures
        pictures.loaded.connect(self._on_faces_loaded)

    # --- chips ----------------------------------------------------------------

    def show_mentions(self, mentions: Sequence[Mention], covers: Mapping[PersonId, FaceId]) -> None:
        """Show which parts of the present text mean people."""
        self._covers = covers
        self._mentions = list(mentions)
        self._settle()
        self._dress()
        self.setAccessibleDescription(", ".join(spoken(mention) for mention in mentions))

    def chips(self) -> list[Mention]:
        """Return the people that are shown as chips now."""
        if self._composing:
            return []
        if not self._open:
            return list(self._mentions)
        at = self.caret()
        return [each for each in self._mentions if not each.start < at <= each.end]

    def chip_rect(self, chip: Mention) -> QRectF:
        """Return where a chip stands, a part of it perhaps out of sight."""
        return self._areas([chip])[0]

    def touched_chip(self) -> Mention | None:
        """Return the chip that the text cursor stands at, the one before it first."""
        at = self.caret()
        chips = self.chips()
        before = next((chip for chip in chips if chip.end == at), None)
        return before or next((chip for chip in chips if chip.start == at), None)

    @property
    def typing(self) -> bool:
        """Whether the last change came from the keyboard."""
        return self._typed

    def caret_to(self, at: int) -> None:
        """Put the text cursor before a character, counted as Python does."""
        self.setCursorPosition(units(self.text()[:at]))

    def caret(self) -> int:
        """Return where the text cursor is, counted as Python does."""
        raw = self.text().encode("utf-16-le", "surrogatepass")[: 2 * self.cursorPosition()]
        return len(raw.decode("utf-16-le", "replace"))

    def replace_part(self, start: int, end: int, text: str) -> None:
        """Put a text for a part of the present one, as typing would: it can be undone."""
        whole = self.text()
        first, last = units(whole[:start]), units(whole[:end])
        self.setSelection(first, last - first)
        if text:
            self.insert(text)
        else:
            self.del_()

    def remove_chip(self, chip: Mention) -> None:
        """Take a person out of the text, with a blank that would be left over."""
        text, end = self.text(), chip.end
        alone = chip.start == 0 or text[chip.start - 1].isspace()
        if alone and text[end : end + 1].isspace():
            end += 1
        self.replace_part(chip.start, end, "")

    def reading_direction(self) -> Qt.LayoutDirection:
        """Return which way the text runs: as its first letter that runs one way says."""
        kinds = (unicodedata.bidirectional(sign) for sign in self.text())
        first = next((kind for kind in kinds if kind in ("L", "R", "AL")), "L")
        left = Qt.LayoutDirection.LeftToRight
        return left if first == "L" else Qt.LayoutDirection.RightToLeft

    # --- text and cursor ------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._removes_chip(event):
            return
        before = self.text()
        self._in_key = True
        super().keyPressEvent(event)
        self._in_key = False
        if self.text() == before:
            self._settle()

    def _removes_chip(self, event: QKeyEvent) -> bool:
        """Take away as a whole what looks like a whole."""
        keys = {Qt.Key.Key_Backspace: "end", Qt.Key.Key_Delete: "start"}
        edge = keys.get(Qt.Key(event.key())) if not event.modifiers() else None
        if edge is None or self.hasSelectedText():
            return False
        at = self.caret()
        chip = next((chip for chip in self.chips() if getattr(chip, edge) == at), None)
        if chip is not None:
            self.remove_chip(chip)
        return chip is not None

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._composing = bool(event.preeditString())
        self._dressed = ()
        self._in_key = True
        super().inputMethodEvent(event)
        self._in_key = False
        self._dress()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.ActiveWindowFocusReason:
            self._open = False
            self._dress()

    def _on_text_changed(self, text: str) -> None:
        self._mentions = carried(self._mentions, self._known, text)
        self._known = text
        self._typed = self._open = self._in_key
        self._dress()

    def _on_cursor_moved(self, before: int, now: int) -> None:
        if self.text() != self._known or self.hasSelectedText():
            return
        at = self.caret()
        for chip in self.chips():  # the cursor stands at an end of a chip, never within
            if chip.start < at < chip.end:
                self.caret_to(chip.end if now > before else chip.start)
        self._dress()

    def _settle(self) -> None:
        """Let a name become a chip once the cursor has left it."""
        at = self.caret()
        if self._open and not any(each.start < at <= each.end for each in self._mentions):
            self._open = False
            self._dress()

    # --- how the text is laid out ---------------------------------------------

    def _dress(self) -> None:
        """Give the characters below chips the chips' width, and hide them.

        A line edit takes formats only from input methods, so they are given as one would.
        """
        if self._composing:
            return
        self.update()
        spans = tuple((chip.start, chip.end, chip.name, chip.role) for chip in self.chips())
        key = (self.text(), spans, self.font().toString())
        if key == self._dressed:
            return
        self._dressed = key
        at, kind = self.cursorPosition(), QInputMethodEvent.AttributeType.TextFormat
        attributes = [
            QInputMethodEvent.Attribute(kind, span.start - at, span.length, span.format)
            for span in formats(self.text(), self.chips(), self.font())
        ]
        super().inputMethodEvent(QInputMethodEvent("", attributes))

    def _areas(self, chips: Sequence[Mention]) -> list[QRectF]:
        """Return where chips stand."""
        if not chips:
            return []
        line = ChipLine(self.text(), self.chips(), self.font())
        left = self.cursorRect().x() + CURSOR_RECT_PX - line.x(self.cursorPosition())
        top = (self.height() - CHIP_PX) / 2
        return [line.area(chip).translated(left, top) for chip in chips]

    # --- events ---------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        chips = self.chips()
        if not chips:
            return
        painter = QPainter(self)
        painter.setClipRect(self.rect())
        direction = self.reading_direction()
        for at, (chip, area) in enumerate(zip(chips, self._areas(chips), strict=True)):
            cover = self._covers.get(chip.person)
            picture = self._pictures.picture(cover) if self._pictures is not None else None
            hovered = at == self._hovered[0]
            on_cross, selected = hovered and self._hovered[1], self._is_selected(chip)
            look = Look(self.palette(), direction, hovered, on_cross, selected)
            paint_chip(painter, area, chip, picture, look)
        painter.end()

    def _is_selected(self, chip: Mention) -> bool:
        if not self.hasSelectedText():
            return False
        text = self.text()
        first, last = units(text[: chip.start]), units(text[: chip.end])
        return self.selectionStart() <= first and last <= self.selectionEnd()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self._under(event.position())
        if event.buttons() == Qt.MouseButton.NoButton and found != self._hovered:
            self._hovered = found
            text = Qt.CursorShape.IBeamCursor
            self.setCursor(text if found[0] < 0 else Qt.CursorShape.ArrowCursor)
            self.update()
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hovered = (-1, False)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at, on_cross = self._under(event.position())
        if at < 0 or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            self._settle()
            return
        chip = self.chips()[at]
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if on_cross:
            self.remove_chip(chip)
            self.chipRemoved.emit(chip)
        else:
            self._ask_for_menu(chip)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._under(event.position())[0] < 0:
            super().mouseDoubleClickEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        chip = self.touched_chip()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            at = self._under(QPointF(event.pos()))[0]
            chip = self.chips()[at] if at >= 0 else None
        if chip is None:
            super().contextMenuEvent(event)
        else:
            self._ask_for_menu(chip)

    def _ask_for_menu(self, chip: Mention) -> None:
        below = self.chip_rect(chip).bottomLeft().toPoint() + QPoint(0, 4)
        self.chipPressed.emit(chip, self.mapToGlobal(below))

    def _under(self, point: QPointF) -> tuple[int, bool]:
        """Return which chip is under a point, -1 for none, and whether its cross is."""
        for at, area in enumerate(self._areas(self.chips())):
            if area.contains(point):
                cross = cross_rect(area, self.reading_direction()).adjusted(-3, -5, 5, 5)
                return at, cross.contains(point)
        return -1, False

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = self._under(QPointF(event.pos()))[0]
            if at >= 0:
                QToolTip.showText(event.globalPos(), spoken(self.chips()[at]), self)
                return True
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._dress()

    def _on_faces_loaded(self, _faces: object) -> None:
        if self._mentions:
            self.update()
