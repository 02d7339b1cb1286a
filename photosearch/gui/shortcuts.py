"""The window's keys, in one table that the help page shows as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from photosearch.gui.text import _


@dataclass(frozen=True, slots=True)
class Key:
    """A key, what it does in words, and the name of the deed."""

    keys: str
    words: str
    deed: str = ""  # empty: shown in the help, handled by the widget that has the focus


WINDOW_KEYS = (
    Key("Ctrl+F", "Search", "search"),
    Key("Ctrl+O", "Add a photo folder", "add_folder"),
    Key("F5", "Look for changes in all folders", "rescan"),
    Key("F9", "Show or hide the sidebar", "sidebar"),
    Key("Ctrl++", "Larger photos", "larger"),
    Key("Ctrl+-", "Smaller photos", "smaller"),
    Key("Ctrl+,", "Settings", "settings"),
    Key("F1", "Keyboard shortcuts", "keys"),
    Key("Ctrl+Q", "Quit", "quit"),
)
GRID_KEYS = (
    Key("Return", "Look at the photo"),
    Key("Space", "Select, or no longer"),
    Key("Shift+Right", "Select more; so do Left, Up and Down"),
    Key("Ctrl+A", "Select all"),
    Key("F", "Favourite, or no longer"),
    Key("Ctrl+Shift+F", "Find similar", "similar"),
    Key("Ctrl+Return", "Open with default program", "open"),
    Key("Ctrl+R", "Show in file manager", "reveal"),
    Key("Ctrl+C", "Copy file", "copy_files"),
    Key("Ctrl+Shift+C", "Copy path", "copy_paths"),
    Key("Shift+F10", "Menu of the photo"),
    Key("Escape", "Back from similar photos; leave the search"),
)
PEOPLE_KEYS = (
    Key("Ctrl+Z", "Undo: naming, merging, moving, rejecting, hiding", "undo"),
    Key("Ctrl+Shift+Z", "Redo; so does Ctrl+Y", "redo"),
    Key("Ctrl+M", "Merge the people that are selected; move faces to somebody", "merge"),
    Key("Ctrl+H", "Hide the people that are selected, or show them again", "hide"),
    Key("F2", "Name; or just type the name. Enter saves it and goes to the next"),
    Key("Return", "All faces of the person; the photo of a face"),
    Key("Escape", "Back to all people"),
    Key("Y", "In the questions: yes; so does Enter"),
    Key("N", "In the questions: no"),
    Key("S", "In the questions: skip; Left goes back"),
)
VIEWER_KEYS = (
    Key("Left", "Previous photo"),
    Key("Right", "Next photo"),
    Key("Home", "First photo"),
    Key("End", "Last photo"),
    Key("Z", "Fit, or 100 %"),
    Key("+", "Zoom in"),
    Key("-", "Zoom out"),
    Key("Shift+Left", "Move a zoomed photo; so do Right, Up and Down"),
    Key("I", "Info"),
    Key("F", "Favourite, or no longer"),
    Key("S", "Find similar; so does Ctrl+Shift+F"),
    Key("B", "Show all faces with their names"),
    Key("Tab", "From face to face; Enter names it"),
    Key("A", "Add a face that was missed"),
    Key("Ctrl+Z", "Undo what was said of a face; Ctrl+Shift+Z: redo"),
    Key("Escape", "Back to the photos"),
)


def install(
    window: QWidget, grid: QWidget, people: QWidget, deeds: dict[str, Callable[[], object]]
) -> None:
    """Let the keys of the window, of the grid and of the people pages do their deeds."""
    for keys, owner, context in (
        (WINDOW_KEYS, window, Qt.ShortcutContext.WindowShortcut),
        (GRID_KEYS, grid, Qt.ShortcutContext.WidgetWithChildrenShortcut),
        (PEOPLE_KEYS, people, Qt.ShortcutContext.WidgetWithChildrenShortcut),
    ):
        for key in keys:
            if key.deed:
                shortcut = QShortcut(QKeySequence(key.keys), owner)
                shortcut.setContext(context)
                shortcut.activated.connect(deeds[key.deed])
    equal = QShortcut(QKeySequence("Ctrl+="), window)  # the plus key without Shift
    equal.activated.connect(deeds["larger"])
    again = QShortcut(QKeySequence("Ctrl+Y"), people)
    again.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    again.activated.connect(deeds["redo"])


def written(keys: str) -> str:
    """Return keys as the help writes them: Ctrl+Plus, not Ctrl++."""
    last = "+" if keys.endswith("+") else keys.rpartition("+")[2]
    name = {"+": _("Plus"), "-": _("Minus"), "Return": _("Enter")}.get(last)
    written_ = QKeySequence(keys if name is None else keys.removesuffix(last) + "A")
    native = written_.toString(QKeySequence.SequenceFormat.NativeText)
    return native if name is None else native.removesuffix("A") + name


def sections() -> tuple[tuple[str, tuple[Key, ...]], ...]:
    """Return the keys by page, for the help."""
    return (
        (_("Everywhere"), WINDOW_KEYS),
        (_("Among the photos"), GRID_KEYS),
        (_("Among the people"), PEOPLE_KEYS),
        (_("Looking at one photo"), VIEWER_KEYS),
    )
