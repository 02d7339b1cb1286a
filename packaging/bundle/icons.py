"""All sizes of the program's icon, from its one drawing `resources/icons/photosearch.svg`.

python packaging/bundle/icons.py FOLDER     photosearch.ico, photosearch.icns, NNN.png
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

DRAWING = Path(__file__).resolve().parents[2] / "resources" / "icons" / "photosearch.svg"
PNG_PX = (16, 24, 32, 48, 64, 128, 256, 512)
ICO_PX = (16, 24, 32, 48, 64, 128, 256)
ICNS_PX = (32, 64, 128, 256, 512, 1024)  # of the smallest macOS makes the smaller one


def drawn(size_px: int) -> Image.Image:
    """Return the drawing as a picture: drawn anew for each size, so that it stays sharp."""
    image = QImage(size_px, size_px, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(DRAWING)).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return Image.open(io.BytesIO(buffer.data().data()))


def write(folder: Path) -> Path:
    """Write every form of the icon to a folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {size: drawn(size) for size in {*PNG_PX, *ICO_PX, *ICNS_PX}}
    for size in PNG_PX:
        pictures[size].save(folder / f"{size}.png")
    for name, sizes in (("photosearch.ico", ICO_PX), ("photosearch.icns", ICNS_PX)):
        *others, largest = (pictures[size] for size in sizes)
        options = {"sizes": [(size, size) for size in sizes]} if name.endswith("ico") else {}
        largest.save(folder / name, append_images=others, **options)
    return folder


if __name__ == "__main__":
    write(Path(sys.argv[1]))
