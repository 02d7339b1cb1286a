"""What `--help` shows: commands first, settings only where they are asked for."""

from __future__ import annotations

import pytest

from photosearch.cli import parser


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as end:
        parser.build().parse_args(list(arguments))
    assert end.value.code == 0
    return capsys.readouterr().out


def test_the_help_fits_a_terminal_and_leads_to_the_settings(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = shown(capsys, "--help")
    first = [line.split()[0] for line in told.splitlines()[:9] if line.startswith("    ")]
    assert first[1] == parser.COMMANDS[0]
    assert "--search-results" not in told
    assert "--help-settings" in told
    assert len(told.splitlines()) < 50


def test_the_settings_stand_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help-settings"], ["search", "--help"]):
        told = shown(capsys, *arguments)
        usage, rest = told.split("\n\n", 1)
        assert "--search-results" not in usage
        assert rest.index("--home") < rest.index("settings for this run:")
        assert rest.index("settings for this run:") < rest.index("--search-results")


def test_so_does_the_help_of_the_window(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser.build_window().parse_args(["--help"])
    told = capsys.readouterr().out
    assert "--background" in told
    assert "--search-results" not in told
