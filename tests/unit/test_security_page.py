"""SECURITY.md names the test that holds each claim: all of them are there."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
PAGE = (TESTS.parent / "SECURITY.md").read_text(encoding="utf-8")


def test_the_tests_it_names_are_there() -> None:
    quoted = re.findall(r"`([^`\n]+)`", PAGE)
    files = {each.partition("::")[0] for each in quoted if re.match(r"\w+/[\w/]+\.py", each)}
    assert len(files) > 8
    everything = ""
    for file in files:
        assert (TESTS / file).is_file(), file
        everything += (TESTS / file).read_text(encoding="utf-8")
    names = {found for each in quoted for found in re.findall(r"\btest_\w+$", each)}
    assert len(names) > 10
    for name in names - {Path(file).stem for file in files}:
        assert f"def {name}(" in everything, name
