"""What can be used anywhere in the window has a name for screen readers and is reached by Tab."""

from __future__ import annotations

import pytest
from gui.driving import Make
from gui.walking import Walk, peopled
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

pytestmark = [
    pytest.mark.qt_log_ignore("This plugin does not support"),
    pytest.mark.timeout(600),
    pytest.mark.slow,
]
USABLE = (
    *(QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit),
)
STEPS = 250
LINKS = 3  # at most, in one text: Tab goes from one to the next within it


def usable(root: QWidget) -> list[QWidget]:
    """Return what somebody can use in a window, without the inner parts of Qt's own widgets."""
    return [
        each
        for each in root.findChildren(QWidget)
        if each.isVisibleTo(root)
        and each.isEnabled()
        and each.width() > 0
        and not isinstance(each, QScrollBar)
        and not isinstance(each.parentWidget(), QComboBox | QAbstractSpinBox | QLineEdit)
        and (isinstance(each, USABLE) or each.focusPolicy() & Qt.FocusPolicy.TabFocus)
        and each.focusProxy() is None
        and not each.inherits("QComboBoxPrivateContainer")
    ]


def told(widget: QWidget) -> str:
    name = QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
    return str(name).strip()


def shown(widget: QWidget) -> str:
    """Return what a failing test says of a widget."""
    text = getattr(widget, "text", lambda: "")()
    above = [type(each).__name__ for each in ancestors(widget)][:2]
    return f"{type(widget).__name__}({widget.objectName()} {text!r} {told(widget)!r}) in {above}"


def ancestors(widget: QWidget) -> list[QWidget]:
    found, above = [], widget.parentWidget()
    while above is not None:
        found.append(above)
        above = above.parentWidget()
    return found


def reached(root: QWidget) -> list[QWidget]:
    """Return what Tab comes to, once round; a widget that Tab does not leave is a trap."""
    root.activateWindow()
    met: list[QWidget] = []
    stayed = 0
    for _step in range(STEPS):
        QTest.keyClick(root.focusWidget() or root, Qt.Key.Key_Tab)
        after = root.focusWidget()
        stayed = stayed + 1 if met and after is met[-1] else 0
        if stayed > LINKS or after is None or (after in met and not stayed):
            return met
        if not stayed:
            met.append(after)
    raise AssertionError("Tab does not come round")


def stands_for(widget: QWidget, met: list[QWidget]) -> bool:
    """Whether Tab comes to it, or to another of its row, from which arrow keys lead to it."""
    if widget in met:
        return True
    row = widget.parentWidget()
    if isinstance(widget, QAbstractButton) and widget.isCheckable() and row is not None:
        group = widget.group()
        others = group.buttons() if group is not None else row.findChildren(type(widget))
        return any(other in met for other in others)
    return False


# What Tab does not come to, and the keys that do the same.
BY_OTHER_KEYS = {"modelHeader": "Sort by, in the menu of a model"}


def test_everything_has_a_name_and_is_reached_by_tab(qtbot: QtBot, make: Make) -> None:
    nameless: set[str] = set()
    unreached: set[str] = set()
    stations = 0
    for name, root in Walk(qtbot, make, peopled()).stations():
        stations += 1
        if isinstance(root, QFileDialog):
            continue  # Qt's own
        there = usable(root)
        if not there:  # it only says something, and Escape closes it
            assert root is not root.window() or not root.findChildren(QLineEdit)
            continue
        nameless |= {f"{name}: {shown(each)}" for each in there if not told(each)}
        met = reached(root)
        assert len(met) > 1 or len(there) == 1, f"{name}: Tab stays at {[*map(shown, met)]}"
        unreached |= {
            f"{name}: {shown(each)}"
            for each in there
            if not stands_for(each, met) and each.objectName() not in BY_OTHER_KEYS
        }
    assert stations > 30
    assert not nameless, "\n".join(sorted(nameless))
    assert not unreached, "\n".join(sorted(unreached))
