"""Screens of higher density: drawings and pictures are made for each of their pixels."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from photosearch.gui import icons


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_a_drawing_has_as_many_pixels_as_the_screen(qapp: QApplication, ratio: float) -> None:
    drawn = icons.pixmap("search", QColor("black"), 20, ratio)
    assert drawn.size() == QSize(round(20 * ratio), round(20 * ratio))
    assert drawn.deviceIndependentSize().toSize() == QSize(20, 20)


def test_a_drawing_of_double_density_is_drawn_anew_and_not_stretched(qapp: QApplication) -> None:
    sharp = icons.pixmap("search", QColor("black"), 20, 2.0).toImage()
    coarse = icons.pixmap("search", QColor("black"), 20, 1.0).toImage()
    stretched = coarse.scaled(
        40, 40, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    assert soft(sharp) < 0.7 * soft(stretched)


def soft(image: QImage) -> int:
    """Return how many pixels are neither drawn nor empty: what a stretched drawing has more of."""
    alphas = [image.pixelColor(x, y).alpha() for x in range(40) for y in range(40)]
    return sum(20 < alpha < 235 for alpha in alphas)


def test_an_icon_and_its_faint_form_are_sharp(qapp: QApplication) -> None:
    made = icons.icon("heart", QColor("black"), QColor("grey"), 20, 2.0)
    for mode in (icons.QIcon.Mode.Normal, icons.QIcon.Mode.Disabled):
        shown = made.pixmap(QSize(20, 20), 2.0, mode)
        assert shown.size() == QSize(40, 40)
        assert shown.devicePixelRatio() == 2.0
