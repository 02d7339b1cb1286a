"""The way in: the window without a command, else the command line; children by their flags."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Run the program with `sys.argv` and return its exit code."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["--engine"]:
        from photosearch.engine.children import run_engine

        return run_engine(arguments[1:])
    if arguments[:1] == ["--decoder"]:
        from photosearch.engine.children import run_decoder

        return run_decoder(arguments[1:])
    from photosearch.cli.main import run

    return run(arguments, open_window)


def open_window(home: str | None, flags: dict[str, str], paths: list[str]) -> int:
    """Show the window; imports Qt, so only here."""
    from pathlib import Path

    from PySide6.QtCore import QSettings

    from photosearch import log
    from photosearch.gui.app import run_window
    from photosearch.library import Library
    from photosearch.paths import Paths
    from photosearch.settings.store import SettingsStore

    places = Paths.below(Path(home)) if home is not None else Paths.of_user()
    log.start(places.log_file)
    # Qt's file dialog remembers its places in a file of its own, which belongs with the rest.
    user = QSettings.Scope.UserScope
    QSettings.setPath(QSettings.Format.NativeFormat, user, str(places.config))

    def open_library() -> Library:
        settings = SettingsStore(places.settings_file, flags=flags)
        return Library(places, settings, own_engine=True)

    return run_window(open_library, paths)


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
