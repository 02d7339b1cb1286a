"""What `photosearch index` says at its end."""

from __future__ import annotations

from typing import cast

import pytest

from photosearch.cli.indexing import index
from photosearch.library import Library
from photosearch.types import Check, FolderId, IndexReport, Report


class OneRun:
    """A library whose run is over at once."""

    def __init__(self, done: IndexReport) -> None:
        self.done = done

    def index(self, report: Report, check: Check, folders: list[FolderId] | None) -> IndexReport:
        return self.done

    def model(self) -> str:
        return "standin"


def summary(done: IndexReport, capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert index(cast(Library, OneRun(done)), [], as_json=False) == 0
    return capsys.readouterr().out.splitlines()


def test_what_the_models_did_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    stages = {
        "look": {"done": 0, "seconds": 0.0},
        "embed": {"done": 216, "seconds": 5.0},
        "faces": {"done": 210, "seconds": 2.0, "found": 180},
    }
    first, *more = summary(IndexReport(found=216, unchanged=216, stages=stages), capsys)
    assert "216 unchanged" in first
    assert more == [
        "216 photos gone through for search by content",
        "180 faces found in 210 photos",
    ]


def test_nothing_is_said_of_what_had_nothing_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    stages = {name: {"done": 0.0, "seconds": 0.1, "found": 0.0} for name in ("embed", "faces")}
    assert len(summary(IndexReport(found=3, unchanged=3, stages=stages), capsys)) == 1
    assert len(summary(IndexReport(found=3, unchanged=3), capsys)) == 1
