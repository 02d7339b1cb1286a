"""Arguments that several commands take."""

from __future__ import annotations

import argparse


def as_json(parser: argparse.ArgumentParser, words: str = "print one JSON object") -> None:
    """Let a command print JSON."""
    parser.add_argument("--json", action="store_true", help=words)


def pixel(text: str) -> int:
    """Return a place in a picture."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of pixels")
    return int(text)


def number(text: str) -> int:
    """Return a number that counts or names something."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of at least 1")
    return int(text)
