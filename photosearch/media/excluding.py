"""Patterns of what is left out of a folder: which are sound, and what they fit.

A pattern without a slash fits the name of a file or folder anywhere, one with a slash the way
from the folder on, and one that ends with a slash folders only; `*` and `?` stand for letters of
one name, `**` for any folders, and large and small letters are the same.

What fits a folder leaves out everything in it. Knows nothing of the disk.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Sequence

from photosearch.errors import UsageError

_MOST = 200  # patterns of one folder
_LONGEST = 500
_ANY_FOLDERS = "(?:.*/)?"


class Exclusion:
    """What the patterns of one folder leave out."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._files = _compiled([each for each in patterns if not _folders_only(each)])
        self._folders = _compiled(patterns)

    def __bool__(self) -> bool:
        return self._folders is not None

    def leaves_out(self, place: bytes, *, folder: bool) -> bool:
        """Whether a file or folder is left out for its own sake, `place` being its way from the
        folder on, with `/` between its parts."""
        pattern = self._folders if folder else self._files
        return pattern is not None and pattern.fullmatch(_plain(os.fsdecode(place))) is not None

    def covers(self, place: bytes) -> bool:
        """Whether a folder or one of those around it, inside the root, is left out."""
        parts = place.split(b"/")
        return any(
            self.leaves_out(b"/".join(parts[:count]), folder=True)
            for count in range(1, len(parts) + 1)
        )


def checked(patterns: Sequence[str], folder: str = "") -> tuple[str, ...]:
    """Return patterns as they are kept, without repetitions; `UsageError` says what is wrong.

    One that is the whole path of something in `folder` becomes the way from there on.
    """
    top = folder.replace(os.sep, "/").rstrip("/") + "/"
    kept: list[str] = []
    for given in patterns:
        pattern = given.strip().replace("\\", "/") if os.sep == "\\" else given.strip()
        if folder and pattern.startswith(top):
            pattern = pattern[len(top) - 1 :]
        if reason := _problem(pattern):
            raise UsageError(f"The pattern “{given}” cannot be used: {reason}")
        kept.append(pattern)
    kept = list(dict.fromkeys(kept))
    if len(kept) > _MOST:
        raise UsageError(f"A folder can have at most {_MOST} patterns, and these are {len(kept)}.")
    return tuple(kept)


def _problem(pattern: str) -> str:
    """Say what is wrong with a pattern, or nothing."""
    parts = pattern.strip("/").split("/")
    reasons = (
        (not pattern, "it is empty."),
        (len(pattern) > _LONGEST, f"it is longer than {_LONGEST} letters."),
        (not pattern.strip("*/"), "it would leave out everything. Remove the folder instead."),
        (pattern.startswith("!"), "patterns only leave out, and “!” brings nothing back."),
        ("\\" in pattern, "write / between folders."),
        (any(ord(letter) < 32 for letter in pattern), "it holds a control character."),
        ("" in parts, "two slashes follow each other."),
        ("." in parts or ".." in parts, "“.” and “..” are no names; it holds from the folder on."),
    )
    return next((reason for wrong, reason in reasons if wrong), "")


def _folders_only(pattern: str) -> bool:
    return pattern.endswith(("/", "/**"))


def _compiled(patterns: Sequence[str]) -> re.Pattern[str] | None:
    if not patterns:
        return None
    return re.compile("|".join(_expression(_plain(each)) for each in patterns), re.DOTALL)


def _expression(pattern: str) -> str:
    """Return a regular expression for the way to what a pattern fits."""
    pattern = pattern.rstrip("/")
    while pattern.endswith("/**"):  # everything in a folder: the folder
        pattern = pattern[:-3]
    parts = pattern.split("/")
    if len(parts) == 1:
        return _ANY_FOLDERS + _name(pattern)
    made = ""
    for part in parts[:-1]:
        made += _ANY_FOLDERS if part == "**" else f"{_name(part)}/" if part else ""
    return made + _name(parts[-1])


def _name(part: str) -> str:
    letters = {"*": "[^/]*", "?": "[^/]"}
    return "".join(letters.get(letter, re.escape(letter)) for letter in re.sub(r"\*+", "*", part))


def _plain(text: str) -> str:
    """Return text as it is compared: macOS spells letters with marks in another way."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).lower()


NOTHING = Exclusion(())
