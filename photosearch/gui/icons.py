"""Line icons in any colour and at any scale, from the drawings in `resources/icons`.

A drawing uses `currentColor`; a widget that shows one takes the colour from its own palette and
renders again when the palette changes, so light, dark and the always-dark viewer need no copies.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QToolButton, QWidget

from photosearch.gui import resources

ICON_PX = 20


def pixmap(name: str, colour: QColor, size_px: int = ICON_PX, ratio: float = 1.0) -> QPixmap:
    """Return one drawing in one colour at `size_px` logical pixels."""
    key = f"photosearch/{name}/{colour.rgba():08x}/{size_px}/{ratio}"
    kept = QPixmap()
    if QPixmapCache.find(key, kept):
        return kept
    drawing = resources.text(f"icons/{name}.svg").replace("currentColor", colour.name())
    image = QPixmap(round(size_px * ratio), round(size_px * ratio))
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(colour.alphaF())
    whole = QRectF(0, 0, image.width(), image.height())
    QSvgRenderer(QByteArray(drawing.encode())).render(painter, whole)
    painter.end()
    image.setDevicePixelRatio(ratio)
    QPixmapCache.insert(key, image)
    return image


def icon(
    name: str,
    colour: QColor,
    faint: QColor | None = None,
    size_px: int = ICON_PX,
    ratio: float = 1.0,
) -> QIcon:
    """Return an icon that is sharp on a screen of this scale; `faint` is for disabled."""
    made = QIcon(pixmap(name, colour, size_px, ratio))
    if faint is not None:
        made.addPixmap(pixmap(name, faint, size_px, ratio), QIcon.Mode.Disabled)
    return made


def app_pixmap(size_px: int, ratio: float = 1.0) -> QPixmap:
    """Return the program's own icon as a picture."""
    return pixmap("photosearch", QColor("black"), size_px, ratio)


def app_icon() -> QIcon:
    """Return the program's own icon in the sizes that desktops ask for."""
    made = QIcon()
    for size_px in (16, 24, 32, 48, 64, 128, 256):
        made.addPixmap(app_pixmap(size_px))
    return made


def back(widget: QWidget) -> str:
    """Return the drawing that points back, where one reads from the right as well."""
    mirrored = widget.layoutDirection() == Qt.LayoutDirection.RightToLeft
    return "forward" if mirrored else "back"


class IconButton(QToolButton):
    """A flat button with a line icon that follows its palette; `said` names and explains it."""

    def __init__(self, name: str, said: str, parent: QWidget | None = None, size_px: int = ICON_PX):
        super().__init__(parent)
        self._name = name
        self._size_px = size_px
        self._drawn: tuple[str, int, float] | None = None
        self.setIconSize(QSize(size_px, size_px))
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.say(said)
        self._draw()

    def say(self, said: str) -> None:
        """Set tool tip and accessible name."""
        self.setToolTip(said)
        self.setAccessibleName(said)

    def set_drawing(self, name: str) -> None:
        """Show another drawing."""
        self._name = name
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._draw()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._draw()
        return super().event(event)

    def _draw(self) -> None:
        palette = self.palette()
        colour = palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText)
        ratio = self.devicePixelRatioF()
        key = (self._name, int(colour.rgba()), ratio)
        if key == self._drawn:
            return
        self._drawn = key
        faint = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText)
        self.setIcon(icon(self._name, colour, faint, self._size_px, ratio))
