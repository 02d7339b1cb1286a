"""Names in lines: as on disk where they can be, escaped where they must be."""

from __future__ import annotations

import io
import os
import sys

import pytest

from photosearch.cli import output
from photosearch.cli.main import _is_command


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "“é☃”".encode() + b"\xff"),
        ("latin-1", rb"\u201c" + b"\xe9" + rb"\u2603\u201d" + b"\xff"),
        ("ascii", rb"\u201c\xe9\u2603\u201d" + b"\xff"),
    ],
)
def test_any_terminal(monkeypatch: pytest.MonkeyPatch, encoding: str, expected: bytes) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding, newline="\n"))
    output.prepare()
    output.line("“é☃”" + os.fsdecode(b"\xff"))
    assert raw.getvalue() == expected + b"\n"


def test_control_characters_are_shown() -> None:
    assert output.shown("a\nb\r\t\x1b[31m\x9b\x7f ü\u202e") == (
        "a\\x0ab\\x0d\\x09\\x1b[31m\\x9b\\x7f ü\u202e"
    )


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["index"], True),
        (["--home", "x", "index", "y"], True),
        (["--home=x", "status"], True),
        (["--verbose", "status"], True),
        (["--help"], True),
        (["--help-settings"], True),
        ([], False),
        (["/photos"], False),
        (["/photos", "index"], False),
        (["--home", "index"], False),
        (["--home", "index", "/photos"], False),
        (["--version"], False),
    ],
)
def test_commands_and_paths_are_told_apart(arguments: list[str], command: bool) -> None:
    assert _is_command(arguments) == command
