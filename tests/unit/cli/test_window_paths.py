"""What `photosearch PATH ...` hands to the window, and what it says of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from photosearch.cli.main import run


class Opened:
    """A window that notes what it is to add."""

    def __init__(self, code: int = 0) -> None:
        self.code = code
        self.paths: list[list[str]] = []

    def __call__(
        self, _home: str | None, _flags: dict[str, str], paths: list[str], *, hidden: bool
    ) -> int:
        assert not hidden
        self.paths.append(paths)
        return self.code


@pytest.fixture(autouse=True)
def _a_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")


@pytest.mark.parametrize("code", [0, 1])
def test_what_is_there_is_handed_over_and_the_rest_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], code: int
) -> None:
    good, other, gone = (str(tmp_path / name) for name in ("good", "other", "gone"))
    Path(good).mkdir()
    Path(other).mkdir()
    window = Opened(code)
    assert run([good, gone, other], window) == (code or 2)
    assert window.paths == [[good, other]]
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(f"There is no folder or photo at {gone}.")


def test_all_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    window = Opened()
    assert run([str(tmp_path)], window) == 0
    assert (window.paths, capsys.readouterr().err) == ([[str(tmp_path)]], "")


def test_no_window_opens_for_nothing_that_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    window = Opened()
    assert run([str(tmp_path / "gone")], window) == 2
    assert window.paths == []
    assert "There is no folder or photo at" in capsys.readouterr().err
