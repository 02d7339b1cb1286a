"""The copy of the last settings that could be read, beside their file.

It is what a settings file that was damaged is written from, when the program that had read it
is gone. It knows nothing of what the settings mean.
"""

from __future__ import annotations

import logging
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from photosearch.settings.writing import write_whole

_log = logging.getLogger(__name__)


class Copy:
    """What a file held when it was last sound."""

    def __init__(self, file: Path) -> None:
        self._place = file.with_name(f"{file.stem}-before.toml")

    def keep(self, text: str) -> None:
        """Write the copy where it differs; a place that takes none goes without."""
        try:
            if self._text() != text:
                write_whole(self._place, text)
        except OSError as error:
            _log.info("no copy of the settings is kept as %s: %s", self._place, error)

    def sound(self) -> str | None:
        """Return the text of the copy; None where there is none that could be used."""
        try:
            text = self._text()
            tomlkit.parse(text or "")
        except (OSError, RecursionError, TOMLKitError) as error:
            _log.info("the copy of the settings %s is of no use: %s", self._place, error)
            return None
        return text

    def _text(self) -> str | None:
        """Return what lies there; None where that is nothing, or no text."""
        try:
            return self._place.read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
            return None
