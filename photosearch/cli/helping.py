"""Help in which commands come first and the many settings do not hide them."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any


def _others(actions: Iterable[argparse.Action]) -> list[argparse.Action]:
    """Leave out settings: their names hold a dot."""
    return [action for action in actions if "." not in action.dest]


class _Formatter(argparse.HelpFormatter):
    """The usage line names no settings."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, _others(actions), groups, prefix)


class Brief(_Formatter):
    """Settings are not listed either."""

    def add_arguments(self, actions: Iterable[argparse.Action]) -> None:
        super().add_arguments(_others(actions))


class Parser(argparse.ArgumentParser):
    """A parser whose help has its settings at the end."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"formatter_class": _Formatter, **options})


class HelpSettings(argparse.Action):
    """`--help-settings`: the whole help, with every setting."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        parser.formatter_class = _Formatter
        parser.print_help()
        parser.exit()
