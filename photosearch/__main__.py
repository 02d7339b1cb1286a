"""The way in: the window without a command, else the command line; children by their flags."""

from __future__ import annotations

import importlib
import os
import signal
import sys

# Where each kind of child begins: the module, and the function that returns its exit code.
_CHILDREN = {
    "--engine": ("photosearch.engine.children", "run_engine"),
    "--decoder": ("photosearch.engine.children", "run_decoder"),
    "--prepare": ("photosearch.engine.children", "run_prepare"),
    "--convert": ("photosearch.engine.children", "run_converter"),
    "--probe": ("photosearch.engine.probing", "run_probe"),
    "--pip": ("photosearch.inference.installer", "run_pip"),
}

_WATCHED = ("--engine", "--decoder")  # a crash of the others is an answer that somebody waits for


def main() -> int:
    """Run the program with `sys.argv` and return its exit code."""
    if hasattr(os, "umask"):
        os.umask(0o077)  # names of people, places and thumbnails are for this user only
    arguments = sys.argv[1:]
    if child := _CHILDREN.get(arguments[0] if arguments else ""):
        if hasattr(signal, "SIGTTOU"):  # a terminal may stop whoever writes to it from behind
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        if arguments[0] in _WATCHED:
            from photosearch import crashes

            crashes.watch_child(arguments[0].removeprefix("--"))
        module, function = child
        code: int = getattr(importlib.import_module(module), function)(arguments[1:])
        return code
    from photosearch.cli.main import run

    return run(arguments, open_window)


def open_window(
    home: str | None, flags: dict[str, str], paths: list[str], *, hidden: bool = False
) -> int:
    """Show the window, or let the one that is open take the paths; imports Qt, so only here.

    `hidden`: show none where the user lets the program work in the background.
    """
    from pathlib import Path

    from photosearch.gui.instance.claim import claim_or_hand_over, take
    from photosearch.paths import Paths

    places = Paths.below(Path(home)) if home is not None else Paths.of_user()
    lock = places.window_lock
    claim = take(lock) if hidden and not paths else claim_or_hand_over(lock, paths)
    if claim is None:
        return 0

    from photosearch.gui import pauses  # it brings Qt, which a second start has no need of

    pauses.starting()

    from PySide6.QtCore import QSettings

    from photosearch import crashes, log
    from photosearch.gui.app import run_window
    from photosearch.library import Library
    from photosearch.settings.store import SettingsStore

    log.start(places.log_file)
    crashes.watch(places.log_file.parent)
    # Qt's file dialog remembers its places in a file of its own, which belongs with the rest.
    user = QSettings.Scope.UserScope
    QSettings.setPath(QSettings.Format.NativeFormat, user, str(places.config))

    def open_library() -> Library:
        settings = SettingsStore(places.settings_file, flags=flags)
        return Library(places, settings, own_engine=True)

    return run_window(open_library, paths, claim, hidden=hidden)


def _forget_working_folder() -> None:
    """Import nothing from where the user stands: beside photos there may be a `struct.py`.

    `python -m` puts that folder first; the programs that an installation makes do not.
    """
    ours = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    by_name = __spec__ is not None and not sys.flags.safe_path
    if by_name and os.path.realpath(sys.path[0]) != ours:
        del sys.path[0]


if __name__ == "__main__":
    _forget_working_folder()
    sys.exit(main())
