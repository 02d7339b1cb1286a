"""From arguments to exit codes: 0 done, 1 it could not be done, 2 not asked for properly."""

from __future__ import annotations

import argparse
import difflib
import logging
import os
import sys
from pathlib import Path
from typing import Protocol

from photosearch import __version__, log
from photosearch.cli import display, output, parser
from photosearch.errors import Cancelled, PhotoSearchError, SettingsError, UsageError
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore

_log = logging.getLogger("photosearch")

_CODES: dict[type[PhotoSearchError], int] = {UsageError: 2, SettingsError: 2, Cancelled: 130}

_ALONE = ("--verbose", "--version", "--help", "--help-settings", "--background")  # take no value


class OpenWindow(Protocol):
    """Shows the window and returns the exit code."""

    def __call__(
        self, home: str | None, flags: dict[str, str], paths: list[str], *, hidden: bool
    ) -> int: ...


def run(arguments: list[str], open_window: OpenWindow) -> int:
    """Do what the arguments ask; every error ends in one sentence."""
    output.prepare()
    try:
        return _dispatch(arguments, open_window)
    except BrokenPipeError:
        # The reader has had enough, as in `| head`: not an error, but nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return output.problem("Stopped.", 130)
    except PhotoSearchError as error:
        return output.problem(_sentence(error), _CODES.get(type(error), 1))
    except Exception as error:  # the last border: a bug must not look like success
        _log.exception("unexpected error")
        return output.problem(f"Unexpected error, please report it: {error!r}", 1)


def _sentence(error: PhotoSearchError) -> str:
    if isinstance(error, Cancelled):
        return "Stopped. What is done is kept; the next run goes on from here."
    return str(error)


def _dispatch(arguments: list[str], open_window: OpenWindow) -> int:
    if _is_command(arguments):
        return _command(parser.build().parse_args(parser.as_text(arguments)))
    given = parser.build_window().parse_args(arguments)
    return _version() if given.version else _window(given, open_window)


def _is_command(arguments: list[str]) -> bool:
    """Whether a command is the first word that is neither an option nor an option's value."""
    skip = False
    for word in arguments:
        if skip:
            skip = False
        elif word.startswith("--") and "=" not in word:
            skip = word not in _ALONE
        elif not word.startswith("-"):
            return word in parser.COMMANDS
    return any(word in ("--help", "-h", "--help-settings") for word in arguments)


def _window(given: argparse.Namespace, open_window: OpenWindow) -> int:
    there = [path for path in given.paths if os.path.exists(path)]
    missing = [
        f"There is no folder or photo at {path}.{_meant(path)}"
        for path in given.paths
        if path not in there
    ]
    if missing and not there:
        raise UsageError(missing[0])
    if problem := display.missing():
        raise UsageError(problem)
    try:
        for sentence in missing:
            output.hint(sentence)
        home, flags = getattr(given, "home", None), parser.flags_of(given)
        code = open_window(home, flags, there, hidden=given.background)
        return code or (2 if missing else 0)
    except ImportError as error:
        raise UsageError(
            f"The window cannot open: Qt's system libraries are missing ({error}). "
            "The commands work without them; see “photosearch --help”."
        ) from error


def _meant(word: str) -> str:
    """Ask whether a misspelt command was meant."""
    near = difflib.get_close_matches(word, parser.COMMANDS, 1)
    return f" Did you mean “photosearch {near[0]}”?" if near else ""


def _command(given: argparse.Namespace) -> int:
    if given.version or given.command is None:
        return _version()
    home = getattr(given, "home", None)
    paths = Paths.below(Path(home)) if home is not None else Paths.of_user()
    log.start(None, verbose=getattr(given, "verbose", False))
    settings = SettingsStore(paths.settings_file, flags=parser.flags_of(given))
    for notice in settings.notices:
        output.hint(notice)
    settings.subscribe_mended(output.hint)
    from photosearch.cli import commands

    return commands.COMMANDS[given.command](given, paths, settings)


def _version() -> int:
    output.line(f"PhotoSearch {__version__}")
    return 0
